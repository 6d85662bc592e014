//! Durations and rates as a person writes them: `90s`, `15m`, `24h`, `30d`; `60/minute`.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use varistor_token::TokenRate;

const MINUTE_S: u64 = 60;
const HOUR_S: u64 = 60 * MINUTE_S;
/// Seconds of a day.
pub(crate) const DAY_S: u64 = 24 * HOUR_S;
const SECOND_NS: u64 = 1_000_000_000;

/// A duration in seconds: a whole number with `s`, `m`, `h`, `d` or `w`. Never zero.
pub(crate) fn duration_s(text: &str) -> Result<u64, String> {
    let expected = || {
        format!("`{text}` is no duration; write a number with s, m, h, d or w, as in 15m or 24h")
    };
    let unit = text.chars().last().ok_or_else(expected)?;
    let digits = text.strip_suffix(unit).unwrap_or_default();
    let unit_s = match unit {
        's' => 1,
        'm' => MINUTE_S,
        'h' => HOUR_S,
        'd' => DAY_S,
        'w' => 7 * DAY_S,
        _ => return Err(expected()),
    };
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(expected());
    }
    let number: u64 = digits.parse().map_err(|_| expected())?;
    match number.checked_mul(unit_s) {
        Some(seconds) if seconds > 0 => Ok(seconds),
        _ => Err(expected()),
    }
}

/// A rate: `COUNT/second|minute|hour|day`, count at least 1.
pub(crate) fn rate(text: &str) -> Result<TokenRate, String> {
    let expected = || {
        format!("`{text}` is no rate; write COUNT/second, /minute, /hour or /day, as in 60/minute")
    };
    let (count, period) = text.split_once('/').ok_or_else(expected)?;
    let period_s = match period {
        "second" => 1,
        "minute" => MINUTE_S,
        "hour" => HOUR_S,
        "day" => DAY_S,
        _ => return Err(expected()),
    };
    if !count.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(expected());
    }
    match count.parse() {
        Ok(count) if count > 0 => Ok(TokenRate {
            count,
            period_ns: period_s * SECOND_NS,
        }),
        _ => Err(expected()),
    }
}

/// A rate as a person writes it.
pub(crate) fn rate_text(count: u64, period_ns: u64) -> String {
    let period_s = period_ns / SECOND_NS;
    match period_s {
        1 => format!("{count}/second"),
        MINUTE_S => format!("{count}/minute"),
        HOUR_S => format!("{count}/hour"),
        DAY_S => format!("{count}/day"),
        _ => format!("{count} per {}", duration_text(period_s)),
    }
}

/// A number of seconds in its two largest units: `2d 4h`, `15m`, `0s`.
pub(crate) fn duration_text(seconds: u64) -> String {
    let units = [(DAY_S, "d"), (HOUR_S, "h"), (MINUTE_S, "m"), (1, "s")];
    let mut rest = seconds;
    let mut parts = Vec::new();
    for (unit_s, name) in units {
        if rest >= unit_s && parts.len() < 2 {
            parts.push(format!("{}{name}", rest / unit_s));
            rest %= unit_s;
        }
    }
    if parts.is_empty() {
        "0s".to_owned()
    } else {
        parts.join(" ")
    }
}

/// Seconds since 1970 as RFC 3339 in UTC.
pub(crate) fn time_text(unix_s: u64) -> String {
    i64::try_from(unix_s)
        .ok()
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .map_or_else(
            || "beyond the calendar".to_owned(),
            |time| {
                time.to_zoned(TimeZone::UTC)
                    .strftime("%Y-%m-%dT%H:%M:%SZ")
                    .to_string()
            },
        )
}

/// Now, in seconds since 1970.
pub(crate) fn now_unix_s() -> u64 {
    u64::try_from(Timestamp::now().as_second()).unwrap_or(0)
}

/// Now, in milliseconds since 1970.
pub(crate) fn now_unix_ms() -> u64 {
    u64::try_from(Timestamp::now().as_millisecond()).unwrap_or(0)
}

/// Whether a token's life is over, as the gateway decides it: in the very second of its expiry.
pub(crate) fn is_over(expires_unix_s: u64, now_unix_s: u64) -> bool {
    now_unix_s >= expires_unix_s
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_over_in_the_second_in_which_it_expires() {
        assert!(!is_over(100, 99));
        assert!(is_over(100, 100));
    }

    #[test]
    fn durations_are_a_whole_number_with_a_unit() {
        assert_eq!(duration_s("90s"), Ok(90));
        assert_eq!(duration_s("24h"), Ok(86_400));
        assert_eq!(duration_s("2w"), Ok(14 * DAY_S));
        for bad in [
            "",
            "h",
            "0h",
            "-1h",
            "+1h",
            "1.5h",
            "1",
            "1 h",
            "1y",
            "99999999999999999999h",
            "é",
        ] {
            assert!(duration_s(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn rates_are_a_count_and_a_period() {
        let minute = rate("60/minute").unwrap();
        assert_eq!((minute.count, minute.period_ns), (60, 60_000_000_000));
        assert_eq!(rate_text(minute.count, minute.period_ns), "60/minute");
        for bad in [
            "60", "0/minute", "/minute", "60/min", "-1/hour", "+1/hour", "1/",
        ] {
            assert!(rate(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn times_are_shown_in_utc() {
        assert_eq!(time_text(0), "1970-01-01T00:00:00Z");
        assert_eq!(duration_text(90_000), "1d 1h");
        assert_eq!(duration_text(61), "1m 1s");
        assert_eq!(duration_text(0), "0s");
    }
}
