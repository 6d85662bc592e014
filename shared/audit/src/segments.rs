//! The files of a log: how segments are named, listed, opened and read from their end.
//!
//! A segment is `<number of its first line, 20 digits>.jsonl`, so that names sort as lines do.
//! Anything else in the directory (`.torn` remains, the lock, a `.new` segment) is no segment.

mod follow;

use core::fmt;
use std::fs::{self, File};
use std::io::{self, BufReader};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

pub use follow::Follower;

use crate::line::{Head, seq_of};

/// The ending of a segment's file name.
pub const EXTENSION: &str = "jsonl";
/// First window that is read at the end of a file; doubled until it holds enough lines.
const WINDOW_BYTES: u64 = 64 * 1024;

/// A segment's name: the number of the first line in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SegmentName(pub u64);

impl SegmentName {
    /// The segment with this file name, if it is one.
    #[must_use]
    pub fn parse(file_name: &str) -> Option<Self> {
        let digits = file_name.strip_suffix(".jsonl")?;
        if digits.len() != 20 {
            return None;
        }
        let significant = digits.trim_start_matches('0');
        if significant.is_empty() {
            return Some(Self(0));
        }
        seq_of(significant.as_bytes()).map(Self)
    }
}

impl fmt::Display for SegmentName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:020}.{EXTENSION}", self.0)
    }
}

/// The segments in `dir`, in the order of their lines.
///
/// # Errors
/// When the directory can't be read.
pub fn list(dir: &Path) -> io::Result<Vec<SegmentName>> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir)? {
        names.extend(entry?.file_name().to_str().and_then(SegmentName::parse));
    }
    names.sort_unstable();
    Ok(names)
}

/// Opens every segment in turn, as [`crate::verify()`] wants them.
///
/// # Errors
/// When the directory can't be read; a segment that can't be opened is an error of its item.
pub fn readers(
    dir: &Path,
) -> io::Result<impl Iterator<Item = io::Result<(SegmentName, BufReader<File>)>>> {
    let (dir, names) = (dir.to_owned(), list(dir)?);
    Ok(names.into_iter().map(move |name| reader(&dir, name)))
}

/// Opens one segment, as [`crate::verify()`] wants it.
///
/// # Errors
/// When it can't be opened.
pub fn reader(dir: &Path, name: SegmentName) -> io::Result<(SegmentName, BufReader<File>)> {
    let file = File::open(dir.join(name.to_string()))?;
    Ok((name, BufReader::with_capacity(256 * 1024, file)))
}

/// The last lines of a log in `dir`, at most `count`, oldest first, each with its newline. An
/// unfinished last line is left out, and so are lines that a later segment replaces.
///
/// # Errors
/// When the directory or a segment can't be read.
pub fn last_lines(dir: &Path, count: usize) -> io::Result<Vec<Vec<u8>>> {
    let mut lines: Vec<Vec<u8>> = Vec::new();
    let mut limit = u64::MAX;
    for name in list(dir)?.into_iter().rev() {
        let missing = count.saturating_sub(lines.len());
        if missing == 0 {
            break;
        }
        let end = End::read(&File::open(dir.join(name.to_string()))?, missing)?;
        let before = end
            .lines()
            .rev()
            .filter(|line| Head::read(line).is_none_or(|head| head.seq < limit));
        lines.extend(before.take(missing).map(<[u8]>::to_vec));
        limit = name.0;
    }
    lines.reverse();
    Ok(lines)
}

/// The end of a segment: its last whole lines and what stands behind the last newline.
#[derive(Debug)]
pub struct End {
    /// The bytes from the first whole line that was read to the end of the file.
    bytes: Vec<u8>,
    /// Where `bytes` begin in the file.
    pub start: u64,
    /// Relation: `whole <= bytes.len()`, and `bytes[..whole]` is empty or ends in a newline.
    whole: usize,
}

impl End {
    /// Reads at least the last `count` whole lines, or all there are.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn read(file: &File, count: usize) -> io::Result<Self> {
        let length = file.metadata()?.len();
        let mut window = WINDOW_BYTES;
        loop {
            let start = length.saturating_sub(window);
            let bytes = usize::try_from(length.saturating_sub(start)).map_err(io::Error::other)?;
            let mut bytes = vec![0; bytes];
            file.read_exact_at(&mut bytes, start)?;
            // The first line of a window may have begun before it.
            let newlines = bytes.iter().filter(|byte| **byte == b'\n').count();
            if start == 0 || newlines > count {
                return Ok(Self::of(bytes, start));
            }
            window = window.saturating_mul(2);
        }
    }

    fn of(mut bytes: Vec<u8>, mut start: u64) -> Self {
        if start > 0 {
            let cut = bytes.iter().position(|byte| *byte == b'\n');
            let cut = cut.map_or(bytes.len(), |newline| newline.saturating_add(1));
            bytes.drain(..cut);
            start = start.saturating_add(cut as u64);
        }
        let last = bytes.iter().rposition(|byte| *byte == b'\n');
        Self {
            whole: last.map_or(0, |newline| newline.saturating_add(1)),
            bytes,
            start,
        }
    }

    /// The whole lines, oldest first, each with its newline.
    pub fn lines(&self) -> impl DoubleEndedIterator<Item = &[u8]> {
        let whole = self.bytes.get(..self.whole).unwrap_or_default();
        whole.split_inclusive(|byte| *byte == b'\n')
    }

    /// What stands behind the last newline.
    #[must_use]
    pub fn torn(&self) -> &[u8] {
        self.bytes.get(self.whole..).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Chain;

    /// Segments of `per_segment` lines each, with `total` lines in all.
    pub(super) fn log(dir: &Path, total: u64, per_segment: u64) {
        let mut chain = Chain::genesis();
        for first in (0..total).step_by(per_segment as usize) {
            let mut bytes = Vec::new();
            for seq in first..total.min(first + per_segment) {
                chain.next_line(seq, b",\"kind\":\"x\"}", &mut bytes);
            }
            fs::write(dir.join(SegmentName(first).to_string()), bytes).unwrap();
        }
    }

    pub(super) fn seqs(lines: &[Vec<u8>]) -> Vec<u64> {
        lines
            .iter()
            .map(|line| Head::read(line).unwrap().seq)
            .collect()
    }

    #[test]
    fn names_lead_back_and_sort_like_their_lines() {
        for seq in [0, 7, 10_000_000, u64::MAX] {
            assert_eq!(
                SegmentName::parse(&SegmentName(seq).to_string()),
                Some(SegmentName(seq))
            );
        }
        for other in [
            ".lock",
            "00000000000000000000.jsonl.new",
            "00000000000000000000.torn",
            "0000000000000000000.jsonl",
            "99999999999999999999.jsonl",
            "+0000000000000000001.jsonl",
        ] {
            assert_eq!(SegmentName::parse(other), None, "{other}");
        }
    }

    #[test]
    fn the_last_lines_are_found_across_segments() {
        let dir = tempfile::tempdir().unwrap();
        log(dir.path(), 25, 10);
        assert_eq!(
            seqs(&last_lines(dir.path(), 7).unwrap()),
            (18..25).collect::<Vec<_>>()
        );
        assert_eq!(last_lines(dir.path(), 100).unwrap().len(), 25);
        assert!(last_lines(dir.path(), 0).unwrap().is_empty());
    }

    #[test]
    fn a_window_that_begins_inside_a_line_is_widened() {
        let dir = tempfile::tempdir().unwrap();
        log(dir.path(), 3_000, 3_000);
        let lines = last_lines(dir.path(), 2_000).unwrap();
        assert_eq!(seqs(&lines), (1_000..3_000).collect::<Vec<_>>());
    }

    #[test]
    fn torn_and_replaced_lines_are_left_out() {
        let dir = tempfile::tempdir().unwrap();
        log(dir.path(), 20, 10);
        let first = dir.path().join(SegmentName(0).to_string());
        let second = dir.path().join(SegmentName(10).to_string());
        let replaced = [fs::read(&first).unwrap(), fs::read(&second).unwrap()].concat();
        fs::write(&first, replaced).unwrap();
        let torn = [&fs::read(&second).unwrap()[..], b"{\"seq\":20,"].concat();
        fs::write(&second, torn).unwrap();
        assert_eq!(
            seqs(&last_lines(dir.path(), 15).unwrap()),
            (5..20).collect::<Vec<_>>()
        );
        let end = End::read(&File::open(&second).unwrap(), 1).unwrap();
        assert_eq!(end.torn(), b"{\"seq\":20,");
    }
}
