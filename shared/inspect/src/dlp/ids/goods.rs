//! Numbers of goods, vehicles and devices: they tell what is no card and no person.

use super::check_digits::{gs1, luhn};
use super::digits::{digits, number, repeats, symbols, value, weigh};

/// Vehicle identification number: 17 symbols without `I`, `O`, `Q`, the ninth a check by modulus
/// 11 that is `X` for 10 (ISO 3779; 49 CFR 565, which makes the check a duty in North America
/// only).
pub(super) fn vin(text: &[u8]) -> bool {
    let Some(all) = symbols::<17>(text) else {
        return false;
    };
    let weights = [8_u64, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2];
    let sum: Option<u64> = all
        .iter()
        .zip(weights)
        .map(|(symbol, weight)| Some(vin_value(*symbol)?.saturating_mul(weight)))
        .sum();
    let [_, _, _, _, _, _, _, _, check, ..] = all;
    let check = match check {
        b'X' => Some(10),
        b'0'..=b'9' => value(check).map(u64::from),
        _ => None,
    };
    check.is_some() && sum.map(|sum| sum % 11) == check && !repeats(&all)
}

/// What a symbol of a VIN counts: `A` to `H` 1 to 8, `J` to `R` 1 to 9, `S` to `Z` 2 to 9.
fn vin_value(symbol: u8) -> Option<u64> {
    let base = match symbol {
        b'0'..=b'9' => b'0',
        b'A'..=b'H' => b'A'.checked_sub(1)?,
        b'J'..=b'N' | b'P' | b'R' => b'J'.checked_sub(1)?,
        b'S'..=b'Z' => b'S'.checked_sub(2)?,
        _ => return None,
    };
    symbol.checked_sub(base).map(u64::from)
}

/// Equipment identity of a mobile device: 15 digits, Luhn (3GPP TS 23.003 section 6.2, GSMA
/// TS.06).
pub(super) fn imei(text: &[u8]) -> bool {
    digits::<15>(text).is_some_and(|all| luhn(&all) && number(&all) != 0)
}

/// Book number of 10 places: weights 10 to 1, modulus 11, `X` for 10 (ISO 2108:1992).
pub(super) fn isbn_10(text: &[u8]) -> bool {
    let Some([body @ .., check]) = symbols::<10>(text) else {
        return false;
    };
    let check = match check {
        b'0'..=b'9' => value(check),
        b'X' => Some(10),
        _ => None,
    };
    digits::<9>(&body).zip(check).is_some_and(|(body, check)| {
        let sum = weigh(&body, &[10, 9, 8, 7, 6, 5, 4, 3, 2]);
        sum.saturating_add(u64::from(check)).is_multiple_of(11) && number(&body) != 0
    })
}

/// Book number of 13 digits: begins with 978 or 979, check digit of GS1 (ISO 2108:2017).
pub(super) fn isbn_13(text: &[u8]) -> bool {
    digits::<13>(text).is_some_and(|all| {
        (all.starts_with(&[9, 7, 8]) || all.starts_with(&[9, 7, 9])) && gs1(&all)
    })
}

/// Article number of 13 digits (GS1 General Specifications, GTIN-13).
pub(super) fn ean_13(text: &[u8]) -> bool {
    digits::<13>(text).is_some_and(|all| gs1(&all) && number(&all) != 0)
}

/// Article number of 12 digits (GS1 General Specifications, GTIN-12).
pub(super) fn upc_a(text: &[u8]) -> bool {
    digits::<12>(text).is_some_and(|all| gs1(&all) && number(&all) != 0)
}
