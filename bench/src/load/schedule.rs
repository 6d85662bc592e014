//! When the calls of an open loop should begin: at a fixed rate, in steps, or along a ramp.
//!
//! Refused: a rate that is not above 0, and a plan without a length.

use std::time::Duration;

/// Rates one after the other; the first one also covers the warm-up.
#[derive(Debug, Clone)]
pub(super) struct Schedule {
    segments: Vec<Segment>,
}

/// A time in which the rate goes evenly from one value to another.
#[derive(Debug, Clone, Copy)]
struct Segment {
    /// Calls that begin before this segment.
    calls_before: f64,
    /// Seconds after the start of the run.
    begin_s: f64,
    length_s: f64,
    /// Calls a second.
    from: f64,
    to: f64,
}

impl Segment {
    fn calls(&self) -> f64 {
        (self.from + self.to) / 2.0 * self.length_s
    }

    /// When call `number` of this segment begins, in seconds after its begin: the inverse of
    /// `from * t + (to - from) / length * t^2 / 2`.
    fn start_s(&self, number: f64) -> f64 {
        let growth = (self.to - self.from) / self.length_s;
        if growth.abs() < f64::EPSILON {
            return number / self.from;
        }
        let root = (self.from * self.from + 2.0 * growth * number).max(0.0);
        (root.sqrt() - self.from) / growth
    }
}

impl Schedule {
    /// Steps of one length after a warm-up at the first rate; one step is a fixed rate.
    ///
    /// # Errors
    /// A rate that is not above 0.
    pub(super) fn steps(
        rates: &[f64],
        warmup: Duration,
        step: Duration,
        option: &str,
    ) -> anyhow::Result<Self> {
        let mut schedule = Self::begin(rates, warmup, option)?;
        for &rate in rates {
            schedule.push(rate, rate, step);
        }
        Ok(schedule)
    }

    /// From one rate to another after a warm-up at the first.
    ///
    /// # Errors
    /// A rate that is not above 0.
    pub(super) fn ramp(
        from: f64,
        to: f64,
        warmup: Duration,
        length: Duration,
    ) -> anyhow::Result<Self> {
        let mut schedule = Self::begin(&[from, to], warmup, "--ramp")?;
        schedule.push(from, to, length);
        Ok(schedule)
    }

    fn begin(rates: &[f64], warmup: Duration, option: &str) -> anyhow::Result<Self> {
        for rate in rates {
            anyhow::ensure!(
                rate.is_finite() && *rate > 0.0,
                "{option} must be calls a second above 0, not {rate}"
            );
        }
        let mut schedule = Self {
            segments: Vec::new(),
        };
        if let (Some(&first), false) = (rates.first(), warmup.is_zero()) {
            schedule.push(first, first, warmup);
        }
        Ok(schedule)
    }

    fn push(&mut self, from: f64, to: f64, length: Duration) {
        let (calls_before, begin_s) = self.segments.last().map_or((0.0, 0.0), |last| {
            (
                last.calls_before + last.calls(),
                last.begin_s + last.length_s,
            )
        });
        self.segments.push(Segment {
            calls_before,
            begin_s,
            length_s: length.as_secs_f64(),
            from,
            to,
        });
    }

    /// The start of call `number`, counted from 0, after the start of the run.
    pub(super) fn start(&self, number: u64) -> Duration {
        let number = number as f64;
        // Few segments, and the last is the usual one in a long run.
        let segment = self
            .segments
            .iter()
            .rfind(|segment| segment.calls_before <= number);
        let seconds = segment.map_or(0.0, |segment| {
            segment.begin_s + segment.start_s(number - segment.calls_before)
        });
        Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
    }

    /// The mean rate between two moments after the start of the run.
    pub(super) fn mean_rate(&self, from: Duration, to: Duration) -> f64 {
        let calls = self.calls_until(to.as_secs_f64()) - self.calls_until(from.as_secs_f64());
        calls / to.saturating_sub(from).as_secs_f64().max(f64::MIN_POSITIVE)
    }

    fn calls_until(&self, seconds: f64) -> f64 {
        let calls = self.segments.iter().map(|segment| {
            let t = (seconds - segment.begin_s).clamp(0.0, segment.length_s);
            let growth = (segment.to - segment.from) / segment.length_s;
            segment.from * t + growth * t * t / 2.0
        });
        calls.sum()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Schedule;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn the_rate_is_kept_over_a_long_run() {
        let hour = SECOND * 3600;
        let schedule = Schedule::steps(&[20_000.0], Duration::ZERO, hour, "--rate").unwrap();
        assert_eq!(schedule.start(0), Duration::ZERO);
        assert_eq!(schedule.start(3), Duration::from_micros(150));
        assert_eq!(schedule.start(20_000 * 3600), hour);
        for wrong in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            assert!(Schedule::steps(&[wrong], SECOND, SECOND, "--rate").is_err());
        }
    }

    #[test]
    fn steps_follow_each_other_after_the_warm_up() {
        let schedule = Schedule::steps(&[10.0, 100.0], SECOND, SECOND, "--steps").unwrap();
        assert_eq!(schedule.start(10), SECOND);
        assert_eq!(schedule.start(20), SECOND * 2);
        assert_eq!(schedule.start(70), Duration::from_millis(2500));
        assert!((schedule.mean_rate(SECOND * 2, SECOND * 3) - 100.0).abs() < 1e-9);
        assert!((schedule.mean_rate(SECOND, SECOND * 3) - 55.0).abs() < 1e-9);
    }

    #[test]
    fn a_ramp_begins_as_many_calls_as_its_mean_rate_says() {
        let ten = SECOND * 10;
        for (from, to) in [(100.0, 300.0), (300.0, 100.0)] {
            let schedule = Schedule::ramp(from, to, Duration::ZERO, ten).unwrap();
            assert_eq!(schedule.start(2000).as_millis(), 10_000);
            let early = 1.0 / (schedule.start(1) - schedule.start(0)).as_secs_f64();
            let late = 1.0 / (schedule.start(1999) - schedule.start(1998)).as_secs_f64();
            assert!(
                (early - from).abs() < 2.0 && (late - to).abs() < 2.0,
                "{early} {late}"
            );
            assert!((schedule.mean_rate(Duration::ZERO, ten) - 200.0).abs() < 1e-9);
        }
    }
}
