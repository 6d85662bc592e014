//! The writing side: takes lines once they are synced, and signs what they come to.
//!
//! **Invariant:** every head that is signed goes on from all that were signed before. A book is
//! opened only when the last signed heads that are known (of the checkpoints, of the chain of keys,
//! and a copy kept elsewhere) are heads of the very lines that are there.

mod recover;

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use varistor_audit::SegmentName;

use crate::error::{EvidenceError, at};
use crate::heads;
use crate::keychain::{Epoch, Keychain};
use crate::keyring::Keyring;
use crate::levels::Growing;
use crate::merkle::leaf_hash;
use crate::note::Note;

/// Longest time that one key signs, in nanoseconds.
pub const EPOCH_NS: u64 = 15 * 60 * 1_000_000_000;

/// Where the private side of a log's evidence is.
#[derive(Clone, Debug)]
pub struct Signing {
    /// The key in force; made when the log has none.
    pub key: PathBuf,
    /// A copy of the newest head, better not in the log's own directory: it shows that the log was
    /// restored from an old copy.
    pub head: PathBuf,
}

/// The open evidence of a log.
pub struct Book {
    dir: PathBuf,
    /// The first key's text.
    anchor: String,
    tree: Growing,
    ring: Keyring,
    segment: SegmentName,
    /// The segment's file of heads, once there is one, and how long it is.
    file: Option<File>,
    length: u64,
    /// Lines of the newest head.
    signed: u64,
    /// The number of the key that signed the newest head of this run.
    signed_by: Option<u64>,
    head: PathBuf,
    /// Whether this start made the first key.
    pub is_new: bool,
}

impl Book {
    /// Opens the evidence of the log in `dir`, which has `records` lines, the last of them in
    /// `segment`, all synced. Lines that the tree does not have are read.
    ///
    /// # Errors
    /// When files can't be used, or the log is not what was signed.
    pub fn open(
        dir: &Path,
        signing: &Signing,
        (records, segment): (u64, SegmentName),
        unix_ns: u64,
    ) -> Result<Self, EvidenceError> {
        let found = recover::signed(dir, signing)?;
        let tree = recover::tree(dir, records, &found.heads)?;
        let (ring, is_new) = match &found.chain {
            Some(chain) => (Keyring::open(dir, &signing.key, chain)?, false),
            None => (
                Keyring::create(dir, &signing.key, tree.frontier(), unix_ns)?,
                true,
            ),
        };
        let anchor = match found.chain.as_ref().and_then(Keychain::anchor) {
            Some(anchor) => anchor.to_string(),
            None => ring.epoch().key.to_string(),
        };
        let mut book = Self {
            dir: dir.to_owned(),
            anchor,
            tree,
            ring,
            segment,
            file: None,
            length: 0,
            signed: found.heads.last().map_or(0, |(size, _)| *size),
            signed_by: None,
            head: signing.head.clone(),
            is_new,
        };
        book.cut_torn_end()?;
        Ok(book)
    }

    /// How many lines there are.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.tree.frontier().size()
    }

    /// How many lines the newest head has.
    #[must_use]
    pub const fn signed(&self) -> u64 {
        self.signed
    }

    /// The key in force.
    #[must_use]
    pub const fn epoch(&self) -> &Epoch {
        self.ring.epoch()
    }

    /// The first key, which a verifier must know.
    #[must_use]
    pub fn anchor(&self) -> String {
        self.anchor.clone()
    }

    /// Whether a head would say something new: there are new lines, or there is a new key.
    #[must_use]
    pub fn has_news(&self) -> bool {
        self.signed != self.size() || self.signed_by != Some(self.epoch().number)
    }

    /// Takes a line, without its newline. It must be synced.
    pub fn append(&mut self, line: &[u8]) {
        self.tree.push(leaf_hash(line));
    }

    /// Signs the head of the lines so far, unless that would say nothing new.
    ///
    /// # Errors
    /// When it can't be written; it may be tried again.
    pub fn sign(&mut self) -> Result<(), EvidenceError> {
        if !self.has_news() {
            return Ok(());
        }
        self.tree.flush().map_err(at(&self.dir))?;
        let head = self.tree.frontier();
        let (size, note) = (head.size(), self.ring.sign(head.size(), head.root()));
        let path = heads::path(&self.dir, self.segment);
        self.write(&path, &note).map_err(at(&path))?;
        (self.signed, self.signed_by) = (size, Some(self.epoch().number));
        self.keep_copy(&note).map_err(at(&self.head))
    }

    /// The lines that follow stand in another segment.
    ///
    /// # Errors
    /// When the segment's last head can't be written or synced; the lines go on all the same.
    pub fn begin_segment(&mut self, segment: SegmentName) -> Result<(), EvidenceError> {
        if segment == self.segment {
            return Ok(());
        }
        let ended = self.sign().and_then(|()| self.sync());
        self.segment = segment;
        (self.file, self.length) = (None, 0);
        ended
    }

    /// Changes the key once its time is over.
    ///
    /// # Errors
    /// When files can't be written; the present key goes on.
    pub fn tend(&mut self, unix_ns: u64) -> Result<(), EvidenceError> {
        if unix_ns.saturating_sub(self.epoch().began_ns) < EPOCH_NS {
            return Ok(());
        }
        self.change_key(unix_ns)
    }

    /// Changes the key now.
    ///
    /// # Errors
    /// When files can't be written; the present key goes on.
    pub fn change_key(&mut self, unix_ns: u64) -> Result<(), EvidenceError> {
        // The old key's last word, so that no line waits for the new one.
        self.sign()?;
        self.ring.change(self.tree.frontier(), unix_ns)
    }

    /// Brings tree and heads to the device.
    ///
    /// # Errors
    /// When they can't be synced.
    pub fn sync(&self) -> Result<(), EvidenceError> {
        self.tree.sync().map_err(at(&self.dir))?;
        match &self.file {
            Some(file) => file.sync_data().map_err(at(&self.dir)),
            None => Ok(()),
        }
    }

    fn write(&mut self, path: &Path, note: &Note) -> io::Result<()> {
        let text = format!("{note}\n");
        let file = match self.file.take() {
            Some(file) => file,
            None => OpenOptions::new()
                .write(true)
                .create(true)
                .truncate(false)
                .mode(0o600)
                .open(path)?,
        };
        let written = file.write_all_at(text.as_bytes(), self.length);
        if written.is_ok() {
            self.length = self.length.saturating_add(text.len() as u64);
        } else {
            // Half a note is none; the next one is written over it if this fails too.
            let _still_there = file.set_len(self.length);
        }
        self.file = Some(file);
        written
    }

    fn keep_copy(&self, note: &Note) -> io::Result<()> {
        let new = self.head.with_extension("new");
        std::fs::write(&new, note.to_string())?;
        std::fs::rename(&new, &self.head)
    }

    /// The newest file of heads may end in half a note, or in what a power cut left of several. It
    /// is not always that of the last segment, which may have none yet.
    fn cut_torn_end(&mut self) -> Result<(), EvidenceError> {
        let newest = heads::list(&self.dir).map_err(at(&self.dir))?.pop();
        let Some(newest) = newest else { return Ok(()) };
        let path = heads::path(&self.dir, newest);
        let (file, length) = cut_torn(&path, newest == self.segment).map_err(at(&path))?;
        if newest == self.segment {
            (self.file, self.length) = (file, length);
        }
        Ok(())
    }
}

/// Cuts what a crash left behind the last whole note; it goes to `<file>.torn`. Damage of another
/// kind stays for verification to tell. Returns the file, if it is to be written, and its length.
fn cut_torn(path: &Path, is_written: bool) -> io::Result<(Option<File>, u64)> {
    let bytes = std::fs::read(path)?;
    let mut notes = heads::Notes::new(bytes.as_slice());
    let end = loop {
        match notes.read()? {
            Some(heads::Found::Note(_)) => {}
            end => break end,
        }
    };
    let whole = usize::try_from(notes.bytes()).map_err(io::Error::other)?;
    let rest = bytes.get(whole..).unwrap_or_default();
    let is_torn = end == Some(heads::Found::Torn) || rest.contains(&0);
    let open = || OpenOptions::new().write(true).open(path);
    if !is_torn {
        let file = is_written.then(open).transpose()?;
        return Ok((file, bytes.len() as u64));
    }
    let mut kept = path.as_os_str().to_owned();
    kept.push(".torn");
    let mut options = OpenOptions::new();
    let mut kept = options.append(true).create(true).mode(0o600).open(kept)?;
    kept.write_all(rest)?;
    kept.sync_all()?;
    let file = open()?;
    file.set_len(notes.bytes())?;
    Ok((Some(file), notes.bytes()))
}

#[cfg(test)]
mod tests;
