//! The turns of the writer's thread: work, then a rest that fits the load.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use super::Writer;
use crate::bell::Depth;
use crate::disk::Disk;

/// How long a record that nobody waits for may lie in its ring.
const QUIET: Duration = Duration::from_millis(5);
/// Longest sleep.
const NAP: Duration = Duration::from_secs(60);

/// What the writer's thread does until the next turn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// Nothing.
    None,
    /// Lets records gather.
    Gather(Duration),
    /// Sleeps until there is work.
    Sleep(Duration, Depth),
    /// Ends.
    End,
}

impl<D: Disk> Writer<D> {
    /// One turn of the writer's thread.
    pub(crate) fn turn(&mut self) -> Rest {
        let worked = self.step();
        if !self.journal.is_syncing() {
            self.pace.sync_ended();
        }
        self.publish();
        self.wake_lanes(None);
        if worked {
            self.work.dozed = false;
            self.gather()
        } else if self.closed.load(Ordering::SeqCst) {
            self.work.ended = true;
            Rest::End
        } else {
            self.sleep()
        }
    }

    /// Under load, lets records gather for a moment: a wake-up and a write for several records
    /// instead of one each. A caller who sends one call after the other never waits for it: it
    /// begins when batches follow each other closely, and ends when less than two calls gathered.
    fn gather(&mut self) -> Rest {
        if self.gather.is_zero() {
            return Rest::None;
        }
        let loaded = match self.work.gathered {
            true => self.work.tickets >= 2,
            false => {
                let before = self.work.taken_at.replace(Instant::now());
                before.is_some_and(|before| before.elapsed() < self.gather / 2)
            }
        };
        self.work.gathered = loaded;
        match loaded {
            true => Rest::Gather(self.gather),
            false => Rest::None,
        }
    }

    /// How to sleep: shortly first, so that quiet records need no wake-up.
    fn sleep(&mut self) -> Rest {
        self.work.gathered = false;
        let dozed = std::mem::replace(&mut self.work.dozed, true);
        let (mut at_most, how) = match dozed {
            true => (NAP, Depth::Sleep),
            false => (QUIET, Depth::Doze),
        };
        if let Some(failure) = &self.work.failure {
            at_most = at_most.min(failure.pause());
        }
        if let Some(due) = self.journal.ahead_due() {
            at_most = at_most.min(due.saturating_duration_since(Instant::now()));
        }
        if !self.is_stopped() && self.journal.has_fresh() && !self.journal.is_syncing() {
            let since = self
                .work
                .fresh_since
                .map_or(Duration::ZERO, |at| at.elapsed());
            at_most = at_most.min(self.sync_within.saturating_sub(since));
        }
        Rest::Sleep(at_most, how)
    }
}
