//! Seals and opens single entries, and authenticates the file as a whole.
//!
//! Both keys are derived from the master key for one vault (HMAC-SHA-256 as the expansion of
//! RFC 5869), so that entries of two vaults with one master key can't be exchanged.

use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{Key, VaultError, disk};

/// Bytes of a nonce: long enough to be drawn at random for every sealing.
pub(crate) const NONCE_BYTES: usize = 24;
/// Bytes of the code over the file.
pub(crate) const CODE_BYTES: usize = 32;

/// The two keys of one vault; wiped when dropped.
pub(crate) struct Keys {
    seal: Box<Zeroizing<[u8; 32]>>,
    authenticate: Box<Zeroizing<[u8; 32]>>,
}

impl Keys {
    pub(crate) fn derive(master: &Key, vault: &[u8; 16]) -> Self {
        Self {
            seal: subkey(master.bytes(), b"varistor vault 1: seal entries", vault),
            authenticate: subkey(
                master.bytes(),
                b"varistor vault 1: authenticate file",
                vault,
            ),
        }
    }

    /// A fresh nonce and the sealed secret; opens only with the same `bound` bytes.
    pub(crate) fn seal(
        &self,
        secret: &[u8],
        bound: &[u8],
    ) -> Result<([u8; NONCE_BYTES], Vec<u8>), VaultError> {
        let mut nonce = [0; NONCE_BYTES];
        disk::random(&mut nonce)?;
        let payload = Payload {
            msg: secret,
            aad: bound,
        };
        let sealed = XChaCha20Poly1305::new((&**self.seal).into())
            .encrypt(&XNonce::from(nonce), payload)
            .map_err(|_| VaultError::Internal {
                action: "seal a secret",
                detail: "the cipher refused it".to_owned(),
            })?;
        Ok((nonce, sealed))
    }

    /// The secret, if it was sealed with these keys, this nonce and these `bound` bytes.
    pub(crate) fn open(
        &self,
        nonce: [u8; NONCE_BYTES],
        sealed: &[u8],
        bound: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let payload = Payload {
            msg: sealed,
            aad: bound,
        };
        XChaCha20Poly1305::new((&**self.seal).into())
            .decrypt(&XNonce::from(nonce), payload)
            .map(Zeroizing::new)
            .ok()
    }

    pub(crate) fn code(&self, text: &[u8]) -> [u8; CODE_BYTES] {
        mac(&self.authenticate, &[text])
            .finalize()
            .into_bytes()
            .into()
    }

    /// Compares in constant time.
    pub(crate) fn is_code(&self, text: &[u8], code: &[u8; CODE_BYTES]) -> bool {
        mac(&self.authenticate, &[text]).verify_slice(code).is_ok()
    }
}

fn subkey(master: &[u8; 32], purpose: &[u8], vault: &[u8; 16]) -> Box<Zeroizing<[u8; 32]>> {
    let derived: Zeroizing<[u8; 32]> = Zeroizing::new(
        mac(master, &[purpose, vault, &[1]])
            .finalize()
            .into_bytes()
            .into(),
    );
    Box::new(derived)
}

fn mac(key: &[u8; 32], parts: &[&[u8]]) -> Hmac<Sha256> {
    // HMAC fills a short key with zeros up to the block (RFC 2104); done here, it can't fail.
    let mut block = Zeroizing::new([0; 64]);
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let start = Hmac::new((&*block).into());
    parts.iter().fold(start, |mac, part| mac.chain_update(part))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file::Sealed;

    #[test]
    fn a_sealed_secret_opens_only_as_what_it_was_sealed_as() {
        let master = Key::generate().unwrap();
        let (vault, other) = ([1; 16], [2; 16]);
        let keys = Keys::derive(&master, &vault);
        let servers = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        let one: Vec<String> = servers(&["a"]);
        let bound = Sealed::bound(&vault, "name", 1, &one);
        let (nonce, sealed) = keys.seal(b"value", &bound).unwrap();
        assert_eq!(
            keys.open(nonce, &sealed, &bound).unwrap().as_slice(),
            b"value"
        );
        for changed in [
            Sealed::bound(&other, "name", 1, &one),
            Sealed::bound(&vault, "name2", 1, &one),
            Sealed::bound(&vault, "name", 2, &one),
            Sealed::bound(&vault, "name", 1, &servers(&["a", "b"])),
            Sealed::bound(&vault, "name", 1, &servers(&["*"])),
            Sealed::bound(&vault, "name", 1, &[]),
        ] {
            assert!(keys.open(nonce, &sealed, &changed).is_none());
        }
        assert!(keys.open([0; NONCE_BYTES], &sealed, &bound).is_none());
        let foreign = Keys::derive(&master, &other);
        assert!(foreign.open(nonce, &sealed, &bound).is_none());
    }

    #[test]
    fn the_two_keys_of_a_vault_differ_and_follow_hmac_sha_256() {
        let keys = Keys::derive(&Key::generate().unwrap(), &[0; 16]);
        assert_ne!(keys.seal.as_slice(), keys.authenticate.as_slice());
        // RFC 4231, test case 2, with its key of 4 bytes filled to 32 as the RFC fills it.
        let mut key = [0; 32];
        key[..4].copy_from_slice(b"Jefe");
        let code: [u8; 32] = mac(&key, &[b"what do ya want ", b"for nothing?"])
            .finalize()
            .into_bytes()
            .into();
        let expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843";
        assert_eq!(crate::hex::encode(&code).as_str(), expected);
    }
}
