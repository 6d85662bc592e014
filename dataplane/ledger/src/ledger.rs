//! Opens the ledger, starts its threads, watches and ends them.
//!
//! A panic in any of them ends the process: without its writer, no call may be judged.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use varistor_evidence::{Book, Signing};

use crate::ahead::{self, Scribe};
use crate::bell::Bell;
use crate::clerk::Syncer;
use crate::disk::{Disk, Segment as _};
use crate::distribution::Distribution;
use crate::journal::{Beginning, Journal};
use crate::lane::{Lane, Shared, Waker};
use crate::open::{self, LedgerError, Lock};
use crate::pen::{Desk, Pen};
use crate::signer::{Signer, unix_ns};
use crate::writer::{Gauges, Pace, Work, Writer};

/// How the log is kept.
#[derive(Clone, Debug)]
pub struct Options {
    /// The log's directory; made if it is missing. One ledger at a time.
    pub dir: PathBuf,
    /// Room of a segment, in bytes; a single larger batch gets a segment of its own.
    pub segment_bytes: u64,
    /// Records that a ring holds, and tickets that a lane may have out.
    pub ring_records: usize,
    /// A sync of a written record begins within this time, in milliseconds.
    pub sync_ms: u64,
    /// Room of the write-ahead log, in bytes, which is made when many calls wait for the device. 0:
    /// never, and each group of such calls has its segment synced.
    pub ahead_bytes: u64,
    /// It is made after so many such syncs in a second.
    pub ahead_after: u32,
    /// Where the keys are that sign the log; `None`: it is not signed.
    pub signing: Option<Signing>,
    /// How long records gather before they are written when batches follow each other twice as
    /// fast, in microseconds: fewer wake-ups for that much latency under load. 0: never.
    pub gather_us: u64,
}

impl Options {
    /// The defaults for a directory: segments of 64 MiB, rings as in the limits, sync in 100 ms,
    /// gathering for 100 us, 32 MiB to write ahead, no signing.
    #[must_use]
    pub const fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            segment_bytes: 64 << 20,
            ring_records: varistor_model::limits::RING_RECORDS,
            sync_ms: 100,
            ahead_bytes: 32 << 20,
            ahead_after: 32,
            signing: None,
            gather_us: 100,
        }
    }
}

/// The state of the log at some recent moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerState {
    /// The number that the next record gets.
    pub seq: u64,
    /// Records before this number are synced.
    pub synced_seq: u64,
    /// File name of the segment that is written.
    pub segment: String,
    /// Length of that segment, in bytes.
    pub bytes: u64,
    /// Whether the disk fails and records are refused.
    pub failed: bool,
    /// The last error of the disk, also when it is over.
    pub error: Option<String>,
    /// How the log is signed; `None`: it is not.
    pub evidence: Option<EvidenceState>,
    /// Records refused since the start because the disk failed.
    pub refused: u64,
    /// Records that wait in the rings.
    pub depth: usize,
    /// Records in a batch.
    pub batch_records: Distribution,
    /// What it takes to write a batch to the kernel, in nanoseconds.
    pub write_ns: Distribution,
    /// What it takes to bring what was written to the device, in nanoseconds.
    pub sync_ns: Distribution,
}

/// How far the log is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EvidenceState {
    /// The first key: what a verifier must know.
    pub anchor: String,
    /// Records before this number are signed.
    pub signed_seq: u64,
    /// The number of the key in force.
    pub epoch: u64,
    /// Why the newest head or key could not be written, until one could.
    pub error: Option<String>,
}

/// What signs, and the first key's text.
type Signs = Option<(Arc<Signer>, String)>;

/// The running log.
pub struct Ledger {
    lanes: Arc<[Arc<Shared>]>,
    bell: Arc<Bell>,
    gauges: Arc<Gauges>,
    closed: Arc<AtomicBool>,
    signs: Signs,
    threads: Option<Threads>,
    /// Held until the threads have ended.
    _lock: Option<Lock>,
}

/// All of a ledger but its threads, which a simulation takes turns for.
pub(crate) struct Parts<D: Disk> {
    pub(crate) desk: Arc<Desk<D>>,
    pub(crate) syncer: Arc<Syncer<D::File>>,
    pub(crate) scribe: Arc<Scribe>,
    pub(crate) gauges: Arc<Gauges>,
    shared: Arc<[Arc<Shared>]>,
    bell: Arc<Bell>,
    closed: Arc<AtomicBool>,
}

/// Where it begins, the first records' tails, and who signs.
type Begin<D> = (
    Beginning<<D as Disk>::File>,
    Vec<Vec<u8>>,
    Option<Arc<Signer>>,
);

impl<D: Disk> Parts<D> {
    pub(crate) fn new(
        disk: D,
        (beginning, notices, signer): Begin<D>,
        options: &Options,
        wakers: Vec<Waker>,
    ) -> Self {
        let one = |waker| Arc::new(Shared::new(options.ring_records, waker));
        let shared: Arc<[_]> = wakers.into_iter().map(one).collect();
        let (bell, gauges) = (Arc::new(Bell::default()), Arc::new(Gauges::default()));
        let closed = Arc::new(AtomicBool::new(false));
        let (syncer, scribe) = (Arc::new(Syncer::default()), Arc::new(Scribe::default()));
        let ahead_by = (
            Arc::clone(&scribe),
            (options.ahead_bytes, options.ahead_after),
        );
        let room = options.segment_bytes.max(1);
        let journal = Journal::new(disk, beginning, room, ahead_by);
        let writer = Writer {
            journal: journal.signed_by(signer),
            lanes: Arc::clone(&shared),
            syncer: Arc::clone(&syncer),
            scribe: Arc::clone(&scribe),
            gauges: Arc::clone(&gauges),
            closed: Arc::clone(&closed),
            sync_within: Duration::from_millis(options.sync_ms),
            gather: Duration::from_micros(options.gather_us),
            notices,
            work: Work::default(),
            pace: Pace::default(),
        };
        writer.publish();
        let (rung, ends) = (Arc::clone(&bell), Arc::clone(&closed));
        Self {
            desk: Arc::new(Desk::new(writer, Arc::clone(&shared), rung, ends)),
            syncer,
            scribe,
            gauges,
            shared,
            bell,
            closed,
        }
    }

    /// A lane for each waker.
    pub(crate) fn lanes(&self) -> Vec<Lane> {
        let lane = |(place, shared): (usize, &Arc<Shared>)| {
            let pen = Arc::clone(&self.desk) as Arc<dyn Pen>;
            let (bell, closed) = (Arc::clone(&self.bell), Arc::clone(&self.closed));
            Lane::new((place, Arc::clone(shared)), pen, bell, closed)
        };
        self.shared.iter().enumerate().map(lane).collect()
    }
}

struct Threads {
    writing: JoinHandle<io::Result<()>>,
    syncing: JoinHandle<()>,
    ahead: JoinHandle<()>,
    signing: Option<JoinHandle<()>>,
}

impl Ledger {
    /// Opens the log, repairs a torn tail, starts the writer. One lane for each waker, in order.
    ///
    /// # Errors
    /// When another ledger has the directory open, or the log can't be read or written.
    pub fn open(options: &Options, wakers: Vec<Waker>) -> Result<(Self, Vec<Lane>), LedgerError> {
        let opened = open::open(&options.dir, options.segment_bytes)?;
        let (beginning, notices) = (opened.beginning, opened.notices);
        let book = match &options.signing {
            Some(signing) => {
                let end = (beginning.chain.next_seq(), beginning.name);
                Some(Book::open(&options.dir, signing, end, unix_ns())?)
            }
            None => None,
        };
        let begin = (beginning, notices, book);
        let (mut ledger, lanes) = Self::start(opened.directory, begin, options, wakers)?;
        ledger._lock = Some(opened.lock);
        Ok((ledger, lanes))
    }

    pub(crate) fn start<D: Disk>(
        disk: D,
        (beginning, notices, book): (Beginning<D::File>, Vec<Vec<u8>>, Option<Book>),
        options: &Options,
        wakers: Vec<Waker>,
    ) -> Result<(Self, Vec<Lane>), LedgerError> {
        let signs: Signs = book.as_ref().map(|book| {
            let signer = Signer::default();
            signer.publish(book);
            (Arc::new(signer), book.anchor())
        });
        let signer = signs.as_ref().map(|(signer, _)| Arc::clone(signer));
        let mut file = disk.ahead();
        let parts = Parts::new(disk, (beginning, notices, signer.clone()), options, wakers);
        let ends = parts.lanes();
        let (desk, syncer, scribe) = (parts.desk, parts.syncer, parts.scribe);
        let (bell, pen) = (Arc::clone(&parts.bell), Arc::clone(&desk));
        let rings = move || {
            bell.ring();
            None
        };
        let syncing = spawn("varistor-sync", move || {
            syncer.run(|file| file.sync(), rings);
        })?;
        let ahead = spawn("varistor-ahead", move || {
            scribe.run(|order| ahead::act(&mut file, order), || pen.wrote_ahead());
        })?;
        let writing = spawn("varistor-audit", move || desk.run())?;
        let signing = match (signer, book) {
            (Some(signer), Some(book)) => Some(spawn("varistor-sign", move || signer.run(book))?),
            _ => None,
        };
        let ledger = Self {
            lanes: parts.shared,
            bell: parts.bell,
            gauges: parts.gauges,
            closed: parts.closed,
            signs,
            threads: Some(Threads {
                writing,
                syncing,
                ahead,
                signing,
            }),
            _lock: None,
        };
        Ok((ledger, ends))
    }

    /// Has the next segment begun, unless the one that is written is empty. Does not wait for it:
    /// the state tells.
    pub fn rotate(&self) {
        self.gauges.rotate.store(true, Ordering::Release);
        self.bell.ring();
    }

    /// The state of the log.
    #[must_use]
    pub fn state(&self) -> LedgerState {
        let gauges = &self.gauges;
        let segment = varistor_audit::SegmentName(gauges.segment.load(Ordering::Relaxed));
        LedgerState {
            seq: gauges.next_seq.load(Ordering::Relaxed),
            synced_seq: gauges.first_unsynced.load(Ordering::Relaxed),
            segment: segment.to_string(),
            bytes: gauges.bytes.load(Ordering::Relaxed),
            failed: gauges.failed.load(Ordering::Relaxed),
            error: gauges
                .error
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
            evidence: self.signs.as_ref().map(|(signer, anchor)| EvidenceState {
                anchor: anchor.clone(),
                signed_seq: signer.told.signed.load(Ordering::Relaxed),
                epoch: signer.told.epoch.load(Ordering::Relaxed),
                error: signer.error(),
            }),
            refused: gauges.refused.load(Ordering::Relaxed),
            batch_records: gauges.batch.read(),
            write_ns: gauges.write_ns.read(),
            sync_ns: gauges.sync_ns.read(),
            depth: self.lanes.iter().map(|lane| lane.records.len()).sum(),
        }
    }

    /// Refuses further records, writes and syncs those that were pushed, ends the threads.
    ///
    /// # Errors
    /// When the disk fails and not everything could be synced.
    pub fn close(mut self) -> Result<(), LedgerError> {
        self.end()
    }

    fn end(&mut self) -> Result<(), LedgerError> {
        self.closed.store(true, Ordering::SeqCst);
        self.bell.ring();
        let Some(threads) = self.threads.take() else {
            return Ok(());
        };
        // No thread can panic and be joined: it would have ended the process.
        let written = threads.writing.join().unwrap_or(Ok(()));
        let _ended = (threads.syncing.join(), threads.ahead.join());
        if let (Some((signer, _)), Some(signing)) = (&self.signs, threads.signing) {
            signer.close();
            let _signed = signing.join();
        }
        written.map_err(LedgerError::Unsynced)
    }
}

impl Drop for Ledger {
    fn drop(&mut self) {
        // Who wants to know calls `close`.
        let _unsynced = self.end();
    }
}

fn spawn<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, LedgerError> {
    let guarded = move || {
        let _guard = AbortOnPanic;
        work()
    };
    thread::Builder::new()
        .name(name.to_owned())
        .spawn(guarded)
        .map_err(LedgerError::Thread)
}

struct AbortOnPanic;

impl Drop for AbortOnPanic {
    fn drop(&mut self) {
        if thread::panicking() {
            std::process::abort();
        }
    }
}

#[cfg(test)]
mod tests;
