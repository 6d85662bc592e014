//! What came of the calls of one run.

use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use super::check::Verdict;

/// What came of it; only calls that should have begun after the warm-up are counted.
pub(super) struct Outcome {
    pub(super) good: u64,
    /// Refused where they should not have been, or the other way round.
    pub(super) unexpected: u64,
    /// Answers that were none, or another call's.
    pub(super) wrong: u64,
    /// Connections that broke under a call, or could not be opened again.
    pub(super) broken: u64,
    /// Calls without an answer at the end.
    pub(super) unanswered: u64,
    pub(super) elapsed: Duration,
    /// Nanoseconds of the good calls.
    pub(super) latency: Histogram<u64>,
    measured: Instant,
    wanted: Verdict,
}

impl Outcome {
    /// Counts calls from `measured` on.
    ///
    /// # Errors
    /// Never with these bounds.
    pub(super) fn new(measured: Instant, expect_denied: bool) -> anyhow::Result<Self> {
        Ok(Self {
            good: 0,
            unexpected: 0,
            wrong: 0,
            broken: 0,
            unanswered: 0,
            elapsed: Duration::ZERO,
            // One microsecond to ten minutes, to three digits.
            latency: Histogram::new_with_bounds(1_000, 600_000_000_000, 3)?,
            measured,
            wanted: if expect_denied {
                Verdict::Denied
            } else {
                Verdict::Allowed
            },
        })
    }

    /// Whether a call that should have begun then belongs to the measurement.
    pub(super) fn counts(&self, begin: Instant) -> bool {
        begin >= self.measured
    }

    /// Counts an answer; `closed` when its connection closed with it.
    pub(super) fn take(&mut self, verdict: Verdict, begin: Instant, closed: bool) {
        if !self.counts(begin) {
            return;
        }
        if verdict == self.wanted {
            let ns = u64::try_from(begin.elapsed().as_nanos()).unwrap_or(u64::MAX);
            self.latency.saturating_record(ns);
        }
        let counter = match verdict {
            verdict if verdict == self.wanted => &mut self.good,
            Verdict::Wrong if closed => &mut self.broken,
            Verdict::Wrong => &mut self.wrong,
            Verdict::Allowed | Verdict::Denied => &mut self.unexpected,
        };
        *counter = counter.saturating_add(1);
    }

    /// Counts a call whose connection broke before it was sent.
    pub(super) fn broke(&mut self, begin: Instant) {
        if self.counts(begin) {
            self.broken = self.broken.saturating_add(1);
        }
    }

    /// Everything that is not good.
    pub(super) fn errors(&self) -> u64 {
        let counts = [self.unexpected, self.wrong, self.broken, self.unanswered];
        counts
            .iter()
            .fold(0, |sum, count| sum.saturating_add(*count))
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::Outcome;
    use crate::load::check::Verdict;

    #[test]
    fn calls_of_the_warm_up_are_not_counted() {
        let now = Instant::now();
        let mut outcome = Outcome::new(now, false).unwrap();
        outcome.take(Verdict::Allowed, now - Duration::from_millis(1), false);
        outcome.take(Verdict::Denied, now - Duration::from_millis(1), false);
        assert_eq!(
            (outcome.good, outcome.errors(), outcome.latency.len()),
            (0, 0, 0)
        );
    }

    #[test]
    fn a_denial_is_right_only_where_it_is_expected() {
        let now = Instant::now();
        for (expect_denied, good) in [(false, 1), (true, 2)] {
            let mut outcome = Outcome::new(now, expect_denied).unwrap();
            outcome.take(Verdict::Allowed, now, false);
            outcome.take(Verdict::Denied, now, false);
            outcome.take(Verdict::Denied, now, false);
            outcome.take(Verdict::Wrong, now, true);
            outcome.broke(now);
            assert_eq!((outcome.good, outcome.broken), (good, 2));
            assert_eq!(outcome.good + outcome.unexpected, 3);
            assert_eq!(outcome.latency.len(), good);
        }
    }
}
