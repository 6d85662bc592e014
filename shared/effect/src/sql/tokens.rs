//! Splits SQL into tokens and statements, in the way of one reading.

use super::readings::{Brackets, Escapes, Hash, Reading};

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A keyword or a bare name.
    Word,
    /// A name in `"`, backticks or brackets.
    Name,
    /// A string, in quotes or between dollar signs.
    Text,
    /// Digits.
    Number,
    /// Any other character.
    Sign,
}

/// One token.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    /// Without its quotes; escapes are left in.
    pub(super) text: &'a str,
    /// Where it begins and ends in the whole text, quotes included.
    pub(super) from: usize,
    pub(super) to: usize,
}

impl Token<'_> {
    /// Whether it is this keyword, in any case.
    pub(super) fn is(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether it is this sign.
    pub(super) fn is_sign(&self, sign: &str) -> bool {
        self.kind == Kind::Sign && self.text == sign
    }
}

/// All tokens of a text.
pub(super) struct Read<'a> {
    tokens: Vec<Token<'a>>,
    /// Whether a quote or comment was left open.
    pub(super) is_broken: bool,
}

impl<'a> Read<'a> {
    /// All tokens, in order.
    pub(super) fn tokens(&self) -> &[Token<'a>] {
        &self.tokens
    }

    /// The statements, without the semicolons between them; none is empty.
    pub(super) fn statements(&self) -> impl Iterator<Item = &[Token<'a>]> {
        let parts = self.tokens.split(|token| token.is_sign(";"));
        parts.filter(|statement| !statement.is_empty())
    }
}

/// The part of the text that a statement stands in.
pub(super) fn source<'a>(text: &'a str, statement: &[Token<'_>]) -> &'a str {
    match (statement.first(), statement.last()) {
        (Some(first), Some(last)) => text.get(first.from..last.to).unwrap_or_default(),
        _ => "",
    }
}

/// Reads a text; every byte once.
pub(super) fn read<'a>(text: &'a str, reading: &Reading) -> Read<'a> {
    let mut reader = Reader::of(text, reading);
    while reader.step() {}
    reader.read
}

/// How many bytes the string, name or comment takes that this text begins with.
pub(super) fn passed_over(text: &str, reading: &Reading) -> Option<usize> {
    if !text.starts_with(['\'', '"', '`', '/', '-', '#']) {
        return None;
    }
    let mut reader = Reader::of(text, reading);
    reader.step();
    Some(reader.at)
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    reading: Reading,
    read: Read<'a>,
}

impl<'a> Reader<'a> {
    const fn of(text: &'a str, reading: &Reading) -> Self {
        Self {
            text,
            at: 0,
            reading: *reading,
            read: Read {
                tokens: Vec::new(),
                is_broken: false,
            },
        }
    }

    fn step(&mut self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(first) = rest.bytes().next() else {
            return false;
        };
        let second = rest.as_bytes().get(1).copied();
        match (first, second) {
            (b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c, _) => self.at = self.at.saturating_add(1),
            (b'-', Some(b'-')) if self.is_dashed(rest) => self.line_comment(rest),
            (b'/', Some(b'/')) if self.reading.has_slashes => self.line_comment(rest),
            (b'/', Some(b'*')) => self.comment(rest),
            (b'#', _) if self.is_hashed(second) => self.line_comment(rest),
            (b'\'', _) => self.quoted(rest, "'", Kind::Text),
            (b'"', _) => self.quoted(rest, "\"", Kind::Name),
            (b'`', _) => self.quoted(rest, "`", Kind::Name),
            (b'[', Some(byte)) if self.is_name(byte) => self.quoted(rest, "]", Kind::Name),
            (b'$', _) if self.reading.has_dollars && dollar_tag(rest).is_some() => {
                self.dollars(rest);
            }
            _ => self.plain(rest, first),
        }
        true
    }

    fn push(&mut self, kind: Kind, text: &'a str, bytes: usize) {
        let to = self.at.saturating_add(bytes).min(self.text.len());
        self.read.tokens.push(Token {
            kind,
            text,
            from: self.at,
            to,
        });
        self.at = to;
    }

    /// Whether two dashes begin a comment.
    fn is_dashed(&self, rest: &str) -> bool {
        let third = rest.as_bytes().get(2);
        !self.reading.dashes_need_blank
            || third.is_none_or(|third| third.is_ascii_whitespace() || third.is_ascii_control())
    }

    /// Whether a hash in front of this byte begins a comment.
    fn is_hashed(&self, second: Option<u8>) -> bool {
        match self.reading.hash {
            Hash::Sign => false,
            Hash::Comment => true,
            Hash::Blank => matches!(second, Some(b' ' | b'-' | b'#' | b'\n') | None),
        }
    }

    /// Whether a bracket in front of this byte begins a name.
    const fn is_name(&self, second: u8) -> bool {
        match self.reading.brackets {
            Brackets::Sign => false,
            Brackets::Name => true,
            Brackets::Letter => second.is_ascii_alphabetic() || second == b'_',
        }
    }

    fn line_comment(&mut self, rest: &str) {
        let returns_end = self.reading.returns_end;
        let end = rest.find(|sign| sign == '\n' || returns_end && sign == '\r');
        self.at = self.at.saturating_add(end.unwrap_or(rest.len()));
    }

    fn comment(&mut self, rest: &str) {
        let mut at = 2_usize;
        let mut depth = 1_usize;
        while depth > 0 {
            let behind = rest.get(at..).unwrap_or_default();
            let closes = behind.find("*/");
            let opens = behind.find("/*").filter(|_| self.reading.nests);
            match (closes, opens) {
                (Some(end), Some(open)) if open < end => {
                    depth = depth.saturating_add(1);
                    at = at.saturating_add(open).saturating_add(2);
                }
                (Some(end), _) => {
                    depth = depth.saturating_sub(1);
                    at = at.saturating_add(end).saturating_add(2);
                }
                (None, _) => {
                    self.read.is_broken = true;
                    at = rest.len();
                    break;
                }
            }
        }
        self.at = self.at.saturating_add(at);
    }

    /// Whether a backslash escapes a quote in the string or name that begins here.
    fn escapes(&self, close: u8) -> bool {
        let before = self.at.checked_sub(1);
        let before = before.and_then(|at| self.text.as_bytes().get(at));
        match (self.reading.escapes, close) {
            (Escapes::All, b'\'' | b'"') | (Escapes::Strings, b'\'') => true,
            (Escapes::Marked, b'\'') => matches!(before, Some(b'e' | b'E')),
            _ => false,
        }
    }

    fn quoted(&mut self, rest: &'a str, closing: &str, kind: Kind) {
        let close = closing.bytes().next().unwrap_or_default();
        let mut bytes = rest.bytes().enumerate().skip(1).peekable();
        let mut end = None;
        let has_escapes = self.escapes(close);
        while let Some((at, byte)) = bytes.next() {
            if byte == b'\\' && has_escapes {
                bytes.next();
            } else if byte == close {
                if bytes.next_if(|(_, next)| *next == close).is_some() {
                    continue;
                }
                end = Some(at);
                break;
            }
        }
        self.read.is_broken |= end.is_none();
        let inside = rest.get(1..end.unwrap_or(rest.len())).unwrap_or_default();
        self.push(
            kind,
            inside,
            end.map_or(rest.len(), |end| end.saturating_add(1)),
        );
    }

    /// `$tag$ .. $tag$`
    fn dollars(&mut self, rest: &'a str) {
        let tag = dollar_tag(rest).unwrap_or_default();
        let behind = rest.get(tag.len()..).unwrap_or_default();
        let end = behind.find(tag);
        self.read.is_broken |= end.is_none();
        let inside = behind
            .get(..end.unwrap_or(behind.len()))
            .unwrap_or_default();
        let bytes = inside.len().saturating_add(tag.len().saturating_mul(2));
        self.push(Kind::Text, inside, bytes);
    }

    fn plain(&mut self, rest: &'a str, first: u8) {
        let is_part = |byte: &u8| {
            byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'@') || *byte >= 0x80
        };
        let (kind, length) = match first {
            b'0'..=b'9' => (Kind::Number, rest.bytes().take_while(is_part).count()),
            _ if is_part(&first) && first != b'$' => {
                (Kind::Word, rest.bytes().take_while(is_part).count())
            }
            _ => (Kind::Sign, 1),
        };
        self.push(kind, rest.get(..length).unwrap_or_default(), length.max(1));
    }
}

/// The tag that opens a string between dollar signs: `$$`, `$body$`.
fn dollar_tag(rest: &str) -> Option<&str> {
    let inside = rest.get(1..)?;
    let end = inside.find('$').filter(|end| *end <= 32)?;
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let name = inside.get(..end)?;
    let is_tag = name.bytes().all(is_name) && !name.starts_with(|c: char| c.is_ascii_digit());
    is_tag.then(|| rest.get(..end.saturating_add(2))).flatten()
}
