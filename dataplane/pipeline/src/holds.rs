//! Calls that wait for a human, shared by the workers, which hold and release calls, and the
//! control thread, which hears what people decide and keeps the journal.
//!
//! Refuses to let a released call go on before the journal says that the release is used: after a
//! crash it must not pass again.
//!
//! The third place of the pipeline with a lock: taken only for calls that policy holds.

mod release;
mod waiting;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};
use std::task::Waker;

use varistor_approvals::{
    ApprovalId, Book, Call, Claim, Entry, Fate, Fingerprint, Held, Refused, Terms, Verdict, Window,
    Word,
};

pub use release::{Release, Settled};
pub use waiting::{Answer, Waiting};

/// See the module.
pub struct Holds {
    inner: Lock<Inner>,
    /// Tells the control thread that there is something for the journal. It must not block.
    wake: Box<dyn Fn() + Send + Sync>,
    /// Makes names that nobody can guess.
    seed: [u8; 32],
}

#[expect(
    clippy::disallowed_types,
    reason = "for calls that wait for a human only: milliseconds do not matter there"
)]
type Lock<T> = std::sync::Mutex<T>;

#[derive(Default)]
struct Inner {
    book: Book,
    /// Changes that the journal does not have yet.
    fresh: Vec<Entry>,
    /// The number of changes so far, and of those that stand in the journal.
    entered: u64,
    standing: u64,
    /// Whether the journal can't be written at the moment.
    broken: bool,
    named: u64,
    /// Who waits for a decision.
    deciding: HashMap<ApprovalId, Vec<(u64, Waker)>>,
    /// Who waits for the journal.
    settling: HashMap<u64, Waker>,
    next_waiter: u64,
}

/// A call that policy holds, and what policy demands of its release.
pub struct Ask {
    /// What a release is bound to.
    pub print: Fingerprint,
    /// What is shown of it.
    pub held: Held,
    /// What a release needs.
    pub terms: Terms,
    /// Milliseconds since 1970.
    pub now_ms: u64,
}

/// What became of a call that policy holds and nobody has released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// It waits.
    Held(ApprovalId, Terms),
    /// Somebody has refused it.
    Denied(ApprovalId),
    /// Too many calls wait.
    Full,
}

/// Everything that waits or was decided.
#[derive(Clone, Debug, Default)]
pub struct Listed {
    /// Held calls, oldest first.
    pub calls: Vec<(ApprovalId, Call)>,
    /// Agents that may use a tool without asking, those that end first first.
    pub windows: Vec<(ApprovalId, Window)>,
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Calls that wait.
    pub pending: usize,
    /// Calls that may pass once, or were refused.
    pub decided: usize,
    /// Agents that may use a tool without asking.
    pub windows: usize,
    /// Those who wait for something at this moment.
    pub waiters: usize,
}

impl Holds {
    /// No calls yet. `seed` is random.
    #[must_use]
    pub fn new(seed: [u8; 32], wake: impl Fn() + Send + Sync + 'static) -> Self {
        Self {
            inner: Lock::default(),
            wake: Box::new(wake),
            seed,
        }
    }

    /// Goes on with the book of an earlier run.
    #[must_use]
    pub fn with(self, book: Book) -> Self {
        self.inner().book = book;
        self
    }

    /// Lets a call pass that was released, or holds it.
    ///
    /// # Errors
    /// Where the call stands when it may not pass.
    pub fn claim(self: &Arc<Self>, ask: Ask) -> Result<Release, Stopped> {
        let Ask {
            print,
            held,
            terms,
            now_ms,
        } = ask;
        let mut inner = self.inner();
        let before = inner.entered;
        let claim = inner.change(|book, log| book.claim((print, &held), now_ms, log));
        let claimed = match claim {
            Claim::Passed(id, call) => Ok((id, Some(call))),
            Claim::Open(id) => Ok((id, None)),
            Claim::Held(id, terms) => Err(Stopped::Held(id, terms)),
            Claim::Denied(id) => Err(Stopped::Denied(id)),
            Claim::Unknown => {
                inner.named = inner.named.saturating_add(1);
                let id = ApprovalId::derived(&self.seed, inner.named);
                let row = (print, held, terms);
                let fits = inner.change(|book, log| book.hold(id, row, now_ms, log));
                Err(match fits {
                    true => Stopped::Held(id, terms),
                    false => Stopped::Full,
                })
            }
        };
        let number = inner.entered;
        drop(inner);
        if number != before {
            (self.wake)();
        }
        let (id, call) = claimed?;
        Ok(Release::new(Arc::clone(self), (id, call), number))
    }

    /// Resolves when somebody has decided about a call, or its time is over.
    #[must_use]
    pub fn waiting(self: &Arc<Self>, id: ApprovalId) -> Waiting {
        let mut inner = self.inner();
        inner.next_waiter = inner.next_waiter.saturating_add(1);
        let waiter = inner.next_waiter;
        drop(inner);
        Waiting::new(Arc::clone(self), id, waiter)
    }

    /// Takes one person's approval.
    ///
    /// # Errors
    /// Why it was not taken.
    pub fn approve(&self, id: ApprovalId, word: Word, now_ms: u64) -> Result<Verdict, Refused> {
        self.changed(|book, log| book.approve(id, word, now_ms, log))
    }

    /// Takes one person's refusal.
    ///
    /// # Errors
    /// Why it was not taken.
    pub fn deny(&self, id: ApprovalId, word: Word, now_ms: u64) -> Result<Verdict, Refused> {
        self.changed(|book, log| book.deny(id, word, now_ms, log))
    }

    /// Ends what has come to its end.
    pub fn tick(&self, now_ms: u64) {
        self.changed(|book, log| book.end(now_ms, log));
    }

    /// Ends what another policy held.
    pub fn keep_generation(&self, generation: u64) {
        self.changed(|book, log| book.keep_generation(generation, log));
    }

    /// All held calls, oldest first, and all windows.
    #[must_use]
    pub fn list(&self) -> Listed {
        let inner = self.inner();
        let calls = inner.book.calls();
        let mut calls: Vec<_> = calls.map(|(id, call)| (id, call.clone())).collect();
        let windows = inner.book.windows();
        let mut windows: Vec<_> = windows.map(|(id, row)| (id, row.clone())).collect();
        drop(inner);
        calls.sort_by_key(|(id, call)| (call.created_unix_ms, *id));
        windows.sort_by_key(|(id, row)| (row.until_unix_ms, *id));
        Listed { calls, windows }
    }

    /// One held call.
    #[must_use]
    pub fn call(&self, id: ApprovalId) -> Option<Call> {
        self.inner().book.call(id).cloned()
    }

    /// How much there is.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let inner = self.inner();
        let pending = inner.book.pending_count();
        Counts {
            pending,
            decided: inner.book.calls().count().saturating_sub(pending),
            windows: inner.book.windows().count(),
            waiters: inner.deciding.len().saturating_add(inner.settling.len()),
        }
    }

    /// The changes that the journal does not have yet, and the number of the last of them.
    #[must_use]
    pub fn take_fresh(&self) -> (Vec<Entry>, u64) {
        let mut inner = self.inner();
        (core::mem::take(&mut inner.fresh), inner.entered)
    }

    /// The shortest journal that leads to where things are.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        self.inner().book.entries()
    }

    /// Says that the changes up to this number stand in the journal.
    pub fn stands(&self, through: u64) {
        let mut inner = self.inner();
        inner.broken = false;
        inner.standing = inner.standing.max(through);
        inner.settle();
    }

    /// Says that the journal can't be written: released calls are refused until it can.
    pub fn breaks(&self) {
        let mut inner = self.inner();
        inner.broken = true;
        inner.settle();
    }

    fn changed<T>(&self, change: impl FnOnce(&mut Book, &mut Vec<Entry>) -> T) -> T {
        let mut inner = self.inner();
        let before = inner.entered;
        let changed = inner.change(change);
        let is_new = inner.entered != before;
        drop(inner);
        if is_new {
            (self.wake)();
        }
        changed
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        // What is in it is whole between two statements of the book.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Makes a change, and wakes whoever waited for it.
    fn change<T>(&mut self, change: impl FnOnce(&mut Book, &mut Vec<Entry>) -> T) -> T {
        let before = self.fresh.len();
        let changed = change(&mut self.book, &mut self.fresh);
        let new = self.fresh.get(before..).unwrap_or_default();
        self.entered = self.entered.saturating_add(new.len() as u64);
        for entry in new {
            let (Entry::Approved { id, .. } | Entry::Denied { id, .. } | Entry::Ended { id, .. }) =
                entry
            else {
                continue;
            };
            let pending = |call: &Call| call.fate == Fate::Pending;
            if !self.book.call(*id).is_some_and(pending) {
                let waiters = self.deciding.remove(id).unwrap_or_default();
                waiters.into_iter().for_each(|(_, waker)| waker.wake());
            }
        }
        changed
    }

    /// Wakes whoever waits for the journal.
    fn settle(&mut self) {
        for (_, waker) in self.settling.drain() {
            waker.wake();
        }
    }
}

#[cfg(test)]
mod tests;
