//! Access tokens that callers' own were exchanged for (RFC 8693): one for each token of a caller,
//! so that none ever does more than the very token that a call came with.
//!
//! Workers look here and wish for what is missing; the control thread asks the authorization server
//! and lays the answer down. Refuses callers whose token is none of the provider's.

use core::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::ArcSwap;
use crossbeam_queue::ArrayQueue;
use sha2::{Digest as _, Sha256};
use varistor_model::Reason;
use zeroize::Zeroizing;

use crate::bearer::{Bearer, Lack};
use crate::desk::Principal;
use crate::outside::Now;

/// Parts that the tokens of a server lie in, and how many lie in one: 8,192 in all.
const PARTS: usize = 128;
const PART_MAX: usize = 64;
/// Wishes of one server that wait for the control thread, at most.
const WISHES_MAX: usize = 4_096;
/// How soon a server's refusal of a token causes another exchange.
const DOUBT_NS: u64 = 10_000_000_000;

/// What a caller's token is found by: a hash of all of it.
type Id = [u8; 16];
type Part = HashMap<Id, Arc<Exchange>>;

/// The exchanged tokens of one server. Shared by all threads; outlives a snapshot.
pub struct Exchanges {
    /// Whose tokens are exchanged.
    issuer: String,
    parts: Box<[ArcSwap<Part>]>,
    wishes: ArrayQueue<Wish>,
}

/// What one token of a caller is exchanged for.
#[derive(Default)]
pub struct Exchange {
    bearer: Arc<Bearer>,
    /// When the caller's token ends, in seconds since 1970.
    ends_unix_s: u64,
    /// Whether an exchange is wished for or under way.
    is_wished: AtomicBool,
    /// From when on another exchange is worth it, in nanoseconds since 1970.
    next_unix_ns: AtomicU64,
    /// When the last one ended.
    last_unix_ns: AtomicU64,
    /// When what it was exchanged for last ends, in nanoseconds since 1970: until then it is to be
    /// recognised in what passes.
    known_unix_ns: AtomicU64,
}

/// A token to be exchanged.
pub struct Wish {
    /// The caller's token.
    pub subject: Zeroizing<String>,
    /// Where what it is exchanged for is to lie.
    pub exchange: Arc<Exchange>,
}

impl Exchanges {
    /// None yet, of tokens of this issuer.
    pub(crate) fn of(issuer: &str) -> Self {
        Self {
            issuer: issuer.to_owned(),
            parts: (0..PARTS).map(|_| ArcSwap::default()).collect(),
            wishes: ArrayQueue::new(WISHES_MAX),
        }
    }

    /// What the caller's token is exchanged for, or will be.
    ///
    /// # Errors
    /// [`Reason::ExchangeRefused`]: it is none of the issuer's.
    pub(crate) fn get(&self, caller: &Principal) -> Result<Arc<Exchange>, Reason> {
        let outside = caller.verified.outside.as_ref();
        let is_of_issuer = outside.is_some_and(|outside| outside.issuer == self.issuer);
        let text = caller.text.as_ref().filter(|_| is_of_issuer);
        let text = text.ok_or(Reason::ExchangeRefused)?;
        let hash: [u8; 32] = Sha256::digest(text).into();
        let id: Id = hash.first_chunk().copied().unwrap_or_default();
        let first = id.first().copied().unwrap_or_default();
        let part = self.parts.get(usize::from(first) % PARTS);
        let part = part.ok_or(Reason::Internal)?;
        if let Some(exchange) = part.load().get(&id) {
            return Ok(Arc::clone(exchange));
        }
        let new = Arc::new(Exchange {
            ends_unix_s: caller.verified.expires_unix_s,
            ..Exchange::default()
        });
        // Another worker may have put it there meanwhile.
        part.rcu(|held| {
            let mut next = Part::clone(held);
            if !next.contains_key(&id) {
                make_room(&mut next);
                next.insert(id, Arc::clone(&new));
            }
            next
        });
        Ok(part.load().get(&id).map_or(new, Arc::clone))
    }

    /// Sees to it that there is a token for the caller's, or soon will be.
    pub(crate) fn want(&self, exchange: &Arc<Exchange>, caller: &Principal, now: Now) {
        if !exchange.is_due(now) || exchange.is_wished.swap(true, Ordering::AcqRel) {
            return;
        }
        let text = caller.text.as_deref().unwrap_or_default();
        let Ok(text) = core::str::from_utf8(text) else {
            return; // a token of a provider is ASCII
        };
        if !exchange.bearer.is_there(now) {
            exchange.bearer.await_again();
        }
        let wish = Wish {
            subject: Zeroizing::new(text.to_owned()),
            exchange: Arc::clone(exchange),
        };
        if self.wishes.push(wish).is_err() {
            exchange.refused(now.unix_ns, Lack::Token, now.unix_ns);
        }
    }

    /// The next token that is to be exchanged.
    #[must_use]
    pub fn wished(&self) -> Option<Wish> {
        self.wishes.pop()
    }

    /// All tokens that there are.
    pub(crate) fn all(&self) -> Vec<Arc<Bearer>> {
        let parts = self.parts.iter().map(ArcSwap::load_full);
        let of = |part: Arc<Part>| part.values().map(|it| Arc::clone(&it.bearer)).collect();
        parts.flat_map(|part| -> Vec<_> { of(part) }).collect()
    }

    /// How many there are, also of those that are over.
    #[must_use]
    pub fn count(&self) -> usize {
        self.parts.iter().map(|part| part.load().len()).sum()
    }

    /// Gives up those whose callers' tokens are over.
    pub fn sweep(&self, now: Now) {
        let is_over = |it: &Arc<Exchange>| {
            let known_ns = it.known_unix_ns.load(Ordering::Acquire);
            it.ends_unix_s <= now.unix_s() && known_ns <= now.unix_ns
        };
        for part in &self.parts {
            if part.load().values().any(is_over) {
                part.rcu(|held| {
                    let mut next = Part::clone(held);
                    next.retain(|_, it| !is_over(it));
                    next
                });
            }
        }
    }

    /// How many tokens hold.
    #[must_use]
    pub fn held(&self, now: Now) -> usize {
        let all = self.all();
        all.iter().filter(|bearer| bearer.is_there(now)).count()
    }
}

impl Exchange {
    pub(crate) const fn bearer(&self) -> &Arc<Bearer> {
        &self.bearer
    }

    /// When the token that was exchanged ends, in seconds since 1970.
    #[must_use]
    pub const fn ends_unix_s(&self) -> u64 {
        self.ends_unix_s
    }

    /// Takes what the token was exchanged for: sent until one moment, exchanged again after
    /// another, both in nanoseconds since 1970.
    pub fn put(&self, token: &str, (now, until, next): (u64, u64, u64)) {
        let ends = self.ends_unix_s.saturating_mul(1_000_000_000);
        self.next_unix_ns.store(next, Ordering::Release);
        self.last_unix_ns.store(now, Ordering::Release);
        self.known_unix_ns.fetch_max(until, Ordering::AcqRel);
        self.bearer.take_doubt();
        self.bearer.put(token, until.min(ends));
        self.is_wished.store(false, Ordering::Release);
    }

    /// It was exchanged for nothing; it is not tried again before `next`.
    pub fn refused(&self, now: u64, lack: Lack, next: u64) {
        self.next_unix_ns.store(next, Ordering::Release);
        self.last_unix_ns.store(now, Ordering::Release);
        self.bearer.lacks(lack);
        self.bearer.missed();
        self.is_wished.store(false, Ordering::Release);
    }

    fn is_due(&self, now: Now) -> bool {
        let next = self.next_unix_ns.load(Ordering::Acquire);
        let last = self.last_unix_ns.load(Ordering::Acquire);
        let may_doubt = now.unix_ns >= last.saturating_add(DOUBT_NS);
        now.unix_ns >= next || (may_doubt && self.bearer.take_doubt())
    }
}

/// Gives up what is of no more use; where all is, what ends first.
fn make_room(part: &mut Part) {
    while part.len() >= PART_MAX {
        let first = part.iter().min_by_key(|(_, it)| it.ends_unix_s);
        let Some(id) = first.map(|(id, _)| *id) else {
            return;
        };
        part.remove(&id);
    }
}
