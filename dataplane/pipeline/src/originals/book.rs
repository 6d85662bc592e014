//! What is kept of one token: its values, their numbers, and the sessions that know them.
//!
//! Refuses to give a number twice: numbers go on where they were when values are forgotten, so that
//! a placeholder that a model still remembers never stands for something else.

use varistor_model::TokenId;
use varistor_model::limits::ORIGINAL_BLOCKS_PER_TOKEN_MAX;

use super::Whose;
use super::arena::{Arena, Kept, blocks};

/// The book of one token.
#[derive(Debug)]
pub(super) struct Book {
    entries: Vec<Entry>,
    /// The last number of each entity.
    numbers: Vec<(u64, u32)>,
    sessions: Vec<[u8; 8]>,
    /// Whether somebody without a session, or with one too many, had to do with the values.
    endless: bool,
    /// Blocks of the arena that its values take.
    blocks: usize,
    pub(super) used_ns: u64,
    expires_unix_s: u64,
    /// The blocks of the token: revoking any of them ends it.
    ids: Vec<TokenId>,
}

/// One value.
#[derive(Debug)]
struct Entry {
    entity: u64,
    number: u32,
    /// Spares most comparisons; too little to tell anything about the value.
    print: u8,
    kept: Kept,
}

/// Most sessions of a token that are told apart.
const SESSIONS_MAX: usize = 16;
/// Most entities of which a book knows numbers.
const ENTITIES_MAX: usize = 256;

impl Book {
    pub(super) fn new(whose: &Whose<'_>) -> Self {
        Self {
            entries: Vec::new(),
            numbers: Vec::new(),
            sessions: Vec::new(),
            endless: false,
            blocks: 0,
            used_ns: whose.now.mono_ns,
            expires_unix_s: whose.verified.expires_unix_s,
            ids: whose.verified.ids.clone(),
        }
    }

    /// Notes that this call has to do with the values.
    pub(super) fn used_by(&mut self, whose: &Whose<'_>) {
        self.used_ns = self.used_ns.max(whose.now.mono_ns);
        // Of one token always the same; a holder comes with the next one.
        self.expires_unix_s = self.expires_unix_s.max(whose.verified.expires_unix_s);
        match whose.session {
            Some(session) if self.sessions.contains(&session) => {}
            Some(session) if self.sessions.len() < SESSIONS_MAX => self.sessions.push(session),
            Some(_) | None => self.endless = true,
        }
    }

    /// The number of a value that is kept.
    pub(super) fn find(&self, arena: &Arena, entity: u64, value: &[u8]) -> Option<u32> {
        let print = print(value);
        let mut alike = self
            .entries
            .iter()
            .filter(|entry| entry.print == print && entry.entity == entity);
        let same = alike.find(|entry| arena.is(&entry.kept, value));
        same.map(|entry| entry.number)
    }

    /// Whether it holds no values.
    pub(super) const fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether a value may be added.
    pub(super) fn has_room(&self, entity: u64, value: &[u8]) -> bool {
        let is_known = self.numbers.iter().any(|(known, _)| *known == entity);
        (is_known || self.numbers.len() < ENTITIES_MAX)
            && self.blocks.saturating_add(blocks(value.len())) <= ORIGINAL_BLOCKS_PER_TOKEN_MAX
    }

    /// Adds a value that there is room for; `None` when the arena has none.
    pub(super) fn add(&mut self, arena: &mut Arena, entity: u64, value: &[u8]) -> Option<u32> {
        let at = self.numbers.iter().position(|(known, _)| *known == entity);
        let at = at.unwrap_or_else(|| {
            self.numbers.push((entity, 0));
            self.numbers.len().saturating_sub(1)
        });
        let (_, last) = self.numbers.get_mut(at)?;
        let number = last.checked_add(1)?;
        let kept = arena.keep(value)?;
        *last = number;
        self.blocks = self.blocks.saturating_add(kept.blocks());
        self.entries.push(Entry {
            entity,
            number,
            print: print(value),
            kept,
        });
        Some(number)
    }

    /// Appends the value with this number.
    pub(super) fn read(&self, arena: &Arena, key: (u64, u32), out: &mut Vec<u8>) -> bool {
        let mut entries = self.entries.iter();
        let found = entries.find(|entry| (entry.entity, entry.number) == key);
        if let Some(entry) = found {
            arena.read(&entry.kept, out);
        }
        found.is_some()
    }

    /// Takes note of the end of a session; true when it was the last one.
    pub(super) fn ended(&mut self, session: [u8; 8]) -> bool {
        let before = self.sessions.len();
        self.sessions.retain(|known| *known != session);
        self.sessions.is_empty() && before > 0 && !self.endless
    }

    /// Forgets all values; returns how many they were. Numbers stay.
    pub(super) fn forget(&mut self, arena: &mut Arena) -> usize {
        let count = self.entries.len();
        for entry in self.entries.drain(..) {
            arena.forget(entry.kept);
        }
        self.entries.shrink_to_fit();
        self.sessions.clear();
        self.endless = false;
        self.blocks = 0;
        count
    }

    /// Whether the values were not asked for during this time.
    pub(super) const fn is_idle(&self, now_ns: u64, idle_ns: u64) -> bool {
        now_ns.saturating_sub(self.used_ns) >= idle_ns
    }

    /// Whether its token is of no use any more.
    pub(super) fn is_dead(&self, unix_s: u64, revoked: &dyn Fn(&TokenId) -> bool) -> bool {
        unix_s >= self.expires_unix_s || self.ids.iter().any(revoked)
    }
}

fn print(value: &[u8]) -> u8 {
    let [first, ..] = xxhash_rust::xxh3::xxh3_64(value).to_le_bytes();
    first
}
