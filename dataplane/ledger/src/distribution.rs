//! How large or how slow something was, counted by bounds, as a Prometheus histogram shows it.

use std::sync::atomic::{AtomicU64, Ordering};

/// Upper bounds of records in a batch.
const RECORDS: [u64; 8] = [1, 2, 4, 8, 32, 128, 512, 1024];
/// Upper bounds of durations, in nanoseconds: from 10 us to 1 s.
const NANOSECONDS: [u64; 8] = [
    10_000,
    50_000,
    250_000,
    1_000_000,
    5_000_000,
    25_000_000,
    100_000_000,
    1_000_000_000,
];

/// Counts; written by whoever holds the pen, read by anybody.
#[derive(Debug)]
pub(crate) struct Counts {
    bounds: &'static [u64; 8],
    counts: [AtomicU64; 8],
    all: AtomicU64,
    sum: AtomicU64,
}

impl Counts {
    const fn new(bounds: &'static [u64; 8]) -> Self {
        Self {
            bounds,
            counts: [const { AtomicU64::new(0) }; 8],
            all: AtomicU64::new(0),
            sum: AtomicU64::new(0),
        }
    }

    pub(crate) const fn of_records() -> Self {
        Self::new(&RECORDS)
    }

    pub(crate) const fn of_time() -> Self {
        Self::new(&NANOSECONDS)
    }

    pub(crate) fn add(&self, value: u64) {
        let place = self.bounds.partition_point(|bound| *bound < value);
        if let Some(count) = self.counts.get(place) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        self.all.fetch_add(1, Ordering::Relaxed);
        self.sum.fetch_add(value, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> Distribution {
        let mut below = 0;
        let upto = |(bound, count): (&u64, &AtomicU64)| {
            below += count.load(Ordering::Relaxed);
            (*bound, below)
        };
        Distribution {
            upto: self.bounds.iter().zip(&self.counts).map(upto).collect(),
            count: self.all.load(Ordering::Relaxed),
            sum: self.sum.load(Ordering::Relaxed),
        }
    }
}

/// The same at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Distribution {
    /// Bounds, and how many values were not above each.
    pub upto: Vec<(u64, u64)>,
    /// How many values there were.
    pub count: u64,
    /// Their sum.
    pub sum: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_below_every_bound_that_they_do_not_pass() {
        let counts = Counts::of_records();
        for value in [1, 2, 3, 1024, 5_000] {
            counts.add(value);
        }
        let read = counts.read();
        assert_eq!((read.count, read.sum), (5, 6_030));
        let upto = [(1, 1), (2, 2), (4, 3), (8, 3), (32, 3), (128, 3), (512, 3)];
        assert_eq!(read.upto[..7], upto);
        assert_eq!(read.upto[7], (1024, 4));
    }
}
