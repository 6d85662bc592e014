//! What a call says that may make it milder: it is only tried, what it takes away is kept, it does
//! the mildest of several deeds.
//!
//! Refuses what the definition does not declare at this very place, and values that are of another
//! kind than it declares: a server passes over the one and may take the other for anything.

use varistor_model::Span;

use super::pass::Pass;
use super::{Deed, Fact};
use crate::keys::Meaning;
use crate::profile::Parameter;

/// What such a parameter tells by being true or false.
const fn mild(meaning: Meaning, truth: bool) -> Option<Fact> {
    Some(match (meaning, truth) {
        (Meaning::Trial, true) | (Meaning::Applied, false) => Fact::Trial,
        (Meaning::Lost, false) | (Meaning::Trashed, true) => Fact::Kept,
        _ => return None,
    })
}

impl<'b> Pass<'_, 'b> {
    /// A switch that is true or false, as JSON has it.
    pub(super) fn truth(&mut self, meaning: Meaning, truth: bool, span: Span) {
        let Some(fact) = mild(meaning, truth) else {
            return self.graver(meaning, truth, span);
        };
        let declared = self.parameter();
        if !self.is_in_array() && declared.is_some_and(Parameter::takes_truth) {
            self.find(fact, span);
        }
    }

    /// A text or a number that some servers take for true or false.
    pub(super) fn like(&mut self, meaning: Meaning, truth: bool, span: Span) {
        let Some(fact) = mild(meaning, truth) else {
            return self.graver(meaning, truth, span);
        };
        let content = self.facts.text.get(span.range()).unwrap_or_default();
        let declared = self.parameter();
        if !self.is_in_array() && declared.is_some_and(|one| one.takes(content)) {
            self.find(fact, span);
        } else if fact == Fact::Trial {
            self.done(span);
        }
    }

    /// A mode that is mild where the definition tells that there is one.
    pub(super) fn mode(&mut self, fact: Fact, content: &str, span: Span) {
        let declared = self.parameter();
        if !self.is_in_array() && declared.is_some_and(|one| one.takes_mode(content)) {
            self.find(fact, span);
        }
    }

    /// A deed that only tries, where the definition lists it among others.
    pub(super) fn mode_of_trial(&mut self, content: &str, span: Span) {
        let declared = self.parameter();
        let is_listed = |one: &Parameter| one.is_listed() && one.takes(content);
        if !self.is_in_array() && declared.is_some_and(is_listed) {
            self.find(Fact::Trial, span);
        }
    }

    /// One of several deeds; the gravest is kept.
    pub(super) fn deed(&mut self, mut deed: Deed, content: &str) {
        let within = |meaning| matches!(meaning, Some(Meaning::Operation | Meaning::Steps));
        let is_part = self.frame().is_some_and(|frame| within(frame.meaning));
        let declared = self.parameter();
        // `action: {type: list}`, `steps: [{name: list_pages}]`.
        let declared = declared.or_else(|| {
            let (profile, path) = (self.profile, self.names());
            is_part.then(|| profile.declared.at(path)).flatten()
        });
        deed.is_declared = declared.is_some_and(|one| one.takes(content));
        let weight = |deed: &Deed| (deed.intent, deed.sure, deed.is_declared);
        let graver = |kept: &Deed| weight(kept) < weight(&deed);
        if self.facts.operation.as_ref().is_none_or(graver) {
            self.facts.operation = Some(deed);
        }
    }

    /// The declared parameter whose value, or one of whose values, comes now.
    fn parameter(&mut self) -> Option<&'b Parameter> {
        let text = self.facts.text.as_bytes();
        let is_member = !self.is_in_array();
        let (start, end) = self.name;
        let name = text.get(start..end).filter(|_| is_member);
        let profile = self.profile;
        profile.declared.at(self.names().chain(name))
    }
}
