//! Members of the arguments one by one: what the name of one says about what comes, and switches.

use varistor_model::Span;

use super::pass::{Pass, Value};
use super::{Fact, kept};
use crate::keys::{self, Meaning};
use crate::table::{self, Table};

/// Keys of switches by which a form is handed in.
static SUBMITTING: Table<16> = Table::of(&[(1, "submit pressenter submitform")]);

impl Pass<'_, '_> {
    /// What the name of a member says: its meaning, and its hash.
    pub(super) fn keyed(
        &mut self,
        name: &[u8],
        (start, end): (usize, usize),
        is_inferred: bool,
    ) -> (Option<Meaning>, u64) {
        self.name = (start, end);
        let hash = table::key_hash(name);
        self.facts.has_more |= self.depth == 1 && !self.profile.declared.knows(hash, name);
        let is_column = |frame: &mut super::pass::Frame| frame.meaning == Some(Meaning::Columns);
        if self.frame().is_some_and(is_column)
            && let Some(span) = Span::of(start..end)
        {
            let column = self.facts.text.get(start..end).unwrap_or_default();
            self.column(column, span);
        }
        let known = self.profile.meant(hash);
        let inferred = || is_inferred.then(|| keys::inferred(name)).flatten();
        let meaning = known.or_else(inferred);
        (self.inherited(meaning, hash), hash)
    }

    /// A switch of this name.
    pub(super) fn switch(
        &mut self,
        name: &[u8],
        (meaning, hash): (Option<Meaning>, u64),
        (truth, is_inferred): (bool, bool),
        span: Span,
    ) {
        let meaning = meaning.or_else(|| keys::switched(name).filter(|_| truth));
        let is_let_down = !truth && is_inferred && keys::guards(name);
        let meaning = meaning.or(is_let_down.then_some(Meaning::Guarded));
        if truth && SUBMITTING.find(hash) != 0 {
            self.find(Fact::Submitted, span);
        }
        if truth && kept::consumes(name) {
            self.find(Fact::Consumed, span);
        }
        if self.profile.may_pay() && keys::is_new(name, truth) {
            self.find(Fact::NewPayee, span);
        } else if let Some(meaning) = meaning {
            self.truth(meaning, truth, span);
        }
    }

    /// Whether a text says that nobody was ever paid there.
    pub(super) fn payee(&mut self, name: &[u8], value: &Value) {
        let text = self.facts.text.as_bytes();
        let content = text.get(value.span.range()).unwrap_or_default();
        if self.profile.may_pay() && keys::is_new_by(name, content) {
            self.find(Fact::NewPayee, value.span);
        }
    }

    /// Somebody to be paid who is only set up now: `new_recipient: {"name": ..}`.
    pub(super) fn payee_set_up(&mut self, start: usize) {
        let name = self.facts.text.as_bytes().get(self.name.0..self.name.1);
        if keys::is_new(name.unwrap_or_default(), true)
            && let Some(span) = Span::of(start..start.saturating_add(1))
        {
            self.find(Fact::NewPayee, span);
        }
    }

    /// Whether a text is the first in a list that is one of several: a step with what it is given.
    pub(super) fn leads_step(&self) -> bool {
        let at = |back: usize| self.frames.get(self.depth.checked_sub(back)?);
        let is_first = at(1).is_some_and(|frame| frame.is_array && frame.count == 1);
        is_first && at(2).is_some_and(|frame| frame.is_array)
    }

    /// Whether what comes now says to whom something is open.
    pub(super) fn is_scope(&mut self) -> bool {
        self.frame()
            .is_some_and(|frame| frame.meaning == Some(Meaning::Visibility))
    }
}
