//! Splits SQL into tokens and statements, in a way that holds for every dialect.

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

/// The text with what MySQL runs inside of `/*! .. */` put into the open, if there is any.
pub(super) fn without_hidden_comments(text: &str) -> Option<String> {
    if !text.contains("/*!") && !text.contains("/*M!") {
        return None;
    }
    let opened = text.replace("/*M!", "/*!");
    let mut plain = String::new();
    for (place, piece) in opened.split("/*!").enumerate() {
        if place == 0 {
            plain.push_str(piece);
            continue;
        }
        let code = piece.trim_start_matches(|c: char| c.is_ascii_digit());
        plain.push(' ');
        match code.split_once("*/") {
            Some((inside, behind)) => {
                plain.push_str(inside);
                plain.push(' ');
                plain.push_str(behind);
            }
            None => plain.push_str(code),
        }
    }
    Some(plain)
}

/// Reads a text; every byte once. `has_escapes` is whether a backslash escapes a quote.
pub(super) fn read(text: &str, has_escapes: bool) -> Read<'_> {
    let mut reader = Reader {
        text,
        at: 0,
        has_escapes,
        read: Read {
            tokens: Vec::new(),
            is_broken: false,
        },
    };
    while reader.step() {}
    reader.read
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
    has_escapes: bool,
    read: Read<'a>,
}

impl<'a> Reader<'a> {
    fn step(&mut self) -> bool {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let Some(first) = rest.bytes().next() else {
            return false;
        };
        let second = rest.as_bytes().get(1).copied();
        match (first, second) {
            (b' ' | b'\t' | b'\r' | b'\n' | 0x0b | 0x0c, _) => self.at = self.at.saturating_add(1),
            (b'-', Some(b'-')) => self.line_comment(rest),
            (b'/', Some(b'*')) => self.comment(rest),
            (b'#', Some(b' ' | b'-' | b'#' | b'\n') | None) => self.line_comment(rest),
            (b'\'', _) => self.quoted(rest, "'", Kind::Text),
            (b'"', _) => self.quoted(rest, "\"", Kind::Name),
            (b'`', _) => self.quoted(rest, "`", Kind::Name),
            (b'[', Some(byte)) if byte.is_ascii_alphabetic() || byte == b'_' => {
                self.quoted(rest, "]", Kind::Name);
            }
            (b'$', _) if dollar_tag(rest).is_some() => self.dollars(rest),
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

    fn line_comment(&mut self, rest: &str) {
        let end = rest.find('\n').unwrap_or(rest.len());
        self.at = self.at.saturating_add(end);
    }

    fn comment(&mut self, rest: &str) {
        let end = rest.get(2..).and_then(|inside| inside.find("*/"));
        self.read.is_broken |= end.is_none();
        let bytes = end.map_or(rest.len(), |end| end.saturating_add(4));
        self.at = self.at.saturating_add(bytes);
    }

    fn quoted(&mut self, rest: &'a str, closing: &str, kind: Kind) {
        let close = closing.bytes().next().unwrap_or_default();
        let mut bytes = rest.bytes().enumerate().skip(1).peekable();
        let mut end = None;
        while let Some((at, byte)) = bytes.next() {
            if byte == b'\\' && self.has_escapes && kind == Kind::Text {
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
