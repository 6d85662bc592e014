//! Wakes the writer, and only when it sleeps: a worker that finds it awake makes no system call.
//!
//! **Invariant:** no wake-up is lost. The worker publishes its record, then looks whether the
//! writer sleeps; the writer says that it sleeps, then looks for records; a sequentially consistent
//! fence stands between the two steps on either side, so at least one of them sees the other.

use std::num::NonZeroU64;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, Ordering, fence};
use std::thread::{self, Thread};
use std::time::Duration;

const AWAKE: u8 = 0;
/// Asleep for a moment, so that records gather: nothing wakes it.
const GATHERING: u8 = 1;
/// Asleep for a short time: what can wait that long does not wake it.
const DOZING: u8 = 2;
const ASLEEP: u8 = 3;

/// How deep to sleep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Depth {
    /// No ring wakes.
    Gather,
    /// Soft rings don't wake.
    Doze,
    /// Any ring wakes.
    Sleep,
}

/// One sleeper, any number of ringers.
#[derive(Debug, Default)]
pub(crate) struct Bell {
    state: AtomicU8,
    sleeper: OnceLock<Thread>,
}

impl Bell {
    /// Makes the calling thread the one that is woken.
    pub(crate) fn attend(&self) {
        // Only the writer's thread calls this, once; a second call would change nothing.
        let _already = self.sleeper.set(thread::current());
        // Short sleeps may not be stretched by the default of 50 us; without it they are only
        // longer.
        let _default = rustix::thread::set_current_timer_slack(NonZeroU64::new(1_000));
    }

    /// Sleeps for a time; no ring ends it.
    pub(crate) fn gather(&self, time: Duration) {
        self.sleep(time, Depth::Gather, || true);
    }

    /// Wakes the sleeper, unless it gathers. Call it after publishing.
    pub(crate) fn ring(&self) {
        self.ring_above(GATHERING);
    }

    /// Wakes the sleeper unless it wakes by itself shortly. Call it after publishing.
    pub(crate) fn ring_softly(&self) {
        self.ring_above(DOZING);
    }

    fn ring_above(&self, state: u8) {
        fence(Ordering::SeqCst);
        if self.state.load(Ordering::Relaxed) > state
            && self.state.swap(AWAKE, Ordering::AcqRel) != AWAKE
            && let Some(sleeper) = self.sleeper.get()
        {
            sleeper.unpark();
        }
    }

    /// Sleeps until rung or for `at_most`, unless `idle` finds that there is work.
    pub(crate) fn sleep(&self, at_most: Duration, how: Depth, idle: impl FnOnce() -> bool) {
        let state = match how {
            Depth::Gather => GATHERING,
            Depth::Doze => DOZING,
            Depth::Sleep => ASLEEP,
        };
        self.state.store(state, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        if idle() {
            thread::park_timeout(at_most);
        }
        self.state.store(AWAKE, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;
    use std::sync::atomic::AtomicU64;
    use std::time::Instant;

    /// Long enough that a lost wake-up shows.
    const NAP: Duration = Duration::from_secs(30);

    #[test]
    fn no_ring_is_lost_between_looking_and_sleeping() {
        let rounds = 50_000;
        let (bell, asked) = (Arc::new(Bell::default()), Arc::new(AtomicU64::new(0)));
        let done = Arc::new(AtomicU64::new(0));
        let sleeper = {
            let (bell, asked, done) = (bell.clone(), asked.clone(), done.clone());
            thread::spawn(move || {
                bell.attend();
                while done.load(Ordering::Acquire) < rounds {
                    let seen = asked.load(Ordering::Acquire);
                    if seen == done.load(Ordering::Relaxed) {
                        let began = Instant::now();
                        bell.sleep(NAP, Depth::Sleep, || asked.load(Ordering::Acquire) == seen);
                        assert!(began.elapsed() < NAP, "a ring was lost");
                    }
                    done.store(seen, Ordering::Release);
                }
            })
        };
        for round in 1..=rounds {
            asked.store(round, Ordering::Release);
            bell.ring();
            // Now and then the sleeper is left the time to fall asleep.
            while round % 2 == 0 && done.load(Ordering::Acquire) < round {
                thread::yield_now();
            }
        }
        sleeper.join().unwrap();
    }

    #[test]
    fn a_soft_ring_leaves_a_dozing_sleeper_alone_and_wakes_a_sleeping_one() {
        let bell = Bell::default();
        bell.attend();
        for (how, left) in [
            (Depth::Gather, GATHERING),
            (Depth::Doze, DOZING),
            (Depth::Sleep, AWAKE),
        ] {
            // The ring comes from within, where the sleeper has said that it sleeps.
            bell.sleep(Duration::ZERO, how, || {
                bell.ring_softly();
                assert_eq!(bell.state.load(Ordering::SeqCst), left);
                false
            });
        }
    }
}
