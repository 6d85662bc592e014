//! The deeds that a sentence joins to its first: `and delete it`.
//!
//! Refuses nouns: a deed that follows has an object with an article, or in the plural.

use varistor_model::Intent;

use super::{ARTICLE, phrase, subjects};
use crate::lexicon::{self, Verb};
use crate::table::hash;
use crate::verdict;
use crate::words::Word;

/// The gravest deed that is joined to the leading one.
pub(super) fn also(behind: &[Word], phrases: &mut u64) -> Option<(Intent, u8)> {
    let (and, then, also, or) = (hash(b"and"), hash(b"then"), hash(b"also"), hash(b"or"));
    let mut gravest: Option<(Intent, u8)> = None;
    let mut is_either = false;
    let mut rest = behind;
    let mut before = Word::default();
    while let [word, after @ ..] = rest {
        let is_or = before.hash == or;
        is_either |= word.hash == or;
        let is_joined = [and, then, also].contains(&before.hash) || is_or || word.before == b',';
        let next = after.first().map_or(0, |next| next.hash);
        if is_joined
            && let Some(known) = lexicon::verb(&word.forms())
            && !word.forms().contains(&hash(b"answer"))
        {
            let returned = [hash(b"return"), hash(b"returns")].contains(&word.hash);
            if returned && ARTICLE.find(next) != 0 {
                *phrases |= phrase::RETURNED;
            }
            let object = after.get(..after.len().min(5)).unwrap_or_default();
            let verdict = verdict::of(known.verb, subjects(object));
            if let Some((intent, sure)) = verdict
                && (ARTICLE.find(next) != 0 || (!known.is_noun && is_plural(after.first())))
                && gravest.is_none_or(|(other, _)| other < intent)
            {
                gravest = Some((intent, sure.saturating_sub(15)));
            }
        }
        before = *word;
        rest = after;
    }
    if is_either {
        *phrases |= phrase::EITHER;
    }
    gravest
}

/// Whether a word may be an object without an article.
fn is_plural(word: Option<&Word>) -> bool {
    word.is_some_and(|word| {
        let [whole, one, _] = word.forms();
        whole != one && lexicon::verb(&[whole]).is_none()
    })
}

/// What is said of an export as an object: `Start an export of all patients`.
pub(super) fn exported(object: &[Word], subjects: u64) -> Option<(Intent, u8)> {
    let is_export =
        |word: &Word| lexicon::verb(&word.forms()).is_some_and(|known| known.verb == Verb::Export);
    let exported = verdict::of(Verb::Export, subjects);
    let exported = exported.filter(|_| object.iter().any(is_export));
    exported.filter(|(intent, _)| *intent == Intent::Exfiltrative)
}
