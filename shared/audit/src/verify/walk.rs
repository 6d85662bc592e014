//! The walk over the lines: what is expected next, and what a departure from it means.

use std::io::{self, BufRead, Read as _};

use super::pending::Pending;
use super::{Problem, ProblemKind, Progress, Report, Start, Torn, VerifyOptions, Watch};
use crate::{Flaw, Line, SegmentName, digest};

/// Bytes between two reports of progress.
const PROGRESS_BYTES: u64 = 8 << 20;

pub(super) struct Walk<'o> {
    options: &'o VerifyOptions,
    report: Report,
    pending: Pending,
    /// The number that the next line must have; `None` before the first line of a log that may
    /// begin anywhere.
    expected: Option<u64>,
    /// The hash that the next line must name; `None` when it can't be known.
    head: Option<[u8; 32]>,
    /// A line that named another hash than the line before it has. Which of the two was changed
    /// shows in the line behind.
    suspect: Option<Problem>,
    /// The last line that the present segment repeats: its number and hash.
    repeated: Option<(u64, [u8; 32])>,
    time_ns: u64,
    told_bytes: u64,
    segment: SegmentName,
    /// The segment that follows.
    next: Option<SegmentName>,
    offset: u64,
    watch: Watch<'o>,
}

/// How reading a line ended.
enum Read {
    Line,
    Torn,
    TooLong,
    End,
}

impl<'o> Walk<'o> {
    pub(super) fn new(options: &'o VerifyOptions, watch: Watch<'o>) -> Self {
        let (expected, head) = match options.start {
            Start::Genesis => (Some(0), Some([0; 32])),
            Start::After(seq, hash) => (Some(seq.saturating_add(1)), Some(hash)),
            Start::Anywhere => (None, None),
        };
        Self {
            options,
            report: Report::default(),
            pending: Pending::default(),
            expected,
            head,
            suspect: None,
            repeated: None,
            time_ns: 0,
            told_bytes: 0,
            segment: SegmentName(0),
            next: None,
            offset: 0,
            watch,
        }
    }

    /// Walks one segment; `next` is the one that follows.
    pub(super) fn segment<R: BufRead>(
        &mut self,
        name: SegmentName,
        next: Option<SegmentName>,
        reader: &mut R,
        progress: &mut impl FnMut(Progress),
    ) -> io::Result<()> {
        (self.segment, self.next, self.offset) = (name, next, 0);
        self.report.segments = self.report.segments.saturating_add(1);
        self.check_name(name);
        let mut fork = None;
        let mut line = Vec::new();
        loop {
            if next.is_some_and(|next| Some(next.0) == self.expected) && fork.is_none() {
                fork = Some(self.head);
            }
            line.clear();
            let read = self.read_line(reader, &mut line)?;
            match read {
                Read::End => break,
                Read::Line => self.line(&line),
                Read::TooLong => {
                    self.show(&line);
                    self.unreadable(ProblemKind::TooLong);
                    let skipped = reader.skip_until(b'\n')? as u64;
                    self.offset = self.offset.saturating_add(skipped);
                    self.report.bytes = self.report.bytes.saturating_add(skipped);
                }
                Read::Torn => self.torn(next, line.len() as u64),
            }
            self.offset = self.offset.saturating_add(line.len() as u64);
            self.report.bytes = self.report.bytes.saturating_add(line.len() as u64);
            if self.report.bytes.saturating_sub(self.told_bytes) >= PROGRESS_BYTES {
                self.told_bytes = self.report.bytes;
                progress(Progress {
                    lines: self.report.records,
                    bytes: self.report.bytes,
                });
            }
        }
        if let (Some(next), Some(head)) = (next, fork) {
            self.rewind(next.0, head);
        }
        Ok(())
    }

    pub(super) fn finish(mut self) -> Report {
        self.settle(true);
        self.report.last_seq = match self.report.records {
            0 => None,
            _ => self.expected.and_then(|next| next.checked_sub(1)),
        };
        self.report.head = self.head.unwrap_or_default();
        self.report.outcome_unknown = self.pending.count();
        self.report
    }

    fn read_line<R: BufRead>(&self, reader: &mut R, line: &mut Vec<u8>) -> io::Result<Read> {
        let limit = self.options.line_bytes_max.saturating_add(1);
        let count = reader.by_ref().take(limit).read_until(b'\n', line)?;
        if count == 0 {
            return Ok(Read::End);
        }
        if line.ends_with(b"\n") {
            return Ok(Read::Line);
        }
        Ok(if count as u64 == limit {
            Read::TooLong
        } else {
            Read::Torn
        })
    }

    /// A name that does not fit what came before; a gap is also told by the first line's number.
    fn check_name(&mut self, name: SegmentName) {
        match self.expected {
            None => self.expected = Some(name.0),
            Some(expected) if name.0 > expected => {
                self.settle(true);
                self.problem(expected, ProblemKind::Missing);
                (self.expected, self.head) = (Some(name.0), None);
            }
            Some(expected) if name.0 < expected => {
                self.problem(name.0, ProblemKind::Name { found: expected });
            }
            Some(_) => {}
        }
    }

    fn line(&mut self, with_newline: &[u8]) {
        let text = with_newline.strip_suffix(b"\n").unwrap_or(with_newline);
        self.show(text);
        let hash = digest(text);
        match Line::read(text) {
            Ok(line) => self.readable(&line, hash),
            Err(flaw) => self.unreadable(ProblemKind::Unreadable(flaw)),
        }
    }

    /// Shows a line, unless the next segment is to repeat it.
    fn show(&mut self, text: &[u8]) {
        let place = self.expected.unwrap_or(self.segment.0);
        if self.next.is_none_or(|next| place < next.0) {
            (self.watch)(place, text);
        }
    }

    fn readable(&mut self, line: &Line<'_>, hash: [u8; 32]) {
        let seq = line.head.seq;
        let expected = self.expected.unwrap_or(seq);
        let linked = self.head.is_none_or(|head| head == line.head.prev);
        let mut next = seq.saturating_add(1);
        if seq != expected {
            self.settle(true);
            self.problem(expected, ProblemKind::Seq { found: seq });
            if linked && self.head.is_some() {
                // Only the number was changed: this is the line that belongs here.
                next = expected.saturating_add(1);
            } else if seq < expected {
                // Put in between: the line that belongs here is still to come.
                return;
            }
        } else if linked {
            self.settle(true);
        } else if self.suspect.is_some() {
            // The line before is contradicted on both sides, so it is the one that was changed.
            self.settle(false);
        } else if self.report.records == 0 {
            self.problem(seq, ProblemKind::Unlinked);
        } else {
            self.suspect = Some(self.here(seq, ProblemKind::Unlinked));
        }
        if line.head.time_ns < self.time_ns {
            self.report.time_backwards = self.report.time_backwards.saturating_add(1);
        }
        self.time_ns = line.head.time_ns;
        if self
            .repeated
            .is_some_and(|(last, other)| last == seq && other != hash)
        {
            self.problem(seq, ProblemKind::Contradicted);
        }
        self.pending.line(line);
        self.report.first_seq.get_or_insert(seq);
        self.report.records = self.report.records.saturating_add(1);
        (self.expected, self.head) = (Some(next), Some(hash));
    }

    fn unreadable(&mut self, kind: ProblemKind) {
        self.settle(true);
        let index = self.expected.unwrap_or(self.segment.0);
        self.problem(index, kind);
        self.report.records = self.report.records.saturating_add(1);
        (self.expected, self.head) = (Some(index.saturating_add(1)), None);
    }

    /// Decides who is at fault for a broken link: the line before (`earlier`), whose hash differs,
    /// or the line that names it.
    fn settle(&mut self, earlier: bool) {
        if let Some(mut problem) = self.suspect.take() {
            if earlier {
                problem.index = problem.index.saturating_sub(1);
                problem.kind = ProblemKind::Altered;
            }
            self.add(problem);
        }
    }

    fn torn(&mut self, next: Option<SegmentName>, bytes: u64) {
        let index = self.expected.unwrap_or(self.segment.0);
        match next {
            None => {
                self.report.torn = Some(Torn {
                    segment: self.segment,
                    offset: self.offset,
                    bytes,
                });
            }
            // The next segment begins with the line that was not finished here, or before it.
            Some(next) if next.0 <= index => {}
            Some(_) => self.problem(index, ProblemKind::Unreadable(Flaw::NotJson)),
        }
    }

    /// Goes back to where the next segment begins; `head` is the hash of the line before that.
    fn rewind(&mut self, first: u64, head: Option<[u8; 32]>) {
        let Some(behind) = self.expected.filter(|expected| *expected > first) else {
            return;
        };
        self.settle(true);
        let superseded = behind.saturating_sub(first);
        self.report.superseded = self.report.superseded.saturating_add(superseded);
        self.report.records = self.report.records.saturating_sub(superseded);
        self.repeated = self.head.map(|hash| (behind.saturating_sub(1), hash));
        (self.expected, self.head) = (Some(first), head);
        // The repeated lines bear the same times again.
        self.time_ns = 0;
    }

    fn here(&self, index: u64, kind: ProblemKind) -> Problem {
        Problem {
            index,
            segment: self.segment,
            offset: self.offset,
            kind,
        }
    }

    fn problem(&mut self, index: u64, kind: ProblemKind) {
        self.add(self.here(index, kind));
    }

    fn add(&mut self, problem: Problem) {
        self.report.problem_count = self.report.problem_count.saturating_add(1);
        if self.report.problems.len() < self.options.problems_max {
            self.report.problems.push(problem);
        }
    }
}
