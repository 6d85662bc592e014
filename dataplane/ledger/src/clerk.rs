//! The thread that syncs segments, so that the writer can go on writing meanwhile.
//!
//! One sync at a time. A sync that failed is never repeated on the same segment: the kernel tells
//! an error once, and the next one lies.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use crate::bell::Bell;
use crate::disk::Segment;

enum Desk<F> {
    Free,
    Asked(Arc<F>),
    Working,
    Done(io::Result<()>),
    Closed,
}

/// The desk between writer and syncing thread.
pub(crate) struct Syncer<F> {
    desk: Mutex<Desk<F>>,
    changed: Condvar,
    bell: Arc<Bell>,
}

impl<F: Segment> Syncer<F> {
    pub(crate) fn new(bell: Arc<Bell>) -> Self {
        Self {
            desk: Mutex::new(Desk::Free),
            changed: Condvar::new(),
            bell,
        }
    }

    /// Asks for a sync. The desk must be free: nothing asked for, every result taken.
    pub(crate) fn ask(&self, file: Arc<F>) {
        let mut desk = self.lock();
        debug_assert!(matches!(*desk, Desk::Free), "one sync at a time");
        *desk = Desk::Asked(file);
        self.changed.notify_all();
    }

    /// The result of the sync that was asked for, once it is there.
    pub(crate) fn take(&self) -> Option<io::Result<()>> {
        take(&mut self.lock())
    }

    /// Whether a result is there.
    pub(crate) fn is_done(&self) -> bool {
        matches!(*self.lock(), Desk::Done(_))
    }

    /// Waits for the result of the sync that was asked for.
    pub(crate) fn wait(&self) -> io::Result<()> {
        let mut desk = self.lock();
        loop {
            match take(&mut desk) {
                Some(result) => return result,
                None => {
                    desk = self
                        .changed
                        .wait(desk)
                        .unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    /// Ends the thread once it has nothing to do.
    pub(crate) fn close(&self) {
        *self.lock() = Desk::Closed;
        self.changed.notify_all();
    }

    /// What the thread does.
    pub(crate) fn run(&self) {
        let mut desk = self.lock();
        loop {
            match std::mem::replace(&mut *desk, Desk::Working) {
                Desk::Asked(file) => {
                    drop(desk);
                    let result = file.sync();
                    drop(file);
                    desk = self.lock();
                    // Closed meanwhile: nobody waits for the result.
                    if matches!(*desk, Desk::Working) {
                        *desk = Desk::Done(result);
                        self.changed.notify_all();
                        self.bell.ring();
                    }
                }
                Desk::Closed => return,
                other => {
                    *desk = other;
                    desk = self
                        .changed
                        .wait(desk)
                        .unwrap_or_else(PoisonError::into_inner);
                }
            }
        }
    }

    fn lock(&self) -> MutexGuard<'_, Desk<F>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn take<F>(desk: &mut Desk<F>) -> Option<io::Result<()>> {
    match std::mem::replace(desk, Desk::Free) {
        Desk::Done(result) => Some(result),
        other => {
            *desk = other;
            None
        }
    }
}
