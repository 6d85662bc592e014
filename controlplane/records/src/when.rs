//! Times as a person names them, always in UTC: RFC 3339, a date, a duration ago, a day's name.
//!
//! Refuses whatever names no single instant, and instants before 1970.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const SECOND_NS: u64 = 1_000_000_000;
const DAY_NS: u64 = 86_400 * SECOND_NS;

/// A span of time, half open: `from_ns <= time < until_ns`, in nanoseconds since 1970, UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Period {
    /// The first instant in it.
    pub from_ns: u64,
    /// The first instant behind it.
    pub until_ns: u64,
}

impl Period {
    /// All of time.
    pub const ALWAYS: Self = Self {
        from_ns: 0,
        until_ns: u64::MAX,
    };

    /// Whether the instant is in it.
    #[must_use]
    pub const fn holds(&self, time_ns: u64) -> bool {
        self.from_ns <= time_ns && time_ns < self.until_ns
    }
}

impl Default for Period {
    fn default() -> Self {
        Self::ALWAYS
    }
}

/// A text that names no time.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no time; write RFC 3339 as in 2026-11-23T11:00:00Z, a date (UTC), today, yesterday, \
     now, or a duration ago as in 2h or 7d"
)]
pub struct BadTime(String);

/// A text that names no day.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no day; write today, yesterday, or a date as in 2026-11-23 (UTC)")]
pub struct BadDay(String);

/// The instant that `text` names, seen from `now_ns`, in nanoseconds since 1970.
///
/// # Errors
/// When it names none.
pub fn instant_ns(text: &str, now_ns: u64) -> Result<u64, BadTime> {
    let midnight = now_ns.saturating_sub(now_ns.checked_rem(DAY_NS).unwrap_or_default());
    let found = match text {
        "now" => Some(now_ns),
        "today" => Some(midnight),
        "yesterday" => midnight.checked_sub(DAY_NS),
        _ => ago_ns(text)
            .map(|ago| now_ns.saturating_sub(ago))
            .or_else(|| written_ns(text)),
    };
    found.ok_or_else(|| BadTime(text.to_owned()))
}

/// The day that `text` names, seen from `now_ns`.
///
/// # Errors
/// When it names none.
pub fn day(text: &str, now_ns: u64) -> Result<Period, BadDay> {
    let named = matches!(text, "today" | "yesterday");
    let is_date = text.len() == 10 && text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    if !named && !is_date {
        return Err(BadDay(text.to_owned()));
    }
    let from_ns = instant_ns(text, now_ns).map_err(|_| BadDay(text.to_owned()))?;
    Ok(Period {
        from_ns,
        until_ns: from_ns.saturating_add(DAY_NS),
    })
}

/// Now, in nanoseconds since 1970.
#[must_use]
pub fn now_ns() -> u64 {
    u64::try_from(Timestamp::now().as_nanosecond()).unwrap_or(0)
}

/// A whole number with `s`, `m`, `h`, `d` or `w`.
fn ago_ns(text: &str) -> Option<u64> {
    let unit = text.chars().last()?;
    let seconds: u64 = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        'w' => 7 * 86_400,
        _ => return None,
    };
    let digits = text.strip_suffix(unit)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let number: u64 = digits.parse().ok()?;
    number.checked_mul(seconds)?.checked_mul(SECOND_NS)
}

/// RFC 3339 with its offset, or a date or date and time without one, which is UTC.
fn written_ns(text: &str) -> Option<u64> {
    if let Ok(instant) = text.parse::<Timestamp>() {
        return u64::try_from(instant.as_nanosecond()).ok();
    }
    // Nothing else that the calendar's parser would take and forget: no zone, no offset.
    let is_plain = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'-' | b':' | b'.' | b'T');
    if text.len() < 10 || !text.bytes().all(is_plain) || text.matches('-').count() != 2 {
        return None;
    }
    let civil: DateTime = text.parse().ok()?;
    let instant = civil.to_zoned(TimeZone::UTC).ok()?.timestamp();
    u64::try_from(instant.as_nanosecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-23T11:22:33Z.
    const NOW: u64 = 1_795_432_953 * SECOND_NS;
    const MIDNIGHT: u64 = 1_795_392_000 * SECOND_NS;

    #[test]
    fn a_time_is_an_instant_a_date_a_name_or_a_duration_ago() {
        for (text, expected) in [
            ("now", NOW),
            ("today", MIDNIGHT),
            ("yesterday", MIDNIGHT - DAY_NS),
            ("2h", NOW - 7200 * SECOND_NS),
            ("1w", NOW - 7 * DAY_NS),
            ("2026-11-23T11:22:33Z", NOW),
            ("2026-11-23T12:22:33+01:00", NOW),
            ("2026-11-23T11:22:33", NOW),
            ("2026-11-23T11:22:33.000000001", NOW + 1),
            ("2026-11-23", MIDNIGHT),
            ("2026-11-23T11:22", NOW - 33 * SECOND_NS),
        ] {
            assert_eq!(instant_ns(text, NOW), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_names_no_instant_is_refused_with_what_would() {
        for text in [
            "",
            "h",
            "-2h",
            "2.5h",
            "2y",
            "tomorrow",
            "2026-02-30",
            "2026-11-23T11:22[Europe/Berlin]",
            "1960-01-01T00:00:00Z",
            "20261123",
            "99999999999999999999h",
        ] {
            let error = instant_ns(text, NOW).unwrap_err().to_string();
            assert!(error.contains("RFC 3339"), "{text}: {error}");
        }
    }

    #[test]
    fn a_day_is_twenty_four_hours_of_utc() {
        let expected = Period {
            from_ns: MIDNIGHT,
            until_ns: MIDNIGHT + DAY_NS,
        };
        assert_eq!(day("today", NOW), Ok(expected));
        assert_eq!(day("2026-11-23", NOW), Ok(expected));
        assert!(expected.holds(MIDNIGHT) && !expected.holds(MIDNIGHT + DAY_NS));
        for text in ["2h", "now", "2026-11-23T00:00:00Z", "2026-13-01"] {
            assert!(day(text, NOW).is_err(), "{text}");
        }
    }
}
