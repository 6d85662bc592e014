//! Whether two JSON-RPC ids are the same: value and type, however they are spelled.

/// Whether two ids, raw JSON and already checked, are equal. Integers are compared as they stand;
/// strings by what their escapes mean, since a server may spell them otherwise.
#[must_use]
pub fn same_id(left: &[u8], right: &[u8]) -> bool {
    if left == right {
        return true;
    }
    match (string(left), string(right)) {
        (Some(left), Some(right)) => Units(left).eq(Units(right)),
        _ => false,
    }
}

fn string(raw: &[u8]) -> Option<&[u8]> {
    raw.strip_prefix(b"\"")?.strip_suffix(b"\"")
}

/// What a string means, as UTF-16 code units.
struct Units<'a>(&'a [u8]);

impl<'a> Units<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn escaped(&mut self) -> Option<u32> {
        let unit = match self.take(1)?.first()? {
            b'n' => 0x0a,
            b'r' => 0x0d,
            b't' => 0x09,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'u' => {
                let digits = core::str::from_utf8(self.take(4)?).ok()?;
                return u32::from_str_radix(digits, 16).ok();
            }
            other => u32::from(*other),
        };
        Some(unit)
    }
}

impl Iterator for Units<'_> {
    /// A code unit; a pair of surrogates that was not escaped comes as high << 16 | low.
    type Item = u32;

    fn next(&mut self) -> Option<u32> {
        let first = *self.take(1)?.first()?;
        if first == b'\\' {
            let unit = self.escaped()?;
            if (0xd800..0xdc00).contains(&unit) && self.0.starts_with(b"\\u") {
                self.take(1)?;
                let low = self.escaped()?;
                return Some((unit << 16) | low);
            }
            return Some(unit);
        }
        let more = match first {
            0xf0.. => 3,
            0xe0.. => 2,
            0xc0.. => 1,
            _ => return Some(u32::from(first)),
        };
        let mut text = [first, 0, 0, 0];
        let rest = self.take(more)?;
        text.get_mut(1..=more)?.copy_from_slice(rest);
        let read = core::str::from_utf8(text.get(..=more)?)
            .ok()?
            .chars()
            .next()?;
        let mut units = [0; 2];
        Some(match read.encode_utf16(&mut units) {
            [unit] => u32::from(*unit),
            [high, low] => (u32::from(*high) << 16) | u32::from(*low),
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_the_same_however_its_string_is_spelled() {
        for (left, right) in [
            (r#""a/b""#, r#""a\/b""#),
            (r#""é""#, r#""\u00e9""#),
            (r#""😀""#, r#""\ud83d\ude00""#),
            ("7", "7"),
        ] {
            assert!(same_id(left.as_bytes(), right.as_bytes()), "{left} {right}");
            assert!(same_id(right.as_bytes(), left.as_bytes()), "{left} {right}");
        }
    }

    #[test]
    fn a_string_is_no_number_and_a_prefix_is_no_id() {
        for (left, right) in [
            (r#""5""#, "5"),
            ("5", "50"),
            (r#""a""#, r#""ab""#),
            ("1", "1.0"),
        ] {
            assert!(
                !same_id(left.as_bytes(), right.as_bytes()),
                "{left} {right}"
            );
        }
    }
}
