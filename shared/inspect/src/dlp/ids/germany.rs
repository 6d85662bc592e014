//! Numbers of Germany.

use super::check_digits::mod_11_10;
use super::dates::is_ddmmyy;
use super::digits::{digits, symbols, value, weigh};

/// Tax identification number: 11 digits, the first not 0; among the first ten one digit stands
/// two or three times (never three in a row) and every other at most once; ISO 7064 MOD 11,10
/// (BZSt, identification number under section 139b AO).
pub(super) fn tax_id(text: &[u8]) -> bool {
    let Some(all) = digits::<11>(text) else {
        return false;
    };
    let [body @ .., _] = all;
    let mut counts = [0_u8; 10];
    for digit in body {
        if let Some(count) = counts.get_mut(usize::from(digit)) {
            *count = count.saturating_add(1);
        }
    }
    let mut repeated = counts.iter().filter(|count| **count > 1);
    let one = matches!((repeated.next(), repeated.next()), (Some(2 | 3), None));
    let in_a_row = body
        .windows(3)
        .any(|three| matches!(three, [a, b, c] if a == b && b == c));
    !all.starts_with(&[0]) && one && !in_a_row && mod_11_10(&all)
}

/// Pension insurance number: area, day of birth, first letter of the birth name as its place in
/// the alphabet, serial number, check digit; sums of the digits of the products (VKVV section 4).
pub(super) fn pension(text: &[u8]) -> bool {
    let Some(all) = symbols::<12>(text) else {
        return false;
    };
    let [head @ .., letter, s, t, check] = all;
    let (Some([area_tens, area, date @ ..]), Some([s, t, check])) =
        (digits::<8>(&head), digits::<3>(&[s, t, check]))
    else {
        return false;
    };
    let Some(place) = value(letter).and_then(|value| value.checked_sub(9)) else {
        return false;
    };
    let [d0, d1, d2, d3, d4, d5] = date;
    let letter = (place / 10, place % 10);
    let places = [
        area_tens, area, d0, d1, d2, d3, d4, d5, letter.0, letter.1, s, t,
    ];
    let weights = [2_u64, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1];
    let sum: u64 = places
        .iter()
        .zip(weights)
        .map(|(digit, weight)| u64::from(*digit).saturating_mul(weight))
        .map(|product| (product / 10).saturating_add(product % 10))
        .sum();
    (area_tens, area) >= (0, 2) && is_ddmmyy(date) && sum % 10 == u64::from(check)
}

/// Symbols of the serial numbers of identity cards and passports: no vowels, none that look like
/// digits (PAuswV, BSI TR-03110).
const SERIAL_SYMBOLS: &[u8] = b"0123456789CFGHJKLMNPRTVWXYZ";

/// Serial number of an identity card (`L` to `Y` first) or passport (`C` to `K` first): nine
/// symbols with a digit among them, and the check digit of ICAO 9303 part 3 section 4.9 where a
/// tenth is there.
pub(super) fn card(text: &[u8]) -> bool {
    match (symbols::<9>(text), symbols::<10>(text)) {
        (Some(serial), _) => is_serial(&serial),
        (_, Some([serial @ .., check])) => {
            let sum: u64 = serial
                .iter()
                .filter_map(|symbol| value(*symbol))
                .zip([7_u8, 3, 1].iter().cycle())
                .map(|(value, weight)| weigh(&[value], &[*weight]))
                .sum();
            is_serial(&serial) && value(check).is_some_and(|check| u64::from(check) == sum % 10)
        }
        _ => false,
    }
}

fn is_serial(serial: &[u8; 9]) -> bool {
    let [first, rest @ ..] = serial;
    b"CFGHJKLMNPRTVWXY".contains(first)
        && rest.iter().all(|symbol| SERIAL_SYMBOLS.contains(symbol))
        && rest.iter().any(u8::is_ascii_digit)
}
