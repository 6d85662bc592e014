//! Keeps the indexes of complete segments in a directory of the reader's own, outside of the log:
//! who can write the log could otherwise hide lines by writing an index.
//!
//! A kept index counts only for the very file that it was made of: same device, inode, length and
//! times of change. Whatever does not fit, or is damaged, is made anew; a cache that can't be
//! written is no failure.

use std::fs::{self, DirBuilder, File, Metadata, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use varistor_audit::SegmentName;
use varistor_audit::json;

use super::bloom::{self, Bloom};
use super::{Block, build};
use crate::log::Segment;
use crate::when::Period;

/// First bytes of a kept index; the number changes with its form or with what is in it.
const MAGIC: &[u8; 8] = b"vrsidx01";
/// Bytes of the digest at its end.
const DIGEST_BYTES: usize = 32;
/// Largest index that is read, in bytes: as many blocks as there can be, as large as they can be.
const FILE_BYTES_MAX: u64 = 8192 * (bloom::BYTES_MAX as u64 + 128);
/// Numbers that tell a file from another and from itself at another time.
const IDENTITY: usize = 7;

/// Where indexes are kept.
#[derive(Clone, Debug, Default)]
pub struct Cache {
    dir: Option<PathBuf>,
}

impl Cache {
    /// Indexes are made when they are needed, and forgotten.
    #[must_use]
    pub const fn none() -> Self {
        Self { dir: None }
    }

    /// Keeps the indexes of the log in `log` below `root`, a directory that only its reader may
    /// write, such as `~/.cache/varistor`.
    #[must_use]
    pub fn below(root: &Path, log: &Path) -> Self {
        let log = fs::canonicalize(log).unwrap_or_else(|_| log.to_owned());
        let digest = Sha256::digest(log.as_os_str().as_encoded_bytes());
        let mut name = Vec::new();
        json::hex(digest.get(..8).unwrap_or_default(), &mut name);
        let name = String::from_utf8(name).unwrap_or_default();
        Self {
            dir: Some(root.join("audit-index").join(name)),
        }
    }

    /// The blocks of the segment that may hold records of the time.
    pub(crate) fn blocks(&self, segment: &Segment, period: Period) -> io::Result<Vec<Block>> {
        let part = segment.part(period)?;
        let Some(dir) = self.dir.as_deref().filter(|_| segment.next.is_some()) else {
            return build(&segment.file, part);
        };
        let path = dir.join(format!("{:020}.index", segment.name.0));
        let identity = identity(&segment.file.metadata()?);
        let kept = read(&path, &identity, segment.length);
        let blocks = match kept {
            Some(blocks) => blocks,
            None => {
                let blocks = build(&segment.file, 0..segment.length)?;
                // Only the next query pays for a cache that can't be written.
                let _kept = write(&path, &identity, &blocks);
                blocks
            }
        };
        let overlaps = |block: &Block| block.place.start < part.end && block.place.end > part.start;
        Ok(blocks.into_iter().filter(overlaps).collect())
    }

    /// Forgets the indexes of segments that are no longer there.
    pub(crate) fn prune(&self, names: &[SegmentName]) {
        let Some(entries) = self.dir.as_deref().and_then(|dir| fs::read_dir(dir).ok()) else {
            return;
        };
        for entry in entries.filter_map(Result::ok) {
            let name = entry.file_name();
            let number = name.to_str().and_then(|name| name.strip_suffix(".index"));
            let seq = number
                .and_then(|number| number.parse().ok())
                .map(SegmentName);
            if seq.is_some_and(|seq| names.binary_search(&seq).is_err()) {
                // One that stays is only a waste of room.
                let _removed = fs::remove_file(entry.path());
            }
        }
    }
}

fn identity(metadata: &Metadata) -> [u64; IDENTITY] {
    [
        metadata.dev(),
        metadata.ino(),
        metadata.len(),
        metadata.mtime().cast_unsigned(),
        metadata.mtime_nsec().cast_unsigned(),
        metadata.ctime().cast_unsigned(),
        metadata.ctime_nsec().cast_unsigned(),
    ]
}

fn write(path: &Path, identity: &[u64; IDENTITY], blocks: &[Block]) -> io::Result<()> {
    let mut bytes = MAGIC.to_vec();
    let mut number = |value: u64| bytes.extend_from_slice(&value.to_le_bytes());
    identity.iter().for_each(|value| number(*value));
    number(blocks.len() as u64);
    for block in blocks {
        for value in block.numbers() {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        bytes.extend_from_slice(block.keys.as_bytes());
    }
    let digest = Sha256::digest(&bytes);
    bytes.extend_from_slice(&digest);
    let Some(dir) = path.parent() else {
        return Ok(());
    };
    DirBuilder::new().recursive(true).mode(0o700).create(dir)?;
    // Its own name for each process: two readers may write the same index at once.
    let unnamed = path.with_extension(format!("{}.new", std::process::id()));
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true).mode(0o600);
    let written = options
        .open(&unnamed)
        .and_then(|mut file| file.write_all(&bytes))
        .and_then(|()| fs::rename(&unnamed, path));
    if written.is_err() {
        let _removed = fs::remove_file(&unnamed);
    }
    written
}

/// The kept blocks, if they are of this file and lie side by side from its beginning to its end.
fn read(path: &Path, identity: &[u64; IDENTITY], length: u64) -> Option<Vec<Block>> {
    let mut bytes = Vec::new();
    let file = File::open(path).ok()?;
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    let (bytes, digest) = bytes.split_at_checked(bytes.len().checked_sub(DIGEST_BYTES)?)?;
    if Sha256::digest(bytes).as_slice() != digest {
        return None;
    }
    let mut rest = Rest(bytes.strip_prefix(MAGIC)?);
    for value in identity {
        if rest.number()? != *value {
            return None;
        }
    }
    let count = rest.number()?;
    let (mut blocks, mut at) = (Vec::new(), 0);
    for _ in 0..count {
        let block = Block::read(&mut rest)?;
        if block.place.start != at || block.place.end <= at {
            return None;
        }
        at = block.place.end;
        blocks.push(block);
    }
    (rest.0.is_empty() && at == length).then_some(blocks)
}

/// What is left to read.
struct Rest<'a>(&'a [u8]);

impl Rest<'_> {
    fn number(&mut self) -> Option<u64> {
        let (number, rest) = self.0.split_first_chunk::<8>()?;
        self.0 = rest;
        Some(u64::from_le_bytes(*number))
    }
}

impl Block {
    /// All of it but the keys, and how many bytes those have.
    fn numbers(&self) -> [u64; 11] {
        [
            self.place.start,
            self.place.end,
            u64::from(self.lines),
            u64::from(self.flawed),
            self.seqs.0,
            self.seqs.1,
            self.times.0,
            self.times.1,
            self.calls.0,
            self.calls.1,
            self.keys.as_bytes().len() as u64,
        ]
    }

    fn read(rest: &mut Rest<'_>) -> Option<Self> {
        let place = rest.number()?..rest.number()?;
        let lines = u32::try_from(rest.number()?).ok()?;
        let flawed = u32::try_from(rest.number()?).ok()?;
        let seqs = (rest.number()?, rest.number()?);
        let times = (rest.number()?, rest.number()?);
        let calls = (rest.number()?, rest.number()?);
        let bytes = usize::try_from(rest.number()?).ok()?;
        let (keys, after) = rest.0.split_at_checked(bytes)?;
        rest.0 = after;
        Some(Self {
            place,
            lines,
            flawed,
            seqs,
            times,
            calls,
            keys: Bloom::from_bytes(keys)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::log::Log;

    fn log() -> fixture::Log {
        let tails: Vec<String> = (0..30)
            .map(|number| fixture::call("s", &format!("tool{number}"), "allow", ""))
            .collect();
        fixture::Log::of(&tails, 10)
    }

    fn kept(cache: &Cache) -> Vec<PathBuf> {
        let entries = fs::read_dir(cache.dir.as_ref().unwrap()).unwrap();
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        paths
    }

    fn blocks(cache: &Cache, log: &fixture::Log, place: usize) -> Vec<Block> {
        let segment = Log::open(log.path())
            .unwrap()
            .segment(place)
            .unwrap()
            .unwrap();
        cache.blocks(&segment, Period::ALWAYS).unwrap()
    }

    #[test]
    fn complete_segments_are_kept_for_their_reader_alone_and_the_last_one_is_not() {
        let (log, root) = (log(), tempfile::tempdir().unwrap());
        let cache = Cache::below(root.path(), log.path());
        let made: Vec<_> = (0..3).map(|place| blocks(&cache, &log, place)).collect();
        let paths = kept(&cache);
        assert_eq!(paths.len(), 2);
        assert_eq!(fs::metadata(&paths[0]).unwrap().mode() & 0o777, 0o600);
        assert_eq!(
            fs::metadata(cache.dir.as_ref().unwrap()).unwrap().mode() & 0o777,
            0o700
        );
        for (place, made) in made.iter().enumerate() {
            assert_eq!(&blocks(&cache, &log, place), made);
            assert_eq!(&blocks(&Cache::none(), &log, place), made);
        }
    }

    #[test]
    fn a_kept_index_is_used_only_for_the_file_that_it_was_made_of() {
        let (log, root) = (log(), tempfile::tempdir().unwrap());
        let cache = Cache::below(root.path(), log.path());
        let before = blocks(&cache, &log, 0);
        let text = fs::read_to_string(log.segment(0)).unwrap();
        fs::write(log.segment(0), text.replace("tool3\"", "tool7\"")).unwrap();
        let after = blocks(&cache, &log, 0);
        assert_ne!(before, after, "the index of the old bytes was believed");
        assert_eq!(after, blocks(&Cache::none(), &log, 0));
    }

    #[test]
    fn a_damaged_index_is_made_anew() {
        let (log, root) = (log(), tempfile::tempdir().unwrap());
        let cache = Cache::below(root.path(), log.path());
        let right = blocks(&cache, &log, 0);
        let path = kept(&cache).remove(0);
        let whole = fs::read(&path).unwrap();
        for at in 0..whole.len() {
            let mut bytes = whole.clone();
            bytes[at] ^= 0x10;
            fs::write(&path, &bytes).unwrap();
            let segment = Log::open(log.path()).unwrap().segment(0).unwrap().unwrap();
            let identity = identity(&segment.file.metadata().unwrap());
            assert_eq!(read(&path, &identity, segment.length), None, "byte {at}");
            fs::write(&path, &bytes[..at]).unwrap();
            assert_eq!(read(&path, &identity, segment.length), None, "cut at {at}");
        }
        assert_eq!(blocks(&cache, &log, 0), right);
        assert_eq!(fs::read(&path).unwrap(), whole, "it was not written anew");
    }

    #[test]
    fn a_cache_that_cannot_be_written_is_done_without() {
        let (log, root) = (log(), tempfile::tempdir().unwrap());
        let file = root.path().join("file");
        fs::write(&file, "").unwrap();
        let cache = Cache::below(&file, log.path());
        assert_eq!(blocks(&cache, &log, 0), blocks(&Cache::none(), &log, 0));
    }

    #[test]
    fn indexes_of_retired_segments_are_forgotten() {
        let (log, root) = (log(), tempfile::tempdir().unwrap());
        let cache = Cache::below(root.path(), log.path());
        blocks(&cache, &log, 0);
        blocks(&cache, &log, 1);
        cache.prune(&[SegmentName(10), SegmentName(20)]);
        assert_eq!(kept(&cache).len(), 1);
    }
}
