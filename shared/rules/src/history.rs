//! What is remembered of admitted calls: how often, and which values; exact across threads.
//!
//! Bounded: when there is no room, what would be forgotten is unknown for as long as it would have
//! counted, which restricts. Time is passed in. Locks are taken only by programs that ask history
//! something: one short mutex for each session, token or agent that a call belongs to.

mod shard;
mod share;
mod window;

use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::ast::Per;

use shard::Shard;
pub(crate) use shard::{Key, LOST_VALUE, Update, What};

/// Parts with a lock of their own.
const SHARDS: usize = 64;
/// Versions of each part: a change of one session seldom disturbs another one.
pub(crate) const SLOTS: usize = 64;
/// Scopes of one call, and so the most parts that it is recorded in.
const SCOPES: usize = Per::ALL.len();

/// See the module. One for a gateway, shared by all of its workers.
#[derive(Debug)]
pub struct History {
    shards: Vec<Mutex<Shard>>,
    /// Keys of the hashes, drawn when the process begins: nobody can aim at a part, or at a value.
    hashes: [RandomState; 2],
}

/// Whether a call was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Recorded {
    /// It was, once.
    Done,
    /// It was not: another call was recorded since this one was evaluated, so that the verdict
    /// may be another one. Evaluate again; who never gets through is denied.
    Changed,
}

/// Between how many and how many calls were counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Interval {
    pub(crate) low: u64,
    pub(crate) high: u64,
}

/// What a verdict was founded on: the version of a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Mark {
    pub(crate) shard: u16,
    pub(crate) slot: u16,
    pub(crate) version: u32,
}

impl History {
    /// With at most about so many bytes; less than 256 KiB hold next to nothing.
    #[must_use]
    pub fn new(bytes_max: usize) -> Self {
        let each = bytes_max.checked_div(SHARDS).unwrap_or(0);
        let shard = || Mutex::new(Shard::new(each));
        Self {
            shards: std::iter::repeat_with(shard).take(SHARDS).collect(),
            hashes: [RandomState::new(), RandomState::new()],
        }
    }

    /// Forgets all calls of a session, token or agent that will make no more of them.
    pub fn forget(&self, per: Per, scope: u128) {
        let (shard, _) = self.place(per, scope);
        if let Some(mut shard) = self.lock(shard) {
            shard.forget(per, scope);
        }
    }

    /// Bytes in use, about.
    #[must_use]
    pub fn bytes(&self) -> usize {
        (0..SHARDS)
            .filter_map(|shard| self.lock(u16::try_from(shard).ok()?))
            .map(|shard| shard.bytes())
            .fold(0, usize::saturating_add)
    }

    fn lock(&self, shard: u16) -> Option<MutexGuard<'_, Shard>> {
        let shard = self.shards.get(shard as usize)?;
        Some(shard.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Shard and slot.
    #[expect(
        clippy::arithmetic_side_effects,
        reason = "remainders of constants that are not zero"
    )]
    fn place(&self, per: Per, scope: u128) -> (u16, u16) {
        let [hash, _] = &self.hashes;
        let hash = hash.hash_one((per as u8, scope));
        let shard = hash % SHARDS as u64;
        let slot = (hash >> 32) % SLOTS as u64;
        (
            u16::try_from(shard).unwrap_or(0),
            u16::try_from(slot).unwrap_or(0),
        )
    }

    /// A value as it is remembered: 128 bits, keyed.
    pub(crate) fn hash(&self, spell: impl Fn(&mut dyn FnMut(&[u8]))) -> u128 {
        use std::hash::Hasher as _;
        let one = |state: &RandomState| {
            let mut hasher = state.build_hasher();
            spell(&mut |piece| hasher.write(piece));
            u128::from(hasher.finish())
        };
        let [first, second] = &self.hashes;
        one(first) << 64 | one(second)
    }

    /// How many calls a counter counted. Notes in `marks` what the answer is founded on.
    pub(crate) fn count(&self, key: Key, within_ms: u64, now: u64, marks: &mut Marks) -> Interval {
        let (at, slot) = self.place(key.per, key.scope);
        match self.lock(at) {
            Some(shard) => {
                marks.note(at, slot, shard.version(slot));
                shard.count(key, within_ms, now)
            }
            None => Interval {
                low: 0,
                high: u64::MAX,
            },
        }
    }

    /// Whether a value was seen before; `None`: that is not known any more.
    pub(crate) fn seen(
        &self,
        key: Key,
        value: u128,
        times: (u64, u64),
        marks: &mut Marks,
    ) -> Option<bool> {
        let (at, slot) = self.place(key.per, key.scope);
        let shard = self.lock(at)?;
        marks.note(at, slot, shard.version(slot));
        let (within_ms, now) = times;
        shard.seen(key, value, within_ms, now)
    }

    /// Applies all updates, or, when anything changed since `marks`, none.
    pub(crate) fn record(&self, updates: &[Update], marks: &Marks, now: u64) -> Recorded {
        let mut wanted = [u16::MAX; SCOPES];
        for (place, per) in wanted.iter_mut().zip(Per::ALL) {
            let update = updates.iter().find(|update| update.key.per == per);
            if let Some(update) = update {
                *place = self.place(per, update.key.scope).0;
            } else if let Some(mark) = marks.of(per) {
                *place = mark.shard;
            }
        }
        // Locks are taken in one order by everybody, so that nobody waits for each other.
        wanted.sort_unstable();
        let mut guards: [Option<MutexGuard<'_, Shard>>; SCOPES] = [None, None, None];
        let mut last = u16::MAX;
        for (guard, shard) in guards.iter_mut().zip(wanted) {
            if shard != u16::MAX && shard != last {
                *guard = self.lock(shard);
                last = shard;
            }
        }
        let find = |shard: u16| wanted.iter().position(|wanted| *wanted == shard);
        for mark in marks.iter() {
            let guard = find(mark.shard).and_then(|at| guards.get(at)?.as_ref());
            if guard.is_none_or(|shard| shard.version(mark.slot) != mark.version) {
                return Recorded::Changed;
            }
        }
        for update in updates {
            let (shard, slot) = self.place(update.key.per, update.key.scope);
            if let Some(Some(shard)) = find(shard).and_then(|at| guards.get_mut(at)) {
                shard.apply(update, slot, now);
            }
        }
        Recorded::Done
    }
}

/// What one verdict is founded on: one mark for each scope.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Marks {
    marks: [Option<Mark>; SCOPES],
    per: u8,
}

impl Marks {
    /// The next answers are about this scope.
    pub(crate) fn about(&mut self, per: Per) -> &mut Self {
        self.per = per as u8;
        self
    }

    /// The first version that was met stays: a later one is a change.
    fn note(&mut self, shard: u16, slot: u16, version: u32) {
        if let Some(mark) = self.marks.get_mut(self.per as usize) {
            mark.get_or_insert(Mark {
                shard,
                slot,
                version,
            });
        }
    }

    fn of(&self, per: Per) -> Option<Mark> {
        self.marks.get(per as usize).copied().flatten()
    }

    fn iter(&self) -> impl Iterator<Item = Mark> {
        self.marks.into_iter().flatten()
    }
}
