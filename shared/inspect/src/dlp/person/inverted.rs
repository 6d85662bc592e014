//! Names with the family name first: `Bevan, Bernard`. They fill a field, a cell or an item of a
//! list, since in a sentence a comma separates.

use super::super::lexicon::{Kinds, Lexicon};
use super::super::text::{Text, less, sum};
use super::super::words::{self, Shape, Word};
use super::Name;

/// The name whose given name begins at the place, behind a comma and a blank.
pub(in crate::dlp) fn name(text: Text<'_>, given: usize, lexicon: Lexicon<'_>) -> Option<Name> {
    let family_end = less(given, 2);
    let mut start = words::start(text, family_end);
    let family = Word::at(text, start, lexicon)?;
    let first = Word::at(text, given, lexicon)?;
    const OTHER: Kinds = Kinds::STATE
        .and(Kinds::COUNTRY)
        .and(Kinds::ORGANISATION)
        .and(Kinds::TITLE)
        .and(Kinds::STREET);
    let is_name = |word: &Word, kind: Kinds| {
        let is_loud = word.shape == Shape::Capitals && word.is_surely(kind);
        is_loud
            || word.shape == Shape::Capitalised
                && (word.kinds.any(kind)
                    || !word.kinds.any(OTHER.and(Kinds::WORD).and(Kinds::PLACE)))
    };
    if family.end != family_end
        || !is_name(&family, Kinds::FAMILY)
        || !first.kinds.any(Kinds::GIVEN)
    {
        return None;
    }
    // `van der Berg, Anna`
    for _ in 0..2 {
        let gap = less(start, 1);
        let from = words::start(text, gap);
        let particle = Word::at(text, from, lexicon)
            .filter(|word| word.end == gap && word.kinds.any(Kinds::PARTICLE));
        if text.at(gap) != b' ' || gap == 0 || particle.is_none() {
            break;
        }
        start = from;
    }
    let mut end = first.end;
    // A second given name or an initial.
    if let Some(second) = Word::at(text, sum(end, 1), lexicon).filter(|_| text.at(end) == b' ')
        && (second.shape == Shape::Initial || second.kinds.any(Kinds::GIVEN) && second.is_proper())
    {
        end = if second.shape == Shape::Initial {
            second.behind()
        } else {
            second.end
        };
    }
    let sure = family.is_surely(Kinds::FAMILY) || first.is_surely(Kinds::GIVEN);
    (sure && opens(text, start) && closes(text, end)).then_some(Name {
        start,
        end,
        confidence: 82,
    })
}

/// Whether a field, a cell or an item of a list begins there, or a role: `Applicant Moore, Tara`.
fn opens(text: Text<'_>, start: usize) -> bool {
    let before = text.before(start);
    if matches!(before, 0 | b'\n' | b'"' | b'\'' | b'\t' | b'|' | b'>') {
        return true;
    }
    if before != b' ' {
        return false;
    }
    // `3. `, `- `, `| `, `Applicant `
    let end = less(start, 1);
    match text.before(end) {
        // `3. `, and what leads the eye: `Name ...... `.
        b'.' | b')' => {
            text.back(end, 2).is_ascii_digit() || text.slice(less(end, 3), end) == b"..."
        }
        b'-' | b'*' | b'|' | b':' => true,
        _ => {
            let length = text.run_back(end, 12, |byte| byte.is_ascii_alphabetic());
            let word = text.slice(less(end, length), end);
            let mut roles = ROLES.iter();
            roles.any(|role| word.eq_ignore_ascii_case(role.as_bytes()))
        }
    }
}

const ROLES: [&str; 16] = [
    "applicant",
    "patient",
    "employee",
    "customer",
    "client",
    "name",
    "insured",
    "claimant",
    "student",
    "tenant",
    "passenger",
    "guest",
    "member",
    "attendee",
    "candidate",
    "contact",
];

/// Whether it ends there.
fn closes(text: Text<'_>, end: usize) -> bool {
    let behind = sum(end, text.run(end, 2, |byte| byte == b' '));
    // Two blanks part fields: `Fisher, Donald   DOB: ..`.
    if text.slice(end, sum(end, 2)) == b"  " {
        return true;
    }
    let dash =
        |at: usize| text.has(at, "\u{2013}".as_bytes()) || text.has(at, "\u{2014}".as_bytes());
    match text.at(behind) {
        0 | b'\n' | b'\r' | b'"' | b'\'' | b'\t' | b'|' | b'<' | b'(' | b';' => true,
        b'/' | b'-' => behind > end,
        _ => dash(behind),
    }
}
