//! Where a starting gateway goes on: locks the directory, cuts a torn tail, finds the last line.
//!
//! It refuses a directory that another ledger has open, one that others may write to, and a log
//! whose last whole line can't be read (only an unfinished line is what a crash leaves).

use std::fs::{self, DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, FileExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use std::path::{Path, PathBuf};

use varistor_audit::segments::{End, list};
use varistor_audit::{Chain, Event, Head, SegmentName, digest};

use crate::disk::{Directory, Disk};
use crate::journal::Beginning;

/// Most calls without a result that are named.
const UNANSWERED_MAX: usize = 1_000;
/// How far back calls without a result are looked for; a call lasts minutes at most.
const UNANSWERED_BYTES_MAX: u64 = 128 << 20;

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
    let mut chain = Chain::genesis();
    for name in names.iter().rev() {
        let path = dir.join(name.to_string());
        repair(&path, &mut notices).map_err(at(&path))?;
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
    // On a disk that is nearly full there is none, and then a full one denies everything.
    directory.keep_reserve();
    let bytes = fs::metadata(&path).map_err(at(&path))?.len();
    // An empty segment is gone on with only if its name says that it continues the log.
    if (bytes == 0 && name.0 != chain.next_seq()) || name.0 > chain.next_seq() {
        return Err(LedgerError::Damaged(path));
    }
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

/// Cuts an unfinished last line off and keeps it in `<segment>.torn`, behind earlier ones.
///
/// A power cut may also leave zeros where unsynced lines were; from the first line that has them
/// on, nothing was ever synced, and no line of ours contains one.
fn repair(path: &Path, notices: &mut Vec<Vec<u8>>) -> io::Result<()> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let length = file.metadata()?.len();
    let whole = match first_zero(&file)? {
        Some(zero) => line_start(&file, zero)?,
        None => length.saturating_sub(End::read(&file, 1)?.torn().len() as u64),
    };
    let torn_bytes = length.saturating_sub(whole);
    if torn_bytes == 0 {
        return Ok(());
    }
    let mut torn = vec![0; usize::try_from(torn_bytes).map_err(io::Error::other)?];
    file.read_exact_at(&mut torn, whole)?;
    let mut kept = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path.with_extension("jsonl.torn"))?;
    kept.write_all(&torn)?;
    kept.write_all(b"\n")?;
    kept.sync_all()?;
    file.set_len(whole)?;
    file.sync_all()?;
    let mut notice = Vec::new();
    Event::Repaired {
        segment: &path.file_name().unwrap_or_default().to_string_lossy(),
        torn_bytes,
    }
    .write(&mut notice);
    notices.push(notice);
    Ok(())
}

fn first_zero(file: &File) -> io::Result<Option<u64>> {
    let (mut chunk, mut offset) = (vec![0; 1 << 20], 0);
    loop {
        let count = file.read_at(&mut chunk, offset)?;
        let read = chunk.get(..count).unwrap_or_default();
        if let Some(place) = read.iter().position(|byte| *byte == 0) {
            return Ok(Some(offset + place as u64));
        }
        if count == 0 {
            return Ok(None);
        }
        offset += count as u64;
    }
}

/// Where the line begins that holds the byte at `place`.
fn line_start(file: &File, place: u64) -> io::Result<u64> {
    let mut before = vec![0; usize::try_from(place).map_err(io::Error::other)?];
    file.read_exact_at(&mut before, 0)?;
    let newline = before.iter().rposition(|byte| *byte == b'\n');
    Ok(newline.map_or(0, |newline| newline as u64 + 1))
}

fn at(path: &Path) -> impl Fn(io::Error) -> LedgerError {
    let path = path.to_owned();
    move |error| LedgerError::Path {
        path: path.clone(),
        error,
    }
}
