//! A worker's own writing: the same batch as the writer's thread would write, but never a wait.

use std::time::Instant;

use super::{UNSYNCED_BYTES_MAX, Writer};
use crate::disk::Disk;

/// What a worker's own writing came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Inline {
    /// What was in the rings is written.
    Done,
    /// It is for the writer's thread to go on.
    Left,
}

impl<D: Disk> Writer<D> {
    /// Writes what waits in the rings on behalf of a worker, which must not be kept waiting.
    pub(crate) fn inline(&mut self, lane: usize) -> Inline {
        let began = Instant::now();
        let possible = self.work.failure.is_none()
            && self.work.broken.is_none()
            && self.work.left_over.is_none()
            && self.notices.is_empty()
            && !self.work.ended
            && self.journal.unsynced_bytes() <= UNSYNCED_BYTES_MAX / 2
            && self.pace.is_quick(began);
        if !possible {
            return Inline::Left;
        }
        let bytes = self.take_batch();
        if self.work.batch.is_empty() {
            return Inline::Done;
        }
        if self.journal.is_full_for(bytes) {
            self.work.left_over = Some(bytes);
            return Inline::Left;
        }
        let first = self.work.fresh_since.is_none();
        let flushed = self.write_lines();
        self.pace.wrote(began);
        self.gauges.write_ns.add(super::nanoseconds(began));
        match flushed {
            Ok(()) => self.begin_sync(),
            // Going on in a new segment takes time; until then nothing of this one is touched.
            Err(error) => self.work.broken = Some(error),
        }
        self.publish();
        self.wake_lanes(Some(lane));
        // The writer's thread begins the sync in time, should no further record come.
        match first || self.work.broken.is_some() {
            true => Inline::Left,
            false => Inline::Done,
        }
    }
}
