//! One server's circuit breaker: decides whether a call may be sent to it, by what became of those
//! before. Refuses all calls while it is open, and all but one while that one tries the server.
//!
//! One per server, shared by all workers. All of its state is one word, so that every step is one
//! exchange of it and no two workers see different ones.
//!
//! ```text
//! closed --failures in a row, or slow answers--> open --its time is over, the next call--> trying
//!   ^                                             ^                                          | |
//!   |                                             +-- it fails: open, for twice as long -----+ |
//!   +-- it is answered ------------------------------------------------------------------------+
//! ```

mod cause;
mod state;

use core::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering};

use varistor_model::limits::BREAKER_SLOW_EXCESS;
use varistor_snapshot::schema::ArchivedGuard;

pub use self::cause::Cause;
pub use self::state::Kind;
use self::state::State;

/// The breaker of one server, and how many calls it has under way.
#[derive(Debug, Default)]
pub struct Breaker {
    /// Read by every call, written when something goes wrong.
    word: Line<AtomicU64>,
    /// Written by every call, so that it must not share a line with what is only read.
    busy: Line<Busy>,
    trips: AtomicU64,
    refused: AtomicU64,
    /// The last failure, as a number.
    cause: AtomicU8,
}

/// What every call counts.
#[derive(Debug, Default)]
struct Busy {
    under_way: AtomicU32,
    sent: AtomicU64,
}

/// Something with cache lines of its own; two, because processors fetch them in pairs.
#[derive(Debug, Default)]
#[repr(align(128))]
struct Line<T>(T);

/// What policy says of a server's breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Failures in a row that open it; 0 switches it off.
    pub failures: u32,
    /// For how long it opens at first, in milliseconds.
    pub open_ms: u64,
    /// Answers that take longer are slow; 0 calls none so.
    pub slow_ms: u64,
    /// Most calls under way at once.
    pub calls_max: u32,
}

/// Why a call is not sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Closed {
    /// The breaker is open; it makes sense to come back after this many milliseconds.
    Open(u64),
    /// As many calls are under way as may be.
    Busy,
}

/// What a call was let through as: what its end is told with. Meaningless to other breakers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ticket(u64);

/// What there is to tell of a breaker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Where it stands.
    pub kind: Kind,
    /// For how long it is open still, in milliseconds.
    pub left_ms: u64,
    /// How often it has opened from closed.
    pub trips: u64,
    /// Calls that it refused, and those that found too many under way.
    pub refused: u64,
    /// Calls under way.
    pub under_way: u32,
    /// Requests that went to it.
    pub sent: u64,
    /// The last failure; of no meaning before the first.
    pub cause: Cause,
}

impl Settings {
    /// As the snapshot has it.
    #[must_use]
    pub fn of(row: &ArchivedGuard) -> Self {
        Self {
            failures: row.failures.to_native(),
            open_ms: row.open_ms.to_native(),
            slow_ms: row.slow_ms.to_native(),
            calls_max: row.calls_max.to_native(),
        }
    }
}

impl Breaker {
    /// Whether a call would be let through now. Takes nothing.
    ///
    /// # Errors
    /// Why it would not.
    pub fn ask(&self, settings: Settings, now_ns: u64) -> Result<(), Closed> {
        if self.busy.0.under_way.load(Ordering::Relaxed) >= settings.calls_max {
            return Err(self.refuse(Closed::Busy));
        }
        let word = self.word.0.load(Ordering::Acquire);
        if settings.failures == 0 || state::is_closed(word) {
            return Ok(());
        }
        let now_ms = millis(now_ns);
        match State::of(word).refuses(now_ms) {
            0 => Ok(()),
            wait_ms => Err(self.refuse(Closed::Open(wait_ms))),
        }
    }

    /// Lets a call through, as the one that tries the server when that is due.
    ///
    /// # Errors
    /// Why it is not let through.
    pub fn enter(&self, settings: Settings, now_ns: u64) -> Result<Ticket, Closed> {
        let mut word = self.word.0.load(Ordering::Acquire);
        if settings.failures == 0 {
            return Ok(Ticket(0));
        }
        if state::is_closed(word) {
            return Ok(Ticket(word));
        }
        let now_ms = millis(now_ns);
        loop {
            let state = State::of(word);
            if state.kind == Kind::Closed {
                return Ok(Ticket(word));
            }
            let wait_ms = state.refuses(now_ms);
            if wait_ms > 0 {
                return Err(self.refuse(Closed::Open(wait_ms)));
            }
            let trying = State {
                kind: Kind::Trying,
                // Two that try one after the other within a millisecond are not the same.
                at_ms: now_ms.max(state.at_ms.saturating_add(1)),
                ..state
            }
            .word();
            match self.exchange(word, trying) {
                Ok(()) => return Ok(Ticket(trying)),
                Err(found) => word = found,
            }
        }
    }

    /// Takes one of the places of calls under way.
    ///
    /// # Errors
    /// When there is none.
    pub fn take_place(&self, settings: Settings) -> Result<(), Closed> {
        let before = self.busy.0.under_way.fetch_add(1, Ordering::Relaxed);
        if before < settings.calls_max {
            return Ok(());
        }
        self.give_place_back();
        Err(self.refuse(Closed::Busy))
    }

    /// Gives a place back.
    pub fn give_place_back(&self) {
        self.busy.0.under_way.fetch_sub(1, Ordering::Relaxed);
    }

    /// The server has answered that call; the clock is read when it matters.
    pub fn answered(&self, ticket: Ticket, settings: Settings, took: impl FnOnce() -> Took) {
        let nothing_to_forgive = state::is_sound(self.word.0.load(Ordering::Acquire));
        if settings.failures == 0 || (nothing_to_forgive && settings.slow_ms == 0) {
            return;
        }
        let took = took();
        let slow = settings.slow_ms > 0 && took.ms > settings.slow_ms;
        self.step(Cause::Slow, |state| match state.kind {
            Kind::Closed if ticket.is_of(state) => {
                let slower = match slow {
                    true => state.slow.saturating_add(1),
                    false => state.slow.saturating_sub(1),
                };
                Some(match slower >= BREAKER_SLOW_EXCESS {
                    true => state.tripped(settings, took.now_ns),
                    false => State {
                        failures: 0,
                        slow: slower,
                        ..state
                    },
                })
            }
            Kind::Trying if slow && ticket.0 == state.word() => {
                Some(state.relapsed(settings, took.now_ns))
            }
            Kind::Trying if !slow && ticket.has_tried() => Some(State {
                kind: Kind::Closed,
                failures: 0,
                slow: 0,
                at_ms: millis(took.now_ns),
                ..state
            }),
            // It was sent in another time.
            _ => None,
        });
    }

    /// The server has failed that call.
    pub fn failed(&self, ticket: Ticket, settings: Settings, (cause, now_ns): (Cause, u64)) {
        if settings.failures == 0 {
            return;
        }
        self.step(cause, |state| match state.kind {
            Kind::Closed if ticket.is_of(state) => {
                let failures = state.failures.saturating_add(1);
                Some(match failures >= settings.failures {
                    true => state.tripped(settings, now_ns),
                    false => State { failures, ..state },
                })
            }
            Kind::Trying if ticket.0 == state.word() => Some(state.relapsed(settings, now_ns)),
            _ => None,
        });
    }

    /// Nothing is known of that call: its client left, or it was refused after all. When it was to
    /// try the server, the next one does.
    pub fn withdrawn(&self, ticket: Ticket) {
        let state = State::of(ticket.0);
        if state.kind == Kind::Trying {
            let due = State {
                kind: Kind::Open,
                ..state
            };
            // Otherwise another call has come to try it.
            let _ = self.exchange(ticket.0, due.word());
        }
    }

    /// What there is to tell.
    #[must_use]
    pub fn shown(&self, now_ns: u64) -> Shown {
        let state = State::of(self.word.0.load(Ordering::Acquire));
        let left_ms = match state.kind {
            Kind::Open => state.at_ms.saturating_sub(millis(now_ns)),
            Kind::Closed | Kind::Trying => 0,
        };
        Shown {
            kind: state.kind,
            left_ms,
            trips: self.trips.load(Ordering::Relaxed),
            refused: self.refused.load(Ordering::Relaxed),
            under_way: self.busy.0.under_way.load(Ordering::Relaxed),
            sent: self.busy.0.sent.load(Ordering::Relaxed),
            cause: Cause::numbered(self.cause.load(Ordering::Relaxed)),
        }
    }

    /// A request goes to the server.
    pub(crate) fn count(&self) {
        self.busy.0.sent.fetch_add(1, Ordering::Relaxed);
    }

    /// Goes on to the state that follows, if any does, however many others do at the same time.
    fn step(&self, cause: Cause, next: impl Fn(State) -> Option<State>) {
        let mut word = self.word.0.load(Ordering::Acquire);
        loop {
            let state = State::of(word);
            let Some(next) = next(state).filter(|next| *next != state) else {
                return;
            };
            match self.exchange(word, next.word()) {
                Ok(()) => {
                    let opens = next.kind == Kind::Open;
                    if opens {
                        self.cause.store(cause as u8, Ordering::Relaxed);
                    }
                    if opens && state.kind == Kind::Closed {
                        self.trips.fetch_add(1, Ordering::Relaxed);
                    }
                    return;
                }
                Err(found) => word = found,
            }
        }
    }

    fn refuse(&self, why: Closed) -> Closed {
        self.refused.fetch_add(1, Ordering::Relaxed);
        why
    }

    fn exchange(&self, seen: u64, next: u64) -> Result<(), u64> {
        self.word
            .0
            .compare_exchange(seen, next, Ordering::AcqRel, Ordering::Acquire)
            .map(|_| ())
    }
}

/// How long an answer took, and when it was there.
#[derive(Clone, Copy, Debug)]
pub struct Took {
    /// In milliseconds.
    pub ms: u64,
    /// In monotonic nanoseconds.
    pub now_ns: u64,
}

impl Ticket {
    /// Whether it was let through since the breaker has closed.
    fn is_of(self, state: State) -> bool {
        let own = State::of(self.0);
        matches!(own.kind, Kind::Closed) && own.at_ms == state.at_ms
    }

    /// Whether it tries the server.
    fn has_tried(self) -> bool {
        matches!(State::of(self.0).kind, Kind::Trying)
    }
}

const fn millis(ns: u64) -> u64 {
    ns / 1_000_000
}

#[cfg(test)]
#[expect(
    clippy::arithmetic_side_effects,
    reason = "times and places that the test itself chooses"
)]
mod tests;
