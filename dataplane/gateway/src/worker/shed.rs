//! Decides how large a part of its requests a worker refuses, unread, because it can't keep up.
//!
//! What is measured is how late the worker's own tick comes: whatever is ready, calls and their
//! answers, waits as long for its turn. A delay that comes and goes is a burst, and passes; one
//! that stands, through every tick of an interval, is more work than there is time for. Then the
//! part that is refused follows the delay, and halves with each interval in which there is none.
//! A tick that does not come at all, because the driver has no turn while tasks are ready, is
//! missed by the requests themselves.

use core::cell::Cell;

use varistor_model::limits::{SHED_DELAY_MS, SHED_INTERVAL_MS};

/// One worker's share of refused requests.
#[derive(Debug)]
pub(crate) struct Shed {
    /// How many of [`WHOLE`] requests are refused; 0 while the worker keeps up.
    share: Cell<u32>,
    /// What is left of a refusal, in parts of [`WHOLE`].
    debt: Cell<u32>,
    /// Requests of this interval.
    requests: Cell<u32>,
    /// Ticks of this interval.
    ticks: Cell<u32>,
    began_ns: Cell<u64>,
    /// When the next tick should come.
    due_ns: Cell<u64>,
    /// When its absence is an interval's delay.
    missed_ns: Cell<u64>,
    /// The shortest delay of this interval.
    standing_ns: Cell<u64>,
}

/// What an interval brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Turn {
    /// Requests are refused from now on.
    Begins,
    /// No more are.
    Ends,
}

/// All requests.
const WHOLE: u32 = 256;
/// Most that are refused: some always pass, so that it shows when they can.
const SHARE_MAX: u32 = WHOLE - WHOLE / 16;
/// Requests in an interval below which nothing is refused: a worker that is late without them is
/// held up by others on its core, and refusing would not help.
const REQUESTS_MIN: u32 = 8;
/// Ticks that make an interval, however long they take.
const TICKS_MIN: u32 = 2;
const DELAY_NS: u64 = SHED_DELAY_MS * 1_000_000;
const INTERVAL_NS: u64 = SHED_INTERVAL_MS * 1_000_000;
/// After how long a tick is missed.
const MISSED_NS: u64 = DELAY_NS + INTERVAL_NS;
/// The delay that a missed tick stands for, at most.
const MISSED_DELAY_NS: u64 = 4 * DELAY_NS;

impl Default for Shed {
    fn default() -> Self {
        Self {
            share: Cell::new(0),
            debt: Cell::new(0),
            requests: Cell::new(0),
            ticks: Cell::new(0),
            began_ns: Cell::new(0),
            due_ns: Cell::new(u64::MAX),
            missed_ns: Cell::new(u64::MAX),
            standing_ns: Cell::new(u64::MAX),
        }
    }
}

impl Shed {
    /// Whether the request that has come is refused.
    pub(crate) fn refuses(&self) -> bool {
        self.requests.set(self.requests.get().saturating_add(1));
        let share = self.share.get();
        if share == 0 {
            return false;
        }
        // Spread evenly: of two requests in a row not both, at a half.
        let debt = self.debt.get().saturating_add(share);
        let refuses = debt >= WHOLE;
        self.debt.set(if refuses { debt - WHOLE } else { debt });
        refuses
    }

    /// Notes when the next tick should come.
    pub(crate) fn expect(&self, due_ns: u64) {
        self.due_ns.set(due_ns);
        self.missed_ns.set(due_ns.saturating_add(MISSED_NS));
    }

    /// Whether the tick is missed.
    pub(crate) fn misses_tick(&self, now_ns: u64) -> bool {
        now_ns > self.missed_ns.get()
    }

    /// Decides anew without the tick, once in an interval. For how long it is missed says how long
    /// some task was always ready, which is more than each of them waited.
    pub(crate) fn missed(&self, now_ns: u64) -> Option<Turn> {
        self.missed_ns.set(now_ns.saturating_add(INTERVAL_NS));
        self.ticks.set(TICKS_MIN);
        self.began_ns.set(0);
        let late_ns = now_ns.saturating_sub(self.due_ns.get());
        self.tick(now_ns, late_ns.min(MISSED_DELAY_NS))
    }

    /// Notes how late a tick was; decides anew when an interval is over.
    pub(crate) fn tick(&self, now_ns: u64, late_ns: u64) -> Option<Turn> {
        let ticks = self.ticks.get().saturating_add(1);
        let standing_ns = self.standing_ns.get().min(late_ns);
        self.ticks.set(ticks);
        self.standing_ns.set(standing_ns);
        if ticks < TICKS_MIN || now_ns.saturating_sub(self.began_ns.get()) < INTERVAL_NS {
            return None;
        }
        let before = self.share.get();
        let after = match standing_ns > DELAY_NS && self.requests.get() >= REQUESTS_MIN {
            true => before.midpoint(wanted(standing_ns)).clamp(1, SHARE_MAX),
            false => before / 2,
        };
        self.share.set(after);
        self.requests.set(0);
        self.ticks.set(0);
        self.began_ns.set(now_ns);
        self.standing_ns.set(u64::MAX);
        match (before, after) {
            (0, 1..) => Some(Turn::Begins),
            (1.., 0) => Some(Turn::Ends),
            _ => None,
        }
    }
}

/// The share that would bring this delay down to what is borne, if each refusal cost nothing.
fn wanted(standing_ns: u64) -> u32 {
    let borne = DELAY_NS.saturating_mul(u64::from(WHOLE)) / standing_ns.max(DELAY_NS);
    WHOLE.saturating_sub(u32::try_from(borne).unwrap_or(WHOLE))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: u64 = 1_000_000;
    const TICK_MS: u64 = 25;

    /// A worker whose ticks come this late for that long, each with that many requests.
    fn run(shed: &Shed, now_ms: &mut u64, (late_ms, for_ms, requests): (u64, u64, u32)) -> u32 {
        let until_ms = *now_ms + for_ms;
        let mut refused = 0;
        while *now_ms < until_ms {
            *now_ms += TICK_MS + late_ms;
            for _ in 0..requests {
                refused += u32::from(shed.refuses());
            }
            shed.tick(*now_ms * MS, late_ms * MS);
        }
        refused
    }

    #[test]
    fn a_worker_that_keeps_up_refuses_nothing() {
        let (shed, mut now_ms) = (Shed::default(), 1_000);
        assert_eq!(run(&shed, &mut now_ms, (SHED_DELAY_MS, 10_000, 1_000)), 0);
    }

    #[test]
    fn a_burst_passes() {
        let (shed, mut now_ms) = (Shed::default(), 1_000);
        for _ in 0..100 {
            let burst = run(&shed, &mut now_ms, (500, 1, 1_000));
            assert_eq!((burst, run(&shed, &mut now_ms, (0, 200, 100))), (0, 0));
        }
    }

    #[test]
    fn a_worker_that_is_held_up_without_requests_refuses_nothing() {
        let (shed, mut now_ms) = (Shed::default(), 1_000);
        assert_eq!(run(&shed, &mut now_ms, (1_000, 60_000, 1)), 0);
    }

    #[test]
    fn a_standing_delay_has_a_part_refused_that_grows_with_it() {
        let mut parts = [0; 3];
        for (part, late_ms) in parts.iter_mut().zip([60, 100, 1_000]) {
            let (shed, mut now_ms) = (Shed::default(), 1_000);
            run(&shed, &mut now_ms, (late_ms, 20 * late_ms, 1_000));
            let ticks = 20;
            let refused = run(
                &shed,
                &mut now_ms,
                (late_ms, (late_ms + TICK_MS) * ticks, 1_000),
            );
            *part = refused / u32::try_from(ticks).unwrap() / 10;
        }
        // In percent: 1 - 50 / 60, nearly 1 - 50 / 100, and all but a sixteenth.
        assert_eq!(parts, [16, 49, 93], "{parts:?}");
    }

    #[test]
    fn a_tick_that_does_not_come_is_missed_by_requests() {
        let shed = Shed::default();
        let due_ns = 1_000 * MS;
        shed.expect(due_ns);
        let missed_ns = due_ns + MISSED_NS;
        assert!(!shed.misses_tick(missed_ns) && shed.misses_tick(missed_ns + 1));
        for _ in 1..REQUESTS_MIN {
            assert!(!shed.refuses());
        }
        assert_eq!(shed.missed(missed_ns + 1), None, "too few have come");
        assert!(!shed.misses_tick(missed_ns + 1), "once in an interval");
        for _ in 0..REQUESTS_MIN {
            assert!(!shed.refuses());
        }
        let now_ns = missed_ns + 2 * INTERVAL_NS;
        assert!(shed.misses_tick(now_ns));
        assert_eq!(shed.missed(now_ns), Some(Turn::Begins));
        let refused = (0..WHOLE).filter(|_| shed.refuses()).count();
        // Half of the way to three quarters.
        assert_eq!(refused, 96);
    }

    #[test]
    fn it_begins_within_a_second_and_ends_within_two() {
        let (shed, mut now_ms) = (Shed::default(), 1_000);
        let mut turns = Vec::new();
        let mut pass = |late_ms: u64, ticks: usize| {
            for _ in 0..ticks {
                now_ms += TICK_MS + late_ms;
                for _ in 0..100 {
                    shed.refuses();
                }
                turns.extend(
                    shed.tick(now_ms * MS, late_ms * MS)
                        .map(|turn| (turn, now_ms)),
                );
            }
            now_ms
        };
        pass(0, 40);
        let overloaded_ms = pass(200, 40) - 40 * 225;
        let relieved_ms = pass(0, 200) - 200 * 25;
        let [(Turn::Begins, begun_ms), (Turn::Ends, ended_ms)] = turns[..] else {
            panic!("{turns:?}")
        };
        assert!(begun_ms - overloaded_ms <= 1_000, "{begun_ms}");
        assert!(ended_ms - relieved_ms <= 2_000, "{ended_ms}");
    }
}
