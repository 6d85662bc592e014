//! Walks over the strings of a part of a document that passed the gate.
//!
//! Relies on validity for meaning, never for safety: in bytes that are no JSON it ends early.

use core::ops::Range;

use super::raw::{blank, string_end};

/// A string that is a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StringValue {
    /// Its bytes in the document, without the quotes.
    pub inside: Range<usize>,
    /// Those of its key; empty for members of lists.
    pub key: Range<usize>,
    /// How many objects and lists of the part it stands in.
    pub depth: usize,
}

/// The strings of `part` that are values, in order; keys are none.
pub fn string_values(body: &[u8], part: Range<usize>) -> impl Iterator<Item = StringValue> + '_ {
    let mut at = part.start;
    let (mut depth, mut key) = (0_usize, 0..0);
    let sign = |byte: &u8| matches!(byte, b'"' | b'{' | b'[' | b'}' | b']' | b',');
    core::iter::from_fn(move || {
        loop {
            let rest = body.get(at..part.end)?;
            at = at.saturating_add(rest.iter().position(sign)?);
            match body.get(at)? {
                b'"' => {}
                sign => {
                    depth = match sign {
                        b'{' | b'[' => depth.saturating_add(1),
                        b'}' | b']' => depth.saturating_sub(1),
                        _ => depth,
                    };
                    key = 0..0;
                    at = at.saturating_add(1);
                    continue;
                }
            }
            let end = string_end(body, at)?;
            let inside = at.saturating_add(1)..end.saturating_sub(1);
            at = blank(body, end);
            if body.get(at) == Some(&b':') {
                key = inside;
                continue;
            }
            return (end <= part.end).then(|| StringValue {
                inside,
                key: core::mem::replace(&mut key, 0..0),
                depth,
            });
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_told_from_keys_at_every_depth() {
        let body = br#"x{"a":"1","b" : ["2",{"c\"}":"3,\""},4,true],"d":{"e":5},"f":"6"}"y""#;
        let part = 1..body.len() - 3;
        let found: Vec<_> = string_values(body, part)
            .map(|value| {
                let text = |range: Range<usize>| String::from_utf8_lossy(&body[range]).into_owned();
                (text(value.key), text(value.inside), value.depth)
            })
            .collect();
        let expected = [
            ("a", "1", 1),
            ("", "2", 2),
            ("c\\\"}", "3,\\\"", 3),
            ("f", "6", 1),
        ];
        let expected = expected.map(|(key, text, depth)| (key.to_owned(), text.to_owned(), depth));
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_no_json_ends_the_walk() {
        for body in [&b"{\"a"[..], b"\"", b"", b"{\"a\":\"b\\"] {
            assert_eq!(string_values(body, 0..body.len() + 9).count(), 0);
            assert_eq!(string_values(body, 0..body.len()).count(), 0);
        }
    }
}
