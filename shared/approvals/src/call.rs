//! One held call, and what became of it.

use crate::{ApprovalId, Entry, Fingerprint, Held, Terms, Word};

/// A call that was held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// What a release is bound to.
    pub print: Fingerprint,
    /// What is shown of it.
    pub held: Held,
    /// What a release needs. Its end moves when the call is released.
    pub terms: Terms,
    /// When it came, in milliseconds since 1970.
    pub created_unix_ms: u64,
    /// What became of it.
    pub fate: Fate,
    /// Who has approved it so far.
    pub approved_by: Vec<Word>,
    /// Who refused it.
    pub denied_by: Option<Word>,
}

/// What became of a held call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// It waits.
    Pending,
    /// It may pass once.
    Approved,
    /// It was refused.
    Denied,
}

/// An agent that may use a tool without asking.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Window {
    /// The call by which it came about; of its parameters nothing is kept.
    pub held: Held,
    /// Until when, in milliseconds since 1970.
    pub until_unix_ms: u64,
}

impl Call {
    /// For how long all who approved let the agent use the tool, in milliseconds, once enough did.
    pub(crate) fn for_ms(&self) -> u64 {
        let shortest = self.approved_by.iter().map(|word| word.for_ms).min();
        match self.fate {
            Fate::Approved => shortest.unwrap_or_default(),
            Fate::Pending | Fate::Denied => 0,
        }
    }

    /// The entries that lead to it.
    pub(crate) fn entries(&self, id: ApprovalId) -> Vec<Entry> {
        let mut entries = vec![Entry::Held {
            id,
            at: self.created_unix_ms,
            print: self.print,
            held: Box::new(self.held.clone()),
            terms: self.terms,
        }];
        // The end of a released call has moved already.
        let at = 0;
        let approved = self.approved_by.iter().cloned();
        entries.extend(approved.map(|word| Entry::Approved { id, at, word }));
        let denied = self.denied_by.clone().into_iter();
        entries.extend(denied.map(|word| Entry::Denied { id, at, word }));
        entries
    }
}

impl Window {
    /// Whether it is about a call of the same agent and tool, under the same policy.
    pub(crate) fn covers(&self, held: &Held) -> bool {
        fn of(held: &Held) -> ([&str; 5], u64) {
            let Held {
                organisation,
                agent,
                server,
                method,
                name,
                ..
            } = held;
            ([organisation, agent, server, method, name], held.generation)
        }
        of(&self.held) == of(held)
    }
}
