//! All secrets in one file for another place, sealed with a passphrase.
//!
//! Refuses a file that was changed, and to replace what is here unless that is wanted.

use serde::{Deserialize, Serialize};

use super::Vault;
use crate::file::{Content, Refusal};
use crate::history::{Change, Deed};
use crate::seal::Keys;
use crate::{Key, Lock, VaultError, bounds, disk};

/// The version of this format.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    varistor_vault_export: u32,
    /// How the passphrase opens the key.
    key: String,
    /// A vault's file, of that key.
    vault: String,
}

impl Vault {
    /// Everything that this vault holds, but for former values and the control plane's own secrets.
    ///
    /// # Errors
    /// [`VaultError::Forged`], [`VaultError::Internal`].
    pub fn export(&self, passphrase: &[u8]) -> Result<Vec<u8>, VaultError> {
        let key = Key::generate()?;
        let mut id = [0; 16];
        disk::random(&mut id)?;
        let mut copy = Self {
            path: self.path.clone(),
            keys: Keys::derive(&key, &id),
            content: Content {
                id,
                generation: 1,
                head: None,
                entries: Vec::new(),
            },
            saved: Vec::new(),
            deeds: Vec::new(),
            by: String::new(),
            lent: Vec::new(),
        };
        let all = self.content.entries.iter();
        for entry in all.filter(|entry| !bounds::is_own(&entry.servers)) {
            let value = self.opened(entry)?;
            copy.set(&entry.name, &entry.servers, value.expose())?;
        }
        let internal = |error: serde_json::Error| VaultError::Internal {
            action: "write its export",
            detail: error.to_string(),
        };
        let vault = copy.content.encode(&copy.keys).map_err(internal)?;
        let text = Text {
            varistor_vault_export: VERSION,
            key: Lock::passphrase(&key, passphrase)?.text().to_string(),
            vault: String::from_utf8_lossy(&vault).into_owned(),
        };
        let mut bytes = serde_json::to_vec_pretty(&text).map_err(internal)?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Takes the secrets of an export; those of names that are here too only where `replace` says
    /// so. The names that were taken, and those that were not.
    ///
    /// # Errors
    /// [`VaultError::Value`] when it is no export, [`VaultError::Forged`] when it was changed,
    /// [`VaultError::Locked`] when the passphrase is wrong; nothing is taken then.
    pub fn import(
        &mut self,
        bytes: &[u8],
        passphrase: &[u8],
        replace: bool,
    ) -> Result<(Vec<String>, Vec<String>), VaultError> {
        let expected = "what `varictl vault export` wrote";
        let refuse = |found: String| bounds::refuse("export", found, expected);
        let text: Text =
            serde_json::from_slice(bytes).map_err(|error| refuse(error.to_string()))?;
        if text.varistor_vault_export != VERSION {
            return Err(refuse(format!("version {}", text.varistor_vault_export)));
        }
        let lock = Lock::parse(&text.key).filter(Lock::is_passphrase);
        let lock = lock.ok_or_else(|| refuse("without a key".to_owned()))?;
        let key = lock.open(&self.path, Some(passphrase))?;
        let vault = text.vault.as_bytes();
        let (content, keys) = Content::decode(vault, &key).map_err(|refusal| match refusal {
            Refusal::Malformed(found, _) => refuse(found),
            Refusal::Forged => VaultError::Forged {
                path: self.path.clone(),
            },
        })?;
        let export = Self {
            path: self.path.clone(),
            keys,
            content,
            saved: Vec::new(),
            deeds: Vec::new(),
            by: String::new(),
            lent: Vec::new(),
        };
        let mut values = Vec::with_capacity(export.content.entries.len());
        // Exports of before carried what is of use in its own vault only.
        let all = export.content.entries.iter();
        for entry in all.filter(|entry| !bounds::is_own(&entry.servers)) {
            values.push((entry, export.opened(entry)?));
        }
        let (mut taken, mut left) = (Vec::new(), Vec::new());
        for (entry, value) in values {
            if !replace && self.find(&entry.name).is_ok() {
                left.push(entry.name.clone());
                continue;
            }
            self.set(&entry.name, &entry.servers, value.expose())?;
            taken.push(entry.name.clone());
        }
        self.deeds.push(Deed::of(Change::Imported));
        Ok((taken, left))
    }
}
