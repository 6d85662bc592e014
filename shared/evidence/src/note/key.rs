//! Keys of notes: Ed25519 over the text (a log), and over a time and the text (a witness).

use core::fmt;
use core::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ed25519_dalek::{Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest as _, Sha256};

use super::{Signature, is_name};

/// What a key signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// The text: type 0x01 of signed notes.
    Ed25519,
    /// A time and the text: type 0x04, `cosignature/v1` of C2SP tlog-cosignature.
    Cosignature,
}

impl Algorithm {
    const fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 1,
            Self::Cosignature => 4,
        }
    }
}

/// A public key with its name: `NAME+ID+BASE64`.
#[derive(Clone, PartialEq, Eq)]
pub struct VerifierKey {
    name: String,
    algorithm: Algorithm,
    key: VerifyingKey,
    id: [u8; 4],
}

/// Why a text is no key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it is no key of the form NAME+8 HEX DIGITS+BASE64 for Ed25519 (C2SP signed-note)")]
pub struct NoKey;

impl VerifierKey {
    /// The key of a log.
    #[must_use]
    pub fn log(name: &str, key: &VerifyingKey) -> Self {
        Self::new(name, Algorithm::Ed25519, *key)
    }

    /// The key of a witness.
    #[must_use]
    pub fn witness(name: &str, key: &VerifyingKey) -> Self {
        Self::new(name, Algorithm::Cosignature, *key)
    }

    fn new(name: &str, algorithm: Algorithm, key: VerifyingKey) -> Self {
        Self {
            name: name.to_owned(),
            id: id(name, algorithm, &key),
            algorithm,
            key,
        }
    }

    /// The key's name; of a log, its origin.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it signs.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its id, as signature lines name it.
    #[must_use]
    pub const fn id(&self) -> [u8; 4] {
        self.id
    }

    /// The time that a cosignature names, 0 for other signatures; `None` when it is not this key's,
    /// or false.
    #[must_use]
    pub fn verify(&self, text: &str, signature: &Signature) -> Option<u64> {
        if signature.name != self.name || signature.id != self.id {
            return None;
        }
        let (time, bytes) = match self.algorithm {
            Algorithm::Ed25519 => (0, &signature.bytes[..]),
            Algorithm::Cosignature => {
                let (time, rest) = signature.bytes.split_first_chunk::<8>()?;
                (u64::from_be_bytes(*time), rest)
            }
        };
        let bytes: &[u8; 64] = bytes.try_into().ok()?;
        let bytes = ed25519_dalek::Signature::from_bytes(bytes);
        let verified = match self.algorithm {
            Algorithm::Ed25519 => self.key.verify_strict(text.as_bytes(), &bytes),
            Algorithm::Cosignature => {
                let message = cosigned(time, text);
                self.key.verify_strict(message.as_bytes(), &bytes)
            }
        };
        verified.ok().map(|()| time)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = [&[self.algorithm.byte()], &self.key.as_bytes()[..]].concat();
        let id = u32::from_be_bytes(self.id);
        write!(f, "{}+{id:08x}+{}", self.name, STANDARD.encode(bytes))
    }
}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl FromStr for VerifierKey {
    type Err = NoKey;

    fn from_str(text: &str) -> Result<Self, NoKey> {
        let mut parts = text.trim().splitn(3, '+');
        let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next())
        else {
            return Err(NoKey);
        };
        let bytes = STANDARD.decode(encoded).map_err(|_| NoKey)?;
        let (algorithm, key) = bytes.split_first().ok_or(NoKey)?;
        let algorithm = match algorithm {
            1 => Algorithm::Ed25519,
            4 => Algorithm::Cosignature,
            _ => return Err(NoKey),
        };
        let key = VerifyingKey::try_from(key).map_err(|_| NoKey)?;
        let read = Self::new(name, algorithm, key);
        let same = is_name(name) && format!("{:08x}", u32::from_be_bytes(read.id)) == id;
        same.then_some(read).ok_or(NoKey)
    }
}

/// A log's signature line under a text.
#[must_use]
pub fn sign(name: &str, key: &SigningKey, text: &str) -> Signature {
    Signature {
        name: name.to_owned(),
        id: id(name, Algorithm::Ed25519, &key.verifying_key()),
        bytes: key.sign(text.as_bytes()).to_bytes().to_vec(),
    }
}

/// A witness's signature line under a text, as of `time`, in seconds since 1970.
#[must_use]
pub fn sign_cosignature(name: &str, key: &SigningKey, time: u64, text: &str) -> Signature {
    let signature = key.sign(cosigned(time, text).as_bytes()).to_bytes();
    Signature {
        name: name.to_owned(),
        id: id(name, Algorithm::Cosignature, &key.verifying_key()),
        bytes: [&time.to_be_bytes()[..], &signature].concat(),
    }
}

fn cosigned(time: u64, text: &str) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

fn id(name: &str, algorithm: Algorithm, key: &VerifyingKey) -> [u8; 4] {
    let hash = Sha256::new()
        .chain_update(name)
        .chain_update(b"\n")
        .chain_update([algorithm.byte()])
        .chain_update(key.as_bytes())
        .finalize();
    hash.first_chunk().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written() {
        let key = SigningKey::from_bytes(&[9; 32]).verifying_key();
        for key in [
            VerifierKey::log("a/b", &key),
            VerifierKey::witness("w", &key),
        ] {
            assert_eq!(key.to_string().parse(), Ok(key.clone()));
        }
        // The example of golang.org/x/mod/sumdb/note.
        let example = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let read: VerifierKey = example.parse().unwrap();
        assert_eq!(
            (read.name(), read.to_string().as_str()),
            ("PeterNeumann", example)
        );
        for other in [
            "",
            "a+b+c",
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
        ] {
            assert_eq!(other.parse::<VerifierKey>(), Err(NoKey));
        }
    }

    #[test]
    fn a_note_of_another_implementation_is_verified() {
        // From golang.org/x/mod/sumdb/note.
        let key = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
        let note = "If you think cryptography is the answer to your problem,\n\
            then you don't know what your problem is.\n\n\
            \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZ\
            InNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
        let note = super::super::Note::parse(note).unwrap();
        assert_eq!(note.signed_by(&key.parse().unwrap()), Some(0));
    }
}
