//! Where the log says nothing: numbers that are missing, and times in which no gateway ran.

use serde::Serialize;
use varistor_audit::digest;

use super::{Integrity, seconds_of};
use crate::record::Record;

/// Gaps that are listed.
const LISTED_MAX: usize = 500;

/// What kind of gap it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum GapKind {
    /// The gateway was stopped in order, and started again later.
    Stopped,
    /// It began anew without having stopped in order: it crashed, was killed, or lost power.
    Crashed,
    /// Numbers are missing, or their lines can't be read.
    Missing,
}

/// A gap.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Gap {
    /// What kind.
    pub kind: GapKind,
    /// The number of the last record before it.
    pub after: u64,
    /// The number of the first record behind it.
    pub before: u64,
    /// The time of the last record before it.
    pub from: String,
    /// The time of the first record behind it.
    pub until: String,
    /// How long it is, in milliseconds.
    pub ms: u64,
}

/// Follows the lines of a log, each in its turn.
#[derive(Debug, Default)]
pub(super) struct Trail {
    last: Option<Last>,
    pub(super) gaps: Vec<Gap>,
    pub(super) gap_count: u64,
    pub(super) integrity: Integrity,
}

#[derive(Debug)]
struct Last {
    seq: u64,
    time_ns: u64,
    time: String,
    hash: [u8; 32],
    is_stop: bool,
}

impl Trail {
    pub(super) fn line(&mut self, record: &Record<'_>, line: &[u8]) {
        if let Some(last) = self.last.take() {
            self.step(&last, record);
        }
        self.last = Some(Last {
            seq: record.seq,
            time_ns: record.time_ns,
            time: seconds_of(&record.time),
            hash: digest(line),
            is_stop: record.kind == "stop",
        });
    }

    fn step(&mut self, last: &Last, record: &Record<'_>) {
        let follows = last.seq.checked_add(1) == Some(record.seq);
        if record.time_ns < last.time_ns {
            self.integrity.time_backwards = self.integrity.time_backwards.saturating_add(1);
        }
        if !follows {
            self.gap(GapKind::Missing, last, record);
        } else if varistor_audit::json::unhex(record.prev.as_bytes()) == Some(last.hash) {
            self.integrity.chained = self.integrity.chained.saturating_add(1);
        } else {
            self.integrity.broken = self.integrity.broken.saturating_add(1);
            self.integrity.first_broken.get_or_insert(record.seq);
        }
        if matches!(&*record.kind, "start" | "audit_repaired" | "audit_restored") {
            match last.is_stop {
                true => self.gap(GapKind::Stopped, last, record),
                false if self.is_told(last) => {}
                false => self.gap(GapKind::Crashed, last, record),
            }
        }
    }

    /// Whether the record before already told that the gateway began anew: a repair stands before
    /// the start.
    fn is_told(&self, last: &Last) -> bool {
        let told = self.gaps.last();
        told.is_some_and(|gap| gap.kind != GapKind::Missing && gap.before == last.seq)
    }

    fn gap(&mut self, kind: GapKind, last: &Last, record: &Record<'_>) {
        self.gap_count = self.gap_count.saturating_add(1);
        if self.gaps.len() < LISTED_MAX {
            self.gaps.push(Gap {
                kind,
                after: last.seq,
                before: record.seq,
                from: last.time.clone(),
                until: seconds_of(&record.time),
                ms: record.time_ns.saturating_sub(last.time_ns) / 1_000_000,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn trail(lines: &[Vec<u8>]) -> Trail {
        let mut trail = Trail::default();
        for line in lines {
            trail.line(&Record::read(line).unwrap(), line);
        }
        trail
    }

    fn kinds(trail: &Trail) -> Vec<(GapKind, u64, u64)> {
        trail
            .gaps
            .iter()
            .map(|gap| (gap.kind, gap.after, gap.before))
            .collect()
    }

    #[test]
    fn restarts_and_missing_numbers_are_gaps() {
        let event = |kind: &str| fixture::event(kind, "{}");
        let tails = [
            event("start"),
            event("stop"),
            event("start"),
            fixture::call("s", "t", "allow", ""),
            event("audit_repaired"),
            event("start"),
            fixture::call("s", "t", "allow", ""),
            event("start"),
            fixture::call("s", "t", "allow", ""),
        ];
        let lines = fixture::lines(&tails);
        let whole = trail(&lines);
        let expected = [
            (GapKind::Stopped, 1, 2),
            (GapKind::Crashed, 3, 4),
            (GapKind::Crashed, 6, 7),
        ];
        assert_eq!(kinds(&whole), expected);
        assert_eq!((whole.integrity.chained, whole.integrity.broken), (8, 0));
        let cut = trail(&[&lines[..3], &lines[5..7]].concat());
        assert_eq!(kinds(&cut)[1], (GapKind::Missing, 2, 5));
    }

    #[test]
    fn a_line_that_was_changed_breaks_the_chain_behind_it() {
        let tails: Vec<String> = (0..4)
            .map(|_| fixture::call("s", "t", "allow", ""))
            .collect();
        let mut lines = fixture::lines(&tails);
        let changed = String::from_utf8(lines[1].clone())
            .unwrap()
            .replace("acme", "umbr");
        lines[1] = changed.into_bytes();
        let trail = trail(&lines);
        assert_eq!(
            (trail.integrity.broken, trail.integrity.first_broken),
            (1, Some(2))
        );
        assert_eq!(trail.integrity.chained, 2);
    }
}
