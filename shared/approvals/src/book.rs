//! All calls that are held or released, and what becomes of them.

use std::collections::{BTreeSet, HashMap};

use varistor_model::limits::{
    APPROVAL_USE_MS, APPROVALS_BYTES_MAX, APPROVALS_MAX, APPROVALS_PER_TOKEN_MAX,
};

use crate::{ApprovalId, Call, Entry, Fate, Fingerprint, Held, Terms, Window, Word};

/// See the module.
#[derive(Debug, Default)]
pub struct Book {
    calls: HashMap<ApprovalId, Call>,
    prints: HashMap<Fingerprint, ApprovalId>,
    windows: HashMap<ApprovalId, Window>,
    /// When something ends. Relation: one entry for each call and each window.
    ends: BTreeSet<(u64, ApprovalId, bool)>,
    /// Held calls of each token.
    tokens: HashMap<String, usize>,
    bytes: usize,
}

/// What is there for a call that policy holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// It was released, and this was the one time. Kept to be given back if the call is refused
    /// after all.
    Passed(ApprovalId, Box<Call>),
    /// Its agent may use the tool without asking.
    Open(ApprovalId),
    /// It waits already.
    Held(ApprovalId, Terms),
    /// Somebody refused it.
    Denied(ApprovalId),
    /// Nobody was asked yet.
    Unknown,
}

/// Where a decision has left a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// The call, as it is now.
    pub call: Call,
    /// Until when its agent may use the tool without asking, if that was approved.
    pub until_unix_ms: Option<u64>,
}

/// Why a decision was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// There is no such call: it never was, it has passed, or its time is over.
    Unknown,
    /// Somebody has decided already.
    Decided(Fate),
    /// The same person has approved it already.
    Twice,
    /// Policy allows no window of this length, only up to so many milliseconds.
    Window(u64),
    /// Nobody is named.
    Nameless,
}

impl Book {
    /// Looks whether a call that policy holds may pass, and takes its release if it has one.
    pub fn claim(
        &mut self,
        (print, held): (Fingerprint, &Held),
        now_ms: u64,
        log: &mut Vec<Entry>,
    ) -> Claim {
        self.end(now_ms, log);
        let open = self.windows.iter().find(|(_, window)| window.covers(held));
        if let Some((id, _)) = open {
            return Claim::Open(*id);
        }
        let id = self.prints.get(&print).copied();
        let Some((id, call)) = id.and_then(|id| self.calls.get(&id).map(|call| (id, call))) else {
            return Claim::Unknown;
        };
        match call.fate {
            Fate::Pending => Claim::Held(id, call.terms),
            Fate::Denied => Claim::Denied(id),
            Fate::Approved => {
                let call = Box::new(call.clone());
                self.enter(Entry::Used { id }, log);
                Claim::Passed(id, call)
            }
        }
    }

    /// Holds a call under a new name. False when there is no room.
    pub fn hold(
        &mut self,
        id: ApprovalId,
        (print, held, terms): (Fingerprint, Held, Terms),
        now_ms: u64,
        log: &mut Vec<Entry>,
    ) -> bool {
        let of_token = self.tokens.get(&held.token).copied().unwrap_or_default();
        let bytes = self.bytes.saturating_add(held.bytes());
        let fits = self.calls.len() < APPROVALS_MAX
            && of_token < APPROVALS_PER_TOKEN_MAX
            && bytes <= APPROVALS_BYTES_MAX
            && !self.calls.contains_key(&id);
        if fits {
            let held = Box::new(held);
            self.enter(
                Entry::Held {
                    id,
                    at: now_ms,
                    print,
                    held,
                    terms,
                },
                log,
            );
        }
        fits
    }

    /// Gives a release back whose call was refused for another reason.
    pub fn give_back(&mut self, id: ApprovalId, call: &Call, log: &mut Vec<Entry>) {
        // A newer one of the same call, or a name that is taken, stays.
        if !self.prints.contains_key(&call.print) && !self.calls.contains_key(&id) {
            for entry in call.entries(id) {
                self.enter(entry, log);
            }
        }
    }

    /// Takes one person's approval; the last one that is needed releases the call.
    ///
    /// # Errors
    /// Why it was not taken; nothing has changed then.
    pub fn approve(
        &mut self,
        id: ApprovalId,
        word: Word,
        now_ms: u64,
        log: &mut Vec<Entry>,
    ) -> Result<Verdict, Refused> {
        let call = self.pending(id, &word, now_ms, log)?;
        if call.approved_by.iter().any(|before| before.by == word.by) {
            return Err(Refused::Twice);
        }
        if word.for_ms > call.terms.window_max_ms {
            return Err(Refused::Window(call.terms.window_max_ms));
        }
        self.enter(
            Entry::Approved {
                id,
                at: now_ms,
                word,
            },
            log,
        );
        let call = self.calls.get(&id).cloned().ok_or(Refused::Unknown)?;
        let for_ms = call.for_ms();
        let until_unix_ms = (for_ms > 0).then(|| now_ms.saturating_add(for_ms));
        if let Some(until) = until_unix_ms {
            let held = Box::new(call.held.without_params());
            self.enter(Entry::Opened { id, until, held }, log);
        }
        Ok(Verdict {
            call,
            until_unix_ms,
        })
    }

    /// Takes one person's refusal, which decides.
    ///
    /// # Errors
    /// Why it was not taken; nothing has changed then.
    pub fn deny(
        &mut self,
        id: ApprovalId,
        word: Word,
        now_ms: u64,
        log: &mut Vec<Entry>,
    ) -> Result<Verdict, Refused> {
        self.pending(id, &word, now_ms, log)?;
        self.enter(
            Entry::Denied {
                id,
                at: now_ms,
                word,
            },
            log,
        );
        let call = self.calls.get(&id).cloned().ok_or(Refused::Unknown)?;
        Ok(Verdict {
            call,
            until_unix_ms: None,
        })
    }

    /// Ends what has come to its end.
    pub fn end(&mut self, now_ms: u64, log: &mut Vec<Entry>) {
        while let Some((end, id, is_window)) = self.ends.first().copied()
            && end <= now_ms
        {
            self.end_one(id, is_window, log);
        }
    }

    /// Ends everything that another policy held: a release is bound to its policy.
    pub fn keep_generation(&mut self, generation: u64, log: &mut Vec<Entry>) {
        let calls = self.calls.iter();
        let calls = calls.map(|(id, call)| (*id, false, call.held.generation));
        let windows = self.windows.iter();
        let windows = windows.map(|(id, window)| (*id, true, window.held.generation));
        let others = calls.chain(windows).filter(|(_, _, of)| *of != generation);
        let mut others: Vec<_> = others.map(|(id, is_window, _)| (id, is_window)).collect();
        others.sort_unstable();
        for (id, is_window) in others {
            self.end_one(id, is_window, log);
        }
    }

    /// A held call, by its name.
    #[must_use]
    pub fn call(&self, id: ApprovalId) -> Option<&Call> {
        self.calls.get(&id)
    }

    /// All held calls, in no order.
    pub fn calls(&self) -> impl Iterator<Item = (ApprovalId, &Call)> {
        self.calls.iter().map(|(id, call)| (*id, call))
    }

    /// Agents that may use a tool without asking, in no order.
    pub fn windows(&self) -> impl Iterator<Item = (ApprovalId, &Window)> {
        self.windows.iter().map(|(id, window)| (*id, window))
    }

    /// Calls that wait.
    #[must_use]
    pub fn pending_count(&self) -> usize {
        let waits = |call: &&Call| call.fate == Fate::Pending;
        self.calls.values().filter(waits).count()
    }

    /// Whether nothing is kept at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.calls.is_empty()
            && self.prints.is_empty()
            && self.windows.is_empty()
            && self.ends.is_empty()
            && self.tokens.is_empty()
            && self.bytes == 0
    }

    /// The shortest journal that leads to this book.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries = Vec::new();
        for (id, call) in &self.calls {
            entries.extend(call.entries(*id));
        }
        for (id, window) in &self.windows {
            let held = Box::new(window.held.clone());
            let until = window.until_unix_ms;
            entries.push(Entry::Opened {
                id: *id,
                until,
                held,
            });
        }
        entries
    }

    /// Makes one change that happened before, from a journal.
    pub fn apply(&mut self, entry: &Entry) {
        match entry {
            Entry::Held {
                id,
                at,
                print,
                held,
                terms,
            } => {
                let call = Call {
                    print: *print,
                    held: Held::clone(held),
                    terms: *terms,
                    created_unix_ms: *at,
                    fate: Fate::Pending,
                    approved_by: Vec::new(),
                    denied_by: None,
                };
                self.insert(*id, call);
            }
            Entry::Approved { id, at, word } => self.approved(*id, *at, word),
            Entry::Denied { id, word, .. } => {
                if let Some(call) = self.calls.get_mut(id) {
                    call.fate = Fate::Denied;
                    call.denied_by = Some(word.clone());
                }
            }
            Entry::Opened { id, until, held } => {
                self.remove_window(*id);
                let window = Window {
                    held: Held::clone(held),
                    until_unix_ms: *until,
                };
                self.windows.insert(*id, window);
                self.ends.insert((*until, *id, true));
            }
            Entry::Closed { id } => self.remove_window(*id),
            Entry::Used { id } | Entry::Ended { id, .. } => self.remove_call(*id),
        }
    }

    fn enter(&mut self, entry: Entry, log: &mut Vec<Entry>) {
        self.apply(&entry);
        log.push(entry);
    }

    fn pending(
        &mut self,
        id: ApprovalId,
        word: &Word,
        now_ms: u64,
        log: &mut Vec<Entry>,
    ) -> Result<&Call, Refused> {
        self.end(now_ms, log);
        let call = self.calls.get(&id).ok_or(Refused::Unknown)?;
        match call.fate {
            _ if word.by.is_empty() => Err(Refused::Nameless),
            Fate::Pending => Ok(call),
            fate => Err(Refused::Decided(fate)),
        }
    }

    fn approved(&mut self, id: ApprovalId, at: u64, word: &Word) {
        let Some(call) = self.calls.get_mut(&id) else {
            return;
        };
        // A journal that was written anew while something was entered says some things twice.
        if call.approved_by.iter().any(|before| before.by == word.by) {
            return;
        }
        call.approved_by.push(word.clone());
        if call.approved_by.len() < usize::from(call.terms.quorum) {
            return;
        }
        call.fate = Fate::Approved;
        let before = call.terms.expires_unix_ms;
        // The agent needs some time to come back.
        call.terms.expires_unix_ms = before.max(at.saturating_add(APPROVAL_USE_MS));
        let after = call.terms.expires_unix_ms;
        self.ends.remove(&(before, id, false));
        self.ends.insert((after, id, false));
    }

    fn insert(&mut self, id: ApprovalId, call: Call) {
        self.remove_call(id);
        self.ends.insert((call.terms.expires_unix_ms, id, false));
        self.prints.insert(call.print, id);
        let of_token = self.tokens.entry(call.held.token.clone()).or_default();
        *of_token = of_token.saturating_add(1);
        self.bytes = self.bytes.saturating_add(call.held.bytes());
        self.calls.insert(id, call);
    }

    fn end_one(&mut self, id: ApprovalId, is_window: bool, log: &mut Vec<Entry>) {
        if is_window {
            return self.enter(Entry::Closed { id }, log);
        }
        let unanswered = |call: &Call| call.fate == Fate::Pending;
        let unanswered = self.calls.get(&id).is_some_and(unanswered);
        self.enter(Entry::Ended { id, unanswered }, log);
    }

    fn remove_call(&mut self, id: ApprovalId) {
        let Some(call) = self.calls.remove(&id) else {
            return;
        };
        self.ends.remove(&(call.terms.expires_unix_ms, id, false));
        if self.prints.get(&call.print) == Some(&id) {
            self.prints.remove(&call.print);
        }
        self.bytes = self.bytes.saturating_sub(call.held.bytes());
        if let Some(of_token) = self.tokens.get_mut(&call.held.token) {
            *of_token = of_token.saturating_sub(1);
            if *of_token == 0 {
                self.tokens.remove(&call.held.token);
            }
        }
    }

    fn remove_window(&mut self, id: ApprovalId) {
        if let Some(window) = self.windows.remove(&id) {
            self.ends.remove(&(window.until_unix_ms, id, true));
        }
    }
}
