//! The way from workers to the courier: bounded, without locks, and it never keeps a worker.
//!
//! A notice that finds no room is counted and told as a number; the audit log has its record.

use core::sync::atomic::{AtomicBool, Ordering};

use std::sync::Arc;

use arc_swap::ArcSwap;
use crossbeam_queue::ArrayQueue;
use varistor_model::Notice;
use varistor_model::limits::NOTICES_MAX;

use crate::channel::Channels;
use crate::stats::Stats;

/// Notices on their way, and what became of them.
#[derive(Debug)]
pub struct Notices {
    // Boxed: a slot is a pointer, and a push moves no more than that.
    queue: ArrayQueue<Box<Notice>>,
    channels: ArcSwap<Channels>,
    closing: AtomicBool,
    stats: Stats,
}

impl Default for Notices {
    fn default() -> Self {
        Self {
            queue: ArrayQueue::new(NOTICES_MAX),
            channels: ArcSwap::default(),
            closing: AtomicBool::new(false),
            stats: Stats::default(),
        }
    }
}

impl Notices {
    /// Hands a notice over. Never waits; when the queue is full, the notice is counted and gone.
    pub fn push(&self, notice: Box<Notice>) {
        if self.queue.push(notice).is_err() {
            Stats::count(&self.stats.dropped);
        }
    }

    /// Takes other channels into use.
    pub fn serve(&self, channels: Arc<Channels>) {
        self.channels.store(channels);
    }

    /// The channels in use.
    #[must_use]
    pub fn channels(&self) -> Arc<Channels> {
        self.channels.load_full()
    }

    /// How many wait in memory.
    #[must_use]
    pub fn depth(&self) -> u64 {
        self.queue.len() as u64
    }

    /// What became of them.
    #[must_use]
    pub const fn stats(&self) -> &Stats {
        &self.stats
    }

    /// Asks the courier to put what is left on disk and to end.
    pub fn close(&self) {
        self.closing.store(true, Ordering::Release);
    }

    pub(crate) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    pub(crate) fn pop(&self) -> Option<Box<Notice>> {
        self.queue.pop()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use varistor_model::NoticeKind;

    #[test]
    fn what_finds_no_room_is_counted() {
        let notices = Notices::default();
        for _ in 0..NOTICES_MAX + 3 {
            notices.push(Box::new(Notice::new(NoticeKind::Held, 1)));
        }
        assert_eq!(notices.depth(), NOTICES_MAX as u64);
        assert_eq!(Stats::read(&notices.stats().dropped), 3);
        assert!(notices.pop().is_some());
        notices.push(Box::new(Notice::new(NoticeKind::Held, 1)));
        assert_eq!(Stats::read(&notices.stats().dropped), 3);
    }
}
