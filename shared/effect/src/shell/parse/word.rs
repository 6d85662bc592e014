//! Words: quotes, escapes, assignments, arrays.

use super::Parser;
use crate::shell::syntax::{Part, Word};

impl Word {
    /// A word of which nothing is known.
    pub(super) fn unknown() -> Self {
        let part = Part::Commands {
            list: Vec::new(),
            is_process: false,
        };
        Self { parts: vec![part] }
    }

    /// Its literal parts.
    pub(in crate::shell) fn plain(&self) -> String {
        let texts = self.parts.iter().filter_map(|part| match part {
            Part::Text { text, .. } => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// Whether any part of it stood in quotes.
    pub(super) fn has_quotes(&self) -> bool {
        let quoted = |part: &Part| {
            matches!(
                part,
                Part::Text {
                    is_quoted: true,
                    ..
                }
            )
        };
        self.parts.iter().any(quoted)
    }

    pub(super) fn text(&mut self, text: &str, is_quoted: bool) {
        if let Some(Part::Text {
            text: last,
            is_quoted: was,
        }) = self.parts.last_mut()
            && *was == is_quoted
        {
            last.push_str(text);
            return;
        }
        self.parts.push(Part::Text {
            text: text.to_owned(),
            is_quoted,
        });
    }
}

impl Parser<'_> {
    /// The word here; without parts, and nothing read, where none begins.
    pub(super) fn word(&mut self) -> Word {
        let mut word = Word::default();
        loop {
            let rest = self.rest();
            let plain = rest.bytes().take_while(|byte| !is_special(*byte)).count();
            if plain > 0 {
                word.text(rest.get(..plain).unwrap_or_default(), false);
                self.skip(plain);
                continue;
            }
            match self.peek() {
                Some(b'\'') => self.single_quotes(&mut word),
                Some(b'"') => self.double_quotes(&mut word),
                Some(b'\\') => self.escape(&mut word, false),
                Some(b'$') => self.dollar(&mut word, false),
                Some(b'`') => self.backticks(&mut word),
                Some(b'<' | b'>') if word.parts.is_empty() && self.peek_at(1) == Some(b'(') => {
                    self.skip(2);
                    self.substitution(&mut word, true);
                }
                _ => return word,
            }
        }
    }

    pub(super) fn single_quotes(&mut self, word: &mut Word) {
        self.skip(1);
        let rest = self.rest();
        let end = rest.find('\'');
        self.is_broken |= end.is_none();
        let inside = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        word.text(inside, true);
        self.skip(inside.len().saturating_add(1));
    }

    pub(super) fn double_quotes(&mut self, word: &mut Word) {
        self.skip(1);
        word.text("", true);
        loop {
            let rest = self.rest();
            let special = |byte: u8| matches!(byte, b'"' | b'\\' | b'$' | b'`');
            let plain = rest.bytes().take_while(|byte| !special(*byte)).count();
            word.text(rest.get(..plain).unwrap_or_default(), true);
            self.skip(plain);
            match self.peek() {
                Some(b'"') => return self.skip(1),
                Some(b'\\') => self.escape(word, true),
                Some(b'$') => self.dollar(word, true),
                Some(_) => self.backticks(word),
                None => {
                    self.is_broken = true;
                    return;
                }
            }
        }
    }

    pub(super) fn escape(&mut self, word: &mut Word, in_quotes: bool) {
        self.skip(1);
        let Some(next) = self.rest().chars().next() else {
            return;
        };
        let mut bytes = [0; 4];
        if next != '\n' {
            if in_quotes && !matches!(next, '"' | '\\' | '$' | '`') {
                word.text("\\", true);
            }
            word.text(next.encode_utf8(&mut bytes), true);
        }
        self.skip(next.len_utf8());
    }

    /// The name of an assignment that begins here; reads it and its `=`.
    pub(super) fn assigned(&mut self) -> Option<String> {
        let rest = self.rest();
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let name = rest.bytes().take_while(is_part).count();
        let behind = rest.get(name..).unwrap_or_default();
        let sign = ["=", "+="]
            .into_iter()
            .find(|sign| behind.starts_with(sign))?;
        let name = rest.get(..name)?;
        if name.is_empty() || name.starts_with(|first: char| first.is_ascii_digit()) {
            return None;
        }
        self.skip(name.len().saturating_add(sign.len()));
        Some(name.to_owned())
    }

    /// `(a b c)` behind `NAME=`: its substitutions, and nothing known of its value.
    pub(super) fn array(&mut self) -> Word {
        self.skip(1);
        let mut all = Word::unknown();
        loop {
            self.lines();
            let before = self.at;
            all.parts.append(&mut self.word().parts);
            match self.peek() {
                Some(b')') => {
                    self.skip(1);
                    return all;
                }
                None => {
                    self.is_broken = true;
                    return all;
                }
                _ if self.at == before => self.skip(1),
                _ => {}
            }
        }
    }
}

const fn is_special(byte: u8) -> bool {
    matches!(
        byte,
        b'\''
            | b'"'
            | b'\\'
            | b'$'
            | b'`'
            | b'<'
            | b'>'
            | b' '
            | b'\t'
            | b'\r'
            | b'\n'
            | b';'
            | b'&'
            | b'|'
            | b'('
            | b')'
    )
}
