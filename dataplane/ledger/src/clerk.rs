//! A thread that does one order at a time for the writer, so that the writer goes on meanwhile.
//!
//! The syncer is one: it brings segments to the device. A sync that failed is never repeated on the
//! same segment: the kernel tells an error once, and the next one lies. The other writes ahead.

use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Syncs segments.
pub(crate) type Syncer<F> = Clerk<Arc<F>, io::Result<()>>;

enum Desk<O, R> {
    Free,
    Asked(O),
    Working,
    Done(R),
    Closed,
}

/// The desk between the writer and a thread that works for it: orders `O` in, results `R` back.
pub(crate) struct Clerk<O, R> {
    desk: Mutex<Desk<O, R>>,
    changed: Condvar,
}

impl<O, R> Default for Clerk<O, R> {
    fn default() -> Self {
        Self {
            desk: Mutex::new(Desk::Free),
            changed: Condvar::new(),
        }
    }
}

impl<O, R> Clerk<O, R> {
    /// Gives an order. The desk must be free: nothing asked for, every result taken.
    pub(crate) fn ask(&self, order: O) {
        let mut desk = self.lock();
        debug_assert!(matches!(*desk, Desk::Free), "one order at a time");
        *desk = Desk::Asked(order);
        self.changed.notify_all();
    }

    /// The result of what was asked for, once it is there.
    pub(crate) fn take(&self) -> Option<R> {
        take(&mut self.lock())
    }

    /// Whether a result is there.
    pub(crate) fn is_done(&self) -> bool {
        matches!(*self.lock(), Desk::Done(_))
    }

    /// Waits for the result of what was asked for.
    pub(crate) fn wait(&self) -> R {
        let mut desk = self.lock();
        loop {
            match take(&mut desk) {
                Some(result) => return result,
                None => desk = self.changed(desk),
            }
        }
    }

    /// Ends the thread once it has nothing to do.
    pub(crate) fn close(&self) {
        *self.lock() = Desk::Closed;
        self.changed.notify_all();
    }

    /// What the thread does, until it is closed: `act` for each order, then `told` once the result
    /// is there, and once more at the time that it says.
    pub(crate) fn run(
        &self,
        mut act: impl FnMut(O) -> R,
        mut told: impl FnMut() -> Option<Instant>,
    ) {
        let (mut desk, mut again) = (self.lock(), None);
        loop {
            match std::mem::replace(&mut *desk, Desk::Working) {
                Desk::Asked(order) => {
                    drop(desk);
                    let result = act(order);
                    desk = self.lock();
                    // Closed meanwhile: nobody waits for the result.
                    if matches!(*desk, Desk::Working) {
                        *desk = Desk::Done(result);
                        self.changed.notify_all();
                        drop(desk);
                        again = told();
                        desk = self.lock();
                    }
                }
                Desk::Closed => return,
                other => {
                    *desk = other;
                    let now = Instant::now();
                    match again {
                        Some(at) if at <= now => {
                            drop(desk);
                            again = told();
                            desk = self.lock();
                        }
                        Some(at) => {
                            let changed = self.changed.wait_timeout(desk, at - now);
                            desk = changed.unwrap_or_else(PoisonError::into_inner).0;
                        }
                        None => desk = self.changed(desk),
                    }
                }
            }
        }
    }

    /// Has a simulation look at the order that waits, if one does.
    #[cfg(test)]
    pub(crate) fn peek<T>(&self, look: impl FnOnce(&O) -> T) -> Option<T> {
        match &*self.lock() {
            Desk::Asked(order) => Some(look(order)),
            _ => None,
        }
    }

    /// Carries out the order that waits, if one does, in a simulation's only thread.
    #[cfg(test)]
    pub(crate) fn step(&self, act: impl FnOnce(O) -> R) {
        let desk = &mut *self.lock();
        *desk = match std::mem::replace(desk, Desk::Working) {
            Desk::Asked(order) => Desk::Done(act(order)),
            other => other,
        };
    }

    fn lock(&self) -> MutexGuard<'_, Desk<O, R>> {
        self.desk.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn changed<'d>(&self, desk: MutexGuard<'d, Desk<O, R>>) -> MutexGuard<'d, Desk<O, R>> {
        self.changed
            .wait(desk)
            .unwrap_or_else(PoisonError::into_inner)
    }
}

fn take<O, R>(desk: &mut Desk<O, R>) -> Option<R> {
    match std::mem::replace(desk, Desk::Free) {
        Desk::Done(result) => Some(result),
        other => {
            *desk = other;
            None
        }
    }
}
