//! The thread that signs: it takes lines once they are synced and keeps the log's evidence.
//!
//! Lines come as the bytes that were written, from memory, so that what is signed is what the
//! writer meant and not what stands on the disk a second later. A head is signed after a second or
//! 1,000 lines, at a segment's end and at the end; an idle log gets one with each new key. Nothing
//! is dropped: when more waits than fits, the writer waits, and its callers are denied in time.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use varistor_audit::SegmentName;
use varistor_evidence::{Book, EvidenceError};

/// Bytes of lines that wait before the writer does.
const WAITING_BYTES_MAX: usize = 64 << 20;
/// Buffers that are kept to be used again; one is filled while the other is hashed.
const SPARE_MAX: usize = 2;
/// How long lines are gathered before they are hashed, and the bytes that are not waited behind.
const GATHER: Duration = Duration::from_millis(2);
const GATHERED_BYTES: usize = 64 << 10;
/// Lines after which a head is signed.
const HEAD_LINES: u64 = 1_000;
/// Time after which a head is signed if there are new lines, and pause after a failure.
const HEAD_WITHIN: Duration = Duration::from_secs(1);
/// Longest sleep: keys change within this time after theirs is over.
const NAP: Duration = Duration::from_secs(5);

/// Lines of one segment, on their way.
struct Lot {
    segment: SegmentName,
    bytes: Vec<u8>,
}

#[derive(Default)]
struct Queue {
    lots: VecDeque<Lot>,
    /// Bytes in `lots`.
    bytes: usize,
    spare: Vec<Vec<u8>>,
    closed: bool,
}

/// What others see of the signing thread.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// Lines that the newest head covers.
    pub(crate) signed: AtomicU64,
    /// The number of the key in force.
    pub(crate) epoch: AtomicU64,
    /// Why the last head or key could not be written.
    pub(crate) error: Mutex<Option<String>>,
}

/// The desk between writer and signing thread.
#[derive(Default)]
pub(crate) struct Signer {
    queue: Mutex<Queue>,
    changed: Condvar,
    pub(crate) told: Told,
}

impl Signer {
    /// Hands over lines that are synced, and gives an empty buffer back.
    pub(crate) fn hand(&self, segment: SegmentName, bytes: Vec<u8>) -> Vec<u8> {
        let mut queue = self.lock();
        while queue.bytes > WAITING_BYTES_MAX {
            queue = self.wait(queue, NAP);
        }
        // Once per gathering: a wake-up costs more than the lines of one batch.
        let wakes = queue.lots.is_empty() || queue.bytes + bytes.len() >= GATHERED_BYTES;
        queue.bytes += bytes.len();
        queue.lots.push_back(Lot { segment, bytes });
        let spare = queue.spare.pop().unwrap_or_default();
        drop(queue);
        if wakes {
            self.changed.notify_all();
        }
        spare
    }

    /// Ends the thread once everything is signed.
    pub(crate) fn close(&self) {
        self.lock().closed = true;
        self.changed.notify_all();
    }

    /// What the thread does.
    pub(crate) fn run(&self, mut book: Book) {
        let mut due = Some(Instant::now() + HEAD_WITHIN);
        loop {
            let pause = due.map_or(NAP, |due| due.saturating_duration_since(Instant::now()));
            let Some(lots) = self.take(pause.min(NAP)) else {
                break;
            };
            for lot in lots {
                self.enter(&mut book, lot);
            }
            self.tell(book.tend(unix_ns()));
            if due.is_some_and(|due| due <= Instant::now()) {
                self.tell(book.sign());
                due = None;
            }
            if due.is_none() && book.has_news() {
                due = Some(Instant::now() + HEAD_WITHIN);
            }
            self.publish(&book);
        }
        self.tell(book.sign().and_then(|()| book.sync()));
        self.publish(&book);
    }

    fn enter(&self, book: &mut Book, lot: Lot) {
        self.tell(book.begin_segment(lot.segment));
        let mut rest = lot.bytes.as_slice();
        while !rest.is_empty() {
            let end = memchr::memchr(b'\n', rest).unwrap_or(rest.len());
            book.append(rest.get(..end).unwrap_or_default());
            rest = rest.get(end.saturating_add(1)..).unwrap_or_default();
            if book.size().saturating_sub(book.signed()) >= HEAD_LINES
                && book.size().is_multiple_of(HEAD_LINES)
            {
                self.tell(book.sign());
            }
        }
        let mut queue = self.lock();
        let awaited = queue.bytes > WAITING_BYTES_MAX;
        queue.bytes -= lot.bytes.len();
        if queue.spare.len() < SPARE_MAX {
            let mut spare = lot.bytes;
            spare.clear();
            spare.shrink_to(crate::journal::BUFFER_BYTES_MAX);
            queue.spare.push(spare);
        }
        drop(queue);
        if awaited {
            self.changed.notify_all();
        }
    }

    /// Everything that waits, after `pause` at most; `None` at the end.
    fn take(&self, pause: Duration) -> Option<VecDeque<Lot>> {
        let mut queue = self.lock();
        if queue.lots.is_empty() && !queue.closed && !pause.is_zero() {
            queue = self.wait(queue, pause);
        }
        let gathers = !queue.lots.is_empty() && queue.bytes < GATHERED_BYTES;
        if gathers && !queue.closed {
            queue = self.wait(queue, GATHER);
        }
        match queue.lots.is_empty() && queue.closed {
            true => None,
            false => Some(std::mem::take(&mut queue.lots)),
        }
    }

    fn tell(&self, result: Result<(), EvidenceError>) {
        if let Err(error) = result {
            let told = self.told.error.lock();
            *told.unwrap_or_else(PoisonError::into_inner) = Some(error.to_string());
        }
    }

    /// Why the newest head or key could not be written.
    pub(crate) fn error(&self) -> Option<String> {
        let told = self.told.error.lock();
        told.unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Shows others how far it is.
    pub(crate) fn publish(&self, book: &Book) {
        let before = self.told.signed.swap(book.signed(), Ordering::Relaxed);
        self.told
            .epoch
            .store(book.epoch().number, Ordering::Relaxed);
        if !book.has_news() && before != book.signed() {
            // A head was written: what went wrong before is over.
            let told = self.told.error.lock();
            *told.unwrap_or_else(PoisonError::into_inner) = None;
        }
    }

    fn wait<'q>(&self, queue: MutexGuard<'q, Queue>, pause: Duration) -> MutexGuard<'q, Queue> {
        let waited = self.changed.wait_timeout(queue, pause);
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Now, in nanoseconds since 1970.
pub(crate) fn unix_ns() -> u64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    now.map_or(0, |since| {
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    })
}
