//! Numbers of China, Hong Kong and Taiwan.

use super::dates::is_birthday;
use super::digits::{digits, number, shaped, symbols, symbols_between, value, weigh};

/// Number of a resident: province, district, day of birth, order, a check by ISO 7064 MOD 11-2
/// that is `X` for 10 (GB 11643-1999, provinces of GB/T 2260).
pub(super) fn resident(text: &[u8]) -> bool {
    let Some([body @ .., check]) = symbols::<18>(text) else {
        return false;
    };
    let Some(body) = digits::<17>(&body) else {
        return false;
    };
    let [p0, p1, _, _, _, _, y0, y1, y2, y3, m0, m1, d0, d1, ..] = body;
    let province = matches!(
        number(&[p0, p1]),
        11..=15 | 21..=23 | 31..=37 | 41..=46 | 50..=54 | 61..=65 | 71 | 81..=83
    );
    let check = match check {
        b'0'..=b'9' => value(check),
        b'X' => Some(10),
        _ => None,
    };
    let year = number(&[y0, y1, y2, y3]);
    let sum = weigh(
        &body,
        &[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2],
    );
    province
        && is_birthday(year, number(&[m0, m1]), number(&[d0, d1]))
        && check.is_some_and(|check| sum.saturating_add(u64::from(check)) % 11 == 1)
}

/// Symbols of the unified social credit code, in the order of what they count.
const CREDIT_SYMBOLS: &[u8; 31] = b"0123456789ABCDEFGHJKLMNPQRTUWXY";

/// Unified social credit code of an organization: authority, kind, six digits of the region, nine
/// symbols, a check by modulus 31 (GB 32100-2015).
pub(super) fn social_credit(text: &[u8]) -> bool {
    let Some(all) = symbols::<18>(text) else {
        return false;
    };
    let [authority, kind, region @ .., _, _, _, _, _, _, _, _, _, _] = all;
    // The powers of 3 by modulus 31; the check symbol counts once.
    let weights = [
        1_u64, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28, 1,
    ];
    let sum: Option<u64> = all
        .iter()
        .zip(weights)
        .map(|(symbol, weight)| {
            let mut known = CREDIT_SYMBOLS.iter().zip(0_u64..);
            let (_, counts) = known.find(|(known, _)| *known == symbol)?;
            Some(counts.saturating_mul(weight))
        })
        .sum();
    matches!(authority, b'1'..=b'9' | b'A' | b'N' | b'Y')
        && matches!(kind, b'1'..=b'9')
        && digits::<6>(&region).is_some()
        && sum.is_some_and(|sum| sum.is_multiple_of(31))
}

/// Hong Kong identity card: one or two letters, six digits, a check digit that may stand in
/// brackets, weights 9 to 1, modulus 11, `A` for 10 (Immigration Department).
pub(super) fn hong_kong(text: &[u8]) -> bool {
    let separators = b" -()";
    let short = symbols_between::<8>(text, separators);
    let long = symbols_between::<9>(text, separators);
    let (all, shape): (_, &[u8]) = match (short, long) {
        // A missing letter counts as a blank, 36.
        (Some([a, rest @ ..]), _) => {
            let [b, c, d, e, f, g, check] = rest;
            ([b' ', a, b, c, d, e, f, g, check], b"@######*")
        }
        (_, Some(all)) => (all, b"@@######*"),
        _ => return false,
    };
    let sum: Option<u64> = all
        .iter()
        .zip((1..=9_u64).rev())
        .map(|(symbol, weight)| {
            let counts = if *symbol == b' ' { 36 } else { value(*symbol)? };
            Some(u64::from(counts).saturating_mul(weight))
        })
        .sum();
    let [.., check] = all;
    shaped(&all, shape)
        && matches!(check, b'0'..=b'9' | b'A')
        && sum.is_some_and(|sum| sum.is_multiple_of(11))
}

/// What the letter of a place counts in Taiwan, `A` to `Z`.
const TAIWAN_LETTERS: [u8; 26] = [
    10, 11, 12, 13, 14, 15, 16, 17, 34, 18, 19, 20, 21, 22, 35, 23, 24, 25, 26, 27, 28, 29, 32, 30,
    31, 33,
];

/// Taiwanese identity card (second place 1 or 2) and resident certificate (8 or 9, or `A` to `D`
/// until 2020): the letter as two digits, weights 1, 9, 8 to 1, 1, modulus 10 (Ministry of the
/// Interior; National Immigration Agency).
pub(super) fn taiwan(text: &[u8]) -> bool {
    let Some([place, kind, rest @ ..]) = symbols::<10>(text) else {
        return false;
    };
    let letter = |symbol: u8| {
        let index = symbol.checked_sub(b'A')?;
        TAIWAN_LETTERS.get(usize::from(index)).copied()
    };
    let kind = match kind {
        b'1' | b'2' | b'8' | b'9' => value(kind),
        b'A'..=b'D' => letter(kind).map(|counts| counts % 10),
        _ => None,
    };
    let (Some(place), Some(kind), Some(rest)) = (letter(place), kind, digits::<8>(&rest)) else {
        return false;
    };
    let front = weigh(&[place / 10, place % 10, kind], &[1, 9, 8]);
    front
        .saturating_add(weigh(&rest, &[7, 6, 5, 4, 3, 2, 1, 1]))
        .is_multiple_of(10)
}
