//! How long the log may go on without its witnesses: from a moment on that the control thread sets,
//! calls of chosen intents are refused.
//!
//! The moment is set ahead and moved on, so that a control thread that hangs keeps nothing open.

use std::sync::atomic::{AtomicU64, Ordering};

use varistor_model::{IntentSet, Reason, Subject};

use crate::outside::Now;
use crate::serving::Local;
use crate::stages::policy::Permit;

/// When records have waited for their witnesses too long, shared by all threads.
#[derive(Debug)]
pub struct Tail {
    /// In nanoseconds of the monotonic clock.
    overdue_ns: AtomicU64,
}

impl Default for Tail {
    fn default() -> Self {
        Self::overdue_at(u64::MAX)
    }
}

impl Tail {
    /// Records have waited too long from this moment on; `u64::MAX`: never.
    #[must_use]
    pub const fn overdue_at(mono_ns: u64) -> Self {
        Self {
            overdue_ns: AtomicU64::new(mono_ns),
        }
    }

    /// Moves the moment.
    pub fn put(&self, mono_ns: u64) {
        self.overdue_ns.store(mono_ns, Ordering::Release);
    }

    /// Whether records have waited too long.
    #[must_use]
    pub fn is_overdue(&self, now: Now) -> bool {
        now.mono_ns >= self.overdue_ns.load(Ordering::Acquire)
    }

    /// Refuses what policy lets nobody do then. What names no tool, prompt or resource passes:
    /// it keeps sessions alive and moves no data.
    pub(crate) fn pass(&self, local: &Local, permit: &Permit, now: Now) -> Result<(), Reason> {
        if !self.is_overdue(now) {
            return Ok(());
        }
        let intents = IntentSet::from_bits(local.policy().audit.unwitnessed_intents);
        let intent = permit.scanned().classified().intent().intent;
        let method = permit.call().method();
        let names = method.is_some_and(|method| method.subject() != Subject::None);
        match names && intents.contains(intent) {
            true => Err(Reason::Unwitnessed),
            false => Ok(()),
        }
    }
}
