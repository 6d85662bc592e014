//! AQL: loops over collections, and what is done to what they find.

use varistor_model::Intent;

use super::words;
use crate::{Effect, Effects, words as names};

/// What this query does.
pub(super) fn effects(text: &str) -> Effects {
    let mut effects = Effects::of(Effect::new(Intent::Read, 82, "aql.reads"));
    let (mut is_bounded, mut of_people) = (false, false);
    let mut previous = "";
    for word in words::bare(text).filter(|word| word.before != b'.') {
        if word.is("remove") {
            effects.push(Effect::new(Intent::Destructive, 90, "aql.removes"));
        } else if word.is_one_of(&["insert", "update", "replace", "upsert"]) {
            effects.push(Effect::new(Intent::Write, 85, "aql.writes"));
        }
        is_bounded |= word.is_one_of(&["filter", "limit", "collect"]);
        of_people |= previous.eq_ignore_ascii_case("in") && names::is_about_people(word.text);
        previous = word.text;
    }
    let effect = Effect::new(Intent::Exfiltrative, 74, "aql.reads_all_people");
    if of_people && !is_bounded && effects.intent() == Some(Intent::Read) {
        effects.push(effect);
    }
    effects
}
