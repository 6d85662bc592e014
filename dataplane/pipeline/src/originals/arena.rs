//! Memory that is never written to a disk: locked, left out of core dumps, zeroed when given back.
//!
//! It is cut into blocks of one size; a value lies in a chain of them, so that nothing fragments.

use memmap2::{Advice, MmapMut};
use varistor_model::limits::ORIGINAL_BLOCK_BYTES;
use zeroize::Zeroize as _;

/// Some locked memory.
pub(super) struct Arena {
    memory: MmapMut,
    /// By block: the next one of its chain, or of the free ones. As many as there are blocks.
    next: Box<[u32]>,
    /// The first free block.
    free: u32,
    left: usize,
}

/// A value in an arena. Whoever drops it without giving it back loses its blocks.
#[derive(Debug)]
pub(super) struct Kept {
    first: u32,
    bytes: u32,
}

/// Ends a chain.
const NONE: u32 = u32::MAX;

impl Arena {
    /// That many bytes, a multiple of the size of a block.
    ///
    /// # Errors
    /// When the memory can't be had or locked, for most processes because of `RLIMIT_MEMLOCK`.
    pub(super) fn locked(bytes: usize) -> std::io::Result<Self> {
        let memory = MmapMut::map_anon(bytes)?;
        memory.lock()?;
        memory.advise(Advice::DontDump)?;
        let blocks = u32::try_from(bytes / ORIGINAL_BLOCK_BYTES).unwrap_or(NONE);
        let next = (1..blocks).chain([NONE]);
        Ok(Self {
            memory,
            next: next.collect(),
            free: 0,
            left: usize::try_from(blocks).unwrap_or(0),
        })
    }

    /// Keeps a value; `None` when there is no room.
    pub(super) fn keep(&mut self, value: &[u8]) -> Option<Kept> {
        let blocks = blocks(value.len());
        let bytes = u32::try_from(value.len()).ok()?;
        if value.is_empty() || blocks > self.left {
            return None;
        }
        let first = self.free;
        let mut last = NONE;
        for piece in value.chunks(ORIGINAL_BLOCK_BYTES) {
            last = self.free;
            let block = block_mut(&mut self.memory, last)?;
            block.get_mut(..piece.len())?.copy_from_slice(piece);
            self.free = self.after(last);
        }
        self.link(last, NONE);
        self.left = self.left.saturating_sub(blocks);
        Some(Kept { first, bytes })
    }

    /// Whether this is the value.
    pub(super) fn is(&self, kept: &Kept, value: &[u8]) -> bool {
        value.len() == kept.len() && {
            let pieces = self.pieces(kept).zip(value.chunks(ORIGINAL_BLOCK_BYTES));
            pieces.fold(true, |same, (a, b)| same & (a == b))
        }
    }

    /// Appends the value.
    pub(super) fn read(&self, kept: &Kept, out: &mut Vec<u8>) {
        for piece in self.pieces(kept) {
            out.extend_from_slice(piece);
        }
    }

    /// Gives the blocks of a value back, zeroed.
    pub(super) fn forget(&mut self, kept: Kept) {
        let mut at = kept.first;
        let mut last = NONE;
        for _ in 0..blocks(kept.len()) {
            if let Some(block) = block_mut(&mut self.memory, at) {
                block.zeroize();
            }
            last = at;
            at = self.after(at);
        }
        self.link(last, self.free);
        self.free = kept.first;
        self.left = self.left.saturating_add(blocks(kept.len()));
    }

    fn pieces(&self, kept: &Kept) -> impl Iterator<Item = &[u8]> {
        let (mut at, mut left) = (kept.first, kept.len());
        core::iter::from_fn(move || {
            let bytes = left.min(ORIGINAL_BLOCK_BYTES);
            let start = start(at);
            let piece = self.memory.get(start..start.checked_add(bytes)?)?;
            (at, left) = (self.after(at), left.saturating_sub(bytes));
            (bytes > 0).then_some(piece)
        })
    }

    fn after(&self, block: u32) -> u32 {
        let next = self.next.get(usize::try_from(block).unwrap_or(usize::MAX));
        next.copied().unwrap_or(NONE)
    }

    fn link(&mut self, block: u32, next: u32) {
        let at = usize::try_from(block).unwrap_or(usize::MAX);
        if let Some(entry) = self.next.get_mut(at) {
            *entry = next;
        }
    }
}

impl Kept {
    /// How many blocks it takes.
    pub(super) fn blocks(&self) -> usize {
        blocks(self.len())
    }

    fn len(&self) -> usize {
        usize::try_from(self.bytes).unwrap_or(0)
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        self.memory.zeroize();
    }
}

/// How many blocks a value of this length takes.
pub(super) const fn blocks(bytes: usize) -> usize {
    bytes.div_ceil(ORIGINAL_BLOCK_BYTES)
}

fn start(block: u32) -> usize {
    let at = usize::try_from(block).unwrap_or(usize::MAX);
    at.saturating_mul(ORIGINAL_BLOCK_BYTES)
}

fn block_mut(memory: &mut MmapMut, block: u32) -> Option<&mut [u8]> {
    let start = start(block);
    memory.get_mut(start..start.checked_add(ORIGINAL_BLOCK_BYTES)?)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn values_come_back_as_they_were_kept_and_leave_zeros_behind(
            steps in prop::collection::vec((any::<bool>(), 1..300_usize, any::<u8>()), 1..80),
        ) {
            let mut arena = Arena::locked(4096).unwrap();
            let mut held: Vec<(Kept, Vec<u8>)> = Vec::new();
            for (keeps, bytes, byte) in steps {
                let used: usize = held.iter().map(|(kept, _)| kept.blocks()).sum();
                let room = arena.left;
                prop_assert_eq!(room.checked_add(used), Some(64));
                if keeps {
                    let value = vec![byte | 1; bytes];
                    let kept = arena.keep(&value);
                    prop_assert_eq!(kept.is_some(), blocks(bytes) <= room);
                    held.extend(kept.map(|kept| (kept, value)));
                } else if let Some(at) = bytes.checked_rem(held.len()) {
                    let (kept, _) = held.swap_remove(at);
                    arena.forget(kept);
                }
                for (kept, value) in &held {
                    let mut out = Vec::new();
                    arena.read(kept, &mut out);
                    prop_assert_eq!(&out, value);
                    prop_assert!(arena.is(kept, value));
                    prop_assert!(!arena.is(kept, &value[1..]));
                }
            }
            for (kept, _) in held {
                arena.forget(kept);
            }
            prop_assert!(arena.memory.iter().all(|byte| *byte == 0));
            prop_assert_eq!(arena.left, 64);
        }
    }
}
