//! Times and sizes as a script writes them.

use std::time::Duration;

use rand::RngExt;
use rand::rngs::StdRng;

/// No wait is longer than this many means of its exponential distribution.
const MEANS_MAX: f64 = 100.0;
/// The longest time that can be written.
const LONGEST: Duration = Duration::from_secs(3600);

/// How long to wait.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wait {
    Fixed(Duration),
    /// Every length between the two is as likely.
    Uniform(Duration, Duration),
    /// With this mean: most are short, few are long.
    Exponential(Duration),
}

impl Wait {
    pub(super) fn draw(self, random: &mut StdRng) -> Duration {
        match self {
            Self::Fixed(time) => time,
            Self::Uniform(least, most) => {
                let share: f64 = random.random_range(0.0..=1.0);
                least + most.saturating_sub(least).mul_f64(share)
            }
            Self::Exponential(mean) => {
                let share: f64 = random.random_range(f64::EPSILON..=1.0);
                mean.mul_f64((-share.ln()).min(MEANS_MAX))
            }
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        if let Some(range) = text.strip_prefix("uniform:") {
            let (least, most) = range.split_once("..")?;
            let (least, most) = (time(least)?, time(most)?);
            return (least <= most).then_some(Self::Uniform(least, most));
        }
        match text.strip_prefix("exponential:") {
            Some(mean) => time(mean).map(Self::Exponential),
            None => time(text).map(Self::Fixed),
        }
    }
}

/// A time with its unit, at most an hour.
pub(super) fn time(text: &str) -> Option<Duration> {
    let units = [("us", 1), ("ms", 1_000), ("s", 1_000_000)];
    let (digits, micros) = units
        .iter()
        .find_map(|(unit, micros)| Some((text.strip_suffix(unit)?, *micros)))?;
    let count: u64 = digits.parse().ok()?;
    let time = Duration::from_micros(count.checked_mul(micros)?);
    (time <= LONGEST).then_some(time)
}

/// A number of bytes, with a unit or without.
pub(super) fn bytes(text: &str) -> Option<usize> {
    let units = [("KiB", 1024), ("MiB", 1024 * 1024)];
    let (digits, unit) = units
        .iter()
        .find_map(|(unit, bytes)| Some((text.strip_suffix(unit)?, *bytes)))
        .unwrap_or((text, 1));
    digits.parse::<usize>().ok()?.checked_mul(unit)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::{Wait, bytes, time};

    #[test]
    fn times_and_sizes_have_units() {
        assert_eq!(time("250us"), Some(Duration::from_micros(250)));
        assert_eq!(time("2s"), Some(Duration::from_secs(2)));
        assert_eq!((bytes("400"), bytes("16KiB")), (Some(400), Some(16_384)));
        for wrong in ["5", "ms", "-1ms", "1.5ms", "3601s", "1h", ""] {
            assert_eq!(time(wrong), None, "{wrong}");
        }
        for wrong in ["KiB", "4kb", "", "99999999999999999999MiB"] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
        for wrong in [
            "uniform:5ms",
            "uniform:5ms..1ms",
            "normal:5ms",
            "exponential:5",
        ] {
            assert_eq!(Wait::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn waits_have_the_mean_they_were_asked_for_and_come_again_from_their_seed() {
        for (text, mean_us) in [
            ("4ms", 4_000),
            ("uniform:2ms..6ms", 4_000),
            ("exponential:4ms", 4_000),
        ] {
            let wait = Wait::parse(text).unwrap();
            let draw = || -> Vec<Duration> {
                let mut random = StdRng::seed_from_u64(9);
                (0..20_000).map(|_| wait.draw(&mut random)).collect()
            };
            let waits = draw();
            assert_eq!(waits, draw());
            let mean = waits.iter().sum::<Duration>().as_micros() / 20_000;
            assert!(mean.abs_diff(mean_us) < 200, "{text}: {mean} us");
            let below = waits.iter().filter(|wait| wait.as_micros() < 2_000).count();
            let expected = if text.starts_with('e') { 7_869 } else { 0 };
            assert!(below.abs_diff(expected) < 400, "{text}: {below}");
        }
    }
}
