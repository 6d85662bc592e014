//! Calls over time, in so many equal steps that a plot of them can be read.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Decisions, time_text};

const SECOND_NS: u64 = 1_000_000_000;
/// Most steps.
const STEPS_MAX: u64 = 120;
/// Lengths of a step, in seconds; each is a multiple of the one before.
const WIDTHS_S: [u64; 15] = [
    1,
    5,
    10,
    30,
    60,
    300,
    600,
    1800,
    3600,
    3 * 3600,
    6 * 3600,
    12 * 3600,
    86_400,
    7 * 86_400,
    28 * 86_400,
];

/// Calls over time.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Series {
    /// Seconds of a step.
    pub step_s: u64,
    /// The steps, without gaps between them.
    pub buckets: Vec<Bucket>,
}

/// A step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Bucket {
    /// Its beginning.
    pub start: String,
    /// What was decided in it.
    pub decisions: Decisions,
}

/// The steps while they are counted.
#[derive(Debug)]
pub(super) struct Steps {
    /// The rest of [`WIDTHS_S`] behind the present width.
    wider: core::slice::Iter<'static, u64>,
    width_ns: u64,
    /// By the number of the step since 1970.
    counts: BTreeMap<u64, Decisions>,
}

impl Default for Steps {
    fn default() -> Self {
        let mut wider = WIDTHS_S.iter();
        let width_s = wider.next().copied().unwrap_or(1);
        Self {
            wider,
            width_ns: width_s.saturating_mul(SECOND_NS),
            counts: BTreeMap::new(),
        }
    }
}

impl Steps {
    pub(super) fn count(&mut self, time_ns: u64, decision: &str) {
        let step = time_ns.checked_div(self.width_ns).unwrap_or_default();
        self.counts.entry(step).or_default().count(decision);
        while self.span() > STEPS_MAX {
            let Some(width_s) = self.wider.next() else {
                return;
            };
            self.widen(width_s.saturating_mul(SECOND_NS));
        }
    }

    fn span(&self) -> u64 {
        let first = self.counts.keys().next().copied().unwrap_or_default();
        let last = self.counts.keys().next_back().copied().unwrap_or_default();
        last.saturating_sub(first).saturating_add(1)
    }

    fn widen(&mut self, width_ns: u64) {
        let factor = width_ns.checked_div(self.width_ns).unwrap_or(1);
        for (step, decisions) in core::mem::take(&mut self.counts) {
            let wider = step.checked_div(factor).unwrap_or(step);
            self.counts.entry(wider).or_default().add(decisions);
        }
        self.width_ns = width_ns;
    }

    pub(super) fn series(&self) -> Series {
        let first = self.counts.keys().next().copied().unwrap_or_default();
        let steps = match self.counts.is_empty() {
            true => 0,
            // Longer only when calls are more than nine years apart.
            false => self.span().min(STEPS_MAX),
        };
        let bucket = |step: u64| Bucket {
            start: time_text(step.saturating_mul(self.width_ns)),
            decisions: self.counts.get(&step).copied().unwrap_or_default(),
        };
        Series {
            step_s: self.width_ns / SECOND_NS,
            buckets: (first..first.saturating_add(steps)).map(bucket).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::TIME;

    #[test]
    fn steps_grow_until_there_are_few_enough_and_nothing_is_lost() {
        assert!(WIDTHS_S.windows(2).all(|pair| pair[1] % pair[0] == 0));
        for (calls, apart_s, width) in [
            (1, 1, 1),
            (100, 1, 1),
            (1000, 1, 10),
            (1000, 3600, 12 * 3600),
        ] {
            let mut steps = Steps::default();
            for call in 0..calls {
                steps.count(TIME + call * apart_s * SECOND_NS, "hold");
            }
            let series = steps.series();
            let counted: u64 = series
                .buckets
                .iter()
                .map(|bucket| bucket.decisions.hold)
                .sum();
            assert_eq!(
                (series.step_s, counted),
                (width, calls),
                "{calls} {apart_s}"
            );
            assert!(series.buckets.len() as u64 <= STEPS_MAX);
        }
        assert!(Steps::default().series().buckets.is_empty());
    }
}
