//! Finds records: walks the blocks that may hold one, in the order that is wanted.

use std::ops::ControlFlow;
use std::os::unix::fs::FileExt as _;
use std::thread;

use crate::index::{Block, Cache};
use crate::lines::{Lines, Piece};
use crate::log::{Log, Segment};
use crate::problem::{Damages, Problem};
use crate::record::Record;
use crate::select::{Selection, Wanted};

/// Threads that make indexes at a time; more would wait for the disk.
const THREADS_MAX: usize = 4;
/// Largest block that is read at once when the newest line comes first; a larger one holds a line
/// of its own size.
const BLOCK_BYTES_MAX: u64 = 1 << 30;

/// Which record comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Order {
    /// The last one.
    #[default]
    Newest,
    /// The first one.
    Oldest,
}

/// What a walk met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Walked {
    /// Records that were handed on.
    pub matched: u64,
    /// Bytes of the log that were read for lines.
    pub bytes_read: u64,
    /// Bytes of the log that the index had passed over.
    pub bytes_passed: u64,
    /// Lines that are no records.
    pub damages: Damages,
    /// Whether it ended before the end of the log, because enough was found.
    pub is_cut: bool,
}

/// Hands on the records that are wanted, at most `limit` of them, each with its line (without the
/// newline). A damaged line is none of them, and is told.
///
/// # Errors
/// When the log can't be read, or with what `each` returns.
pub fn query(
    log: &Log,
    cache: &Cache,
    (selection, order): (&Selection, Order),
    limit: Option<u64>,
    mut each: impl FnMut(&Record<'_>, &[u8]) -> Result<(), Problem>,
) -> Result<Walked, Problem> {
    let mut left = limit.unwrap_or(u64::MAX);
    if left == 0 {
        return Ok(Walked::default());
    }
    walk(log, cache, (selection, order), |record, line| {
        each(record, line)?;
        left = left.saturating_sub(1);
        Ok(match left {
            0 => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })
    })
}

/// The same for anything that can be wanted, until `each` breaks.
pub(crate) fn walk(
    log: &Log,
    cache: &Cache,
    (wanted, order): (&(impl Wanted + Sync), Order),
    each: impl FnMut(&Record<'_>, &[u8]) -> Result<ControlFlow<()>, Problem>,
) -> Result<Walked, Problem> {
    cache.prune(log.names());
    let span = log.span(wanted.period())?;
    let mut walk = Walk {
        wanted,
        order,
        each,
        walked: Walked::default(),
    };
    let threads = thread::available_parallelism()
        .map_or(1, usize::from)
        .min(THREADS_MAX);
    let mut places: Vec<usize> = span.collect();
    if order == Order::Newest {
        places.reverse();
    }
    // The first segment alone: it may be all that is needed.
    let (first, rest) = places.split_at(places.len().min(1));
    for places in core::iter::once(first).chain(rest.chunks(threads)) {
        for (segment, blocks) in indexed(log, cache, (places, wanted))? {
            if walk.segment(&segment, blocks)?.is_break() {
                walk.walked.is_cut = true;
                return Ok(walk.walked);
            }
        }
    }
    Ok(walk.walked)
}

/// These segments with their blocks, made at the same time.
fn indexed(
    log: &Log,
    cache: &Cache,
    (places, wanted): (&[usize], &(impl Wanted + Sync)),
) -> Result<Vec<(Segment, Vec<Block>)>, Problem> {
    let of = |place: usize| -> Result<Option<(Segment, Vec<Block>)>, Problem> {
        let Some(segment) = log.segment(place)? else {
            return Ok(None);
        };
        let blocks = cache.blocks(&segment, wanted.period());
        let blocks = blocks.map_err(Problem::reading(&segment.path))?;
        Ok(Some((segment, blocks)))
    };
    let of = &of;
    thread::scope(|scope| {
        let workers: Vec<_> = places
            .iter()
            .map(|place| scope.spawn(move || of(*place)))
            .collect();
        let mut found = Vec::with_capacity(workers.len());
        for worker in workers {
            // A panic there is one here.
            let made = worker
                .join()
                .unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            found.extend(made?);
        }
        Ok(found)
    })
}

struct Walk<'w, W, E> {
    wanted: &'w W,
    order: Order,
    each: E,
    walked: Walked,
}

impl<W, E> Walk<'_, W, E>
where
    W: Wanted,
    E: FnMut(&Record<'_>, &[u8]) -> Result<ControlFlow<()>, Problem>,
{
    fn segment(
        &mut self,
        segment: &Segment,
        mut blocks: Vec<Block>,
    ) -> Result<ControlFlow<()>, Problem> {
        if self.order == Order::Newest {
            blocks.reverse();
        }
        for block in blocks {
            let bytes = block.place.end.saturating_sub(block.place.start);
            if !self.is_worth(&block) {
                self.walked.bytes_passed = self.walked.bytes_passed.saturating_add(bytes);
                continue;
            }
            self.walked.bytes_read = self.walked.bytes_read.saturating_add(bytes);
            if self.block(segment, &block)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    fn is_worth(&self, block: &Block) -> bool {
        let period = self.wanted.period();
        let is_timed = block.times.0 < period.until_ns && block.times.1 >= period.from_ns;
        match (block.flawed, block.lines) {
            (0, _) => is_timed && self.wanted.may_be_in(block),
            (_, 0) => true,
            _ => is_timed,
        }
    }

    fn block(&mut self, segment: &Segment, block: &Block) -> Result<ControlFlow<()>, Problem> {
        let bytes = block.place.end.saturating_sub(block.place.start);
        if self.order == Order::Oldest || bytes > BLOCK_BYTES_MAX {
            return self.lines(segment, block);
        }
        let mut text = vec![0; usize::try_from(bytes).unwrap_or_default()];
        let read = segment.file.read_exact_at(&mut text, block.place.start);
        read.map_err(Problem::reading(&segment.path))?;
        let mut end = text.len();
        while end > 0 {
            let ends_whole = text.get(end.saturating_sub(1)) == Some(&b'\n');
            let body = end.saturating_sub(usize::from(ends_whole));
            let before = text.get(..body).unwrap_or_default();
            let start = memchr::memrchr(b'\n', before).map_or(0, |at| at.saturating_add(1));
            let line = text.get(start..body).unwrap_or_default();
            let offset = block.place.start.saturating_add(start as u64);
            let piece = match ends_whole {
                true => Piece::Line(line),
                false => Piece::Unfinished(line),
            };
            if self.piece((segment, block), offset, piece)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
            end = start;
        }
        Ok(ControlFlow::Continue(()))
    }

    fn lines(&mut self, segment: &Segment, block: &Block) -> Result<ControlFlow<()>, Problem> {
        let mut lines = Lines::of(&segment.file, block.place.clone());
        while let Some((place, piece)) = lines.next().map_err(Problem::reading(&segment.path))? {
            if self.piece((segment, block), place.start, piece)?.is_break() {
                return Ok(ControlFlow::Break(()));
            }
        }
        Ok(ControlFlow::Continue(()))
    }

    /// One line; in a block whose lines are all sound, only what may be wanted is read.
    fn piece(
        &mut self,
        (segment, block): (&Segment, &Block),
        offset: u64,
        piece: Piece<'_>,
    ) -> Result<ControlFlow<()>, Problem> {
        let damages = &mut self.walked.damages;
        let line = match piece {
            Piece::Line(line) => line,
            Piece::TooLong => {
                damages.add(
                    segment.name,
                    offset,
                    "the line is longer than a record can be",
                );
                return Ok(ControlFlow::Continue(()));
            }
            // As a failing disk leaves it: the next segment has the line again.
            Piece::Unfinished(_) if segment.repeats(block.seqs.1.saturating_add(1)) => {
                return Ok(ControlFlow::Continue(()));
            }
            Piece::Unfinished(_) => {
                damages.add(segment.name, offset, "the line is unfinished");
                return Ok(ControlFlow::Continue(()));
            }
        };
        if block.flawed == 0 && !self.wanted.may_be(line) {
            return Ok(ControlFlow::Continue(()));
        }
        let record = match Record::read(line) {
            Ok(record) => record,
            Err(flaw) => {
                damages.add(segment.name, offset, flaw);
                return Ok(ControlFlow::Continue(()));
            }
        };
        if segment.repeats(record.seq) || !self.wanted.is(&record, line) {
            return Ok(ControlFlow::Continue(()));
        }
        self.walked.matched = self.walked.matched.saturating_add(1);
        (self.each)(&record, line)
    }
}

#[cfg(test)]
mod tests;
