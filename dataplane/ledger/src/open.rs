//! Where a starting gateway goes on: locks the directory, cuts a torn tail, finds the last line.
//!
//! It refuses a directory that another ledger has open, one that others may write to, and a log
//! whose last whole line can't be read (only an unfinished line is what a crash leaves).

mod repair;
mod restore;

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use varistor_audit::segments::{End, list};
use varistor_audit::{Chain, Event, Head, SegmentName, digest};

use crate::disk::{Directory, Disk};
use crate::journal::Beginning;

/// Most calls without a result that are named.
const UNANSWERED_MAX: usize = 1_000;
/// How far back calls without a result are looked for; a call lasts minutes at most.
const UNANSWERED_BYTES_MAX: u64 = 128 << 20;

/// How many of the newest segments are looked at for lines that stand in the next one too.
const REPLACED_MAX: usize = 256;

/// Why a ledger can't be opened or closed.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The directory or a file in it can't be used.
    #[error("{path}: {error}; the audit log's directory must be readable and writable")]
    Path {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        error: io::Error,
    },
    /// Another ledger has the directory open.
    #[error("{0}: another gateway writes this audit log; stop it, or use another directory")]
    Locked(PathBuf),
    /// Others may write to the directory.
    #[error("{0}: others may write to it (mode {1:o}); the audit log needs `chmod 0700`")]
    Exposed(PathBuf, u32),
    /// The end of the log can't be read.
    #[error(
        "{0}: its last line is not a record of the audit log; run `varictl audit verify`, and move \
         the log aside to begin a new one"
    )]
    Damaged(PathBuf),
    /// What was written ahead goes on behind the segments' end.
    #[error(
        "{path}: its record {found} does not follow the end of the segments, where {expected} would \
         be next, which no crash explains; put the segments back that it belongs to, or move it \
         aside to go on without what it holds"
    )]
    Gap {
        /// The file that was written ahead.
        path: PathBuf,
        /// The first record in it that can't be placed.
        found: u64,
        /// The record that should come next.
        expected: u64,
    },
    /// The log is not what was signed, or its keys can't be used.
    #[error(transparent)]
    Evidence(#[from] varistor_evidence::EvidenceError),
    /// A thread can't be started.
    #[error("the audit log's thread can't be started: {0}")]
    Thread(io::Error),
    /// Records could not be synced before the end.
    #[error("the audit log's last records could not be synced: {0}")]
    Unsynced(io::Error),
}

/// Keeps other ledgers out while it lives.
pub(crate) struct Lock {
    _file: File,
}

pub(crate) struct Opened {
    pub(crate) lock: Lock,
    pub(crate) directory: Directory,
    pub(crate) beginning: Beginning<<Directory as Disk>::File>,
    pub(crate) notices: Vec<Vec<u8>>,
}

pub(crate) fn open(dir: &Path, room: u64) -> Result<Opened, LedgerError> {
    let lock = lock(dir)?;
    let mut directory = Directory::open(dir).map_err(at(dir))?;
    remove_unborn(dir).map_err(at(dir))?;
    let mut notices = Vec::new();
    let names = list(dir).map_err(at(dir))?;
    for pair in names.windows(2).rev().take(REPLACED_MAX) {
        if let &[name, next] = pair {
            repair::cut_replaced(dir, (name, next), &mut notices).map_err(at(dir))?;
        }
    }
    let mut chain = Chain::genesis();
    for name in names.iter().rev() {
        let path = dir.join(name.to_string());
        repair::repair(&path, &mut notices).map_err(at(&path))?;
        let end = File::open(&path).and_then(|file| End::read(&file, 1));
        let end = end.map_err(at(&path))?;
        if let Some(line) = end.lines().next_back() {
            let line = line.trim_ascii_end();
            let head = Head::read(line).ok_or_else(|| LedgerError::Damaged(path.clone()))?;
            chain = Chain::resume(head.seq, digest(line), head.time_ns);
            break;
        }
    }
    let name = names.last().copied().unwrap_or(SegmentName(0));
    let path = dir.join(name.to_string());
    let file = match names.is_empty() {
        true => directory.begin(name, [&[], &[]], room),
        false => directory.resume(name, room),
    };
    let file = file.map_err(at(&path))?;
    let bytes = fs::metadata(&path).map_err(at(&path))?.len();
    // An empty segment is gone on with only if its name says that it continues the log.
    if (bytes == 0 && name.0 != chain.next_seq()) || name.0 > chain.next_seq() {
        return Err(LedgerError::Damaged(path));
    }
    let bytes = restore::restore(
        (dir, &directory),
        (name, &file, bytes),
        &mut chain,
        &mut notices,
    )?;
    // On a disk that is nearly full there is none, and then a full one denies everything.
    directory.keep_reserve();
    note_unanswered(dir, &mut notices).map_err(at(dir))?;
    let beginning = Beginning {
        chain,
        name,
        file,
        bytes,
    };
    Ok(Opened {
        lock,
        directory,
        beginning,
        notices,
    })
}

/// Calls that the run before let through and never saw a result of are told in a record.
fn note_unanswered(dir: &Path, notices: &mut Vec<Vec<u8>>) -> io::Result<()> {
    let calls = varistor_audit::unanswered(dir, UNANSWERED_BYTES_MAX)?;
    if calls.is_empty() {
        return Ok(());
    }
    let newest = calls.len().saturating_sub(UNANSWERED_MAX);
    let mut notice = Vec::new();
    Event::OutcomeUnknown {
        count: calls.len() as u64,
        calls: calls.get(newest..).unwrap_or_default(),
    }
    .write(&mut notice);
    notices.push(notice);
    Ok(())
}

fn lock(dir: &Path) -> Result<Lock, LedgerError> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(dir)
        .map_err(at(dir))?;
    let mode = fs::metadata(dir).map_err(at(dir))?.permissions().mode() & 0o777;
    if mode & 0o022 != 0 {
        return Err(LedgerError::Exposed(dir.to_owned(), mode));
    }
    let path = dir.join(".lock");
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(&path)
        .map_err(at(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(Lock { _file: file }),
        Err(TryLockError::WouldBlock) => Err(LedgerError::Locked(dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(at(&path)(error)),
    }
}

/// Segments that a crash kept from being born hold nothing that is not elsewhere.
fn remove_unborn(dir: &Path) -> io::Result<()> {
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".jsonl.new") {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

fn at(path: &Path) -> impl Fn(io::Error) -> LedgerError {
    let path = path.to_owned();
    move |error| LedgerError::Path {
        path: path.clone(),
        error,
    }
}
