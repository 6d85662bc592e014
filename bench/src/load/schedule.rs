//! When the calls of an open loop should begin.

use std::time::Duration;

/// A fixed rate of calls.
#[derive(Debug, Clone, Copy)]
pub(super) struct Schedule {
    per_second: f64,
}

impl Schedule {
    /// # Errors
    /// A rate that is not above 0.
    pub(super) fn new(per_second: f64) -> anyhow::Result<Self> {
        anyhow::ensure!(
            per_second.is_finite() && per_second > 0.0,
            "--rate must be above 0, not {per_second}"
        );
        Ok(Self { per_second })
    }

    pub(super) fn per_second(&self) -> f64 {
        self.per_second
    }

    /// The start of call `number`, counted from 0, after the start of the run.
    pub(super) fn start(&self, number: u64) -> Duration {
        Duration::from_secs_f64(number as f64 / self.per_second)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Schedule;

    #[test]
    fn the_rate_is_kept_over_a_long_run() {
        let schedule = Schedule::new(20_000.0).unwrap();
        assert_eq!(schedule.start(0), Duration::ZERO);
        assert_eq!(schedule.start(3), Duration::from_micros(150));
        assert_eq!(schedule.start(20_000 * 3600), Duration::from_secs(3600));
        assert!(Schedule::new(0.0).is_err());
    }
}
