//! Reads blanks, strings and escapes in the bytes of a document that passed the gate.
//!
//! Relies on validity for meaning, never for safety: bytes that do not fit give None.

use memchr::memchr2;

/// The offset of the next byte that is no JSON whitespace, from `at` on.
pub(crate) fn blank(body: &[u8], at: usize) -> usize {
    let rest = body.get(at..).unwrap_or_default();
    let blanks = rest
        .iter()
        .take_while(|byte| matches!(byte, b' ' | b'\t' | b'\n' | b'\r'));
    at.saturating_add(blanks.count())
}

/// The offset behind the string whose opening quote stands at `at`.
pub(crate) fn string_end(body: &[u8], at: usize) -> Option<usize> {
    if body.get(at) != Some(&b'"') {
        return None;
    }
    let mut at = at.saturating_add(1);
    loop {
        let found = at.saturating_add(memchr2(b'"', b'\\', body.get(at..)?)?);
        if body.get(found) == Some(&b'"') {
            return Some(found.saturating_add(1));
        }
        at = found.saturating_add(2);
    }
}

/// Appends the text that the inside of a JSON string stands for (RFC 8259 section 7).
pub(super) fn unescape(text: &str, plain: &mut String) -> Option<()> {
    let mut rest = text;
    while let Some((head, tail)) = rest.split_once('\\') {
        plain.push_str(head);
        let (character, length) = escape(tail.as_bytes())?;
        plain.push(character);
        rest = tail.get(length..)?;
    }
    plain.push_str(rest);
    Some(())
}

/// The same, character by character; it ends early at what is no escape.
pub(super) fn characters(text: &str) -> impl Iterator<Item = char> {
    let mut rest = text;
    core::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let (character, length) = match first {
            '\\' => {
                let (character, behind) = escape(rest.as_bytes().get(1..)?)?;
                (character, behind.checked_add(1)?)
            }
            plain => (plain, plain.len_utf8()),
        };
        rest = rest.get(length..)?;
        Some(character)
    })
}

/// The character that an escape stands for, and how many bytes it takes behind the backslash
/// (a surrogate pair takes 11).
pub(crate) fn escape(behind: &[u8]) -> Option<(char, usize)> {
    let plain = match behind.first()? {
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode_escape(behind),
        byte @ (b'"' | b'\\' | b'/') => char::from(*byte),
        _ => return None,
    };
    Some((plain, 1))
}

fn unicode_escape(behind: &[u8]) -> Option<(char, usize)> {
    let unit = hex(behind.get(1..5)?)?;
    if let Some(character) = char::from_u32(unit) {
        return Some((character, 5));
    }
    let low = hex(behind.get(5..)?.strip_prefix(b"\\u")?.get(..4)?)?;
    let pair = [u16::try_from(unit).ok()?, u16::try_from(low).ok()?];
    let character = char::decode_utf16(pair).next()?.ok()?;
    Some((character, 11))
}

/// The number that four hex digits stand for.
pub(super) fn hex(digits: &[u8]) -> Option<u32> {
    digits.iter().try_fold(0, |number, digit| {
        let value = char::from(*digit).to_digit(16)?;
        Some(number << 4 | value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escape_is_one_character() {
        assert_eq!(escape(b"n"), Some(('\n', 1)));
        assert_eq!(escape(b"u0041x"), Some(('A', 5)));
        assert_eq!(escape(br"ud83d\ude00"), Some(('\u{1f600}', 11)));
        assert_eq!(escape(br"ud83d"), None);
        assert_eq!(escape(br"ud83d\u0041"), None);
        assert_eq!(escape(b"x"), None);
    }

    #[test]
    fn a_string_ends_behind_its_closing_quote_or_nowhere() {
        for body in ["", "\"", "\"a\\", "\"a\\\"", "a\""] {
            assert_eq!(string_end(body.as_bytes(), 0), None, "{body}");
        }
        assert_eq!(string_end(br#""}\"]"x"#, 0), Some(6));
    }
}
