//! The disk as the journal sees it: segments that begin whole, are written, synced and cut.
//!
//! Behind a trait, so that tests can make it fail at any step.

mod ahead_file;
mod directory;
#[cfg(test)]
pub(crate) mod memory;

use std::io;

pub(crate) use directory::Directory;
use varistor_audit::SegmentName;

/// Where segments live.
pub(crate) trait Disk: Send + 'static {
    /// An open segment. The syncing thread shares it with the writer.
    type File: Segment;
    /// Where lines are written ahead.
    type Ahead: AheadFile;

    /// The file to write ahead to; it is not there before it is made.
    fn ahead(&self) -> Self::Ahead;

    /// Begins a segment that holds `contents`, with room for `room` bytes in all. It appears
    /// whole or not at all: contents and name are synced when this returns. A segment of the same
    /// name is replaced.
    fn begin(
        &mut self,
        name: SegmentName,
        contents: [&[u8]; 2],
        room: u64,
    ) -> io::Result<Self::File>;

    /// Gives the room back that is kept for a full disk; whether there was any.
    fn spend_reserve(&mut self) -> bool;

    /// Keeps that room, if the disk has twice as much; whether it is kept now.
    fn keep_reserve(&mut self) -> bool;
}

/// An open segment.
pub(crate) trait Segment: Send + Sync + 'static {
    /// Writes at `offset` with one call; returns how much was written.
    fn write(&self, bytes: &[u8], offset: u64) -> io::Result<usize>;

    /// Brings everything written to the device.
    fn sync(&self) -> io::Result<()>;

    /// Cuts what stands behind `length` bytes, room included.
    fn cut(&self, length: u64) -> io::Result<()>;

    /// For how many bytes there is room without asking the disk for more.
    fn room(&self) -> u64;
}

/// The file that is written ahead of the segments.
pub(crate) trait AheadFile: Send + 'static {
    /// Makes it, with `room` bytes that are written, so that later writes change its contents only.
    /// One that is there is replaced. When this returns, a power cut leaves file and name.
    fn make(&mut self, room: u64) -> io::Result<()>;

    /// Writes whole pages at `at` and brings them to the device.
    fn write(&mut self, pages: &[u8], at: u64) -> io::Result<()>;

    /// Takes it away, if it is there.
    fn remove(&mut self) -> io::Result<()>;
}
