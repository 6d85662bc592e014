//! A disk in memory that keeps what is synced apart from what is written, and fails on demand.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Condvar, Mutex};

use varistor_audit::SegmentName;

use super::{AheadFile, Disk, Segment};

/// What fails.
#[derive(Clone, Copy, Default)]
pub(crate) struct Faults {
    /// Of each write, only so many bytes get through; then it is an error if none did.
    pub(crate) write_bytes: Option<usize>,
    pub(crate) sync: bool,
    pub(crate) begin: bool,
    pub(crate) cut: bool,
    /// Nothing can be written ahead.
    pub(crate) ahead: bool,
    /// Writes ahead wait until this is lifted.
    pub(crate) ahead_held: bool,
    /// Syncs wait until this is lifted.
    pub(crate) sync_held: bool,
}

#[derive(Default)]
struct State {
    faults: Faults,
    /// Name, number of the file.
    names: BTreeMap<SegmentName, usize>,
    /// Written and synced bytes.
    files: Vec<(Vec<u8>, Vec<u8>)>,
    syncs: u64,
    /// What is written ahead, all of it on the device; how many writes that took.
    ahead: Option<Vec<u8>>,
    ahead_writes: u64,
    room: u64,
    /// Bytes that are left, if there is a bound; whether a reserve is kept beside them.
    free: Option<usize>,
    reserve: bool,
}

#[derive(Clone, Default)]
pub(crate) struct MemoryDisk {
    shared: Arc<(Mutex<State>, Condvar)>,
}

pub(crate) struct MemorySegment {
    disk: MemoryDisk,
    file: usize,
    room: u64,
}

impl MemoryDisk {
    fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut self.shared.0.lock().unwrap())
    }

    pub(crate) fn set(&self, faults: Faults) {
        self.with(|state| state.faults = faults);
        self.shared.1.notify_all();
    }

    /// Every segment as the process sees it, or as a power cut would leave it.
    pub(crate) fn segments(&self, after_power_cut: bool) -> Vec<(SegmentName, Vec<u8>)> {
        self.with(|state| {
            let bytes = |file: usize| match after_power_cut {
                true => state.files[file].1.clone(),
                false => state.files[file].0.clone(),
            };
            let names = state.names.iter();
            names.map(|(name, file)| (*name, bytes(*file))).collect()
        })
    }

    /// Puts a segment there, as a start finds it.
    pub(crate) fn put(&self, name: SegmentName, bytes: Vec<u8>, room: u64) -> MemorySegment {
        let disk = self.clone();
        self.with(|state| {
            state.files.push((bytes.clone(), bytes));
            let file = state.files.len() - 1;
            state.names.insert(name, file);
            MemorySegment { disk, file, room }
        })
    }

    /// Bounds the disk; a reserve that is kept is beside the bound.
    pub(crate) fn set_free(&self, free: Option<usize>) {
        self.with(|state| state.free = free);
    }

    pub(crate) fn has_reserve(&self) -> bool {
        self.with(|state| state.reserve)
    }

    /// What is written ahead, and how many writes it took; `None`: there is no such file.
    pub(crate) fn written_ahead(&self) -> (Option<Vec<u8>>, u64) {
        self.with(|state| (state.ahead.clone(), state.ahead_writes))
    }

    pub(crate) fn syncs(&self) -> u64 {
        self.with(|state| state.syncs)
    }
}

fn broken() -> io::Error {
    io::Error::from(rustix::io::Errno::IO)
}

/// Room of a reserve.
const RESERVE_BYTES: usize = 4096;

impl State {
    fn take(&mut self, bytes: usize) -> io::Result<()> {
        match &mut self.free {
            Some(free) if *free < bytes => Err(rustix::io::Errno::NOSPC.into()),
            Some(free) => {
                *free -= bytes;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

impl Disk for MemoryDisk {
    type File = MemorySegment;
    type Ahead = Self;

    fn ahead(&self) -> Self {
        self.clone()
    }

    fn spend_reserve(&mut self) -> bool {
        self.with(|state| {
            let had = std::mem::take(&mut state.reserve);
            if let Some(free) = state.free.as_mut().filter(|_| had) {
                *free += RESERVE_BYTES;
            }
            had
        })
    }

    fn keep_reserve(&mut self) -> bool {
        self.with(|state| {
            state.reserve |= state.free.is_none_or(|free| free >= 2 * RESERVE_BYTES);
            state.reserve
        })
    }

    fn begin(
        &mut self,
        name: SegmentName,
        contents: [&[u8]; 2],
        room: u64,
    ) -> io::Result<MemorySegment> {
        let disk = self.clone();
        self.with(|state| {
            if state.faults.begin {
                return Err(broken());
            }
            let bytes = contents.concat();
            state.take(bytes.len().max(1))?;
            state.files.push((bytes.clone(), bytes));
            state.room = room;
            let file = state.files.len() - 1;
            state.names.insert(name, file);
            Ok(MemorySegment { disk, file, room })
        })
    }
}

impl Segment for MemorySegment {
    fn write(&self, bytes: &[u8], offset: u64) -> io::Result<usize> {
        self.disk.with(|state| {
            let count = state
                .faults
                .write_bytes
                .unwrap_or(usize::MAX)
                .min(bytes.len());
            state.take(count)?;
            let file = &mut state.files[self.file].0;
            assert_eq!(file.len() as u64, offset, "written with a gap or twice");
            file.extend_from_slice(&bytes[..count]);
            match count {
                0 => Err(io::Error::from(rustix::io::Errno::NOSPC)),
                _ => Ok(count),
            }
        })
    }

    fn sync(&self) -> io::Result<()> {
        let (state, changed) = &*self.disk.shared;
        let state = state.lock().unwrap();
        let mut state = changed
            .wait_while(state, |state| state.faults.sync_held)
            .unwrap();
        state.syncs += 1;
        if state.faults.sync {
            return Err(broken());
        }
        let file = &mut state.files[self.file];
        file.1 = file.0.clone();
        Ok(())
    }

    fn cut(&self, length: u64) -> io::Result<()> {
        self.disk.with(|state| {
            if state.faults.cut {
                return Err(broken());
            }
            let file = &mut state.files[self.file];
            file.0.truncate(length as usize);
            file.1.truncate(length as usize);
            Ok(())
        })
    }

    fn room(&self) -> u64 {
        self.room
    }
}

impl AheadFile for MemoryDisk {
    fn make(&mut self, room: u64) -> io::Result<()> {
        self.with(|state| {
            if state.faults.ahead {
                return Err(broken());
            }
            state.ahead = Some(vec![0; room as usize]);
            Ok(())
        })
    }

    fn write(&mut self, pages: &[u8], at: u64) -> io::Result<()> {
        let (state, changed) = &*self.shared;
        let state = state.lock().unwrap();
        let mut state = changed
            .wait_while(state, |state| state.faults.ahead_held)
            .unwrap();
        if state.faults.ahead {
            return Err(broken());
        }
        state.ahead_writes += 1;
        let at = at as usize;
        state.ahead.as_mut().unwrap()[at..at + pages.len()].copy_from_slice(pages);
        Ok(())
    }

    fn remove(&mut self) -> io::Result<()> {
        self.with(|state| state.ahead = None);
        Ok(())
    }
}
