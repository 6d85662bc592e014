//! Tests of the vault crate through its public interface and its file.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::path::PathBuf;

use tempfile::TempDir;
use varistor_vault::{Key, Vault};

mod changing;
mod saving;
mod secrets;
mod tampering;

/// A directory with a vault in it, and its key.
struct Place {
    dir: TempDir,
    path: PathBuf,
    key: Key,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("vault.json");
        let key = Key::generate().unwrap();
        Vault::create(&path, &key).unwrap();
        Self { dir, path, key }
    }

    fn open(&self) -> Vault {
        Vault::open(&self.path, &self.key).unwrap()
    }

    /// Sets a secret and saves.
    fn put(&self, name: &str, server: &str, value: &str) {
        let mut vault = self.open();
        vault.set(name, &[server], value.as_bytes()).unwrap();
        vault.save().unwrap();
    }
}
