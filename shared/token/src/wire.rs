//! The text of a token as its signed blocks, before any signature is looked at.
//!
//! Refuses what is cheap to refuse: wrong length, wrong alphabet, a second spelling of the same
//! token, too many blocks, keys other than Ed25519, blocks signed by third parties.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use biscuit_auth::format::schema::{Biscuit, PublicKey, SignedBlock, proof, public_key};
use prost::Message;
use sha2::{Digest, Sha256};
use varistor_model::TokenId;
use varistor_model::limits::{TOKEN_BLOCKS_MAX, TOKEN_BYTES_MAX};

/// An unverified token: well-formed, but anybody could have made it.
pub(crate) struct Wire {
    /// What the text encodes.
    pub(crate) bytes: Vec<u8>,
    /// The same, taken apart.
    pub(crate) biscuit: Biscuit,
}

/// Why a text is not a token that could be looked at further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Unreadable; the text says why.
    Malformed(&'static str),
    /// Readable, but signed in a way that is outside the vocabulary.
    Foreign { block: usize, what: &'static str },
}

impl Wire {
    /// Reads the one text that a token has: URL-safe base64 with padding, as Biscuit writes it.
    pub(crate) fn decode(text: &[u8]) -> Result<Self, Flaw> {
        if text.is_empty() || text.len() > TOKEN_BYTES_MAX {
            return Err(Flaw::Malformed("it is empty or too long"));
        }
        let bytes = URL_SAFE
            .decode(text)
            .map_err(|_| Flaw::Malformed("it is not URL-safe base64 with padding"))?;
        let biscuit = Biscuit::decode(bytes.as_slice())
            .map_err(|_| Flaw::Malformed("its bytes are not a Biscuit"))?;
        if biscuit.encode_to_vec() != bytes || !is_canonical(&biscuit) {
            return Err(Flaw::Malformed(
                "its bytes are not the usual ones of a Biscuit",
            ));
        }
        let wire = Self { bytes, biscuit };
        if wire.blocks().count() > TOKEN_BLOCKS_MAX {
            return Err(Flaw::Malformed("it has too many blocks"));
        }
        for (block, signed) in wire.blocks().enumerate() {
            if signed.external_signature.is_some() {
                let what = "the signature of a third party";
                return Err(Flaw::Foreign { block, what });
            }
            if !is_ed25519(&signed.next_key) {
                let what = "a key other than Ed25519";
                return Err(Flaw::Foreign { block, what });
            }
        }
        Ok(wire)
    }

    /// The blocks, the issuer's first.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = &SignedBlock> {
        std::iter::once(&self.biscuit.authority).chain(&self.biscuit.blocks)
    }

    /// Whether its holder closed it.
    pub(crate) fn is_sealed(&self) -> bool {
        matches!(
            self.biscuit.proof.content,
            Some(proof::Content::FinalSignature(_))
        )
    }
}

/// The id of a block: the first 16 bytes of the SHA-256 of its revocation id, which is its
/// signature.
pub(crate) fn id(signed: &SignedBlock) -> TokenId {
    let digest = Sha256::digest(&signed.signature);
    let mut id = [0; 16];
    for (to, from) in id.iter_mut().zip(digest) {
        *to = from;
    }
    TokenId(id)
}

/// Version 0 is written by leaving it out.
fn is_canonical(biscuit: &Biscuit) -> bool {
    std::iter::once(&biscuit.authority)
        .chain(&biscuit.blocks)
        .all(|signed| matches!(signed.version, None | Some(1)))
}

fn is_ed25519(key: &PublicKey) -> bool {
    key.algorithm == i32::from(public_key::Algorithm::Ed25519) && key.key.len() == 32
}
