//! What is sent to a witness.

use core::fmt;

use crate::checkpoint::{self, decimal};
use crate::merkle::Hash;
use crate::note::Note;

/// Most lines of a consistency proof (C2SP tlog-witness).
const PROOF_LINES_MAX: usize = 63;

/// The body of `add-checkpoint`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// Size of the head that the witness is thought to remember.
    pub old: u64,
    /// That the new head goes on from that.
    pub proof: Vec<Hash>,
    /// The new head.
    pub note: Note,
}

impl AddCheckpoint {
    /// Reads a body.
    #[must_use]
    pub fn parse(body: &str) -> Option<Self> {
        let (front, note) = body.split_once("\n\n")?;
        let mut lines = front.split('\n');
        let old = decimal(lines.next()?.strip_prefix("old ")?)?;
        let proof: Option<Vec<_>> = lines.map(checkpoint::hash).collect();
        let proof = proof.filter(|proof| proof.len() <= PROOF_LINES_MAX)?;
        Some(Self {
            old,
            proof,
            note: Note::parse(note)?,
        })
    }
}

impl fmt::Display for AddCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        for hash in &self.proof {
            writeln!(f, "{}", checkpoint::base64(hash))?;
        }
        write!(f, "\n{}", self.note)
    }
}

/// The body of `add-keys`: entries of a log's chain of keys, from the one that the witness is
/// thought to lack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddKeys {
    /// The log's name.
    pub origin: String,
    /// The number of the first entry.
    pub from: u64,
    /// The entries, as they stand in the file `keychain`.
    pub entries: String,
}

impl AddKeys {
    /// Reads a body.
    #[must_use]
    pub fn parse(body: &str) -> Option<Self> {
        let (front, entries) = body.split_once("\n\n")?;
        let (from, origin) = front.strip_prefix("from ")?.split_once('\n')?;
        Some(Self {
            origin: origin.to_owned(),
            from: decimal(from)?,
            entries: entries.to_owned(),
        })
    }
}

impl fmt::Display for AddKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "from {}\n{}\n\n{}", self.from, self.origin, self.entries)
    }
}
