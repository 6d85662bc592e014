//! What a witness remembers of one log, on the device before anybody relies on it.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::checkpoint::Checkpoint;
use crate::error::{EvidenceError, at};
use crate::keychain::{self, Keychain};
use crate::keyring::sync_directory;
use crate::note::{Note, VerifierKey};

/// The newest head and the keys of a log.
pub(super) struct Remembered {
    chain_path: PathBuf,
    head_path: PathBuf,
    /// The text of the chain.
    entries: String,
    pub(super) chain: Option<Keychain>,
    pub(super) head: Option<Checkpoint>,
}

impl Remembered {
    /// What is remembered of the log that begins with this key. What can't be read is an error:
    /// a witness that forgot could be led to cosign another history.
    pub(super) fn load(dir: &Path, anchor: &VerifierKey) -> Result<Self, EvidenceError> {
        let id = varistor_audit::digest(anchor.to_string().as_bytes());
        let id: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
        let (chain_path, head_path) = (
            dir.join(&id).with_extension("keychain"),
            dir.join(&id).with_extension("head"),
        );
        let entries = read(&chain_path)?.unwrap_or_default();
        let chain = match entries.is_empty() {
            true => None,
            false => match Keychain::read(&entries) {
                Ok(chain) if chain.anchor() == Some(anchor) => Some(chain),
                Ok(_) => return Err(EvidenceError::Keychain(chain_path, 0)),
                Err(broken) => return Err(EvidenceError::Keychain(chain_path, broken.0)),
            },
        };
        let head = match (read(&head_path)?, &chain) {
            (None, _) => None,
            (Some(text), Some(chain)) => {
                let note = Note::parse(&text);
                let head = note.and_then(|note| {
                    let head = Checkpoint::parse(&note.text)?;
                    chain.holds(&note, &head).then_some(head)
                });
                Some(head.ok_or_else(|| EvidenceError::Foreign(head_path.clone()))?)
            }
            (Some(_), None) => return Err(EvidenceError::Keychain(chain_path, 0)),
        };
        Ok(Self {
            chain_path,
            head_path,
            entries,
            chain,
            head,
        })
    }

    /// How many keys of the log are known.
    pub(super) fn keys(&self) -> u64 {
        self.chain
            .as_ref()
            .map_or(0, |chain| chain.epochs().len() as u64)
    }

    /// The chain with further entries; `None` unless each is whole and signed.
    pub(super) fn extended(&mut self, entries: &str) -> Option<Keychain> {
        self.entries.push_str(entries);
        let chain = Keychain::read(&self.entries).ok()?;
        (chain.bytes == self.entries.len()).then_some(chain)
    }

    pub(super) fn keep_chain(&mut self, chain: Keychain) -> Result<(), EvidenceError> {
        replace(&self.chain_path, &self.entries).map_err(at(&self.chain_path))?;
        self.chain = Some(chain);
        Ok(())
    }

    pub(super) fn keep_head(&self, note: &Note) -> Result<(), EvidenceError> {
        replace(&self.head_path, &note.to_string()).map_err(at(&self.head_path))
    }
}

fn read(path: &Path) -> Result<Option<String>, EvidenceError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(keychain::valid(&bytes).to_owned())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(at(path)(error)),
    }
}

/// Puts a file in the place of another, whole or not at all.
pub(crate) fn replace(path: &Path, text: &str) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file: File = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&new)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&new, path)?;
    sync_directory(path)
}
