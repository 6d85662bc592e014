//! Numbers for `varictl status` and metrics. They are told, never decided by.

use core::sync::atomic::{AtomicU64, Ordering};

/// What became of notices and messages since the gateway started.
#[derive(Debug, Default)]
pub struct Stats {
    /// Notices that found the queue full, or the outbox.
    pub dropped: AtomicU64,
    /// Messages that wait on disk.
    pub waiting: AtomicU64,
    /// Messages that were delivered.
    pub delivered: AtomicU64,
    /// Attempts that failed and are made again.
    pub retried: AtomicU64,
    /// Messages that were given up.
    pub failed: AtomicU64,
}

impl Stats {
    pub(crate) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }

    /// One of the numbers.
    #[must_use]
    pub fn read(counter: &AtomicU64) -> u64 {
        counter.load(Ordering::Relaxed)
    }
}
