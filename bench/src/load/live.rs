//! What one thread can be seen doing while it runs.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use hdrhistogram::Histogram;

/// Counters that one thread writes and another reads.
pub(super) struct Live {
    good: AtomicU64,
    errors: AtomicU64,
    /// Nanoseconds of the good calls since the last look; `None` when nobody looks.
    recent: Option<Mutex<Histogram<u64>>>,
}

/// Sums over all threads since they began, the warm-up included.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) good: u64,
    pub(super) errors: u64,
}

impl Live {
    /// # Errors
    /// Never with these bounds.
    pub(super) fn new(watched: bool) -> anyhow::Result<Self> {
        let recent = watched.then(histogram).transpose()?.map(Mutex::new);
        Ok(Self {
            good: AtomicU64::new(0),
            errors: AtomicU64::new(0),
            recent,
        })
    }

    /// Notes the end of a call; only one thread may.
    pub(super) fn note(&self, good: bool, latency_ns: u64) {
        let counter = if good { &self.good } else { &self.errors };
        // The only writer needs no atomic addition.
        let count = counter.load(Ordering::Relaxed);
        counter.store(count.wrapping_add(1), Ordering::Relaxed);
        if let (true, Some(recent)) = (good, &self.recent)
            && let Ok(mut recent) = recent.lock()
        {
            recent.saturating_record(latency_ns);
        }
    }

    /// The sums of several threads.
    pub(super) fn count(lives: &[std::sync::Arc<Self>]) -> Count {
        lives.iter().fold(Count::default(), |sum, live| Count {
            good: sum.good.saturating_add(live.good.load(Ordering::Relaxed)),
            errors: sum
                .errors
                .saturating_add(live.errors.load(Ordering::Relaxed)),
        })
    }

    /// The latencies since the last call of this.
    ///
    /// # Errors
    /// Never.
    pub(super) fn take_recent(lives: &[std::sync::Arc<Self>]) -> anyhow::Result<Histogram<u64>> {
        let mut sum = histogram()?;
        for recent in lives.iter().filter_map(|live| live.recent.as_ref()) {
            if let Ok(mut recent) = recent.lock() {
                sum.add(&*recent)?;
                recent.reset();
            }
        }
        Ok(sum)
    }
}

/// One microsecond to ten minutes, to two digits.
fn histogram() -> anyhow::Result<Histogram<u64>> {
    Ok(Histogram::new_with_bounds(1_000, 600_000_000_000, 2)?)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{Count, Live};

    #[test]
    fn a_look_sees_what_came_since_the_last_one() {
        let lives = [
            Arc::new(Live::new(true).unwrap()),
            Arc::new(Live::new(true).unwrap()),
        ];
        lives[0].note(true, 5_000);
        lives[1].note(true, 9_000);
        lives[1].note(false, 0);
        assert_eq!(Live::count(&lives), Count { good: 2, errors: 1 });
        assert_eq!(Live::take_recent(&lives).unwrap().len(), 2);
        lives[0].note(true, 7_000);
        assert_eq!(Live::take_recent(&lives).unwrap().len(), 1);
        assert_eq!(Live::count(&lives).good, 3);
    }
}
