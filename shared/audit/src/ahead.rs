//! The form of the write-ahead log, and what a crash has left in it.
//!
//! A gateway whose callers wait for the device writes lines here first: a small file whose room is
//! written when it is made. Its segments follow. After a power cut they may lack lines that stand
//! here; [`recover`] gives them back. The file is no part of the evidence: it is gone once the log
//! is closed, and what it gives back is held by the chain alone, as any line behind a signed head.
//!
//! A block: 8 bytes that say so, the length of its lines and the XXH3-64 of length and lines (8
//! bytes each, little-endian), the lines, zeros up to a multiple of [`PAGE_BYTES`]. It begins at
//! such a multiple too. Lines hold no byte below 0x20 but their newline: none looks like a block.

use xxhash_rust::xxh3::Xxh3Default;

use crate::chain::{Chain, digest};
use crate::line::Head;

/// Its name in the log's directory.
pub const FILE: &str = "ahead";
/// Blocks begin and end at multiples of this: what a direct write wants of memory and file.
pub const PAGE_BYTES: usize = 4096;
/// Bytes before a block's lines.
pub const HEAD_BYTES: usize = 24;
/// What blocks begin with.
const MAGIC: [u8; 8] = *b"\0aheadV1";

/// The head of a block with these lines.
#[must_use]
pub fn head(lines: &[u8]) -> [u8; HEAD_BYTES] {
    let length = (lines.len() as u64).to_le_bytes();
    let fields = [MAGIC, length, checksum(length, lines).to_le_bytes()];
    let mut head = [0; HEAD_BYTES];
    head.copy_from_slice(fields.as_flattened());
    head
}

fn checksum(length: [u8; 8], lines: &[u8]) -> u64 {
    let mut sum = Xxh3Default::new();
    sum.update(&length);
    sum.update(lines);
    sum.digest()
}

/// The lines of the block that `bytes` begin with, if one does.
fn lines_of(bytes: &[u8]) -> Option<&[u8]> {
    let rest = bytes.strip_prefix(&MAGIC)?;
    let (length, rest) = rest.split_first_chunk::<8>()?;
    let (sum, rest) = rest.split_first_chunk::<8>()?;
    let lines = rest.get(..usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    (checksum(*length, lines) == u64::from_le_bytes(*sum)).then_some(lines)
}

/// What the segments have lost.
#[derive(Debug, PartialEq, Eq)]
pub struct Found {
    /// Lines that go on where the segments end, each chained to the one before.
    pub lines: Vec<u8>,
    /// How many.
    pub count: u64,
    /// The number of the first line that does not follow what was before; no crash leaves one.
    pub gap: Option<u64>,
}

/// Reads the lines that follow `chain` out of the file's bytes, and carries `chain` behind them.
#[must_use = "they are lost otherwise"]
pub fn recover(file: &[u8], chain: &mut Chain) -> Found {
    let blocks = (0..file.len()).step_by(PAGE_BYTES);
    let blocks = blocks.filter_map(|at| lines_of(file.get(at..)?));
    let mut blocks: Vec<_> = blocks
        .filter_map(|lines| Some((Head::read(lines)?.seq, lines)))
        .collect();
    blocks.sort_unstable_by_key(|(first, _)| *first);
    let mut found = Found {
        lines: Vec::new(),
        count: 0,
        gap: None,
    };
    let lines = blocks
        .iter()
        .flat_map(|(_, lines)| lines.split_inclusive(|byte| *byte == b'\n'));
    for line in lines {
        let Some(head) = Head::read(line) else {
            found.gap = Some(chain.next_seq());
            break;
        };
        if head.seq < chain.next_seq() {
            continue;
        }
        if head.seq > chain.next_seq() || head.prev != *chain.head() {
            found.gap = Some(head.seq);
            break;
        }
        *chain = Chain::resume(head.seq, digest(line.trim_ascii_end()), head.time_ns);
        found.lines.extend_from_slice(line);
        found.count = found.count.saturating_add(1);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(chain: &mut Chain, count: u64) -> Vec<u8> {
        let mut out = Vec::new();
        for _ in 0..count {
            let tail = format!(",\"kind\":\"x\",\"text\":\"{}\"}}", "y".repeat(300));
            chain.next_line(7, tail.as_bytes(), &mut out);
        }
        out
    }

    fn block(lines: &[u8]) -> Vec<u8> {
        let mut block = [&head(lines)[..], lines].concat();
        block.resize(block.len().next_multiple_of(PAGE_BYTES), 0);
        block
    }

    #[test]
    fn lines_come_back_in_their_order_whatever_stands_first_in_the_file() {
        let mut chain = Chain::genesis();
        let log = [
            lines(&mut chain, 20),
            lines(&mut chain, 1),
            lines(&mut chain, 40),
        ];
        let file = [block(&log[2]), block(&log[0]), block(&log[1])].concat();
        let mut begun = Chain::genesis();
        let found = recover(&file, &mut begun);
        assert_eq!(found.lines, log.concat());
        assert_eq!((found.count, found.gap), (61, None));
        assert_eq!((begun.next_seq(), begun.head()), (61, chain.head()));
        // The segments have some of them.
        let mut middle = Chain::genesis();
        let had = lines(&mut middle, 25);
        let found = recover(&file, &mut middle);
        assert_eq!([had, found.lines].concat(), log.concat());
        // They have all.
        let found = recover(&file, &mut middle);
        assert_eq!((found.count, found.gap), (0, None));
    }

    #[test]
    fn a_torn_block_ends_what_is_recovered() {
        let mut chain = Chain::genesis();
        let log = [lines(&mut chain, 20), lines(&mut chain, 30)];
        let (whole, torn) = (block(&log[0]), block(&log[1]));
        for flipped in [0, 9, 17, 24, 500, 9_000] {
            let mut torn = torn.clone();
            torn[flipped] ^= 1;
            let file = [&whole[..], &torn].concat();
            assert_eq!(recover(&file, &mut Chain::genesis()).lines, log[0]);
        }
        let file = [&whole[..], &torn[..PAGE_BYTES]].concat();
        assert_eq!(recover(&file, &mut Chain::genesis()).lines, log[0]);
    }

    #[test]
    fn lines_that_are_not_chained_are_not_taken() {
        let mut chain = Chain::genesis();
        let (_, second) = (lines(&mut chain, 2), lines(&mut chain, 2));
        let mut other = Chain::genesis();
        other.next_line(8, b",\"other\":1}", &mut Vec::new());
        other.next_line(8, b",\"other\":1}", &mut Vec::new());
        let found = recover(&block(&second), &mut other);
        assert_eq!((found.count, found.gap), (0, Some(2)));
        let found = recover(&block(b"no line of ours\n"), &mut other);
        assert_eq!(
            (found.count, found.gap),
            (0, None),
            "nothing tells its place"
        );
        assert_eq!(recover(&block(&second), &mut Chain::genesis()).gap, Some(2));
        assert_eq!(recover(b"", &mut other).count, 0);
    }
}
