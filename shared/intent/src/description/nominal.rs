//! Descriptions that name what is handed back instead of saying what is done.
//!
//! Refuses a sentence that an unknown verb leads: it may do anything.

use super::{BEHIND, NAMED, PREPOSITION, is_join, is_named, phrase};
use varistor_model::Intent;

use crate::lexicon::{self, Verb, about};
use crate::table::{Table, hash};
use crate::verdict;
use crate::words::Word;

/// What a sentence says that asks, or begins with nouns that are joined.
pub(super) fn outright(sentence: &[Word]) -> Option<(Intent, u8)> {
    let first = sentence.first()?;
    if ASKING.find(first.hash) != 0 {
        Some((Intent::Read, 70))
    } else if is_coordinated(sentence) {
        Some((Intent::Read, 65))
    } else {
        None
    }
}

/// Nouns of what is told, and words behind which stands what it is told of.
static FRONT: Table<256> = Table::of(&[
    (
        1,
        "log logs count counts statistics stats figures list number numbers report overview \
         history \
         table index model date dates time times deadline deadlines reasons reason codes rules \
         schedule calendar catalogue catalog window windows fee fees rates prices breakdown \
         summary \
         totals timeline directory register journal chart entries status terms conditions \
         requirements limits thresholds forecast estimate estimates criteria points cutoffs \
         causes \
         trend trends odds likelihood probability checklist guide guidance steps events form \
         forms policy policies text wording help page \
         options",
    ),
    (
        2,
        "of for per until by why when which how that who where since after from under before at",
    ),
]);

/// Whether a sentence begins with a noun of what is told: `Log of automatic purges`.
pub(super) fn informing(sentence: &[Word]) -> bool {
    let articles = [hash(b"the"), hash(b"a"), hash(b"an")];
    let is_whole = |word: &Word| WHOLLY.find(word.hash) != 0;
    let mut rest = sentence;
    if let [first, behind @ ..] = rest
        && articles.contains(&first.hash)
    {
        rest = behind;
    }
    let [first, second, third, ..] = rest else {
        return false;
    };
    let is_told =
        |noun: &Word, next: &Word| FRONT.find(noun.hash) & 1 != 0 && FRONT.find(next.hash) & 2 != 0;
    let is_led = lexicon::verb(&first.forms()).is_some();
    (is_told(first, second) || !is_led && is_told(second, third)) && !sentence.iter().any(is_whole)
}

/// Whether a late verb makes a noun with a plural behind it: `Emergency stop events of a cell`.
pub(super) fn is_compound(sentence: &[Word], at: usize) -> bool {
    let word = |at: usize| sentence.get(at).copied().unwrap_or_default();
    let is_plural = |word: Word| {
        let [whole, one, _] = word.forms();
        whole != one
    };
    let (before, next) = (word(at.saturating_sub(1)), word(at.saturating_add(1)));
    let behind = sentence.get(at.saturating_add(2));
    let is_end = behind.is_none_or(|behind| PREPOSITION.find(behind.hash) != 0);
    at > 0
        && !is_plural(word(at))
        && is_plural(next)
        && is_end
        && !before.is_adverb()
        && lexicon::verb(&[next.hash]).is_none()
}

/// What shape a sentence has that no known verb leads.
pub(super) fn shape(sentence: &[Word]) -> u64 {
    let is_generic =
        |word: &Word| lexicon::verb(&word.forms()).is_some_and(|known| known.verb == Verb::Generic);
    if is_unknown_deed(sentence) {
        phrase::DEED
    } else if sentence.first().is_some_and(|first| !is_generic(first)) {
        phrase::NOMINAL
    } else {
        0
    }
}

/// What the first noun of a sentence is about; a question only tells.
pub(super) fn first(sentence: &[Word]) -> u64 {
    let articles = [hash(b"the"), hash(b"a"), hash(b"an")];
    let noun = sentence.iter().find(|word| !articles.contains(&word.hash));
    noun.map_or(0, |word| match ASKING.find(word.hash) {
        0 => lexicon::subjects(&word.forms()),
        _ => about::TELLING,
    })
}

/// What a sentence about these subjects says that no verb leads.
pub(super) fn without_verb(sentence: &[Word], subjects: u64) -> Option<(Intent, u8)> {
    if let Some(verb) = noun_of_deed(sentence) {
        return verdict::of(verb, subjects).map(|(intent, _)| (intent, 55));
    }
    if !is_nominal(sentence) {
        return None;
    }
    let is_whole = sentence.iter().any(|word| WHOLLY.find(word.hash) != 0);
    let mut front = sentence.iter().take(4);
    let is_taken = front.any(|word| TAKEN.find(word.hash) != 0)
        && subjects & (about::PRIVATE | about::SENSITIVE | about::CREDENTIAL) != 0;
    let named = [hash(b"names"), hash(b"identities"), hash(b"phones")];
    let of_persons = subjects & (about::PEOPLE | about::SENSITIVE) != 0
        || subjects & about::HOLDER != 0 && sentence.iter().any(|word| named.contains(&word.hash));
    Some(if is_whole && (of_persons || is_taken) {
        (Intent::Exfiltrative, 65)
    } else {
        (Intent::Read, 65)
    })
}

/// Nouns of what was taken out of something.
static TAKEN: Table<16> = Table::of(&[(1, "extract export dump takeout archive backup copy")]);

/// Words that ask what is handed back: `Whether a record has changed`.
static ASKING: Table<32> =
    Table::of(&[(1, "when whether who whose what which how where why ob wer")]);

/// Whether it begins with nouns that are joined: `Start, end and rent of a lease`.
fn is_coordinated(sentence: &[Word]) -> bool {
    let is_of = |word: &&Word| BEHIND.find(word.hash) != 0;
    let Some(end) = sentence.iter().position(|word| is_of(&word)) else {
        return false;
    };
    let items = sentence.get(..end).unwrap_or_default();
    let is_item = |pair: &[Word]| match pair {
        [one, other] => other.before == b',' || is_join(one) || is_join(other),
        _ => false,
    };
    items.len() >= 3 && items.windows(2).all(is_item)
}

/// Whether an unknown word leads that takes an object: `Curtails the output`.
pub(super) fn is_unknown_deed(sentence: &[Word]) -> bool {
    let [first, second, ..] = sentence else {
        return false;
    };
    let articles = [hash(b"the"), hash(b"a"), hash(b"an")];
    let is_verb = PREPOSITION.find(first.hash) == 0
        && !articles.contains(&first.hash)
        && articles.contains(&second.hash);
    // `Passes buyers' names on`, but `Orders placed today`, `Seats of a flight`.
    let [whole, one, _] = first.forms();
    let [next, base, _] = second.forms();
    is_verb
        || whole != one
            && next != base
            && FRONT.find(first.hash) == 0
            && NAMED.find(second.hash) == 0
            && ASKING.find(second.hash) == 0
            && lexicon::subjects(&first.forms()) == 0
            && PREPOSITION.find(second.hash) == 0
}

/// The verb whose noun a sentence is about: `Reset of the modem`.
fn noun_of_deed(sentence: &[Word]) -> Option<Verb> {
    let at = sentence
        .iter()
        .take(5)
        .position(|word| word.hash == hash(b"of"))?;
    let noun = sentence.get(at.checked_sub(1)?)?;
    let verb = lexicon::verb(&[noun.hash])?.verb;
    matches!(
        verb,
        Verb::Clear | Verb::Delete | Verb::Remove | Verb::Disable
    )
    .then_some(verb)
}

/// Whether a sentence without a verb names what is handed back: `The price of a share`.
fn is_nominal(sentence: &[Word]) -> bool {
    let [first, behind @ ..] = sentence else {
        return false;
    };
    let is_article = [hash(b"the"), hash(b"a"), hash(b"an")].contains(&first.hash);
    let mut near = behind.iter().take(5);
    let is_noun = near.any(|word| PREPOSITION.find(word.hash) != 0);
    let is_told = sentence
        .iter()
        .take(4)
        .any(|word| NAMED.find(word.hash) != 0);
    (is_article || is_noun || is_told)
        && !is_unknown_deed(sentence)
        && !lexicon::verb(&first.forms()).is_some_and(|known| known.verb == Verb::Generic)
        && sentence.iter().enumerate().all(|(at, word)| {
            let next = sentence.get(at.saturating_add(1));
            !is_deed(word) || is_named(word, next)
        })
}

/// Whether a word may be a deed.
fn is_deed(word: &Word) -> bool {
    let known = lexicon::verb(&word.forms());
    known.is_some_and(|known| !matches!(known.verb, Verb::Read | Verb::Generic) && !known.is_noun)
}

/// Words for everything of a kind.
static WHOLLY: Table<32> = Table::of(&[(
    1,
    "full whole entire complete every all each alle aller tous todos tutti",
)]);
