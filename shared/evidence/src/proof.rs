//! Proofs that anybody can check offline that a record is in the log (C2SP tlog-proof).
//!
//! The record itself travels as the proof's extra data, so that one file is all it takes. What it
//! says counts because its hash leads to the signed root.

use core::fmt;
use std::io;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{self, Checkpoint, decimal};
use crate::levels::Levels;
use crate::lines;
use crate::merkle::{self, Hash, included, inclusion, leaf_hash};
use crate::note::Note;

/// The first line.
const HEADER: &str = "c2sp.org/tlog-proof@v1";

/// A proof of one record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The record, as its line stands in the log, without the newline.
    pub record: Vec<u8>,
    /// Its number.
    pub index: u64,
    /// From its sibling's hash up to the root's child.
    pub path: Vec<Hash>,
    /// A signed head that it is in.
    pub note: Note,
}

/// Why a record can't be proved.
#[derive(Debug, thiserror::Error)]
pub enum Unproved {
    /// A file can't be read.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// There is no such record.
    #[error("the log has no record {0} (it was never written, or its segment was retired)")]
    Absent(u64),
    /// The head does not go as far.
    #[error("record {0} is not signed yet; a running gateway signs within about a second")]
    Unsigned(u64),
    /// The tree does not lead to the head.
    #[error(
        "the tree beside the log does not lead from record {0} to the signed head: the record or \
         the tree was changed; `varictl audit verify` tells which"
    )]
    Untrue(u64),
}

impl Proof {
    /// Proves record `index` of the log in `dir` under a signed head.
    ///
    /// # Errors
    /// When the record or its hashes are not there, or don't lead to the head.
    pub fn make(dir: &Path, index: u64, note: Note) -> Result<Self, Unproved> {
        let head = Checkpoint::parse(&note.text).ok_or(Unproved::Unsigned(index))?;
        let record = lines::line(dir, index)?.ok_or(Unproved::Absent(index))?;
        if index >= head.size {
            return Err(Unproved::Unsigned(index));
        }
        let levels = Levels::open(dir)?;
        let path = inclusion(&levels, index, head.size)?;
        let leaf = leaf_hash(&record);
        if !included(&leaf, index, head.size, &path, &head.root) {
            return Err(Unproved::Untrue(index));
        }
        Ok(Self {
            record,
            index,
            path,
            note,
        })
    }

    /// The head, if the record is proved to be in it. Who signed the head is to be asked next.
    #[must_use]
    pub fn check(&self) -> Option<Checkpoint> {
        let head = Checkpoint::parse(&self.note.text)?;
        let leaf = leaf_hash(&self.record);
        included(&leaf, self.index, head.size, &self.path, &head.root).then_some(head)
    }

    /// Reads a proof.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (proof, note) = text.split_once("\n\n")?;
        let mut lines = proof.split('\n');
        (lines.next()? == HEADER).then_some(())?;
        let record = STANDARD
            .decode(lines.next()?.strip_prefix("extra ")?)
            .ok()?;
        let index = decimal(lines.next()?.strip_prefix("index ")?)?;
        let path: Option<Vec<_>> = lines.map(checkpoint::hash).collect();
        let path = path.filter(|path| path.len() < 64)?;
        Some(Self {
            record,
            index,
            path,
            note: Note::parse(note)?,
        })
    }
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let extra = STANDARD.encode(&self.record);
        writeln!(f, "{HEADER}\nextra {extra}\nindex {}", self.index)?;
        for hash in &self.path {
            writeln!(f, "{}", checkpoint::base64(hash))?;
        }
        write!(f, "\n{}", self.note)
    }
}

/// The proof that a head of the log goes on from its first `old` lines, for a witness.
///
/// # Errors
/// When the hashes are not there.
pub fn consistency(dir: &Path, old: u64, size: u64) -> io::Result<Vec<Hash>> {
    merkle::consistency(&Levels::open(dir)?, old, size)
}
