//! What is said to the operator, and how text of a child is shown: bounded, on one line, without
//! control characters.

use core::fmt::{self, Write as _};

/// How much attention something needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Something the operator should know.
    Info,
    /// Something that may need attention.
    Warning,
}

/// Says one line to the operator. May be called from any thread.
pub type Say = fn(Level, fmt::Arguments<'_>);

/// The beginning of what a child wrote, to be shown: at most `bytes_max` bytes of it are read;
/// control characters and what is not UTF-8 are spelled out.
pub(crate) fn excerpt(bytes: &[u8], bytes_max: usize) -> String {
    let part = bytes.get(..bytes_max).unwrap_or(bytes);
    let mut text = String::with_capacity(part.len());
    for chunk in part.utf8_chunks() {
        for c in chunk.valid().chars() {
            match varistor_model::is_hidden(c) {
                true => text.extend(c.escape_unicode()),
                false => text.push(c),
            }
        }
        for byte in chunk.invalid() {
            // Writing to a String does not fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    if part.len() < bytes.len() {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_child_wrote_is_shown_on_one_line_without_control_characters() {
        assert_eq!(excerpt(b"plain \xc3\xa9", 64), "plain é");
        assert_eq!(excerpt(b"\x1b[31mred\n", 64), "\\u{1b}[31mred\\u{a}");
        assert_eq!(excerpt(b"a\xffb", 64), "a\\xffb");
        assert_eq!(excerpt(b"abcdef", 3), "abc…");
        assert_eq!(excerpt("é".as_bytes(), 1), "\\xc3…");
    }
}
