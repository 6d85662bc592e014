//! The write-ahead log: lines that somebody waits for, in a small file whose room is written when
//! it is made.
//!
//! Syncing a segment that grows makes the file system commit its journal: several writes, each with
//! a wait, and threads of the kernel that are woken. A block in a file that keeps its length and
//! its extents is one write and one flush. So lines stand here first, and the segments are synced
//! now and then, as without anybody who waits. [`varistor_audit::ahead`] has the form, and how a
//! start reads it.

use std::io;

use varistor_audit::ahead::{HEAD_BYTES, PAGE_BYTES, head};

use crate::clerk::Clerk;
use crate::disk::AheadFile;

/// Most bytes of lines in a block.
const LINES_BYTES_MAX: usize = (1 << 20) - HEAD_BYTES;

/// Writes blocks.
pub(crate) type Scribe = Clerk<Order, Done>;

/// What the scribe is asked for.
pub(crate) enum Order {
    /// The file, with room for this many bytes.
    Make(u64),
    /// A block, at this place of the file.
    Write(Block, u64),
    /// That there be no such file.
    Remove,
}

/// What came of it.
pub(crate) struct Done {
    pub(crate) result: io::Result<()>,
    /// The block that was written, to be filled again.
    pub(crate) block: Option<Block>,
}

/// Carries one order out.
pub(crate) fn act(file: &mut impl AheadFile, order: Order) -> Done {
    let (result, block) = match order {
        Order::Make(room) => (file.make(room), None),
        Order::Write(block, at) => (file.write(block.pages(), at), Some(block)),
        Order::Remove => (file.remove(), None),
    };
    Done { result, block }
}

/// Memory for a block, aligned as direct writes want it.
pub(crate) struct Block {
    bytes: Vec<u8>,
    /// Where the block begins in `bytes`.
    start: usize,
    /// Relation: a multiple of [`PAGE_BYTES`], `start + length <= bytes.len()`.
    length: usize,
}

impl Block {
    pub(crate) fn new() -> Self {
        let bytes = vec![0; HEAD_BYTES + LINES_BYTES_MAX + PAGE_BYTES];
        // Should it not be known, the write says that it is not aligned, and segments are synced.
        let start = bytes.as_ptr().align_offset(PAGE_BYTES).min(PAGE_BYTES);
        Self {
            bytes,
            start,
            length: 0,
        }
    }

    /// As large a block as there is, of nothing.
    pub(crate) fn zeros() -> Self {
        Self {
            length: HEAD_BYTES + LINES_BYTES_MAX,
            ..Self::new()
        }
    }

    /// Fills it with lines. `None` when there is no room for them.
    pub(crate) fn fill(&mut self, parts: [&[u8]; 2]) -> Option<()> {
        let lines = parts.iter().map(|part| part.len()).sum::<usize>();
        if lines > LINES_BYTES_MAX {
            return None;
        }
        let end = HEAD_BYTES + lines;
        self.length = end.next_multiple_of(PAGE_BYTES);
        let block = self.bytes.get_mut(self.start..self.start + self.length)?;
        let (head_at, rest) = block.split_at_mut_checked(HEAD_BYTES)?;
        let (lines_at, padding) = rest.split_at_mut_checked(lines)?;
        let (first, second) = lines_at.split_at_mut_checked(parts[0].len())?;
        first.copy_from_slice(parts[0]);
        second.copy_from_slice(parts[1]);
        padding.fill(0);
        head_at.copy_from_slice(&head(lines_at));
        Some(())
    }

    /// The block as it is written.
    pub(crate) fn pages(&self) -> &[u8] {
        let end = self.start.saturating_add(self.length);
        self.bytes.get(self.start..end).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use varistor_audit::Chain;
    use varistor_audit::ahead::recover;

    use super::*;

    #[test]
    fn what_does_not_fit_is_refused() {
        let mut block = Block::new();
        assert!(block.fill([&vec![b'x'; LINES_BYTES_MAX], b""]).is_some());
        assert_eq!(block.pages().len(), 1 << 20);
        assert!(block.fill([&vec![b'x'; LINES_BYTES_MAX], b"y"]).is_none());
    }

    #[test]
    fn a_block_can_be_read_again() {
        let mut chain = Chain::genesis();
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for _ in 0..40 {
            chain.next_line(
                7,
                b",\"kind\":\"x\",\"text\":\"yyyyyyyyyyyyyyyyyyyy\"}",
                &mut first,
            );
        }
        chain.next_line(7, b",\"kind\":\"x\"}", &mut second);
        let mut block = Block::new();
        // What a larger one left there is gone.
        block.fill([&vec![b'z'; 100_000], b""]).unwrap();
        block.fill([&first, &second]).unwrap();
        assert_eq!(block.pages().len() % PAGE_BYTES, 0);
        let found = recover(block.pages(), &mut Chain::genesis());
        assert_eq!(found.lines, [first, second].concat());
        assert_eq!((found.count, found.gap), (41, None));
    }
}
