//! Instants as RFC 3339 text in UTC with nine digits behind the point, and back.
//!
//! The text has a fixed width, so instants compare as their bytes do. Reading refuses any other
//! form, other offsets and dates that do not exist.

use core::ops::Range;

/// Bytes of an instant's text.
pub const TEXT_BYTES: usize = 30;

const NANOS: u64 = 1_000_000_000;
const DAY_SECONDS: u64 = 86_400;
/// Days from 0000-03-01, where the calendar's 400-year eras begin, to 1970-01-01.
const EPOCH_DAYS: u64 = 719_468;
/// Days of 400 years.
const ERA_DAYS: u64 = 146_097;

/// The text of the instant `unix_ns` nanoseconds after 1970-01-01T00:00:00Z.
#[must_use]
pub fn text(unix_ns: u64) -> [u8; TEXT_BYTES] {
    let seconds = unix_ns / NANOS;
    let (year, month, day) = date(seconds / DAY_SECONDS);
    let second = seconds % DAY_SECONDS;
    let mut text = *b"0000-00-00T00:00:00.000000000Z";
    put(&mut text, 0..4, year);
    put(&mut text, 5..7, month);
    put(&mut text, 8..10, day);
    put(&mut text, 11..13, second / 3600);
    put(&mut text, 14..16, second / 60 % 60);
    put(&mut text, 17..19, second % 60);
    put(&mut text, 20..29, unix_ns % NANOS);
    text
}

/// The instant that `text` names, in nanoseconds since 1970; `None` for any other form.
#[must_use]
pub fn unix_ns(text: &[u8]) -> Option<u64> {
    let number = |range: Range<usize>| {
        text.get(range)?.iter().try_fold(0_u64, |sum, byte| {
            let digit = byte.is_ascii_digit().then_some(byte & 15)?;
            sum.checked_mul(10)?.checked_add(u64::from(digit))
        })
    };
    let days = days(number(0..4)?, number(5..7)?, number(8..10)?)?;
    let unix_ns = days
        .checked_mul(DAY_SECONDS)?
        .checked_add(number(11..13)?.checked_mul(3600)?)?
        .checked_add(number(14..16)?.checked_mul(60)?)?
        .checked_add(number(17..19)?)?
        .checked_mul(NANOS)?
        .checked_add(number(20..29)?)?;
    // Writing it again refuses whatever is not in its own place: 25:61, 30 February, other marks.
    (self::text(unix_ns) == text).then_some(unix_ns)
}

/// Year, month and day of a day since 1970-01-01 (Howard Hinnant, *chrono-Compatible Low-Level
/// Date Algorithms*). Nothing overflows: `u64` nanoseconds end in the year 2554.
fn date(days: u64) -> (u64, u64, u64) {
    let days = days.saturating_add(EPOCH_DAYS);
    let (era, of_era) = (days / ERA_DAYS, days % ERA_DAYS);
    let leaps = (of_era / 1460)
        .saturating_add(of_era / 146_096)
        .saturating_sub(of_era / 36_524);
    let year_of_era = of_era.saturating_sub(leaps) / 365;
    let of_year = of_era.saturating_sub(days_before(year_of_era));
    let shifted = of_year.saturating_mul(5).saturating_add(2) / 153;
    let day = of_year
        .saturating_sub(month_start(shifted))
        .saturating_add(1);
    let january_on = u64::from(shifted >= 10);
    let month = shifted
        .saturating_add(3)
        .saturating_sub(january_on.saturating_mul(12));
    let year = era
        .saturating_mul(400)
        .saturating_add(year_of_era)
        .saturating_add(january_on);
    (year, month, day)
}

fn days(year: u64, month: u64, day: u64) -> Option<u64> {
    let early = u64::from(month <= 2);
    let year = year.checked_sub(early)?;
    let shifted = month.checked_add(early.checked_mul(12)?)?.checked_sub(3)?;
    (year / 400)
        .checked_mul(ERA_DAYS)?
        .checked_add(days_before(year % 400))?
        .checked_add(month_start(shifted))?
        .checked_add(day)?
        .checked_sub(1)?
        .checked_sub(EPOCH_DAYS)
}

/// Days of an era before its year.
const fn days_before(year_of_era: u64) -> u64 {
    year_of_era
        .saturating_mul(365)
        .saturating_add(year_of_era / 4)
        .saturating_sub(year_of_era / 100)
}

/// Days of a year that begins in March before its month (0 is March).
const fn month_start(shifted: u64) -> u64 {
    shifted.saturating_mul(153).saturating_add(2) / 5
}

fn put(text: &mut [u8; TEXT_BYTES], place: Range<usize>, mut value: u64) {
    for slot in text.get_mut(place).unwrap_or_default().iter_mut().rev() {
        let [low, ..] = (value % 10).to_le_bytes();
        *slot = b'0' | low;
        value /= 10;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_instants_read_as_the_calendar_says() {
        for (unix_s, expected) in [
            (0, "1970-01-01T00:00:00.000000000Z"),
            (951_827_696, "2000-02-29T12:34:56.000000000Z"),
            (1_709_251_199, "2024-02-29T23:59:59.000000000Z"),
            (1_709_251_200, "2024-03-01T00:00:00.000000000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000000000Z"),
            (1_795_432_953, "2026-11-23T11:22:33.000000000Z"),
        ] {
            assert_eq!(
                core::str::from_utf8(&text(unix_s * NANOS)).unwrap(),
                expected
            );
        }
    }

    #[test]
    fn what_is_no_instant_is_refused() {
        for wrong in [
            "",
            "2026-02-29T00:00:00.000000000Z",
            "2026-13-01T00:00:00.000000000Z",
            "2026-00-01T00:00:00.000000000Z",
            "2026-01-01T24:00:00.000000000Z",
            "2026-01-01T00:00:60.000000000Z",
            "2026-01-01t00:00:00.000000000Z",
            "2026-01-01T00:00:00.000000000z",
            "2026-01-01T00:00:00.00000000Z",
            "9999-01-01T00:00:00.000000000Z",
            "1969-12-31T23:59:59.000000000Z",
        ] {
            assert_eq!(unix_ns(wrong.as_bytes()), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn text_leads_back_to_the_instant_and_sorts_like_it(a: u64, b: u64) {
            prop_assert_eq!(unix_ns(&text(a)), Some(a));
            prop_assert_eq!(text(a).cmp(&text(b)), a.cmp(&b));
        }
    }
}
