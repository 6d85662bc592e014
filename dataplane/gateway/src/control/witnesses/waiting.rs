//! Since when records wait for their witnesses.
//!
//! The log's next number is noted now and then with the time: a record was written after the last
//! time at which its number was still to come. So it is never thought younger than it is.

use std::collections::VecDeque;

/// Most times that are kept; beyond, they are noted half as often.
const NOTED_MAX: usize = 4096;

/// When records were still to come.
#[derive(Debug, Default)]
pub(super) struct Waiting {
    /// The log's next number.
    next: u64,
    /// Numbers that were the next, and the last time noted (monotonic nanoseconds) at which they
    /// still were. Both grow from front to back.
    noted: VecDeque<(u64, u64)>,
    /// Least pause between two times.
    pause_ns: u64,
}

impl Waiting {
    /// Begins with what is known of the time of a record.
    pub(super) fn begin(&mut self, record: u64, since_ns: u64) {
        self.noted.push_front((record, since_ns));
    }

    /// Notes the log's next number.
    pub(super) fn note(&mut self, next: u64, now_ns: u64) {
        self.next = next;
        match self.noted.back_mut() {
            Some((last, time)) if *last == next => *time = now_ns,
            // The time before is as true, if less exact.
            Some((_, time)) if now_ns.saturating_sub(*time) < self.pause_ns => {}
            _ => self.noted.push_back((next, now_ns)),
        }
        if self.noted.len() > NOTED_MAX {
            let since = self.noted.front().map_or(now_ns, |(_, time)| *time);
            let span_ns = now_ns.saturating_sub(since);
            self.pause_ns = span_ns / (NOTED_MAX as u64 / 2);
            let (mut last, pause_ns) = (None, self.pause_ns);
            self.noted.retain(|(_, time)| {
                let kept = last.is_none_or(|last: u64| time.saturating_sub(last) >= pause_ns);
                if kept {
                    last = Some(*time);
                }
                kept
            });
        }
    }

    /// Whether [`Waiting::oldest`] can tell of this record.
    pub(super) fn knows(&self, record: u64) -> bool {
        self.noted
            .front()
            .is_some_and(|(first, _)| *first <= record)
    }

    /// Since when this record and all behind it wait at most; `None`: there is none yet. Must
    /// not be asked of an earlier one again, unless [`Waiting::begin`] says when that was.
    pub(super) fn oldest(&mut self, record: u64) -> Option<u64> {
        while self.noted.get(1).is_some_and(|(next, _)| *next <= record) {
            self.noted.pop_front();
        }
        if self.noted.len() < NOTED_MAX / 4 {
            self.pause_ns = 0;
        }
        let first = self.noted.front().filter(|_| record < self.next);
        first.map(|(_, since_ns)| *since_ns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_waits_since_its_number_was_still_to_come() {
        let mut waiting = Waiting::default();
        assert!(!waiting.knows(0));
        for (next, now) in [(5, 10), (5, 20), (9, 30), (9, 40), (12, 50)] {
            waiting.note(next, now);
        }
        assert!(waiting.knows(5) && !waiting.knows(4));
        assert_eq!(waiting.oldest(7), Some(20));
        assert_eq!(waiting.oldest(9), Some(40));
        assert_eq!(waiting.oldest(11), Some(40));
        assert_eq!(waiting.oldest(12), None);
        waiting.begin(3, 1);
        assert_eq!(waiting.oldest(4), Some(1));
    }

    #[test]
    fn a_long_wait_is_kept_in_bounds_and_never_made_shorter() {
        let mut waiting = Waiting::default();
        for at in 0..100_000 {
            waiting.note(at, at * 10);
        }
        assert!(waiting.noted.len() <= NOTED_MAX);
        for record in [50_000, 99_990] {
            let since = waiting.oldest(record).unwrap();
            assert!(
                since <= record * 10 && since > record * 10 - 1_000,
                "{since}"
            );
        }
        assert_eq!(waiting.oldest(99_999), None);
    }
}
