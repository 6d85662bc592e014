//! Keeps every received body, byte for byte.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;

/// A file of bodies, each after its length in four bytes, big endian.
pub(super) struct Recorder {
    file: File,
}

impl Recorder {
    /// # Errors
    /// The file cannot be created.
    pub(super) fn create(path: &Path) -> anyhow::Result<Self> {
        let file =
            File::create(path).with_context(|| format!("cannot create {}", path.display()))?;
        Ok(Self { file })
    }

    /// Writes one body in one piece, so that a reader never sees half of one that was answered.
    ///
    /// # Errors
    /// The disk refuses.
    pub(super) fn keep(&self, body: &[u8]) -> io::Result<()> {
        let length = u32::try_from(body.len()).map_err(io::Error::other)?;
        let mut entry = Vec::with_capacity(body.len().saturating_add(4));
        entry.extend_from_slice(&length.to_be_bytes());
        entry.extend_from_slice(body);
        (&self.file).write_all(&entry)
    }
}
