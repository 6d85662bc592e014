//! Keeps the values that reversible placeholders stand for, exact for all workers.
//!
//! A value belongs to the token that got it in an answer, and is given back to that token only.
//! Refuses values that find no room: they get a placeholder that nobody can turn back. Nothing that
//! a live token may still ask for is driven out.
//!
//! The one place of the pipeline with locks: taken when a value is replaced in an answer, and when
//! a request holds a placeholder that could be one of ours. Values of a token lie in one part.

mod arena;
mod book;

use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::collections::HashMap;
use std::sync::PoisonError;

use varistor_model::TokenId;
use varistor_model::limits::{
    ORIGINAL_BYTES_MAX, ORIGINALS_BYTES, ORIGINALS_PARTS, ORIGINALS_TOKENS_PER_PART_MAX,
};
use varistor_token::Verified;

use self::arena::Arena;
use self::book::Book;
use crate::outside::Now;

/// All values that are kept. Shared by all workers; they outlive snapshots.
pub struct Originals {
    parts: Box<[Lock<Part>]>,
    /// How many values there are.
    count: AtomicUsize,
    refused: AtomicU64,
}

#[expect(
    clippy::disallowed_types,
    reason = "one of 16, for about 100 ns, only where a value is replaced or put back"
)]
type Lock<T> = std::sync::Mutex<T>;

/// The values of some tokens.
struct Part {
    arena: Arena,
    books: HashMap<TokenId, Book>,
}

/// Whose values they are, and who asks now.
#[derive(Clone, Copy, Debug)]
pub struct Whose<'a> {
    /// The presented token.
    pub verified: &'a Verified,
    /// The name of the session, where there is one.
    pub session: Option<[u8; 8]>,
    /// The time of the request.
    pub now: Now,
    /// After that long without a use, values are forgotten.
    pub idle_ns: u64,
}

/// A token that did nothing with its values for this long makes room for another one, in
/// nanoseconds: models think, people read, but rarely longer.
const QUIET_NS: u64 = 300_000_000_000;

impl Originals {
    /// An empty store.
    ///
    /// # Errors
    /// When its memory can't be had or locked.
    pub fn locked() -> std::io::Result<Self> {
        Self::of_bytes(ORIGINALS_BYTES / ORIGINALS_PARTS)
    }

    fn of_bytes(of_part: usize) -> std::io::Result<Self> {
        let part = |_| {
            Ok(Lock::new(Part {
                arena: Arena::locked(of_part)?,
                books: HashMap::new(),
            }))
        };
        Ok(Self {
            parts: (0..ORIGINALS_PARTS)
                .map(part)
                .collect::<std::io::Result<_>>()?,
            count: AtomicUsize::new(0),
            refused: AtomicU64::new(0),
        })
    }

    /// How many values are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Whether nothing is kept: then no request can hold a placeholder of ours. The answer that
    /// made a placeholder was seen by the client before it sends it back.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Values that found no room so far.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused.load(Ordering::Relaxed)
    }

    /// The number of a value among the token's values of an entity; it is kept from now on. `None`
    /// when there is no room.
    #[must_use]
    pub fn number(&self, whose: &Whose<'_>, entity: u64, value: &[u8]) -> Option<u32> {
        let number = self.with(whose.token()?, |part, count| {
            part.refresh(whose, count);
            part.number(whose, (entity, value), count)
        });
        let number = number.flatten();
        if number.is_none() {
            self.refused.fetch_add(1, Ordering::Relaxed);
        }
        number
    }

    /// Appends the token's value of an entity with this number; false when there is none.
    pub fn read(&self, whose: &Whose<'_>, key: (u64, u32), out: &mut Vec<u8>) -> bool {
        let Some(token) = whose.token() else {
            return false;
        };
        let found = self.with(token, |part, count| {
            part.refresh(whose, count);
            let Some(book) = part.books.get_mut(&token) else {
                return false;
            };
            let found = book.read(&part.arena, key, out);
            if found {
                book.used_by(whose);
            }
            found
        });
        found.unwrap_or(false)
    }

    /// Forgets the values of a token with the last session that had to do with any.
    pub fn ended(&self, token: TokenId, session: [u8; 8]) {
        if self.is_empty() {
            return;
        }
        self.with(token, |part, count| {
            if let Some(book) = part.books.get_mut(&token)
                && book.ended(session)
            {
                part.forget(token, count);
            }
        });
    }

    /// Forgets what idle tokens had, and tokens that are dead.
    pub fn sweep(&self, now: Now, idle_ns: u64, revoked: &dyn Fn(&TokenId) -> bool) {
        for part in &self.parts {
            let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
            let Part { arena, books } = &mut *part;
            books.retain(|_, book| {
                let dead = book.is_dead(now.unix_s(), revoked);
                if dead || book.is_idle(now.mono_ns, idle_ns) {
                    let count = book.forget(arena);
                    self.count.fetch_sub(count, Ordering::Relaxed);
                }
                !dead
            });
        }
    }

    fn with<T>(&self, token: TokenId, act: impl FnOnce(&mut Part, &AtomicUsize) -> T) -> Option<T> {
        let [first, ..] = token.0;
        let at = usize::from(first).checked_rem(self.parts.len())?;
        let part = self.parts.get(at)?;
        // A panic in here leaves at worst blocks behind that nobody uses.
        let mut part = part.lock().unwrap_or_else(PoisonError::into_inner);
        Some(act(&mut part, &self.count))
    }
}

impl Part {
    /// Forgets what the token had when it was idle for too long.
    fn refresh(&mut self, whose: &Whose<'_>, count: &AtomicUsize) {
        let Some(token) = whose.token() else { return };
        let book = self.books.get(&token);
        if book.is_some_and(|book| book.is_idle(whose.now.mono_ns, whose.idle_ns)) {
            self.forget(token, count);
        }
    }

    fn number(
        &mut self,
        whose: &Whose<'_>,
        (entity, value): (u64, &[u8]),
        count: &AtomicUsize,
    ) -> Option<u32> {
        let token = whose.token()?;
        if !self.books.contains_key(&token) {
            self.make_room_for_a_book(whose.now, count)?;
            self.books.insert(token, Book::new(whose));
        }
        let book = self.books.get_mut(&token)?;
        book.used_by(whose);
        if let Some(number) = book.find(&self.arena, entity, value) {
            return Some(number);
        }
        if value.len() > ORIGINAL_BYTES_MAX || !book.has_room(entity, value) {
            return None;
        }
        loop {
            let book = self.books.get_mut(&token)?;
            if let Some(number) = book.add(&mut self.arena, entity, value) {
                count.fetch_add(1, Ordering::Relaxed);
                return Some(number);
            }
            let quiet = self.quietest(whose.now, |book| !book.is_empty())?;
            self.forget(quiet, count);
        }
    }

    /// Drops the book of the quietest token when there are too many.
    fn make_room_for_a_book(&mut self, now: Now, count: &AtomicUsize) -> Option<()> {
        if self.books.len() >= ORIGINALS_TOKENS_PER_PART_MAX {
            let quiet = self.quietest(now, |_| true)?;
            self.forget(quiet, count);
            self.books.remove(&quiet);
        }
        Some(())
    }

    /// Of the tokens that are quiet, the one that was so for longest.
    fn quietest(&self, now: Now, fits: impl Fn(&Book) -> bool) -> Option<TokenId> {
        let quiet = self
            .books
            .iter()
            .filter(|(_, book)| book.is_idle(now.mono_ns, QUIET_NS) && fits(book));
        let longest = quiet.min_by_key(|(_, book)| book.used_ns);
        longest.map(|(token, _)| *token)
    }

    fn forget(&mut self, token: TokenId, count: &AtomicUsize) {
        if let Some(book) = self.books.get_mut(&token) {
            let forgotten = book.forget(&mut self.arena);
            count.fetch_sub(forgotten, Ordering::Relaxed);
        }
    }
}

impl Whose<'_> {
    /// The id of the presented token, or of its holder.
    fn token(&self) -> Option<TokenId> {
        self.verified.bound_to()
    }
}

#[cfg(test)]
mod tests;
