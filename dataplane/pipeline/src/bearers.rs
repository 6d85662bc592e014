//! The access tokens of a policy's servers: which one a call goes with.
//!
//! Refuses a call whose caller has no account at a server where everybody has their own.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use varistor_identity::OwnerId;
use varistor_inspect::dlp::OwnSecrets;
use varistor_model::{Denial, Reason};
use varistor_snapshot::schema::{ArchivedPolicy, ArchivedServer};

use crate::bearer::{Bearer, SCHEME};
use crate::desk::Principal;
use crate::exchanges::Exchanges;
use crate::outside::Now;
use crate::serving::Serving;

/// When to come back while there is no token, in milliseconds.
const ABSENT_MS: u64 = 1_000;

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
    /// What the caller's token is exchanged for.
    Exchanged(Arc<Exchanges>),
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
        let slot = |row: &ArchivedServer| match row.oauth.as_ref() {
            None => Slot::Nothing,
            Some(oauth) => match (oauth.exchange.as_ref(), oauth.login) {
                (Some(exchange), _) => Slot::Exchanged(Arc::new(Exchanges::of(&exchange.issuer))),
                (None, 2) => Slot::Each(Arc::default()),
                (None, _) => Slot::Shared(Arc::default()),
            },
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
    /// [`Reason::LoginNeeded`]: the caller has no account there. [`Reason::ExchangeRefused`]: their
    /// token is none that is exchanged for one.
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
            Slot::Exchanged(all) => Ok(Some(Arc::clone(all.get(caller)?.bearer()))),
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

    /// The tokens of a server that callers' own are exchanged for.
    #[must_use]
    pub fn exchanged(&self, server: u32) -> Option<&Arc<Exchanges>> {
        match self.slot(server) {
            Slot::Exchanged(all) => Some(all),
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
            Slot::Exchanged(all) => all.all(),
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
                (Slot::Exchanged(own), Some((_, Slot::Exchanged(kept)))) => {
                    *own = Arc::clone(kept);
                }
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
        let (bearer, now) = match self.slot(server) {
            Slot::Nothing => return Ok(()),
            Slot::Exchanged(all) => {
                let (exchange, now) = (all.get(caller)?, now());
                all.want(&exchange, caller, now);
                (Arc::clone(exchange.bearer()), now)
            }
            Slot::Shared(_) | Slot::Each(_) => match self.get(server, caller)? {
                None => return Ok(()),
                Some(bearer) => (bearer, now()),
            },
        };
        match bearer.is_there(now) {
            true => Ok(()),
            false => Err(match bearer.lack() {
                Reason::UpstreamToken => Denial::from(Reason::UpstreamToken).after_ms(ABSENT_MS),
                reason => reason.into(),
            }),
        }
    }

    /// The server has refused the caller's token.
    pub(crate) fn doubt(&self, server: u32, caller: &Principal) {
        if let Ok(Some(bearer)) = self.get(server, caller) {
            bearer.doubt();
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
