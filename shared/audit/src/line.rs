//! Reads one line of the log back: its head, and the members that tell what kind of record it is.
//!
//! The head must stand byte for byte as the chain writes it; a line is refused when a member that
//! decides something here stands twice, or when a member's name is escaped.

use crate::{json, time};

/// Number, time and link of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The line's number, from 0.
    pub seq: u64,
    /// When it was written, in nanoseconds since 1970, UTC.
    pub time_ns: u64,
    /// The SHA-256 of the line before.
    pub prev: [u8; 32],
}

impl Head {
    /// The head of this line (with or without its newline); `None` when it is not in its form.
    #[must_use]
    pub fn read(line: &[u8]) -> Option<Self> {
        let rest = line.strip_prefix(b"{\"seq\":")?;
        let digits = rest.iter().position(|byte| !byte.is_ascii_digit())?;
        let (seq, rest) = rest.split_at_checked(digits)?;
        let rest = rest.strip_prefix(b",\"time\":\"")?;
        let (instant, rest) = rest.split_at_checked(time::TEXT_BYTES)?;
        let rest = rest.strip_prefix(b"\",\"prev\":\"")?;
        let (prev, rest) = rest.split_at_checked(64)?;
        if !matches!(rest, [b'"', b',' | b'}', ..]) {
            return None;
        }
        Some(Self {
            seq: seq_of(seq)?,
            time_ns: time::unix_ns(instant)?,
            prev: json::unhex(prev)?,
        })
    }
}

/// A whole line, as far as verification needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Line<'a> {
    /// Number, time and link.
    pub head: Head,
    /// What kind of record it is, as it stands between the quotes; empty when it doesn't say.
    pub kind: &'a [u8],
    /// Of a call: the decision, as it stands between the quotes.
    pub decision: &'a [u8],
    /// Of a result: the call that it belongs to.
    pub call: Option<u64>,
    /// Of an event: its details, raw.
    pub details: &'a [u8],
}

/// Why a line can't be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    /// Not one JSON value in UTF-8.
    #[error("it is not JSON")]
    NotJson,
    /// JSON, but not beginning with number, time and link.
    #[error("it does not begin with seq, time and prev in their form")]
    Head,
    /// A member that decides something stands twice, or a name is escaped.
    #[error("a member stands twice in it, or its name is escaped")]
    Ambiguous,
}

impl<'a> Line<'a> {
    /// Reads a line without its newline.
    ///
    /// # Errors
    /// Says what is wrong with a line that the log can't contain.
    pub fn read(line: &'a [u8]) -> Result<Self, Flaw> {
        const NAMES: [&[u8]; 7] = [
            b"seq",
            b"time",
            b"prev",
            b"kind",
            b"decision",
            b"call",
            b"details",
        ];
        let mut values: [Option<&[u8]>; 7] = [None; 7];
        let mut ambiguous = false;
        json::check(line, |key, value| {
            ambiguous |= key.contains(&b'\\');
            let named = NAMES
                .iter()
                .zip(&mut values)
                .find(|(name, _)| **name == key);
            if let Some((_, place)) = named {
                ambiguous |= place.replace(value).is_some();
            }
        })
        .ok_or(Flaw::NotJson)?;
        let head = Head::read(line).ok_or(Flaw::Head)?;
        if ambiguous {
            return Err(Flaw::Ambiguous);
        }
        let [_, _, _, kind, decision, call, details] = values.map(Option::unwrap_or_default);
        Ok(Self {
            head,
            kind: unquoted(kind),
            decision: unquoted(decision),
            call: seq_of(call),
            details,
        })
    }
}

fn unquoted(value: &[u8]) -> &[u8] {
    value
        .strip_prefix(b"\"")
        .and_then(|rest| rest.strip_suffix(b"\""))
        .unwrap_or_default()
}

/// A number as the chain writes it: decimal, without leading zeros.
pub(crate) fn seq_of(digits: &[u8]) -> Option<u64> {
    if digits.is_empty() || (digits.len() > 1 && digits.starts_with(b"0")) {
        return None;
    }
    digits.iter().try_fold(0_u64, |sum, byte| {
        let digit = byte.is_ascii_digit().then_some(byte & 15)?;
        sum.checked_mul(10)?.checked_add(u64::from(digit))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Chain;

    fn line(tail: &str) -> Vec<u8> {
        let mut out = Vec::new();
        Chain::genesis().next_line(1, tail.as_bytes(), &mut out);
        out.pop();
        out
    }

    #[test]
    fn a_line_says_what_kind_it_is() {
        let text = line(r#","kind":"result","call":41,"note":{"kind":"call"}}"#);
        let read = Line::read(&text).unwrap();
        assert_eq!((read.kind, read.call), (b"result".as_slice(), Some(41)));
    }

    #[test]
    fn a_deciding_member_that_stands_twice_is_refused() {
        for tail in [
            r#","kind":"call","decision":"deny","decision":"allow"}"#,
            r#","kind":"call","seq":9}"#,
            r#","kind":"call","\u0073eq":9}"#,
        ] {
            assert_eq!(Line::read(&line(tail)), Err(Flaw::Ambiguous));
        }
    }

    #[test]
    fn heads_in_another_form_are_refused() {
        let good = line(r#","kind":"x"}"#);
        assert!(Head::read(&good).is_some());
        let good = String::from_utf8(good).unwrap();
        for (from, to) in [
            ("{\"seq\":0", "{ \"seq\":0"),
            ("\"seq\":0", "\"seq\":00"),
            ("\"seq\":0", "\"seq\":-1"),
            ("\"seq\":0", "\"seq\":99999999999999999999"),
            ("1970", "197O"),
            ("000000\",\"kind\"", "00000A\",\"kind\""),
            ("000000\",\"kind\"", "00000\",\"kind\""),
        ] {
            let changed = good.replacen(from, to, 1);
            assert_ne!(changed, good);
            assert_eq!(Head::read(changed.as_bytes()), None, "{changed}");
        }
    }
}
