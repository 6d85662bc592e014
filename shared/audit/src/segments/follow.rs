//! Follows a log that is being written, over rotation and over segments that replace another's end.
//!
//! It shows whole lines only, each number once, in order. It waits for nothing: the caller polls.

use std::fs::{self, File};
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};

use super::{SegmentName, last_lines, list};
use crate::line::Head;

/// Most bytes read at once.
const CHUNK_BYTES: usize = 64 * 1024;

/// A place in a log that grows.
#[derive(Debug)]
pub struct Follower {
    dir: PathBuf,
    /// The number of the next line to show.
    next: u64,
    open: Option<(SegmentName, File)>,
    /// Where the next whole line begins in the open segment. What stands behind the last newline
    /// is read again each time: a restarted writer may have cut it off.
    offset: u64,
}

impl Follower {
    /// Follows the log in `dir`, beginning with its last `count` lines.
    ///
    /// # Errors
    /// When the directory or a segment can't be read.
    pub fn start(dir: &Path, count: usize) -> io::Result<Self> {
        let lines = last_lines(dir, count.max(1))?;
        let seq = |line: &Vec<u8>| Head::read(line).map(|head| head.seq);
        let next = match count {
            0 => lines.last().and_then(seq).map(|seq| seq.saturating_add(1)),
            _ => lines.iter().find_map(seq),
        };
        Ok(Self {
            dir: dir.to_owned(),
            next: next.unwrap_or(0),
            open: None,
            offset: 0,
        })
    }

    /// Shows every whole line that is new; returns how many.
    ///
    /// # Errors
    /// When the directory or a segment can't be read.
    pub fn poll(&mut self, mut show: impl FnMut(&[u8])) -> io::Result<usize> {
        let mut shown = 0;
        loop {
            // Listed before reading: a newer segment begins only when this one is complete.
            let newer = self.newer()?;
            shown = self.read(&mut show)?.saturating_add(shown);
            let Some(name) = newer else {
                return Ok(shown);
            };
            self.open = Some((name, File::open(self.dir.join(name.to_string()))?));
            self.offset = 0;
        }
    }

    /// The segment to go to: the one that holds the next line, once it is not the open one.
    fn newer(&self) -> io::Result<Option<SegmentName>> {
        let names = list(&self.dir)?;
        let current = self.open.as_ref().map(|(name, _)| *name);
        if let Some((name, file)) = &self.open
            && fs::metadata(self.dir.join(name.to_string()))?.ino() != file.metadata()?.ino()
        {
            // Written anew under the same name after a disk failure.
            return Ok(Some(*name));
        }
        let holder = names.iter().rfind(|name| name.0 <= self.next);
        let oldest = names.first().filter(|_| current.is_none());
        let after = names.iter().find(|name| Some(**name) > current);
        let target = match current {
            // Nothing is skipped silently: what follows the open segment is gone through in turn.
            Some(_) => after,
            None => holder.or(oldest),
        };
        Ok(target.copied())
    }

    fn read(&mut self, show: &mut impl FnMut(&[u8])) -> io::Result<usize> {
        let Some((_, file)) = &self.open else {
            return Ok(0);
        };
        let (mut shown, mut chunk, mut held) = (0_usize, vec![0; CHUNK_BYTES], Vec::new());
        loop {
            let count = file.read_at(&mut chunk, self.offset.saturating_add(held.len() as u64))?;
            if count == 0 {
                return Ok(shown);
            }
            held.extend_from_slice(chunk.get(..count).unwrap_or_default());
            let mut whole = 0_usize;
            for line in held
                .split_inclusive(|b| *b == b'\n')
                .filter(|l| l.ends_with(b"\n"))
            {
                whole = whole.saturating_add(line.len());
                let seq = Head::read(line).map(|head| head.seq);
                if seq.is_none_or(|seq| seq >= self.next) {
                    show(line);
                    shown = shown.saturating_add(1);
                }
                self.next = seq.map_or(self.next, |seq| self.next.max(seq.saturating_add(1)));
            }
            held.drain(..whole);
            self.offset = self.offset.saturating_add(whole as u64);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{log, seqs};
    use super::*;

    fn poll(follower: &mut Follower) -> Vec<u64> {
        let mut lines = Vec::new();
        let count = follower.poll(|line| lines.push(line.to_vec())).unwrap();
        assert_eq!(count, lines.len());
        seqs(&lines)
    }

    #[test]
    fn it_begins_with_the_last_lines_and_goes_over_rotations() {
        let (whole, live) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        log(whole.path(), 30, 10);
        let mut follower = Follower::start(live.path(), 3).unwrap();
        assert!(poll(&mut follower).is_empty());
        let copy = |seq: u64, lines: usize, torn: usize| {
            let name = SegmentName(seq).to_string();
            let bytes = fs::read(whole.path().join(&name)).unwrap();
            let ends: Vec<_> = (0..bytes.len()).filter(|i| bytes[*i] == b'\n').collect();
            fs::write(
                live.path().join(&name),
                &bytes[..ends[lines - 1] + 1 + torn],
            )
            .unwrap();
        };
        copy(0, 5, 20);
        assert_eq!(poll(&mut follower), [0, 1, 2, 3, 4]);
        copy(0, 10, 0);
        copy(10, 10, 0);
        copy(20, 4, 3);
        assert_eq!(poll(&mut follower), (5..24).collect::<Vec<_>>());
        assert!(poll(&mut follower).is_empty());
        copy(20, 10, 0);
        assert_eq!(poll(&mut follower), (24..30).collect::<Vec<_>>());
        let mut late = Follower::start(live.path(), 2).unwrap();
        assert_eq!(poll(&mut late), [28, 29]);
        let mut end = Follower::start(live.path(), 0).unwrap();
        assert!(poll(&mut end).is_empty());
    }

    #[test]
    fn a_cut_tail_and_a_segment_written_anew_are_noticed() {
        let (whole, live) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        log(whole.path(), 10, 10);
        let name = SegmentName(0).to_string();
        let bytes = fs::read(whole.path().join(&name)).unwrap();
        let line = bytes.len() / 10;
        let write = |torn: &[u8], lines: usize| {
            fs::write(
                live.path().join(&name),
                [&bytes[..lines * line], torn].concat(),
            )
            .unwrap();
        };
        write(b"{\"seq\":2,\"ti", 2);
        let mut follower = Follower::start(live.path(), 9).unwrap();
        assert_eq!(poll(&mut follower), [0, 1]);
        write(b"", 4);
        assert_eq!(poll(&mut follower), [2, 3]);
        fs::rename(whole.path().join(&name), live.path().join(&name)).unwrap();
        assert_eq!(poll(&mut follower), (4..10).collect::<Vec<_>>());
    }

    #[test]
    fn lines_that_a_later_segment_replaces_are_shown_once() {
        let dir = tempfile::tempdir().unwrap();
        log(dir.path(), 20, 10);
        let first = dir.path().join(SegmentName(0).to_string());
        let second = fs::read(dir.path().join(SegmentName(10).to_string())).unwrap();
        let both = [&fs::read(&first).unwrap()[..], &second[..second.len() / 2]].concat();
        fs::write(&first, both).unwrap();
        let mut follower = Follower::start(dir.path(), 100).unwrap();
        assert_eq!(poll(&mut follower), (0..20).collect::<Vec<_>>());
    }
}
