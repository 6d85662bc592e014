//! Decides whether a body is one JSON document that every reader takes for the same.
//!
//! simd-json parses a padded copy; what it lets pass and others do not is looked for here.

use memchr::{memchr, memmem};
use simd_json::{Buffers, ErrorType, INPUT_PADDING, Tape, fill_tape_padded};
use varistor_model::Reason;
use varistor_model::limits::JSON_DEPTH_MAX;

use super::raw::hex;

/// Buffers that make the parser refuse deeper nesting than `limits::JSON_DEPTH_MAX`.
pub(super) fn buffers() -> Buffers {
    Buffers::with_max_depth(0, JSON_DEPTH_MAX)
}

/// Fills the tape from a copy of `body`; strings on it are decoded, within that copy.
pub(super) fn parse<'copy>(
    body: &[u8],
    copy: &'copy mut Vec<u8>,
    buffers: &mut Buffers,
    tape: &mut Tape<'copy>,
) -> Result<(), Reason> {
    copy.clear();
    copy.extend_from_slice(body);
    copy.resize(body.len().saturating_add(INPUT_PADDING), b' ');
    fill_tape_padded(copy, body.len(), buffers, tape).map_err(|error| explain(body, &error))?;
    check_surrogates(body)
}

/// Refuses half of a surrogate pair, in an escape (raw ones are invalid UTF-8). In a document
/// that parsed, a backslash stands in strings only.
fn check_surrogates(body: &[u8]) -> Result<(), Reason> {
    if memchr(b'\\', body).is_none() {
        return Ok(());
    }
    let mut rest = body;
    while let Some(at) = memchr(b'\\', rest) {
        let escape = rest.get(at..).unwrap_or_default();
        let length = match (escape.get(1), unit(escape)) {
            (Some(b'u'), Some(0xd800..=0xdbff)) => {
                let low = escape.get(6..).unwrap_or_default();
                match (low, unit(low)) {
                    ([b'\\', b'u', ..], Some(0xdc00..=0xdfff)) => 12,
                    _ => return Err(Reason::JsonSurrogate),
                }
            }
            (Some(b'u'), Some(0xdc00..=0xdfff)) => return Err(Reason::JsonSurrogate),
            (Some(b'u'), Some(_)) => 6,
            _ => 2,
        };
        rest = escape.get(length..).unwrap_or_default();
    }
    Ok(())
}

/// The code unit of `\uXXXX` at the beginning of `escape`.
fn unit(escape: &[u8]) -> Option<u32> {
    hex(escape.get(2..6)?)
}

/// Why the parser refused. Off the usual way, so it may take its time.
#[cold]
fn explain(body: &[u8], error: &simd_json::Error) -> Reason {
    if body.starts_with(b"\xef\xbb\xbf") || std::str::from_utf8(body).is_err() {
        return Reason::JsonNotUtf8;
    }
    match error.error() {
        ErrorType::DepthLimitExceeded => Reason::JsonTooDeep,
        ErrorType::InvalidNumber | ErrorType::Overflow if is_number(body, error.index()) => {
            Reason::JsonNumber
        }
        _ if memmem::find(body, b"\\u").is_some() => match check_surrogates(body) {
            Err(reason) => reason,
            Ok(()) => Reason::JsonInvalid,
        },
        _ => Reason::JsonInvalid,
    }
}

/// Whether the token that holds this offset has the form of a JSON number: then what is wrong
/// with it is its size.
fn is_number(body: &[u8], at: usize) -> bool {
    let inside = |byte: &&u8| !b"[]{}:, \t\r\n".contains(byte);
    let (before, behind) = body.split_at(at.min(body.len()));
    let head = before.iter().rev().take_while(inside).count();
    let tail = behind.iter().take_while(inside).count();
    let start = before.len().saturating_sub(head);
    let token = body
        .get(start..before.len().saturating_add(tail))
        .unwrap_or_default();
    has_number_form(token)
}

fn has_number_form(token: &[u8]) -> bool {
    let digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let token = token.strip_prefix(b"-").unwrap_or(token);
    let (mantissa, exponent) = match token.iter().position(|byte| matches!(byte, b'e' | b'E')) {
        Some(at) => {
            let (mantissa, exponent) = token.split_at(at);
            let exponent = exponent.get(1..).unwrap_or_default();
            let unsigned = exponent
                .strip_prefix(b"-")
                .or_else(|| exponent.strip_prefix(b"+"));
            (mantissa, Some(unsigned.unwrap_or(exponent)))
        }
        None => (token, None),
    };
    let (whole, fraction) = match mantissa.iter().position(|byte| *byte == b'.') {
        Some(at) => {
            let (whole, fraction) = mantissa.split_at(at);
            (whole, fraction.get(1..))
        }
        None => (mantissa, None),
    };
    digits(whole)
        && (whole.len() == 1 || whole.first() != Some(&b'0'))
        && fraction.is_none_or(digits)
        && exponent.is_none_or(digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_of_a_number_is_told_from_its_size() {
        for good in [
            "1e400",
            "-0",
            "0.0",
            "1E+9",
            "-12.5e-3",
            "99999999999999999999999",
        ] {
            assert!(has_number_form(good.as_bytes()), "{good}");
        }
        for bad in [
            "", "-", "01", "1.", ".5", "+1", "1e", "1e+", "1.2.3", "--1", "1e5.0",
        ] {
            assert!(!has_number_form(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn a_surrogate_needs_its_other_half_right_behind() {
        for good in [
            r"\ud83d\ude00",
            r"\\ud83d",
            r"\u0041",
            r"\n\\\ud83d\ude00",
            "plain",
        ] {
            assert_eq!(check_surrogates(good.as_bytes()), Ok(()), "{good}");
        }
        for bad in [
            r"\ud83d",
            r"\ude00",
            r"\ud83dx\ude00",
            r"\ud83d\ud83d",
            r"\\\ud83d",
        ] {
            let found = check_surrogates(bad.as_bytes());
            assert_eq!(found, Err(Reason::JsonSurrogate), "{bad}");
        }
    }
}
