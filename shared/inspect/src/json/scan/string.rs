//! Strings: where one ends, and whether it is valid (RFC 8259 section 7).

use super::super::lanes::{LANES, marks, marks_but_wide};
use super::super::raw::hex;
use super::Fault;

/// A valid string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::json) struct Quoted {
    /// The offset behind its closing quote.
    pub(in crate::json) end: usize,
    /// Whether it holds an escape.
    pub(in crate::json) has_escape: bool,
    /// Whether it holds a byte beyond ASCII.
    pub(in crate::json) is_wide: bool,
}

/// Reads the string whose opening quote stands at `open`.
#[inline(always)]
pub(in crate::json) fn quoted(body: &[u8], open: usize) -> Result<Quoted, Fault> {
    let start = open.wrapping_add(1);
    let mut at = start;
    while let Some(block) = block(body, at) {
        let marks = marks(block);
        if marks != 0 {
            at = at.wrapping_add(marks.trailing_zeros() as usize);
            if body.get(at) == Some(&b'"') {
                return Ok(Quoted {
                    end: at.wrapping_add(1),
                    has_escape: false,
                    is_wide: false,
                });
            }
            return rest(body, start, at);
        }
        at = at.wrapping_add(LANES);
    }
    rest(body, start, at)
}

#[inline(always)]
fn block(body: &[u8], at: usize) -> Option<&[u8; LANES]> {
    body.get(at..)?.first_chunk()
}

/// The same from `from` on, up to where nothing stood out: the last bytes of a body, escapes, and
/// bytes beyond ASCII.
#[inline(never)]
fn rest(body: &[u8], start: usize, from: usize) -> Result<Quoted, Fault> {
    let mut at = from;
    let (mut has_escape, mut is_wide) = (false, false);
    loop {
        at = at.wrapping_add(run(body.get(at..).unwrap_or_default(), is_wide));
        match body.get(at) {
            Some(b'"') => break,
            Some(b'\\') => {
                has_escape = true;
                let behind = body.get(at.wrapping_add(1)..).unwrap_or_default();
                at = at.wrapping_add(1).wrapping_add(escape_bytes(behind)?);
            }
            Some(0x80..) => is_wide = true,
            _ => return Err(Fault::Invalid),
        }
    }
    if is_wide {
        let text = body.get(start..at).unwrap_or_default();
        core::str::from_utf8(text).map_err(|_| Fault::Invalid)?;
    }
    Ok(Quoted {
        end: at.wrapping_add(1),
        has_escape,
        is_wide,
    })
}

/// How many bytes stand before the first that stands out; bytes beyond ASCII do as long as none
/// was met.
fn run(text: &[u8], is_wide: bool) -> usize {
    let (blocks, tail) = text.as_chunks::<LANES>();
    let marks = if is_wide { marks_but_wide } else { marks };
    for (number, block) in blocks.iter().enumerate() {
        let found = marks(block);
        if found != 0 {
            return number
                .wrapping_mul(LANES)
                .wrapping_add(found.trailing_zeros() as usize);
        }
    }
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..0x20) || (!is_wide && *byte >= 0x80);
    let clean = tail.iter().position(special).unwrap_or(tail.len());
    text.len().wrapping_sub(tail.len()).wrapping_add(clean)
}

/// How many bytes the escape takes behind its backslash.
fn escape_bytes(behind: &[u8]) -> Result<usize, Fault> {
    match behind.first() {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(1),
        Some(b'u') => match unit(behind) {
            None => Err(Fault::Invalid),
            Some(0xd800..0xdc00) => match behind.get(5..) {
                Some([b'\\', low @ ..]) if matches!(unit(low), Some(0xdc00..0xe000)) => Ok(11),
                _ => Err(Fault::Surrogate),
            },
            Some(0xdc00..0xe000) => Err(Fault::Surrogate),
            Some(_) => Ok(5),
        },
        _ => Err(Fault::Invalid),
    }
}

/// The code unit of `uXXXX` at the beginning.
fn unit(text: &[u8]) -> Option<u32> {
    match text {
        [b'u', digits @ ..] => hex(digits.get(..4)?),
        _ => None,
    }
}
