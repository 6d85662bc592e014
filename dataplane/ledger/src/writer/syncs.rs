//! What brings lines to the device: syncs of their segment, and blocks that are written ahead.

use std::time::Instant;

use super::{UNSYNCED_BYTES_MAX, Writer, nanoseconds};
use crate::disk::Disk;
use crate::journal::WrittenAhead;

impl<D: Disk> Writer<D> {
    /// Takes note of the block that was on its way, once it has arrived.
    pub(super) fn end_ahead(&mut self) {
        if let Some(done) = self.scribe.take() {
            if let Some(began) = self.work.ahead_began.take() {
                self.gauges.sync_ns.add(nanoseconds(began));
            }
            if let Err(error) = self.journal.wrote_ahead(done) {
                self.tell(&error);
            }
        }
    }

    /// What the thread that writes ahead does between two blocks; says when the next may begin.
    pub(crate) fn settle_ahead(&mut self) -> Option<Instant> {
        self.end_ahead();
        self.begin_sync();
        self.answer_settled();
        self.publish();
        self.wake_lanes(None);
        self.journal.ahead_due()
    }

    /// Writes ahead or begins a sync when somebody waits for it; begins one also when the oldest
    /// line has waited long enough.
    pub(super) fn begin_sync(&mut self) {
        // Lines whose write has failed are for the writer's thread to bring elsewhere.
        if self.is_stopped() || self.work.broken.is_some() {
            return;
        }
        let now = Instant::now();
        let ahead = match self.journal.is_awaited() {
            true => self.journal.write_ahead(now),
            false => WrittenAhead::Coming,
        };
        if ahead == WrittenAhead::Begun {
            self.work.ahead_began = Some(now);
        }
        let awaited = ahead == WrittenAhead::No;
        if self.journal.is_syncing() || !self.journal.has_fresh() {
            return;
        }
        let since = *self.work.fresh_since.get_or_insert(now);
        if awaited
            || self.journal.unsynced_bytes() > UNSYNCED_BYTES_MAX
            || self.journal.is_ahead_short()
            || now.saturating_duration_since(since) >= self.sync_within
        {
            if awaited {
                self.journal.note_eager(now);
            }
            self.journal.begin_sync(&self.syncer, awaited);
            self.work.fresh_since = None;
            self.pace.sync_began(now);
            self.work.sync_began = Some(now);
        }
    }
}
