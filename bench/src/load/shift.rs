//! What all connections of one thread share while they work.

use std::cell::{Cell, RefCell};
use std::sync::Arc;
use std::time::Instant;

use super::agents::{Dealer, TokenPer};
use super::call::FIRST_ID;
use super::check::Verdict;
use super::expectation::Rating;
use super::live::Live;
use super::plan::Plan;
use super::queue::Queue;
use super::tally::{Tally, Windows};

/// How far apart the ids of two threads are; no thread makes so many calls.
const IDS_OF_A_THREAD: u64 = 100_000_000_000_000;

/// One thread's share of the work.
pub(super) struct Shift {
    pub(super) plan: Arc<Plan>,
    pub(super) queue: Queue,
    pub(super) tally: RefCell<Tally>,
    dealer: RefCell<Dealer>,
    next_id: Cell<u64>,
    end: Cell<Instant>,
}

/// What one call is.
#[derive(Clone, Copy)]
pub(super) struct Deal {
    /// Calls of all threads are numbered by turns.
    pub(super) turn: u64,
    pub(super) kind: usize,
    pub(super) tool: usize,
}

impl Shift {
    /// The shift of thread `number`, before its start is known.
    pub(super) fn new(plan: &Arc<Plan>, number: usize, live: &Arc<Live>) -> Self {
        let now = Instant::now();
        let windows = plan.windows(now);
        Self {
            queue: Queue::default(),
            tally: RefCell::new(Tally::new(windows, plan.mix.kinds.len(), Arc::clone(live))),
            dealer: RefCell::new(Dealer::new(number, plan.threads)),
            next_id: Cell::new(FIRST_ID + number as u64 * IDS_OF_A_THREAD),
            end: Cell::new(now),
            plan: Arc::clone(plan),
        }
    }

    /// Fixes when calls are counted, and when the last one begins.
    pub(super) fn begin(&self, windows: Windows) {
        self.tally.borrow_mut().windows = windows;
        self.end.set(windows.end());
    }

    /// When the next call of a connection that is free should have begun; `None` at the end.
    pub(super) async fn next(&self) -> Option<Instant> {
        if self.plan.schedule.is_some() {
            return self.queue.next().await;
        }
        let now = Instant::now();
        (now < self.end.get()).then_some(now)
    }

    pub(super) fn deal(&self) -> Deal {
        let mut dealer = self.dealer.borrow_mut();
        let turn = dealer.turn();
        Deal {
            turn,
            kind: self.plan.mix.kind_of(turn),
            tool: dealer.tool(&self.plan.tools),
        }
    }

    /// Which token a call of this connection carries.
    pub(super) fn token_turn(&self, serial: u64, turn: u64) -> u64 {
        match &self.plan.tokens {
            Some(tokens) if tokens.per == TokenPer::Call => turn,
            _ => serial,
        }
    }

    pub(super) fn next_id(&self) -> u64 {
        let id = self.next_id.get();
        self.next_id.set(id.wrapping_add(1));
        id
    }

    /// Compares an answer with what its kind expects.
    pub(super) fn rate(
        &self,
        kind: usize,
        verdict: Verdict,
        event_stream: bool,
        body: &[u8],
    ) -> Rating {
        let expected = self.plan.expectations.get(kind);
        expected.map_or(Rating::Wrong, |expected| {
            expected.rate(verdict, event_stream, body)
        })
    }
}
