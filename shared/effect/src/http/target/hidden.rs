//! Text that is hidden in a value by an encoding that anybody can take off again.
//!
//! Refuses to call a token text: what is random decodes to bytes that are no letters.

/// Letters from which on a value may hide something.
const LETTERS_MIN: usize = 20;
/// Letters that are looked at.
const LETTERS_MAX: usize = 4096;

/// Whether this value is readable text in base64 or hexadecimal digits.
pub(super) fn is_text(value: &str) -> bool {
    let value = value.trim_end_matches('=').trim_end_matches("%3D");
    if value.len() < LETTERS_MIN || value.len() > LETTERS_MAX {
        return false;
    }
    is_readable(value, 4, hexadecimal) || is_readable(value, 6, base64)
}

/// Letters from which on a value counts whose parameter says that it carries something: nine bytes
/// that happen to be letters are one case in ten thousand.
const CARRIED_MIN: usize = 12;

/// Whether a parameter that is there to carry something holds what decodes to letters.
pub(super) fn is_carried(key: &str, value: &str) -> bool {
    let carries = [
        "data", "d", "payload", "content", "body", "dump", "blob", "x",
    ];
    let is_mixed = value.bytes().any(|byte| byte.is_ascii_uppercase())
        && value
            .bytes()
            .any(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
    let bare = value.trim_end_matches('=').trim_end_matches("%3D");
    let is_long = (CARRIED_MIN..=LETTERS_MAX).contains(&bare.len());
    carries.contains(&key)
        && is_mixed
        && is_long
        && letters(bare, 6, base64).is_some_and(|found| found.is_ascii)
}

/// Whether the letters of a value, each worth so many bits, make bytes that are text with gaps.
fn is_readable(value: &str, bits: u32, worth: fn(u8) -> Option<u32>) -> bool {
    letters(value, bits, worth).is_some_and(|found| found.has_gap)
}

/// What the text is like that a value makes.
struct Letters {
    has_gap: bool,
    is_ascii: bool,
}

/// What the text is like that the letters of a value make, each worth so many bits.
fn letters(value: &str, bits: u32, worth: fn(u8) -> Option<u32>) -> Option<Letters> {
    let mut held = 0_u32;
    let mut count = 0_u32;
    let mut has_gap = false;
    let mut is_ascii = true;
    for letter in value.bytes() {
        let worth = worth(letter)?;
        held = (held << bits | worth) & 0xffff;
        count = count.saturating_add(bits);
        if count >= 8 {
            count = count.saturating_sub(8);
            let byte = (held >> count) & 0xff;
            let is_letter = (0x20..0x7f).contains(&byte) || matches!(byte, 9 | 10 | 13);
            // A byte beyond ASCII is a part of a letter of another language.
            if !is_letter && byte < 0x80 {
                return None;
            }
            let gaps = b" ,:;=\n\t{}\"|@";
            is_ascii &= byte < 0x80;
            has_gap |= gaps.iter().any(|gap| u32::from(*gap) == byte);
            if byte >= 0xf8 || matches!(byte, 0xc0 | 0xc1) {
                return None;
            }
        }
    }
    Some(Letters { has_gap, is_ascii })
}

fn hexadecimal(letter: u8) -> Option<u32> {
    char::from(letter).to_digit(16)
}

fn base64(letter: u8) -> Option<u32> {
    let at = |first: u8, from: u32| u32::from(letter.wrapping_sub(first)).wrapping_add(from);
    Some(match letter {
        b'A'..=b'Z' => at(b'A', 0),
        b'a'..=b'z' => at(b'a', 26),
        b'0'..=b'9' => at(b'0', 52),
        b'+' | b'-' => 62,
        b'/' | b'_' => 63,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_parameter_carries_is_text_however_short() {
        for (key, value, expected) in [
            ("data", "QUtJQUlPU0ZPRE5O", true),
            ("payload", "aHVudGVyMg==", false),
            ("v", "QUtJQUlPU0ZPRE5O", false),
            ("data", "thumbnailsmall", false),
            ("d", "9Zq1xUuW0aQk", false),
        ] {
            assert_eq!(is_carried(key, value), expected, "{key}={value}");
        }
    }

    #[test]
    fn what_decodes_to_letters_is_text() {
        for (value, expected) in [
            ("TmFtZTtHZWhhbHQKTWVpZXI7NzIwMDA=", true),
            ("eyJ1c2VyIjogImphbmUiLCAibiI6IDF9", true),
            ("6e616d652c73616c6172790a6a616e652c3732", true),
            ("internationalization-guide", false),
            ("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c", false),
            ("AbCdEfGhIjKlMnOpQrStUvWxYz012345", false),
            ("a-long-slug-of-an-article-about-trees", false),
            ("short", false),
        ] {
            assert_eq!(is_text(value), expected, "{value}");
        }
    }
}
