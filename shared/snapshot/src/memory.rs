//! Memory that nobody can change any more: a sealed memfd, mapped read-only.
//!
//! A file that is truncated under its map kills the process, and one that is rewritten defeats
//! every check that was made on it. Anonymous memory with all seals set can suffer neither.

use std::fs::File;
use std::io::{Error, Write};

use memmap2::Mmap;
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use rustix::io::Errno;

use crate::error::SnapshotError;

/// A copy of `bytes` in sealed memory, mapped read-only and aligned to a page.
pub(crate) fn sealed_copy(bytes: &[u8]) -> Result<Mmap, SnapshotError> {
    let mut file = File::from(create().map_err(failed("create sealed memory"))?);
    file.write_all(bytes)
        .map_err(|error| SnapshotError::Memory {
            step: "write memory",
            error,
        })?;
    let seals = SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE | SealFlags::SEAL;
    fcntl_add_seals(&file, seals).map_err(failed("seal memory"))?;
    // Looks at the seals itself, which is what makes it safe.
    Mmap::map_if_safe(&file).map_err(|error| SnapshotError::Memory {
        step: "map memory",
        error: Error::other(error),
    })
}

/// Not executable where the kernel can say so (6.3), since some are set up to insist on it.
fn create() -> Result<rustix::fd::OwnedFd, Errno> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    match memfd_create(c"varistor-snapshot", flags | MemfdFlags::NOEXEC_SEAL) {
        Err(Errno::INVAL) => memfd_create(c"varistor-snapshot", flags),
        answer => answer,
    }
}

fn failed(step: &'static str) -> impl Fn(Errno) -> SnapshotError {
    move |errno| SnapshotError::Memory {
        step,
        error: errno.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_copy_holds_the_bytes_and_is_aligned_to_a_page() {
        let copy = sealed_copy(&[1, 2, 3]).unwrap();
        assert_eq!(&copy[..], [1, 2, 3]);
        assert_eq!(copy.as_ptr() as usize % 4096, 0);
    }
}
