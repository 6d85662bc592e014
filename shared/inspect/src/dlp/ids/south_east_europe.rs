//! Numbers of Greece, Romania and Bulgaria.

use super::check_digits::luhn;
use super::dates::{is_birthday, is_ddmmyy};
use super::digits::{digits, number, weigh};

/// Greek social security number: day of birth, a serial number, Luhn (Law 3655/2008; IDIKA).
pub(super) fn gr_amka(text: &[u8]) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let [date @ .., _, _, _, _, _] = all;
        is_ddmmyy(date) && luhn(&all)
    })
}

/// Greek tax number: 9 digits, powers of two, modulus 11, 10 written 0 (AADE; European
/// Commission, TIN algorithms).
pub(super) fn gr_afm(text: &[u8]) -> bool {
    digits::<9>(text).is_some_and(|all| {
        let [body @ .., check] = all;
        let sum = body.iter().fold(0_u64, |sum, digit| {
            sum.saturating_add(u64::from(*digit)).saturating_mul(2)
        });
        sum % 11 % 10 == u64::from(check) && number(&all) != 0
    })
}

/// Romanian personal code: sex and century, day of birth, county, serial number, modulus 11, 10
/// written 1 (Law 105/1996; GEO 97/2005).
pub(super) fn ro_cnp(text: &[u8]) -> bool {
    digits::<13>(text).is_some_and(|all| {
        let [sex, y0, y1, m0, m1, d0, d1, c0, c1, s0, s1, s2, check] = all;
        let century = match sex {
            3 | 4 => 1800,
            5 | 6 => 2000,
            1 | 2 | 7 | 8 | 9 => 1900,
            _ => return false,
        };
        let (month, day) = (number(&[m0, m1]), number(&[d0, d1]));
        let short = number(&[y0, y1]);
        // Residents and foreigners (7 to 9) may be of either century.
        let born = is_birthday(short.saturating_add(century), month, day)
            || (sex >= 7 && is_birthday(short.saturating_add(2000), month, day));
        let county = matches!(number(&[c0, c1]), 1..=48 | 51 | 52 | 70 | 80..=83);
        let rest = weigh(&all, &[2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9]) % 11;
        let expected = if rest == 10 { 1 } else { rest };
        born && county && (s0, s1, s2) != (0, 0, 0) && u64::from(check) == expected
    })
}

/// Bulgarian civil number: year, month (20 more before 1900, 40 more from 2000 on), day, serial
/// number, modulus 11, 10 written 0 (ESGRAON, ordinance RD-02-20-9 of 2012).
pub(super) fn bg_egn(text: &[u8]) -> bool {
    digits::<10>(text).is_some_and(|all| {
        let [y0, y1, m0, m1, d0, d1, _, _, _, check] = all;
        let (century, month) = match number(&[m0, m1]) {
            month @ 21..=32 => (1800_u64, month.saturating_sub(20)),
            month @ 41..=52 => (2000, month.saturating_sub(40)),
            month => (1900, month),
        };
        let sum = weigh(&all, &[2, 4, 8, 5, 10, 9, 7, 3, 6]);
        is_birthday(
            century.saturating_add(number(&[y0, y1])),
            month,
            number(&[d0, d1]),
        ) && sum % 11 % 10 == u64::from(check)
    })
}
