//! Session ids: sealed, bound to token, server and route, readable by every core and gateway.
//!
//! What the client holds is an AEAD box (XChaCha20-Poly1305) around the upstream's own session id
//! and the token that opened it. No table of sessions exists, so none can leak, fill up or be lost
//! with a core. An id that was altered, or that another token or server presents, is unknown.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead as _, KeyInit as _, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use varistor_model::limits::SESSION_BYTES_MAX;
use varistor_model::{ProtocolVersion, Reason, TokenId};

/// Bytes of a nonce.
pub const NONCE_BYTES: usize = 24;

/// First bytes of every id: the format's version.
const PREFIX: &str = "vs1.";
/// Version of the protocol (1), token (16).
const FIXED_BYTES: usize = 17;

/// Seals and opens session ids with the fleet's key.
pub struct Sealer(XChaCha20Poly1305);

/// What a session id says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// The version that `initialize` negotiated, when the answer told it.
    pub version: Option<ProtocolVersion>,
    /// The upstream's own id, visible ASCII.
    pub upstream: Vec<u8>,
    /// A short public name for records: the first bytes of the sealing nonce.
    pub label: [u8; 8],
}

impl Sealer {
    /// A sealer with this key.
    #[must_use]
    pub fn new(key: &[u8; 32]) -> Self {
        Self(XChaCha20Poly1305::new(&Key::from(*key)))
    }

    /// Appends the id that the client will present, or says that the upstream's id is no valid
    /// one (1 to 512 bytes of visible ASCII). `nonce` must be random and never used twice.
    ///
    /// # Errors
    /// [`Reason::UpstreamInvalid`].
    pub fn seal(&self, opening: &Opening<'_>, out: &mut Vec<u8>) -> Result<(), Reason> {
        let id = opening.upstream;
        let visible = id.iter().all(|byte| (0x21..=0x7e).contains(byte));
        if id.is_empty() || id.len() > SESSION_BYTES_MAX || !visible {
            return Err(Reason::UpstreamInvalid);
        }
        let mut plain = Vec::with_capacity(FIXED_BYTES.saturating_add(id.len()));
        plain.push(opening.version.map_or(u8::MAX, |version| version as u8));
        plain.extend_from_slice(&opening.token.0);
        plain.extend_from_slice(id);
        let payload = Payload {
            msg: &plain,
            aad: opening.server.as_bytes(),
        };
        let nonce = XNonce::from(opening.nonce);
        let sealed = self
            .0
            .encrypt(&nonce, payload)
            .map_err(|_| Reason::Internal)?;
        let mut boxed = opening.nonce.to_vec();
        boxed.extend_from_slice(&sealed);
        out.extend_from_slice(PREFIX.as_bytes());
        out.extend_from_slice(URL_SAFE_NO_PAD.encode(boxed).as_bytes());
        Ok(())
    }

    /// Opens an id that a client presents.
    ///
    /// # Errors
    /// [`Reason::SessionUnknown`] when it was not sealed for this token and server.
    pub fn open(&self, id: &[u8], token: TokenId, server: &str) -> Result<Session, Reason> {
        self.read(id, token, server).ok_or(Reason::SessionUnknown)
    }

    fn read(&self, id: &[u8], token: TokenId, server: &str) -> Option<Session> {
        let text = id.strip_prefix(PREFIX.as_bytes())?;
        if text.len() > SESSION_BYTES_MAX.saturating_mul(2) {
            return None;
        }
        let boxed = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (nonce, sealed) = boxed.split_first_chunk::<NONCE_BYTES>()?;
        let payload = Payload {
            msg: sealed,
            aad: server.as_bytes(),
        };
        let plain = self.0.decrypt(&XNonce::from(*nonce), payload).ok()?;
        let (version, rest) = plain.split_first()?;
        let (owner, upstream) = rest.split_first_chunk::<16>()?;
        let mut label = [0; 8];
        label.copy_from_slice(nonce.get(..8)?);
        (TokenId(*owner) == token).then(|| Session {
            version: ProtocolVersion::numbered(*version),
            upstream: upstream.to_vec(),
            label,
        })
    }
}

/// What is sealed when a session opens.
#[derive(Debug)]
pub struct Opening<'a> {
    /// The token that opened the session.
    pub token: TokenId,
    /// The server whose route it is bound to.
    pub server: &'a str,
    /// The negotiated version, when known.
    pub version: Option<ProtocolVersion>,
    /// The upstream's id.
    pub upstream: &'a [u8],
    /// Random, used once.
    pub nonce: [u8; NONCE_BYTES],
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealed(token: TokenId, server: &str) -> (Sealer, Vec<u8>) {
        let sealer = Sealer::new(&[7; 32]);
        let mut id = Vec::new();
        let opening = Opening {
            token,
            server,
            version: Some(ProtocolVersion::V2025_06_18),
            upstream: b"abc-123",
            nonce: [9; NONCE_BYTES],
        };
        sealer.seal(&opening, &mut id).unwrap();
        (sealer, id)
    }

    #[test]
    fn a_session_opens_for_its_own_token_and_server_only() {
        let token = TokenId([1; 16]);
        let (sealer, id) = sealed(token, "github");
        let session = sealer.open(&id, token, "github").unwrap();
        assert_eq!(session.upstream, b"abc-123");
        assert_eq!(session.version, Some(ProtocolVersion::V2025_06_18));
        assert_eq!(
            sealer.open(&id, TokenId([2; 16]), "github"),
            Err(Reason::SessionUnknown)
        );
        assert_eq!(
            sealer.open(&id, token, "stripe"),
            Err(Reason::SessionUnknown)
        );
        assert!(Sealer::new(&[8; 32]).open(&id, token, "github").is_err());
    }

    #[test]
    fn an_altered_session_id_is_unknown_at_every_byte() {
        let token = TokenId([1; 16]);
        let (sealer, id) = sealed(token, "github");
        for at in 0..id.len() {
            let mut altered = id.clone();
            altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
            assert!(sealer.open(&altered, token, "github").is_err(), "byte {at}");
            assert!(
                sealer.open(&id[..at], token, "github").is_err(),
                "cut at {at}"
            );
        }
    }

    #[test]
    fn an_upstream_id_with_a_line_end_is_refused() {
        let sealer = Sealer::new(&[7; 32]);
        for upstream in [&b"a\r\nb"[..], b"", b"a b", &[b'x'; SESSION_BYTES_MAX + 1]] {
            let opening = Opening {
                token: TokenId([1; 16]),
                server: "s",
                version: None,
                upstream,
                nonce: [0; NONCE_BYTES],
            };
            assert_eq!(
                sealer.seal(&opening, &mut Vec::new()),
                Err(Reason::UpstreamInvalid)
            );
        }
    }
}
