//! Takes off what may be written over characters in text: escapes of JSON within text, percent
//! signs, character references, compatibility forms and invisible characters.
//!
//! Only the neighbourhood of such a place is copied, with enough around it to tell what stands
//! there, so that one percent sign in a large text does not double the work.

use memchr::{memchr, memchr_iter, memrchr};

use super::Encoding;
use super::encoded::hex_digit;
use super::text::{Text, less, sum};
use super::view::View;
use crate::json::escape;

/// How far around a written-over character text is looked at again, in bytes.
const AROUND: usize = 512;

/// Appends every neighbourhood of the text that has something to take off.
///
/// Where text holds escapes of JSON, only those go: what they hide has to be read before anything
/// in it is decoded.
#[inline(never)]
pub(super) fn all(text: &[u8], view: &mut View) {
    let only_json = memchr_iter(b'\\', text).any(|at| step(text, at).is_some());
    let mut from = 0;
    while let Some(at) = next(text, from) {
        let start = stretch_start(text, at).max(from);
        let mut end = stretch_end(text, at);
        let mut last = at;
        // Neighbourhoods that touch are one.
        while let Some(more) = next(text, sum(last, 1)) {
            if more >= end {
                break;
            }
            last = more;
            end = stretch_end(text, more);
        }
        view.cut(start);
        stretch(text, (start, end), only_json, view);
        view.is_rich = true;
        from = end;
    }
}

fn stretch_start(text: &[u8], at: usize) -> usize {
    let low = less(at, AROUND);
    let head = text.get(low..at).unwrap_or_default();
    memrchr(b'\n', head).map_or(low, |found| sum(sum(low, found), 1))
}

fn stretch_end(text: &[u8], at: usize) -> usize {
    let high = sum(at, AROUND).min(text.len());
    let tail = text.get(at..high).unwrap_or_default();
    memchr(b'\n', tail).map_or(high, |found| sum(at, found))
}

/// The next place from `from` on that has something to take off.
fn next(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from;
    loop {
        let rest = text.get(at..)?;
        let ascii = memchr::memchr3(b'%', b'&', b'\\', rest);
        let seen = rest.get(..ascii.unwrap_or(rest.len())).unwrap_or_default();
        // Most text is ASCII, which the compiler checks many bytes at a time.
        if !seen.is_ascii()
            && let Some(found) = wide(text, at, sum(at, seen.len()))
        {
            return Some(found);
        }
        at = sum(at, ascii?);
        if step(text, at).is_some() {
            return Some(at);
        }
        at = sum(at, 1);
    }
}

fn wide(text: &[u8], from: usize, to: usize) -> Option<usize> {
    let mut at = from;
    while at < to {
        let rest = text.get(at..to)?;
        at = sum(at, rest.iter().position(|byte| *byte >= 0xc2)?);
        if step(text, at).is_some() {
            return Some(at);
        }
        at = sum(at, 1);
    }
    None
}

fn stretch(text: &[u8], (start, end): (usize, usize), only_json: bool, view: &mut View) {
    let mut from = start;
    let mut at = start;
    while at < end {
        let wanted = |step: &Step| !only_json || step.encoding == Encoding::Json;
        let Some(step) = step(text, at).filter(wanted) else {
            at = sum(at, 1);
            continue;
        };
        view.copy(
            text.get(from..at).unwrap_or_default(),
            from,
            Encoding::Plain,
        );
        let mut buffer = [0; 4];
        let bytes = step.decoded.bytes(&mut buffer);
        view.decoded(bytes, (at, step.raw), step.encoding);
        at = sum(at, step.raw);
        from = at;
    }
    view.copy(
        text.get(from..end).unwrap_or_default(),
        from,
        Encoding::Plain,
    );
}

/// One written-over character: what it stands for and how long it is.
struct Step {
    decoded: Decoded,
    raw: usize,
    encoding: Encoding,
}

/// What stands in the place of a written-over character.
enum Decoded {
    /// Nothing that anybody sees.
    Nothing,
    /// A byte, perhaps a part of a character beyond ASCII.
    Byte(u8),
    /// A character.
    Character(char),
}

impl Decoded {
    fn bytes<'b>(&self, buffer: &'b mut [u8; 4]) -> &'b [u8] {
        match self {
            Self::Nothing => &[],
            Self::Byte(byte) => {
                *buffer = [*byte, 0, 0, 0];
                buffer.get(..1).unwrap_or_default()
            }
            Self::Character(character) => character.encode_utf8(buffer).as_bytes(),
        }
    }
}

fn step(text: &[u8], at: usize) -> Option<Step> {
    let text = Text(text);
    match text.at(at) {
        b'%' => {
            let high = hex_digit(text.at(sum(at, 1)))?;
            let low = hex_digit(text.at(sum(at, 2)))?;
            Some(Step {
                decoded: Decoded::Byte((high << 4) | low),
                raw: 3,
                encoding: Encoding::Url,
            })
        }
        b'\\' => {
            let (character, raw) = escape(text.from(sum(at, 1)))?;
            Some(Step {
                decoded: Decoded::Character(character),
                raw: sum(raw, 1),
                encoding: Encoding::Json,
            })
        }
        b'&' => reference(text, at),
        0xc2.. => folded(text, at),
        _ => None,
    }
}

/// A character reference (HTML, section 13.5): by number, or one of those that stand for ASCII.
fn reference(text: Text<'_>, at: usize) -> Option<Step> {
    let rest = text.slice(sum(at, 1), sum(at, 12));
    let end = memchr(b';', rest)?;
    let name = rest.get(..end)?;
    let character = match name {
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16),
        [b'#', digits @ ..] => number(digits, 10),
        _ => {
            let found = NAMED.iter().find(|(known, _)| known.as_bytes() == name);
            found.map(|(_, character)| *character)
        }
    }?;
    Some(Step {
        decoded: Decoded::Character(character),
        raw: sum(end, 2),
        encoding: Encoding::Html,
    })
}

fn number(digits: &[u8], radix: u32) -> Option<char> {
    let text = str::from_utf8(digits).ok()?;
    char::from_u32(u32::from_str_radix(text, radix).ok()?)
}

const NAMED: &[(&str, char)] = &[
    ("amp", '&'),
    ("lt", '<'),
    ("gt", '>'),
    ("quot", '"'),
    ("apos", '\''),
    ("nbsp", ' '),
    ("commat", '@'),
    ("period", '.'),
    ("colon", ':'),
    ("sol", '/'),
    ("equals", '='),
    ("plus", '+'),
    ("lowbar", '_'),
    ("hyphen", '-'),
    ("dash", '-'),
    ("num", '#'),
    ("dollar", '$'),
    ("percnt", '%'),
    ("lpar", '('),
    ("rpar", ')'),
    ("comma", ','),
    ("semi", ';'),
    ("Tab", '\t'),
    ("NewLine", '\n'),
];

/// A character that readers take for an ASCII one, or do not see.
fn folded(text: Text<'_>, at: usize) -> Option<Step> {
    let bytes = text.slice(at, sum(at, 4));
    let character = first_character(bytes)?;
    let plain = fold(character)?;
    Some(Step {
        decoded: plain.map_or(Decoded::Nothing, Decoded::Character),
        raw: character.len_utf8(),
        encoding: Encoding::Unicode,
    })
}

fn first_character(bytes: &[u8]) -> Option<char> {
    let length = match bytes.first()? {
        0..0x80 => 1,
        0xc2..0xe0 => 2,
        0xe0..0xf0 => 3,
        0xf0..0xf8 => 4,
        _ => return None,
    };
    str::from_utf8(bytes.get(..length)?).ok()?.chars().next()
}

/// What stands in a character's place: `Some(None)` for what is invisible, `None` for characters
/// that stand for themselves. Those of UAX #15 whose compatibility form is one of ASCII, the digits
/// of all scripts that have ten in a row, and dashes and blanks.
fn fold(character: char) -> Option<Option<char>> {
    let code = u32::from(character);
    let shifted = |first: u32, to: char| {
        let place = code.wrapping_sub(first).wrapping_add(u32::from(to));
        Some(char::from_u32(place))
    };
    match code {
        // Soft hyphen, joiners and marks of direction, word joiner, byte order mark, selectors.
        0xad
        | 0x34f
        | 0x61c
        | 0x180e
        | 0x200b..=0x200f
        | 0x202a..=0x202e
        | 0x2060..=0x2064
        | 0x2066..=0x206f
        | 0xfe00..=0xfe0f
        | 0xfeff
        | 0xe0000..=0xe0fff => Some(None),
        0xa0 | 0x2000..=0x200a | 0x202f | 0x205f | 0x3000 => Some(Some(' ')),
        0x2010..=0x2015 | 0x2212 | 0xfe58 | 0xfe63 => Some(Some('-')),
        0x2024 | 0xfe52 => Some(Some('.')),
        0xfe6b => Some(Some('@')),
        0xff01..=0xff5e => shifted(0xff01, '!'),
        0x660..=0x669 => shifted(0x660, '0'),
        0x6f0..=0x6f9 => shifted(0x6f0, '0'),
        0x966..=0x96f => shifted(0x966, '0'),
        0x9e6..=0x9ef => shifted(0x9e6, '0'),
        0xe50..=0xe59 => shifted(0xe50, '0'),
        0x2070 | 0x2074..=0x2079 => shifted(0x2070, '0'),
        0x2080..=0x2089 => shifted(0x2080, '0'),
        0x24b6..=0x24cf => shifted(0x24b6, 'A'),
        0x24d0..=0x24e9 => shifted(0x24d0, 'a'),
        0x2460..=0x2468 => shifted(0x2460, '1'),
        // Mathematical letters: thirteen alphabets of 52, then digits (UAX #15, `font`).
        0x1d400..=0x1d6a3 => {
            let place = code.wrapping_sub(0x1d400) % 52;
            match place {
                0..26 => Some(char::from_u32(place.wrapping_add(u32::from('A')))),
                _ => Some(char::from_u32(
                    place.wrapping_sub(26).wrapping_add(u32::from('a')),
                )),
            }
        }
        0x1d7ce..=0x1d7ff => {
            let place = code.wrapping_sub(0x1d7ce) % 10;
            Some(char::from_u32(place.wrapping_add(u32::from('0'))))
        }
        _ => None,
    }
}
