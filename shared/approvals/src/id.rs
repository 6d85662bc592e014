//! The public name of an approval.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use varistor_model::TokenId;

/// 128 random bits, shown as 32 hex digits. Knowing it allows nothing.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ApprovalId(pub [u8; 16]);

impl ApprovalId {
    /// The name with this number, which nobody can guess who does not know the seed.
    #[must_use]
    pub fn derived(seed: &[u8; 32], number: u64) -> Self {
        let mut hash = Sha256::new();
        hash.update(b"varistor approval id");
        hash.update(seed);
        hash.update(number.to_le_bytes());
        let mut id = [0; 16];
        let digest = hash.finalize();
        id.iter_mut()
            .zip(digest.iter())
            .for_each(|(to, from)| *to = *from);
        Self(id)
    }

    /// The id that these 32 hex digits name.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        TokenId::from_hex(text).map(|id| Self(id.0))
    }
}

impl fmt::Display for ApprovalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        TokenId(self.0).fmt(f)
    }
}

impl fmt::Debug for ApprovalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ApprovalId({self})")
    }
}

impl Serialize for ApprovalId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for ApprovalId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_hex(&text).ok_or_else(|| serde::de::Error::custom("expected 32 hex digits"))
    }
}
