//! Access tokens of servers that want one: the control thread puts them here, and a request takes
//! along whichever is there when its head is written.
//!
//! Refuses requests to such a server while there is no token that holds.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::{ArcSwap, ArcSwapOption};
use varistor_identity::OwnerId;
use varistor_inspect::dlp::OwnSecrets;
use varistor_model::{Denial, Reason};
use varistor_snapshot::schema::{ArchivedPolicy, ArchivedServer};
use zeroize::Zeroizing;

use crate::desk::Principal;
use crate::outside::Now;
use crate::serving::Serving;
use crate::wire;

/// What stands before a token.
const SCHEME: &[u8] = b"Bearer ";
/// When to come back while there is no token, in milliseconds.
const ABSENT_MS: u64 = 1_000;

/// The token of one server. Shared by all threads; outlives a snapshot.
#[derive(Default)]
pub struct Bearer {
    held: ArcSwapOption<Held>,
    /// The one before: what was sent with it may still be answered.
    before: ArcSwapOption<Held>,
    /// Whether the server has refused one since the control thread last asked.
    doubted: AtomicBool,
    /// Whether it has been asked for, with or without success.
    asked: AtomicBool,
}

struct Held {
    /// The value of `Authorization`.
    value: Zeroizing<Vec<u8>>,
    until_unix_ns: u64,
}

/// The tokens of one server, by whose account they are for. Shared by all threads; outlives a
/// snapshot.
#[derive(Default)]
pub struct Each(ArcSwap<HashMap<OwnerId, Arc<Bearer>>>);

/// The tokens of a policy's servers, in their order.
#[derive(Default)]
pub struct Bearers(Vec<Slot>);

/// What a server wants.
#[derive(Default)]
enum Slot {
    #[default]
    Nothing,
    /// The same token for all callers.
    Shared(Arc<Bearer>),
    /// Every caller's own: nobody's is ever looked up but by whom the caller's token names.
    Each(Arc<Each>),
}

impl Bearer {
    /// Puts a token in the place of the one before. From `until_unix_ns` on it is not sent.
    pub fn put(&self, token: &str, until_unix_ns: u64) {
        let value = Zeroizing::new([SCHEME, token.as_bytes()].concat());
        let next = Held {
            value,
            until_unix_ns,
        };
        self.before.store(self.held.swap(Some(Arc::new(next))));
        self.missed();
    }

    /// It was asked for, and is there now or will not be soon: nobody is to wait for it.
    pub fn missed(&self) {
        self.asked.store(true, Ordering::Release);
    }

    /// Whether the first attempt to get one has not ended.
    #[must_use]
    pub fn is_awaited(&self) -> bool {
        !self.asked.load(Ordering::Acquire)
    }

    /// Whether the server has refused a token since this was last asked.
    pub fn take_doubt(&self) -> bool {
        self.doubted.swap(false, Ordering::Relaxed)
    }

    /// Whether there is a token that holds.
    #[must_use]
    pub fn is_there(&self, now: Now) -> bool {
        let held = self.held.load();
        held.as_ref().is_some_and(|held| held.holds(now))
    }

    /// Appends the field with the token.
    pub(crate) fn write(&self, now: Now, head: &mut Vec<u8>) -> Result<(), Reason> {
        let held = self.held.load();
        let held = held.as_ref().filter(|held| held.holds(now));
        let held = held.ok_or(Reason::UpstreamToken)?;
        wire::field(head, b"authorization", &held.value);
        Ok(())
    }
}

impl Held {
    const fn holds(&self, now: Now) -> bool {
        now.unix_ns < self.until_unix_ns
    }
}

impl Each {
    /// Takes these, in the place of all that were there.
    pub fn put(&self, all: HashMap<OwnerId, Arc<Bearer>>) {
        self.0.store(Arc::new(all));
    }

    /// The token of this owner's account.
    #[must_use]
    pub fn get(&self, owner: OwnerId) -> Option<Arc<Bearer>> {
        self.0.load().get(&owner).cloned()
    }
}

impl Bearers {
    pub(crate) fn of(policy: &ArchivedPolicy) -> Self {
        let rows = policy.servers.iter();
        let slot = |row: &ArchivedServer| match row.oauth.as_ref().map(|oauth| oauth.login) {
            None => Slot::Nothing,
            Some(2) => Slot::Each(Arc::default()),
            Some(_) => Slot::Shared(Arc::default()),
        };
        Self(rows.map(slot).collect())
    }

    fn slot(&self, server: u32) -> &Slot {
        let at = usize::try_from(server).ok();
        at.and_then(|at| self.0.get(at)).unwrap_or(&Slot::Nothing)
    }

    /// The token that a call of this caller goes with; `None` for a server that wants none.
    ///
    /// # Errors
    /// [`Reason::LoginNeeded`]: the caller has no account there.
    pub(crate) fn get(
        &self,
        server: u32,
        caller: &Principal,
    ) -> Result<Option<Arc<Bearer>>, Reason> {
        match self.slot(server) {
            Slot::Nothing => Ok(None),
            Slot::Shared(bearer) => Ok(Some(Arc::clone(bearer))),
            Slot::Each(each) => {
                let own = caller.owner().and_then(|owner| each.get(owner));
                own.map(Some).ok_or(Reason::LoginNeeded)
            }
        }
    }

    /// The token of a server that has one for all callers.
    #[must_use]
    pub fn shared(&self, server: u32) -> Option<&Arc<Bearer>> {
        match self.slot(server) {
            Slot::Shared(bearer) => Some(bearer),
            _ => None,
        }
    }

    /// The tokens of a server where callers have their own.
    #[must_use]
    pub fn each(&self, server: u32) -> Option<&Arc<Each>> {
        match self.slot(server) {
            Slot::Each(each) => Some(each),
            _ => None,
        }
    }

    /// Has one that holds for whoever calls.
    pub(crate) fn suppose(&mut self) {
        for slot in &mut self.0 {
            if !matches!(slot, Slot::Nothing) {
                let bearer = Bearer::default();
                bearer.put("", u64::MAX);
                *slot = Slot::Shared(Arc::new(bearer));
            }
        }
    }

    /// All of them.
    fn all(&self) -> Vec<Arc<Bearer>> {
        let of = |slot: &Slot| match slot {
            Slot::Nothing => Vec::new(),
            Slot::Shared(bearer) => vec![Arc::clone(bearer)],
            Slot::Each(each) => each.0.load().values().map(Arc::clone).collect(),
        };
        self.0.iter().flat_map(of).collect()
    }

    /// Takes note of the tokens beside other secrets, so that they are recognised in what passes.
    pub(crate) fn recognised(&self, own: &Arc<OwnSecrets>) -> Arc<OwnSecrets> {
        let all = self.all();
        let held = all
            .iter()
            .flat_map(|it| [it.held.load_full(), it.before.load_full()]);
        let held: Vec<_> = held.flatten().collect();
        let tokens = held.iter().filter_map(|it| it.value.strip_prefix(SCHEME));
        match own.with(tokens) {
            Ok(both) if !held.is_empty() => Arc::new(both),
            _ => Arc::clone(own),
        }
    }

    /// Goes on with the tokens of servers that want the same in another snapshot.
    pub(crate) fn keep_of(&mut self, policy: &ArchivedPolicy, before: &Serving) {
        let rows = before.policy().servers.iter().zip(&before.bearers().0);
        for (row, slot) in policy.servers.iter().zip(&mut self.0) {
            let kept = rows.clone().find(|(old, _)| wants_the_same(old, row));
            match (slot, kept) {
                (Slot::Shared(own), Some((_, Slot::Shared(kept)))) => *own = Arc::clone(kept),
                (Slot::Each(own), Some((_, Slot::Each(kept)))) => *own = Arc::clone(kept),
                _ => {}
            }
        }
    }

    /// Whether a request of this caller to this server could be sent.
    pub(crate) fn ask(
        &self,
        server: u32,
        caller: &Principal,
        now: impl FnOnce() -> Now,
    ) -> Result<(), Denial> {
        match self.get(server, caller)? {
            Some(bearer) if !bearer.is_there(now()) => {
                Err(Denial::from(Reason::UpstreamToken).after_ms(ABSENT_MS))
            }
            _ => Ok(()),
        }
    }

    /// The server has refused the caller's token.
    pub(crate) fn doubt(&self, server: u32, caller: &Principal) {
        if let Ok(Some(bearer)) = self.get(server, caller) {
            bearer.doubted.store(true, Ordering::Relaxed);
        }
    }
}

/// Whether a token for the one is one for the other: the same place, and the same way to it.
fn wants_the_same(one: &ArchivedServer, other: &ArchivedServer) -> bool {
    one.name == other.name
        && one.authority == other.authority
        && one.path == other.path
        && one.tls == other.tls
        && one.oauth == other.oauth
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn at(unix_ns: u64) -> Now {
        Now {
            unix_ns,
            mono_ns: 0,
        }
    }

    #[test]
    fn a_token_is_sent_until_its_time_is_over() {
        let bearer = Bearer::default();
        let mut head = Vec::new();
        assert_eq!(bearer.write(at(0), &mut head), Err(Reason::UpstreamToken));
        assert!(bearer.is_awaited());
        bearer.put("abc", 10);
        assert!(!bearer.is_awaited());
        assert!(bearer.is_there(at(9)) && !bearer.is_there(at(10)));
        assert_eq!(bearer.write(at(9), &mut head), Ok(()));
        assert_eq!(head, b"authorization: Bearer abc\r\n");
        assert_eq!(bearer.write(at(10), &mut head), Err(Reason::UpstreamToken));
    }

    #[test]
    fn a_refused_token_is_told_once() {
        let bearer = Bearer::default();
        bearer.doubted.store(true, Ordering::Relaxed);
        assert!(bearer.take_doubt() && !bearer.take_doubt());
    }

    #[test]
    fn nobody_gets_the_token_of_somebody_else() {
        let each = Each::default();
        let bearers: [Arc<Bearer>; 2] = Default::default();
        each.put((0..).map(|at| [at; 16]).zip(bearers.clone()).collect());
        for (owner, bearer) in (0..).map(|at| [at; 16]).zip(&bearers) {
            assert!(Arc::ptr_eq(&each.get(owner).unwrap(), bearer));
        }
        assert!(each.get([2; 16]).is_none());
    }
}
