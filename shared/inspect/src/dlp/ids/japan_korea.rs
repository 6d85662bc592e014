//! Numbers of Japan and of South Korea.

use super::check_digits::complement_11;
use super::dates::is_birthday;
use super::digits::{digits, number, repeats, weigh};

/// Japanese number of a person: 12 digits, modulus 11, 10 and 11 written 0 (MIC ordinance 85 of
/// 2014 article 5).
pub(super) fn jp_my_number(text: &[u8]) -> bool {
    digits::<12>(text).is_some_and(|all| {
        let [.., check] = all;
        let sum = weigh(&all, &[6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2]);
        complement_11(sum) == u64::from(check) && !repeats(&all)
    })
}

/// Japanese number of a company: a check digit, which is 9 less the remainder by 9, and 12 digits
/// (MOF ordinance 70 of 2014 article 2).
pub(super) fn jp_corporate(text: &[u8]) -> bool {
    digits::<13>(text).is_some_and(|[check, body @ ..]| {
        let sum = weigh(&body, &[2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1]);
        9_u64.saturating_sub(sum % 9) == u64::from(check) && number(&body) != 0
    })
}

/// Korean registration number: day of birth, a digit of sex and century, six digits; weights 2 to
/// 9 and 2 to 5, modulus 11. A foreigner's check is 2 more by either convention in use. Numbers of
/// people born since October 2020 are random behind the digit of sex (Ministry of the Interior
/// and Safety, Resident Registration Act enforcement rules).
pub(super) fn kr_resident(text: &[u8]) -> bool {
    let Some(all) = digits::<13>(text) else {
        return false;
    };
    let [y0, y1, m0, m1, d0, d1, sex, .., check] = all;
    let century: u64 = match sex {
        9 | 0 => 1800,
        1 | 2 | 5 | 6 => 1900,
        _ => 2000,
    };
    let year = century.saturating_add(number(&[y0, y1]));
    let (month, day) = (number(&[m0, m1]), number(&[d0, d1]));
    let rest = weigh(&all, &[2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5]) % 11;
    let citizen = 11_u64.saturating_sub(rest) % 10;
    let foreigner = 13_u64.saturating_sub(rest) % 10;
    let check = u64::from(check);
    let holds = check == citizen || (matches!(sex, 5..=8) && check == foreigner);
    is_birthday(year, month, day) && ((year, month) >= (2020, 10) || holds)
}
