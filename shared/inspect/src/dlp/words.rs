//! Reads words of prose: where they begin and end, how they are written, what they can be.

mod fold;

use super::lexicon::{Kinds, Lexicon, WORD_MAX};
use super::text::{Text, less, sum};

/// Longest word that is read, in bytes.
const LONGEST: usize = 40;

/// How a word is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// `Jane`, `McDonald`.
    Capitalised,
    /// `JANE`.
    Capitals,
    /// `J`, with or without a dot.
    Initial,
    /// `van`.
    Small,
    /// `iPhone`, `JavaScript`.
    Mixed,
}

/// One word. `start < end`; a dot behind it is no part of it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) shape: Shape,
    pub(super) kinds: Kinds,
    /// Whether a dot stands right behind it.
    pub(super) dotted: bool,
}

impl Word {
    /// The word at the place, if one begins there.
    pub(super) fn at(text: Text<'_>, start: usize, lexicon: Lexicon<'_>) -> Option<Self> {
        let end = end(text, start);
        if end == start || less(end, start) > LONGEST {
            return None;
        }
        let bytes = text.slice(start, end);
        Some(Self {
            start,
            end,
            shape: shape(bytes)?,
            kinds: kinds(bytes, lexicon),
            dotted: text.at(end) == b'.',
        })
    }

    /// Whether it is written like a name.
    pub(super) const fn is_proper(&self) -> bool {
        matches!(
            self.shape,
            Shape::Capitalised | Shape::Capitals | Shape::Initial
        )
    }

    /// Whether it can be all of these and is no plain word.
    pub(super) const fn is_surely(&self, kinds: Kinds) -> bool {
        self.kinds.any(kinds) && !self.kinds.any(Kinds::WORD)
    }

    /// Whether it is one of the small words within names of streets and cities.
    pub(super) const fn is_small_part(&self) -> bool {
        less(self.end, self.start) <= 5 && self.kinds.any(Kinds::PARTICLE)
    }

    /// Where what follows it begins: behind its dot.
    pub(super) const fn behind(&self) -> usize {
        if self.dotted {
            sum(self.end, 1)
        } else {
            self.end
        }
    }
}

/// What the word can be; if nobody knows it, what it can be without marks on its letters, or what
/// both halves of it can be: `Andrée`, `Klaus-Günter`.
fn kinds(word: &[u8], lexicon: Lexicon<'_>) -> Kinds {
    let known = lexicon.kinds(word);
    if known != Kinds::default() {
        return known;
    }
    let mut buffer = [0; WORD_MAX];
    let unmarked = |word: &[u8], buffer: &mut [u8; WORD_MAX]| match lexicon.kinds(word) {
        none if none == Kinds::default() => {
            fold::plain(word, buffer).map_or(none, |plain| lexicon.kinds(plain))
        }
        known => known,
    };
    match memchr::memchr(b'-', word) {
        None => unmarked(word, &mut buffer),
        Some(hyphen) => {
            let (one, other) = word.split_at(hyphen);
            let one = unmarked(one, &mut buffer);
            let other = unmarked(other.get(1..).unwrap_or_default(), &mut buffer);
            one.common(other, Kinds::GIVEN.and(Kinds::FAMILY))
        }
    }
}

/// How many bytes the letter at the place has; 0 when there is none. Latin, Greek and Cyrillic.
fn letter(text: Text<'_>, at: usize) -> usize {
    match text.at(at) {
        b'a'..=b'z' | b'A'..=b'Z' => 1,
        0xc3 if matches!(text.at(sum(at, 1)), 0x97 | 0xb7) => 0,
        0xc3..=0xd4 => 2,
        // Latin Extended Additional: Vietnamese.
        0xe1 if matches!(text.at(sum(at, 1)), 0xb8..=0xbb) => 3,
        _ => 0,
    }
}

/// Where the word ends that begins at the place. Hyphens and apostrophes between letters belong
/// to it.
fn end(text: Text<'_>, start: usize) -> usize {
    let ascii = text.run(start, LONGEST, |byte| byte.is_ascii_alphabetic());
    let mut at = sum(start, ascii);
    if !matches!(text.at(at), b'-' | b'\'' | 0x80..) {
        return at;
    }
    loop {
        let length = letter(text, at);
        if length > 0 {
            at = sum(at, length);
        } else if at > start && joins(text, at) {
            at = sum(at, if text.at(at) == 0xe2 { 3 } else { 1 });
        } else {
            return at;
        }
        if less(at, start) > LONGEST {
            return at;
        }
    }
}

fn joins(text: Text<'_>, at: usize) -> bool {
    match text.at(at) {
        b'-' | b'\'' => letter(text, sum(at, 1)) > 0,
        0xe2 => text.has(at, "\u{2019}".as_bytes()) && letter(text, sum(at, 3)) > 0,
        _ => false,
    }
}

/// Where the word begins that ends at the place; the place itself when none does.
pub(super) fn start(text: Text<'_>, end: usize) -> usize {
    let ascii = text.run_back(end, LONGEST, |byte| byte.is_ascii_alphabetic());
    if !matches!(text.back(end, sum(ascii, 1)), b'-' | b'\'' | 0x80..) {
        return less(end, ascii);
    }
    let part =
        |byte: u8| byte.is_ascii_alphabetic() || byte >= 0x80 || byte == b'-' || byte == b'\'';
    let length = text.run_back(end, LONGEST, part);
    let mut start = less(end, length);
    if text.at(start).is_ascii_alphabetic() {
        return start;
    }
    while start < end && letter(text, start) == 0 {
        start = sum(start, 1);
    }
    start
}

/// Whether the letter at the place is a capital one.
pub(super) fn is_capital(text: Text<'_>, at: usize) -> bool {
    match text.at(at) {
        b'A'..=b'Z' => true,
        0xc3..=0xe1 => {
            let bytes = text.slice(at, sum(at, letter(text, at)));
            str::from_utf8(bytes).is_ok_and(|text| text.chars().all(char::is_uppercase))
        }
        _ => false,
    }
}

fn shape(word: &[u8]) -> Option<Shape> {
    // Most words: a capital or none, then small letters.
    if let [first, rest @ ..] = word
        && rest.iter().all(u8::is_ascii_lowercase)
    {
        match first {
            b'a'..=b'z' => return Some(Shape::Small),
            b'A'..=b'Z' if !rest.is_empty() => return Some(Shape::Capitalised),
            _ => {}
        }
    }
    let text = str::from_utf8(word).ok()?;
    let mut letters = text.chars();
    let first = letters.next()?;
    if !first.is_uppercase() {
        return Some(Shape::Small);
    }
    let (mut upper, mut lower, mut begins, mut odd) = (0_usize, 0_usize, false, 0_usize);
    for letter in letters {
        if letter.is_lowercase() {
            lower = sum(lower, 1);
        } else if letter.is_uppercase() {
            upper = sum(upper, 1);
            // `Anne-Marie`, `O'Neil`; `McDonald`, `DeLuca` and `MacLeod` have one more.
            odd = sum(odd, usize::from(!begins));
        }
        begins = !letter.is_alphabetic();
    }
    Some(match (upper, lower) {
        (0, 0) => Shape::Initial,
        (_, 0) => Shape::Capitals,
        _ if odd == 0 => Shape::Capitalised,
        _ if odd == 1 && is_prefixed(word) => Shape::Capitalised,
        _ => Shape::Mixed,
    })
}

fn is_prefixed(word: &[u8]) -> bool {
    let prefixes: [&[u8]; 9] = [
        b"Mc", b"Mac", b"De", b"Di", b"La", b"Le", b"Van", b"Fitz", b"Al",
    ];
    prefixes.iter().any(|prefix| {
        word.strip_prefix(*prefix)
            .is_some_and(|rest| rest.first().is_some_and(u8::is_ascii_uppercase))
    })
}

/// Words in a row, each one blank behind the one before.
pub(super) struct Row {
    words: [Option<Word>; Self::MOST],
    count: usize,
}

impl Row {
    pub(super) const MOST: usize = 8;

    /// The words from the place on that are written like names, with small words between them
    /// that names have.
    pub(super) fn at(text: Text<'_>, start: usize, lexicon: Lexicon<'_>) -> Self {
        let mut row = Self {
            words: [None; Self::MOST],
            count: 0,
        };
        let mut at = start;
        while let Some(word) = Word::at(text, at, lexicon) {
            let within = word.shape == Shape::Small && word.kinds.any(Kinds::PARTICLE);
            let fits = word.is_proper() || (within && row.count > 0);
            let Some(place) = row.words.get_mut(row.count).filter(|_| fits) else {
                break;
            };
            *place = Some(word);
            row.count = sum(row.count, 1);
            let next = match word.shape {
                Shape::Initial => word.behind(),
                _ if word.kinds.any(Kinds::TITLE.and(Kinds::SUFFIX)) => word.behind(),
                _ => word.end,
            };
            if text.at(next) != b' ' {
                break;
            }
            at = sum(next, 1);
        }
        // A small word at the end is none of the name.
        while let Some(last) = row.last() {
            if last.shape != Shape::Small {
                break;
            }
            row.count = less(row.count, 1);
        }
        row
    }

    pub(super) fn get(&self, index: usize) -> Option<&Word> {
        if index < self.count {
            self.words.get(index)?.as_ref()
        } else {
            None
        }
    }

    pub(super) fn last(&self) -> Option<&Word> {
        self.get(self.count.checked_sub(1)?)
    }

    pub(super) const fn len(&self) -> usize {
        self.count
    }
}
