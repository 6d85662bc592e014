//! What came of the calls of one thread, by window of time and kind of call.
//!
//! A call belongs to the window in which it should have begun; those of the warm-up to none.

use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::Histogram;

use super::expectation::Rating;
use super::live::Live;

/// Least and greatest latency that is told apart, in nanoseconds; to three digits.
const LATENCY_NS: (u64, u64) = (1_000, 600_000_000_000);

/// The times that calls are counted in, one after the other, of one length.
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows {
    pub(super) begin: Instant,
    pub(super) length: Duration,
    pub(super) count: usize,
}

impl Windows {
    pub(super) fn end(&self) -> Instant {
        self.begin + self.length * u32::try_from(self.count).unwrap_or(u32::MAX)
    }

    fn index(&self, moment: Instant) -> Option<usize> {
        let after = moment.checked_duration_since(self.begin)?;
        let index = if self.count == 1 {
            usize::from(after >= self.length)
        } else {
            usize::try_from(after.as_nanos() / self.length.as_nanos().max(1)).ok()?
        };
        (index < self.count).then_some(index)
    }
}

/// Counts of one kind in one window.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub(super) begun: u64,
    pub(super) good: u64,
    /// Refused where they should not have been, or the other way round.
    pub(super) unexpected: u64,
    /// Answers that were none, or another call's.
    pub(super) wrong: u64,
    /// Connections that broke under a call, or could not be opened for it.
    pub(super) broken: u64,
    /// Nanoseconds of the good calls.
    pub(super) latency: Histogram<u64>,
}

impl Cell {
    /// # Errors
    /// Never with these bounds.
    pub(super) fn new() -> anyhow::Result<Self> {
        let (least, greatest) = LATENCY_NS;
        Ok(Self {
            begun: 0,
            good: 0,
            unexpected: 0,
            wrong: 0,
            broken: 0,
            latency: Histogram::new_with_bounds(least, greatest, 3)?,
        })
    }

    /// Calls without an answer at the end.
    pub(super) fn unanswered(&self) -> u64 {
        let answered = [self.good, self.unexpected, self.wrong, self.broken];
        answered
            .iter()
            .fold(self.begun, |left, count| left.saturating_sub(*count))
    }

    /// Everything that is not good.
    pub(super) fn errors(&self) -> u64 {
        self.begun.saturating_sub(self.good)
    }

    /// # Errors
    /// Never, as all have the same bounds.
    pub(super) fn add(&mut self, other: &Self) -> anyhow::Result<()> {
        for (mine, theirs) in [
            (&mut self.begun, other.begun),
            (&mut self.good, other.good),
            (&mut self.unexpected, other.unexpected),
            (&mut self.wrong, other.wrong),
            (&mut self.broken, other.broken),
        ] {
            *mine = mine.saturating_add(theirs);
        }
        self.latency.add(&other.latency)?;
        Ok(())
    }
}

/// What happened besides calls.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Events {
    pub(super) connections_opened: u64,
    pub(super) sessions_opened: u64,
    /// Sessions of which the server said that it does not know them.
    pub(super) sessions_lost: u64,
    pub(super) sessions_ended: u64,
    /// Idle connections and listeners that the server has closed.
    pub(super) idle_lost: u64,
}

/// All counts of a thread.
pub(super) struct Tally {
    pub(super) windows: Windows,
    kinds: usize,
    /// Of window `w` and kind `k` at `w * kinds + k`; `None` where nothing happened.
    cells: Vec<Option<Box<Cell>>>,
    /// Good answers that came in each window, whenever their calls had begun.
    arrived: Vec<u64>,
    /// Calls of each window that found no connection.
    unsent: Vec<u64>,
    pub(super) events: Events,
    live: Arc<Live>,
}

impl Tally {
    pub(super) fn new(windows: Windows, kinds: usize, live: Arc<Live>) -> Self {
        Self {
            windows,
            kinds,
            cells: vec![None; windows.count.saturating_mul(kinds)],
            arrived: vec![0; windows.count],
            unsent: vec![0; windows.count],
            events: Events::default(),
            live,
        }
    }

    /// A call is about to be sent.
    pub(super) fn begin(&mut self, kind: usize, begin: Instant) {
        if let Some(cell) = self.cell(kind, begin) {
            cell.begun = cell.begun.saturating_add(1);
        }
    }

    /// An answer came.
    pub(super) fn take(&mut self, kind: usize, rating: Rating, begin: Instant, now: Instant) {
        let latency = now.saturating_duration_since(begin);
        let ns = u64::try_from(latency.as_nanos()).unwrap_or(u64::MAX);
        self.live.note(rating == Rating::Good, ns);
        if rating == Rating::Good
            && let Some(window) = self.windows.index(now)
            && let Some(arrived) = self.arrived.get_mut(window)
        {
            *arrived = arrived.saturating_add(1);
        }
        let Some(cell) = self.cell(kind, begin) else {
            return;
        };
        let counter = match rating {
            Rating::Good => {
                cell.latency.saturating_record(ns);
                &mut cell.good
            }
            Rating::Unexpected => &mut cell.unexpected,
            Rating::Wrong => &mut cell.wrong,
        };
        *counter = counter.saturating_add(1);
    }

    /// The connection of a call broke, or could not be opened.
    pub(super) fn broke(&mut self, kind: usize, begin: Instant) {
        self.live.note(false, 0);
        if let Some(cell) = self.cell(kind, begin) {
            cell.broken = cell.broken.saturating_add(1);
        }
    }

    /// A call was due and found no connection until the end.
    pub(super) fn unsent(&mut self, begin: Instant) {
        let window = self.windows.index(begin);
        if let Some(count) = window.and_then(|window| self.unsent.get_mut(window)) {
            *count = count.saturating_add(1);
        }
    }

    /// Takes over what another thread counted.
    ///
    /// # Errors
    /// Never.
    pub(super) fn add(&mut self, other: Self) -> anyhow::Result<()> {
        for (mine, theirs) in self.cells.iter_mut().zip(other.cells) {
            match (mine.as_mut(), theirs) {
                (Some(mine), Some(theirs)) => mine.add(&theirs)?,
                (None, theirs) => *mine = theirs,
                (Some(_), None) => {}
            }
        }
        let counts = self.arrived.iter_mut().zip(other.arrived);
        for (mine, theirs) in counts.chain(self.unsent.iter_mut().zip(other.unsent)) {
            *mine = mine.saturating_add(theirs);
        }
        let (mine, theirs) = (&mut self.events, other.events);
        mine.connections_opened += theirs.connections_opened;
        mine.sessions_opened += theirs.sessions_opened;
        mine.sessions_lost += theirs.sessions_lost;
        mine.sessions_ended += theirs.sessions_ended;
        mine.idle_lost += theirs.idle_lost;
        Ok(())
    }

    /// All of one window, calls that were never sent included, and the good answers in it.
    ///
    /// # Errors
    /// Never.
    pub(super) fn of_window(&self, window: usize) -> anyhow::Result<(Cell, u64)> {
        let mut sum = Cell::new()?;
        for kind in 0..self.kinds {
            if let Some(Some(cell)) = self.cells.get(window * self.kinds + kind) {
                sum.add(cell)?;
            }
        }
        let at = |counts: &[u64]| counts.get(window).copied().unwrap_or(0);
        sum.begun = sum.begun.saturating_add(at(&self.unsent));
        Ok((sum, at(&self.arrived)))
    }

    /// All of one kind.
    ///
    /// # Errors
    /// Never.
    pub(super) fn of_kind(&self, kind: usize) -> anyhow::Result<Cell> {
        let mut sum = Cell::new()?;
        for window in 0..self.windows.count {
            if let Some(Some(cell)) = self.cells.get(window * self.kinds + kind) {
                sum.add(cell)?;
            }
        }
        Ok(sum)
    }

    /// Everything, and the good answers that came in time.
    ///
    /// # Errors
    /// Never.
    pub(super) fn total(&self) -> anyhow::Result<(Cell, u64)> {
        let (mut sum, mut arrived) = (Cell::new()?, 0_u64);
        for window in 0..self.windows.count {
            let (cell, count) = self.of_window(window)?;
            sum.add(&cell)?;
            arrived = arrived.saturating_add(count);
        }
        Ok((sum, arrived))
    }

    fn cell(&mut self, kind: usize, begin: Instant) -> Option<&mut Cell> {
        let index = self.windows.index(begin)? * self.kinds + kind;
        let place = self.cells.get_mut(index)?;
        if place.is_none() {
            *place = Some(Box::new(Cell::new().ok()?));
        }
        place.as_deref_mut()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::time::{Duration, Instant};

    use super::{Tally, Windows};
    use crate::load::expectation::Rating;
    use crate::load::live::Live;

    const MS: Duration = Duration::from_millis(1);

    fn tally(begin: Instant, count: usize) -> Tally {
        let windows = Windows {
            begin,
            length: MS * 10,
            count,
        };
        Tally::new(windows, 2, Arc::new(Live::new(false).unwrap()))
    }

    #[test]
    fn calls_of_the_warm_up_are_not_counted_but_their_late_answers_are_goodput() {
        let now = Instant::now();
        let mut tally = tally(now, 1);
        tally.begin(0, now - MS);
        tally.take(0, Rating::Good, now - MS, now + MS);
        tally.take(0, Rating::Unexpected, now - MS, now + MS);
        let (sum, arrived) = tally.total().unwrap();
        assert_eq!(
            (sum.begun, sum.good, sum.errors(), sum.latency.len()),
            (0, 0, 0, 0)
        );
        assert_eq!(arrived, 1);
    }

    #[test]
    fn a_call_belongs_to_the_window_it_should_have_begun_in() {
        let now = Instant::now();
        let mut tally = tally(now, 3);
        for (begin, end) in [(5, 15), (9, 40), (10, 12), (29, 31), (30, 31)] {
            tally.begin(1, now + MS * begin);
            tally.take(1, Rating::Good, now + MS * begin, now + MS * end);
        }
        let of = |window| {
            let (cell, arrived) = tally.of_window(window).unwrap();
            (cell.good, arrived)
        };
        assert_eq!([of(0), of(1), of(2)], [(2, 0), (1, 2), (1, 0)]);
        assert_eq!(tally.of_kind(1).unwrap().latency.max() / 1_000_000, 31);
        assert_eq!(tally.of_kind(0).unwrap().begun, 0);
    }

    #[test]
    fn what_is_not_good_is_an_error_of_one_sort() {
        let now = Instant::now();
        let (mut tally, mut other) = (tally(now, 1), tally(now, 1));
        for rating in [Rating::Good, Rating::Unexpected, Rating::Wrong] {
            other.begin(0, now);
            other.take(0, rating, now, now + MS);
        }
        other.begin(0, now);
        other.broke(0, now);
        other.begin(1, now);
        other.unsent(now);
        tally.add(other).unwrap();
        let (sum, _) = tally.total().unwrap();
        assert_eq!((sum.good, sum.errors()), (1, 5));
        assert_eq!(
            (sum.unexpected, sum.wrong, sum.broken, sum.unanswered()),
            (1, 1, 1, 2)
        );
    }
}
