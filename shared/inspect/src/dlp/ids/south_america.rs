//! Numbers of Argentina, Chile, Colombia, Peru, Ecuador and Venezuela.

use super::check_digits::{complement_11, luhn};
use super::digits::{digits, number, repeats, symbols, weigh};

/// Argentine tax and labour number (CUIT, CUIL): a prefix of its kind, 8 digits, modulus 11, 10
/// written 9 (ANSES, AFIP general resolution 10/1997).
pub(super) fn ar_cuit(text: &[u8]) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let [p0, p1, body @ .., check] = all;
        let prefix = matches!(
            number(&[p0, p1]),
            20 | 23..=27 | 30 | 33 | 34 | 50 | 51 | 55
        );
        let rest = weigh(&all, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
        let expected = match rest {
            0 => 0,
            1 => 9,
            _ => 11_u64.saturating_sub(rest),
        };
        prefix && u64::from(check) == expected && number(&body) != 0
    })
}

/// Argentine identity document: 7 or 8 digits, the first not 0 (Law 17671). Structure only.
pub(super) fn ar_dni(text: &[u8]) -> bool {
    let holds = |all: &[u8]| !all.starts_with(&[0]) && !repeats(all);
    digits::<8>(text).is_some_and(|all| holds(&all))
        || digits::<7>(text).is_some_and(|all| holds(&all))
}

/// Chilean number of a person or a company: 7 or 8 digits, weights 2 to 7 from the right, modulus
/// 11, `K` for 10 (Servicio de Impuestos Internos, DFL 3 of 1969).
pub(super) fn cl_rut(text: &[u8]) -> bool {
    match (symbols::<9>(text), symbols::<8>(text)) {
        (Some([body @ .., check]), _) => {
            digits::<8>(&body).is_some_and(|body| is_rut(&body, check))
        }
        (_, Some([body @ .., check])) => {
            digits::<7>(&body).is_some_and(|body| is_rut(&body, check))
        }
        _ => false,
    }
}

fn is_rut(body: &[u8], check: u8) -> bool {
    let places = body.iter().rev().zip((2..=7_u64).cycle());
    let sum: u64 = places
        .map(|(digit, weight)| u64::from(*digit).saturating_mul(weight))
        .sum();
    let expected = b"0K987654321"
        .iter()
        .zip(0_u64..)
        .find(|(_, rest)| *rest == sum % 11);
    expected.is_some_and(|(symbol, _)| *symbol == check) && number(body) != 0
}

/// Colombian tax number: 8 to 10 digits and a check digit, prime weights from the right, modulus
/// 11 (DIAN, Orden administrativa 4 of 1989).
pub(super) fn co_nit(text: &[u8]) -> bool {
    let holds = |all: &[u8]| {
        let Some((check, body)) = all.split_last() else {
            return false;
        };
        let weights = [3_u64, 7, 13, 17, 19, 23, 29, 37, 41, 43];
        let places = body.iter().rev().zip(weights);
        let sum: u64 = places
            .map(|(digit, weight)| u64::from(*digit).saturating_mul(weight))
            .sum();
        let expected = match sum % 11 {
            rest @ (0 | 1) => rest,
            rest => 11_u64.saturating_sub(rest),
        };
        u64::from(*check) == expected && number(body) != 0
    };
    digits::<10>(text).is_some_and(|all| holds(&all))
        || digits::<9>(text).is_some_and(|all| holds(&all))
        || digits::<11>(text).is_some_and(|all| holds(&all))
}

/// Peruvian taxpayer number: begins with 10, 15, 16, 17 or 20, modulus 11 (SUNAT, resolution
/// 210-2004).
pub(super) fn pe_ruc(text: &[u8]) -> bool {
    digits::<11>(text).is_some_and(|all| {
        let [p0, p1, .., check] = all;
        let rest = weigh(&all, &[5, 4, 3, 2, 7, 6, 5, 4, 3, 2]) % 11;
        matches!(number(&[p0, p1]), 10 | 15..=17 | 20)
            && 11_u64.saturating_sub(rest) % 10 == u64::from(check)
    })
}

/// Ecuadorian identity card: a province, a third digit to 6, Luhn (Registro Civil).
pub(super) fn ec_identity(text: &[u8]) -> bool {
    digits::<10>(text).is_some_and(|all| {
        let [p0, p1, third, ..] = all;
        matches!(number(&[p0, p1]), 1..=24 | 30 | 50) && third <= 6 && luhn(&all)
    })
}

/// Venezuelan tax number: a letter of its kind, 8 digits, modulus 11, 10 and 11 written 0
/// (SENIAT, providencia 0073).
pub(super) fn ve_rif(text: &[u8]) -> bool {
    let Some([kind, rest @ ..]) = symbols::<10>(text) else {
        return false;
    };
    let kind = match kind {
        b'V' => 4,
        b'E' => 8,
        b'J' | b'C' => 12,
        b'P' => 16,
        b'G' => 20,
        _ => return false,
    };
    digits::<9>(&rest).is_some_and(|all| {
        let [body @ .., check] = all;
        let sum = weigh(&all, &[3, 2, 7, 6, 5, 4, 3, 2]).saturating_add(kind);
        complement_11(sum) == u64::from(check) && number(&body) != 0
    })
}
