//! What keeps a log from being signed, in words for a person.

use std::io;
use std::path::{Path, PathBuf};

/// Why the evidence of a log can't be gone on with.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// A file can't be used.
    #[error("{path}: {error}")]
    Path {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// The file of keys can't be read or does not hold.
    #[error(
        "{0}: the chain of keys breaks at byte {1}; restore it from a copy; to begin a new \
         log, move its directory and the head kept elsewhere (state/audit-head) aside"
    )]
    Keychain(PathBuf, usize),
    /// The private key is not the one that the chain of keys ends in.
    #[error(
        "{0}: it is not the key that {1} ends in: one of the two was restored from an old copy or \
         is missing; restore both, or move the log aside to begin a new one"
    )]
    Key(PathBuf, PathBuf),
    /// The log is shorter than what was signed.
    #[error(
        "{path}: {signed} records were signed, but there are {found}: the log was cut off, or \
         restored from an old copy; run `varictl audit verify`; to begin a new log, move its \
         directory and the head kept elsewhere (state/audit-head) aside"
    )]
    Shorter {
        /// The log's directory.
        path: PathBuf,
        /// Records that were signed.
        signed: u64,
        /// Records that are there.
        found: u64,
    },
    /// The log is not what was signed.
    #[error(
        "{0}: among the first {1} records are some that were changed after they were signed; run \
         `varictl audit verify`; to begin a new log, move its directory and the head kept \
         elsewhere (state/audit-head) aside"
    )]
    Changed(PathBuf, u64),
    /// A head that none of the log's keys has signed.
    #[error(
        "{0}: a checkpoint there is not signed by the log's keys: it was changed, or the log was \
         restored from an old copy; run `varictl audit verify`; to begin a new log, move its \
         directory and the head kept elsewhere (state/audit-head) aside"
    )]
    Foreign(PathBuf),
    /// Lines that the tree needs were removed.
    #[error(
        "{0}: the tree (tree.0 and so on) is damaged, and records that it is made of were retired; \
         restore it from a copy"
    )]
    Unmade(PathBuf),
    /// The kernel gives no randomness.
    #[error("no random bytes for a new key: {0}")]
    Random(getrandom::Error),
}

pub(crate) fn at(path: &Path) -> impl Fn(io::Error) -> EvidenceError {
    let path = path.to_owned();
    move |error| EvidenceError::Path {
        path: path.clone(),
        error,
    }
}
