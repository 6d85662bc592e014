//! Finds postal addresses: a street with a number, and the place that follows it.
//!
//! Three orders are known: `12 Elm Street` and `12 rue de la Paix`, `Elmstraße 12`, `Via Roma 12`.
//! A city alone is no address.

use super::house::{house_number, number_before};
use super::lexicon::{Kinds, Lexicon};
use super::settlement::{coded, gap, parts};
use super::text::{Text, is_word, less, sum};
use super::words::{self, Word};

/// Most words in the name of a street.
const STREET_WORDS_MAX: usize = 6;

/// The address whose number stands right before the word at `word`: `12 Elm Street`. The blank
/// before the word is known to be there, and a digit or letter before it.
pub(super) fn number_first(
    text: Text<'_>,
    word: usize,
    lexicon: Lexicon<'_>,
) -> Option<(usize, usize)> {
    let start = number_before(text, less(word, 1))?;
    let Some(end) = street(text, word, lexicon) else {
        return named_only(text, word, lexicon).map(|end| (start, end));
    };
    Some((start, parts(text, end, lexicon)))
}

/// Where an address ends whose street has no type: `2 Mill Bank, Shrewsbury SY2 1AN`. Only a town
/// with its postal code makes it one.
fn named_only(text: Text<'_>, start: usize, lexicon: Lexicon<'_>) -> Option<usize> {
    let mut end = start;
    let mut at = start;
    for _ in 0..3 {
        let word = Word::at(text, at, lexicon).filter(Word::is_proper)?;
        end = word.end;
        if text.at(end) != b' ' {
            break;
        }
        at = sum(end, 1);
    }
    let town = match (text.at(end), text.at(sum(end, 1))) {
        (b',', b' ') => sum(end, 2),
        (b'\n', _) => sum(end, 1),
        _ => return None,
    };
    coded(text, town, lexicon)
}

/// Where the street ends that begins with the word at the place: a type before its name, or a
/// name before its type.
fn street(text: Text<'_>, start: usize, lexicon: Lexicon<'_>) -> Option<usize> {
    let mut at = start;
    let mut found = None;
    let mut before = false;
    for count in 0..STREET_WORDS_MAX {
        let Some((word, behind)) = street_word(text, at, lexicon) else {
            break;
        };
        if count == 0 && word.kinds.any(Kinds::STREET_BEFORE) {
            before = true;
        } else if before {
            if word.is_proper() {
                found = Some(word.end);
            }
        } else if count > 0 && word.kinds.any(Kinds::STREET) && word.is_proper() {
            found = Some(word.behind());
        } else if !word.is_proper() && !word.is_small_part() {
            break;
        }
        if text.at(behind) != b' ' {
            break;
        }
        at = sum(behind, 1);
    }
    // `12 Elm Street NW`.
    let end = found?;
    let direction = text.run(sum(end, 1), 3, |byte| {
        matches!(byte, b'N' | b'E' | b'S' | b'W')
    });
    let behind = sum(sum(end, 1), direction);
    let is_direction =
        text.at(end) == b' ' && (1..=2).contains(&direction) && !is_word(text.at(behind));
    Some(if is_direction { behind } else { end })
}

/// A word of a street's name, or a number in it: `5th`.
fn street_word(text: Text<'_>, at: usize, lexicon: Lexicon<'_>) -> Option<(Word, usize)> {
    if text.at(at).is_ascii_digit() {
        let length = text.run(at, 6, |byte| byte.is_ascii_alphanumeric());
        let end = sum(at, length);
        let ordinal = text.slice(at, end).ends_with(b"th")
            || text.slice(at, end).ends_with(b"st")
            || text.slice(at, end).ends_with(b"nd")
            || text.slice(at, end).ends_with(b"rd");
        let word = Word {
            start: at,
            end,
            shape: words::Shape::Capitalised,
            kinds: Kinds::default(),
            dotted: false,
        };
        return ordinal.then_some((word, end));
    }
    // `d'Alésia`, `l'Église`.
    let at = match (text.at(at), text.at(sum(at, 1))) {
        (b'd' | b'l', b'\'') => sum(at, 2),
        _ => at,
    };
    let word = Word::at(text, at, lexicon)?;
    let behind = match word.is_proper() || word.kinds.any(Kinds::STREET_BEFORE) {
        true => word.behind(),
        false => word.end,
    };
    Some((word, behind))
}

/// Whether a word is a street in one: `Lindenallee`, `Kalverstraat`.
fn ends_like_street(word: &[u8]) -> bool {
    let mut buffer = [0; super::lexicon::WORD_MAX];
    let Some(length) = super::lexicon::lower_case(word, &mut buffer) else {
        return false;
    };
    let lower = buffer.get(..length).unwrap_or_default();
    ENDINGS
        .iter()
        .any(|ending| lower.len() > sum(ending.len(), 2) && lower.ends_with(ending.as_bytes()))
}

/// Whether one word is a street by no more than a short ending that other words have, too:
/// `Sebastianring` and `Monitoring`. Then a place has to follow.
fn is_weak(street: &[u8], lexicon: Lexicon<'_>) -> bool {
    const LONG: &[&str] = &[
        "straße", "strasse", "gasse", "allee", "chaussee", "straat", "gracht", "vägen", "gatan",
        "gaten", "veien", "gränd", "stræde", "burgwal", "dreef", "katu",
    ];
    let one = !street.contains(&b' ') && !street.contains(&b'-');
    let known = lexicon.kinds(street) != Kinds::default();
    let mut long = LONG.iter().map(|ending| ending.as_bytes());
    one && (known || !long.any(|ending| street.ends_with(ending)))
}

/// Endings of streets that are one word: German, Dutch, the Scandinavian languages.
const ENDINGS: &[&str] = &[
    "straße",
    "strasse",
    "str",
    "gasse",
    "allee",
    "platz",
    "ring",
    "damm",
    "chaussee",
    "ufer",
    "promenade",
    "steig",
    "stieg",
    "weg",
    "pfad",
    "twiete",
    "zeile",
    "graben",
    "markt",
    "straat",
    "laan",
    "plein",
    "gracht",
    "kade",
    "dijk",
    "dreef",
    "singel",
    "steeg",
    "burgwal",
    "gatan",
    "gata",
    "gaten",
    "gränd",
    "vägen",
    "vagen",
    "väg",
    "veien",
    "vegen",
    "stigen",
    "stien",
    "backen",
    "bakken",
    "torget",
    "torvet",
    "svingen",
    "brinken",
    "vej",
    "gade",
    "stræde",
    "strædet",
    "vænget",
    "allé",
    "katu",
    "tie",
    "kuja",
    "polku",
    "raitti",
    "kaari",
];

/// The address whose number begins at `digit`, behind its street: `Elmstraße 12`, `Elm Str. 12`,
/// `Via Roma, 12`. The blank before the number is known to be there.
pub(super) fn number_last(
    text: Text<'_>,
    digit: usize,
    lexicon: Lexicon<'_>,
) -> Option<(usize, usize)> {
    let mut end = less(digit, 1);
    if text.before(end) == b',' {
        end = less(end, 1);
    }
    if let Some(found) = unit_first(text, (end, digit), lexicon) {
        return Some(found);
    }
    let Some(start) = street_before(text, end, lexicon) else {
        return untyped(text, (end, digit), lexicon);
    };
    let weak = is_weak(text.slice(start, end), lexicon);
    let end = house_number(text, digit)?;
    let all = parts(text, end, lexicon);
    (!weak || all > end).then_some((start, all))
}

/// `Am Mühlbach 144, 20099 Hamburg`: a street without a type, with a postal code and a town.
fn untyped(
    text: Text<'_>,
    (name_end, digit): (usize, usize),
    lexicon: Lexicon<'_>,
) -> Option<(usize, usize)> {
    let mut start = words::start(text, name_end);
    let last = Word::at(text, start, lexicon).filter(Word::is_proper)?;
    // `Invoice 12, 20250 Items`
    if last.end != name_end || last.kinds.any(Kinds::WORD.and(Kinds::UNIT)) {
        return None;
    }
    for _ in 0..2 {
        let gap = less(start, 1);
        if text.at(gap) != b' ' || gap == 0 {
            break;
        }
        let from = words::start(text, gap);
        let word = Word::at(text, from, lexicon).filter(|word| word.end == gap);
        if !word.is_some_and(|word| word.is_proper()) {
            break;
        }
        start = from;
    }
    let end = house_number(text, digit)?;
    let town = match (text.at(end), text.at(sum(end, 1))) {
        (b',', b' ') => sum(end, 2),
        (b'\n', _) => sum(end, 1),
        _ => return None,
    };
    coded(text, town, lexicon).map(|end| (start, end))
}

/// `Flat 4, Elm Street, Leeds LS1 4AP`: the number of a unit, then a street or a house by name.
fn unit_first(
    text: Text<'_>,
    (word_end, digit): (usize, usize),
    lexicon: Lexicon<'_>,
) -> Option<(usize, usize)> {
    let start = words::start(text, word_end);
    if !words::is_capital(text, start) {
        return None;
    }
    let word = Word::at(text, start, lexicon)?;
    if !word.kinds.any(Kinds::UNIT) {
        return None;
    }
    let end = house_number(text, digit)?;
    let at = sum(end, gap(text, end));
    let street = street(text, at, lexicon).filter(|_| at > end)?;
    let all = parts(text, street, lexicon);
    // Without a place behind it, a unit and a few words may be anything.
    (all > street).then_some((start, all))
}

/// Where the street begins whose name ends at the place.
fn street_before(text: Text<'_>, end: usize, lexicon: Lexicon<'_>) -> Option<usize> {
    let name_end = if text.before(end) == b'.' {
        less(end, 1)
    } else {
        end
    };
    let mut start = words::start(text, name_end);
    if !words::is_capital(text, start) {
        return None;
    }
    let last = Word::at(text, start, lexicon)?;
    let mut is_street = last.is_proper()
        && (ends_like_street(text.slice(start, last.end))
            || last.dotted && last.kinds.any(Kinds::STREET));
    if !last.is_proper() {
        return None;
    }
    for _ in 0..STREET_WORDS_MAX {
        let gap = less(start, 1);
        if text.at(gap) != b' ' || gap == 0 {
            break;
        }
        let dot = text.before(gap) == b'.';
        let word_end = if dot { less(gap, 1) } else { gap };
        let from = words::start(text, word_end);
        let Some(word) = Word::at(text, from, lexicon).filter(|word| word.end == word_end) else {
            break;
        };
        if word.kinds.any(Kinds::STREET_BEFORE) {
            return Some(from);
        }
        let small = word.is_small_part();
        if !small && !word.is_proper() {
            break;
        }
        if is_street && !small && word.kinds.any(Kinds::WORD) {
            break;
        }
        start = from;
    }
    // Small words at the beginning are none of the street.
    while let Some(word) = Word::at(text, start, lexicon) {
        if word.is_proper() || !is_street {
            break;
        }
        start = sum(word.end, 1);
        is_street = start < end;
    }
    is_street.then_some(start)
}
