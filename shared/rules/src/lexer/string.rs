//! Strings: `"with \n escapes"` and `'without'`; neither goes over the end of a line.

use super::{Lexer, TokenKind};
use crate::ast::LiteralKind;

impl Lexer<'_> {
    /// `'text'`: everything stands for itself.
    pub(super) fn raw(&mut self) {
        let (start, rest) = (self.at, self.rest());
        let inside = rest.get(1..).unwrap_or_default();
        match inside.find(['\'', '\n']) {
            Some(len) if inside.as_bytes().get(len) == Some(&b'\'') => {
                self.skip(len.saturating_add(2));
                let value = inside.get(..len).unwrap_or_default().to_owned();
                self.push(TokenKind::Literal(LiteralKind::Text(value)), start);
            }
            _ => self.endless(start, '\''),
        }
    }

    /// `"text"` with escapes.
    pub(super) fn quoted(&mut self) {
        let start = self.at;
        let mut value = String::new();
        self.skip(1);
        loop {
            let rest = self.rest();
            let len = rest.find(['"', '\\', '\n']).unwrap_or(rest.len());
            value.push_str(rest.get(..len).unwrap_or_default());
            match rest.as_bytes().get(len) {
                Some(b'"') => {
                    self.skip(len.saturating_add(1));
                    self.push(TokenKind::Literal(LiteralKind::Text(value)), start);
                    return;
                }
                Some(b'\\') => {
                    self.skip(len);
                    self.escape(&mut value);
                }
                _ => {
                    self.at = start;
                    return self.endless(start, '"');
                }
            }
        }
    }

    fn endless(&mut self, start: usize, quote: char) {
        let rest = self.rest();
        let line = rest.lines().next().unwrap_or_default().trim_end();
        self.skip(line.len().max(1));
        self.error(
            start,
            "string without an end",
            &format!("expected a closing {quote}"),
        );
        self.help("strings end on their line; a line end within one is written \\n");
        let value = line.get(1..).unwrap_or_default().to_owned();
        self.push(TokenKind::Literal(LiteralKind::Text(value)), start);
    }

    fn escape(&mut self, value: &mut String) {
        let (start, rest) = (self.at, self.rest());
        let kind = rest.chars().nth(1);
        let plain = match kind {
            Some('n') => Some('\n'),
            Some('r') => Some('\r'),
            Some('t') => Some('\t'),
            Some('"') => Some('"'),
            Some('\\') => Some('\\'),
            _ => None,
        };
        if let Some(plain) = plain {
            value.push(plain);
            return self.skip(2);
        }
        if kind == Some('u') {
            return self.code_point(value);
        }
        // A line end is left where it is: the string has no end then, which is told.
        let len = kind.filter(|c| *c != '\n').map_or(0, char::len_utf8);
        self.skip(len.saturating_add(1));
        let shown = self.span(start).of(self.text).to_owned();
        self.error(
            start,
            format!("unknown escape `{shown}`"),
            "expected \\n, \\r, \\t, \\\", \\\\ or \\u{..}",
        )
        .help("a backslash itself is written \\\\, or between single quotes: '\\d+'");
    }

    /// `\u{1f600}`
    fn code_point(&mut self, value: &mut String) {
        let (start, rest) = (self.at, self.rest());
        let digits = rest
            .get(2..)
            .and_then(|rest| rest.strip_prefix('{'))
            .and_then(|rest| rest.split_once('}'))
            .map(|(digits, _)| digits)
            .filter(|digits| !digits.is_empty() && digits.len() <= 6)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        let character = digits
            .and_then(|digits| u32::from_str_radix(digits, 16).ok())
            .and_then(char::from_u32);
        if let (Some(digits), Some(character)) = (digits, character) {
            value.push(character);
            return self.skip(digits.len().saturating_add(4));
        }
        self.skip(2);
        self.error(
            start,
            "not a character",
            "expected \\u{..} with a code point in hexadecimal",
        );
    }
}
