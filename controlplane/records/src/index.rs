//! A sparse index of a segment: for each block of lines its place, its numbers and times, and a
//! set of what its lines can be found by.
//!
//! **Invariant:** an index says only where nothing can be. What is found is read from the log, and
//! a block with a damaged line is never passed over for what its other lines say.

mod bloom;
mod store;

use std::fs::File;
use std::io;
use std::ops::Range;

use varistor_audit::Head;
use xxhash_rust::xxh3::Xxh3Default;

use self::bloom::Bloom;
use crate::field::Field;
use crate::glance::Glance;
use crate::lines::{Lines, Piece};

pub use store::Cache;

/// A block is closed when it has so many bytes, in a segment of up to [`BLOCKS_MAX`] such blocks.
const BLOCK_BYTES: u64 = 256 * 1024;
/// Blocks of a segment; larger segments have larger blocks.
const BLOCKS_MAX: u64 = 4096;

/// Neighbouring lines of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Block {
    /// Where it stands in the segment, in bytes.
    pub(crate) place: Range<u64>,
    /// Its sound lines.
    pub(crate) lines: u32,
    /// Its other lines.
    pub(crate) flawed: u32,
    /// Lowest and highest number; meaningless without a sound line, like all that follows.
    pub(crate) seqs: (u64, u64),
    /// Lowest and highest time.
    pub(crate) times: (u64, u64),
    /// Lowest and highest call that a result in it belongs to; `(u64::MAX, 0)` without results.
    pub(crate) calls: (u64, u64),
    keys: Bloom,
}

/// What is known of a block while it is made.
struct Making {
    place: Range<u64>,
    lines: u32,
    flawed: u32,
    seqs: (u64, u64),
    times: (u64, u64),
    calls: (u64, u64),
    keys: Vec<u64>,
}

const NO_RANGE: (u64, u64) = (u64::MAX, 0);

impl Block {
    /// Whether a line in it may have this value of the field, as it stands between quotes.
    pub(crate) fn has(&self, field: Field, value: &[u8]) -> bool {
        self.keys.may_have(hash(field, value))
    }

    /// Whether the result of this call may be in it.
    pub(crate) const fn may_hold_result_of(&self, call: u64) -> bool {
        self.calls.0 <= call && call <= self.calls.1
    }
}

/// The blocks of this part of a segment.
pub(crate) fn build(file: &File, part: Range<u64>) -> io::Result<Vec<Block>> {
    let length = part.end.saturating_sub(part.start);
    let block_bytes = BLOCK_BYTES.max(length.checked_div(BLOCKS_MAX).unwrap_or_default());
    let mut lines = Lines::of(file, part.clone());
    let (mut blocks, mut making) = (Vec::new(), Making::at(part.start));
    while let Some((place, piece)) = lines.next()? {
        making.place.end = place.end;
        match piece {
            Piece::Line(line) => making.line(line),
            Piece::TooLong | Piece::Unfinished(_) => making.flaw(),
        }
        if making.place.end.saturating_sub(making.place.start) >= block_bytes {
            let next = Making::at(place.end);
            blocks.push(core::mem::replace(&mut making, next).block());
        }
    }
    if !making.place.is_empty() {
        blocks.push(making.block());
    }
    Ok(blocks)
}

impl Making {
    fn at(start: u64) -> Self {
        Self {
            place: start..start,
            lines: 0,
            flawed: 0,
            seqs: NO_RANGE,
            times: NO_RANGE,
            calls: NO_RANGE,
            keys: Vec::new(),
        }
    }

    fn line(&mut self, line: &[u8]) {
        let Some(glance) = Glance::of(line) else {
            return self.flaw();
        };
        self.lines = self.lines.saturating_add(1);
        let Head { seq, time_ns, .. } = glance.head;
        widen(&mut self.seqs, seq);
        widen(&mut self.times, time_ns);
        if let Some(call) = glance.call() {
            widen(&mut self.calls, call);
        }
        glance.each(|field, value| self.keys.push(hash(field, value)));
        // Most lines say what others said: kept short before it grows.
        if self.keys.len() > 1 << 16 {
            self.distinct();
        }
    }

    fn flaw(&mut self) {
        self.flawed = self.flawed.saturating_add(1);
    }

    fn distinct(&mut self) {
        self.keys.sort_unstable();
        self.keys.dedup();
    }

    fn block(mut self) -> Block {
        self.distinct();
        Block {
            place: self.place,
            lines: self.lines,
            flawed: self.flawed,
            seqs: self.seqs,
            times: self.times,
            calls: self.calls,
            keys: Bloom::of(&self.keys),
        }
    }
}

fn widen(range: &mut (u64, u64), value: u64) {
    *range = (range.0.min(value), range.1.max(value));
}

fn hash(field: Field, value: &[u8]) -> u64 {
    let mut state = Xxh3Default::new();
    state.update(&[field as u8]);
    state.update(value);
    state.digest()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{self, STEP, TIME};
    use std::io::Write as _;

    #[test]
    fn a_block_knows_what_its_lines_say_and_how_many_are_damaged() {
        let tails = [
            fixture::event("start", "{}"),
            fixture::call("crm", "get", "allow", ""),
            fixture::result(1, "ok"),
            fixture::call("crm", "put", "deny", r#","reason":"held""#),
        ];
        let log = fixture::Log::of(&tails, 4);
        let mut file = File::options()
            .append(true)
            .read(true)
            .open(log.segment(0))
            .unwrap();
        file.write_all(b"{\"seq\":4,\"time\"}\n").unwrap();
        let length = file.metadata().unwrap().len();
        let blocks = build(&file, 0..length).unwrap();
        let [block] = &blocks[..] else {
            panic!("{blocks:?}");
        };
        assert_eq!(block.place, 0..length);
        assert_eq!((block.lines, block.flawed), (4, 1));
        assert_eq!((block.seqs, block.times), ((0, 3), (TIME, TIME + 3 * STEP)));
        assert!(block.may_hold_result_of(1) && !block.may_hold_result_of(2));
        for (field, value) in [
            (Field::Kind, "start"),
            (Field::Tool, "get"),
            (Field::Tool, "put"),
            (Field::Decision, "deny"),
            (Field::Status, "ok"),
        ] {
            assert!(block.has(field, value.as_bytes()), "{field:?} {value}");
        }
        // Of another field, and not there at all. Sixteen bytes hold few keys, so this is exact.
        assert!(!block.has(Field::Tool, b"deny") && !block.has(Field::Tool, b"delete"));
    }

    #[test]
    fn blocks_lie_side_by_side_and_end_with_a_line() {
        let tails: Vec<String> = (0..3000)
            .map(|_| fixture::call("s", "t", "allow", ""))
            .collect();
        let log = fixture::Log::of(&tails, 3000);
        let file = File::open(log.segment(0)).unwrap();
        let length = file.metadata().unwrap().len();
        let blocks = build(&file, 0..length).unwrap();
        assert!(blocks.len() > 3);
        let mut at = 0;
        for block in &blocks {
            assert_eq!(block.place.start, at);
            at = block.place.end;
        }
        assert_eq!(at, length);
        assert_eq!(blocks.iter().map(|block| block.lines).sum::<u32>(), 3000);
        assert!(build(&file, 5..5).unwrap().is_empty());
    }
}
