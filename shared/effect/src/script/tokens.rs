//! Splits a script into words, strings and signs, as its language writes them.

use crate::Language;

/// One token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Token<'a> {
    /// A name or number; names keep their dots: `os.path.join`, `fs.promises.rm`.
    Word(&'a str),
    /// A string, without quotes and escapes.
    Text(String),
    /// A string in backticks that a shell runs.
    Command(String),
    /// Any other character.
    Sign(u8),
    /// The end of a line.
    Line,
}

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Read<'a> {
    pub(crate) tokens: Vec<Token<'a>>,
    /// Expressions inside of strings.
    pub(crate) inner: Vec<String>,
    /// Whether a string or comment was left open.
    pub(crate) is_broken: bool,
}

/// Reads a script; every byte once.
pub(crate) fn read(language: Language, text: &str) -> Read<'_> {
    let mut reader = Reader {
        language,
        text,
        at: 0,
        read: Read::default(),
    };
    while reader.step() {}
    reader.read
}

struct Reader<'a> {
    language: Language,
    text: &'a str,
    at: usize,
    read: Read<'a>,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes).min(self.text.len());
    }

    /// Reads one token; false at the end.
    fn step(&mut self) -> bool {
        let rest = self.rest();
        let Some(first) = rest.bytes().next() else {
            return false;
        };
        match first {
            b'\n' => {
                self.read.tokens.push(Token::Line);
                self.skip(1);
            }
            b' ' | b'\t' | b'\r' => self.skip(1),
            _ if self.comment() => {}
            b'"' | b'\'' => self.string(first, false),
            b'`' => self.backticks(),
            b'/' if self.is_expression() => self.expression(),
            _ if is_word(first) => self.word(),
            _ => {
                let character = rest.chars().next();
                if first.is_ascii() {
                    self.read.tokens.push(Token::Sign(first));
                }
                self.skip(character.map_or(1, char::len_utf8));
            }
        }
        true
    }

    fn word(&mut self) {
        let rest = self.rest();
        let mut end = rest.bytes().take_while(|byte| is_word(*byte)).count();
        // `::` and `->` join names as a dot does, `?.` too.
        while let Some(joint) = JOINTS.iter().find(|joint| joined(rest, end, joint)) {
            let behind = end.saturating_add(joint.len());
            let tail = rest.get(behind..).unwrap_or_default();
            end = behind.saturating_add(tail.bytes().take_while(|byte| is_word(*byte)).count());
        }
        let word = rest.get(..end).unwrap_or_default();
        let quote = rest.as_bytes().get(end).copied();
        let is_prefix = self.language == Language::Python
            && word.len() <= 2
            && word.bytes().all(|byte| b"rRbBfFuU".contains(&byte));
        self.skip(end);
        if let (true, Some(quote @ (b'"' | b'\''))) = (is_prefix, quote) {
            return self.string(quote, word.contains(['f', 'F']));
        }
        self.read.tokens.push(Token::Word(word));
    }

    fn comment(&mut self) -> bool {
        let rest = self.rest();
        let slashes = !matches!(
            self.language,
            Language::Python | Language::Ruby | Language::Perl
        );
        let hash = self.language != Language::JavaScript;
        if (hash && rest.starts_with('#')) || (slashes && rest.starts_with("//")) {
            self.skip(rest.find('\n').unwrap_or(rest.len()));
            return true;
        }
        if slashes && rest.starts_with("/*") {
            let end = rest.find("*/");
            self.read.is_broken |= end.is_none();
            self.skip(end.map_or(rest.len(), |end| end.saturating_add(2)));
            return true;
        }
        false
    }

    fn string(&mut self, quote: u8, has_expressions: bool) {
        let rest = self.rest();
        let triple = [quote; 3];
        let is_triple = self.language == Language::Python && rest.as_bytes().starts_with(&triple);
        self.skip(if is_triple { 3 } else { 1 });
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(next) = rest.chars().next() else {
                self.read.is_broken = true;
                break;
            };
            if is_triple && rest.as_bytes().starts_with(&triple) {
                self.skip(3);
                break;
            }
            if !is_triple && next == char::from(quote) {
                self.skip(1);
                break;
            }
            match next {
                '\\' => self.escape(&mut text),
                '\n' if !is_triple
                    && matches!(self.language, Language::Python | Language::JavaScript) =>
                {
                    self.read.is_broken = true;
                    break;
                }
                '{' if has_expressions => self.inner(&mut text, 1),
                '#' if self.language == Language::Ruby
                    && quote == b'"'
                    && rest.starts_with("#{") =>
                {
                    self.inner(&mut text, 2);
                }
                _ => {
                    text.push(next);
                    self.skip(next.len_utf8());
                }
            }
        }
        self.read.tokens.push(Token::Text(text));
    }

    fn escape(&mut self, text: &mut String) {
        self.skip(1);
        let rest = self.rest();
        let Some(next) = rest.chars().next() else {
            return;
        };
        self.skip(next.len_utf8());
        match next {
            'n' => text.push('\n'),
            't' => text.push('\t'),
            '\n' => {}
            'x' => {
                let digits = rest.get(1..3).unwrap_or_default();
                if let Ok(byte) = u8::from_str_radix(digits, 16) {
                    text.push(char::from(byte));
                    self.skip(2);
                }
            }
            other => text.push(other),
        }
    }

    /// An expression inside of a string, up to its closing brace.
    fn inner(&mut self, text: &mut String, opening: usize) {
        self.skip(opening);
        let rest = self.rest();
        let mut open = 1_usize;
        let mut end = rest.len();
        for (at, byte) in rest.bytes().enumerate() {
            match byte {
                b'{' => open = open.saturating_add(1),
                b'}' => open = open.saturating_sub(1),
                _ => {}
            }
            if open == 0 {
                end = at;
                break;
            }
        }
        let expression = rest.get(..end).unwrap_or_default();
        if expression.contains(['(', '.']) {
            self.read.inner.push(expression.to_owned());
        }
        self.read.is_broken |= end == rest.len();
        text.push_str("$X");
        self.skip(end.saturating_add(1));
    }

    /// A template of JavaScript, or a command of Ruby, Perl and PHP.
    fn backticks(&mut self) {
        self.skip(1);
        let mut text = String::new();
        loop {
            let rest = self.rest();
            let Some(next) = rest.chars().next() else {
                self.read.is_broken = true;
                break;
            };
            match next {
                '`' => {
                    self.skip(1);
                    break;
                }
                '\\' => self.escape(&mut text),
                '$' if rest.starts_with("${") => self.inner(&mut text, 2),
                '#' if rest.starts_with("#{") && self.language == Language::Ruby => {
                    self.inner(&mut text, 2);
                }
                _ => {
                    text.push(next);
                    self.skip(next.len_utf8());
                }
            }
        }
        self.read.tokens.push(match self.language {
            Language::Ruby | Language::Perl | Language::Php => Token::Command(text),
            _ => Token::Text(text),
        });
    }

    /// Whether a slash begins a regular expression: where a value can stand.
    fn is_expression(&self) -> bool {
        if self.language == Language::Python {
            return false;
        }
        match self.read.tokens.last() {
            None | Some(Token::Line) => true,
            Some(Token::Sign(sign)) => b"(,=:[!&|?{};~".contains(sign),
            Some(Token::Word(word)) => matches!(*word, "return" | "typeof" | "split" | "if"),
            Some(Token::Text(_) | Token::Command(_)) => false,
        }
    }

    fn expression(&mut self) {
        let rest = self.rest();
        let mut in_class = false;
        let mut is_escaped = false;
        for (at, byte) in rest.bytes().enumerate().skip(1) {
            match byte {
                _ if is_escaped => is_escaped = false,
                b'\\' => is_escaped = true,
                b'[' => in_class = true,
                b']' => in_class = false,
                b'\n' => break,
                b'/' if !in_class => {
                    self.skip(at.saturating_add(1));
                    self.read.tokens.push(Token::Word("regex"));
                    return;
                }
                _ => {}
            }
        }
        self.read.tokens.push(Token::Sign(b'/'));
        self.skip(1);
    }
}

const JOINTS: [&str; 4] = [".", "::", "->", "?."];

fn joined(rest: &str, end: usize, joint: &str) -> bool {
    let behind = rest.get(end..).and_then(|rest| rest.strip_prefix(joint));
    let next = behind.and_then(|behind| behind.bytes().next());
    next.is_some_and(|byte| is_word(byte) && !byte.is_ascii_digit())
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'@')
}
