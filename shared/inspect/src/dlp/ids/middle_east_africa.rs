//! Numbers of Saudi Arabia, Israel, Turkey and South Africa.

use super::check_digits::luhn;
use super::dates::is_yymmdd;
use super::digits::{digits, number, weigh, with_leading_zero};

/// Saudi identity number: 10 digits that begin with 1 (citizens) or 2 (residents), Luhn (Ministry
/// of Interior; Absher).
pub(super) fn sa_identity(text: &[u8]) -> bool {
    digits::<10>(text).is_some_and(|all| {
        let [first, ..] = all;
        matches!(first, 1 | 2) && luhn(&all)
    })
}

/// Israeli identity number: 9 digits, or 8 with a leading 0 left out, Luhn (Population and
/// Immigration Authority).
pub(super) fn il_identity(text: &[u8]) -> bool {
    with_leading_zero(text).is_some_and(|all| luhn(&all) && number(&all) != 0)
}

/// Turkish identity number: 11 digits, the first not 0; the tenth by the odd and even places, the
/// last by the sum (Nüfus ve Vatandaşlık İşleri, Law 5490).
pub(super) fn tr_identity(text: &[u8]) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let [first, .., tenth, last] = all;
        // 9 counts as -1 by modulus 10.
        let checked = weigh(&all, &[7, 9, 7, 9, 7, 9, 7, 9, 7]) % 10;
        let sum = weigh(&all, &[1; 10]) % 10;
        first != 0 && checked == u64::from(tenth) && sum == u64::from(last)
    })
}

/// South African identity number: day of birth, four digits, citizenship (0 to 2), one digit,
/// Luhn (Identification Act 68 of 1997).
pub(super) fn za_identity(text: &[u8]) -> bool {
    digits::<13>(text).is_some_and(|all| {
        let [y0, y1, m0, m1, d0, d1, _, _, _, _, citizenship, ..] = all;
        is_yymmdd([y0, y1, m0, m1, d0, d1]) && citizenship <= 2 && luhn(&all)
    })
}
