//! Who takes how much of the memory, and what found no room: one agent can't take it from others.

use std::collections::HashMap;

/// Room that one agent may take of a part of the memory: a quarter.
const SHARE: usize = 4;
/// What an agent takes beside its entries.
const OWNER_BYTES: usize = 100;

/// When something that found no room would have counted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Lost {
    since: u64,
    /// 0: nothing was lost.
    until: u64,
}

impl Lost {
    pub(super) fn note(&mut self, within_ms: u64, now: u64) {
        let until = match within_ms {
            0 => u64::MAX,
            within => now.saturating_add(within).saturating_add(1),
        };
        if now >= self.until {
            *self = Self {
                since: now,
                until: 0,
            };
        }
        self.until = self.until.max(until);
    }

    /// Whether an entry that is there since `created` (`None`: it is not) may have lost something.
    pub(super) fn concerns(&self, created: Option<u64>, now: u64) -> bool {
        now < self.until && created.is_none_or(|created| created >= self.since)
    }
}

/// All agents that have entries in a part.
#[derive(Debug)]
pub(super) struct Shares {
    bytes_max: usize,
    bytes: usize,
    owners: HashMap<u128, Owner>,
    /// What found no room at all.
    lost: Lost,
}

#[derive(Debug, Default)]
struct Owner {
    bytes: usize,
    /// What found no room within the share.
    lost: Lost,
}

impl Shares {
    pub(super) fn new(bytes_max: usize) -> Self {
        Self {
            bytes_max,
            bytes: 0,
            owners: HashMap::new(),
            lost: Lost::default(),
        }
    }

    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    fn owned(&self, owner: u128) -> Option<usize> {
        self.owners.get(&owner).map(|owner| owner.bytes)
    }

    fn fits_all(&self, owner: u128, bytes: usize) -> bool {
        let new = match self.owned(owner) {
            Some(_) => 0,
            None => OWNER_BYTES,
        };
        self.bytes.saturating_add(bytes).saturating_add(new) <= self.bytes_max
    }

    fn fits_share(&self, owner: u128, bytes: usize) -> bool {
        let share = self.bytes_max.checked_div(SHARE).unwrap_or(0);
        self.owned(owner).unwrap_or(0).saturating_add(bytes) <= share
    }

    pub(super) fn fits(&self, owner: u128, bytes: usize) -> bool {
        self.fits_all(owner, bytes) && self.fits_share(owner, bytes)
    }

    pub(super) fn take(&mut self, owner: u128, bytes: usize) {
        let entry = self.owners.entry(owner).or_insert_with(|| {
            self.bytes = self.bytes.saturating_add(OWNER_BYTES);
            Owner::default()
        });
        entry.bytes = entry.bytes.saturating_add(bytes);
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// Notes that something of an agent found no room: its own fault, when its share is full.
    pub(super) fn lose(&mut self, owner: u128, bytes: usize, within_ms: u64, now: u64) {
        let is_own = !self.fits_share(owner, bytes);
        match self.owners.get_mut(&owner) {
            Some(entry) if is_own => entry.lost.note(within_ms, now),
            _ => self.lost.note(within_ms, now),
        }
    }

    /// Whether an entry of an agent may have lost something.
    pub(super) fn is_lossy(&self, owner: u128, created: Option<u64>, now: u64) -> bool {
        self.lost.concerns(created, now)
            || self
                .owners
                .get(&owner)
                .is_some_and(|owner| owner.lost.concerns(created, now))
    }

    /// Begins to count anew; what was lost stays lost.
    pub(super) fn restart(&mut self, now: u64) {
        self.owners.retain(|_, owner| {
            owner.bytes = 0;
            owner.lost.until > now
        });
        self.bytes = self.owners.len().saturating_mul(OWNER_BYTES);
    }
}
