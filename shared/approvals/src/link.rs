//! One-time links: a token that says who may decide about which approval until when, sealed so that
//! nobody can make or change one without the key.
//!
//! Refuses tokens of another key and every change. Whether a token was used is not known here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;
use varistor_model::TokenId;

use crate::ApprovalId;

/// Longest token, in characters.
pub const LINK_CHARS_MAX: usize = 400;
const SEAL_BYTES: usize = 32;
/// What the key seals, so that it seals nothing else.
const PURPOSE: &[u8] = b"varistor approval link 1\0";

/// The key of links.
pub struct LinkKey([u8; 32]);

/// What a token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The approval.
    pub approval: ApprovalId,
    /// Tells tokens apart.
    pub nonce: [u8; 16],
    /// When its time is over, in seconds since 1970.
    pub expires_unix_s: u64,
    /// Who may decide by it.
    pub approver: String,
}

impl LinkKey {
    /// The key of these bytes.
    #[must_use]
    pub const fn new(key: [u8; 32]) -> Self {
        Self(key)
    }

    /// The token of a link; `None` when it would be too long to be read.
    #[must_use]
    pub fn seal(&self, link: &Link) -> Option<String> {
        let nonce = TokenId(link.nonce);
        let text = format!(
            "{}.{nonce}.{}.{}",
            link.approval, link.expires_unix_s, link.approver
        );
        let mut bytes = self.mac(text.as_bytes())?.finalize().into_bytes().to_vec();
        bytes.extend_from_slice(text.as_bytes());
        let token = URL_SAFE_NO_PAD.encode(bytes);
        (token.len() <= LINK_CHARS_MAX).then_some(token)
    }

    /// What a token says; `None` when this key did not seal it.
    #[must_use]
    pub fn open(&self, token: &str) -> Option<Link> {
        if token.len() > LINK_CHARS_MAX {
            return None;
        }
        let bytes = URL_SAFE_NO_PAD.decode(token).ok()?;
        let (seal, text) = bytes.split_at_checked(SEAL_BYTES)?;
        self.mac(text)?.verify_slice(seal).ok()?;
        let mut parts = core::str::from_utf8(text).ok()?.splitn(4, '.');
        Some(Link {
            approval: ApprovalId::from_hex(parts.next()?)?,
            nonce: TokenId::from_hex(parts.next()?)?.0,
            expires_unix_s: parts.next()?.parse().ok()?,
            approver: parts.next()?.to_owned(),
        })
    }

    fn mac(&self, text: &[u8]) -> Option<Hmac<Sha256>> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.0).ok()?;
        mac.update(PURPOSE);
        mac.update(text);
        Some(mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn link() -> Link {
        Link {
            approval: ApprovalId([7; 16]),
            nonce: [9; 16],
            expires_unix_s: 1_800_000_000,
            approver: "alice.b".to_owned(),
        }
    }

    #[test]
    fn a_link_says_what_was_sealed() {
        let key = LinkKey::new([1; 32]);
        let token = key.seal(&link()).unwrap();
        assert_eq!(key.open(&token), Some(link()));
        let long = Link {
            approver: "a".repeat(400),
            ..link()
        };
        assert_eq!(key.seal(&long), None);
    }

    #[test]
    fn every_changed_character_and_another_key_are_refused() {
        let key = LinkKey::new([1; 32]);
        let token = key.seal(&link()).unwrap();
        assert_eq!(LinkKey::new([2; 32]).open(&token), None);
        for at in 0..token.len() {
            let mut changed = token.clone().into_bytes();
            changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(changed).unwrap();
            assert!(changed == token || key.open(&changed).is_none(), "{at}");
        }
        for bad in ["", "x", "../../etc", &"A".repeat(401), &token[1..]] {
            assert_eq!(key.open(bad), None);
        }
    }
}
