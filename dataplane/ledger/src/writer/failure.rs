//! What the writer does when the disk fails: one try at once to go on elsewhere, then refusals and
//! further tries with growing pauses, and a record of it all once it is over.

use std::io;
use std::sync::PoisonError;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use varistor_audit::Event;

use super::Writer;
use crate::disk::Disk;
use crate::lane::Failed;

/// Pause before the second try; it doubles from try to try.
const PAUSE_MIN: Duration = Duration::from_millis(10);
/// Longest pause between two tries.
const PAUSE_MAX: Duration = Duration::from_secs(1);

/// A disk failure that is not over.
pub(super) struct Failure {
    /// The first error.
    error: io::Error,
    /// The segment that failed.
    segment: String,
    since: Instant,
    next_try: Instant,
    pause: Duration,
    pub(super) refused: u64,
    /// The disk is full and the log stands on its reserve: events and results are written, calls
    /// are refused.
    on_reserve: bool,
    /// Numbers of records whose callers were told that the log failed.
    withdrawn: Vec<u64>,
}

impl Failure {
    /// The first error, at the end of a ledger that did not get over it.
    pub(super) fn into_error(self) -> io::Result<()> {
        Err(self.error)
    }

    /// Whether it is time to try again.
    pub(super) fn is_due(&self) -> bool {
        self.pause().is_zero()
    }

    /// How long it is until then.
    pub(super) fn pause(&self) -> Duration {
        self.next_try.saturating_duration_since(Instant::now())
    }
}

impl<D: Disk> Writer<D> {
    /// The segment has failed and is not touched again, except to be cut.
    pub(super) fn fail(&mut self, error: io::Error) {
        if let Some(failure) = &mut self.work.failure {
            // The reserve is used up, or its segment failed.
            failure.on_reserve = false;
        }
        let now = Instant::now();
        let segment = self.journal.segment().to_string();
        self.tell(&error);
        self.work.failure.get_or_insert_with(|| Failure {
            error,
            segment,
            since: now,
            next_try: now,
            pause: PAUSE_MIN,
            refused: 0,
            on_reserve: false,
            withdrawn: Vec::new(),
        });
        self.gauges.failed.store(true, Ordering::Relaxed);
        self.recover();
    }

    /// Whether nothing at all can be written.
    pub(super) fn is_stopped(&self) -> bool {
        let failure = self.work.failure.as_ref();
        failure.is_some_and(|failure| !failure.on_reserve)
    }

    /// Whether calls are refused although the log can be written.
    pub(super) fn is_on_reserve(&self) -> bool {
        let failure = self.work.failure.as_ref();
        failure.is_some_and(|failure| failure.on_reserve)
    }

    /// Tries to go on in a new segment, if need be on the reserve. If that fails, nobody waits any
    /// longer.
    pub(super) fn recover(&mut self) {
        if self.is_on_reserve() {
            match self.journal.keep_reserve() {
                true => self.resume(),
                false => self.pause(),
            }
            return;
        }
        let mut moved = self.journal.relocate();
        // A quota is as good as a disk.
        let full = [io::ErrorKind::StorageFull, io::ErrorKind::QuotaExceeded];
        let is_full = |moved: &io::Result<()>| {
            moved
                .as_ref()
                .is_err_and(|error| full.contains(&error.kind()))
        };
        let mut on_reserve = false;
        if is_full(&moved) && self.journal.spend_reserve() {
            moved = self.journal.relocate();
            on_reserve = moved.is_ok();
        }
        match moved {
            Ok(()) if on_reserve => self.begin_reserve(),
            Ok(()) => {
                self.work.fresh_since = None;
                // It may have been given up before; what there is no room for is tried next time.
                self.journal.keep_reserve();
                self.resume();
            }
            Err(error) => {
                self.tell(&error);
                self.pause();
                self.withdraw();
            }
        }
    }

    /// Tries again later.
    fn pause(&mut self) {
        if let Some(failure) = &mut self.work.failure {
            failure.next_try = Instant::now() + failure.pause;
            failure.pause = (failure.pause * 2).min(PAUSE_MAX);
        }
    }

    /// Has the alarm written: it is what the reserve is for.
    fn begin_reserve(&mut self) {
        self.work.fresh_since = None;
        if let Some(failure) = &mut self.work.failure {
            failure.on_reserve = true;
            let mut notice = Vec::new();
            Event::Full {
                error: &failure.error,
            }
            .write(&mut notice);
            self.notices.push(notice);
        }
        self.pause();
    }

    fn resume(&mut self) {
        if let Some(failure) = self.work.failure.take() {
            let mut notice = Vec::new();
            Event::Recovered {
                segment: &failure.segment,
                error: &failure.error,
                failed_ms: u64::try_from(failure.since.elapsed().as_millis()).unwrap_or(u64::MAX),
                refused: failure.refused,
                withdrawn: &failure.withdrawn,
            }
            .write(&mut notice);
            self.notices.push(notice);
        }
    }

    pub(super) fn tell(&self, error: &io::Error) {
        let told = self.gauges.error.lock();
        *told.unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
    }

    /// Tells everybody who waits that the log failed, and remembers whom.
    pub(super) fn withdraw(&mut self) {
        let waits: Vec<_> = self.journal.withdraw().collect();
        for wait in waits {
            self.answer(wait, Err(Failed));
            if let Some(failure) = &mut self.work.failure {
                failure.withdrawn.push(wait.seq);
            }
        }
    }
}
