//! Issues tokens with the control plane's private key; refuses claims out of bounds.
//!
//! Draws randomness for the key that the first narrowing is signed with.

use biscuit_auth::builder::{Algorithm, BiscuitBuilder};
use biscuit_auth::{KeyPair, PrivateKey};

use crate::{Claims, TokenError, attenuate, write};

/// Holds a private key of tokens. Shows nothing of it.
pub struct Issuer {
    key_id: u32,
    pair: KeyPair,
    public: [u8; 32],
}

impl Issuer {
    /// An issuer with this Ed25519 private key; tokens name it by `key_id`.
    ///
    /// # Errors
    /// [`TokenError::Key`] when the library refuses the key.
    pub fn new(key_id: u32, private: &[u8; 32]) -> Result<Self, TokenError> {
        let refuse = |problem| TokenError::Key {
            id: key_id,
            problem,
        };
        let private = PrivateKey::from_bytes(private, Algorithm::Ed25519)
            .map_err(|_| refuse("is not an Ed25519 private key"))?;
        let pair = KeyPair::from(&private);
        let public = <[u8; 32]>::try_from(pair.public().to_bytes())
            .map_err(|_| refuse("has no Ed25519 public key"))?;
        Ok(Self {
            key_id,
            pair,
            public,
        })
    }

    /// The public key that verifies this issuer's tokens.
    #[must_use]
    pub const fn public(&self) -> [u8; 32] {
        self.public
    }

    /// The text of a new token.
    ///
    /// # Errors
    /// [`TokenError::Value`] naming the claim that is out of bounds, [`TokenError::TooLong`].
    pub fn issue(&self, claims: &Claims) -> Result<String, TokenError> {
        let block = write::first(claims)?;
        let text = BiscuitBuilder::new()
            .root_key_id(self.key_id)
            .merge(block)
            .build(&self.pair)
            .and_then(|token| token.to_base64())
            .map_err(|error| TokenError::Library(error.to_string()))?;
        attenuate::accepted(text)
    }
}
