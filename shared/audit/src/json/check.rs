//! A strict reading of RFC 8259: one value, UTF-8, no byte order mark, nothing behind the value,
//! bounded nesting. It builds nothing; it only says whether the text is that.

/// Deepest nesting that [`check`] accepts: a call's params and the record around them.
pub const DEPTH_MAX: u32 = 120;

const _: () = assert!(DEPTH_MAX as usize > varistor_model::limits::JSON_DEPTH_MAX);
const _: () = assert!(DEPTH_MAX < u128::BITS);

/// What [`check`] saw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Whether a line break stands between tokens.
    pub breaks: bool,
}

/// Whether `text` is exactly one JSON value, valid UTF-8, nested at most [`DEPTH_MAX`] deep.
/// `member` sees key (without quotes, escapes as they stand) and value of the outermost object.
#[must_use]
pub fn check<'a>(text: &'a [u8], member: impl FnMut(&'a [u8], &'a [u8])) -> Option<Checked> {
    core::str::from_utf8(text).ok()?;
    let mut scan = Scan {
        text,
        at: 0,
        breaks: false,
    };
    scan.document(member)?;
    Some(Checked {
        breaks: scan.breaks,
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Expect {
    Value,
    FirstItem,
    FirstKey,
    Key,
    After,
}

/// Invariant: `at <= text.len()`.
struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    breaks: bool,
}

impl<'a> Scan<'a> {
    fn document(&mut self, mut member: impl FnMut(&'a [u8], &'a [u8])) -> Option<()> {
        use Expect::{After, FirstItem, FirstKey, Key, Value};
        // One bit for each open container, the innermost lowest: 1 is an object.
        let (mut open, mut depth) = (0_u128, 0_u32);
        let mut current: Option<(&'a [u8], usize)> = None;
        let mut expect = Value;
        loop {
            self.space();
            let byte = self.next()?;
            match (expect, byte) {
                (Value | FirstItem, b'{' | b'[') => {
                    depth = depth.saturating_add(1);
                    if depth > DEPTH_MAX {
                        return None;
                    }
                    let object = byte == b'{';
                    open = (open << 1) | u128::from(object);
                    expect = if object { FirstKey } else { FirstItem };
                }
                (Value | FirstItem, _) if byte != b']' => {
                    self.scalar(byte)?;
                    expect = After;
                }
                (FirstKey | Key, b'"') => {
                    let key = self.key()?;
                    if depth == 1 {
                        current = Some((key, self.at));
                    }
                    expect = Value;
                }
                (After, b',') if depth > 0 => expect = if open & 1 == 1 { Key } else { Value },
                (FirstItem | After, b']') if depth > 0 && open & 1 == 0 => {
                    (open, depth, expect) = (open >> 1, depth.saturating_sub(1), After);
                }
                (FirstKey | After, b'}') if open & 1 == 1 => {
                    (open, depth, expect) = (open >> 1, depth.saturating_sub(1), After);
                }
                _ => return None,
            }
            if expect == After && depth <= 1 {
                if let Some((key, start)) = current.take() {
                    member(key, self.text.get(start..self.at)?);
                }
                if depth == 0 {
                    self.space();
                    return (self.at == self.text.len()).then_some(());
                }
            }
        }
    }

    fn next(&mut self) -> Option<u8> {
        let byte = *self.text.get(self.at)?;
        self.at = self.at.saturating_add(1);
        Some(byte)
    }

    fn peek(&self) -> u8 {
        self.text.get(self.at).copied().unwrap_or(0)
    }

    fn space(&mut self) {
        while let byte @ (b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.breaks |= matches!(byte, b'\n' | b'\r');
            self.at = self.at.saturating_add(1);
        }
    }

    /// A key whose opening quote is behind us, up to its value's first byte.
    fn key(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        self.quoted()?;
        let key = self.text.get(start..self.at.saturating_sub(1))?;
        self.space();
        if self.next()? != b':' {
            return None;
        }
        self.space();
        Some(key)
    }

    fn scalar(&mut self, first: u8) -> Option<()> {
        match first {
            b'"' => self.quoted(),
            b't' => self.word(b"rue"),
            b'f' => self.word(b"alse"),
            b'n' => self.word(b"ull"),
            b'-' => {
                let first = self.next()?;
                self.digits_after(first)
            }
            _ => self.digits_after(first),
        }
    }

    fn word(&mut self, rest: &[u8]) -> Option<()> {
        rest.iter()
            .all(|byte| self.next() == Some(*byte))
            .then_some(())
    }

    fn digits_after(&mut self, first: u8) -> Option<()> {
        match first {
            b'0' => {}
            b'1'..=b'9' => self.digits(),
            _ => return None,
        }
        if self.peek() == b'.' {
            self.at = self.at.saturating_add(1);
            self.one_digit_or_more()?;
        }
        if let b'e' | b'E' = self.peek() {
            self.at = self.at.saturating_add(1);
            if let b'+' | b'-' = self.peek() {
                self.at = self.at.saturating_add(1);
            }
            self.one_digit_or_more()?;
        }
        Some(())
    }

    fn one_digit_or_more(&mut self) -> Option<()> {
        self.next()?.is_ascii_digit().then(|| self.digits())
    }

    fn digits(&mut self) {
        while self.peek().is_ascii_digit() {
            self.at = self.at.saturating_add(1);
        }
    }

    /// A string whose opening quote is behind us, through its closing one.
    fn quoted(&mut self) -> Option<()> {
        loop {
            let plain = plain_bytes(self.text.get(self.at..)?)?;
            self.at = self.at.saturating_add(plain);
            match self.next()? {
                b'"' => return Some(()),
                b'\\' => self.escape()?,
                _ => return None,
            }
        }
    }

    fn escape(&mut self) -> Option<()> {
        match self.next()? {
            b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(()),
            b'u' => (0..4)
                .all(|_| self.next().is_some_and(|b| b.is_ascii_hexdigit()))
                .then_some(()),
            _ => None,
        }
    }
}

/// How many bytes stand before the first quote, backslash or control byte; `None` if there is none.
/// Eight at a time, because a string's end is a branch that nothing can foretell.
fn plain_bytes(rest: &[u8]) -> Option<usize> {
    let (eights, tail) = rest.as_chunks::<8>();
    for (place, eight) in eights.iter().enumerate() {
        let marks = special_bytes(u64::from_le_bytes(*eight));
        if marks != 0 {
            let first = usize::try_from(marks.trailing_zeros() / 8).ok()?;
            return Some(place.saturating_mul(8).saturating_add(first));
        }
    }
    let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    let first = tail.iter().position(special)?;
    Some(eights.len().saturating_mul(8).saturating_add(first))
}

/// Marks the top bit of each byte that is a quote, a backslash or below 0x20. The lowest mark is
/// exact; those above it may be wrong by a borrow (*Bit Twiddling Hacks*, haszero and hasless).
const fn special_bytes(eight: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const TOPS: u64 = 0x8080_8080_8080_8080;
    const SPACES: u64 = 0x2020_2020_2020_2020;
    let quote = eight ^ u64::from_le_bytes([b'"'; 8]);
    let backslash = eight ^ u64::from_le_bytes([b'\\'; 8]);
    let is_quote = quote.wrapping_sub(ONES) & !quote;
    let is_backslash = backslash.wrapping_sub(ONES) & !backslash;
    let is_control = eight.wrapping_sub(SPACES) & !eight;
    (is_quote | is_backslash | is_control) & TOPS
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn members_of_the_outermost_object_are_shown_with_their_values() {
        let mut seen = Vec::new();
        let text = br#" {"a" : {"b":[1,{"c":2}]} , "d":"}" ,"e":-0.1} "#;
        check(text, |key, value| seen.push((key.to_vec(), value.to_vec()))).unwrap();
        let expected: [(&[u8], &[u8]); 3] = [
            (b"a", br#"{"b":[1,{"c":2}]}"#),
            (b"d", br#""}""#),
            (b"e", b"-0.1"),
        ];
        let expected: Vec<_> = expected.map(|(k, v)| (k.to_vec(), v.to_vec())).into();
        assert_eq!(seen, expected);
    }

    proptest! {
        #[test]
        fn the_first_special_byte_is_found_wherever_it_stands(
            text in proptest::collection::vec(any::<u8>(), 0..40)
        ) {
            let special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
            prop_assert_eq!(plain_bytes(&text), text.iter().position(special));
        }

        #[test]
        fn the_check_agrees_with_another_reader(
            text in r#"[ \[\]{},:"\\a0-9.eE+\-untrfls\n]{0,24}"#
        ) {
            let other = serde_json::from_str::<serde::de::IgnoredAny>(&text).is_ok();
            prop_assert_eq!(check(text.as_bytes(), |_, _| {}).is_some(), other, "{}", text);
        }
    }
}
