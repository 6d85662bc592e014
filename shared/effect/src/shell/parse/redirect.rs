//! Redirections and here documents.

use super::{Parser, Pending};
use crate::shell::syntax::{Body, Direction, Redirect, Word};

impl Parser<'_> {
    /// The redirection that begins here, if one does.
    pub(super) fn redirect(&mut self) -> Option<Redirect> {
        let rest = self.rest();
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let behind = rest.get(digits..).unwrap_or_default();
        let is_process = behind.starts_with("<(") || behind.starts_with(">(");
        if digits > 4 || (digits == 0 && is_process) {
            return None;
        }
        let (sign, kind) = SIGNS.iter().find(|(sign, _)| behind.starts_with(sign))?;
        if sign.starts_with('&') && digits > 0 {
            return None;
        }
        self.skip(digits.saturating_add(sign.len()));
        self.blanks();
        let target = self.word();
        let direction = match kind {
            Kind::Plain(direction) => *direction,
            Kind::Descriptor => {
                let name = target.plain();
                let is_number = |byte: u8| byte.is_ascii_digit() || byte == b'-';
                match target.parts.len() == 1 && !name.is_empty() && !name.bytes().all(is_number) {
                    true => Direction::Write,
                    false => Direction::Duplicate,
                }
            }
            Kind::Document => self.document(&target, *sign == "<<-"),
        };
        Some(Redirect { direction, target })
    }

    fn document(&mut self, delimiter: &Word, strips_tabs: bool) -> Direction {
        let body = self.bodies.len();
        self.bodies.push(Body::default());
        self.pending.push(Pending {
            delimiter: delimiter.plain(),
            is_literal: delimiter.has_quotes(),
            strips_tabs,
            body,
        });
        Direction::Document(body)
    }

    /// Reads the bodies that were announced on the line that has ended.
    pub(super) fn documents(&mut self) {
        for pending in std::mem::take(&mut self.pending) {
            let mut text = String::new();
            let mut is_closed = false;
            while !is_closed && self.peek().is_some() {
                let rest = self.rest();
                let end = rest.find('\n').unwrap_or(rest.len());
                let line = rest.get(..end).unwrap_or_default();
                self.skip(end.saturating_add(1));
                let line = match pending.strips_tabs {
                    true => line.trim_start_matches('\t'),
                    false => line,
                };
                is_closed = line.trim_end_matches('\r') == pending.delimiter;
                if !is_closed {
                    text.push_str(line);
                    text.push('\n');
                }
            }
            let commands = match pending.is_literal {
                true => Vec::new(),
                false => self.substituted(&text),
            };
            if let Some(body) = self.bodies.get_mut(pending.body) {
                *body = Body { text, commands };
            }
        }
    }
}

enum Kind {
    Plain(Direction),
    Descriptor,
    Document,
}

/// Longer signs stand in front of those that begin them.
const SIGNS: &[(&str, Kind)] = &[
    ("&>>", Kind::Plain(Direction::Append)),
    ("&>", Kind::Plain(Direction::Write)),
    ("<<<", Kind::Plain(Direction::Line)),
    ("<<-", Kind::Document),
    ("<<", Kind::Document),
    ("<&", Kind::Descriptor),
    ("<>", Kind::Plain(Direction::Append)),
    ("<", Kind::Plain(Direction::Read)),
    (">>", Kind::Plain(Direction::Append)),
    (">&", Kind::Descriptor),
    (">|", Kind::Plain(Direction::Write)),
    (">", Kind::Plain(Direction::Write)),
];
