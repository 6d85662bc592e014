//! What the parameters of a definition tell beyond their names.

use varistor_model::Intent;

use super::{DEEDS, MULTI, Profile, TRIAL, choices};
use crate::definition::Definition;
use crate::keys::{self, Meaning};
use crate::name;
use crate::table::{hash, key_hash};
use crate::words;

impl Profile {
    /// What the parameters tell.
    pub(super) fn learn(&mut self, definition: &Definition) {
        let mut free = 0_usize;
        for property in &definition.properties {
            let key = key_hash(property.name.as_bytes());
            let known = keys::meaning(key);
            if known == Some(Meaning::Trial) && property.is_true_by_default && property.is_outermost
            {
                self.traits |= TRIAL;
            }
            if matches!(
                known,
                Some(Meaning::Operation | Meaning::Method | Meaning::Command)
            ) && deeds(&property.choices) >= 2
            {
                self.traits |= MULTI | DEEDS;
            }
            // A command that is one of a few is a deed, no line of a shell.
            let is_deed = known == Some(Meaning::Command) && property.choices.len() >= 2;
            let named = is_deed.then_some(Meaning::Operation);
            // `publish: none | team | public`, whatever it is called.
            let is_seen = known.is_none() && keys::chooses_audience(&property.choices);
            let named = named.or(is_seen.then_some(Meaning::Visibility));
            let tried = choices::tries(&definition.description, &property.name);
            let told = || told(&property.description, known);
            let named = named.or(tried.then_some(Meaning::Trial)).or_else(told);
            let Some(meaning) = named else {
                continue;
            };
            if let Some(place) = self.meanings.get_mut(free) {
                *place = (key, Some(meaning));
                free = free.saturating_add(1);
            }
        }
    }
}

/// How many different intents these choices name.
fn deeds(choices: &[String]) -> usize {
    let said = choices.iter().filter_map(|choice| name::read(choice).said);
    let mut intents: Vec<Intent> = said.map(|(intent, _)| intent).collect();
    intents.sort_unstable();
    intents.dedup();
    intents.len()
}

/// What a parameter means by its description, where its name says less.
fn told(description: &str, known: Option<Meaning>) -> Option<Meaning> {
    let is_code = matches!(
        known,
        None | Some(Meaning::Query | Meaning::Content | Meaning::Body)
    );
    for word in words::of_text(description.as_bytes()).take(24) {
        let [whole, one, _] = word.forms();
        let is = |text: &str| whole == hash(text.as_bytes()) || one == hash(text.as_bytes());
        if is("cent")
            || is("pence")
            || word.hash == hash(b"minor")
            || word.hash == hash(b"smallest")
        {
            let is_amount = matches!(known, Some(Meaning::Amount));
            return is_amount.then_some(Meaning::Minor);
        }
        if is_code && is("sql") {
            return Some(Meaning::Sql);
        }
        if known.is_none() && is("webhook") {
            return Some(Meaning::Hook);
        }
    }
    None
}
