//! A snapshot that has passed every check, in memory that nobody can change.
//!
//! Refuses, in this order: a wrong length or magic, a header that no known key signed, another
//! digest, another schema, a generation that is not newer, an archive that is not valid.

use std::fmt;

use ed25519_dalek::VerifyingKey;
use memmap2::Mmap;
use sha2::{Digest, Sha256};

use crate::envelope::{Header, unwrap};
use crate::error::SnapshotError;
use crate::memory::sealed_copy;
use crate::schema::{ArchivedPolicy, SCHEMA};

/// A verified policy. Shared between threads; never changes while it lives.
pub struct Snapshot {
    /// Sealed, read-only, checked by `open`: holds a valid `ArchivedPolicy` at its end.
    memory: Mmap,
    header: Header,
}

impl Snapshot {
    /// Verifies the bytes of a snapshot file and moves its archive into sealed memory.
    ///
    /// `keys` are the control plane's; one of them must have signed. A generation that is not
    /// greater than `newer_than` is refused; `None` takes any.
    ///
    /// # Errors
    /// Says which check failed and what to do about it.
    pub fn open(
        file: &[u8],
        keys: &[VerifyingKey],
        newer_than: Option<u64>,
    ) -> Result<Self, SnapshotError> {
        let (header, archive) = unwrap(file, keys)?;
        // From here on only the sealed copy is looked at: `file` may be memory that others write.
        let memory = sealed_copy(archive)?;
        if Sha256::digest(&memory[..])[..] != header.digest {
            return Err(SnapshotError::Digest);
        }
        if header.schema != SCHEMA {
            return Err(SnapshotError::Schema {
                found: header.schema,
                expected: SCHEMA,
            });
        }
        if let Some(newest) = newer_than.filter(|newest| header.generation <= *newest) {
            return Err(SnapshotError::Generation {
                found: header.generation,
                newest,
            });
        }
        check_archive(&memory, header.generation)?;
        Ok(Self { memory, header })
    }

    /// The rows.
    #[must_use]
    #[expect(
        unsafe_code,
        reason = "checked once in `open`; a check per call costs 0.1 ms"
    )]
    pub fn policy(&self) -> &ArchivedPolicy {
        // SAFETY: `open`, the only maker of a `Snapshot`, ran rkyv's checked access for this very
        // type on this very mapping. The mapping is read-only and backed by a memfd whose seals
        // forbid writing, growing and shrinking, so the bytes that were checked are the bytes that
        // are read; it is page aligned and lives as long as `self`.
        unsafe { rkyv::access_unchecked::<ArchivedPolicy>(&self.memory) }
    }

    /// Which compilation of the directory it is.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.header.generation
    }

    /// SHA-256 of the archive.
    #[must_use]
    pub fn digest(&self) -> &[u8; 32] {
        &self.header.digest
    }

    /// Size of the archive in bytes.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.memory.len()
    }
}

impl fmt::Debug for Snapshot {
    /// Shows no rows: they hold the key that seals session ids.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Snapshot")
            .field("generation", &self.generation())
            .field("bytes", &self.bytes())
            .finish_non_exhaustive()
    }
}

/// Checks every pointer and tag of the archive in the memory where it will be used.
fn check_archive(memory: &[u8], generation: u64) -> Result<(), SnapshotError> {
    let policy = rkyv::access::<ArchivedPolicy, rkyv::rancor::Error>(memory).map_err(|error| {
        SnapshotError::Archive {
            detail: error.to_string(),
        }
    })?;
    if policy.generation != generation {
        let detail = "header and archive name different generations".to_owned();
        return Err(SnapshotError::Archive { detail });
    }
    Ok(())
}

#[cfg(test)]
mod tests;
