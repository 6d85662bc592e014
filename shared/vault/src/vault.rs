//! Named secrets, and which server may receive which of them.
//!
//! Refuses a server that a secret was not meant for, a file that was changed, and a save over
//! what another process saved meanwhile.

mod lent;
mod rotation;
mod travel;

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

use crate::file::{Content, FILE_BYTES_MAX, Former, Refusal, Sealed};
use crate::history::{self, Change, Deed, History};
use crate::seal::Keys;
use crate::{Key, Secret, VaultError, bounds, disk};

pub use lent::{Lent, Part};

/// An open vault. Values stay sealed until [`Vault::get`]; changes last with [`Vault::save`].
pub struct Vault {
    path: PathBuf,
    keys: Keys,
    content: Content,
    /// The file as it was read or last saved; empty before the first save.
    saved: Vec<u8>,
    /// What was done since.
    deeds: Vec<Deed>,
    /// Who does it, for the history.
    by: String,
    /// Secrets that others keep, by the names that they have here.
    lent: Vec<Lent>,
}

/// What is told about a secret without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// Its name.
    pub name: &'a str,
    /// Grows by one with every change of the value.
    pub version: u64,
    /// Names of the servers it may be sent to, sorted; `*` alone means all.
    pub servers: &'a [String],
    /// The version before, and until when its value is known, in seconds since 1970.
    pub former: Option<(u64, u64)>,
}

impl Entry<'_> {
    /// Whether it is the control plane's own, for none of the policy's servers. It is of use here
    /// only, and stays behind when the others travel.
    #[must_use]
    pub fn is_own(&self) -> bool {
        bounds::is_own(self.servers)
    }
}

impl Vault {
    /// Creates an empty vault file (mode 0600) and opens it.
    ///
    /// # Errors
    /// [`VaultError::Exists`], [`VaultError::Io`], [`VaultError::Internal`].
    pub fn create(path: &Path, key: &Key) -> Result<Self, VaultError> {
        let mut id = [0; 16];
        disk::random(&mut id)?;
        let mut vault = Self {
            path: path.to_owned(),
            keys: Keys::derive(key, &id),
            content: Content {
                id,
                generation: 0,
                head: None,
                entries: Vec::new(),
            },
            saved: Vec::new(),
            deeds: vec![Deed::of(Change::Created)],
            by: String::new(),
            lent: Vec::new(),
        };
        vault.save()?;
        Ok(vault)
    }

    /// Opens a vault file.
    ///
    /// # Errors
    /// [`VaultError::Io`], [`VaultError::Malformed`], [`VaultError::Forged`].
    pub fn open(path: &Path, key: &Key) -> Result<Self, VaultError> {
        Self::open_at_least(path, key, 0)
    }

    /// Opens a vault file, unless it is older than a generation that the caller remembers.
    ///
    /// # Errors
    /// Those of [`Vault::open`], and [`VaultError::Old`].
    pub fn open_at_least(path: &Path, key: &Key, generation: u64) -> Result<Self, VaultError> {
        // In this order: whoever saves meanwhile replaces the file before saying so.
        let generation = generation.max(history::newest(path)?);
        let saved = read(path)?;
        let decoded = Content::decode(&saved, key).or_else(|refusal| match key.next() {
            // A change of the key was cut off between the vault and the key's file.
            Some(next) => Content::decode(&saved, next).map_err(|_| refusal),
            None => Err(refusal),
        });
        let (content, keys) = decoded.map_err(|refusal| match refusal {
            Refusal::Malformed(found, expected) => VaultError::Malformed {
                path: path.to_owned(),
                found,
                expected,
            },
            Refusal::Forged => VaultError::Forged {
                path: path.to_owned(),
            },
        })?;
        if content.generation < generation {
            return Err(VaultError::Old {
                path: path.to_owned(),
                found: content.generation,
                expected: generation,
            });
        }
        Ok(Self {
            path: path.to_owned(),
            keys,
            content,
            saved,
            deeds: Vec::new(),
            by: String::new(),
            lent: Vec::new(),
        })
    }

    /// Says who makes the changes that follow.
    pub fn sign(&mut self, by: &str) {
        by.clone_into(&mut self.by);
    }

    /// Counts the saves of this vault.
    #[must_use]
    pub const fn generation(&self) -> u64 {
        self.content.generation
    }

    /// What the vault holds, sorted by name.
    pub fn names(&self) -> impl Iterator<Item = Entry<'_>> {
        self.content.entries.iter().map(|entry| Entry {
            name: &entry.name,
            version: entry.version,
            servers: &entry.servers,
            former: entry
                .former
                .as_ref()
                .map(|former| (former.version, former.until_unix_s)),
        })
    }

    fn opened(&self, entry: &Sealed) -> Result<Secret, VaultError> {
        let bound = Sealed::bound(&self.content.id, &entry.name, entry.version, &entry.servers);
        self.keys
            .open(entry.nonce, &entry.ciphertext, &bound)
            .map(Secret::new)
            .ok_or_else(|| VaultError::Forged {
                path: self.path.clone(),
            })
    }

    /// Adds a secret or replaces its value and servers. `servers` are names, or `*` alone.
    ///
    /// # Errors
    /// [`VaultError::Value`] naming what is out of bounds, [`VaultError::Internal`].
    pub fn set(
        &mut self,
        name: &str,
        servers: &[impl AsRef<str>],
        value: &[u8],
    ) -> Result<(), VaultError> {
        bounds::name(name)?;
        bounds::value(value)?;
        let servers = bounds::servers(servers)?;
        let place = self.find(name);
        let old = place.ok().and_then(|index| self.content.entries.get(index));
        if old.is_none() && self.content.entries.len() >= bounds::ENTRIES_MAX {
            return Err(bounds::refuse(
                "number of secrets",
                "10001",
                "at most 10000",
            ));
        }
        let version = next(old.map_or(0, |entry| entry.version))?;
        let entry = self.sealed((name, version), servers, value)?;
        self.deeds.push(Deed::on(Change::Set, &entry));
        let entries = &mut self.content.entries;
        match place {
            Ok(index) => entries.splice(index..=index, [entry]).for_each(drop),
            Err(index) => entries.insert(index, entry),
        }
        Ok(())
    }

    /// What was done to this vault, checked against it.
    ///
    /// # Errors
    /// [`VaultError::History`] when it was cut or changed, [`VaultError::Io`].
    pub fn history(&self) -> Result<History, VaultError> {
        history::read(&self.path, self.content.head)
    }

    fn sealed(
        &self,
        (name, version): (&str, u64),
        servers: Vec<String>,
        value: &[u8],
    ) -> Result<Sealed, VaultError> {
        let bound = Sealed::bound(&self.content.id, name, version, &servers);
        let (nonce, ciphertext) = self.keys.seal(value, &bound)?;
        Ok(Sealed {
            name: name.to_owned(),
            version,
            servers,
            nonce,
            ciphertext,
            former: None,
        })
    }

    fn opened_former(&self, entry: &Sealed, former: &Former) -> Result<Secret, VaultError> {
        let (name, servers) = (&entry.name, &entry.servers);
        let bound = Sealed::bound(&self.content.id, name, former.version, servers);
        self.keys
            .open(former.nonce, &former.ciphertext, &bound)
            .map(Secret::new)
            .ok_or_else(|| VaultError::Forged {
                path: self.path.clone(),
            })
    }

    fn entry(&self, name: &str) -> Result<&Sealed, VaultError> {
        let index = self.find(name).ok();
        let entry = index.and_then(|index| self.content.entries.get(index));
        entry.ok_or_else(|| VaultError::Unknown {
            name: name.to_owned(),
        })
    }

    fn entry_mut(&mut self, name: &str) -> Result<&mut Sealed, VaultError> {
        let index = self.find(name).ok();
        let entry = index.and_then(|index| self.content.entries.get_mut(index));
        entry.ok_or_else(|| VaultError::Unknown {
            name: name.to_owned(),
        })
    }

    /// Takes a secret out.
    ///
    /// # Errors
    /// [`VaultError::Unknown`].
    pub fn remove(&mut self, name: &str) -> Result<(), VaultError> {
        let index = self.find(name).map_err(|_| VaultError::Unknown {
            name: name.to_owned(),
        })?;
        let removed = self.content.entries.remove(index);
        self.deeds.push(Deed::on(Change::Removed, &removed));
        Ok(())
    }

    /// Replaces the file by the vault as it is now: atomic, and on the device when it returns.
    ///
    /// # Errors
    /// [`VaultError::Changed`] when another process saved meanwhile, [`VaultError::Exists`] when
    /// a new vault would replace a file, [`VaultError::Io`]. The file is then as it was, unless
    /// the last step failed, syncing the directory: then it is the new one.
    pub fn save(&mut self) -> Result<(), VaultError> {
        let lock = disk::Lock::around(&self.path)?;
        let path = || self.path.clone();
        match (self.saved.as_slice(), read(&self.path)) {
            ([], Err(VaultError::Io { source, .. })) if source.kind() == ErrorKind::NotFound => {}
            ([], _) => return Err(VaultError::Exists { path: path() }),
            (saved, Ok(found)) if found == saved => {}
            (_, Ok(_)) => return Err(VaultError::Changed { path: path() }),
            (_, Err(error)) => return Err(error),
        }
        let generation = next(self.content.generation)?;
        let line = history::begin(&lock, &self.path, (generation, &self.by), &self.deeds)?;
        let new = Content {
            generation,
            head: Some(line),
            ..self.content.clone()
        };
        let bytes = new
            .encode(&self.keys)
            .map_err(|error| VaultError::Internal {
                action: "write its file",
                detail: error.to_string(),
            })?;
        if u64::try_from(bytes.len()).is_ok_and(|length| length > FILE_BYTES_MAX) {
            return Err(bounds::refuse(
                "size in bytes",
                bytes.len(),
                "at most 16 MiB in all",
            ));
        }
        lock.replace(&self.path, &bytes)?;
        self.content = new;
        self.saved = bytes;
        self.deeds.clear();
        history::end(&lock, &self.path, generation)
    }

    fn find(&self, name: &str) -> Result<usize, usize> {
        let entries = &self.content.entries;
        entries.binary_search_by(|entry| entry.name.as_str().cmp(name))
    }
}

fn read(path: &Path) -> Result<Vec<u8>, VaultError> {
    let file = File::open(path).map_err(VaultError::io(path, "open the vault"))?;
    let mut bytes = Vec::new();
    file.take(FILE_BYTES_MAX.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(VaultError::io(path, "read the vault"))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length <= FILE_BYTES_MAX) {
        return Ok(bytes);
    }
    Err(VaultError::Malformed {
        path: path.to_owned(),
        found: "a larger file".to_owned(),
        expected: "at most 16 MiB",
    })
}

fn next(number: u64) -> Result<u64, VaultError> {
    number.checked_add(1).ok_or_else(|| VaultError::Internal {
        action: "count further",
        detail: format!("{number} is the last number"),
    })
}
