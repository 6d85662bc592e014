//! What reading a definition may look at beside its own node.

use std::path::Path;

use varistor_snapshot::schema::IdentityProvider;

use crate::secrets::Secrets;

/// The directory, its vault, and whose tokens are taken.
pub(crate) struct Context<'c> {
    pub(crate) dir: &'c Path,
    pub(crate) secrets: &'c Secrets,
    pub(crate) providers: &'c [IdentityProvider],
}

impl<'c> Context<'c> {
    /// Nobody's tokens are known of yet.
    pub(crate) const fn of(dir: &'c Path, secrets: &'c Secrets) -> Self {
        Self {
            dir,
            secrets,
            providers: &[],
        }
    }

    /// With whose tokens are taken.
    pub(crate) const fn trusting(self, providers: &'c [IdentityProvider]) -> Self {
        Self { providers, ..self }
    }
}
