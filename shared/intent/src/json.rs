//! Walks over JSON text once and hands out its parts as places, without a tree.
//!
//! Refuses nothing: arguments were checked by a strict reader before, and what a definition holds
//! beyond JSON is stepped over. It never goes back and never nests.

/// One part of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    /// The name of a member: what stands between the quotes.
    Key(usize, usize),
    /// A string: what stands between the quotes, still escaped.
    Text(usize, usize),
    /// A number, or anything else that is no JSON.
    Bare(usize, usize),
    /// `true` or `false`.
    Truth(bool, usize),
    /// `null`.
    Null,
    /// An object begins here.
    Object(usize),
    /// An array begins here.
    Array(usize),
    /// An object or array ends behind this byte.
    End(usize),
}

/// The walk.
pub(crate) struct Walk<'a> {
    /// What lies ahead.
    rest: &'a [u8],
    /// How long the whole text is.
    length: usize,
}

impl<'a> Walk<'a> {
    pub(crate) const fn over(bytes: &'a [u8]) -> Self {
        Self {
            rest: bytes,
            length: bytes.len(),
        }
    }

    /// Steps over what an object or array that was just begun still holds.
    pub(crate) fn pass_over(&mut self) -> usize {
        let mut depth = 1_usize;
        for part in self.by_ref() {
            match part {
                Part::Object(_) | Part::Array(_) => depth = depth.saturating_add(1),
                Part::End(at) => {
                    depth = depth.saturating_sub(1);
                    if depth == 0 {
                        return at;
                    }
                }
                _ => {}
            }
        }
        self.length
    }

    /// Where what lies ahead begins.
    pub(crate) const fn at(&self) -> usize {
        self.length.wrapping_sub(self.rest.len())
    }

    /// A string whose opening quote lies behind us, and whether it names a member.
    #[inline]
    fn text(&mut self) -> Part {
        let start = self.at();
        let end = loop {
            let Some(found) = end_of_run(self.rest) else {
                self.rest = &[];
                return Part::Text(start, self.length);
            };
            match self.rest.get(found..) {
                Some([b'"', behind @ ..]) => {
                    self.rest = behind;
                    break self.at().wrapping_sub(1);
                }
                Some([_, _, behind @ ..]) => self.rest = behind,
                _ => self.rest = &[],
            }
        };
        while let [b' ' | b'\t' | b'\n' | b'\r', behind @ ..] = self.rest {
            self.rest = behind;
        }
        if let [b':', behind @ ..] = self.rest {
            self.rest = behind;
            Part::Key(start, end)
        } else {
            Part::Text(start, end)
        }
    }

    fn bare(&mut self, start: usize, from: &'a [u8]) -> Part {
        while let [byte, behind @ ..] = self.rest {
            if matches!(
                byte,
                0 | b',' | b'}' | b']' | b'"' | b'{' | b'[' | b' ' | b'\t' | b'\n' | b'\r' | b':'
            ) {
                break;
            }
            self.rest = behind;
        }
        let end = self.at();
        match from.get(..end.wrapping_sub(start)) {
            Some(b"true") => Part::Truth(true, start),
            Some(b"false") => Part::Truth(false, start),
            Some(b"null") => Part::Null,
            _ => Part::Bare(start, end),
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Part;

    #[inline]
    fn next(&mut self) -> Option<Part> {
        loop {
            let from = self.rest;
            let [byte, behind @ ..] = from else {
                return None;
            };
            let start = self.at();
            self.rest = behind;
            return Some(match byte {
                b'"' => self.text(),
                b'{' => Part::Object(start),
                b'[' => Part::Array(start),
                b'}' | b']' => Part::End(start.wrapping_add(1)),
                b' ' | b'\t' | b'\n' | b'\r' | b',' | b':' | 0 => continue,
                _ => self.bare(start, from),
            });
        }
    }
}

/// Where the first quote or backslash stands. Most strings are short, so that eight bytes at a time
/// cost less than the call of a search for long ones.
#[inline]
fn end_of_run(text: &[u8]) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    // The lowest byte that is marked is zero for sure.
    let zeros = |word: u64| word.wrapping_sub(ONES) & !word & HIGHS;
    let mut rest = text;
    let mut at = 0_usize;
    while let Some((chunk, behind)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        let quotes = ONES.wrapping_mul(b'"' as u64);
        let slashes = ONES.wrapping_mul(b'\\' as u64);
        let marked = zeros(word ^ quotes) | zeros(word ^ slashes);
        if marked != 0 {
            return Some(at.wrapping_add((marked.trailing_zeros() >> 3) as usize));
        }
        at = at.wrapping_add(8);
        rest = behind;
        if at == NEAR {
            return memchr::memchr2(b'"', b'\\', rest).map(|found| found.wrapping_add(at));
        }
    }
    let found = rest.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
    Some(at.wrapping_add(found))
}

/// Bytes of a string that are looked at without a search for long ones.
const NEAR: usize = 32;

/// The text of a string that may hold escapes, in `room`; `None` where it does not fit. A text
/// without escapes is handed back as it stands.
pub(crate) fn plain<'a>(text: &'a str, room: &'a mut [u8]) -> Option<&'a str> {
    if memchr::memchr(b'\\', text.as_bytes()).is_none() {
        return Some(text);
    }
    let mut length = 0_usize;
    let mut letters = text.chars();
    while let Some(letter) = letters.next() {
        let letter = if letter == '\\' {
            unescaped(&mut letters)
        } else {
            letter
        };
        let end = length.saturating_add(letter.len_utf8());
        letter.encode_utf8(room.get_mut(length..end)?);
        length = end;
    }
    core::str::from_utf8(room.get(..length)?).ok()
}

fn unescaped(letters: &mut core::str::Chars<'_>) -> char {
    match letters.next() {
        Some('n') => '\n',
        Some('t') => '\t',
        Some('r') => '\r',
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('u') => {
            let high = unit(letters);
            if !(0xd800..0xdc00).contains(&high) {
                return char::from_u32(high).unwrap_or('\u{fffd}');
            }
            let mut ahead = letters.clone();
            if ahead.next() == Some('\\') && ahead.next() == Some('u') {
                let low = unit(&mut ahead);
                *letters = ahead;
                return char::decode_utf16(
                    [high, low].map(|unit| u16::try_from(unit).unwrap_or(0)),
                )
                .next()
                .and_then(Result::ok)
                .unwrap_or('\u{fffd}');
            }
            '\u{fffd}'
        }
        Some(other) => other,
        None => '\\',
    }
}

fn unit(letters: &mut core::str::Chars<'_>) -> u32 {
    let mut value = 0_u32;
    for _ in 0..4 {
        let digit = letters.next().and_then(|letter| letter.to_digit(16));
        value = value
            .wrapping_mul(16)
            .wrapping_add(digit.unwrap_or_default());
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_walk_hands_out_every_part_in_order() {
        let text = r#" {"a\"b": [1, "x", true], "c" : {"d": null, "e": -2.5e3}}"#;
        let parts: Vec<String> = Walk::over(text.as_bytes())
            .map(|part| match part {
                Part::Key(start, end) => format!("{}:", &text[start..end]),
                Part::Text(start, end) | Part::Bare(start, end) => text[start..end].to_owned(),
                Part::Truth(truth, _) => truth.to_string(),
                Part::Null => "null".to_owned(),
                Part::Object(_) => "{".to_owned(),
                Part::Array(_) => "[".to_owned(),
                Part::End(_) => "end".to_owned(),
            })
            .collect();
        let expected = r#"{ a\"b: [ 1 x true end c: { d: null e: -2.5e3 end end"#;
        assert_eq!(parts.join(" "), expected);
    }

    #[test]
    fn broken_text_ends_the_walk() {
        for text in ["\"", "{\"a", "\\", "[[[", "{\"a\\", "tru", "\"\\"] {
            assert!(Walk::over(text.as_bytes()).count() <= text.len(), "{text}");
        }
    }

    #[test]
    fn escapes_are_resolved_where_there_are_any() {
        let mut room = [0; 16];
        for (text, expected) in [
            ("abc", Some("abc")),
            (r"a\nb\u0041", Some("a\nbA")),
            (r"\ud83d\ude00", Some("\u{1f600}")),
            (r"\ud83dx", Some("\u{fffd}x")),
            (r"\", Some("\\")),
            (r"\n234567890123456789", None),
        ] {
            assert_eq!(plain(text, &mut room), expected, "{text}");
        }
    }
}
