//! What identity providers publish.

use core::fmt::Display;

use super::Details;
use crate::json;

/// Something is new about an identity provider.
#[derive(Clone, Copy)]
pub enum IdentityEvent<'a> {
    /// It publishes other keys than before.
    Keys {
        /// Its name in the policy.
        provider: &'a str,
        /// Its issuer.
        issuer: &'a str,
        /// Ids of new keys.
        added: &'a [String],
        /// Ids of keys that it does not publish any more.
        dropped: &'a [String],
    },
    /// Its keys can't be looked at.
    Failed {
        /// Its name in the policy.
        provider: &'a str,
        /// Its issuer.
        issuer: &'a str,
        /// What happened.
        error: &'a dyn Display,
    },
}

impl IdentityEvent<'_> {
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Keys { .. } => "identity_keys",
            Self::Failed { .. } => "identity_failed",
        }
    }

    pub(super) fn write(&self, details: &mut Details<'_>) {
        match *self {
            Self::Keys {
                provider,
                issuer,
                added,
                dropped,
            } => {
                details.text("provider", provider);
                details.text("issuer", issuer);
                let write = |id: &String, out: &mut Vec<u8>| json::string(id.as_bytes(), out);
                details.list("added", added, write);
                details.list("dropped", dropped, write);
            }
            Self::Failed {
                provider,
                issuer,
                error,
            } => {
                details.text("provider", provider);
                details.text("issuer", issuer);
                details.display("error", error);
            }
        }
    }
}
