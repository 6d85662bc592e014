//! Days of the calendar, as numbers of people hold them.

use std::ops::RangeInclusive;

use super::digits::number;

/// Whether the Gregorian calendar has this day.
pub(super) const fn is_day(year: u64, month: u64, day: u64) -> bool {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    let last = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    day >= 1 && day <= last
}

/// The years in which people with a number are born. No clock is read here: the last one leaves
/// room for numbers of the years to come, and keeps out most days that are in the future.
const BIRTH_YEARS: RangeInclusive<u64> = 1850..=2040;

/// Whether somebody with a number can be born on this day.
pub(super) fn is_birthday(year: u64, month: u64, day: u64) -> bool {
    BIRTH_YEARS.contains(&year) && is_day(year, month, day)
}

/// Whether a century has this day. `year` is 0 to 99.
pub(super) const fn is_day_of_some_century(year: u64, month: u64, day: u64) -> bool {
    is_day(year.saturating_add(2000), month, day)
}

/// Whether the six digits `YYMMDD` are a day of some century.
pub(super) fn is_yymmdd(digits: [u8; 6]) -> bool {
    let [a, b, c, d, e, f] = digits;
    is_day_of_some_century(number(&[a, b]), number(&[c, d]), number(&[e, f]))
}

/// Whether the six digits `DDMMYY` are a day of some century.
pub(super) fn is_ddmmyy(digits: [u8; 6]) -> bool {
    let [a, b, c, d, e, f] = digits;
    is_yymmdd([e, f, c, d, a, b])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn february_is_as_long_as_the_year_says() {
        assert!(is_day(2000, 2, 29) && is_day(2024, 2, 29));
        assert!(!is_day(1900, 2, 29) && !is_day(2023, 2, 29) && !is_day(2024, 2, 30));
    }

    #[test]
    fn nobody_is_born_too_early_or_too_late() {
        assert!(is_birthday(1850, 1, 1) && is_birthday(2040, 12, 31));
        assert!(!is_birthday(1849, 12, 31) && !is_birthday(2041, 1, 1));
        assert!(!is_birthday(1990, 2, 30));
    }

    #[test]
    fn every_year_has_its_number_of_days() {
        for (year, days) in [(1900, 365), (2000, 366), (2023, 365), (2024, 366)] {
            let all = (0..=13).flat_map(|month| (0..=40).map(move |day| (month, day)));
            let count = all
                .filter(|(month, day)| is_day(year, *month, *day))
                .count();
            assert_eq!(count, days, "{year}");
        }
    }

    #[test]
    fn six_digits_are_read_in_their_order() {
        assert!(is_yymmdd([9, 9, 1, 2, 3, 1]) && is_ddmmyy([3, 1, 1, 2, 9, 9]));
        assert!(!is_yymmdd([3, 1, 1, 3, 0, 9]) && !is_ddmmyy([9, 9, 1, 2, 3, 1]));
    }
}
