//! Puts together what is to be run, without allocating where it is short.

use varistor_model::Span;

use super::starts_with;
use crate::facts::{Facts, Slot};
use crate::json::{self, Part, Walk};

/// Bytes of code that are put together without allocating.
const ROOM: usize = 2048;

/// Text in a room of a bounded length, or on the heap where that does not do.
pub(super) struct Line {
    room: [u8; ROOM],
    length: usize,
    long: Option<String>,
}

impl Line {
    pub(super) const fn empty() -> Self {
        Self {
            room: [0; ROOM],
            length: 0,
            long: None,
        }
    }

    pub(super) fn text(&self) -> &str {
        let short = || self.room.get(..self.length).unwrap_or_default();
        match &self.long {
            Some(text) => text,
            None => core::str::from_utf8(short()).unwrap_or_default(),
        }
    }

    fn push(&mut self, more: &str) {
        let end = self.length.saturating_add(more.len());
        if let Some(text) = self.long.as_mut() {
            text.push_str(more);
        } else if let Some(place) = self.room.get_mut(self.length..end) {
            place.copy_from_slice(more.as_bytes());
            self.length = end;
        } else {
            self.long = Some([self.text(), more].concat());
        }
    }
}

/// One line of what is to be run: the program, the command and its arguments.
pub(super) fn line(facts: &Facts<'_>, program: &str, text: &str, span: Span) -> (Line, Span) {
    let mut line = Line::empty();
    let front = text.trim_start_matches(['[', '"', ' ']);
    if !program.is_empty() && !starts_with(front, program) {
        line.push(program);
        line.push(" ");
    }
    append(&mut line, text);
    if let Some((more, other)) = facts.slot(Slot::Arguments)
        && other != span
    {
        line.push(" ");
        append(&mut line, more);
    }
    (line, span)
}

/// A text as it stands, or the words of an array, quoted where a shell would part them.
pub(super) fn append(line: &mut Line, text: &str) {
    if !text.starts_with('[') {
        with_plain(text, |plain| line.push(plain));
        return;
    }
    for part in Walk::over(text.as_bytes()) {
        if let Part::Text(start, end) | Part::Bare(start, end) = part {
            let word = text.get(start..end).unwrap_or_default();
            let is_script = word.contains([' ', '(']);
            line.push(if is_script { "'" } else { "" });
            with_plain(word, |plain| {
                let mut pieces = plain.split('\'');
                line.push(pieces.next().unwrap_or_default());
                for piece in pieces {
                    line.push(if is_script { "'\\''" } else { "'" });
                    line.push(piece);
                }
            });
            line.push(if is_script { "' " } else { " " });
        }
    }
}

/// Hands on a text without its escapes.
pub(super) fn with_plain<T>(text: &str, use_it: impl FnOnce(&str) -> T) -> T {
    let mut room = [0; ROOM];
    if let Some(plain) = json::plain(text, &mut room) {
        return use_it(plain);
    }
    let mut room = vec![0; text.len().saturating_add(4)];
    use_it(json::plain(text, &mut room).unwrap_or(text))
}
