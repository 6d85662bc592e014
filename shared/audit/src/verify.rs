//! Checks a log from its first line to its last: numbers without gaps, each line chained to the one
//! before, every line JSON in its form.
//!
//! It finds an edit, a deletion, an insertion and a reordering by anyone who did not recompute the
//! hashes of everything behind. It can't find a truncated tail, a change to the very last line or a
//! rewritten log: those need the signed checkpoints.
//!
//! Memory: one line and a bounded set of calls without a result. Segments may replace the end of
//! the one before: after a disk failure the writer begins a new segment with the first line that
//! was not synced, so those lines stand twice, byte for byte the same.

mod pending;
mod problem;
mod walk;

use std::io::{self, BufRead};
use std::path::Path;

pub use problem::{Problem, ProblemKind};

use crate::{SegmentName, segments};

/// Where a log is expected to begin.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Start {
    /// With line 0.
    Genesis,
    /// Right behind a line that is known: its number and hash (older segments were retired).
    After(u64, [u8; 32]),
    /// Anywhere: nothing says what was before.
    Anywhere,
}

/// The largest body that policy can ask for, and the rest of its record.
const LINE_BYTES_MAX: u64 = varistor_model::limits::BODY_BYTES_MAX as u64 + (1 << 20);

/// How to verify.
#[derive(Clone, Copy, Debug)]
pub struct VerifyOptions {
    /// Where the log is expected to begin.
    pub start: Start,
    /// Most problems that are listed; all are counted.
    pub problems_max: usize,
    /// Longest line that is read, in bytes; a longer one is a problem.
    pub line_bytes_max: u64,
}

impl Default for VerifyOptions {
    fn default() -> Self {
        Self {
            start: Start::Genesis,
            problems_max: 100,
            line_bytes_max: LINE_BYTES_MAX,
        }
    }
}

/// How far verification is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Lines read.
    pub lines: u64,
    /// Bytes read.
    pub bytes: u64,
}

/// Who is shown the lines.
pub type Watch<'w> = &'w mut dyn FnMut(u64, &[u8]);

/// What verification found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Segments read.
    pub segments: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Lines of the log; lines that a later segment repeats count once.
    pub records: u64,
    /// The first line's number.
    pub first_seq: Option<u64>,
    /// The last line's number.
    pub last_seq: Option<u64>,
    /// The hash of the last line: what the next one will be chained to.
    pub head: [u8; 32],
    /// What is wrong, in the order of the log, the first [`VerifyOptions::problems_max`] of them.
    pub problems: Vec<Problem>,
    /// How many problems there are.
    pub problem_count: u64,
    /// The unfinished line at the very end, as a crash leaves it.
    pub torn: Option<Torn>,
    /// Lines whose time is before the line's before them. Not tampering by itself.
    pub time_backwards: u64,
    /// Lines at the end of a segment that the next one repeats, as after a disk failure.
    pub superseded: u64,
    /// Calls that were let through and have no result: whether they ran is not known.
    pub outcome_unknown: u64,
}

/// An unfinished last line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Torn {
    /// The segment that it ends.
    pub segment: SegmentName,
    /// Where it begins, in bytes.
    pub offset: u64,
    /// How long it is, in bytes.
    pub bytes: u64,
}

impl Report {
    /// The number of the first line that is not what was written, or is missing.
    #[must_use]
    pub fn first_bad(&self) -> Option<u64> {
        self.problems.iter().map(|problem| problem.index).min()
    }

    /// Whether nothing is wrong; an unfinished last line is not wrong, see [`Report::torn`].
    #[must_use]
    pub const fn is_sound(&self) -> bool {
        self.problem_count == 0
    }
}

/// The calls that the last run of a log let through and that have no result, oldest first: whether
/// they ran is not known. Looks at whole segments from the end, `bytes_max` of them at most but the
/// last one in any case.
///
/// # Errors
/// When a segment can't be read.
pub fn unanswered(dir: &Path, bytes_max: u64) -> io::Result<Vec<u64>> {
    let (mut names, mut bytes) = (Vec::new(), 0_u64);
    for name in segments::list(dir)?.into_iter().rev() {
        bytes = bytes.saturating_add(std::fs::metadata(dir.join(name.to_string()))?.len());
        if !names.is_empty() && bytes > bytes_max {
            break;
        }
        names.push(name);
    }
    let mut pending = pending::Pending::default();
    for name in names.into_iter().rev() {
        let (_, mut reader) = segments::reader(dir, name)?;
        let mut line = Vec::new();
        while reader.read_until(b'\n', &mut line)? > 0 {
            // A line that can't be read is for verification to tell.
            if let Some(Ok(read)) = line.strip_suffix(b"\n").map(crate::Line::read) {
                pending.line(&read);
            }
            line.clear();
        }
    }
    Ok(pending.open_calls())
}

/// Verifies the segments of one log, given in their order (see [`crate::segments::readers`]).
/// `progress` is told every few mebibytes.
///
/// # Errors
/// When a segment can't be opened or read; never because of what it contains.
pub fn verify<R: BufRead>(
    segments: impl IntoIterator<Item = io::Result<(SegmentName, R)>>,
    options: &VerifyOptions,
    progress: impl FnMut(Progress),
) -> io::Result<Report> {
    verify_watched(segments, options, progress, &mut |_, _| {})
}

/// Like [`verify()`], and shows each line that takes a place in the log to `watch`: the number that
/// belongs there and the line without its newline. Lines that a later segment repeats are shown
/// there only; an unfinished last line is not shown.
///
/// # Errors
/// As of [`verify()`].
pub fn verify_watched<R: BufRead>(
    segments: impl IntoIterator<Item = io::Result<(SegmentName, R)>>,
    options: &VerifyOptions,
    mut progress: impl FnMut(Progress),
    watch: Watch<'_>,
) -> io::Result<Report> {
    let mut walk = walk::Walk::new(options, watch);
    let mut segments = segments.into_iter().peekable();
    while let Some(segment) = segments.next() {
        let (name, mut reader) = segment?;
        let next = match segments.peek() {
            Some(Ok((next, _))) => Some(*next),
            _ => None,
        };
        walk.segment(name, next, &mut reader, &mut progress)?;
    }
    Ok(walk.finish())
}
