//! One part of the memory, under one lock.

use std::collections::HashMap;

use super::share::Shares;
use super::window::Window;
use super::{Interval, SLOTS};
use crate::ast::Per;

/// What a value takes: key, value, and the table's slack.
const VALUE_BYTES: usize = 200;
/// What a count takes: the same, and room for its first parts.
const COUNT_BYTES: usize = VALUE_BYTES + PARTS_BYTES;
/// The first parts of a count.
const PARTS_BYTES: usize = 128;
/// Room is looked for at most this often, in milliseconds.
const SWEEP_MS: u64 = 1000;

/// Stands for values of a call that could not be remembered one by one: while it counts, values
/// that are not there may have been. (That a value hashes to it is as likely as any collision.)
pub(crate) const LOST_VALUE: u128 = 0;

/// Which counter, of whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) counter: u64,
    pub(crate) per: Per,
    pub(crate) scope: u128,
    /// The agent, whose share of the memory it takes: one scope is always of the same one.
    pub(crate) owner: u128,
}

/// Something to be remembered.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Update {
    pub(crate) key: Key,
    pub(crate) within_ms: u64,
    pub(crate) what: What,
}

/// See [`Update`].
#[derive(Clone, Copy, Debug)]
pub(crate) enum What {
    /// A call; whether it is sure that the condition held.
    Call(bool),
    /// A value.
    Value(u128),
}

#[derive(Debug)]
pub(super) struct Shard {
    counts: HashMap<Key, Count>,
    values: HashMap<(Key, u128), Seen>,
    shares: Shares,
    versions: [u32; SLOTS],
    swept_at: u64,
}

#[derive(Debug)]
struct Count {
    window: Window,
    within_ms: u64,
    created: u64,
}

#[derive(Clone, Copy, Debug)]
struct Seen {
    last: u64,
    within_ms: u64,
}

impl Shard {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self {
            counts: HashMap::new(),
            values: HashMap::new(),
            shares: Shares::new(bytes_max),
            versions: [0; SLOTS],
            swept_at: 0,
        }
    }

    pub(super) fn version(&self, slot: u16) -> u32 {
        self.versions.get(slot as usize).copied().unwrap_or(0)
    }

    pub(super) const fn bytes(&self) -> usize {
        self.shares.bytes()
    }

    pub(super) fn count(&self, key: Key, within_ms: u64, now: u64) -> Interval {
        let (mut interval, created) = match self.counts.get(&key) {
            Some(count) => (count.window.count(within_ms, now), Some(count.created)),
            None => (Interval { low: 0, high: 0 }, None),
        };
        // What was there before anything was lost has lost nothing.
        if self.shares.is_lossy(key.owner, created, now) {
            interval.high = u64::MAX;
        }
        interval
    }

    pub(super) fn seen(&self, key: Key, value: u128, within_ms: u64, now: u64) -> Option<bool> {
        let counts = |value| {
            let seen = self.values.get(&(key, value));
            seen.is_some_and(|seen| within_ms == 0 || now.saturating_sub(seen.last) < within_ms)
        };
        let is_known = self.values.contains_key(&(key, value));
        match counts(value) {
            true => Some(true),
            false if counts(LOST_VALUE) => None,
            false if !is_known && self.shares.is_lossy(key.owner, None, now) => None,
            false => Some(false),
        }
    }

    pub(super) fn apply(&mut self, update: &Update, slot: u16, now: u64) {
        if let Some(version) = self.versions.get_mut(slot as usize) {
            *version = version.wrapping_add(1);
        }
        let (known, bytes) = match update.what {
            What::Call(_) => (self.counts.contains_key(&update.key), COUNT_BYTES),
            What::Value(value) => {
                let is_known = self.values.contains_key(&(update.key, value));
                (is_known, VALUE_BYTES)
            }
        };
        let owner = update.key.owner;
        if !known && !self.room(owner, bytes, now) {
            return self.shares.lose(owner, bytes, update.within_ms, now);
        }
        if !known {
            self.shares.take(owner, bytes);
        }
        match update.what {
            What::Call(sure) => self.add(update, sure, now),
            What::Value(value) => {
                let seen = Seen {
                    last: now,
                    within_ms: update.within_ms,
                };
                let seen = self.values.entry((update.key, value)).or_insert(seen);
                seen.last = seen.last.max(now);
            }
        }
    }

    fn add(&mut self, update: &Update, sure: bool, now: u64) {
        let count = self.counts.entry(update.key).or_insert_with(|| Count {
            window: Window::default(),
            within_ms: update.within_ms,
            created: now,
        });
        let before = beyond_first(&count.window);
        // A table of parts grows to twice its size.
        let grown = count.window.bytes().saturating_mul(2);
        let has_room = self.shares.fits(update.key.owner, grown);
        count.window.add(update.within_ms, now, sure, has_room);
        let grown = beyond_first(&count.window).saturating_sub(before);
        self.shares.take(update.key.owner, grown);
    }

    /// Whether one more entry fits; what has died is swept out first.
    fn room(&mut self, owner: u128, bytes: usize, now: u64) -> bool {
        let fits = |shard: &Self| shard.shares.fits(owner, bytes);
        if !fits(self) && now >= self.swept_at.saturating_add(SWEEP_MS) {
            self.swept_at = now;
            self.keep(
                now,
                |_, count| count.window.dead_at(count.within_ms) > now,
                |_, seen| seen.within_ms == 0 || now.saturating_sub(seen.last) < seen.within_ms,
            );
        }
        fits(self)
    }

    pub(super) fn forget(&mut self, per: Per, scope: u128) {
        let stays = |key: &Key| key.per != per || key.scope != scope;
        // Time is not known here: nothing that was lost is given up.
        self.keep(0, |key, _| stays(key), |key, _| stays(key));
    }

    fn keep(
        &mut self,
        now: u64,
        mut counts: impl FnMut(&Key, &Count) -> bool,
        mut values: impl FnMut(&Key, &Seen) -> bool,
    ) {
        self.counts.retain(|key, count| counts(key, count));
        self.values.retain(|(key, _), seen| values(key, seen));
        self.shares.restart(now);
        for (key, count) in &self.counts {
            let bytes = COUNT_BYTES.saturating_add(beyond_first(&count.window));
            self.shares.take(key.owner, bytes);
        }
        for (key, _) in self.values.keys() {
            self.shares.take(key.owner, VALUE_BYTES);
        }
    }
}

fn beyond_first(window: &Window) -> usize {
    window.bytes().saturating_sub(PARTS_BYTES)
}
