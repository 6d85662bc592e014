//! The write-ahead log as a file, written around the page cache: each write is on the device when
//! it returns.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{OFlags, statvfs};

use super::AheadFile;
use crate::ahead::Block;

/// The file, once it is made.
#[derive(Debug)]
pub(crate) struct DirectAhead {
    dir: PathBuf,
    file: Option<File>,
}

impl DirectAhead {
    pub(crate) fn in_directory(dir: &Path) -> Self {
        Self {
            dir: dir.to_owned(),
            file: None,
        }
    }

    fn path(&self) -> PathBuf {
        self.dir.join(varistor_audit::ahead::FILE)
    }

    fn sync_name(&self) -> io::Result<()> {
        File::open(&self.dir)?.sync_all()
    }
}

impl AheadFile for DirectAhead {
    fn make(&mut self, room: u64) -> io::Result<()> {
        let disk = statvfs(&self.dir)?;
        let free = disk.f_bavail.saturating_mul(disk.f_frsize);
        // Room that segments will want is not spent on being quicker.
        if free < room.saturating_mul(4) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        self.remove()?;
        let made = self.make_anew(room);
        if made.is_err() {
            // Half of it is of no use, and segments may want its room.
            let _still_there = self.remove();
        }
        made
    }

    fn write(&mut self, pages: &[u8], at: u64) -> io::Result<()> {
        match &self.file {
            Some(file) => file.write_all_at(pages, at),
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn remove(&mut self) -> io::Result<()> {
        self.file = None;
        match fs::remove_file(self.path()) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }
}

impl DirectAhead {
    fn make_anew(&mut self, room: u64) -> io::Result<()> {
        let flags = OFlags::DIRECT | OFlags::DSYNC;
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .custom_flags(i32::try_from(flags.bits()).map_err(io::Error::other)?)
            .open(self.path())?;
        let zeros = Block::zeros();
        let part = zeros.pages().len() as u64;
        for at in (0..room).step_by(zeros.pages().len()) {
            let count = usize::try_from(part.min(room - at)).map_err(io::Error::other)?;
            let zeros = zeros.pages().get(..count).unwrap_or_default();
            file.write_all_at(zeros, at)?;
        }
        file.sync_all()?;
        self.sync_name()?;
        self.file = Some(file);
        Ok(())
    }
}
