//! Opens the ledger, starts its two threads, watches and ends them.
//!
//! A panic in either thread ends the process: without its writer, no call may be judged.

use std::io;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::bell::Bell;
use crate::disk::Disk;
use crate::journal::{Beginning, Journal};
use crate::lane::{Lane, Shared, Waker};
use crate::open::{self, LedgerError, Lock};
use crate::pen::{Desk, Pen};
use crate::syncer::Syncer;
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
    /// How long records gather before they are written when batches follow each other twice as
    /// fast, in microseconds: fewer wake-ups for that much latency under load. 0: never.
    pub gather_us: u64,
}

impl Options {
    /// The defaults for a directory: segments of 64 MiB, rings as in the limits, sync in 100 ms,
    /// gathering for 100 us.
    #[must_use]
    pub const fn new(dir: PathBuf) -> Self {
        Self {
            dir,
            segment_bytes: 64 << 20,
            ring_records: varistor_model::limits::RING_RECORDS,
            sync_ms: 100,
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
    /// Records refused since the start because the disk failed.
    pub refused: u64,
    /// Records that wait in the rings.
    pub depth: usize,
}

/// The running log.
pub struct Ledger {
    lanes: Arc<[Arc<Shared>]>,
    bell: Arc<Bell>,
    gauges: Arc<Gauges>,
    closed: Arc<AtomicBool>,
    threads: Option<(JoinHandle<io::Result<()>>, JoinHandle<()>)>,
    /// Held until the threads have ended.
    _lock: Option<Lock>,
}

impl Ledger {
    /// Opens the log, repairs a torn tail, starts the writer. One lane for each waker, in order.
    ///
    /// # Errors
    /// When another ledger has the directory open, or the log can't be read or written.
    pub fn open(options: &Options, wakers: Vec<Waker>) -> Result<(Self, Vec<Lane>), LedgerError> {
        let opened = open::open(&options.dir, options.segment_bytes)?;
        let (mut ledger, lanes) = Self::start(
            opened.directory,
            opened.beginning,
            opened.notices,
            options,
            wakers,
        )?;
        ledger._lock = Some(opened.lock);
        Ok((ledger, lanes))
    }

    pub(crate) fn start<D: Disk>(
        disk: D,
        beginning: Beginning<D::File>,
        notices: Vec<Vec<u8>>,
        options: &Options,
        wakers: Vec<Waker>,
    ) -> Result<(Self, Vec<Lane>), LedgerError> {
        let shared = |waker| Arc::new(Shared::new(options.ring_records, waker));
        let lanes: Arc<[_]> = wakers.into_iter().map(shared).collect();
        let (bell, gauges) = (Arc::new(Bell::default()), Arc::new(Gauges::default()));
        let closed = Arc::new(AtomicBool::new(false));
        let syncer = Arc::new(Syncer::new(Arc::clone(&bell)));
        let writer = Writer {
            journal: Journal::new(disk, beginning, options.segment_bytes.max(1)),
            lanes: Arc::clone(&lanes),
            syncer: Arc::clone(&syncer),
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
        let desk = Arc::new(Desk::new(writer, Arc::clone(&lanes), rung, ends));
        let lane = |(place, shared): (usize, &Arc<Shared>)| {
            let pen = Arc::clone(&desk) as Arc<dyn Pen>;
            let (bell, closed) = (Arc::clone(&bell), Arc::clone(&closed));
            Lane::new((place, Arc::clone(shared)), pen, bell, closed)
        };
        let ends = lanes.iter().enumerate().map(lane).collect();
        let syncing = spawn("varistor-sync", move || syncer.run())?;
        let writing = spawn("varistor-audit", move || desk.run())?;
        let ledger = Self {
            lanes,
            bell,
            gauges,
            closed,
            threads: Some((writing, syncing)),
            _lock: None,
        };
        Ok((ledger, ends))
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
            refused: gauges.refused.load(Ordering::Relaxed),
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
        let Some((writing, syncing)) = self.threads.take() else {
            return Ok(());
        };
        // Neither thread can panic and be joined: it would have ended the process.
        let written = writing.join().unwrap_or(Ok(()));
        let _ended = syncing.join();
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
