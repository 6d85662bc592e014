//! Gremlin: what its steps do.

use varistor_model::Intent;

use super::words;
use crate::{Effect, Effects, words as names};

/// What this traversal does.
pub(super) fn effects(text: &str) -> Effects {
    let mut effects = Effects::of(Effect::new(Intent::Read, 85, "gremlin.reads"));
    let mut is_bounded = false;
    let mut shows = false;
    for word in words::bare(text).filter(|word| word.after == b'(') {
        let is_step = |names: &[&str]| word.is_one_of(names);
        match () {
            () if is_step(&["drop"]) => {
                effects.push(Effect::new(Intent::Destructive, 93, "gremlin.drops"));
            }
            () if is_step(&["addV", "addE", "property", "mergeV", "mergeE", "addVertex"]) => {
                effects.push(Effect::new(Intent::Write, 86, "gremlin.writes"));
            }
            () if is_step(&["io"]) => {
                effects.push(Effect::new(Intent::Write, 60, "gremlin.copies"));
            }
            () if is_step(&[
                "limit",
                "has",
                "hasId",
                "count",
                "sample",
                "groupCount",
                "next",
            ]) =>
            {
                is_bounded = true;
            }
            () if is_step(&["range", "tail", "is", "filter", "where", "explain"]) => {
                is_bounded = true;
            }
            () if is_step(&["valueMap", "values", "elementMap", "properties", "toList"]) => {
                shows = true;
            }
            () => {}
        }
    }
    let reaches_all = !is_bounded && shows && labels(text).any(names::is_about_people);
    if reaches_all {
        let effect = Effect::new(Intent::Exfiltrative, 75, "gremlin.reads_all_people");
        effects.push(effect);
    }
    effects
}

/// The texts in quotes right behind `hasLabel(`.
fn labels(text: &str) -> impl Iterator<Item = &str> {
    text.split("hasLabel(").skip(1).filter_map(|rest| {
        let inside = rest.trim_start().trim_start_matches(['\'', '"']);
        inside.split(['\'', '"', ',', ')']).next()
    })
}
