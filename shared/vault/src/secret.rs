//! A secret in memory: wiped when dropped, never printed.

use zeroize::Zeroizing;

/// The value of a secret. Has no `Debug`, `Display` or `Clone`: it is shown to nobody by accident.
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    pub(crate) const fn new(value: Zeroizing<Vec<u8>>) -> Self {
        Self(value)
    }

    /// The value, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.0
    }
}
