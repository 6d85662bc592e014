//! Numbers of Spain and Portugal.

use super::check_digits::{complement_11, luhn};
use super::digits::{digits, number, repeats, symbols, value, weigh};

/// Check letters by the remainder by 23.
const LETTERS: &[u8; 23] = b"TRWAGMYFPDXBNJZSQVHLCKE";

/// National identity document: 8 digits and a letter by the remainder by 23 (Royal Decree
/// 1553/2005).
pub(super) fn es_dni(text: &[u8]) -> bool {
    symbols::<9>(text).is_some_and(|[body @ .., letter]| {
        digits::<8>(&body).is_some_and(|body| is_letter_of(number(&body), letter))
    })
}

/// Identity number of a foreigner: `X`, `Y` or `Z`, which counts 0, 1 or 2 in front of 7 digits,
/// and the letter of the DNI (Royal Decree 557/2011).
pub(super) fn es_nie(text: &[u8]) -> bool {
    let Some([first, body @ .., letter]) = symbols::<9>(text) else {
        return false;
    };
    let Some(front) = first.checked_sub(b'X').filter(|front| *front <= 2) else {
        return false;
    };
    digits::<7>(&body).is_some_and(|body| {
        let front = u64::from(front).saturating_mul(10_000_000);
        is_letter_of(front.saturating_add(number(&body)), letter)
    })
}

/// Tax number of a person or a company: a DNI, a NIE, `K`, `L` or `M` with 7 digits and the letter
/// of the DNI, or a CIF (Royal Decree 1065/2007).
pub(super) fn es_nif(text: &[u8]) -> bool {
    let special = symbols::<9>(text).is_some_and(|[first, body @ .., letter]| {
        matches!(first, b'K' | b'L' | b'M')
            && digits::<7>(&body).is_some_and(|body| is_letter_of(number(&body), letter))
    });
    special || es_dni(text) || es_nie(text) || es_cif(text)
}

/// Number of a company: a letter of its form, 7 digits, a check that is a digit for some forms, a
/// letter for others, either for the rest (Order EHA/451/2008).
pub(super) fn es_cif(text: &[u8]) -> bool {
    let Some([form, body @ .., check]) = symbols::<9>(text) else {
        return false;
    };
    let Some([a, b, c, d, e, f, g]) = digits::<7>(&body) else {
        return false;
    };
    let Some(expected) = (0..10).find(|digit| luhn(&[a, b, c, d, e, f, g, *digit])) else {
        return false;
    };
    let as_digit = value(check) == Some(expected);
    let as_letter = b"JABCDEFGHI".get(usize::from(expected)) == Some(&check);
    match form {
        b'A' | b'B' | b'E' | b'H' => as_digit,
        b'N' | b'P' | b'Q' | b'R' | b'S' | b'W' => as_letter,
        b'C' | b'D' | b'F' | b'G' | b'J' | b'U' | b'V' => as_digit || as_letter,
        _ => false,
    }
}

fn is_letter_of(number: u64, letter: u8) -> bool {
    let letters = LETTERS.iter().zip(0_u64..);
    number != 0
        && letters
            .into_iter()
            .any(|(l, n)| n == number % 23 && *l == letter)
}

/// Social security number: province, 8 digits, the remainder by 97 of both (TGSS; numbers under
/// ten million are joined without their leading zero).
pub(super) fn es_social_security(text: &[u8]) -> bool {
    digits::<12>(text).is_some_and(|[p0, p1, n0, rest @ .., k0, k1]| {
        let (province, tail) = (number(&[p0, p1]), number(&rest));
        let joined = if n0 == 0 {
            province.saturating_mul(10_000_000).saturating_add(tail)
        } else {
            let head = number(&[p0, p1, n0]);
            head.saturating_mul(10_000_000).saturating_add(tail)
        };
        matches!(province, 1..=53 | 66) && joined % 97 == number(&[k0, k1])
    })
}

/// Tax number: 9 digits that begin as those of people and bodies do, weights 9 to 2, modulus 11
/// (Decree-Law 14/2013).
pub(super) fn pt_nif(text: &[u8]) -> bool {
    digits::<9>(text).is_some_and(|all| {
        let [first, second, .., check] = all;
        let kind = match first {
            1 | 2 | 3 | 5 | 6 | 8 => true,
            4 => second == 5,
            7 => !matches!(second, 3 | 6),
            9 => matches!(second, 0 | 1 | 8 | 9),
            _ => false,
        };
        let sum = weigh(&all, &[9, 8, 7, 6, 5, 4, 3, 2]);
        kind && u64::from(check) == complement_11(sum) && !repeats(&all)
    })
}

/// Citizen card: 8 digits, a check digit, two letters or digits of the version, a check digit;
/// every second place doubled, modulus 10 (Law 7/2007, AMA).
pub(super) fn pt_card(text: &[u8]) -> bool {
    let Some(all) = symbols::<12>(text) else {
        return false;
    };
    let [body @ .., _, _, last] = all;
    let Some(digits) = digits::<9>(&body) else {
        return false;
    };
    let sum: Option<u64> = all
        .iter()
        .zip([2_u64, 1].iter().cycle())
        .map(|(symbol, weight)| {
            let product = u64::from(value(*symbol)?).saturating_mul(*weight);
            let folded = product.checked_sub(9).filter(|_| *weight == 2);
            Some(folded.unwrap_or(product))
        })
        .sum();
    let number_holds = weigh(&digits, &[9, 8, 7, 6, 5, 4, 3, 2]);
    let [civil @ .., civil_check] = digits;
    number(&civil) != 0
        && u64::from(civil_check) == complement_11(number_holds)
        && last.is_ascii_digit()
        && sum.is_some_and(|sum| sum.is_multiple_of(10))
}
