//! Reads a command line as a POSIX shell or bash would: lists, pipelines, compound commands.
//!
//! Refuses nothing: what can't be read is marked as broken and the rest is read on. Every byte is
//! looked at a bounded number of times, and nesting beyond a bound is broken.

mod expansion;
mod redirect;
mod word;

use super::syntax::{Command, Pipeline, Script, Simple, Word};

/// How deep substitutions and groups may nest; people write three.
const DEPTH_MAX: usize = 24;

/// Reads a text.
pub(super) fn parse(text: &str) -> Script {
    let mut parser = Parser::new(text, 0);
    let list = parser.list(Stop::End);
    parser.documents();
    Script {
        list,
        bodies: parser.bodies,
        is_broken: parser.is_broken,
    }
}

/// What ends a list.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stop {
    End,
    Parenthesis,
    Brace,
    Case,
}

/// A here document whose body follows the next line end.
struct Pending {
    delimiter: String,
    is_literal: bool,
    strips_tabs: bool,
    body: usize,
}

/// Invariant: `at <= text.len()`, on a character boundary.
struct Parser<'a> {
    text: &'a str,
    at: usize,
    depth: usize,
    is_broken: bool,
    pending: Vec<Pending>,
    bodies: Vec<super::syntax::Body>,
}

impl<'a> Parser<'a> {
    const fn new(text: &'a str, depth: usize) -> Self {
        Self {
            text,
            at: 0,
            depth,
            is_broken: false,
            pending: Vec::new(),
            bodies: Vec::new(),
        }
    }

    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn peek_at(&self, ahead: usize) -> Option<u8> {
        self.text
            .as_bytes()
            .get(self.at.saturating_add(ahead))
            .copied()
    }

    /// Goes on by so many bytes, which end at a character boundary.
    fn skip(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes).min(self.text.len());
    }

    fn takes(&mut self, text: &str) -> bool {
        let is_next = self.rest().starts_with(text);
        if is_next {
            self.skip(text.len());
        }
        is_next
    }

    /// Skips blanks, continued lines and a comment.
    fn blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t' | b'\r') => self.skip(1),
                Some(b'\\') if self.peek_at(1) == Some(b'\n') => self.skip(2),
                Some(b'#') => {
                    let rest = self.rest();
                    self.skip(rest.find('\n').unwrap_or(rest.len()));
                }
                _ => return,
            }
        }
    }

    /// Skips blanks and line ends, reading the here documents that follow a line end.
    fn lines(&mut self) {
        loop {
            self.blanks();
            if self.peek() != Some(b'\n') {
                return;
            }
            self.skip(1);
            self.documents();
        }
    }

    fn list(&mut self, stop: Stop) -> Vec<Pipeline> {
        let mut list = Vec::new();
        loop {
            self.lines();
            match self.peek() {
                None => break,
                Some(b';') if stop == Stop::Case && self.ends_case() => break,
                Some(b'&') if self.peek_at(1) == Some(b'>') => list.push(self.pipeline()),
                Some(b';' | b'&' | b'|') => self.skip(1),
                Some(b')') if matches!(stop, Stop::Parenthesis | Stop::Case) => break,
                Some(b')') => {
                    self.is_broken = true;
                    self.skip(1);
                }
                Some(b'}') if stop == Stop::Brace && self.is_keyword("}") => break,
                Some(b'e') if stop == Stop::Case && self.is_keyword("esac") => break,
                Some(_) => list.push(self.pipeline()),
            }
        }
        list
    }

    fn ends_case(&self) -> bool {
        matches!(self.peek_at(1), Some(b';' | b'&'))
    }

    fn pipeline(&mut self) -> Pipeline {
        let mut commands = vec![self.command()];
        loop {
            self.blanks();
            if self.peek() != Some(b'|') || self.peek_at(1) == Some(b'|') {
                return Pipeline { commands };
            }
            self.skip(1);
            if self.peek() == Some(b'&') {
                self.skip(1);
            }
            self.lines();
            commands.push(self.command());
        }
    }

    /// Whether this reserved word is next, and nothing sticks to it.
    fn is_keyword(&self, word: &str) -> bool {
        let behind = self.rest().strip_prefix(word);
        behind.is_some_and(|rest| {
            let next = rest.as_bytes().first();
            next.is_none_or(|byte| b" \t\r\n;&|()<>".contains(byte))
        })
    }

    fn command(&mut self) -> Command {
        while let Some(word) = TRANSPARENT.iter().find(|word| self.is_keyword(word)) {
            self.skip(word.len());
            if matches!(*word, "fi" | "done") {
                self.blanks();
                break;
            }
            self.lines();
        }
        if self.depth >= DEPTH_MAX {
            self.is_broken = true;
            self.at = self.text.len();
            return Command::Simple(Simple::default());
        }
        self.depth = self.depth.saturating_add(1);
        let command = self.structure();
        self.depth = self.depth.saturating_sub(1);
        command
    }

    fn structure(&mut self) -> Command {
        match self.peek() {
            Some(b'(') if self.peek_at(1) == Some(b'(') => {
                self.skip(1);
                let list = self.arithmetic();
                self.group(None, list)
            }
            Some(b'(') => {
                self.skip(1);
                let list = self.list(Stop::Parenthesis);
                self.closes(")");
                self.group(None, list)
            }
            Some(b'{') if self.is_keyword("{") => {
                self.skip(1);
                let list = self.list(Stop::Brace);
                self.closes("}");
                self.group(None, list)
            }
            Some(b'[') if self.is_keyword("[[") => self.condition(),
            Some(b'c') if self.is_keyword("case") => self.case(),
            Some(b'f') if self.is_keyword("for") => self.each("for"),
            Some(b's') if self.is_keyword("select") => self.each("select"),
            Some(b'f') if self.is_keyword("function") => {
                self.skip("function".len());
                self.blanks();
                let name = self.word().plain();
                self.blanks();
                self.function(name)
            }
            _ => self.simple(),
        }
    }

    fn closes(&mut self, end: &str) {
        if !self.takes(end) {
            self.is_broken = true;
        }
    }

    fn group(&mut self, function: Option<String>, list: Vec<Pipeline>) -> Command {
        let mut redirects = Vec::new();
        loop {
            self.blanks();
            match self.redirect() {
                Some(redirect) => redirects.push(redirect),
                None => break,
            }
        }
        Command::Group {
            function,
            list,
            redirects,
        }
    }

    /// A function whose name has been read: `()` and the body follow.
    fn function(&mut self, name: String) -> Command {
        if self.takes("(") {
            self.blanks();
            self.closes(")");
        }
        self.lines();
        let body = self.command();
        let list = vec![Pipeline {
            commands: vec![body],
        }];
        self.group(Some(name), list)
    }

    /// `[[ .. ]]`, whose operators are no redirections.
    fn condition(&mut self) -> Command {
        let mut simple = Simple::default();
        while self.peek().is_some() {
            self.lines();
            if self.is_keyword("]]") {
                self.skip(2);
                break;
            }
            let before = self.at;
            simple.words.push(self.word());
            if self.at == before {
                self.skip(1);
            }
        }
        Command::Simple(simple)
    }

    fn case(&mut self) -> Command {
        self.skip("case".len());
        self.blanks();
        let mut simple = Simple::default();
        simple.assignments.push((String::new(), self.word()));
        self.lines();
        if self.is_keyword("in") {
            self.skip(2);
        }
        let mut list = vec![Pipeline {
            commands: vec![Command::Simple(simple)],
        }];
        loop {
            self.lines();
            if self.peek().is_none() || self.is_keyword("esac") {
                break;
            }
            self.pattern();
            list.append(&mut self.list(Stop::Case));
            self.takes(")");
            while matches!(self.peek(), Some(b';' | b'&')) {
                self.skip(1);
            }
        }
        self.closes("esac");
        self.group(None, list)
    }

    /// The pattern in front of a branch, up to its `)`.
    fn pattern(&mut self) {
        self.takes("(");
        loop {
            self.blanks();
            let before = self.at;
            self.word();
            match self.peek() {
                Some(b')') => return self.skip(1),
                Some(b'\n' | b';') | None => {
                    self.is_broken = true;
                    return self.skip(1);
                }
                _ if self.at == before => self.skip(1),
                _ => {}
            }
        }
    }

    /// `for NAME in words`, up to `do`.
    fn each(&mut self, keyword: &str) -> Command {
        self.skip(keyword.len());
        self.blanks();
        let mut simple = Simple::default();
        if self.takes("(") {
            let list = self.arithmetic();
            return self.group(None, list);
        }
        let name = self.word().plain();
        self.lines();
        if self.is_keyword("in") {
            self.skip(2);
            self.blanks();
            while !matches!(self.peek(), None | Some(b';' | b'\n' | b'&' | b'|' | b')')) {
                let before = self.at;
                simple.assignments.push((name.clone(), self.word()));
                if self.at == before {
                    self.skip(1);
                }
                self.blanks();
            }
        }
        if simple.assignments.len() != 1 {
            simple.assignments.push((name, Word::unknown()));
        }
        Command::Simple(simple)
    }

    fn simple(&mut self) -> Command {
        let mut simple = Simple::default();
        loop {
            self.blanks();
            if let Some(redirect) = self.redirect() {
                simple.redirects.push(redirect);
                continue;
            }
            match self.peek() {
                None | Some(b'\n' | b';' | b'&' | b'|' | b')') => break,
                Some(b'(') => {
                    if let [name] = simple.words.as_slice() {
                        let name = name.plain();
                        return self.function(name);
                    }
                    self.is_broken = true;
                    self.skip(1);
                    continue;
                }
                Some(_) => {}
            }
            let name = match simple.words.is_empty() {
                true => self.assigned(),
                false => None,
            };
            let word = match name {
                Some(_) if self.peek() == Some(b'(') => self.array(),
                _ => self.word(),
            };
            match name {
                Some(name) => simple.assignments.push((name, word)),
                None => simple.words.push(word),
            }
        }
        Command::Simple(simple)
    }
}

/// Reserved words that only say when what follows them runs.
const TRANSPARENT: [&str; 12] = [
    "!", "if", "then", "elif", "else", "fi", "while", "until", "do", "done", "time", "coproc",
];
