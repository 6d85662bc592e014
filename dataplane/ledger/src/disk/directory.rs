//! Segments as files of a directory, through plain system calls.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{FallocateFlags, fallocate};
use rustix::io::Errno;
use varistor_audit::SegmentName;

use super::ahead_file::DirectAhead;
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

/// Room that is kept for a full disk, in bytes: for what the gateway says of itself, and for the
/// results of calls that are under way then.
const RESERVE_BYTES: u64 = 4 << 20;
/// Its file. No segment has such a name.
const RESERVE: &str = "reserve";

impl Disk for Directory {
    type File = SegmentFile;
    type Ahead = DirectAhead;

    fn ahead(&self) -> DirectAhead {
        DirectAhead::in_directory(&self.path)
    }

    fn spend_reserve(&mut self) -> bool {
        fs::remove_file(self.path.join(RESERVE)).is_ok()
    }

    fn keep_reserve(&mut self) -> bool {
        let path = self.path.join(RESERVE);
        // One that a crash left half made is none.
        match fs::metadata(&path) {
            Ok(found) if found.blocks().saturating_mul(512) >= RESERVE_BYTES => return true,
            Ok(_) => drop(fs::remove_file(&path)),
            Err(_) => {}
        }
        let free = rustix::fs::fstatvfs(&self.handle);
        let free = free.map_or(0, |it| it.f_bavail.saturating_mul(it.f_frsize));
        if free < 2 * RESERVE_BYTES {
            return false;
        }
        let mut options = OpenOptions::new();
        let file = options.write(true).create_new(true).mode(0o600).open(&path);
        let kept = file.and_then(|file| keep(&file));
        if kept.is_err() {
            // Half a reserve is none, and its room is wanted.
            let _ = fs::remove_file(&path);
        }
        kept.is_ok()
    }

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

/// Has the file take its room, also where the file system can't preallocate.
fn keep(file: &File) -> io::Result<()> {
    match fallocate(file, FallocateFlags::empty(), 0, RESERVE_BYTES) {
        Ok(()) => {}
        Err(Errno::OPNOTSUPP | Errno::NOSYS) => {
            let part = [b'0'; 64 * 1024];
            for offset in (0..RESERVE_BYTES).step_by(part.len()) {
                file.write_all_at(&part, offset)?;
            }
        }
        Err(error) => return Err(error.into()),
    }
    file.sync_data()
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
