//! Rates, durations, sizes: a number with its unit. Refuses a number without one, so that nobody
//! has to guess whether 30 means seconds or milliseconds.

use crate::problem::Wrong;

/// Most calls in a period of a rate.
const CALLS_MAX: u64 = 1_000_000_000;
/// Longest duration in a policy: a day, in milliseconds.
const DURATION_MS_MAX: u64 = 24 * 60 * 60 * 1000;
/// Longest digits of a number, so that it fits every type.
const DIGITS_MAX: usize = 15;

const PERIODS: [(&str, u64); 4] = [
    ("second", 1_000_000_000),
    ("minute", 60 * 1_000_000_000),
    ("hour", 3_600 * 1_000_000_000),
    ("day", 86_400 * 1_000_000_000),
];

/// `10/hour`, as calls and the period in nanoseconds.
pub(crate) fn rate(text: &str) -> Result<(u64, u64), Wrong> {
    let wrong = || Wrong::expected("a rate such as 10/hour (per second, minute, hour or day)");
    let (count, unit) = text.split_once('/').ok_or_else(wrong)?;
    let count = digits(count).ok_or_else(wrong)?;
    let Some((_, period_ns)) = PERIODS.iter().find(|(name, _)| *name == unit) else {
        let near = PERIODS.iter().find(|(name, _)| {
            !unit.is_empty() && (name.starts_with(unit) || unit.starts_with(name))
        });
        return Err(match near {
            Some((name, _)) => wrong().help(format!("did you mean {count}/{name}?")),
            None => wrong(),
        });
    };
    if count == 0 {
        return Err(Wrong::expected("at least one call").help("use `deny` to permit none"));
    }
    if count > CALLS_MAX {
        return Err(Wrong::expected(format!("at most {CALLS_MAX} calls")));
    }
    Ok((count, *period_ns))
}

/// `30s`, in milliseconds; from one millisecond to a day.
pub(crate) fn duration_ms(text: &str) -> Result<u64, Wrong> {
    let wrong = || Wrong::expected("a duration such as 500ms, 30s, 5m or 1h");
    let (count, unit) = split_unit(text);
    let Some(count) = digits(count) else {
        return Err(wrong());
    };
    let unit_ms = match unit {
        "ms" => 1,
        "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "" => return Err(wrong().help(format!("add the unit, for example {count}s"))),
        _ => return Err(wrong()),
    };
    match count.checked_mul(unit_ms) {
        Some(ms @ 1..=DURATION_MS_MAX) => Ok(ms),
        _ => Err(Wrong::expected("a duration from 1ms to 24h")),
    }
}

/// `4MiB`, in bytes, between bounds.
pub(crate) fn size(text: &str, bytes: std::ops::RangeInclusive<u64>) -> Result<u64, Wrong> {
    let wrong = || Wrong::expected("a size such as 64KiB, 4MiB or 1GiB");
    let (count, unit) = split_unit(text);
    let Some(count) = digits(count) else {
        return Err(wrong());
    };
    let unit_bytes: u64 = match unit {
        "B" => 1,
        "KiB" => 1 << 10,
        "MiB" => 1 << 20,
        "GiB" => 1 << 30,
        "" => return Err(wrong().help(format!("add the unit, for example {count}B"))),
        "K" | "KB" | "kB" | "k" => return Err(wrong().help(format!("did you mean {count}KiB?"))),
        "M" | "MB" | "mb" | "m" => return Err(wrong().help(format!("did you mean {count}MiB?"))),
        "G" | "GB" | "gb" | "g" => return Err(wrong().help(format!("did you mean {count}GiB?"))),
        _ => return Err(wrong()),
    };
    let size = count
        .checked_mul(unit_bytes)
        .filter(|size| bytes.contains(size));
    size.ok_or_else(|| {
        let (least, most) = (show_size(*bytes.start()), show_size(*bytes.end()));
        Wrong::expected(format!("a size from {least} to {most}"))
    })
}

/// A rate as it is written in a policy.
pub(crate) fn show_rate(count: u64, period_ns: u64) -> String {
    match PERIODS.iter().find(|(_, ns)| *ns == period_ns) {
        Some((name, _)) => format!("{count}/{name}"),
        None => format!("{count}/{period_ns}ns"),
    }
}

/// A size as it is written in a policy.
pub(crate) fn show_size(bytes: u64) -> String {
    let units = [("GiB", 30), ("MiB", 20), ("KiB", 10)];
    let whole = units
        .iter()
        .find(|(_, bits)| bytes > 0 && bytes.is_multiple_of(1 << bits));
    whole.map_or_else(
        || format!("{bytes}B"),
        |(unit, bits)| format!("{}{unit}", bytes >> bits),
    )
}

/// A duration as it is written in a policy.
pub(crate) fn show_duration(ms: u64) -> String {
    let units = [("h", 3_600_000), ("m", 60_000), ("s", 1_000)];
    let whole = units
        .iter()
        .find(|(_, unit)| ms > 0 && ms.is_multiple_of(*unit));
    whole.map_or_else(
        || format!("{ms}ms"),
        |(unit, per)| format!("{}{unit}", ms / per),
    )
}

fn split_unit(text: &str) -> (&str, &str) {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn digits(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (digits && text.len() <= DIGITS_MAX)
        .then(|| text.parse().ok())
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_name_calls_and_a_period() {
        assert_eq!(rate("10/hour"), Ok((10, 3_600_000_000_000)));
        assert_eq!(rate("10000/second"), Ok((10_000, 1_000_000_000)));
        for bad in [
            "",
            "10",
            "/hour",
            "10/",
            "10/fortnight",
            "ten/hour",
            "-1/hour",
            "1.5/day",
        ] {
            assert!(rate(bad).is_err(), "{bad}");
        }
        assert_eq!(
            rate("10/h").unwrap_err().help.as_deref(),
            Some("did you mean 10/hour?")
        );
        assert_eq!(
            rate("10/minutes").unwrap_err().help.as_deref(),
            Some("did you mean 10/minute?")
        );
        assert!(rate("0/hour").unwrap_err().help.is_some());
        assert!(rate("1000000001/day").is_err() && rate("99999999999999999999/day").is_err());
    }

    #[test]
    fn durations_and_sizes_need_a_unit() {
        assert_eq!(duration_ms("30s"), Ok(30_000));
        assert_eq!(duration_ms("5m"), Ok(300_000));
        assert_eq!(duration_ms("500ms"), Ok(500));
        for bad in ["", "30", "s", "0s", "25h", "1d", "-1s", "1.5s", "30 s"] {
            assert!(duration_ms(bad).is_err(), "{bad}");
        }
        assert_eq!(size("4MiB", 1..=u64::MAX), Ok(4 << 20));
        for bad in ["", "4", "4MB", "0B", "MiB", "999999999999999GiB"] {
            assert!(size(bad, 1..=u64::MAX).is_err(), "{bad}");
        }
        let wrong = size("1GiB", 1024..=(256 << 20)).unwrap_err();
        assert_eq!(wrong.expected, "a size from 1KiB to 256MiB");
    }

    #[test]
    fn quantities_are_shown_as_they_are_written() {
        for text in ["10/hour", "1/second", "7/day"] {
            let (count, period_ns) = rate(text).unwrap();
            assert_eq!(show_rate(count, period_ns), text);
        }
        for text in ["500ms", "30s", "5m", "24h"] {
            assert_eq!(show_duration(duration_ms(text).unwrap()), text);
        }
        for text in ["3B", "64KiB", "4MiB", "1GiB"] {
            assert_eq!(show_size(size(text, 1..=u64::MAX).unwrap()), text);
        }
    }
}
