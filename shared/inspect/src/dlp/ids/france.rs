//! Numbers of France.

use super::check_digits::{luhn, remainder};
use super::digits::{digits, number, symbols};

/// The SIREN of La Poste, whose establishments have another check, and the SIRET of its seat,
/// which has not.
const LA_POSTE: u64 = 356_000_000;
const LA_POSTE_SEAT: u64 = 35_600_000_000_048;

/// Registration number of a person (NIR, "number of social security"): sex, year, month,
/// department (`2A` and `2B` for Corsica count as 19 and 18), commune, order, and a key that is
/// 97 less the remainder by 97 (INSEE, decree 82-103).
pub(super) fn nir(text: &[u8]) -> bool {
    let Some(mut all) = symbols::<15>(text) else {
        return false;
    };
    let [_, _, _, _, _, tens, units, ..] = &mut all;
    match (&tens, &units) {
        (b'2', b'A') => (*tens, *units) = (b'1', b'9'),
        (b'2', b'B') => (*tens, *units) = (b'1', b'8'),
        _ => {}
    }
    let Some([body @ .., key_tens, key]) = digits::<15>(&all) else {
        return false;
    };
    let [sex, _, _, m0, m1, d0, d1, c0, c1, c2, order @ ..] = body;
    // Months beyond 12 stand for unknown ones.
    let month = matches!(number(&[m0, m1]), 1..=12 | 20 | 30..=42 | 50..=99);
    matches!(sex, 1 | 2 | 3 | 4 | 7 | 8)
        && month
        && (d0, d1) != (0, 0)
        && (c0, c1, c2) != (0, 0, 0)
        && order != [0, 0, 0]
        && number(&[key_tens, key]).saturating_add(remainder(&body, 97)) == 97
}

/// Tax number of a person (SPI): begins with 0 to 3; the last three digits are the remainder by
/// 511 of the others (DGFiP; European Commission, TIN algorithms).
pub(super) fn spi(text: &[u8]) -> bool {
    digits::<13>(text).is_some_and(|[body @ .., a, b, c]| {
        let [first, ..] = body;
        first <= 3 && number(&body) != 0 && number(&body) % 511 == number(&[a, b, c])
    })
}

/// Number of a company: 9 digits, Luhn (INSEE, SIRENE, decree 73-314).
pub(super) fn siren(text: &[u8]) -> bool {
    digits::<9>(text).is_some_and(|all| luhn(&all) && number(&all) != 0)
}

/// Number of an establishment: a SIREN and five digits, Luhn over all; those of La Poste have a
/// sum of digits that is a multiple of 5 instead (INSEE, SIRENE).
pub(super) fn siret(text: &[u8]) -> bool {
    digits::<14>(text).is_some_and(|all| {
        let [company @ .., _, _, _, _, _] = all;
        let sum: u64 = all.iter().map(|digit| u64::from(*digit)).sum();
        let holds = match (number(&company), number(&all)) {
            (0, _) => false,
            (LA_POSTE, seat) => seat == LA_POSTE_SEAT || sum.is_multiple_of(5),
            _ => luhn(&all),
        };
        luhn(&company) && holds
    })
}
