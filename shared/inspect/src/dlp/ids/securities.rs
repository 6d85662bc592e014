//! Numbers of securities and of legal entities: like other numbers, but nobody's secret.

use super::bank::is_country;
use super::check_digits::remainder_97;
use super::digits::{shaped, symbols, value};

/// Securities number: a country or a prefix for international ones, 9 symbols, Luhn over the
/// symbols written as digits (ISO 6166).
pub(super) fn isin(text: &[u8]) -> bool {
    let Some(all) = symbols::<12>(text) else {
        return false;
    };
    let [c0, c1, ..] = all;
    let country = is_country(&[c0, c1]) || matches!(&[c0, c1], b"XS" | b"EU" | b"XA" | b"XF");
    let mut doubled = false;
    let mut sum = 0_u64;
    for symbol in all.iter().rev() {
        let Some(value) = value(*symbol) else {
            return false;
        };
        let written = if value < 10 {
            [Some(value), None]
        } else {
            [Some(value % 10), Some(value / 10)]
        };
        for digit in written.into_iter().flatten() {
            let product = if doubled {
                digit.saturating_mul(2)
            } else {
                digit
            };
            let folded = product
                .checked_sub(9)
                .filter(|_| product > 9)
                .unwrap_or(product);
            sum = sum.saturating_add(u64::from(folded));
            doubled = !doubled;
        }
    }
    shaped(&all, b"@@*********#") && country && sum.is_multiple_of(10)
}

/// Legal entity identifier: 18 symbols and two check digits, remainder 1 by 97 (ISO 17442).
pub(super) fn lei(text: &[u8]) -> bool {
    symbols::<20>(text)
        .is_some_and(|all| shaped(&all, b"******************##") && remainder_97(&all) == Some(1))
}

/// North American securities number: 8 symbols, letters, digits, `*`, `@`, `#`, and a check digit
/// by modulus 10 (ANSI X9.6).
pub(super) fn cusip(text: &[u8]) -> bool {
    let Some([body @ .., check]) = symbols::<9>(text) else {
        return false;
    };
    let sum: Option<u64> = body
        .iter()
        .zip([1_u64, 2].iter().cycle())
        .map(|(symbol, factor)| {
            let counts = match symbol {
                b'*' => 36,
                b'@' => 37,
                b'#' => 38,
                _ => value(*symbol)?,
            };
            let product = u64::from(counts).saturating_mul(*factor);
            Some((product / 10).saturating_add(product % 10))
        })
        .sum();
    check.is_ascii_digit()
        && sum
            .zip(value(check))
            .is_some_and(|(sum, check)| sum.saturating_add(u64::from(check)).is_multiple_of(10))
        && body.iter().any(|symbol| *symbol != b'0')
}
