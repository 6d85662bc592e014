//! Expansions: variables, substituted commands, arithmetic, backticks.

use super::{DEPTH_MAX, Parser, Stop};
use crate::shell::syntax::{Part, Pipeline, Word};

impl Parser<'_> {
    pub(super) fn dollar(&mut self, word: &mut Word, is_quoted: bool) {
        self.skip(1);
        match self.peek() {
            Some(b'(') if self.peek_at(1) == Some(b'(') => {
                self.skip(1);
                let list = self.arithmetic();
                word.parts.push(Part::Commands {
                    list,
                    is_process: false,
                });
            }
            Some(b'(') => {
                self.skip(1);
                self.substitution(word, false);
            }
            Some(b'{') => self.braces(word, is_quoted),
            Some(b'\'') if !is_quoted => self.c_quotes(word),
            Some(b'"') if !is_quoted => self.double_quotes(word),
            Some(byte) if byte.is_ascii_alphabetic() || byte == b'_' => {
                let name = self.name();
                self.variable(word, name, is_quoted);
            }
            Some(b'@' | b'*' | b'#' | b'?' | b'-' | b'$' | b'!' | b'0'..=b'9') => {
                let name = self.rest().get(..1).unwrap_or_default().to_owned();
                self.skip(1);
                self.variable(word, name, is_quoted);
            }
            _ => word.text("$", is_quoted),
        }
    }

    fn variable(&mut self, word: &mut Word, name: String, is_quoted: bool) {
        word.parts.push(Part::Variable {
            name,
            fallback: None,
            is_quoted,
        });
    }

    /// The name of a variable, perhaps empty.
    fn name(&mut self) -> String {
        let rest = self.rest();
        let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        let name = rest.bytes().take_while(is_part).count();
        self.skip(name);
        rest.get(..name).unwrap_or_default().to_owned()
    }

    /// `${..}`: the name, what replaces it, and the commands substituted inside.
    fn braces(&mut self, word: &mut Word, is_quoted: bool) {
        self.skip(1);
        let is_indirect = self.takes("!");
        let name = self.name();
        let defaults = [":-", "-", ":=", "="].iter().any(|sign| self.takes(sign));
        let mut inside = Word::default();
        let is_closed = self.nested(|parser| parser.until_brace(&mut inside));
        self.is_broken |= !is_closed;
        let fallback = (defaults && !is_indirect).then(|| inside.plain());
        word.parts.push(Part::Variable {
            name: if is_indirect { String::new() } else { name },
            fallback,
            is_quoted,
        });
        let commands = inside
            .parts
            .into_iter()
            .filter(|part| matches!(part, Part::Commands { .. }));
        word.parts.extend(commands);
    }

    fn until_brace(&mut self, inside: &mut Word) -> bool {
        loop {
            let rest = self.rest();
            let special = |byte: u8| matches!(byte, b'}' | b'"' | b'\'' | b'\\' | b'$' | b'`');
            let plain = rest.bytes().take_while(|byte| !special(*byte)).count();
            inside.text(rest.get(..plain).unwrap_or_default(), true);
            self.skip(plain);
            match self.peek() {
                Some(b'}') => {
                    self.skip(1);
                    return true;
                }
                Some(b'"') => self.double_quotes(inside),
                Some(b'\'') => self.single_quotes(inside),
                Some(b'\\') => self.escape(inside, false),
                Some(b'$') => self.dollar(inside, true),
                Some(_) => self.backticks(inside),
                None => return false,
            }
        }
    }

    /// Runs a step one level deeper, or gives up on the text.
    fn nested(&mut self, step: impl FnOnce(&mut Self) -> bool) -> bool {
        if self.depth >= DEPTH_MAX {
            self.at = self.text.len();
            return false;
        }
        self.depth = self.depth.saturating_add(1);
        let done = step(self);
        self.depth = self.depth.saturating_sub(1);
        done
    }

    /// `$'..'`, with the escapes of C.
    fn c_quotes(&mut self, word: &mut Word) {
        self.skip(1);
        let mut text = String::new();
        while let Some(next) = self.rest().chars().next() {
            self.skip(next.len_utf8());
            match next {
                '\'' => return word.text(&text, true),
                '\\' => self.c_escape(&mut text),
                _ => text.push(next),
            }
        }
        self.is_broken = true;
        word.text(&text, true);
    }

    fn c_escape(&mut self, text: &mut String) {
        let Some(next) = self.rest().chars().next() else {
            return;
        };
        self.skip(next.len_utf8());
        let (radix, digits) = match next {
            'x' => (16, 2),
            'u' => (16, 4),
            'U' => (16, 8),
            '0'..='7' => {
                self.at = self.at.saturating_sub(1);
                (8, 3)
            }
            'n' => return text.push('\n'),
            't' => return text.push('\t'),
            'r' => return text.push('\r'),
            _ => return text.push(next),
        };
        let rest = self.rest();
        let is_digit = |byte: &u8| char::from(*byte).is_digit(radix);
        let count = rest.bytes().take(digits).take_while(is_digit).count();
        let number = u32::from_str_radix(rest.get(..count).unwrap_or_default(), radix);
        text.extend(number.ok().and_then(char::from_u32));
        self.skip(count);
    }

    /// `$(..)`, `<(..)`, behind its opening.
    pub(super) fn substitution(&mut self, word: &mut Word, is_process: bool) {
        let list = self.list(Stop::Parenthesis);
        if !self.takes(")") {
            self.is_broken = true;
        }
        word.parts.push(Part::Commands { list, is_process });
    }

    /// `((..))` from its second parenthesis: only the commands substituted inside matter.
    pub(super) fn arithmetic(&mut self) -> Vec<Pipeline> {
        let mut inside = Word::default();
        let is_closed = self.nested(|parser| parser.until_parenthesis(&mut inside));
        self.is_broken |= !is_closed || !self.takes(")");
        let lists = inside.parts.into_iter().filter_map(|part| match part {
            Part::Commands { list, .. } => Some(list),
            _ => None,
        });
        lists.flatten().collect()
    }

    fn until_parenthesis(&mut self, inside: &mut Word) -> bool {
        let mut open = 0_usize;
        loop {
            match self.peek() {
                Some(b'(') => {
                    open = open.saturating_add(1);
                    self.skip(1);
                }
                Some(b')') => {
                    open = open.saturating_sub(1);
                    self.skip(1);
                    if open == 0 {
                        return true;
                    }
                }
                Some(b'$') => self.dollar(inside, true),
                Some(b'`') => self.backticks(inside),
                Some(_) => {
                    let next = self.rest().chars().next();
                    self.skip(next.map_or(1, char::len_utf8));
                }
                None => return false,
            }
        }
    }

    pub(super) fn backticks(&mut self, word: &mut Word) {
        self.skip(1);
        let mut inside = String::new();
        let mut is_closed = false;
        while let Some(next) = self.rest().chars().next() {
            self.skip(next.len_utf8());
            match next {
                '`' => {
                    is_closed = true;
                    break;
                }
                '\\' if matches!(self.peek(), Some(b'`' | b'\\' | b'$')) => {
                    inside.extend(self.rest().chars().next());
                    self.skip(1);
                }
                _ => inside.push(next),
            }
        }
        self.is_broken |= !is_closed;
        let list = self.inner(&inside);
        word.parts.push(Part::Commands {
            list,
            is_process: false,
        });
    }

    /// Reads a text that stands inside of this one.
    fn inner(&mut self, text: &str) -> Vec<Pipeline> {
        let mut parser = Parser::new(text, self.depth.saturating_add(1));
        std::mem::swap(&mut parser.bodies, &mut self.bodies);
        let list = parser.list(Stop::End);
        parser.documents();
        self.bodies = parser.bodies;
        self.is_broken |= parser.is_broken;
        list
    }

    /// The commands substituted in the text of a here document.
    pub(super) fn substituted(&mut self, text: &str) -> Vec<Pipeline> {
        if !text.contains(['$', '`']) {
            return Vec::new();
        }
        let mut parser = Parser::new(text, self.depth.saturating_add(1));
        std::mem::swap(&mut parser.bodies, &mut self.bodies);
        let mut inside = Word::default();
        while parser.depth < DEPTH_MAX && parser.peek().is_some() {
            let rest = parser.rest();
            parser.skip(rest.find(['$', '`', '\\']).unwrap_or(rest.len()));
            match parser.peek() {
                Some(b'$') => parser.dollar(&mut inside, true),
                Some(b'`') => parser.backticks(&mut inside),
                Some(_) => parser.escape(&mut inside, true),
                None => {}
            }
        }
        parser.documents();
        self.is_broken |= parser.is_broken || parser.peek().is_some();
        self.bodies = parser.bodies;
        let lists = inside.parts.into_iter().filter_map(|part| match part {
            Part::Commands { list, .. } => Some(list),
            _ => None,
        });
        lists.flatten().collect()
    }
}
