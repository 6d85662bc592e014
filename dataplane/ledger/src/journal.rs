//! From numbered lines to segments: what is written, what is synced, and where lines go when a
//! segment fails.
//!
//! **Invariant:** a line that has a number is never changed and never dropped. Lines are kept in
//! memory until they are synced; when the segment fails, all that are not synced begin a new one,
//! and only then is the old one cut. **Invariant:** a new segment begins only when every line
//! before it is synced, so at most the end of one segment is uncertain at any time.

mod ahead;

use std::io;
use std::sync::Arc;

use varistor_audit::{Chain, SegmentName};

use self::ahead::Ahead;
pub(crate) use self::ahead::WrittenAhead;
use crate::ahead::Scribe;
use crate::clerk::Syncer;
use crate::disk::{Disk, Segment};
use crate::signer::Signer;

/// A buffer of lines that has grown beyond this is given back once its lines are synced. Between
/// two syncs of a busy gateway come some MiB, and the kernel zeroes memory that is taken anew.
pub(crate) const BUFFER_BYTES_MAX: usize = 8 << 20;

/// Who waits for a line.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wait {
    pub(crate) lane: usize,
    pub(crate) ticket: u32,
    pub(crate) seq: u64,
}

/// Who signs lines, and the segment that they stand in.
type Signs<'s> = (Option<&'s Signer>, SegmentName);

/// Lines that are not synced, and who waits until they are.
#[derive(Default)]
struct Lines {
    bytes: Vec<u8>,
    count: u64,
    waiting: Vec<Wait>,
}

impl Lines {
    /// Empties it; who waited goes to `settled`. Here lines become final, and the signing thread
    /// gets them.
    fn settle(&mut self, (signer, segment): Signs<'_>, settled: &mut Vec<Wait>) {
        settled.append(&mut self.waiting);
        self.count = 0;
        match signer {
            Some(signer) if !self.bytes.is_empty() => {
                self.bytes = signer.hand(segment, std::mem::take(&mut self.bytes));
            }
            _ => {
                self.bytes.clear();
                self.bytes.shrink_to(BUFFER_BYTES_MAX);
            }
        }
    }
}

/// Where the journal begins: behind the last line of the log.
pub(crate) struct Beginning<F> {
    pub(crate) chain: Chain,
    pub(crate) name: SegmentName,
    pub(crate) file: F,
    /// Length of the segment; all of it is synced.
    pub(crate) bytes: u64,
}

/// The open end of the log.
pub(crate) struct Journal<D: Disk> {
    disk: D,
    chain: Chain,
    signer: Option<Arc<Signer>>,
    /// What a new segment has room for.
    room: u64,
    name: SegmentName,
    file: Arc<D::File>,
    /// Relation: `synced <= written`, the segment's length as far as it is sure.
    written: u64,
    synced: u64,
    /// Lines that the sync under way covers; the segment's length that it covers.
    settling: Lines,
    settling_end: u64,
    syncing: bool,
    /// The sync under way is of a segment that failed since; its result says nothing.
    stale: bool,
    /// Lines behind those. Relation: `flushed <= fresh.bytes.len()`.
    fresh: Lines,
    flushed: usize,
    ahead: Ahead,
    /// Waits that are over, for the writer to answer.
    pub(crate) settled: Vec<Wait>,
}

impl<D: Disk> Journal<D> {
    pub(crate) fn new(
        disk: D,
        beginning: Beginning<D::File>,
        room: u64,
        (scribe, ahead): (Arc<Scribe>, (u64, u32)),
    ) -> Self {
        Self {
            disk,
            chain: beginning.chain,
            signer: None,
            room,
            name: beginning.name,
            file: Arc::new(beginning.file),
            written: beginning.bytes,
            synced: beginning.bytes,
            settling: Lines::default(),
            settling_end: 0,
            syncing: false,
            stale: false,
            fresh: Lines::default(),
            flushed: 0,
            ahead: Ahead::new(scribe, ahead),
            settled: Vec::new(),
        }
    }

    /// Has lines signed once they are synced.
    pub(crate) fn signed_by(mut self, signer: Option<Arc<Signer>>) -> Self {
        self.signer = signer;
        self
    }

    /// The number that the next line gets.
    pub(crate) const fn next_seq(&self) -> u64 {
        self.chain.next_seq()
    }

    /// The first number that a power cut might take.
    pub(crate) fn first_volatile(&self) -> u64 {
        self.first_unsynced().max(self.ahead.durable())
    }

    /// The first number that is not synced in its segment.
    pub(crate) const fn first_unsynced(&self) -> u64 {
        let unsynced = self.settling.count.saturating_add(self.fresh.count);
        self.chain.next_seq().saturating_sub(unsynced)
    }

    pub(crate) const fn segment(&self) -> SegmentName {
        self.name
    }

    /// Length of the segment.
    pub(crate) const fn bytes(&self) -> u64 {
        self.written
    }

    pub(crate) const fn unsynced_bytes(&self) -> usize {
        self.settling.bytes.len() + self.fresh.bytes.len()
    }

    pub(crate) const fn is_syncing(&self) -> bool {
        self.syncing
    }

    /// Whether there are lines that no sync under way covers.
    pub(crate) const fn has_fresh(&self) -> bool {
        self.fresh.count > 0
    }

    /// Whether somebody waits for a sync that has not begun.
    pub(crate) const fn is_awaited(&self) -> bool {
        !self.fresh.waiting.is_empty()
    }

    /// Whether a batch of this many bytes belongs into a new segment.
    pub(crate) fn is_full_for(&self, bytes: usize) -> bool {
        let room = self.file.room().min(self.room);
        self.written > 0 && self.written.saturating_add(bytes as u64) > room
    }

    /// Numbers and chains a record; it is not written yet.
    pub(crate) fn number(&mut self, unix_ns: u64, tail: &[u8]) -> u64 {
        self.fresh.count += 1;
        self.chain.next_line(unix_ns, tail, &mut self.fresh.bytes)
    }

    /// Writes what was numbered, with one call. After an error, or fewer bytes written than asked
    /// for, the segment is not to be written again: [`Journal::relocate`].
    pub(crate) fn flush(&mut self) -> io::Result<()> {
        let lines = self.fresh.bytes.get(self.flushed..).unwrap_or_default();
        let count = loop {
            match self.file.write(lines, self.written) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                written => break written?,
            }
        };
        if count < lines.len() {
            return Err(io::Error::new(
                io::ErrorKind::WriteZero,
                "the disk took a part of a write only",
            ));
        }
        self.written += count as u64;
        self.flushed = self.fresh.bytes.len();
        Ok(())
    }

    /// Has somebody wait until the lines so far are synced.
    pub(crate) fn wait(&mut self, wait: Wait) {
        self.fresh.waiting.push(wait);
    }

    /// Begins to sync what is written. `awaited`: for those who wait; otherwise they go on waiting
    /// for what is written ahead.
    pub(crate) fn begin_sync(&mut self, syncer: &Syncer<D::File>, awaited: bool) {
        if self.syncing || !self.has_fresh() {
            return;
        }
        debug_assert!(self.flushed == self.fresh.bytes.len(), "unwritten lines");
        std::mem::swap(&mut self.settling, &mut self.fresh);
        if !awaited {
            std::mem::swap(&mut self.settling.waiting, &mut self.fresh.waiting);
        }
        self.ahead.sync_begins();
        self.flushed = 0;
        self.settling_end = self.written;
        self.syncing = true;
        syncer.ask(Arc::clone(&self.file));
    }

    /// Takes the result of a sync. After an error: [`Journal::relocate`].
    pub(crate) fn end_sync(&mut self, result: io::Result<()>) -> io::Result<()> {
        self.syncing = false;
        if std::mem::take(&mut self.stale) {
            return Ok(());
        }
        result?;
        self.synced = self.settling_end;
        let signs = (self.signer.as_deref(), self.name);
        self.settling.settle(signs, &mut self.settled);
        self.ahead.sync_ended();
        self.release();
        Ok(())
    }

    /// Syncs everything that is written, and waits for it.
    pub(crate) fn sync_all(&mut self, syncer: &Syncer<D::File>) -> io::Result<()> {
        if self.syncing {
            self.end_sync(syncer.wait())?;
        }
        if self.has_fresh() {
            self.file.sync()?;
            self.synced = self.written;
            let signs = (self.signer.as_deref(), self.name);
            self.fresh.settle(signs, &mut self.settled);
            self.flushed = 0;
        }
        self.settled.append(&mut self.ahead.is_overtaken());
        Ok(())
    }

    /// Gives the room behind the last line back to the disk.
    pub(crate) fn trim(&self) {
        // A segment that keeps its room is as good a record as one that doesn't.
        let _kept = self.file.cut(self.written);
    }

    /// Ends the segment and begins the next. Everything numbered must have been flushed.
    pub(crate) fn rotate(&mut self, syncer: &Syncer<D::File>, bytes: usize) -> io::Result<()> {
        self.sync_all(syncer)?;
        let name = SegmentName(self.next_seq());
        let room = self.room.max(bytes as u64);
        let next = self.disk.begin(name, [&[], &[]], room)?;
        self.trim();
        self.file = Arc::new(next);
        (self.name, self.written, self.synced) = (name, 0, 0);
        Ok(())
    }

    /// Leaves a failed segment: every line that is not synced begins a new one, which is synced
    /// when this returns. On an error nothing has changed, and it may be tried again.
    pub(crate) fn relocate(&mut self) -> io::Result<()> {
        let name = SegmentName(self.first_unsynced());
        let contents = [&self.settling.bytes[..], &self.fresh.bytes];
        let bytes = self.unsynced_bytes() as u64;
        let next = self.disk.begin(name, contents, self.room)?;
        let failed = std::mem::replace(&mut self.file, Arc::new(next));
        if name != self.name {
            // What can't be cut stands twice then, the same, and verification knows that.
            let _stands_twice = failed.cut(self.synced);
        }
        (self.name, self.written, self.synced) = (name, bytes, bytes);
        let signs = (self.signer.as_deref(), self.name);
        self.settling.settle(signs, &mut self.settled);
        self.fresh.settle(signs, &mut self.settled);
        self.flushed = 0;
        self.settled.append(&mut self.ahead.is_overtaken());
        self.stale = self.syncing;
        Ok(())
    }

    /// The disk's reserve: see [`Disk`].
    pub(crate) fn spend_reserve(&mut self) -> bool {
        self.disk.spend_reserve()
    }

    /// The disk's reserve: see [`Disk`].
    pub(crate) fn keep_reserve(&mut self) -> bool {
        self.disk.keep_reserve()
    }

    /// Takes everybody who waits; their lines stay.
    pub(crate) fn withdraw(&mut self) -> impl Iterator<Item = Wait> {
        let settling = self.settling.waiting.drain(..);
        settling.chain(self.fresh.waiting.drain(..))
    }
}
