//! JSON as records need it: strings that can't break out, and a check of what is spliced in.
//!
//! What [`check()`] refuses never reaches a line.

mod check;

use core::fmt::Write as _;

use memchr::memchr2;

pub use check::{Checked, DEPTH_MAX, check};

/// Appends `text` as a JSON string with its quotes.
///
/// Quotes, backslashes and control characters are escaped, and so are the characters that would
/// mislead a reader's terminal (C1 controls, bidirectional controls, zero-width ones, U+2028/9).
/// Invalid UTF-8 becomes U+FFFD.
pub fn string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    if text
        .iter()
        .fold(true, |plain, byte| plain & is_plain(*byte))
    {
        out.extend_from_slice(text);
    } else {
        for chunk in text.utf8_chunks() {
            chunk.valid().chars().for_each(|c| character(c, out));
            if !chunk.invalid().is_empty() {
                out.extend_from_slice("\u{fffd}".as_bytes());
            }
        }
    }
    out.push(b'"');
}

/// Appends `value` in decimal.
pub fn number(value: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Appends `bytes` as lower-case hex digits, without quotes.
pub fn hex(bytes: &[u8], out: &mut Vec<u8>) {
    let (chunks, rest) = bytes.as_chunks::<16>();
    for chunk in chunks {
        out.extend_from_slice(chunk.map(pair).as_flattened());
    }
    for byte in rest {
        out.extend_from_slice(&pair(*byte));
    }
}

const fn pair(byte: u8) -> [u8; 2] {
    [digit(byte >> 4), digit(byte & 15)]
}

/// The bytes that these hex digits name; `None` unless they are exactly `2 * N` lower-case digits.
#[must_use]
pub fn unhex<const N: usize>(text: &[u8]) -> Option<[u8; N]> {
    let (pairs, rest) = text.as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = (nibble(*high)? << 4) | nibble(*low)?;
    }
    Some(bytes)
}

/// Appends `value`, one JSON value, with line breaks between its tokens replaced by spaces: token
/// for token the same, and on one line. Says whether it did; anything else is not appended.
pub fn splice(value: &[u8], out: &mut Vec<u8>) -> bool {
    let Some(checked) = check(value, |_, _| {}) else {
        return false;
    };
    append(value, checked.breaks, out);
    true
}

/// Appends what is known to be one JSON value, on one line.
pub(crate) fn splice_judged(value: &[u8], out: &mut Vec<u8>) {
    append(value, memchr2(b'\n', b'\r', value).is_some(), out);
}

fn append(value: &[u8], breaks: bool, out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(value);
    if breaks {
        // Raw control bytes can't stand inside the strings of valid JSON, so these are all between.
        let appended = out.get_mut(start..).unwrap_or_default();
        for byte in appended.iter_mut().filter(|byte| is_break(**byte)) {
            *byte = b' ';
        }
    }
}

const fn is_break(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

const fn is_plain(byte: u8) -> bool {
    byte >= 0x20 && byte < 0x7f && byte != b'"' && byte != b'\\'
}

fn character(c: char, out: &mut Vec<u8>) {
    match c {
        '"' => out.extend_from_slice(b"\\\""),
        '\\' => out.extend_from_slice(b"\\\\"),
        '\n' => out.extend_from_slice(b"\\n"),
        '\r' => out.extend_from_slice(b"\\r"),
        '\t' => out.extend_from_slice(b"\\t"),
        '\0'..='\u{1f}'
        | '\u{7f}'..='\u{9f}'
        | '\u{61c}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => {
            out.extend_from_slice(b"\\u");
            let code = u32::from(c).to_be_bytes();
            hex(code.get(2..).unwrap_or_default(), out);
        }
        _ => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}

const fn digit(nibble: u8) -> u8 {
    match nibble {
        0..=9 => b'0' | nibble,
        _ => (b'a' - 10).saturating_add(nibble),
    }
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit & 15),
        b'a'..=b'f' => Some(digit.saturating_sub(b'a' - 10)),
        _ => None,
    }
}

/// Appends what `value` displays as, as a JSON string.
pub(crate) fn display(value: &dyn core::fmt::Display, out: &mut Vec<u8>) {
    struct Inside<'a>(&'a mut Vec<u8>);
    impl core::fmt::Write for Inside<'_> {
        fn write_str(&mut self, text: &str) -> core::fmt::Result {
            text.chars().for_each(|c| character(c, self.0));
            Ok(())
        }
    }
    out.push(b'"');
    // A `Display` that fails leaves the string short, still closed.
    let _short = write!(Inside(out), "{value}");
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn quoted(text: &[u8]) -> String {
        let mut out = Vec::new();
        string(text, &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn strings_cannot_break_out_or_mislead_a_terminal() {
        assert_eq!(
            quoted(b"a\"b\\c\n\r\t\0\x1b"),
            r#""a\"b\\c\n\r\t\u0000\u001b""#
        );
        assert_eq!(
            quoted("\u{202e}txt\u{9b}\u{2028}".as_bytes()),
            r#""\u202etxt\u009b\u2028""#
        );
        assert_eq!(quoted(b"x\xff\xc3y"), "\"x\u{fffd}\u{fffd}y\"");
        assert_eq!(quoted("Zürich 東京".as_bytes()), "\"Zürich 東京\"");
    }

    #[test]
    fn pretty_printed_json_is_spliced_on_one_line_token_for_token() {
        let pretty = b"{\r\n  \"a\": [1,\n 2.5e-3],\n\t\"b\\n\": \"x\\ny\"\n}";
        let mut out = b"before ".to_vec();
        assert!(splice(pretty, &mut out));
        assert!(!out.contains(&b'\n') && !out.contains(&b'\r'));
        let spliced = out.strip_prefix(b"before ").unwrap();
        assert_eq!(spliced.len(), pretty.len());
        let read = |text: &[u8]| serde_json::from_slice::<serde_json::Value>(text).unwrap();
        assert_eq!(read(spliced), read(pretty));
    }

    #[test]
    fn what_was_judged_is_spliced_the_same_without_another_look() {
        for text in [
            &b"{\r\n  \"a\": [1,\n 2.5e-3],\n\t\"b\\n\": \"x\\ny\"\n}"[..],
            b"[]",
            b"7",
        ] {
            let (mut checked, mut judged) = (Vec::new(), Vec::new());
            assert!(splice(text, &mut checked));
            splice_judged(text, &mut judged);
            assert_eq!(checked, judged);
        }
    }

    #[test]
    fn what_is_not_one_value_is_not_spliced() {
        let deep = [b"[".repeat(121), b"]".repeat(121)].concat();
        let wrong: &[&[u8]] = &[
            b"",
            b" ",
            b"{",
            b"}",
            b"]",
            b"[1,]",
            b"{\"a\":1,}",
            b"{,}",
            b"[}",
            b"{]",
            b"{\"a\"}",
            b"{a:1}",
            b"01",
            b"1.",
            b".5",
            b"-",
            b"+1",
            b"1e",
            b"nul",
            b"truex",
            b"1 2",
            b"{}{}",
            b"\"a",
            b"\"\n\"",
            b"\"\\x\"",
            b"\"\\u12g4\"",
            b"\"\xff\"",
            b"\xef\xbb\xbf{}",
            b"{}},\"kind\":\"stop\"",
            b"1,\"decision\":\"allow\"",
            &deep,
        ];
        for text in wrong {
            let mut out = b"same".to_vec();
            assert!(!splice(text, &mut out), "{}", text.escape_ascii());
            assert_eq!(out, b"same");
        }
        let as_deep_as_may_be = [b"[".repeat(120), b"]".repeat(120)].concat();
        assert!(splice(&as_deep_as_may_be, &mut Vec::new()));
    }

    #[test]
    fn hex_and_numbers_read_back() {
        let mut out = Vec::new();
        hex(&[0, 0x9f, 0xa0, 0xff], &mut out);
        assert_eq!(out, b"009fa0ff");
        assert_eq!(unhex::<4>(&out), Some([0, 0x9f, 0xa0, 0xff]));
        assert_eq!(unhex::<4>(b"009FA0FF"), None);
        assert_eq!(unhex::<4>(b"009fa0f"), None);
        for value in [0, 9, 10, 12_345, u64::MAX] {
            out.clear();
            number(value, &mut out);
            assert_eq!(out, value.to_string().as_bytes());
        }
    }

    proptest! {
        #[test]
        fn any_bytes_become_one_string_that_others_read_as_their_lossy_text(
            text in proptest::collection::vec(any::<u8>(), 0..200)
        ) {
            let written = quoted(&text);
            prop_assert!(!written.bytes().any(|byte| byte < 0x20));
            let read: String = serde_json::from_str(&written).unwrap();
            prop_assert_eq!(read, String::from_utf8_lossy(&text));
        }
    }
}
