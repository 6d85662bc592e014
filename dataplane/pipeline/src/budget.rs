//! Rate limits that are exact across cores: GCRA cells in one shared table of atomics.
//!
//! A cell holds the theoretical arrival time (TAT) of the generic cell rate algorithm (ITU-T
//! I.371): a call conforms when its TAT lies at most one period ahead. A burst of `count` passes
//! at once, then one call per `period / count`. A table without room refuses.

use core::sync::atomic::{AtomicU64, Ordering};

use varistor_model::Reason;

/// `count` calls per `period_ns`, counted in the cell named `cell`.
#[derive(Clone, Copy, Debug)]
pub struct Charge {
    /// Names the counter; equal names share it.
    pub cell: u64,
    /// Calls per period, and the largest burst. 0 refuses everything.
    pub count: u64,
    /// The period in nanoseconds.
    pub period_ns: u64,
}

/// Why a charge was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The budget is used up; it has room again after this many nanoseconds.
    Until(u64),
    /// No cell could be had.
    Exhausted,
}

impl Refused {
    /// The reason to tell, when a spent budget has this reason.
    #[must_use]
    pub const fn reason(self, spent: Reason) -> Reason {
        match self {
            Self::Until(_) => spent,
            Self::Exhausted => Reason::LimitsExhausted,
        }
    }
}

/// All counters of a gateway. Shared by all workers; a counter outlives snapshots.
#[derive(Debug)]
pub struct Budgets {
    cells: Box<[Cell]>,
}

#[derive(Debug, Default)]
struct Cell {
    /// 0 while the cell is free.
    name: AtomicU64,
    tat_ns: AtomicU64,
}

/// Cells looked at before a name counts as having no room.
const PROBES_MAX: usize = 128;

impl Budgets {
    /// A table of `cells` counters, rounded up to a power of two (16 bytes each).
    #[must_use]
    pub fn new(cells: usize) -> Self {
        let count = cells.max(PROBES_MAX).next_power_of_two();
        Self {
            cells: (0..count).map(|_| Cell::default()).collect(),
        }
    }

    /// Takes one call from a budget, or says when that will be possible.
    ///
    /// # Errors
    /// [`Refused::Until`] when the budget is spent, [`Refused::Exhausted`] when the table is full.
    pub fn take(&self, charge: Charge, now_ns: u64) -> Result<(), Refused> {
        let Some(step) = charge.step_ns() else {
            return Err(Refused::Until(charge.period_ns));
        };
        let mut cell = self.cell(charge.cell, now_ns).ok_or(Refused::Exhausted)?;
        let mut seen = cell.tat_ns.load(Ordering::Acquire);
        loop {
            let next = seen.max(now_ns).saturating_add(step);
            let ahead = next.saturating_sub(now_ns);
            if ahead > charge.period_ns.max(step) {
                return Err(Refused::Until(ahead.saturating_sub(charge.period_ns)));
            }
            match cell
                .tat_ns
                .compare_exchange_weak(seen, next, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) if cell.is_of(charge.cell) => return Ok(()),
                // Somebody took the cell, which was idle, for another name in this very moment.
                Ok(_) => {
                    cell.tat_ns.fetch_sub(step, Ordering::AcqRel);
                    cell = self.cell(charge.cell, now_ns).ok_or(Refused::Exhausted)?;
                    seen = cell.tat_ns.load(Ordering::Acquire);
                }
                Err(current) => seen = current,
            }
        }
    }

    /// Gives back one call that was taken and did not happen.
    pub fn give_back(&self, charge: Charge, now_ns: u64) {
        if let (Some(step), Some(cell)) = (charge.step_ns(), self.cell(charge.cell, now_ns)) {
            let tat = &cell.tat_ns;
            tat.fetch_sub(step.min(tat.load(Ordering::Acquire)), Ordering::AcqRel);
        }
    }

    /// The counter with this name. The first time, a free cell is claimed, or one whose budget is
    /// whole again: it says nothing any more that a fresh one would not.
    fn cell(&self, name: u64, now_ns: u64) -> Option<&Cell> {
        let name = name.max(1);
        for cell in self.probes(name) {
            let seen = cell.name.load(Ordering::Acquire);
            if seen == name || (seen == 0 && cell.claim(0, name, now_ns)) {
                return Some(cell);
            }
        }
        self.probes(name).find(|cell| {
            let seen = cell.name.load(Ordering::Acquire);
            let idle = cell.tat_ns.load(Ordering::Acquire) <= now_ns;
            seen == name || (idle && cell.claim(seen, name, now_ns))
        })
    }

    fn probes(&self, name: u64) -> impl Iterator<Item = &Cell> {
        let mask = self.cells.len().wrapping_sub(1);
        let start = usize::try_from(name & u64::from(u32::MAX)).unwrap_or_default();
        let count = PROBES_MAX.min(self.cells.len());
        (0..count).filter_map(move |probe| self.cells.get(start.wrapping_add(probe) & mask))
    }
}

impl Cell {
    /// Takes the cell from one name to another; true also when somebody did so for the same name.
    fn claim(&self, from: u64, name: u64, now_ns: u64) -> bool {
        match self
            .name
            .compare_exchange(from, name, Ordering::AcqRel, Ordering::Acquire)
        {
            Ok(_) => {
                self.tat_ns.fetch_max(now_ns, Ordering::AcqRel);
                true
            }
            Err(current) => current == name,
        }
    }

    fn is_of(&self, name: u64) -> bool {
        self.name.load(Ordering::Acquire) == name.max(1)
    }
}

impl Charge {
    /// Nanoseconds between two calls at the steady rate, rounded up; `None` for a rate of zero.
    fn step_ns(self) -> Option<u64> {
        let whole = self.period_ns.checked_div(self.count)?;
        let rest = self.period_ns.checked_rem(self.count)?;
        Some(whole.saturating_add(u64::from(rest != 0)).max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: u64 = 1_000_000_000;

    fn charge(count: u64, period_ns: u64) -> Charge {
        Charge {
            cell: 77,
            count,
            period_ns,
        }
    }

    #[test]
    fn ten_an_hour_are_ten_then_one_every_six_minutes() {
        let budgets = Budgets::new(8);
        let hourly = charge(10, 3600 * SECOND);
        let start = 5 * SECOND;
        for _ in 0..10 {
            assert_eq!(budgets.take(hourly, start), Ok(()));
        }
        assert_eq!(
            budgets.take(hourly, start),
            Err(Refused::Until(360 * SECOND))
        );
        assert_eq!(
            budgets.take(hourly, start + 359 * SECOND),
            Err(Refused::Until(SECOND))
        );
        assert_eq!(budgets.take(hourly, start + 360 * SECOND), Ok(()));
    }

    #[test]
    fn a_rate_of_zero_permits_nothing() {
        assert!(Budgets::new(8).take(charge(0, SECOND), SECOND).is_err());
    }

    #[test]
    fn what_is_given_back_can_be_taken_again() {
        let budgets = Budgets::new(8);
        let one = charge(1, SECOND);
        assert_eq!(budgets.take(one, SECOND), Ok(()));
        budgets.give_back(one, SECOND);
        assert_eq!(budgets.take(one, SECOND), Ok(()));
        assert!(budgets.take(one, SECOND).is_err());
    }

    #[test]
    fn threads_together_take_exactly_the_budget() {
        let budgets = Budgets::new(64);
        let budget = charge(10_000, 3600 * SECOND);
        let taken: usize = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..4)
                .map(|_| {
                    scope.spawn(|| {
                        (0..5_000)
                            .filter(|_| budgets.take(budget, SECOND).is_ok())
                            .count()
                    })
                })
                .collect();
            workers
                .into_iter()
                .map(|worker| worker.join().unwrap())
                .sum()
        });
        assert_eq!(taken, 10_000);
    }

    #[test]
    fn a_full_table_refuses_new_names_and_keeps_the_old() {
        let budgets = Budgets::new(PROBES_MAX);
        let of = |cell| Charge {
            cell,
            count: 5,
            period_ns: SECOND,
        };
        let placed = (1..=200)
            .filter(|cell| budgets.take(of(*cell), SECOND).is_ok())
            .count();
        assert_eq!(placed, PROBES_MAX);
        assert_eq!(budgets.take(of(1_000), SECOND), Err(Refused::Exhausted));
        assert_eq!(budgets.take(of(1), SECOND), Ok(()));
        assert_eq!(
            budgets.take(of(1_000), 5 * SECOND),
            Ok(()),
            "idle counters make room"
        );
    }
}
