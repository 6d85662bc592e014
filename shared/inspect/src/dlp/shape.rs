//! Looks at the shape of numbers: how many digits stand together, and what they are a part of.

use super::numbers::{DIGITS_NEAR, REACH};
use super::text::{Text, is_word, less, sum};

/// Fewest digits of what has no letters.
const DIGITS_MIN: u32 = 6;

/// Where one or two capitals stand that a blank or a dash sets apart from the digits:
/// `X-1234567-L`, `AB 12 34 56 C`.
pub(super) fn led_by_letters(text: Text<'_>, start: usize) -> Option<usize> {
    if !matches!(text.before(start), b'-' | b' ') {
        return None;
    }
    let end = less(start, 1);
    let length = text.run_back(end, 3, |byte| byte.is_ascii_uppercase());
    let from = less(end, length);
    ((1..=2).contains(&length) && !is_word(text.before(from))).then_some(from)
}

/// Whether enough digits stand here with nothing but single signs and capitals between them, and
/// are no date (ISO 8601).
pub(super) fn has_digits(text: Text<'_>, start: usize, led: bool) -> bool {
    let window = text.slice(start, sum(start, REACH as usize));
    if matches!(
        window,
        [_, _, _, _, b'-', _, _, b'-', _, _, b'T' | b'"' | b' ', ..]
    ) {
        return false;
    }
    let (mut digits, mut letters, mut gap, mut grouped) = (0_u32, 0_u32, 0_u32, false);
    for byte in window {
        match byte {
            b'0'..=b'9' => (digits, gap) = (digits.saturating_add(1), 0),
            b'A'..=b'Z' if gap < 6 => {
                gap = gap.saturating_add(1);
                letters = letters.saturating_add(1);
            }
            b' ' | b'-' | b'.' | b'/' | b'(' | b')' | b'+' if gap < 4 => {
                gap = gap.saturating_add(1)
            }
            _ => break,
        }
        if digits > DIGITS_MIN {
            return true;
        }
        grouped |= gap > 0;
    }
    let mixed = letters > 0 && digits >= DIGITS_NEAR && digits.saturating_add(letters) >= 8;
    // `ABCDEF12G34H567I` has letters before and between.
    let attached = text.before(start).is_ascii_alphabetic() && digits >= 2;
    let lettered = attached && digits.saturating_add(letters) >= 5;
    (digits >= DIGITS_MIN && (grouped || led)) || mixed || lettered
}

/// Whether dashes make a number without groups a part of something longer: `a-4111-b`.
pub(super) fn is_in_chain(text: Text<'_>, start: usize, end: usize) -> bool {
    let bare = text.slice(start, end).iter().all(u8::is_ascii_digit);
    bare && (text.before(start) == b'-' || text.at(end) == b'-' && is_word(text.at(sum(end, 1))))
}

pub(super) fn is_fraction(text: Text<'_>, start: usize) -> bool {
    text.before(start) == b'.' && text.back(start, 2).is_ascii_digit()
}
