//! Whether the disk is quick enough for a worker to write by itself.
//!
//! A write that only copies into the kernel's memory takes microseconds; one that had to wait says
//! that the next may too, and a device that hangs shows first in a sync that does not come back.
//! Then the writer's thread writes, and workers only wait for what they need.

use std::time::{Duration, Instant};

/// A write that takes longer than this has waited for the disk; a scheduler keeps a busy thread off
/// its core for some milliseconds now and then, which says nothing.
const WRITE_SLOW: Duration = Duration::from_millis(20);
/// A sync under way for longer than this may never come back.
const SYNC_SLOW: Duration = Duration::from_millis(100);
/// How long workers keep away after a slow write; it doubles with each one that follows.
const PAUSE_MIN: Duration = Duration::from_millis(250);
/// Longest time that workers keep away.
const PAUSE_MAX: Duration = Duration::from_secs(30);

/// How the disk has been lately.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    /// Workers keep away until then.
    away_until: Option<Instant>,
    /// For how long the last time.
    pause: Duration,
    /// When the sync under way began.
    syncing_since: Option<Instant>,
}

impl Pace {
    /// Whether a worker may write now.
    pub(super) fn is_quick(&self, now: Instant) -> bool {
        let hangs = |since: Instant| now.saturating_duration_since(since) > SYNC_SLOW;
        self.away_until.is_none_or(|until| now >= until) && !self.syncing_since.is_some_and(hangs)
    }

    /// Takes note of a write that began then and ended now.
    pub(super) fn wrote(&mut self, began: Instant) {
        let now = Instant::now();
        self.took(now, now.saturating_duration_since(began));
    }

    fn took(&mut self, now: Instant, time: Duration) {
        if time > WRITE_SLOW {
            self.pause = (self.pause * 2).clamp(PAUSE_MIN, PAUSE_MAX);
            self.away_until = Some(now + self.pause);
        } else if self
            .away_until
            .is_some_and(|until| now >= until + self.pause)
        {
            // Quick for as long as it was shunned.
            self.pause = Duration::ZERO;
            self.away_until = None;
        }
    }

    pub(super) fn sync_began(&mut self, now: Instant) {
        self.syncing_since = Some(now);
    }

    pub(super) fn sync_ended(&mut self) {
        self.syncing_since = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slow_write_keeps_workers_away_for_longer_each_time() {
        let (mut pace, mut now) = (Pace::default(), Instant::now());
        assert!(pace.is_quick(now));
        let mut pause = PAUSE_MIN;
        for _ in 0..3 {
            pace.took(now, WRITE_SLOW * 2);
            assert!(!pace.is_quick(now + pause - Duration::from_nanos(1)));
            now += pause;
            assert!(pace.is_quick(now));
            pause *= 2;
        }
    }

    #[test]
    fn quick_writes_bring_them_back_for_good() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        pace.took(now, WRITE_SLOW * 2);
        let later = now + PAUSE_MIN * 2;
        pace.took(later, Duration::from_micros(3));
        pace.took(later, WRITE_SLOW * 2);
        assert!(pace.is_quick(later + PAUSE_MIN));
    }

    #[test]
    fn a_sync_that_does_not_come_back_keeps_them_away() {
        let (mut pace, now) = (Pace::default(), Instant::now());
        pace.sync_began(now);
        assert!(pace.is_quick(now + SYNC_SLOW));
        assert!(!pace.is_quick(now + SYNC_SLOW * 2));
        pace.sync_ended();
        assert!(pace.is_quick(now + SYNC_SLOW * 2));
    }
}
