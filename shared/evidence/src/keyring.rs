//! The private key that signs now, and the change to the next one.
//!
//! A change, in this order, each step on the device before the next: the new key is written beside
//! the old one (`.new`), its entry, signed by the old key, goes to the end of the chain, the new
//! file takes the old one's place. After a crash, the end of the chain says which of the two files
//! is in force, so that there is always exactly one, and no key signs once its successor is named.
//!
//! The old file is overwritten before it goes. A disk may keep old blocks all the same: whoever can
//! read raw flash may find a key that was destroyed.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;
use zeroize::Zeroizing;

use crate::checkpoint::Checkpoint;
use crate::error::{EvidenceError, at};
use crate::keychain::{self, Epoch, Keychain};
use crate::merkle::{Frontier, Hash};
use crate::note::{Note, VerifierKey, sign};

/// The first line of a key file.
const HEADER: &str = "varistor-epoch-key/v1\n";

/// The key in force.
pub struct Keyring {
    /// Where the key is.
    path: PathBuf,
    /// Where the chain is.
    chain: PathBuf,
    epoch: Epoch,
    key: SigningKey,
}

impl Keyring {
    /// Makes the first key, for a log of so many lines and this root.
    ///
    /// # Errors
    /// When a file can't be written.
    pub fn create(
        dir: &Path,
        path: &Path,
        head: &Frontier,
        unix_ns: u64,
    ) -> Result<Self, EvidenceError> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(EvidenceError::Random)?;
        let name: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let key = fresh()?;
        let begin = Checkpoint {
            origin: format!("varistor-audit/{name}"),
            size: head.size(),
            root: head.root(),
            extension: String::new(),
        };
        let epoch = Epoch {
            number: 0,
            key: VerifierKey::log(&begin.origin, &key.verifying_key()),
            begin,
            began_ns: unix_ns,
        };
        let ring = Self {
            path: path.to_owned(),
            chain: keychain::path(dir),
            epoch,
            key,
        };
        // The chain last: without it there is no key, and the next start makes another.
        ring.write_new()?;
        replace(&ring.new_path(), path).map_err(at(path))?;
        ring.enter(&ring.key, 0)?;
        Ok(ring)
    }

    /// Opens the key that the chain ends in, finishing a change that a crash interrupted.
    ///
    /// # Errors
    /// When that key is not there.
    pub fn open(dir: &Path, path: &Path, chain: &Keychain) -> Result<Self, EvidenceError> {
        let chain_path = keychain::path(dir);
        let missing = || EvidenceError::Key(path.to_owned(), chain_path.clone());
        let epoch = chain.epochs().last().ok_or_else(missing)?.clone();
        let is_in_force = |key: &SigningKey| {
            VerifierKey::log(epoch.key.name(), &key.verifying_key()) == epoch.key
        };
        let file = OpenOptions::new().write(true).open(&chain_path);
        let file = file.map_err(at(&chain_path))?;
        // An entry that was not finished names a key that never signed.
        file.set_len(chain.bytes as u64).map_err(at(&chain_path))?;
        file.sync_all().map_err(at(&chain_path))?;
        let new = path.with_extension("new");
        let key = match read(path)?.filter(is_in_force) {
            Some(key) => {
                destroy(&new).map_err(at(&new))?;
                key
            }
            None => {
                let key = read(&new)?.filter(is_in_force).ok_or_else(missing)?;
                replace(&new, path).map_err(at(path))?;
                key
            }
        };
        Ok(Self {
            path: path.to_owned(),
            chain: chain_path,
            epoch,
            key,
        })
    }

    /// The key in force, and from where on.
    #[must_use]
    pub const fn epoch(&self) -> &Epoch {
        &self.epoch
    }

    /// Signs a head of the log. Its size must not be less than the key's first.
    #[must_use]
    pub fn sign(&self, size: u64, root: Hash) -> Note {
        debug_assert!(
            size >= self.epoch.begin.size,
            "a key signs no part of another's"
        );
        let checkpoint = Checkpoint {
            origin: self.epoch.begin.origin.clone(),
            size,
            root,
            extension: String::new(),
        };
        self.note(checkpoint.to_string(), &self.key)
    }

    /// Names a new key, which signs from this head on, and destroys the present one.
    ///
    /// # Errors
    /// When a file can't be written: the present key stays. Only when the very last step fails, the
    /// new one is in force all the same, and the old one's file is replaced at the next start.
    pub fn change(&mut self, head: &Frontier, unix_ns: u64) -> Result<(), EvidenceError> {
        let key = fresh()?;
        let mut begin = self.epoch.begin.clone();
        (begin.size, begin.root) = (head.size(), head.root());
        let epoch = Epoch {
            number: self.epoch.number.saturating_add(1),
            key: VerifierKey::log(&begin.origin, &key.verifying_key()),
            begin,
            began_ns: unix_ns,
        };
        let length = fs::metadata(&self.chain).map_err(at(&self.chain))?.len();
        let next = Self {
            path: self.path.clone(),
            chain: self.chain.clone(),
            epoch,
            key,
        };
        next.write_new()?;
        next.enter(&self.key, length)?;
        let new = next.new_path();
        *self = next;
        replace(&new, &self.path).map_err(at(&self.path))
    }

    /// Writes the entry of this key at byte `length` of the chain.
    fn enter(&self, signer: &SigningKey, length: u64) -> Result<(), EvidenceError> {
        let entry = format!("{}\n", self.note(self.epoch.text(), signer));
        let written = || {
            let file = OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o644)
                .open(&self.chain)?;
            let entered = file
                .write_all_at(entry.as_bytes(), length)
                .and_then(|()| file.sync_all())
                .and_then(|()| sync_directory(&self.chain));
            if entered.is_err() {
                // Half an entry is none; if this fails too, the next entry overwrites it.
                let _still_there = file.set_len(length);
            }
            entered
        };
        written().map_err(at(&self.chain))
    }

    fn note(&self, text: String, signer: &SigningKey) -> Note {
        let signatures = vec![sign(&self.epoch.begin.origin, signer, &text)];
        Note { text, signatures }
    }

    fn new_path(&self) -> PathBuf {
        self.path.with_extension("new")
    }

    fn write_new(&self) -> Result<(), EvidenceError> {
        let new = self.new_path();
        let write = || {
            destroy(&new)?;
            let mut text = Zeroizing::new(String::with_capacity(128));
            text.push_str(HEADER);
            for byte in Zeroizing::new(self.key.to_bytes()).iter() {
                for digit in [byte >> 4, byte & 15] {
                    text.extend(char::from_digit(u32::from(digit), 16));
                }
            }
            text.push('\n');
            let mut file = OpenOptions::new()
                .write(true)
                .create_new(true)
                .mode(0o600)
                .open(&new)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().map_err(at(&new))
    }
}

fn fresh() -> Result<SigningKey, EvidenceError> {
    let mut secret = Zeroizing::new([0; 32]);
    getrandom::fill(&mut secret[..]).map_err(EvidenceError::Random)?;
    Ok(SigningKey::from_bytes(&secret))
}

/// The key in a file; `None` when there is no such file, or something else is in it.
fn read(path: &Path) -> Result<Option<SigningKey>, EvidenceError> {
    let text = match fs::read(path) {
        Ok(text) => Zeroizing::new(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(at(path)(error)),
    };
    let digits = text.strip_prefix(HEADER.as_bytes());
    let digits = digits.and_then(|digits| digits.strip_suffix(b"\n"));
    let secret = digits
        .and_then(varistor_audit::json::unhex)
        .map(Zeroizing::new);
    Ok(secret.map(|secret| SigningKey::from_bytes(&secret)))
}

/// Puts `new` in the place of `path`, whose bytes are overwritten before.
fn replace(new: &Path, path: &Path) -> io::Result<()> {
    overwrite(path)?;
    fs::rename(new, path)?;
    sync_directory(path)
}

fn destroy(path: &Path) -> io::Result<()> {
    overwrite(path)?;
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn overwrite(path: &Path) -> io::Result<()> {
    let file = match OpenOptions::new().write(true).open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let length = usize::try_from(file.metadata()?.len())
        .unwrap_or(0)
        .min(4096);
    file.write_all_at(&vec![0; length], 0)?;
    file.sync_all()
}

pub(crate) fn sync_directory(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) => File::open(parent)?.sync_all(),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;
