//! Finds names of persons among capitalised words.
//!
//! A name is a given name and a family name, told by the lexicon and by what stands around them.
//! A word that is known as a plain word counts for less, a lone one for nothing.

pub(super) mod inverted;

use super::company;
use super::lexicon::{Kinds, Lexicon, WORD_MAX};
use super::text::{Text, is_word, less, sum};
use super::words::{self, Row, Shape, Word};

/// A name in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) confidence: u8,
}

/// The first word of the row of capitalised words that the capital at `capital` continues, if it
/// is the second or a later one of a row.
pub(super) fn row_start(text: Text<'_>, capital: usize) -> Option<usize> {
    if text.before(capital) != b' ' {
        return None;
    }
    let mut end = less(capital, 1);
    let dotted = text.before(end) == b'.';
    if dotted {
        end = less(end, 1);
    }
    let start = words::start(text, end);
    // Behind a dot another sentence begins, except behind `J.`, `Dr.` and `Prof.`
    if start == end || (dotted && less(end, start) > 4) {
        return None;
    }
    if words::is_capital(text, start) {
        return Some(start);
    }
    // `Ludwig van Beethoven`, `Maria de la Cruz`.
    let mut start = start;
    for _ in 0..2 {
        let length = text.run(start, 6, |byte| byte.is_ascii_lowercase());
        if !is_particle(text.slice(start, sum(start, length))) {
            return None;
        }
        let end = start
            .checked_sub(1)
            .filter(|_| text.before(start) == b' ')?;
        start = words::start(text, end);
        if start == end {
            return None;
        }
        if words::is_capital(text, start) {
            return Some(start);
        }
    }
    None
}

/// Whether a small word can stand between the given name and the family name.
const fn is_particle(word: &[u8]) -> bool {
    matches!(
        word,
        b"van"
            | b"von"
            | b"der"
            | b"den"
            | b"de"
            | b"del"
            | b"della"
            | b"di"
            | b"da"
            | b"dos"
            | b"das"
            | b"do"
            | b"du"
            | b"la"
            | b"las"
            | b"los"
            | b"le"
            | b"bin"
            | b"bint"
            | b"ibn"
            | b"al"
            | b"el"
            | b"ter"
            | b"ten"
            | b"zu"
            | b"zur"
            | b"af"
            | b"av"
            | b"y"
            | b"e"
    )
}

/// The names in a row of words, in order.
pub(super) fn names(text: Text<'_>, row: &Row, lexicon: Lexicon<'_>, each: &mut dyn FnMut(Name)) {
    let mut from = 0;
    while from < row.len() {
        match name(text, row, from, lexicon) {
            Some((name, next)) => {
                each(name);
                from = next;
            }
            None => from = sum(from, 1),
        }
    }
}

/// The name that begins with the word of that number, and the number of the word behind it.
fn name(text: Text<'_>, row: &Row, from: usize, lexicon: Lexicon<'_>) -> Option<(Name, usize)> {
    let first = row.get(from)?;
    if !is_namelike(first) || is_glued(text, first.start) {
        return None;
    }
    let mut until = from;
    while let Some(word) = row.get(sum(until, 1)) {
        // `Troy French`, where the two are all there is.
        let odd = from == 0 && until == 0 && row.len() == 2 && is_odd_family(word);
        if !is_namelike(word) && !word.kinds.any(Kinds::PARTICLE) && !odd {
            break;
        }
        until = sum(until, 1);
    }
    // Names have two to five words; the rest is another thing.
    until = until.min(sum(from, 4));
    while until > from {
        let last = row.get(until)?;
        // `Tonia Pinamonte EUR`: capitals behind a name that has none.
        let is_loud = last.shape == Shape::Capitals
            && first.shape == Shape::Capitalised
            && until > sum(from, 1)
            && last.kinds == Kinds::default();
        if last.shape != Shape::Small && last.shape != Shape::Initial && !is_loud {
            break;
        }
        until = less(until, 1);
    }
    if until == from {
        return greeted(text, row, from);
    }
    let last = row.get(until)?;
    let mut behind = (1..=2).filter_map(|more| row.get(sum(until, more)));
    if behind.any(is_of_organisation)
        || is_legal_form(text, last.behind())
        || (from == 0 && company::names(text, first.start))
        || is_known_otherwise(text, (first, last), lexicon)
    {
        return None;
    }
    let before = from.checked_sub(1).and_then(|at| row.get(at));
    let titled = before.is_some_and(|word| word.kinds.any(Kinds::TITLE));
    let filled =
        from == 0 && until == less(row.len(), 1) && is_field(text, (first.start, last.end));
    let bonus = match (titled, filled) {
        (true, _) => 25,
        (false, true) => 15,
        (false, false) => 0,
    };
    let confidence = score(row, (from, until))?.saturating_add(bonus);
    let end = suffix_end(text, last.end);
    let name = Name {
        start: first.start,
        end,
        confidence: confidence.min(99),
    };
    Some((name, sum(until, 1)))
}

/// A lone given name behind a greeting.
fn greeted(text: Text<'_>, row: &Row, at: usize) -> Option<(Name, usize)> {
    let word = row.get(at)?;
    let before = row.get(at.checked_sub(1)?)?;
    let greeting = text.slice(before.start, before.end);
    let greets = [
        "Hi", "Hello", "Dear", "Hey", "Thanks", "Hola", "Bonjour", "Hallo", "Cher", "Ciao",
    ];
    let known = greets.iter().any(|known| known.as_bytes() == greeting);
    let ends = matches!(text.at(word.end), b',' | b'!' | b'.' | b'\n' | b':');
    (known && ends && word.kinds.any(Kinds::GIVEN)).then(|| {
        let name = Name {
            start: word.start,
            end: word.end,
            confidence: 70,
        };
        (name, sum(at, 1))
    })
}

/// Whether the words make up a whole field: a line, a cell, a string.
fn is_field(text: Text<'_>, (start, end): (usize, usize)) -> bool {
    let opens = |byte: u8| {
        matches!(
            byte,
            0 | b'\n' | b'"' | b'\'' | b'\t' | b',' | b';' | b'>' | b'('
        )
    };
    let closes = |byte: u8| {
        matches!(
            byte,
            0 | b'\n' | b'\r' | b'"' | b'\'' | b'\t' | b',' | b';' | b'<' | b'(' | b')'
        )
    };
    let before = less(start, text.run_back(start, 2, |byte| byte == b' '));
    let behind = sum(end, text.run(end, 2, |byte| byte == b' '));
    let open =
        opens(text.before(before)) || text.before(before) == b'|' || text.before(before) == b':';
    let close = closes(text.at(behind)) || text.at(behind) == b'|';
    open && close
}

/// Whether a word can be a part of a name at all.
fn is_namelike(word: &Word) -> bool {
    const NAME: Kinds = Kinds::GIVEN.and(Kinds::FAMILY);
    const OTHER: Kinds = Kinds::WORD
        .and(Kinds::PLACE)
        .and(Kinds::STATE)
        .and(Kinds::COUNTRY)
        .and(Kinds::ORGANISATION)
        .and(Kinds::TITLE)
        .and(Kinds::SUFFIX)
        .and(Kinds::UNIT);
    match word.shape {
        Shape::Initial => true,
        Shape::Capitalised | Shape::Capitals => word.kinds.any(NAME) || !word.kinds.any(OTHER),
        Shape::Small | Shape::Mixed => false,
    }
}

fn is_of_organisation(word: &Word) -> bool {
    word.kinds.any(Kinds::ORGANISATION)
        && (word.shape == Shape::Capitals || !word.kinds.any(Kinds::FAMILY))
}

/// Whether a legal form with dots stands there: ` S.L.`, ` s.r.o.`, ` a.s.`.
fn is_legal_form(text: Text<'_>, at: usize) -> bool {
    let at = match text.at(at) {
        b' ' => sum(at, 1),
        b',' if text.at(sum(at, 1)) == b' ' => sum(at, 2),
        _ => return false,
    };
    let length = text.run(at, 10, |byte| byte.is_ascii_alphabetic() || byte == b'.');
    let parts = text.slice(at, sum(at, length)).split(|byte| *byte == b'.');
    let forms: [&[&[u8]]; 12] = [
        &[b"s", b"l"],
        &[b"s", b"a"],
        &[b"s", b"l", b"u"],
        &[b"s", b"l", b"n", b"e"],
        &[b"s", b"r", b"l"],
        &[b"s", b"p", b"a"],
        &[b"s", b"r", b"o"],
        &[b"a", b"s"],
        &[b"e", b"v"],
        &[b"b", b"v"],
        &[b"n", b"v"],
        &[b"s", b"a", b"t"],
    ];
    let mut seen = [&[][..]; 4];
    let mut count = 0;
    for part in parts.filter(|part| !part.is_empty()) {
        let Some(place) = seen.get_mut(count) else {
            return false;
        };
        *place = part;
        count = sum(count, 1);
    }
    let seen = seen.get(..count).unwrap_or_default();
    let same = |form: &&[&[u8]]| {
        let mut pairs = form.iter().zip(seen);
        form.len() == seen.len() && pairs.all(|(one, other)| one.eq_ignore_ascii_case(other))
    };
    forms.iter().any(same)
}

/// Whether the text before makes the word a part of something longer: `@Jane`, `/Jane`, `a.Jane`.
fn is_glued(text: Text<'_>, start: usize) -> bool {
    let before = text.before(start);
    is_word(before) || matches!(before, b'@' | b'/' | b'_' | b'#' | b'$' | b'.' | b'\\')
}

/// Whether a plain word can be the family name behind a given name that fills a field.
fn is_odd_family(word: &Word) -> bool {
    const OTHER: Kinds = Kinds::ORGANISATION
        .and(Kinds::STREET)
        .and(Kinds::UNIT)
        .and(Kinds::COUNTRY)
        .and(Kinds::STATE)
        .and(Kinds::TITLE);
    word.shape == Shape::Capitalised && !word.kinds.any(OTHER)
}

/// Whether the lexicon knows these words together as something else: `New York`, `Wells Fargo`.
fn is_known_otherwise(text: Text<'_>, (first, last): (&Word, &Word), lexicon: Lexicon<'_>) -> bool {
    const OTHER: Kinds = Kinds::PLACE
        .and(Kinds::STATE)
        .and(Kinds::COUNTRY)
        .and(Kinds::ORGANISATION);
    let phrase = text.slice(first.start, last.end);
    phrase.len() <= WORD_MAX && lexicon.kinds(phrase).any(OTHER)
}

/// How sure it is that these words are a name, in percent.
fn score(row: &Row, (from, until): (usize, usize)) -> Option<u8> {
    let first = row.get(from)?;
    let last = row.get(until)?;
    let capitals = first.shape == Shape::Capitals || last.shape == Shape::Capitals;
    let strength = |word: &Word, kind: Kinds| match (word.kinds.any(kind), word.kinds) {
        (true, kinds) if !kinds.any(Kinds::WORD) => 2_u8,
        (true, _) => 1,
        (false, _) => 0,
    };
    let given = strength(first, Kinds::GIVEN);
    let family = strength(last, Kinds::FAMILY);
    let unknown = |word: &Word| word.kinds == Kinds::default();
    let surely = match (given, family) {
        (2, 2) => 95,
        (2, 1) => 85,
        (1, 2) => 85,
        (2, 0) if unknown(last) => 72,
        (2, 0) if row.len() == 2 && is_odd_family(last) => 48,
        (2, 0) if last.kinds.any(Kinds::GIVEN) => 75,
        (1, 1) => 50,
        (1, 0) if unknown(last) => 45,
        // `Tóth Bettina`: Hungary and East Asia write the family name first.
        (0, 0) if strength(first, Kinds::FAMILY) == 2 && strength(last, Kinds::GIVEN) == 2 => 66,
        (0, 2) if first.shape == Shape::Initial => 85,
        (0, 2) if strength(first, Kinds::FAMILY) == 2 => 66,
        (0, 2) if unknown(first) => 62,
        (0, 1) if first.shape == Shape::Initial => 62,
        _ => 0,
    };
    // Capitals are headings and acronyms more often than names.
    let short = less(first.end, first.start).min(less(last.end, last.start)) < 3;
    let surely = if capitals && (surely < 95 || short) {
        0
    } else {
        surely
    };
    (surely > 0).then_some(surely)
}

/// Behind `Jr.` or `PhD`, when that follows the name.
fn suffix_end(text: Text<'_>, end: usize) -> usize {
    let at = match (text.at(end), text.at(sum(end, 1))) {
        (b',', b' ') => sum(end, 2),
        (b' ', _) => sum(end, 1),
        _ => return end,
    };
    let known = [
        "Jr", "Sr", "II", "III", "IV", "PhD", "MD", "DDS", "DVM", "Esq",
    ];
    let found = known
        .iter()
        .find(|suffix| text.has(at, suffix.as_bytes()) && !is_word(text.at(sum(at, suffix.len()))));
    found.map_or(end, |suffix| sum(at, suffix.len()))
}
