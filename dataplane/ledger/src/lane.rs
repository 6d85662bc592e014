//! A worker's end of the ledger: a bounded ring of records out, a bounded ring of answers back.
//!
//! It refuses a record at once when the ring is full, when too many bytes wait in it, when too many
//! answers have not been collected, or when the ledger is closed. It never waits.

use std::marker::PhantomData;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crossbeam_queue::ArrayQueue;
use varistor_model::Durability;

use crate::bell::Bell;
use crate::pen::Pen;

/// Most bytes of records that wait in one ring; a single record may be larger.
const RING_BYTES_MAX: u64 = 64 << 20;
/// A buffer that has grown beyond this is given back to the allocator instead of being reused.
const BUFFER_BYTES_MAX: usize = 32 * 1024;

/// Called by the writer when a lane has answers to collect. It must not block.
pub type Waker = Arc<dyn Fn() + Send + Sync>;

/// The ring has no room; nothing was left behind in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the ring to the audit writer is full")]
pub struct Full;

/// The record could not be made to stand; its call must not go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the audit log can't be written")]
pub struct Failed;

/// Who waits for a record.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ticket {
    pub(crate) number: u32,
    pub(crate) durability: Durability,
}

#[derive(Debug)]
pub(crate) struct Entry {
    /// Everything of the line behind its head.
    pub(crate) tail: Vec<u8>,
    /// `None`: nobody waits.
    pub(crate) ticket: Option<Ticket>,
}

impl Entry {
    /// Whether a call waits for it, so that the call is refused when it is.
    pub(crate) fn is_of_call(&self) -> bool {
        self.ticket.is_some_and(|ticket| ticket.number != EVENT)
    }
}

/// The ticket of events.
const EVENT: u32 = u32::MAX;

/// What a lane and the writer share.
pub(crate) struct Shared {
    pub(crate) records: ArrayQueue<Entry>,
    /// Buffers on their way back.
    buffers: ArrayQueue<Vec<u8>>,
    answers: ArrayQueue<(u32, Result<u64, Failed>)>,
    /// Bytes that the writer has taken, since the beginning.
    taken_bytes: AtomicU64,
    /// Whether the waker was called since the lane last collected.
    called: AtomicBool,
    waker: Waker,
}

impl Shared {
    pub(crate) fn new(records: usize, waker: Waker) -> Self {
        let records = records.max(1);
        Self {
            records: ArrayQueue::new(records),
            buffers: ArrayQueue::new(records),
            answers: ArrayQueue::new(records),
            taken_bytes: AtomicU64::new(0),
            called: AtomicBool::new(false),
            waker,
        }
    }

    /// Gives a buffer back; `tail` holds a record that was taken.
    pub(crate) fn recycle(&self, mut tail: Vec<u8>) {
        self.taken_bytes
            .fetch_add(tail.len() as u64, Ordering::Relaxed);
        if tail.capacity() <= BUFFER_BYTES_MAX {
            tail.clear();
            // No room means that there are buffers enough.
            let _surplus = self.buffers.push(tail);
        }
    }

    pub(crate) fn answer(&self, ticket: u32, answer: Result<u64, Failed>) {
        // There is room: a lane never has more tickets out than fit.
        let lost = self.answers.push((ticket, answer));
        debug_assert!(lost.is_ok(), "more answers than tickets");
    }

    /// Calls the waker, unless it was called and the lane has not collected since.
    pub(crate) fn wake(&self) {
        if !self.called.swap(true, Ordering::AcqRel) {
            (self.waker)();
        }
    }
}

/// One worker's way to the writer. Moves to its thread and stays there.
pub struct Lane {
    shared: Arc<Shared>,
    /// Its place among the lanes.
    place: usize,
    pen: Arc<dyn Pen>,
    bell: Arc<Bell>,
    closed: Arc<AtomicBool>,
    /// Whether somebody waits for a record that was pushed since the last [`Lane::send`].
    loud: bool,
    /// Tickets out: pushed and not yet collected. Relation: `out <= answers.capacity()`.
    out: usize,
    /// Bytes pushed, since the beginning.
    pushed_bytes: u64,
    not_sync: PhantomData<std::cell::Cell<()>>,
}

impl Lane {
    pub(crate) fn new(
        (place, shared): (usize, Arc<Shared>),
        pen: Arc<dyn Pen>,
        bell: Arc<Bell>,
        closed: Arc<AtomicBool>,
    ) -> Self {
        Self {
            shared,
            place,
            pen,
            bell,
            closed,
            loud: false,
            out: 0,
            pushed_bytes: 0,
            not_sync: PhantomData,
        }
    }

    /// Pushes a record. `fill` writes it into an empty buffer (as `CallRecord::write` does);
    /// the answer to `ticket` (less than `u32::MAX`) comes through [`Lane::collect`] once the
    /// record stands as firmly as `durability` says. Nothing is written before [`Lane::send`].
    ///
    /// # Errors
    /// [`Full`] when there is no room; `fill` may then not have been called.
    pub fn push(
        &mut self,
        durability: Durability,
        ticket: u32,
        fill: impl FnOnce(&mut Vec<u8>),
    ) -> Result<(), Full> {
        if self.out >= self.shared.answers.capacity() {
            return Err(Full);
        }
        let ticket = Ticket {
            number: ticket,
            durability,
        };
        self.put(Some(ticket), fill)?;
        self.out += 1;
        self.loud = true;
        Ok(())
    }

    /// Pushes a record of what happens to the gateway itself. It is synced at once, and on a full
    /// disk it is written where calls are refused. Its answer has a ticket that means nothing.
    ///
    /// # Errors
    /// [`Full`] when there is no room; `fill` may then not have been called.
    pub fn push_event(&mut self, fill: impl FnOnce(&mut Vec<u8>)) -> Result<(), Full> {
        self.push(Durability::Durable, EVENT, fill)
    }

    /// Pushes a record that nobody waits for, such as a result. It does not wake a writer that
    /// wakes by itself within a few milliseconds, and it is never answered. While the disk fails it
    /// is lost, and counted in the record that tells of the failure.
    ///
    /// # Errors
    /// [`Full`] when there is no room; `fill` may then not have been called.
    pub fn push_quiet(&mut self, fill: impl FnOnce(&mut Vec<u8>)) -> Result<(), Full> {
        self.put(None, fill)
    }

    /// Has the pushed records written. Call it once after pushing, as late as several records can
    /// go together; until then they may lie in the ring. While the disk is quick this thread writes
    /// them itself, with one system call, and their answers are there to be collected when this
    /// returns; otherwise the writer's thread is woken.
    pub fn send(&mut self) {
        self.loud = false;
        self.pen.write(self.place);
    }

    /// Leaves the pushed records to the writer's thread.
    pub fn send_away(&mut self) {
        match std::mem::take(&mut self.loud) {
            true => self.bell.ring(),
            false => self.bell.ring_softly(),
        }
    }

    fn put(&mut self, ticket: Option<Ticket>, fill: impl FnOnce(&mut Vec<u8>)) -> Result<(), Full> {
        if self.closed.load(Ordering::Relaxed) || self.shared.records.is_full() {
            return Err(Full);
        }
        let mut tail = self.shared.buffers.pop().unwrap_or_default();
        fill(&mut tail);
        let bytes = tail.len() as u64;
        let taken = self.shared.taken_bytes.load(Ordering::Relaxed);
        let waiting = self.pushed_bytes.wrapping_sub(taken);
        if waiting > 0 && waiting.saturating_add(bytes) > RING_BYTES_MAX {
            return Err(Full);
        }
        self.pushed_bytes = self.pushed_bytes.wrapping_add(bytes);
        // Only this lane pushes, so the room that was seen above is still there.
        self.shared
            .records
            .push(Entry { tail, ticket })
            .map_err(|_entry| Full)
    }

    /// Takes every answer that has come: the ticket, and the record's number or that it failed.
    /// Answers come in any order.
    pub fn collect(&mut self, mut each: impl FnMut(u32, Result<u64, Failed>)) {
        self.shared.called.swap(false, Ordering::AcqRel);
        while let Some((ticket, answer)) = self.shared.answers.pop() {
            self.out = self.out.saturating_sub(1);
            each(ticket, answer);
        }
    }

    /// How many tickets are out: pushed and not collected.
    #[must_use]
    pub const fn waiting(&self) -> usize {
        self.out
    }
}
