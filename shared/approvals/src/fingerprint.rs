//! What a release is bound to.

use core::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest as _, Sha256};
use varistor_model::TokenId;

/// Everything that must be the same when the call comes again.
#[derive(Clone, Copy, Debug)]
pub struct Bound<'a> {
    /// The presented token.
    pub token: TokenId,
    /// The SHA-256 of the snapshot that held the call.
    pub snapshot: [u8; 32],
    /// The server's name.
    pub server: &'a str,
    /// The method, such as `tools/call`.
    pub method: &'a str,
    /// The parameters in one spelling, without what differs from request to request (`_meta`).
    pub params: &'a [u8],
}

/// The SHA-256 over all of it, each part behind its length.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Fingerprint([u8; 32]);

impl Bound<'_> {
    /// The digest.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let mut hash = Sha256::new();
        for part in [
            &b"varistor approval 1"[..],
            &self.token.0,
            &self.snapshot,
            self.server.as_bytes(),
            self.method.as_bytes(),
            self.params,
        ] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part);
        }
        Fingerprint(hash.finalize().into())
    }
}

impl Fingerprint {
    /// The digest's bytes.
    #[must_use]
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn from_hex(text: &str) -> Option<Self> {
        let (high, low) = text.split_at_checked(32)?;
        let mut bytes = [0; 32];
        for (half, text) in bytes.chunks_exact_mut(16).zip([high, low]) {
            half.copy_from_slice(&TokenId::from_hex(text)?.0);
        }
        Some(Self(bytes))
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Fingerprint({self})")
    }
}

impl Serialize for Fingerprint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Fingerprint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::from_hex(&text).ok_or_else(|| serde::de::Error::custom("expected 64 hex digits"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUND: Bound<'_> = Bound {
        token: TokenId([1; 16]),
        snapshot: [2; 32],
        server: "crm",
        method: "tools/call",
        params: br#"{"a":1}"#,
    };

    #[test]
    fn every_part_counts_and_none_runs_into_the_next() {
        let print = BOUND.fingerprint();
        assert_eq!(print, BOUND.fingerprint());
        for other in [
            Bound {
                token: TokenId([3; 16]),
                ..BOUND
            },
            Bound {
                snapshot: [3; 32],
                ..BOUND
            },
            Bound {
                server: "cr",
                method: "mtools/call",
                ..BOUND
            },
            Bound {
                method: "prompts/get",
                ..BOUND
            },
            Bound {
                params: br#"{"a":2}"#,
                ..BOUND
            },
            Bound {
                params: br#"{"a":1} "#,
                ..BOUND
            },
        ] {
            assert_ne!(print, other.fingerprint(), "{other:?}");
        }
    }

    #[test]
    fn its_text_leads_back_to_it() {
        let print = BOUND.fingerprint();
        let text = serde_json::to_string(&print).unwrap();
        assert_eq!(serde_json::from_str::<Fingerprint>(&text).unwrap(), print);
        for bad in ["\"\"", "\"zz\"", "7"] {
            assert!(serde_json::from_str::<Fingerprint>(bad).is_err());
        }
    }
}
