//! Numbers of Mexico.

use super::dates::{is_birthday, is_yymmdd};
use super::digits::{digits, number, shaped, symbols, value};

/// Codes of the states, and `NE` for people born abroad.
const STATES: &[u8; 66] = b"ASBCBSCCCLCMCSCHDFDGGTGRHGJCMCMNMSNTNLOCPLQTQRSPSLSRTCTSTLVZYNZSNE";

/// Population registry key: letters of the name, day of birth, sex, state, consonants, a symbol
/// of the century (a letter from 2000 on), a check digit by modulus 10 (RENAPO, Instructivo
/// normativo para la asignación de la CURP, DOF 18 October 2021).
pub(super) fn curp(text: &[u8]) -> bool {
    let Some(all) = symbols::<18>(text) else {
        return false;
    };
    let [
        _,
        vowel,
        _,
        _,
        date @ ..,
        sex,
        s0,
        s1,
        _,
        _,
        _,
        homonym,
        check,
    ] = all;
    let Some([y0, y1, m0, m1, d0, d1]) = digits::<6>(&date) else {
        return false;
    };
    let century = if homonym.is_ascii_digit() {
        [1, 9]
    } else {
        [2, 0]
    };
    let [c0, c1] = century;
    let [body @ .., _] = all;
    let sum: Option<u64> = body
        .iter()
        .zip((2..=18_u64).rev())
        .map(|(symbol, weight)| Some(rank(*symbol)?.saturating_mul(weight)))
        .sum();
    let holds = value(check).zip(sum).is_some_and(|(check, sum)| {
        check <= 9 && sum.saturating_add(u64::from(check)).is_multiple_of(10)
    });
    shaped(&all, b"@@@@######@@@@@@*#")
        && b"AEIOUX".contains(&vowel)
        && matches!(sex, b'H' | b'M' | b'X')
        && STATES.chunks_exact(2).any(|state| state == [s0, s1])
        && is_birthday(
            number(&[c0, c1, y0, y1]),
            number(&[m0, m1]),
            number(&[d0, d1]),
        )
        && holds
}

/// Taxpayer registry code: four letters for a person or three for a company, a date, two symbols
/// (quotient and remainder by 34 of a sum below 1000, so the first is `V` at most), a check by
/// modulus 11 that is `A` for 10 (SAT, Anexo 1 of the RFC algorithm).
pub(super) fn rfc(text: &[u8]) -> bool {
    match (symbols::<13>(text), symbols::<12>(text)) {
        (Some([a, body @ .., check]), _) => is_rfc(rank(a), body, check),
        // A company's counts as if a blank stood in front.
        (_, Some([body @ .., check])) => is_rfc(Some(37), body, check),
        _ => false,
    }
}

fn is_rfc(front: Option<u64>, body: [u8; 11], check: u8) -> bool {
    let [n0, n1, n2, date @ .., h0, h1] = body;
    let is_letter = |symbol: &u8| symbol.is_ascii_uppercase() || *symbol == b'&';
    let ranks = body.iter().map(|symbol| rank(*symbol));
    let sum: Option<u64> = std::iter::once(front)
        .chain(ranks)
        .zip((2..=13_u64).rev())
        .map(|(rank, weight)| Some(rank?.saturating_mul(weight)))
        .sum();
    let expected = match sum.map(|sum| sum % 11) {
        Some(0) => b'0',
        Some(1) => b'A',
        Some(rest) => 11_u64
            .checked_sub(rest)
            .and_then(|digit| u8::try_from(digit).ok()?.checked_add(b'0'))
            .unwrap_or_default(),
        None => return false,
    };
    front.is_some_and(|front| front > 9)
        && [n0, n1, n2].iter().all(is_letter)
        && digits::<6>(&date).is_some_and(is_yymmdd)
        && matches!(h0, b'1'..=b'9' | b'A'..=b'V')
        && matches!(h1, b'1'..=b'9' | b'A'..=b'Z')
        && check == expected
}

/// The rank of a symbol in the alphabet of the registries, where `&` (RFC) and the letter `Ñ`
/// (CURP, which ASCII does not have) stand behind `N`.
fn rank(symbol: u8) -> Option<u64> {
    match symbol {
        b'&' => Some(24),
        b'O'..=b'Z' => u64::from(value(symbol)?).checked_add(1),
        _ => value(symbol).map(u64::from),
    }
}
