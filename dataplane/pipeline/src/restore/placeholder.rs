//! Finds what reads like a placeholder: `<EMAIL_1>` or, as encoders for web pages spell it,
//! `\u003cEMAIL_1\u003e`.

use core::ops::Range;

use memchr::memchr2;

/// What reads like one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Placeholder<'a> {
    /// The entity, in capitals.
    pub(super) label: &'a str,
    /// Its number, from 1.
    pub(super) number: u32,
    /// Its bytes.
    pub(super) range: Range<usize>,
}

/// Longest label and number together, in bytes: names of entities have 64 at most.
const INSIDE_BYTES_MAX: usize = 64 + 1 + 10;

/// All that read like one in the bytes of a JSON string, or of a document.
pub(super) fn placeholders(text: &[u8]) -> impl Iterator<Item = Placeholder<'_>> {
    let mut at = 0_usize;
    core::iter::from_fn(move || {
        loop {
            at = at.saturating_add(memchr2(b'<', b'\\', text.get(at..)?)?);
            let start = at;
            let (rest, skipped) = match text.get(start..)? {
                [b'<', rest @ ..] => (rest, 1),
                [b'\\', b'u', b'0', b'0', b'3', b'c' | b'C', rest @ ..] => (rest, 6),
                // The second byte of an escape begins nothing.
                _ => {
                    at = at.saturating_add(2);
                    continue;
                }
            };
            at = at.saturating_add(skipped);
            if let Some((label, number, length)) = inside(rest) {
                at = at.saturating_add(length);
                return Some(Placeholder {
                    label,
                    number,
                    range: start..at,
                });
            }
        }
    })
}

/// Label and number at the beginning of `rest`, and how many bytes they take with what closes them.
fn inside(rest: &[u8]) -> Option<(&str, u32, usize)> {
    let near = rest.get(..rest.len().min(INSIDE_BYTES_MAX.saturating_add(1)))?;
    let fits = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b'_';
    let length = near.iter().position(|byte| !fits(byte))?;
    let closing = match rest.get(length..)? {
        [b'>', ..] => 1,
        [b'\\', b'u', b'0', b'0', b'3', b'e' | b'E', ..] => 6,
        _ => return None,
    };
    let text = str::from_utf8(near.get(..length)?).ok()?;
    let (label, digits) = text.rsplit_once('_')?;
    // Numbers have one spelling.
    let number = digits.parse().ok().filter(|number| *number > 0)?;
    let is_plain = !label.is_empty() && !digits.starts_with('0');
    is_plain.then_some((label, number, length.saturating_add(closing)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, u32, &str)> {
        let all = placeholders(text.as_bytes());
        all.map(|one| (one.label, one.number, &text[one.range]))
            .collect()
    }

    #[test]
    fn placeholders_are_found_in_both_spellings_and_in_longer_text() {
        assert_eq!(
            found(r"to <EMAIL_1>,\u003cUS_SSN_12\u003E and \n<1X_4294967295>"),
            [
                ("EMAIL", 1, "<EMAIL_1>"),
                ("US_SSN", 12, r"\u003cUS_SSN_12\u003E"),
                ("1X", 4_294_967_295, "<1X_4294967295>"),
            ]
        );
    }

    #[test]
    fn what_only_resembles_one_is_none() {
        for text in [
            "<EMAIL_>",
            "<EMAIL>",
            "<_1>",
            "<EMAIL_01>",
            "<EMAIL_0>",
            "<email_1>",
            "<EMAIL_1",
            "<EMAIL_4294967296>",
            "<EMAIL 1>",
            r"\\u003cEMAIL_1>",
            r"\<EMAIL_1>",
            "",
            "<",
            "\\",
            "<EMAIL_1\\u003d",
            "<EMAIL_-1>",
            "<EMAIL_+1>",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
        let long = format!("<{}_1>", "A".repeat(80));
        assert_eq!(found(&long), []);
        assert_eq!(found("<<EMAIL_1>>"), [("EMAIL", 1, "<EMAIL_1>")]);
    }
}
