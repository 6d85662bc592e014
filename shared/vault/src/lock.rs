//! How a master key is kept: as it is in a file of its owner, sealed with a passphrase, as a
//! credential of systemd, or in the kernel's keyring. The key's file says which.
//!
//! Refuses a passphrase that is wrong, and a key that is nowhere to be found.

use std::env;
use std::path::{Path, PathBuf};

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use linux_keyutils::{KeyRing, KeyRingIdentifier};
use zeroize::Zeroizing;

use crate::seal::NONCE_BYTES;
use crate::{Key, VaultError, disk, hex, key};

/// Cost of a passphrase: 64 MiB, three times over, as RFC 9106 recommends where memory is scarce.
const MEMORY_KIB: u32 = 64 * 1024;
const PASSES: u32 = 3;
/// Bytes of a sealed key: itself and its code.
const SEALED_BYTES: usize = 48;
/// Names the passphrase for whoever can't be asked: a credential of systemd, or a private file.
const CREDENTIAL: &str = "varistor-vault-passphrase";
const VARIABLE: &str = "VARISTOR_VAULT_PASSPHRASE_FILE";
/// Longest key that the kernel's keyring is asked for.
const KEYRING_BYTES_MAX: usize = 128;
/// How long a key stays in the keyring that a passphrase has opened, in seconds.
const UNLOCKED_S: usize = 12 * 60 * 60;

/// How a key is kept.
pub struct Lock(Kind);

enum Kind {
    Plain(Zeroizing<String>),
    Passphrase(Sealed),
    Credential(String),
    Keyring(String),
}

struct Sealed {
    memory_kib: u32,
    passes: u32,
    salt: [u8; 16],
    nonce: [u8; NONCE_BYTES],
    sealed: [u8; SEALED_BYTES],
}

impl Lock {
    /// As it is.
    #[must_use]
    pub fn plain(key: &Key) -> Self {
        Self(Kind::Plain(key.digits()))
    }

    /// Sealed with a passphrase (Argon2id).
    ///
    /// # Errors
    /// [`VaultError::Internal`].
    pub fn passphrase(key: &Key, passphrase: &[u8]) -> Result<Self, VaultError> {
        let (mut salt, mut nonce) = ([0; 16], [0; NONCE_BYTES]);
        disk::random(&mut salt)?;
        disk::random(&mut nonce)?;
        let mut sealed = Sealed {
            memory_kib: MEMORY_KIB,
            passes: PASSES,
            salt,
            nonce,
            sealed: [0; SEALED_BYTES],
        };
        let refused = || VaultError::Internal {
            action: "seal its key",
            detail: "the cipher refused it".to_owned(),
        };
        let cipher = sealed.cipher(passphrase).ok_or_else(refused)?;
        let bound = sealed.bound();
        let payload = Payload {
            msg: key.bytes(),
            aad: bound.as_bytes(),
        };
        let bytes = cipher.encrypt(&XNonce::from(nonce), payload);
        let bytes = bytes.ok().and_then(|bytes| bytes.try_into().ok());
        sealed.sealed = bytes.ok_or_else(refused)?;
        Ok(Self(Kind::Passphrase(sealed)))
    }

    /// A credential of systemd of this name: `LoadCredentialEncrypted=` of the gateway's unit.
    #[must_use]
    pub fn credential(name: &str) -> Option<Self> {
        is_name(name).then(|| Self(Kind::Credential(name.to_owned())))
    }

    /// A `user` key of this name in the kernel's keyring of this session or user.
    #[must_use]
    pub fn keyring(name: &str) -> Option<Self> {
        is_name(name).then(|| Self(Kind::Keyring(name.to_owned())))
    }

    /// What it is, for people.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.0 {
            Kind::Plain(_) => "key file",
            Kind::Passphrase(_) => "passphrase",
            Kind::Credential(_) => "systemd credential",
            Kind::Keyring(_) => "kernel keyring",
        }
    }

    /// Whether the key stands in its file as it is.
    #[must_use]
    pub const fn is_plain(&self) -> bool {
        matches!(self.0, Kind::Plain(_))
    }

    /// Whether a passphrase opens it.
    #[must_use]
    pub const fn is_passphrase(&self) -> bool {
        matches!(self.0, Kind::Passphrase(_))
    }

    /// Whether it gives this key back. Of a credential nobody can say but systemd.
    #[must_use]
    pub fn is_around(&self, key: &Key, passphrase: Option<&[u8]>) -> bool {
        let is_same = |found: Option<Key>| found.is_some_and(|found| found.bytes() == key.bytes());
        match &self.0 {
            Kind::Plain(digits) => is_same(Key::of(digits.trim_ascii_end())),
            Kind::Passphrase(sealed) => is_same(passphrase.and_then(|it| sealed.open(it))),
            Kind::Credential(_) => true,
            Kind::Keyring(name) => is_same(in_keyring(name)),
        }
    }

    /// Keeps an open key in the kernel's keyring of this user for twelve hours, so that what reads
    /// this lock needs no passphrase.
    ///
    /// # Errors
    /// [`VaultError::Internal`] when the kernel refuses, or has another key of this name.
    pub fn remember(&self, key: &Key) -> Result<(), VaultError> {
        let name = match &self.0 {
            Kind::Passphrase(sealed) => sealed.remembered(),
            Kind::Keyring(name) => name.clone(),
            _ => return Ok(()),
        };
        let internal = |error: linux_keyutils::KeyError| VaultError::Internal {
            action: "put its key into the kernel's keyring",
            detail: error.to_string(),
        };
        if is_other_kept(&name, key) {
            return Err(VaultError::Internal {
                action: "put its key into the kernel's keyring",
                detail: format!(
                    "another key is there as {name:?}; take another name, or first, if it is of \
                     no use: keyctl purge user {name}"
                ),
            });
        }
        let ring = KeyRing::from_special_id(KeyRingIdentifier::User, true).map_err(internal)?;
        let kept = ring
            .add_key(&name, key.digits().trim_ascii_end())
            .map_err(internal)?;
        match self.is_passphrase() {
            true => kept.set_timeout(UNLOCKED_S).map_err(internal),
            false => Ok(()),
        }
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let line = text.trim_ascii_end();
        let mut words = line.split(' ');
        let kind = match words.next()? {
            "passphrase" => Kind::Passphrase(Sealed {
                memory_kib: words
                    .next()?
                    .parse()
                    .ok()
                    .filter(|it| (8..=1 << 22).contains(it))?,
                passes: words
                    .next()?
                    .parse()
                    .ok()
                    .filter(|it| (1..=64).contains(it))?,
                salt: *hex::decode(words.next()?)?,
                nonce: *hex::decode(words.next()?)?,
                sealed: *hex::decode(words.next()?)?,
            }),
            "credential" => Kind::Credential(words.next().filter(|it| is_name(it))?.to_owned()),
            "keyring" => Kind::Keyring(words.next().filter(|it| is_name(it))?.to_owned()),
            digits => {
                hex::decode::<32>(digits)?;
                Kind::Plain(Zeroizing::new(format!("{digits}\n")))
            }
        };
        words.next().is_none().then_some(Self(kind))
    }

    /// The file of the key.
    pub(crate) fn text(&self) -> Zeroizing<String> {
        Zeroizing::new(match &self.0 {
            Kind::Plain(digits) => return digits.clone(),
            Kind::Passphrase(sealed) => {
                let parts = [&sealed.nonce[..], &sealed.sealed[..]].map(hex::encode);
                let [nonce, bytes] = parts;
                format!("{} {} {}\n", sealed.bound(), *nonce, *bytes)
            }
            Kind::Credential(name) => format!("credential {name}\n"),
            Kind::Keyring(name) => format!("keyring {name}\n"),
        })
    }

    pub(crate) fn open(&self, path: &Path, passphrase: Option<&[u8]>) -> Result<Key, VaultError> {
        let locked = |found: String, help: &'static str| VaultError::Locked {
            path: path.to_owned(),
            found,
            help,
        };
        match &self.0 {
            Kind::Plain(digits) => {
                Key::of(digits.trim_ascii_end()).ok_or_else(|| VaultError::KeyMalformed {
                    path: path.to_owned(),
                })
            }
            Kind::Credential(name) => {
                let folder = env::var_os("CREDENTIALS_DIRECTORY").map(PathBuf::from);
                let text = folder.and_then(|folder| key::read(&folder.join(name)).ok());
                let key = text.and_then(|text| Key::of(text.trim_ascii()));
                key.ok_or_else(|| {
                    let found = format!(
                        "the vault's key is the systemd credential {name:?}, which is not here"
                    );
                    locked(
                        found,
                        "say LoadCredentialEncrypted= in the unit, or run this with \
                                   `systemd-run -p LoadCredentialEncrypted=..`",
                    )
                })
            }
            Kind::Keyring(name) => in_keyring(name).ok_or_else(|| {
                let found =
                    format!("the vault's key is {name:?} in the kernel's keyring, which has none");
                locked(found, "put it there: keyctl padd user NAME @u")
            }),
            Kind::Passphrase(sealed) => {
                if let Some(key) = passphrase
                    .is_none()
                    .then(|| in_keyring(&sealed.remembered()))
                    .flatten()
                {
                    return Ok(key);
                }
                let given = match passphrase {
                    Some(given) => Zeroizing::new(given.to_vec()),
                    None => elsewhere()?.ok_or_else(|| {
                        locked(
                            "the vault's key is sealed with a passphrase".to_owned(),
                            "`varictl vault unlock` opens it for this user, for twelve hours",
                        )
                    })?,
                };
                sealed.open(&given).ok_or_else(|| {
                    locked(
                        "this is not the passphrase of the vault's key".to_owned(),
                        "type it again; without it, nothing opens the vault",
                    )
                })
            }
        }
    }
}

impl Sealed {
    /// What the sealed key is bound to: how it is opened.
    fn bound(&self) -> String {
        let salt = hex::encode(&self.salt);
        format!("passphrase {} {} {}", self.memory_kib, self.passes, *salt)
    }

    fn cipher(&self, passphrase: &[u8]) -> Option<XChaCha20Poly1305> {
        let params = Params::new(self.memory_kib, self.passes, 1, Some(32)).ok()?;
        let argon = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut key = Zeroizing::new([0; 32]);
        argon
            .hash_password_into(passphrase, &self.salt, &mut key[..])
            .ok()?;
        XChaCha20Poly1305::new_from_slice(&key[..]).ok()
    }

    fn open(&self, passphrase: &[u8]) -> Option<Key> {
        let bound = self.bound();
        let payload = Payload {
            msg: &self.sealed,
            aad: bound.as_bytes(),
        };
        let opened = self
            .cipher(passphrase)?
            .decrypt(&XNonce::from(self.nonce), payload);
        let opened = Zeroizing::new(opened.ok()?);
        Key::of(&hex::encode(&opened))
    }

    /// Its name in the keyring.
    fn remembered(&self) -> String {
        format!("varistor-vault-{}", *hex::encode(&self.salt))
    }
}

/// The passphrase, for whoever can't be asked.
fn elsewhere() -> Result<Option<Zeroizing<Vec<u8>>>, VaultError> {
    let credential =
        env::var_os("CREDENTIALS_DIRECTORY").map(|it| PathBuf::from(it).join(CREDENTIAL));
    let named = env::var_os(VARIABLE).map(PathBuf::from);
    let Some(path) = named.or(credential.filter(|path| path.exists())) else {
        return Ok(None);
    };
    let text = key::read(&path)?;
    let text = text.trim_end_matches(['\r', '\n']);
    Ok(Some(Zeroizing::new(text.as_bytes().to_vec())))
}

/// Whether the keyring has something else of this name.
fn is_other_kept(name: &str, key: &Key) -> bool {
    let rings = [KeyRingIdentifier::Session, KeyRingIdentifier::User];
    let is_there = rings.into_iter().any(|kind| {
        let ring = KeyRing::from_special_id(kind, false);
        ring.is_ok_and(|ring| ring.search(name).is_ok())
    });
    is_there && in_keyring(name).is_none_or(|kept| kept.bytes() != key.bytes())
}

fn in_keyring(name: &str) -> Option<Key> {
    for kind in [KeyRingIdentifier::Session, KeyRingIdentifier::User] {
        let ring = KeyRing::from_special_id(kind, false);
        let key = ring.and_then(|ring| ring.search(name));
        if let Ok(key) = key {
            let mut bytes = Zeroizing::new([0; KEYRING_BYTES_MAX]);
            let length = key.read(&mut *bytes).ok()?;
            let text = str::from_utf8(bytes.get(..length)?).ok()?;
            return Key::of(text.trim_ascii());
        }
    }
    None
}

fn is_name(name: &str) -> bool {
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b':');
    (1..=128).contains(&name.len()) && name.bytes().all(fits) && !name.starts_with('.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_is_around_its_own_key_only() {
        let (key, other) = (Key::generate().unwrap(), Key::generate().unwrap());
        assert!(Lock::plain(&key).is_around(&key, None));
        assert!(!Lock::plain(&key).is_around(&other, None));
        let lock = Lock::passphrase(&key, b"four words").unwrap();
        assert!(lock.is_around(&key, Some(b"four words")));
        assert!(!lock.is_around(&key, Some(b"four word")));
        assert!(!lock.is_around(&key, None));
        let lock = Lock::keyring("varistor-test-that-is-nowhere").unwrap();
        assert!(!lock.is_around(&key, None));
    }
}
