//! Numbers of India.

use super::check_digits::{luhn, verhoeff};
use super::digits::{digits, number, shaped, symbols, value};

/// Aadhaar: 12 digits, the first not 0 or 1, scheme of Verhoeff, not the same read backwards
/// (UIDAI, numbering scheme).
pub(super) fn aadhaar(text: &[u8]) -> bool {
    digits::<12>(text).is_some_and(|all| {
        let [first, ..] = all;
        first > 1 && verhoeff(&all) && !all.iter().eq(all.iter().rev())
    })
}

/// Permanent account number: five letters, the fourth of which is the kind of holder, four digits
/// not 0000, a letter by an unpublished scheme (Income-tax Department, rule 114).
pub(super) fn pan(text: &[u8]) -> bool {
    symbols::<10>(text).is_some_and(|all| {
        let [_, _, _, holder, _, serial @ .., _] = all;
        shaped(&all, b"@@@@@####@") && b"ABCFGHJKLPT".contains(&holder) && serial != *b"0000"
    })
}

/// Goods and services tax number: a state, a PAN, a symbol of the registration, a symbol (`Z`
/// mostly), a check by modulus 36 (GSTN, CGST rules 2017 rule 10).
pub(super) fn gstin(text: &[u8]) -> bool {
    let Some(all) = symbols::<15>(text) else {
        return false;
    };
    let [s0, s1, account @ .., entity, _, _] = all;
    let state = digits::<2>(&[s0, s1]).map(|state| number(&state));
    let sum: Option<u64> = all
        .iter()
        .zip([1_u64, 2].iter().cycle())
        .map(|(symbol, factor)| {
            let product = u64::from(value(*symbol)?).saturating_mul(*factor);
            Some((product / 36).saturating_add(product % 36))
        })
        .sum();
    matches!(state, Some(1..=38 | 97 | 99))
        && pan(&account)
        && entity != b'0'
        && sum.is_some_and(|sum| sum.is_multiple_of(36))
}

/// Voter's card: three letters and seven digits, Luhn over the digits (Election Commission, EPIC).
pub(super) fn voter(text: &[u8]) -> bool {
    symbols::<10>(text).is_some_and(|all| {
        let [_, _, _, serial @ ..] = all;
        shaped(&all, b"@@@#######")
            && digits::<7>(&serial).is_some_and(|serial| luhn(&serial) && number(&serial) != 0)
    })
}
