//! Cuts a rule file into words, literals, signs and comments.
//!
//! Refuses characters that mean nothing here, strings without an end, unknown escapes and units;
//! reading goes on behind each of them.

mod literal;
mod string;

use crate::ast::LiteralKind;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// One piece of a rule file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) kind: TokenKind,
    pub(crate) span: Span,
}

/// What a piece is.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum TokenKind {
    /// A keyword or a name.
    Word(String),
    /// A literal. Words such as `true` and `monday` are words.
    Literal(LiteralKind),
    /// A sign: `=`, `!=`, `(`, `..` and so on.
    Sign(&'static str),
    /// The file ends.
    End,
}

/// `# text`, without the end of its line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Comment {
    pub(crate) span: Span,
    /// Nothing but blanks stands before it on its line.
    pub(crate) alone: bool,
}

/// All pieces of a file; the last token is the end.
#[derive(Debug, Default)]
pub(crate) struct Lexed {
    pub(crate) tokens: Vec<Token>,
    pub(crate) comments: Vec<Comment>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// Signs, the longer ones first, and what to write for those that belong to other languages.
const SIGNS: [(&str, Option<&str>); 19] = [
    ("!=", None),
    ("<=", None),
    (">=", None),
    ("..", None),
    ("==", Some("=")),
    ("<>", Some("!=")),
    ("&&", Some("AND")),
    ("||", Some("OR")),
    ("--", Some("#")),
    ("//", Some("#")),
    ("=", None),
    ("<", None),
    (">", None),
    ("(", None),
    (")", None),
    ("[", None),
    ("]", None),
    (",", None),
    ("!", Some("NOT")),
];

pub(crate) fn lex(file: u16, text: &str) -> Lexed {
    let mut lexer = Lexer {
        file,
        text,
        at: 0,
        out: Lexed::default(),
    };
    while lexer.step() {}
    let end = lexer.span(lexer.at);
    lexer.out.tokens.push(Token {
        kind: TokenKind::End,
        span: end,
    });
    lexer.out
}

struct Lexer<'a> {
    file: u16,
    text: &'a str,
    /// A boundary of characters.
    at: usize,
    out: Lexed,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn span(&self, start: usize) -> Span {
        Span {
            file: self.file,
            start: u32::try_from(start).unwrap_or(u32::MAX),
            end: u32::try_from(self.at).unwrap_or(u32::MAX),
        }
    }

    fn skip(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes).min(self.text.len());
    }

    fn push(&mut self, kind: TokenKind, start: usize) {
        let span = self.span(start);
        self.out.tokens.push(Token { kind, span });
    }

    fn error(&mut self, start: usize, message: impl Into<String>, label: &str) -> &mut Self {
        let span = self.span(start);
        self.out
            .diagnostics
            .push(Diagnostic::error(span, message, label));
        self
    }

    fn help(&mut self, help: impl Into<String>) {
        if let Some(last) = self.out.diagnostics.last_mut() {
            last.help = Some(help.into());
        }
    }

    /// One piece; false at the end.
    fn step(&mut self) -> bool {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else {
            return false;
        };
        let start = self.at;
        match first {
            ' ' | '\t' | '\n' | '\r' | '\u{feff}' => self.skip(first.len_utf8()),
            '#' => self.comment(),
            '"' => self.quoted(),
            '\'' => self.raw(),
            '0'..='9' => self.number(),
            '-' if rest.as_bytes().get(1).is_some_and(u8::is_ascii_digit) => self.number(),
            '_' | 'a'..='z' | 'A'..='Z' => {
                let len = rest
                    .find(|c: char| c != '_' && !c.is_ascii_alphanumeric())
                    .unwrap_or(rest.len());
                self.skip(len);
                let word = rest.get(..len).unwrap_or_default().to_owned();
                self.push(TokenKind::Word(word), start);
            }
            _ => self.sign(first),
        }
        true
    }

    fn comment(&mut self) {
        let start = self.at;
        let rest = self.rest();
        self.skip(rest.find('\n').unwrap_or(rest.len()));
        let before = self.text.get(..start).unwrap_or_default();
        let line = before.rsplit('\n').next().unwrap_or_default();
        let alone = line.trim_start_matches('\u{feff}').trim().is_empty();
        let span = self.span(start);
        self.out.comments.push(Comment { span, alone });
    }

    fn sign(&mut self, first: char) {
        let (start, rest) = (self.at, self.rest());
        if let Some((sign, instead)) = SIGNS.iter().find(|(sign, _)| rest.starts_with(sign)) {
            self.skip(sign.len());
            match instead {
                None => self.push(TokenKind::Sign(sign), start),
                Some(instead) => {
                    self.error(
                        start,
                        format!("unknown sign `{sign}`"),
                        "not in this language",
                    )
                    .help(format!("write `{instead}`"));
                    self.stand_in(instead, start);
                }
            }
            return;
        }
        for sign in [".", "*"] {
            if rest.starts_with(sign) {
                self.skip(1);
                self.push(TokenKind::Sign(sign), start);
                return;
            }
        }
        self.skip(first.len_utf8());
        let shown = format!("unexpected character {first:?}");
        self.error(start, shown, "means nothing here");
        if ['“', '”', '„', '‘', '’', '`'].contains(&first) {
            self.help("strings stand between straight quotes: \"text\"");
        }
    }

    /// Goes on as if the right sign stood there, so that what follows is read, too.
    fn stand_in(&mut self, instead: &'static str, start: usize) {
        match instead {
            "AND" | "OR" | "NOT" => self.push(TokenKind::Word(instead.to_owned()), start),
            "#" => {
                let rest = self.rest();
                self.skip(rest.find('\n').unwrap_or(rest.len()));
            }
            _ => self.push(TokenKind::Sign(instead), start),
        }
    }
}
