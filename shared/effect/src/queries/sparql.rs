//! SPARQL: queries read, updates do what their first words say.

use varistor_model::Intent;

use super::words;
use crate::{Effect, Effects};

/// What this query or update does.
pub(super) fn effects(text: &str) -> Effects {
    let mut effects = Effects::of(Effect::new(Intent::Read, 85, "sparql.reads"));
    for word in words::bare(text) {
        let is_name = matches!(word.before, b':' | b'?' | b'$' | b'<' | b'#' | b'/');
        if is_name || matches!(word.after, b':' | b'/') {
            continue;
        }
        if word.is_one_of(&["delete", "drop", "clear"]) {
            effects.push(Effect::new(Intent::Destructive, 88, "sparql.deletes"));
        } else if word.is_one_of(&["insert", "load", "create", "add", "copy", "move"]) {
            effects.push(Effect::new(Intent::Write, 85, "sparql.writes"));
        }
    }
    effects
}
