//! What is done with the secrets of an open vault: its own, and those that others lend to it.

use zeroize::Zeroizing;

use super::Vault;
use crate::{Secret, VaultError, bounds};

/// A secret that somebody else keeps, and that is used as one of the vault's while it is open.
pub struct Lent {
    /// What it is called here.
    pub name: String,
    /// Names of the servers it may be sent to; `*` alone means all.
    pub servers: Vec<String>,
    /// Its value.
    pub value: Zeroizing<Vec<u8>>,
}

/// A part of a text that is filled from a vault.
#[derive(Clone, Copy, Debug)]
pub enum Part<'p> {
    /// As it stands.
    Text(&'p str),
    /// The value of the secret of this name.
    Secret(&'p str),
}

impl Lent {
    fn secret(&self) -> Secret {
        Secret::new(self.value.clone())
    }
}

impl Vault {
    /// Takes secrets of others beside its own, which count first; they are never saved.
    ///
    /// # Errors
    /// [`VaultError::Value`] naming what is out of bounds.
    pub fn lend(&mut self, all: impl IntoIterator<Item = Lent>) -> Result<(), VaultError> {
        for one in all {
            bounds::name(&one.name)?;
            bounds::value(&one.value)?;
            let servers = bounds::servers(&one.servers)?;
            self.lent.push(Lent { servers, ..one });
        }
        Ok(())
    }

    /// Opens every secret, former values too, so that they can be recognised elsewhere.
    ///
    /// # Errors
    /// [`VaultError::Forged`].
    pub fn values(&self) -> impl Iterator<Item = Result<Secret, VaultError>> {
        let entries = self.content.entries.iter();
        let own = entries.flat_map(|entry| {
            let former = entry.former.as_ref();
            let former = former.map(|former| self.opened_former(entry, former));
            [self.opened(entry)].into_iter().chain(former)
        });
        let lent = self.lent.iter().map(|lent| Ok(lent.secret()));
        own.chain(lent)
    }

    /// Opens a secret for the server that is to receive it.
    ///
    /// # Errors
    /// [`VaultError::Unknown`], [`VaultError::NotAllowed`], [`VaultError::Forged`].
    pub fn get(&self, name: &str, server: &str) -> Result<Secret, VaultError> {
        let entry = self.entry(name);
        let lent = self.lent.iter().find(|lent| lent.name == name);
        let servers = match (&entry, lent) {
            (Ok(entry), _) => &entry.servers,
            (Err(_), Some(lent)) => &lent.servers,
            (Err(_), None) => {
                return Err(VaultError::Unknown {
                    name: name.to_owned(),
                });
            }
        };
        let allows = |allowed: &String| allowed == server || allowed == bounds::EVERY_SERVER;
        if !servers.iter().any(allows) {
            return Err(VaultError::NotAllowed {
                name: name.to_owned(),
                server: server.to_owned(),
                allowed: servers.clone(),
            });
        }
        match (entry, lent) {
            (Err(_), Some(lent)) => Ok(lent.secret()),
            (entry, _) => self.opened(entry?),
        }
    }

    /// A text with secrets in it, for the server that is to receive it.
    ///
    /// # Errors
    /// Those of [`Vault::get`].
    pub fn filled<'p>(
        &self,
        server: &str,
        parts: impl IntoIterator<Item = Part<'p>>,
    ) -> Result<Zeroizing<Vec<u8>>, VaultError> {
        // Room for most: what grows leaves copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(4 * 1024));
        for part in parts {
            match part {
                Part::Text(text) => bytes.extend_from_slice(text.as_bytes()),
                Part::Secret(name) => {
                    bytes.extend_from_slice(self.get(name, server)?.expose());
                }
            }
        }
        Ok(bytes)
    }
}
