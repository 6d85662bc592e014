//! Numbers of Canada and of Australia.

use super::check_digits::luhn;
use super::digits::{digits, number, repeats, weigh};

/// Canadian social insurance number: 9 digits, the first not 0 or 8, Luhn (ESDC, Employment
/// Insurance Act section 138).
pub(super) fn ca_sin(text: &[u8]) -> bool {
    digits::<9>(text).is_some_and(|all| {
        let [first, ..] = all;
        !matches!(first, 0 | 8) && luhn(&all)
    })
}

/// Australian tax file number: 9 digits, or 8 in older ones, modulus 11 (ATO, TFN algorithm).
pub(super) fn au_tfn(text: &[u8]) -> bool {
    if let Some(all) = digits::<8>(text) {
        return weigh(&all, &[10, 7, 8, 4, 6, 3, 5, 1]).is_multiple_of(11) && !repeats(&all);
    }
    digits::<9>(text).is_some_and(|all| {
        weigh(&all, &[1, 4, 3, 7, 5, 8, 6, 9, 10]).is_multiple_of(11) && !repeats(&all)
    })
}

/// Australian business number: 11 digits, 1 less in the first, modulus 89 (ABR, "Format of the
/// ABN").
pub(super) fn au_abn(text: &[u8]) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let [first, ..] = all;
        let sum = weigh(&all, &[10, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
        first != 0 && sum.saturating_sub(10).is_multiple_of(89)
    })
}

/// Australian company number: 9 digits, weights 8 to 1, modulus 10 (ASIC, "ACN check").
pub(super) fn au_acn(text: &[u8]) -> bool {
    digits::<9>(text).is_some_and(|all| {
        weigh(&all, &[8, 7, 6, 5, 4, 3, 2, 1, 1]).is_multiple_of(10) && number(&all) != 0
    })
}

/// Australian Medicare card number: begins with 2 to 6, eight digits, a check digit by modulus
/// 10, an issue number from 1 on, and the reference number of the person or not (Services
/// Australia; METeOR 270101).
pub(super) fn au_medicare(text: &[u8]) -> bool {
    let all = match digits::<11>(text) {
        Some([all @ .., reference]) if reference != 0 => Some(all),
        _ => digits::<10>(text),
    };
    all.is_some_and(|all| {
        let [first, .., check, issue] = all;
        let sum = weigh(&all, &[1, 3, 7, 9, 1, 3, 7, 9]);
        matches!(first, 2..=6) && sum % 10 == u64::from(check) && issue != 0
    })
}
