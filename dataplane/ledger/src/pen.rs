//! Who writes: the writer's thread, or a worker at the end of its turn.
//!
//! While the disk is quick, a worker that has pushed records takes the pen and writes what waits
//! in all rings: no other thread is woken for it, and the calls go on at once. It never waits: when
//! the pen is taken, when the disk fails, was slow or keeps a sync waiting, or when a segment is
//! full, the records stay in their rings for the writer's thread.
//!
//! **Invariant:** no record is left lying. A worker that finds the pen taken has pushed its records
//! before; whoever lays the pen down looks into all rings afterwards, with a sequentially
//! consistent fence between the two steps on either side.

use std::sync::atomic::{AtomicBool, Ordering, fence};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::Instant;

use crate::bell::Bell;
use crate::disk::Disk;
use crate::lane::Shared;
use crate::writer::{Inline, Rest, Writer};

/// A place that no lane has.
const NO_LANE: usize = usize::MAX;
/// Rounds after which a worker leaves what other workers go on pushing to the writer's thread.
const ROUNDS: u32 = 2;

/// What lanes see of the pen.
pub(crate) trait Pen: Send + Sync {
    /// Has everything written that waits in the rings, here if that can be done without waiting.
    /// `lane` is the caller's own: it collects its answers without being woken.
    fn write(&self, lane: usize);
}

/// The writer, and the lock that makes it one at a time.
pub(crate) struct Desk<D: Disk> {
    writer: Mutex<Writer<D>>,
    lanes: Arc<[Arc<Shared>]>,
    bell: Arc<Bell>,
    closed: Arc<AtomicBool>,
    /// A worker has left something to the writer's thread that may not be in a ring any more.
    left: AtomicBool,
}

impl<D: Disk> Desk<D> {
    pub(crate) fn new(
        writer: Writer<D>,
        lanes: Arc<[Arc<Shared>]>,
        bell: Arc<Bell>,
        closed: Arc<AtomicBool>,
    ) -> Self {
        Self {
            writer: Mutex::new(writer),
            lanes,
            bell,
            closed,
            left: AtomicBool::new(false),
        }
    }

    /// What the writer's thread does, until the ledger is closed. The error is the disk's, when
    /// lines could not be synced.
    pub(crate) fn run(&self) -> std::io::Result<()> {
        self.bell.attend();
        loop {
            self.left.store(false, Ordering::SeqCst);
            let (rest, syncer, scribe) = {
                let mut writer = self.lock();
                let rest = writer.turn();
                (rest, Arc::clone(&writer.syncer), Arc::clone(&writer.scribe))
            };
            match rest {
                Rest::None => {}
                Rest::Gather(time) => self.bell.gather(time),
                Rest::Sleep(at_most, how) => {
                    let idle = || {
                        let quiet = |flag: &AtomicBool| !flag.load(Ordering::SeqCst);
                        self.is_empty()
                            && !syncer.is_done()
                            && !scribe.is_done()
                            && quiet(&self.left)
                            && quiet(&self.closed)
                    };
                    self.bell.sleep(at_most, how, idle);
                }
                Rest::End => return self.lock().finish(),
            }
        }
    }

    /// What the thread that writes ahead does when a block has arrived: answers who waited for it,
    /// and begins the next. The writer's thread does it when somebody else has the pen. Says when
    /// to come back.
    pub(crate) fn wrote_ahead(&self) -> Option<Instant> {
        let again = match self.writer.try_lock() {
            Ok(mut writer) => writer.settle_ahead(),
            Err(_) => {
                self.bell.ring();
                return None;
            }
        };
        fence(Ordering::SeqCst);
        if !self.is_empty() {
            self.write(NO_LANE);
        }
        again
    }

    /// Gives the writer to a simulation.
    #[cfg(test)]
    pub(crate) fn with<T>(&self, act: impl FnOnce(&mut Writer<D>) -> T) -> T {
        act(&mut self.lock())
    }

    fn is_empty(&self) -> bool {
        self.lanes.iter().all(|lane| lane.records.is_empty())
    }

    /// A panic of the holder ends the process; a poisoned lock is never seen.
    fn lock(&self) -> MutexGuard<'_, Writer<D>> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<D: Disk> Pen for Desk<D> {
    fn write(&self, lane: usize) {
        for _ in 0..ROUNDS {
            fence(Ordering::SeqCst);
            let wrote = match self.writer.try_lock() {
                Ok(mut writer) => writer.inline(lane),
                // Its holder looks into the rings once more.
                Err(TryLockError::WouldBlock) => return,
                Err(TryLockError::Poisoned(_)) => Inline::Left,
            };
            fence(Ordering::SeqCst);
            match wrote {
                Inline::Done if self.is_empty() => return,
                Inline::Done => {}
                Inline::Left => break,
            }
        }
        self.left.store(true, Ordering::SeqCst);
        self.bell.ring();
    }
}
