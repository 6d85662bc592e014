//! Reads matched text as digits or symbols, without the separators that people write.

/// The bytes that people write between the groups of a number.
const SEPARATORS: &[u8] = b" .-/";

/// The `N` symbols of a text in upper case, without separators; `None` where there are more or
/// fewer. A symbol is any other byte: the caller says which ones it takes.
pub(super) fn symbols<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    symbols_between(text, SEPARATORS)
}

/// As [`symbols`], with these separators.
pub(super) fn symbols_between<const N: usize>(text: &[u8], separators: &[u8]) -> Option<[u8; N]> {
    let mut rest = text.iter().filter(|byte| !separators.contains(byte));
    let mut kept = [0; N];
    for place in &mut kept {
        *place = rest.next()?.to_ascii_uppercase();
    }
    rest.next().is_none().then_some(kept)
}

/// The `N` digits of a text as values 0 to 9, without separators; `None` where there are more,
/// fewer, or other symbols.
pub(super) fn digits<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let mut values = symbols::<N>(text)?;
    for place in &mut values {
        *place = place.checked_sub(b'0').filter(|value| *value <= 9)?;
    }
    Some(values)
}

/// The 9 digits of a text, of which the first is 0 where the text has 8.
pub(super) fn with_leading_zero(text: &[u8]) -> Option<[u8; 9]> {
    let short = || {
        let mut padded = [0; 9];
        let [_, rest @ ..] = &mut padded;
        *rest = digits::<8>(text)?;
        Some(padded)
    };
    digits::<9>(text).or_else(short)
}

/// Whether a text without its separators has this shape: `#` a digit, `@` a letter of either
/// case, `*` one of both, anything else itself.
pub(super) fn shaped(text: &[u8], shape: &[u8]) -> bool {
    let mut rest = text.iter().filter(|byte| !SEPARATORS.contains(byte));
    let fits = shape.iter().all(|class| {
        rest.next().is_some_and(|byte| match class {
            b'#' => byte.is_ascii_digit(),
            b'@' => byte.is_ascii_alphabetic(),
            b'*' => byte.is_ascii_alphanumeric(),
            other => byte.eq_ignore_ascii_case(other),
        })
    });
    fits && rest.next().is_none()
}

/// The value of a symbol: `0` to `9` are 0 to 9, `A` to `Z` are 10 to 35.
pub(super) fn value(symbol: u8) -> Option<u8> {
    match symbol {
        b'0'..=b'9' => symbol.checked_sub(b'0'),
        b'A'..=b'Z' => symbol.checked_sub(b'A')?.checked_add(10),
        _ => None,
    }
}

/// The number that these digits write, at most 19 of them.
pub(super) fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |number: u64, digit| {
        number.saturating_mul(10).saturating_add(u64::from(*digit))
    })
}

/// The sum of each value times the weight at its place.
pub(super) fn weigh(values: &[u8], weights: &[u8]) -> u64 {
    let products = values.iter().zip(weights);
    products
        .map(|(value, weight)| u64::from(*value).saturating_mul(u64::from(*weight)))
        .sum()
}

/// Whether all are the same, as in numbers that people fill in as a placeholder.
pub(super) fn repeats(values: &[u8]) -> bool {
    values
        .first()
        .is_none_or(|first| values.iter().all(|value| value == first))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_left_out_and_anything_else_is_not() {
        assert_eq!(digits::<3>(b"1-2.3"), Some([1, 2, 3]));
        assert_eq!(digits::<3>(b"1/2 3"), Some([1, 2, 3]));
        for text in [&b"1-2"[..], b"1234", b"12a", b"12_3", b"", b"12\xb2"] {
            assert_eq!(digits::<3>(text), None, "{text:?}");
        }
        assert_eq!(symbols::<4>(b"a1-b2"), Some(*b"A1B2"));
        assert_eq!(
            with_leading_zero(b"1234 5678"),
            Some([0, 1, 2, 3, 4, 5, 6, 7, 8])
        );
        assert_eq!(
            with_leading_zero(b"123456789"),
            Some([1, 2, 3, 4, 5, 6, 7, 8, 9])
        );
        assert_eq!(with_leading_zero(b"1234567"), None);
    }

    #[test]
    fn a_shape_is_of_its_length_and_classes() {
        assert!(shaped(b"ab-1x", b"@@#*"));
        assert!(shaped(b"AB19", b"AB#*"));
        for text in [&b"AB1"[..], b"AB1XX", b"A11X", b"ABAX", b"AB1_"] {
            assert!(!shaped(text, b"@@#*"), "{text:?}");
        }
    }

    #[test]
    fn numbers_and_sums_stay_within_their_type() {
        assert_eq!(number(&[0, 4, 2]), 42);
        assert_eq!(number(&[9; 40]), u64::MAX);
        assert_eq!(weigh(&[1, 2, 3], &[3, 2]), 7);
        assert!(repeats(&[7, 7, 7]) && !repeats(&[7, 7, 8]));
    }
}
