//! Numbers of the Netherlands and of Belgium.

use super::dates::is_birthday;
use super::digits::{digits, number, weigh, with_leading_zero};

/// Citizen service number: 9 digits, or 8 with a leading 0 left out, weights 9 to 2 and -1, modulus
/// 11 (Wabb; RvIG, Logisch Ontwerp BSN).
pub(super) fn bsn(text: &[u8]) -> bool {
    with_leading_zero(text).is_some_and(|all| {
        let [.., check] = all;
        let sum = weigh(&all, &[9, 8, 7, 6, 5, 4, 3, 2]);
        sum % 11 == u64::from(check) && number(&all) != 0
    })
}

/// National register number, and BIS number (20 or 40 more in the month): day of birth, which may
/// be unknown, a serial number, 97 less the remainder by 97; people born from 2000 on have a 2 in
/// front for the remainder (royal decree of 3 April 1984).
pub(super) fn national_register(text: &[u8]) -> bool {
    let Some([body @ .., k0, k1]) = digits::<11>(text) else {
        return false;
    };
    let [y0, y1, m0, m1, d0, d1, serial @ ..] = body;
    let (year, day, key) = (number(&[y0, y1]), number(&[d0, d1]), number(&[k0, k1]));
    let month = match number(&[m0, m1]) {
        month @ 0..=12 => month,
        month @ 20..=32 => month.saturating_sub(20),
        month @ 40..=52 => month.saturating_sub(40),
        _ => return false,
    };
    [(1900, 0), (2000, 2_000_000_000)]
        .iter()
        .any(|(century, front): &(u64, u64)| {
            let rest = front.saturating_add(number(&body)) % 97;
            let unknown = month == 0 || day == 0;
            let born =
                is_birthday(century.saturating_add(year), month, day) || (unknown && day <= 31);
            born && rest.saturating_add(key) == 97
        })
        && matches!(number(&serial), 1..=998)
}
