//! The writer: takes records from all lanes in turn, has them numbered, written and synced,
//! answers.
//!
//! While the disk fails it refuses every record at once and tries again with growing pauses.

mod failure;
mod inline;
mod pace;
mod syncs;
mod turn;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use varistor_audit::LINE_OVERHEAD_BYTES;
use varistor_model::Durability;

use self::failure::Failure;
pub(crate) use self::inline::Inline;
pub(crate) use self::pace::Pace;
pub(crate) use self::turn::Rest;
use crate::ahead::Scribe;
use crate::clerk::Syncer;
use crate::disk::Disk;
use crate::distribution::Counts;
use crate::journal::{Journal, Wait};
use crate::lane::{Entry, Failed, Shared};

/// Most records in one batch, over all lanes.
const BATCH_RECORDS: usize = 1024;
/// No further record is taken into a batch of this many bytes.
const BATCH_BYTES: usize = 1 << 20;
/// Most records that one lane gives before the next lane's turn.
const TURN_RECORDS: usize = 32;
/// Not more than this is written ahead of the disk; then writing waits for the sync.
const UNSYNCED_BYTES_MAX: usize = 16 << 20;

/// What others see of the writer.
#[derive(Debug)]
pub(crate) struct Gauges {
    pub(crate) next_seq: AtomicU64,
    pub(crate) first_unsynced: AtomicU64,
    pub(crate) segment: AtomicU64,
    pub(crate) bytes: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) failed: AtomicBool,
    /// Somebody wants the next segment to begin.
    pub(crate) rotate: AtomicBool,
    /// Records in a batch, what it takes to write one, and to have it on the device.
    pub(crate) batch: Counts,
    pub(crate) write_ns: Counts,
    pub(crate) sync_ns: Counts,
    /// The last error of the disk, kept when it is over.
    pub(crate) error: Mutex<Option<String>>,
}

impl Default for Gauges {
    fn default() -> Self {
        Self {
            next_seq: AtomicU64::default(),
            first_unsynced: AtomicU64::default(),
            segment: AtomicU64::default(),
            bytes: AtomicU64::default(),
            refused: AtomicU64::default(),
            failed: AtomicBool::default(),
            rotate: AtomicBool::default(),
            batch: Counts::of_records(),
            write_ns: Counts::of_time(),
            sync_ns: Counts::of_time(),
            error: Mutex::default(),
        }
    }
}

pub(crate) struct Writer<D: Disk> {
    pub(crate) journal: Journal<D>,
    pub(crate) lanes: Arc<[Arc<Shared>]>,
    pub(crate) syncer: Arc<Syncer<D::File>>,
    pub(crate) scribe: Arc<Scribe>,
    pub(crate) gauges: Arc<Gauges>,
    pub(crate) closed: Arc<AtomicBool>,
    /// Longest time that a written line may go without a sync being begun.
    pub(crate) sync_within: Duration,
    /// How long records gather before they are written, when they come faster than that.
    pub(crate) gather: Duration,
    /// Records of the writer's own, without head, for the next batch.
    pub(crate) notices: Vec<Vec<u8>>,
    pub(crate) work: Work,
    pub(crate) pace: Pace,
}

/// What the writer remembers from one step to the next; reused buffers mostly.
#[derive(Default)]
pub(crate) struct Work {
    failure: Option<Failure>,
    /// An error of a worker's own write, which the writer's thread deals with.
    broken: Option<std::io::Error>,
    /// The batch was taken by a worker that could not write it; the bytes that it has at most.
    left_over: Option<usize>,
    /// Nothing is written any more.
    ended: bool,
    /// The lane whose turn is first.
    turn: usize,
    batch: Vec<(usize, Entry)>,
    waits: Vec<(Durability, Wait)>,
    /// Lanes that have answers to collect.
    answered: Vec<usize>,
    /// When the oldest line was written that no sync covers.
    fresh_since: Option<Instant>,
    /// Whether the short sleep after work is over.
    dozed: bool,
    /// When records were last written without having gathered.
    taken_at: Option<Instant>,
    /// Whether the last batch had gathered.
    gathered: bool,
    /// How many of it somebody waited for.
    tickets: usize,
    /// When the sync under way began.
    sync_began: Option<Instant>,
    /// When the block on its way was begun.
    ahead_began: Option<Instant>,
}

fn nanoseconds(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_nanos()).unwrap_or(u64::MAX)
}

impl<D: Disk> Writer<D> {
    /// Does what there is to do; says whether there were records.
    fn step(&mut self) -> bool {
        if self.journal.is_syncing() {
            let result = match self.journal.unsynced_bytes() > UNSYNCED_BYTES_MAX {
                true => Some(self.syncer.wait()),
                false => self.syncer.take(),
            };
            if result.is_some()
                && let Some(began) = self.work.sync_began.take()
            {
                self.gauges.sync_ns.add(nanoseconds(began));
            }
            if let Some(Err(error)) = result.map(|result| self.journal.end_sync(result)) {
                self.fail(error);
            }
        }
        self.end_ahead();
        if let Some(error) = self.work.broken.take() {
            self.fail(error);
        }
        if self.work.failure.as_ref().is_some_and(Failure::is_due) {
            self.recover();
        }
        let bytes = match self.work.left_over.take() {
            Some(bytes) => bytes,
            None => self.take_batch(),
        };
        let wanted = self.gauges.rotate.load(Ordering::Relaxed);
        let worked = !self.work.batch.is_empty() || !self.notices.is_empty() || wanted;
        if worked {
            self.write_batch(bytes);
        }
        self.begin_sync();
        self.answer_settled();
        worked && self.work.failure.is_none() || !self.work.batch.is_empty()
    }

    /// Takes records from the lanes in turn; returns the bytes that their lines have at most.
    fn take_batch(&mut self) -> usize {
        let work = &mut self.work;
        work.batch.clear();
        work.turn = work.turn.wrapping_add(1);
        let (lanes, mut bytes) = (self.lanes.len(), 0);
        loop {
            let before = work.batch.len();
            for place in 0..lanes {
                let lane = work.turn.wrapping_add(place) % lanes;
                let Some(shared) = self.lanes.get(lane) else {
                    continue;
                };
                for _ in 0..TURN_RECORDS {
                    if work.batch.len() >= BATCH_RECORDS || bytes >= BATCH_BYTES {
                        return bytes;
                    }
                    let Some(entry) = shared.records.pop() else {
                        break;
                    };
                    bytes += entry.tail.len() + LINE_OVERHEAD_BYTES;
                    work.batch.push((lane, entry));
                }
            }
            if work.batch.len() == before {
                return bytes;
            }
        }
    }

    fn write_batch(&mut self, bytes: usize) {
        if self.is_on_reserve() {
            self.refuse_calls();
        }
        let wanted = self.gauges.rotate.swap(false, Ordering::Relaxed);
        if !self.is_stopped()
            && (self.journal.is_full_for(bytes) || wanted && self.journal.bytes() > 0)
            && let Err(error) = self.journal.rotate(&self.syncer, bytes)
        {
            self.fail(error);
        }
        if self.is_stopped() {
            return self.refuse_batch();
        }
        if self.work.batch.is_empty() && self.notices.is_empty() {
            return;
        }
        let began = Instant::now();
        let written = self.write_lines();
        self.pace.wrote(began);
        self.gauges.write_ns.add(nanoseconds(began));
        if let Err(error) = written {
            self.fail(error);
        }
    }

    /// Numbers, chains and writes the batch, and answers those who wait for no more.
    fn write_lines(&mut self) -> std::io::Result<()> {
        let unix_ns = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| {
                u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
            });
        for notice in self.notices.drain(..) {
            self.journal.number(unix_ns, &notice);
        }
        let mut waits = std::mem::take(&mut self.work.waits);
        for (lane, entry) in self.work.batch.iter_mut() {
            let seq = self.journal.number(unix_ns, &entry.tail);
            if let Some(ticket) = entry.ticket {
                let wait = Wait {
                    lane: *lane,
                    ticket: ticket.number,
                    seq,
                };
                waits.push((ticket.durability, wait));
            }
            if let Some(shared) = self.lanes.get(*lane) {
                shared.recycle(std::mem::take(&mut entry.tail));
            }
        }
        self.work.tickets = waits.len();
        self.gauges.batch.add(self.work.batch.len() as u64);
        let flushed = self.journal.flush();
        for (durability, wait) in waits.drain(..) {
            match durability {
                Durability::Written if flushed.is_ok() => self.answer(wait, Ok(wait.seq)),
                _ => self.journal.wait(wait),
            }
        }
        self.work.waits = waits;
        self.work.fresh_since.get_or_insert_with(Instant::now);
        flushed
    }

    /// Refuses calls, and leaves the rest.
    fn refuse_calls(&mut self) {
        let batch = std::mem::take(&mut self.work.batch);
        let (calls, others) = batch.into_iter().partition(|(_, entry)| entry.is_of_call());
        self.work.batch = calls;
        self.refuse_batch();
        self.work.batch = others;
    }

    fn refuse_batch(&mut self) {
        let mut batch = std::mem::take(&mut self.work.batch);
        for (lane, entry) in &mut batch {
            if let Some(ticket) = entry.ticket {
                let wait = Wait {
                    lane: *lane,
                    ticket: ticket.number,
                    seq: 0,
                };
                self.answer(wait, Err(Failed));
            }
            if let Some(shared) = self.lanes.get(*lane) {
                shared.recycle(std::mem::take(&mut entry.tail));
            }
        }
        if let Some(failure) = &mut self.work.failure {
            failure.refused += batch.len() as u64;
        }
        self.gauges
            .refused
            .fetch_add(batch.len() as u64, Ordering::Relaxed);
        self.work.batch = batch;
    }

    fn answer(&mut self, wait: Wait, answer: Result<u64, Failed>) {
        if let Some(shared) = self.lanes.get(wait.lane) {
            shared.answer(wait.ticket, answer);
            if !self.work.answered.contains(&wait.lane) {
                self.work.answered.push(wait.lane);
            }
        }
    }

    fn answer_settled(&mut self) {
        let mut settled = std::mem::take(&mut self.journal.settled);
        for wait in settled.drain(..) {
            self.answer(wait, Ok(wait.seq));
        }
        self.journal.settled = settled;
    }

    fn wake_lanes(&mut self, but: Option<usize>) {
        for lane in self.work.answered.drain(..) {
            if let Some(shared) = self.lanes.get(lane).filter(|_| but != Some(lane)) {
                shared.wake();
            }
        }
    }

    pub(crate) fn publish(&self) {
        let gauges = &self.gauges;
        let store = |gauge: &AtomicU64, value| gauge.store(value, Ordering::Relaxed);
        store(&gauges.next_seq, self.journal.next_seq());
        store(&gauges.first_unsynced, self.journal.first_volatile());
        store(&gauges.segment, self.journal.segment().0);
        store(&gauges.bytes, self.journal.bytes());
        let failed = self.work.failure.is_some();
        gauges.failed.store(failed, Ordering::Relaxed);
    }

    /// The end: everything is synced and answered, or withdrawn.
    pub(crate) fn finish(&mut self) -> std::io::Result<()> {
        // Twice, because a failure now may be survived in a new segment, with a record about it.
        for _ in 0..2 {
            if self.work.failure.is_some() {
                self.recover();
            }
            if !self.is_stopped() && !self.notices.is_empty() {
                self.work.batch.clear();
                self.write_batch(0);
            }
            if !self.is_stopped() {
                match self.journal.sync_all(&self.syncer) {
                    Ok(()) => {
                        self.journal.trim();
                        self.journal.end_ahead();
                    }
                    Err(error) => self.fail(error),
                }
            }
        }
        if self.is_stopped() {
            // What was written ahead stays for the next start; who waits for a block hears of it.
            self.journal.await_ahead();
            self.withdraw();
        }
        self.answer_settled();
        self.publish();
        self.wake_lanes(None);
        self.syncer.close();
        self.scribe.close();
        match self.is_stopped() {
            true => self.work.failure.take().map_or(Ok(()), Failure::into_error),
            false => Ok(()),
        }
    }
}
