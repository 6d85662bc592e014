//! The master key of a vault and the file that keeps it.
//!
//! Refuses a key file that others than its owner can read or write.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::{VaultError, disk, hex, lock};

/// Longest key file that is read: a sealed key with all that belongs to it.
const FILE_BYTES_MAX: u64 = 1024;

/// A master key of 32 bytes. Has no `Debug`; wiped when dropped.
pub struct Key {
    bytes: Box<Zeroizing<[u8; 32]>>,
    /// The key that is about to take its place, while a change of keys is under way.
    next: Option<Box<Self>>,
}

impl Key {
    /// A new random key.
    ///
    /// # Errors
    /// [`VaultError::Internal`] when the system has no randomness.
    pub fn generate() -> Result<Self, VaultError> {
        let mut bytes = Box::new(Zeroizing::new([0; 32]));
        disk::random(bytes.as_mut_slice())?;
        Ok(Self { bytes, next: None })
    }

    /// Reads a key file (mode 0600 or stricter): 64 hex digits, or one word on where the key is
    /// (see [`crate::Lock`]), and the key that is about to follow it.
    ///
    /// # Errors
    /// [`VaultError::Io`], [`VaultError::KeyMode`], [`VaultError::KeyMalformed`],
    /// [`VaultError::Locked`].
    pub fn load(path: &Path) -> Result<Self, VaultError> {
        Self::load_with(path, None)
    }

    /// The same with a passphrase, which is asked for where the key is sealed with one.
    ///
    /// # Errors
    /// Those of [`Key::load`].
    pub fn load_with(path: &Path, passphrase: Option<&[u8]>) -> Result<Self, VaultError> {
        let mut key = Self::load_one(path, passphrase)?;
        let next = next_to(path);
        if next.symlink_metadata().is_ok() {
            // What a crash left half is no key, and the vault is still of the old one.
            key.next = Self::load_one(&next, passphrase).ok().map(Box::new);
        }
        Ok(key)
    }

    /// Writes the key beside the file of the key that it is to follow, where [`Key::load`] finds
    /// it; [`Key::promote`] puts it in its place.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn stage(path: &Path, lock: &lock::Lock) -> Result<(), VaultError> {
        disk::Lock::around(path)?.replace(&next_to(path), lock.text().as_bytes())
    }

    /// Ends a change of keys: the vault is of the staged one.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn promote(path: &Path) -> Result<(), VaultError> {
        std::fs::rename(next_to(path), path).map_err(VaultError::io(path, "replace the key"))?;
        disk::sync_directory_of(path)
    }

    /// Ends or takes back a change of keys that was cut off.
    ///
    /// # Errors
    /// [`VaultError::Io`], and those of opening the vault with either key.
    pub fn settle(path: &Path, vault: &Path, passphrase: Option<&[u8]>) -> Result<(), VaultError> {
        if next_to(path).symlink_metadata().is_err() {
            return Ok(());
        }
        let old = Self::load_one(path, passphrase)?;
        if crate::Vault::open(vault, &old).is_ok() {
            let next = next_to(path);
            std::fs::remove_file(&next).map_err(VaultError::io(next, "remove the staged key"))?;
            return disk::sync_directory_of(path);
        }
        let staged = Self::load_one(&next_to(path), passphrase).map_err(|error| match error {
            VaultError::Locked { path, .. } => VaultError::Locked {
                path,
                found: "a rekey was cut off, and this key, which the old one's passphrase does \
                        not open, is most likely the vault's"
                    .to_owned(),
                help: "keep a copy of the old key's file, move this one over it, and say the new \
                       passphrase",
            },
            error => error,
        })?;
        crate::Vault::open(vault, &staged)?;
        Self::promote(path)
    }

    /// Puts another lock around the key of this file, which stays the same.
    ///
    /// # Errors
    /// [`VaultError::Io`].
    pub fn relock(path: &Path, lock: &lock::Lock) -> Result<(), VaultError> {
        disk::Lock::around(path)?.replace(path, lock.text().as_bytes())
    }

    /// How the key of this file is kept.
    ///
    /// # Errors
    /// Those of [`Key::load`].
    pub fn lock_of(path: &Path) -> Result<lock::Lock, VaultError> {
        lock::Lock::parse(&read(path)?).ok_or_else(|| VaultError::KeyMalformed {
            path: path.to_owned(),
        })
    }

    fn load_one(path: &Path, passphrase: Option<&[u8]>) -> Result<Self, VaultError> {
        let lock = Self::lock_of(path)?;
        lock.open(path, passphrase)
    }

    pub(crate) fn next(&self) -> Option<&Self> {
        self.next.as_deref()
    }

    pub(crate) fn of(digits: &str) -> Option<Self> {
        let key = hex::decode::<32>(digits)?;
        let mut bytes = Box::new(Zeroizing::new([0; 32]));
        bytes.copy_from_slice(key.as_slice());
        Some(Self { bytes, next: None })
    }

    /// Writes the key to a new file of mode 0600, and to the device.
    ///
    /// # Errors
    /// [`VaultError::Exists`], [`VaultError::Io`].
    pub fn store(&self, path: &Path) -> Result<(), VaultError> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(path)
            .map_err(|source| match source.kind() {
                ErrorKind::AlreadyExists => VaultError::Exists {
                    path: path.to_owned(),
                },
                _ => VaultError::io(path, "create the key")(source),
            })?;
        file.write_all(self.digits().as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(VaultError::io(path, "write the key"))?;
        disk::sync_directory_of(path)
    }

    /// One line of hex digits.
    #[must_use]
    pub fn digits(&self) -> Zeroizing<String> {
        let mut text = hex::encode(self.bytes());
        text.push('\n');
        text
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

/// `vault.key.new` for `vault.key`.
fn next_to(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".new");
    path.with_file_name(name)
}

/// The text of a file for its owner alone.
pub(crate) fn read(path: &Path) -> Result<Zeroizing<String>, VaultError> {
    let file = File::open(path).map_err(VaultError::io(path, "open the key"))?;
    let metadata = file
        .metadata()
        .map_err(VaultError::io(path, "look at the key"))?;
    let malformed = || VaultError::KeyMalformed {
        path: path.to_owned(),
    };
    if !metadata.is_file() || metadata.len() > FILE_BYTES_MAX {
        return Err(malformed());
    }
    if metadata.mode() & 0o077 != 0 {
        return Err(VaultError::KeyMode {
            path: path.to_owned(),
            found: metadata.mode() & 0o7777,
        });
    }
    let mut text = Zeroizing::new(String::with_capacity(2048));
    file.take(FILE_BYTES_MAX.saturating_add(1))
        .read_to_string(&mut text)
        .map_err(VaultError::io(path, "read the key"))?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    #[test]
    fn a_stored_key_is_private_is_loaded_again_and_is_never_overwritten() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.key");
        let key = Key::generate().unwrap();
        key.store(&path).unwrap();
        assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, 0o600);
        assert_eq!(Key::load(&path).unwrap().bytes(), key.bytes());
        let other = Key::generate().unwrap();
        assert_ne!(other.bytes(), key.bytes());
        assert!(matches!(other.store(&path), Err(VaultError::Exists { .. })));
        assert_eq!(Key::load(&path).unwrap().bytes(), key.bytes());
    }

    #[test]
    fn a_key_that_others_can_read_is_refused_with_the_command_that_helps() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.key");
        Key::generate().unwrap().store(&path).unwrap();
        for mode in [0o644, 0o640, 0o604, 0o620, 0o601] {
            fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
            let message = Key::load(&path).err().unwrap().to_string();
            assert!(message.contains(&format!("mode {mode:04o}")), "{message}");
            assert!(
                message.contains(&format!("chmod 600 {}", path.display())),
                "{message}"
            );
        }
        fs::set_permissions(&path, Permissions::from_mode(0o400)).unwrap();
        assert!(Key::load(&path).is_ok());
    }

    #[test]
    fn what_is_no_key_is_refused_without_repeating_it() {
        let dir = tempfile::tempdir().unwrap();
        let digits = "0".repeat(63);
        for (index, text) in ["", "secret", &digits, &"0".repeat(66), &"0".repeat(9999)]
            .into_iter()
            .enumerate()
        {
            let path = dir.path().join(index.to_string());
            fs::write(&path, text).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o600)).unwrap();
            let error = Key::load(&path).err().unwrap();
            assert!(matches!(error, VaultError::KeyMalformed { .. }), "{error}");
            assert!(!error.to_string().contains("secret"));
        }
        assert!(matches!(
            Key::load(dir.path()),
            Err(VaultError::KeyMalformed { .. })
        ));
        let absent = Key::load(&dir.path().join("absent"));
        assert!(matches!(absent, Err(VaultError::Io { .. })));
    }
}
