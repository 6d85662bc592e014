//! Puts together what was spread over several strings: a token cut into arguments or content items.
//!
//! Only neighbours that could be parts of one token count: values without blanks, one of which
//! mixes letters and digits.

use super::Encoding;
use super::locate::{Point, next_token};
use super::text::{Text, sum};
use super::view::View;
use super::{Place, encoded};

/// Largest payload in which values are put together, in bytes.
const PAYLOAD_MAX: usize = 64 * 1024;
/// Longest value that may be a part, and the shortest that makes its neighbour one.
const PART_MAX: usize = 512;
const MIXED_MIN: usize = 6;

/// Fills `view` with the neighbours in the payload that may be parts; `text` is the payload with
/// its escapes decoded. Says whether there are any.
pub(super) fn joined(payload: &[u8], text: &[u8], view: &mut View) -> bool {
    view.clear();
    if payload.len() > PAYLOAD_MAX {
        return false;
    }
    let mut point = Point { raw: 0, plain: 0 };
    let mut row = Row::default();
    while let Some(token) = next_token(payload, point) {
        point = token.next;
        if token.place == Place::Key {
            continue;
        }
        let (start, end) = (token.start.plain, token.end.plain);
        let value = Text(text).slice(start, end);
        if token.place == Place::Text && is_part(value) {
            row.add(text, (start, end), view);
        } else {
            row.end(view);
        }
    }
    row.end(view);
    !view.text.is_empty()
}

/// Whether a value can be a part of a token.
fn is_part(value: &[u8]) -> bool {
    (1..=PART_MAX).contains(&value.len()) && value.iter().all(|byte| fits(*byte))
}

const fn fits(byte: u8) -> bool {
    encoded::is_base64(byte)
        || matches!(
            byte,
            b'=' | b'.' | b':' | b'~' | b'@' | b'%' | b'&' | b'#' | b';' | b'\\'
        )
}

/// Whether the place, where a letter and a digit stand side by side, may be within a part that
/// makes its neighbours parts. Those of times (ISO 8601) do not count.
pub(super) fn may_be_part(text: Text<'_>, place: usize) -> bool {
    let of_time = |byte: u8| matches!(byte, b'T' | b'Z');
    let behind = text.run(place, MIXED_MIN, fits);
    let before = text.run_back(place, MIXED_MIN, fits);
    !(of_time(text.at(place)) || of_time(text.before(place))) && sum(before, behind) >= MIXED_MIN
}

fn is_mixed(value: &[u8]) -> bool {
    value.len() >= MIXED_MIN
        && value.iter().any(u8::is_ascii_digit)
        && value.iter().any(u8::is_ascii_alphabetic)
}

/// Neighbours that may belong together.
#[derive(Default)]
struct Row {
    /// Where it began in the view.
    begun: usize,
    parts: usize,
    mixed: bool,
}

impl Row {
    fn add(&mut self, text: &[u8], (start, end): (usize, usize), view: &mut View) {
        if self.parts == 0 {
            view.cut(start);
            self.begun = view.text.len();
        }
        let value = Text(text).slice(start, end);
        view.copy(value, start, Encoding::Split);
        self.parts = sum(self.parts, 1);
        self.mixed |= is_mixed(value);
    }

    fn end(&mut self, view: &mut View) {
        if self.parts < 2 || !self.mixed {
            view.drop_from(self.begun);
        }
        *self = Self {
            begun: view.text.len(),
            ..Self::default()
        };
    }
}
