//! Segments as files of a directory, through plain system calls.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;
use varistor_audit::SegmentName;

use super::{Disk, Segment};

/// Least room that a segment begins with.
const ROOM_BYTES_MIN: u64 = 1 << 20;

/// The log's directory.
#[derive(Debug)]
pub(crate) struct Directory {
    path: PathBuf,
    handle: File,
}

/// A segment's file.
#[derive(Debug)]
pub(crate) struct SegmentFile {
    file: File,
    room: u64,
}

impl Directory {
    pub(crate) fn open(path: &Path) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            handle: File::open(path)?,
        })
    }

    /// Opens a segment that is there, to go on writing it; what it holds is synced.
    pub(crate) fn resume(&self, name: SegmentName, room: u64) -> io::Result<SegmentFile> {
        let file = OpenOptions::new()
            .write(true)
            .open(self.path.join(name.to_string()))?;
        let room = reserve(&file, room, 0)?;
        file.sync_data()?;
        self.handle.sync_all()?;
        Ok(SegmentFile { file, room })
    }
}

impl Disk for Directory {
    type File = SegmentFile;

    fn begin(
        &mut self,
        name: SegmentName,
        contents: [&[u8]; 2],
        room: u64,
    ) -> io::Result<SegmentFile> {
        let path = self.path.join(name.to_string());
        let unnamed = path.with_extension("jsonl.new");
        match fs::remove_file(&unnamed) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&unnamed)?;
        let filled = fill(&file, contents, room)
            .and_then(|room| fs::rename(&unnamed, &path).map(|()| room))
            .and_then(|room| self.handle.sync_all().map(|()| room));
        match filled {
            Ok(room) => Ok(SegmentFile { file, room }),
            Err(error) => {
                // Its room is needed for the next try; if this fails too, that try removes it.
                let _still_there = fs::remove_file(&unnamed);
                Err(error)
            }
        }
    }
}

fn fill(file: &File, contents: [&[u8]; 2], room: u64) -> io::Result<u64> {
    let least = contents.iter().map(|part| part.len() as u64).sum();
    let room = reserve(file, room, least)?;
    let mut offset = 0;
    for part in contents {
        file.write_all_at(part, offset)?;
        offset += part.len() as u64;
    }
    file.sync_data()?;
    Ok(room)
}

/// Asks for `room` bytes without changing the file's length, so that readers never see zeros. On a
/// disk that is nearly full, less will do: half, and so on. Where the file system can't
/// preallocate, there is no reserve.
fn reserve(file: &File, room: u64, least: u64) -> io::Result<u64> {
    let mut room = room.max(least).max(1);
    loop {
        match fallocate(file, FallocateFlags::KEEP_SIZE, 0, room) {
            Ok(()) | Err(Errno::OPNOTSUPP | Errno::NOSYS) => return Ok(room),
            Err(Errno::INTR) => {}
            Err(Errno::NOSPC) if room / 2 >= least.max(ROOM_BYTES_MIN) => room /= 2,
            Err(error) => return Err(error.into()),
        }
    }
}

impl Segment for SegmentFile {
    fn write(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.file.write_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        self.file.set_len(length)
    }

    fn room(&self) -> u64 {
        self.room
    }
}
