//! Access tokens of servers that want one: the control thread puts them here, and a request takes
//! along whichever is there when its head is written.
//!
//! Refuses requests to such a server while there is no token that holds.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use arc_swap::ArcSwapOption;
use varistor_inspect::dlp::OwnSecrets;
use varistor_model::{Denial, Reason};
use varistor_snapshot::schema::{ArchivedPolicy, ArchivedServer};
use zeroize::Zeroizing;

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

/// The tokens of a policy's servers, in their order.
#[derive(Default)]
pub struct Bearers(Vec<Option<Arc<Bearer>>>);

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

impl Bearers {
    pub(crate) fn of(policy: &ArchivedPolicy) -> Self {
        let rows = policy.servers.iter();
        Self(
            rows.map(|row| row.oauth.is_some().then(Arc::default))
                .collect(),
        )
    }

    /// The token of a server; `None` for one that wants none.
    #[must_use]
    pub fn get(&self, server: u32) -> Option<&Arc<Bearer>> {
        let entry = self.0.get(usize::try_from(server).ok()?)?;
        entry.as_ref()
    }

    /// All of them.
    pub fn all(&self) -> impl Iterator<Item = &Arc<Bearer>> {
        self.0.iter().flatten()
    }

    /// Takes note of the tokens beside other secrets, so that they are recognised in what passes.
    pub(crate) fn recognised(&self, own: &Arc<OwnSecrets>) -> Arc<OwnSecrets> {
        let held = self
            .all()
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
        for (row, bearer) in policy.servers.iter().zip(&mut self.0) {
            let kept = rows.clone().find(|(old, _)| wants_the_same(old, row));
            if let (Some(bearer), Some((_, Some(kept)))) = (bearer, kept) {
                *bearer = Arc::clone(kept);
            }
        }
    }

    /// Whether a request to this server could be sent.
    pub(crate) fn ask(&self, server: u32, now: impl FnOnce() -> Now) -> Result<(), Denial> {
        match self.get(server) {
            Some(bearer) if !bearer.is_there(now()) => {
                Err(Denial::from(Reason::UpstreamToken).after_ms(ABSENT_MS))
            }
            _ => Ok(()),
        }
    }

    /// The server has refused the token.
    pub(crate) fn doubt(&self, server: u32) {
        if let Some(bearer) = self.get(server) {
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
        let bearers = Bearers(vec![None, Some(Arc::default())]);
        for server in [0, 1, 2] {
            bearers.doubt(server);
        }
        let bearer = bearers.get(1).unwrap();
        assert!(bearer.take_doubt() && !bearer.take_doubt());
        assert!(bearers.ask(0, || at(0)).is_ok());
        let refused = bearers.ask(1, || at(0)).unwrap_err();
        assert_eq!(refused.reason, Reason::UpstreamToken);
    }
}
