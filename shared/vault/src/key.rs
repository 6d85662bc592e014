//! The master key of a vault and the file that keeps it.
//!
//! Refuses a key file that others than its owner can read or write.

use std::fs::{File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::Path;

use zeroize::Zeroizing;

use crate::{VaultError, disk, hex};

/// Longest key file that is read: the digits, and a line end of either kind.
const FILE_BYTES_MAX: u64 = 66;

/// A master key of 32 bytes. Has no `Debug`; wiped when dropped.
pub struct Key(Box<Zeroizing<[u8; 32]>>);

impl Key {
    /// A new random key.
    ///
    /// # Errors
    /// [`VaultError::Internal`] when the system has no randomness.
    pub fn generate() -> Result<Self, VaultError> {
        let mut key = Box::new(Zeroizing::new([0; 32]));
        disk::random(key.as_mut_slice())?;
        Ok(Self(key))
    }

    /// Reads a key file: 64 hex digits, mode 0600 or stricter.
    ///
    /// # Errors
    /// [`VaultError::Io`], [`VaultError::KeyMode`], [`VaultError::KeyMalformed`].
    pub fn load(path: &Path) -> Result<Self, VaultError> {
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
        let mut text = Zeroizing::new(String::with_capacity(128));
        file.take(FILE_BYTES_MAX.saturating_add(1))
            .read_to_string(&mut text)
            .map_err(VaultError::io(path, "read the key"))?;
        let key = hex::decode::<32>(text.trim_ascii_end()).ok_or_else(malformed)?;
        let mut kept = Box::new(Zeroizing::new([0; 32]));
        kept.copy_from_slice(key.as_slice());
        Ok(Self(kept))
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
        let mut text = hex::encode(self.bytes());
        text.push('\n');
        file.write_all(text.as_bytes())
            .and_then(|()| file.sync_all())
            .map_err(VaultError::io(path, "write the key"))?;
        disk::sync_directory_of(path)
    }

    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }
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
