//! Segments whose time is over: removed once everything in them was checked, signed and, if asked
//! for, witnessed and archived. The tree stays, so that later records are proved as before.
//!
//! The file `retired` says up to which record that was done, so that a verifier can tell it from
//! segments that somebody took away. It is a statement, not a proof: who may delete segments may
//! write it.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use varistor_audit::{Head, SegmentName, VerifyOptions, segments, time};

use crate::checkpoint::decimal;
use crate::error::{EvidenceError, at};
use crate::keychain::Keychain;
use crate::note::VerifierKey;
use crate::verdict::{Extent, Known, verify};
use crate::{Checkpoint, heads, levels, lines, witnessed};

/// The name of the file.
const FILE: &str = "retired";

/// What to retire.
#[derive(Clone, Debug)]
pub struct Wish {
    /// Segments all of whose records were written before this, in nanoseconds since 1970.
    pub before_ns: u64,
    /// Where segments are copied first.
    pub archive: Option<PathBuf>,
    /// Witnesses that must have cosigned them.
    pub witnesses: Vec<VerifierKey>,
    /// Only say what would be done.
    pub is_rehearsal: bool,
}

/// Why nothing was retired.
#[derive(Debug, thiserror::Error)]
pub enum Kept {
    /// A file can't be used.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// The segments are not what was signed.
    #[error(
        "the segments are not what was signed; nothing was removed: run `varictl audit verify`"
    )]
    Tampered,
    /// Nothing was ever signed.
    #[error("the log is not signed; nothing was removed")]
    Unsigned,
}

/// What was retired.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Retired {
    /// The segments that were removed, or would be.
    pub segments: Vec<SegmentName>,
    /// The first record that is left.
    pub first: u64,
    /// Segments that are old enough, but not signed or witnessed to their end.
    pub waiting: usize,
}

/// Retires what is old enough.
///
/// # Errors
/// When a file can't be used, or the segments are not what was signed.
pub fn retire(dir: &Path, wish: &Wish, unix_ns: u64) -> Result<Retired, Kept> {
    let old = old(dir, wish.before_ns).map_err(at(dir))?;
    let mut retired = Retired {
        first: segments::list(dir)
            .map_err(at(dir))?
            .first()
            .map_or(0, |name| name.0),
        ..Retired::default()
    };
    let covered = covered(dir, wish)?;
    for (name, next) in old {
        if next > covered {
            retired.waiting = retired.waiting.saturating_add(1);
            continue;
        }
        retired.segments.push(name);
        retired.first = next;
    }
    let Some(last) = retired.segments.last() else {
        return Ok(retired);
    };
    let known = Known {
        witnesses: wish.witnesses.clone(),
        ..Known::default()
    };
    let options = VerifyOptions {
        start: varistor_audit::Start::Anywhere,
        ..VerifyOptions::default()
    };
    let extent = Extent {
        from: 0,
        to: last.0,
    };
    let verdict = verify(dir, &known, (extent, &options), |_| {}).map_err(at(dir))?;
    if verdict.is_tampered() {
        return Err(Kept::Tampered);
    }
    if !wish.is_rehearsal {
        remove(dir, wish, &retired, unix_ns)?;
    }
    Ok(retired)
}

/// Segments whose last record is older, each with the number that the next one begins with.
fn old(dir: &Path, before_ns: u64) -> io::Result<Vec<(SegmentName, u64)>> {
    let names = segments::list(dir)?;
    let mut old = Vec::new();
    for (name, next) in names.iter().zip(names.iter().skip(1)) {
        // Time never runs backwards, so the next segment's first record bounds this one's.
        let line = lines::line(dir, next.0)?;
        let head = line.as_deref().and_then(Head::read);
        if head.is_none_or(|head| head.time_ns >= before_ns) {
            break;
        }
        old.push((*name, next.0));
    }
    Ok(old)
}

/// How many records are signed, and witnessed if asked for.
fn covered(dir: &Path, wish: &Wish) -> Result<u64, Kept> {
    let chain = Keychain::load(dir)?.ok_or(Kept::Unsigned)?;
    let head = heads::last(dir).map_err(at(dir))?.and_then(|note| {
        let head = Checkpoint::parse(&note.text)?;
        chain.holds(&note, &head).then_some(head.size)
    });
    let signed = head.ok_or(Kept::Unsigned)?;
    if wish.witnesses.is_empty() {
        return Ok(signed);
    }
    let all = (&wish.witnesses[..], wish.witnesses.len());
    let cosigned = witnessed::newest(dir, &chain, all).map_err(at(dir))?;
    Ok(cosigned.map_or(0, |(head, _)| head.size).min(signed))
}

fn remove(dir: &Path, wish: &Wish, retired: &Retired, unix_ns: u64) -> Result<(), EvidenceError> {
    let files = |name: &SegmentName| {
        let segment = dir.join(name.to_string());
        [segment, heads::path(dir, *name)]
            .into_iter()
            .filter(|path| path.exists())
    };
    if let Some(archive) = &wish.archive {
        fs::create_dir_all(archive).map_err(at(archive))?;
        for path in retired.segments.iter().flat_map(files) {
            copy(&path, archive).map_err(at(&path))?;
        }
        for name in [crate::keychain::FILE, witnessed::FILE] {
            let path = dir.join(name);
            if path.exists() {
                copy(&path, archive).map_err(at(&path))?;
            }
        }
        File::open(archive)
            .and_then(|archive| archive.sync_all())
            .map_err(at(archive))?;
    }
    let path = dir.join(FILE);
    let when = time::text(unix_ns);
    let text = format!("{} {}\n", retired.first, String::from_utf8_lossy(&when));
    crate::witness::replace(&path, &text).map_err(at(&path))?;
    for path in retired.segments.iter().flat_map(files) {
        fs::remove_file(&path).map_err(at(&path))?;
    }
    levels::retire(dir, retired.first).map_err(at(dir))
}

fn copy(path: &Path, archive: &Path) -> io::Result<()> {
    let to = archive.join(path.file_name().unwrap_or_default());
    let mut file = File::create(&to)?;
    io::copy(&mut File::open(path)?, &mut file)?;
    file.flush()?;
    file.sync_all()
}

/// The first record that is left of what was retired, and when that was done, as RFC 3339.
///
/// # Errors
/// When the file can't be read.
pub fn read(dir: &Path) -> io::Result<Option<(u64, String)>> {
    let text = match fs::read_to_string(dir.join(FILE)) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error),
    };
    let words = text.trim_end().split_once(' ');
    Ok(words.and_then(|(first, when)| Some((decimal(first)?, when.to_owned()))))
}
