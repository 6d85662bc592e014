//! What can go wrong while a log is read, and what is found damaged in it.

use core::fmt;
use std::io;
use std::path::{Path, PathBuf};

use varistor_audit::SegmentName;

/// Damaged places that are listed; all are counted.
const LISTED_MAX: usize = 20;

/// Why a log could not be read, or what was read not be passed on.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A file or directory of the log.
    #[error("can't read {path}")]
    Read {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The log's directory has no segment.
    #[error("there is no record in {0}; a gateway's log has files named NUMBER.jsonl")]
    Empty(PathBuf),
    /// Where the results go.
    #[error("can't write the result")]
    Write(#[from] io::Error),
    /// There is no such record.
    #[error("there is no record {seq} in the log; it has {first} to {last}")]
    Missing {
        /// The number that was asked for.
        seq: u64,
        /// The first number there is.
        first: u64,
        /// The last number there is.
        last: u64,
    },
    /// The record is there, but damaged.
    #[error("record {0} can't be read: its line is damaged; `varictl audit verify` says more")]
    Damaged(u64),
    /// The writer of Parquet files.
    #[error("can't write the Parquet file")]
    Parquet(#[source] parquet::errors::ParquetError),
}

impl Problem {
    /// For `map_err`: reading this failed.
    pub(crate) fn reading(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Read { path, source }
    }
}

/// What is wrong with a place in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The segment.
    pub segment: SegmentName,
    /// Where the line begins in it, in bytes.
    pub offset: u64,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            segment,
            offset,
            what,
        } = self;
        write!(f, "{segment}, byte {offset}: {what}")
    }
}

/// The damaged places that were met: the first of them, and how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Damages {
    /// The first of them, in the order in which they were met.
    pub listed: Vec<Damage>,
    /// All of them.
    pub count: u64,
}

impl Damages {
    pub(crate) fn add(&mut self, segment: SegmentName, offset: u64, what: impl fmt::Display) {
        self.count = self.count.saturating_add(1);
        if self.listed.len() < LISTED_MAX {
            let what = what.to_string();
            self.listed.push(Damage {
                segment,
                offset,
                what,
            });
        }
    }
}
