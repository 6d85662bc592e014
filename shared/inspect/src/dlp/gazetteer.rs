//! The words of names and addresses that a snapshot carries, from the lists in
//! `shared/inspect/gazetteer`.

use super::lexicon::{self, Kinds};

/// The table for snapshots.
pub(super) fn table() -> Vec<u32> {
    let words = WORDS.iter().flat_map(|(text, kinds)| {
        lines(text)
            .flat_map(str::split_whitespace)
            .map(|word| (word, *kinds))
    });
    let phrases = PHRASES
        .iter()
        .flat_map(|(text, kinds)| lines(text).map(|line| (line, *kinds)));
    let marked = MARKED.iter().flat_map(|(text, marks)| {
        lines(text).filter_map(|line| {
            let (word, mark) = line.split_once('\t')?;
            let (_, kinds) = marks.iter().find(|(known, _)| *known == mark)?;
            Some((word, *kinds))
        })
    });
    let all = words.chain(phrases).chain(marked);
    lexicon::table(all.map(|(word, kinds)| (word.as_bytes(), kinds)))
}

fn lines(text: &'static str) -> impl Iterator<Item = &'static str> {
    text.lines()
        .filter(|line| !line.starts_with('#') && !line.is_empty())
}

/// Lists with several words a line.
const WORDS: &[(&str, Kinds)] = &[
    (include_str!("../../gazetteer/given.txt"), Kinds::GIVEN),
    (include_str!("../../gazetteer/family.txt"), Kinds::FAMILY),
    (include_str!("../../gazetteer/words.txt"), Kinds::WORD),
    (
        include_str!("../../gazetteer/particles.txt"),
        Kinds::PARTICLE,
    ),
    (
        include_str!("../../gazetteer/orgs.txt"),
        Kinds::ORGANISATION,
    ),
];
/// Lists with one name a line, of one word or several.
const PHRASES: &[(&str, Kinds)] = &[
    (include_str!("../../gazetteer/places.txt"), Kinds::PLACE),
    (
        include_str!("../../gazetteer/countries.txt"),
        Kinds::COUNTRY,
    ),
    (
        include_str!("../../gazetteer/brands.txt"),
        Kinds::ORGANISATION,
    ),
];
/// Lists with a word and a mark a line, and what each mark says.
const MARKED: &[(&str, &[(&str, Kinds)])] = &[
    (
        include_str!("../../gazetteer/streets.txt"),
        &[
            ("behind", Kinds::STREET),
            ("before", Kinds::STREET_BEFORE),
            ("unit", Kinds::UNIT),
        ],
    ),
    (
        include_str!("../../gazetteer/states.txt"),
        &[("code", Kinds::STATE), ("name", Kinds::STATE)],
    ),
    (
        include_str!("../../gazetteer/titles.txt"),
        &[("before", Kinds::TITLE), ("behind", Kinds::SUFFIX)],
    ),
];
