//! Which legs of the lethal trifecta each token has: private data read, untrusted content taken in,
//! something sent out. One memory for all workers, bounded.
//!
//! Legs belong to the first token of a chain, so that narrowed tokens share them. Refuses the call
//! that brings the third leg, and, once there are all three, each that sends: of two racing calls
//! that would complete them together exactly one passes. A token that finds no room counts as one
//! with all three.

use core::sync::atomic::{AtomicU64, Ordering};
use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use varistor_model::limits::{FLOWS_MAX, FLOWS_PARTS};
use varistor_model::{Labels, TokenId};

/// The last hour since 1970 of each leg, 21 bits each, from the lowest; zero for never.
#[derive(Debug, Default)]
pub(crate) struct Legs(AtomicU64);

const HOUR_BITS: u32 = 21;
const HOUR_MAX: u64 = (1 << HOUR_BITS) - 1;
const HOUR_NS: u64 = 3_600_000_000_000;

/// Now, and how long legs are remembered, in hours.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    hour: u64,
    memory: u64,
}

impl Window {
    pub(crate) const fn new(unix_ns: u64, memory_hours: u32) -> Self {
        // Hour 0 stands for never.
        let hour = (unix_ns / HOUR_NS).saturating_add(1);
        Self {
            hour: if hour > HOUR_MAX { HOUR_MAX } else { hour },
            memory: memory_hours as u64,
        }
    }
}

/// Whether a call with these labels may not go on as it is, where these legs came before.
pub(crate) const fn completes(before: Labels, adds: Labels) -> bool {
    let all = before.and(adds).has(Labels::TRIFECTA);
    all && if before.has(Labels::TRIFECTA) {
        adds.has(Labels::EXTERNAL_OUT)
    } else {
        !adds.is_empty()
    }
}

impl Legs {
    /// The legs that are remembered.
    pub(crate) fn before(&self, window: Window) -> Labels {
        of_word(self.0.load(Ordering::Acquire), window)
    }

    /// Adds the labels of a call, unless they complete the trifecta and may not. Gives the legs
    /// that came before.
    ///
    /// # Errors
    /// Those legs, where the call would complete them; nothing is added then.
    pub(crate) fn take(
        &self,
        adds: Labels,
        window: Window,
        may_complete: bool,
    ) -> Result<Labels, Labels> {
        let mut word = self.0.load(Ordering::Acquire);
        loop {
            let before = of_word(word, window);
            if completes(before, adds) && !may_complete {
                return Err(before);
            }
            let next = with(word, adds, window.hour);
            if next == word {
                return Ok(before);
            }
            match self
                .0
                .compare_exchange_weak(word, next, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => return Ok(before),
                Err(other) => word = other,
            }
        }
    }
}

const fn shift(at: u32) -> u32 {
    at.saturating_mul(HOUR_BITS)
}

fn of_word(word: u64, window: Window) -> Labels {
    (0..3).fold(Labels::NONE, |legs, at| {
        let hour = (word >> shift(at)) & HOUR_MAX;
        let is_there = hour > 0 && window.hour.saturating_sub(hour) <= window.memory;
        let leg = if is_there {
            Labels::of_bits(1 << at)
        } else {
            Labels::NONE
        };
        legs.and(leg)
    })
}

fn with(word: u64, adds: Labels, hour: u64) -> u64 {
    (0..3)
        .filter(|at| adds.has(Labels::of_bits(1 << at)))
        .fold(word, |word, at| {
            // A clock that went back forgets nothing.
            let kept = ((word >> shift(at)) & HOUR_MAX).max(hour);
            (word & !(HOUR_MAX << shift(at))) | (kept << shift(at))
        })
}

#[expect(
    clippy::disallowed_types,
    reason = "one of 64, when a worker meets a token or a new snapshot, never for each call"
)]
type Lock<T> = std::sync::Mutex<T>;

/// The legs of all tokens.
#[derive(Debug)]
pub(crate) struct Flows {
    parts: Box<[Lock<HashMap<TokenId, Kept>>]>,
}

#[derive(Debug)]
struct Kept {
    legs: Arc<Legs>,
    /// The last second at which any token of the chain is valid.
    until_s: u64,
}

impl Default for Flows {
    fn default() -> Self {
        Self {
            parts: (0..FLOWS_PARTS).map(|_| Lock::default()).collect(),
        }
    }
}

impl Flows {
    /// The legs of a chain of tokens, by its first; nothing where there is no room for them.
    pub(crate) fn of(&self, first: TokenId, until_s: u64, now_s: u64) -> Option<Arc<Legs>> {
        let [low, ..] = first.0;
        let part = self
            .parts
            .get(usize::from(low).checked_rem(self.parts.len())?)?;
        let mut kept = part.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept.get_mut(&first) {
            known.until_s = known.until_s.max(until_s);
            return Some(Arc::clone(&known.legs));
        }
        if kept.len() >= FLOWS_MAX / FLOWS_PARTS {
            kept.retain(|_, one| one.until_s >= now_s);
        }
        if kept.len() >= FLOWS_MAX / FLOWS_PARTS {
            return None;
        }
        let legs = Arc::new(Legs::default());
        kept.insert(
            first,
            Kept {
                legs: Arc::clone(&legs),
                until_s,
            },
        );
        Some(legs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u32 = 24;

    fn at(hour: u64) -> Window {
        Window::new(hour.saturating_add(490_000).saturating_mul(HOUR_NS), DAY)
    }

    #[test]
    fn the_third_leg_is_refused_in_every_order_and_adds_nothing() {
        let all = [
            Labels::PRIVATE_READ,
            Labels::UNTRUSTED_IN,
            Labels::EXTERNAL_OUT,
        ];
        for (one, two, three) in [
            (0, 1, 2),
            (0, 2, 1),
            (1, 0, 2),
            (1, 2, 0),
            (2, 0, 1),
            (2, 1, 0),
        ] {
            let legs = Legs::default();
            assert_eq!(legs.take(all[one], at(0), false), Ok(Labels::NONE));
            assert_eq!(legs.take(all[two], at(0), false), Ok(all[one]));
            let two_legs = all[one].and(all[two]);
            assert_eq!(legs.take(all[three], at(0), false), Err(two_legs));
            assert_eq!(legs.before(at(0)), two_legs);
            assert_eq!(legs.take(all[one], at(0), false), Ok(two_legs));
            // Once a human let it pass, reading goes on and sending asks again.
            assert_eq!(legs.take(all[three], at(0), true), Ok(two_legs));
            assert!(legs.take(Labels::PRIVATE_READ, at(0), false).is_ok());
            assert!(legs.take(Labels::EXTERNAL_OUT, at(0), false).is_err());
        }
        assert!(
            Legs::default()
                .take(Labels::TRIFECTA, at(0), false)
                .is_err()
        );
    }

    #[test]
    fn legs_are_forgotten_each_after_its_own_time() {
        let legs = Legs::default();
        legs.take(Labels::PRIVATE_READ, at(0), false).unwrap();
        legs.take(Labels::UNTRUSTED_IN, at(20), false).unwrap();
        assert!(legs.take(Labels::EXTERNAL_OUT, at(24), false).is_err());
        assert_eq!(legs.before(at(25)), Labels::UNTRUSTED_IN);
        assert!(legs.take(Labels::EXTERNAL_OUT, at(25), false).is_ok());
        // The clock goes back: nothing is forgotten.
        assert!(legs.before(at(1)).has(Labels::UNTRUSTED_IN));
    }

    #[test]
    fn of_two_racing_calls_that_complete_it_together_exactly_one_passes() {
        for _ in 0..2_000 {
            let legs = Legs::default();
            legs.take(Labels::PRIVATE_READ, at(0), false).unwrap();
            let take = |label| legs.take(label, at(0), false).is_ok();
            let passed = std::thread::scope(|scope| {
                let one = scope.spawn(|| take(Labels::UNTRUSTED_IN));
                let two = take(Labels::EXTERNAL_OUT);
                usize::from(one.join().unwrap()) + usize::from(two)
            });
            assert_eq!(passed, 1);
        }
    }

    #[test]
    fn tokens_of_one_chain_share_their_legs_and_room_is_bounded() {
        let flows = Flows::default();
        let id = |number: u32| {
            let mut id = [0; 16];
            id[4..8].copy_from_slice(&number.to_le_bytes());
            TokenId(id)
        };
        let legs = flows.of(id(0), 100, 50).unwrap();
        legs.take(Labels::PRIVATE_READ, at(0), false).unwrap();
        let again = flows.of(id(0), 70, 60).unwrap();
        assert_eq!(again.before(at(0)), Labels::PRIVATE_READ);
        let room = u32::try_from(FLOWS_MAX / FLOWS_PARTS).unwrap();
        for number in 1..room {
            assert!(flows.of(id(number), 100, 50).is_some());
        }
        assert!(flows.of(id(room), 300, 100).is_none());
        // Tokens that are dead make room.
        assert!(flows.of(id(room), 300, 101).is_some());
    }
}
