//! The tree on disk: files `tree.0`, `tree.1`, ... beside the segments, each a row of hashes.
//!
//! `tree.N` holds the roots of the full subtrees of `256^N` leaves, 32 bytes each, in order;
//! `tree.0` is the hashes of the lines. So any hash of the tree takes one read of at most 4 KiB and
//! 127 hashes more. The files say nothing that the lines don't: they make proofs quick, outlive
//! lines that were retired, and tell which line was changed. What they say counts only once it
//! leads to a signed root.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::merkle::{Frontier, Hash, Subtrees, node_hash};

/// Subtrees between two files: `2^8` of one make one of the next.
const STRIDE: u32 = 8;
/// Files that 64 bits of leaves can fill.
const FILES: usize = 8;
/// Bytes of a hash.
const HASH_BYTES: u64 = 32;

fn path(dir: &Path, level: usize) -> PathBuf {
    dir.join(format!("tree.{level}"))
}

/// The tree of a log that is only read.
#[derive(Debug)]
pub struct Levels {
    files: Vec<File>,
}

impl Levels {
    /// Opens the tree beside the log in `dir`; a log without one has an empty tree.
    ///
    /// # Errors
    /// When a file is there but can't be opened.
    pub fn open(dir: &Path) -> io::Result<Self> {
        let mut files = Vec::new();
        for level in 0..FILES {
            match File::open(path(dir, level)) {
                Ok(file) => files.push(file),
                Err(error) if error.kind() == io::ErrorKind::NotFound => break,
                Err(error) => return Err(error),
            }
        }
        Ok(Self { files })
    }

    /// How many lines it has hashes of.
    ///
    /// # Errors
    /// When the file can't be asked.
    pub fn size(&self) -> io::Result<u64> {
        let Some(leaves) = self.files.first() else {
            return Ok(0);
        };
        Ok(leaves.metadata()?.len() / HASH_BYTES)
    }

    /// Reads the hashes of lines `first..` into `into`, 32 bytes each; how many were there.
    ///
    /// # Errors
    /// When the file can't be read.
    pub fn leaves(&self, first: u64, into: &mut [u8]) -> io::Result<usize> {
        let Some(leaves) = self.files.first() else {
            return Ok(0);
        };
        let mut count = 0_usize;
        let offset = first.saturating_mul(HASH_BYTES);
        while let Some(rest) = into.get_mut(count..).filter(|rest| !rest.is_empty()) {
            match leaves.read_at(rest, offset.saturating_add(count as u64))? {
                0 => break,
                more => count = count.saturating_add(more),
            }
        }
        Ok(count / 32)
    }
}

impl Subtrees for Levels {
    type Error = io::Error;

    fn subtree(&self, height: u32, index: u64) -> io::Result<Hash> {
        read_subtree(&self.files, height, index)
    }
}

fn read_subtree(files: &[File], height: u32, index: u64) -> io::Result<Hash> {
    let level = (height / STRIDE) as usize;
    let within = height % STRIDE;
    let missing = || io::Error::new(io::ErrorKind::NotFound, "the tree lacks a hash");
    let file = files.get(level).ok_or_else(missing)?;
    let count = 1_usize << within;
    let mut bytes = vec![0; count.saturating_mul(32)];
    let first = index.checked_shl(within).ok_or_else(missing)?;
    let offset = first.checked_mul(HASH_BYTES).ok_or_else(missing)?;
    file.read_exact_at(&mut bytes, offset)
        .map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => missing(),
            _ => error,
        })?;
    let (mut row, _) = {
        let (hashes, rest) = bytes.as_chunks::<32>();
        (hashes.to_vec(), rest)
    };
    while row.len() > 1 {
        let (pairs, _) = row.as_chunks::<2>();
        row = pairs
            .iter()
            .map(|[left, right]| node_hash(left, right))
            .collect();
    }
    row.pop().ok_or_else(missing)
}

/// The tree of a log that grows.
#[derive(Debug)]
pub struct Growing {
    dir: PathBuf,
    frontier: Frontier,
    files: Vec<File>,
    /// By level: hashes that are not written yet. Relation: those in the file and these are
    /// `size >> (8 * level)`.
    pending: [Vec<Hash>; FILES],
}

impl Growing {
    /// Goes on behind the first `size` lines; hashes of later ones are forgotten.
    ///
    /// # Errors
    /// When the files can't be opened, or don't hold that much.
    pub fn resume(dir: &Path, size: u64) -> io::Result<Self> {
        let mut growing = Self {
            dir: dir.to_owned(),
            frontier: Frontier::default(),
            files: Vec::new(),
            pending: Default::default(),
        };
        for level in 0..FILES {
            if level > 0 && !path(dir, level).exists() {
                break;
            }
            let bytes = in_level(size, level).saturating_mul(HASH_BYTES);
            let file = growing.create(level)?;
            if file.metadata()?.len() > bytes {
                file.set_len(bytes)?;
            }
            growing.files.push(file);
        }
        growing.frontier = Frontier::of(&growing, size)?;
        Ok(growing)
    }

    /// The compact state: size and root.
    #[must_use]
    pub const fn frontier(&self) -> &Frontier {
        &self.frontier
    }

    /// Adds a leaf. It is in the files after [`Growing::flush`].
    pub fn push(&mut self, leaf: Hash) {
        let pending = &mut self.pending;
        self.frontier.push(leaf, |height, hash| {
            if height.is_multiple_of(STRIDE)
                && let Some(level) = pending.get_mut((height / STRIDE) as usize)
            {
                level.push(*hash);
            }
        });
    }

    /// Writes what was added.
    ///
    /// # Errors
    /// When it can't be written; it may be tried again.
    pub fn flush(&mut self) -> io::Result<()> {
        let size = self.frontier.size();
        for level in 0..FILES {
            let Some(pending) = self.pending.get(level).filter(|hashes| !hashes.is_empty()) else {
                continue;
            };
            let first = in_level(size, level).saturating_sub(pending.len() as u64);
            if self.files.get(level).is_none() {
                let file = self.create(level)?;
                self.files.push(file);
            }
            if let (Some(file), Some(hashes)) = (self.files.get(level), self.pending.get_mut(level))
            {
                file.write_all_at(hashes.as_flattened(), first.saturating_mul(HASH_BYTES))?;
                hashes.clear();
            }
        }
        Ok(())
    }

    /// Brings what was flushed to the device.
    ///
    /// # Errors
    /// When a file can't be synced.
    pub fn sync(&self) -> io::Result<()> {
        self.files.iter().try_for_each(File::sync_data)
    }

    fn create(&self, level: usize) -> io::Result<File> {
        OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(path(&self.dir, level))
    }
}

impl Subtrees for Growing {
    type Error = io::Error;

    /// Of what was flushed.
    fn subtree(&self, height: u32, index: u64) -> io::Result<Hash> {
        read_subtree(&self.files, height, index)
    }
}

fn in_level(size: u64, level: usize) -> u64 {
    let shift = (level as u32).saturating_mul(STRIDE);
    size.checked_shr(shift).unwrap_or(0)
}

/// Forgets the hashes of single lines below `first`, as far as whole groups of 256 go: their bytes
/// become a hole in `tree.0`. The root of the tree and proofs of later lines don't need them.
///
/// # Errors
/// When the file can't be written.
pub fn retire(dir: &Path, first: u64) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    let bytes = (first & !0xff).saturating_mul(HASH_BYTES);
    if bytes == 0 {
        return Ok(());
    }
    let file = OpenOptions::new().write(true).open(path(dir, 0))?;
    let flags = FallocateFlags::PUNCH_HOLE | FallocateFlags::KEEP_SIZE;
    match fallocate(&file, flags, 0, bytes) {
        // A file system without holes keeps the bytes.
        Ok(()) | Err(rustix::io::Errno::OPNOTSUPP) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::merkle::tests::{definition, leaves};
    use crate::merkle::{consistency, consistent, included, inclusion};

    #[test]
    fn a_tree_that_was_interrupted_anywhere_goes_on_to_the_same_root() {
        let dir = tempfile::tempdir().unwrap();
        let leaves = leaves(70_000);
        let mut growing = Growing::resume(dir.path(), 0).unwrap();
        for (place, leaf) in leaves.iter().enumerate() {
            if place % 9_973 == 0 {
                growing.flush().unwrap();
                growing = Growing::resume(dir.path(), place as u64).unwrap();
            }
            growing.push(*leaf);
        }
        growing.flush().unwrap();
        let whole = definition(&leaves);
        assert_eq!(growing.frontier().root(), whole);
        let levels = Levels::open(dir.path()).unwrap();
        assert_eq!(levels.size().unwrap(), 70_000);
        for index in [0, 1, 255, 256, 65_535, 65_536, 69_999] {
            let proof = inclusion(&levels, index, 70_000).unwrap();
            let leaf = &leaves[index as usize];
            assert!(included(leaf, index, 70_000, &proof, &whole));
        }
        let before = definition(&leaves[..40_001]);
        let proof = consistency(&levels, 40_001, 70_000).unwrap();
        assert!(consistent((40_001, &before), (70_000, &whole), &proof));
        // Shorter again: what was behind is forgotten.
        let shorter = Growing::resume(dir.path(), 40_001).unwrap();
        assert_eq!(shorter.frontier().root(), before);
    }

    #[test]
    fn retired_leaves_leave_the_root_and_later_proofs_alone() {
        let dir = tempfile::tempdir().unwrap();
        let leaves = leaves(5_000);
        let mut growing = Growing::resume(dir.path(), 0).unwrap();
        leaves.iter().for_each(|leaf| growing.push(*leaf));
        growing.flush().unwrap();
        retire(dir.path(), 3_000).unwrap();
        let levels = Levels::open(dir.path()).unwrap();
        let whole = definition(&leaves);
        assert_eq!(crate::merkle::root(&levels, 5_000).unwrap(), whole);
        let proof = inclusion(&levels, 3_000, 5_000).unwrap();
        assert!(included(&leaves[3_000], 3_000, 5_000, &proof, &whole));
        let mut first = [1; 32];
        assert_eq!(levels.leaves(0, &mut first).unwrap(), 1);
        assert_eq!(first, [0; 32]);
    }

    #[test]
    fn a_hash_that_is_not_there_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        assert!(Growing::resume(dir.path(), 3).is_err());
        let levels = Levels::open(dir.path()).unwrap();
        assert!(levels.subtree(0, 0).is_err() && levels.subtree(63, 1).is_err());
    }
}
