//! Queries whose steps stand behind pipes: Kusto, Splunk, Flux and their commands.

use varistor_model::Intent;

use super::words;
use crate::{Effect, Effects, words as names};

/// What this query or command does.
pub(super) fn effects(text: &str) -> Effects {
    let text = text.trim_start();
    if let Some(command) = text.strip_prefix('.') {
        return Effects::of(command_effect(command));
    }
    let mut effects = Effects::of(Effect::new(Intent::Read, 84, "piped.reads"));
    let mut is_bounded = false;
    for (place, word) in words::bare(text).enumerate() {
        let is_step = matches!(word.before, b'|' | b'>') || (place == 0 && word.before == 0);
        if word.after == b'(' && word.is_one_of(&["to", "wideTo"]) && word.before == b'>' {
            effects.push(Effect::new(Intent::Write, 80, "piped.writes"));
        }
        if !is_step {
            continue;
        }
        is_bounded |= word.is_one_of(BOUNDING);
        match () {
            () if place > 0 && word.is_one_of(&["delete", "purge"]) => {
                effects.push(Effect::new(Intent::Destructive, 88, "piped.deletes"));
            }
            () if word.is_one_of(&["outputlookup", "collect", "mcollect", "outputcsv"]) => {
                effects.push(Effect::new(Intent::Write, 80, "piped.writes"));
            }
            () if word.is_one_of(&["sendemail", "sendalert"]) => {
                effects.push(Effect::new(Intent::Exfiltrative, 70, "piped.sends"));
            }
            () => {}
        }
    }
    let first = words::bare(text).next();
    let is_table = first.is_some_and(|word| matches!(word.after, 0 | b'|'));
    if is_table && !is_bounded && first.is_some_and(|word| names::is_about_people(word.text)) {
        let effect = Effect::new(Intent::Exfiltrative, 68, "piped.reads_all_people");
        effects.push(effect);
    }
    effects
}

/// Steps behind which no more than a part is left.
const BOUNDING: &[&str] = &[
    "where",
    "take",
    "limit",
    "summarize",
    "count",
    "top",
    "sample",
    "distinct",
    "stats",
    "head",
    "search",
    "filter",
    "getschema",
    "render",
];

/// Commands of Kusto and of SQLite's client that only show something.
const READING: &[&str] = &[
    "show",
    "cancel",
    "help",
    "schema",
    "tables",
    "databases",
    "indexes",
];

/// What a control command of Kusto does.
fn command_effect(command: &str) -> Effect {
    let word = words::bare(command).next().map(|word| word.text);
    let word = word.unwrap_or_default();
    let is = |wanted: &[&str]| wanted.iter().any(|one| word.eq_ignore_ascii_case(one));
    let replaces = command
        .get(..16)
        .is_some_and(|front| front.to_ascii_lowercase().starts_with("set-or-replace"));
    match () {
        () if replaces => Effect::new(Intent::Destructive, 72, "kusto.replaces"),
        () if is(READING) => Effect::new(Intent::Read, 88, "kusto.shows"),
        () if is(&["drop", "delete", "purge", "clear", "undo"]) => {
            Effect::new(Intent::Destructive, 92, "kusto.deletes")
        }
        () if is(&["replace", "detach", "restore"]) => {
            Effect::new(Intent::Destructive, 70, "kusto.replaces")
        }
        () if is(&["export", "dump"]) => Effect::new(Intent::Exfiltrative, 82, "kusto.exports"),
        () => Effect::new(Intent::Write, 80, "kusto.writes"),
    }
}
