//! Puts together what was spread over several strings: a token cut into arguments or content items.
//!
//! Only neighbours of which one mixes letters and digits, as tokens do, count. Every two, three and
//! four of them are put together: what stands beside a token must not hide where it begins and
//! ends.

use memchr::{memchr_iter, memmem};

use super::Encoding;
use super::locate::{Point, next_token};
use super::text::{Text, less, sum};
use super::view::View;
use super::{Place, encoded};

/// Largest payload in which values are put together, in bytes.
const PAYLOAD_MAX: usize = 64 * 1024;
/// Longest value that may be a part, and the shortest that makes its neighbours parts.
const PART_MAX: usize = 512;
const MIXED_MIN: usize = 5;
/// Over how many strings a token is spread at most.
const SPREAD_MAX: usize = 4;
/// Longest row of neighbours of which every few are put together; longer ones, lists of ids mostly,
/// are put together as a whole only.
const ROW_MAX: usize = 16;

/// Whether a token that was found holds the byte at a place of the text.
pub(super) type Explained<'a> = &'a dyn Fn(usize) -> bool;

/// Fills `view` with the neighbours in the payload that may be parts; `text` is the payload with
/// its escapes decoded. Says whether there are any.
pub(super) fn joined(
    payload: &[u8],
    text: &[u8],
    explained: Explained<'_>,
    view: &mut View,
) -> bool {
    view.clear();
    if payload.len() > PAYLOAD_MAX {
        return false;
    }
    let mut point = Point { raw: 0, plain: 0 };
    let mut row = Row::default();
    while let Some(token) = next_token(payload, point) {
        point = token.next;
        let (start, end) = (token.start.plain, token.end.plain);
        if token.place == Place::Key {
            row.name = (start, end);
            continue;
        }
        if token.place == Place::Text && (1..=PART_MAX).contains(&less(end, start)) {
            let is_mixed = is_mixed(Text(text), (start, end), explained);
            row.add(Text(text), (start, end, is_mixed), view);
        } else {
            row.end(Text(text), view);
        }
    }
    row.end(Text(text), view);
    !view.text.is_empty()
}

const fn fits(byte: u8) -> bool {
    encoded::is_base64(byte)
        || matches!(
            byte,
            b'=' | b'.' | b':' | b'~' | b'@' | b'%' | b'&' | b'#' | b';' | b'\\' | 0x80..
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

/// Whether a value mixes letters and digits as tokens do, other than where a finding stands.
fn is_mixed(text: Text<'_>, (start, end): (usize, usize), explained: Explained<'_>) -> bool {
    let value = text.slice(start, end);
    let sides = |a: u8, b: u8| {
        a.is_ascii_digit() && b.is_ascii_alphabetic()
            || a.is_ascii_alphabetic() && b.is_ascii_digit()
    };
    let mut pairs = value.windows(2).enumerate();
    pairs.any(|(at, pair)| {
        matches!(pair, [a, b] if sides(*a, *b))
            && may_be_part(Text(value), sum(at, 1))
            && !explained(sum(start, at))
    }) || is_written_over(value)
}

/// Whether letters and digits may be hidden side by side by the way in which they are written: as
/// character references by number, or in full width.
pub(super) fn is_written_over(text: &[u8]) -> bool {
    let referred = memmem::find(text, b"&#").is_some();
    referred || memchr_iter(0xef, text).any(|at| is_wide_pair(Text(text).slice(at, sum(at, 6))))
}

/// A letter and a digit of full width (U+FF10 to U+FF5A).
const fn is_wide_pair(bytes: &[u8]) -> bool {
    const fn kind(second: u8, third: u8) -> u8 {
        match (second, third) {
            (0xbc, 0x90..=0x99) => 1,
            (0xbc, 0xa1..=0xba) | (0xbd, 0x81..=0x9a) => 2,
            _ => 0,
        }
    }
    match bytes {
        [0xef, a, b, 0xef, c, d] => kind(*a, *b) | kind(*c, *d) == 3,
        _ => false,
    }
}

/// One neighbour.
#[derive(Clone, Copy, Default)]
struct Part {
    start: usize,
    end: usize,
    /// Where the name stands that it goes by.
    name: (usize, usize),
    is_mixed: bool,
}

/// Neighbours that may belong together.
#[derive(Default)]
struct Row {
    parts: [Part; ROW_MAX],
    count: usize,
    /// The last name.
    name: (usize, usize),
    /// Where it began in the view, when it is put together as a whole.
    begun: usize,
    is_mixed: bool,
}

impl Row {
    fn add(&mut self, text: Text<'_>, part: (usize, usize, bool), view: &mut View) {
        let (start, end, is_mixed) = part;
        let part = Part {
            start,
            end,
            name: self.name,
            is_mixed,
        };
        self.is_mixed |= part.is_mixed;
        if let Some(place) = self.parts.get_mut(self.count) {
            *place = part;
        } else {
            if self.count == ROW_MAX {
                self.begin_whole(text, view);
            }
            view.copy(text.slice(start, end), start, Encoding::Split);
        }
        self.count = sum(self.count, 1);
    }

    /// Goes over to putting the row together as a whole.
    fn begin_whole(&mut self, text: Text<'_>, view: &mut View) {
        view.cut(self.parts.first().map_or(0, |part| part.start));
        self.begun = view.text.len();
        for part in &self.parts {
            let value = text.slice(part.start, part.end);
            view.copy(value, part.start, Encoding::Split);
        }
    }

    fn end(&mut self, text: Text<'_>, view: &mut View) {
        if self.count > ROW_MAX {
            if !self.is_mixed {
                view.drop_from(self.begun);
            }
        } else if self.is_mixed {
            let parts = self.parts.get(..self.count).unwrap_or_default();
            for length in 2..=SPREAD_MAX {
                let some = parts.windows(length);
                for few in some.filter(|few| few.iter().any(|part| part.is_mixed)) {
                    put_together(text, few, view);
                }
            }
        }
        self.count = 0;
        self.is_mixed = false;
    }
}

fn put_together(text: Text<'_>, parts: &[Part], view: &mut View) {
    let Some(first) = parts.first() else {
        return;
    };
    view.cut(first.start);
    // `password_1`, `password_2`: what a name says of its parts, it says of the whole.
    let stem = |part: &Part| stem(text.slice(part.name.0, part.name.1));
    if !stem(first).is_empty() && parts.iter().all(|part| stem(part) == stem(first)) {
        view.copy(stem(first), first.name.0, Encoding::Split);
        view.decoded(b"=", (first.name.1, 0), Encoding::Split);
    }
    for part in parts {
        view.copy(
            text.slice(part.start, part.end),
            part.start,
            Encoding::Split,
        );
    }
}

/// A name without the number at its end.
fn stem(name: &[u8]) -> &[u8] {
    let numbered = |byte: u8| byte.is_ascii_digit() || matches!(byte, b'_' | b'-');
    let end = name.iter().rposition(|byte| !numbered(*byte));
    name.get(..end.map_or(0, |at| sum(at, 1)))
        .unwrap_or_default()
}
