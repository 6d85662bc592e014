//! Which lines are written ahead, and who waits for that instead of a sync.
//!
//! **Invariant:** what is written ahead has no gap: each block goes on where the one before ended,
//! and a place in the file is written again only when the segments hold its lines on the device.

use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{Journal, Wait};
use varistor_audit::ahead::PAGE_BYTES;

use crate::ahead::{Block, Done, Order, Scribe};
use crate::disk::Disk;

/// In how much time so many syncs for somebody who waits are worth a file of their own.
const SYNCS_WITHIN: Duration = Duration::from_secs(1);

/// After a block that so many waited for, the next begins this much later at the earliest. Each
/// costs as much as several calls do, and wakes threads; who comes alone never waits for it.
const CROWD: usize = 64;
const PACE: Duration = Duration::from_millis(1);

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// There is no file, and none is needed yet.
    Cold,
    /// It is being made.
    Making,
    Ready,
    /// A block is on its way.
    Writing,
    /// It could not be made or written; segments are synced instead.
    GivenUp,
}

/// What the journal knows of the write-ahead log. Places are counted on from the file's beginning
/// and never fall; the file's own are their remainders.
pub(super) struct Ahead {
    scribe: Arc<Scribe>,
    stage: Stage,
    /// Size of the file, in bytes; a multiple of a page.
    room: u64,
    block: Option<Block>,
    /// Where the next block goes; up to where the segments have everything; up to where they will
    /// once the sync under way has ended. Relation: `dead <= mark <= next <= dead + room`.
    next: u64,
    dead: u64,
    mark: u64,
    /// Bytes of the journal's lines that are in blocks.
    settling: usize,
    fresh: usize,
    /// Who waits for the block on its way, and the number of the first line behind it.
    waiting: Vec<Wait>,
    covered: u64,
    /// When the next block may begin, if a crowd waited for the last.
    due: Option<Instant>,
    /// The number of the first line that is not written ahead.
    durable: u64,
    /// Syncs for somebody after which there is to be a file; how many there were since then.
    after: u32,
    eager: (u32, Option<Instant>),
}

impl Ahead {
    pub(super) fn new(scribe: Arc<Scribe>, (room, after): (u64, u32)) -> Self {
        let page = PAGE_BYTES as u64;
        let stage = if room < page {
            Stage::GivenUp
        } else {
            Stage::Cold
        };
        Self {
            scribe,
            stage,
            room: room - room % page,
            block: None,
            next: 0,
            dead: 0,
            mark: 0,
            settling: 0,
            fresh: 0,
            waiting: Vec::new(),
            covered: 0,
            due: None,
            durable: 0,
            after,
            eager: (0, None),
        }
    }

    /// Where a block of this length goes: never over the file's end.
    fn place(&self, length: u64) -> Option<u64> {
        let left = self.room - self.next % self.room;
        let at = if left < length {
            self.next + left
        } else {
            self.next
        };
        (at + length <= self.dead + self.room && length <= self.room).then_some(at)
    }

    /// A sync of a segment begins: what is fresh settles.
    pub(super) fn sync_begins(&mut self) {
        self.settling = std::mem::take(&mut self.fresh);
        self.mark = self.next;
    }

    /// It has ended well.
    pub(super) fn sync_ended(&mut self) {
        self.settling = 0;
        self.dead = self.mark;
    }

    /// The segments hold every line; gives back who waited for a block.
    pub(super) fn is_overtaken(&mut self) -> Vec<Wait> {
        (self.settling, self.fresh) = (0, 0);
        (self.dead, self.mark) = (self.next, self.next);
        std::mem::take(&mut self.waiting)
    }

    pub(super) const fn durable(&self) -> u64 {
        self.durable
    }
}

/// What became of the lines that somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WrittenAhead {
    /// They are on their way.
    Begun,
    /// They will be when the block before them has arrived.
    Coming,
    /// They need a sync of their segment.
    No,
}

impl<D: Disk> Journal<D> {
    /// Has the lines written ahead that somebody waits for, and all before them.
    pub(crate) fn write_ahead(&mut self, now: Instant) -> WrittenAhead {
        if self.ahead.due.is_some_and(|due| due <= now) {
            self.ahead.due = None;
        }
        match self.ahead.stage {
            Stage::Writing => return WrittenAhead::Coming,
            Stage::Ready if self.ahead.due.is_some() => return WrittenAhead::Coming,
            Stage::Ready if self.flushed == self.fresh.bytes.len() => {}
            _ => return WrittenAhead::No,
        }
        let ahead = &mut self.ahead;
        let (settling, fresh) = (&self.settling.bytes, &self.fresh.bytes);
        let rest = |lines: &'_ [u8], from| lines.get(from..).map_or(0, <[u8]>::len);
        debug_assert!(rest(settling, ahead.settling) + rest(fresh, ahead.fresh) > 0);
        let mut block = ahead.block.take().unwrap_or_else(Block::new);
        let parts = [
            settling.get(ahead.settling..).unwrap_or_default(),
            fresh.get(ahead.fresh..).unwrap_or_default(),
        ];
        let filled = block.fill(parts);
        let length = block.pages().len() as u64;
        let Some(at) = filled.and_then(|()| ahead.place(length)) else {
            ahead.block = Some(block);
            return WrittenAhead::No;
        };
        (ahead.settling, ahead.fresh) = (settling.len(), fresh.len());
        ahead.waiting.append(&mut self.settling.waiting);
        ahead.waiting.append(&mut self.fresh.waiting);
        ahead.due = (ahead.waiting.len() >= CROWD).then(|| now + PACE);
        ahead.covered = self.chain.next_seq();
        ahead.next = at + length;
        ahead.stage = Stage::Writing;
        ahead.scribe.ask(Order::Write(block, at % ahead.room));
        WrittenAhead::Begun
    }

    /// When somebody has to look whether a block may begin; not before the one on its way ends.
    /// The time may be over already if somebody waits: it passed since that was looked at.
    pub(crate) fn ahead_due(&self) -> Option<Instant> {
        let due = self.ahead.due.filter(|_| self.ahead.stage == Stage::Ready);
        due.filter(|due| self.is_awaited() || *due > Instant::now())
    }

    /// Takes what the scribe has done. An error means that segments are synced from now on; nobody
    /// has lost anything by it.
    pub(crate) fn wrote_ahead(&mut self, done: Done) -> io::Result<()> {
        let ahead = &mut self.ahead;
        let was_writing = ahead.stage == Stage::Writing;
        ahead.block = done.block.or(ahead.block.take());
        ahead.stage = match &done.result {
            Ok(()) => Stage::Ready,
            Err(_) => Stage::GivenUp,
        };
        if was_writing {
            let waiting = &mut ahead.waiting;
            match &done.result {
                Ok(()) => {
                    self.settled.append(waiting);
                    ahead.durable = ahead.covered;
                }
                Err(_) => {
                    waiting.append(&mut self.fresh.waiting);
                    self.fresh.waiting = std::mem::take(waiting);
                    self.release();
                }
            }
        }
        done.result
    }

    /// A segment is about to be synced because somebody waits; often enough, a file to write ahead
    /// is worth its room.
    pub(crate) fn note_eager(&mut self, now: Instant) {
        let ahead = &mut self.ahead;
        if ahead.stage != Stage::Cold {
            return;
        }
        let (syncs, since) = &mut ahead.eager;
        let begun = *since.get_or_insert(now);
        if now.saturating_duration_since(begun) > SYNCS_WITHIN {
            (*syncs, *since) = (0, Some(now));
        }
        *syncs += 1;
        if *syncs >= ahead.after {
            ahead.stage = Stage::Making;
            ahead.scribe.ask(Order::Make(ahead.room));
        }
    }

    /// Whether the file is half full of lines that the segments don't hold on the device.
    pub(crate) const fn is_ahead_short(&self) -> bool {
        self.ahead.next - self.ahead.dead > self.ahead.room / 2
    }

    /// The end: nothing is on its way any more.
    pub(crate) fn await_ahead(&mut self) {
        if matches!(self.ahead.stage, Stage::Making | Stage::Writing) {
            let done = self.ahead.scribe.wait();
            // Its error was not worth a failure before either.
            let _given_up = self.wrote_ahead(done);
        }
    }

    /// The end: once everything is synced there is nothing ahead.
    pub(crate) fn end_ahead(&mut self) {
        self.await_ahead();
        if self.ahead.stage != Stage::Cold {
            self.ahead.scribe.ask(Order::Remove);
            // What stays is read and removed by the next start.
            let _stays = self.ahead.scribe.wait();
            self.ahead.stage = Stage::GivenUp;
        }
    }

    /// Lets those go who waited for lines that the segments hold, also if a block does not arrive.
    pub(super) fn release(&mut self) {
        let first_unsynced = self.first_unsynced();
        for waiting in [&mut self.ahead.waiting, &mut self.fresh.waiting] {
            let count = waiting.partition_point(|wait| wait.seq < first_unsynced);
            self.settled.extend(waiting.drain(..count));
        }
    }
}
