//! New values and new keys, with what was there before still known for a while.

use super::{Vault, next};
use crate::file::{Former, Sealed};
use crate::history::{Change, Deed};
use crate::seal::Keys;
use crate::{Key, VaultError, bounds};

impl Vault {
    /// Replaces a secret's value, for the same servers, and knows the one before until then, in
    /// seconds since 1970: it can be taken back, and is recognised where it turns up.
    ///
    /// # Errors
    /// [`VaultError::Unknown`], and those of [`Vault::set`].
    pub fn rotate(
        &mut self,
        name: &str,
        value: &[u8],
        until_unix_s: u64,
    ) -> Result<(), VaultError> {
        bounds::value(value)?;
        let old = self.entry(name)?.clone();
        let version = next(old.version)?;
        let mut entry = self.sealed((name, version), old.servers, value)?;
        entry.former = Some(Former {
            version: old.version,
            until_unix_s,
            nonce: old.nonce,
            ciphertext: old.ciphertext,
        });
        self.deeds.push(Deed::on(Change::Rotated, &entry));
        *self.entry_mut(name)? = entry;
        Ok(())
    }

    /// Makes the former value of a secret its value again, under a version of its own, and forgets
    /// the one that it replaces.
    ///
    /// # Errors
    /// [`VaultError::Unknown`] also where nothing of it is known any more.
    pub fn take_back(&mut self, name: &str) -> Result<(), VaultError> {
        let old = self.entry(name)?;
        let former = old.former.as_ref().ok_or_else(|| VaultError::Unknown {
            name: format!("{name} (a version before {})", old.version),
        })?;
        let value = self.opened_former(old, former)?;
        let (version, servers) = (next(old.version)?, old.servers.clone());
        let entry = self.sealed((name, version), servers, value.expose())?;
        self.deeds.push(Deed::on(Change::TakenBack, &entry));
        *self.entry_mut(name)? = entry;
        Ok(())
    }

    /// Seals everything anew with another key. The key's file is the caller's: it comes first, and
    /// is put in its place when this is saved.
    ///
    /// # Errors
    /// [`VaultError::Forged`], [`VaultError::Internal`].
    pub fn rekey(&mut self, key: &Key) -> Result<(), VaultError> {
        let keys = Keys::derive(key, &self.content.id);
        let mut entries = Vec::with_capacity(self.content.entries.len());
        for entry in &self.content.entries {
            let mut new = entry.clone();
            let value = self.opened(entry)?;
            let (name, servers) = (&entry.name, &entry.servers);
            let bound = Sealed::bound(&self.content.id, name, entry.version, servers);
            (new.nonce, new.ciphertext) = keys.seal(value.expose(), &bound)?;
            if let (Some(new), Some(former)) = (&mut new.former, &entry.former) {
                let value = self.opened_former(entry, former)?;
                let bound = Sealed::bound(&self.content.id, name, former.version, servers);
                (new.nonce, new.ciphertext) = keys.seal(value.expose(), &bound)?;
            }
            entries.push(new);
        }
        (self.content.entries, self.keys) = (entries, keys);
        self.deeds.push(Deed::of(Change::Rekeyed));
        Ok(())
    }

    /// Forgets former values whose time is over; says how many.
    pub fn forget(&mut self, now_unix_s: u64) -> usize {
        let mut forgotten = 0;
        for entry in &mut self.content.entries {
            let is_over = |former: &Former| former.until_unix_s <= now_unix_s;
            if entry.former.as_ref().is_some_and(is_over) {
                entry.former = None;
                self.deeds.push(Deed::on(Change::Forgotten, entry));
                forgotten += 1;
            }
        }
        forgotten
    }
}
