//! Memory that nobody can change any more: a sealed memfd, mapped read-only.
//!
//! A file that is truncated under its map kills the process, and one that is rewritten defeats
//! every check that was made on it. Anonymous memory with all seals set can suffer neither.

use std::fs::File;
use std::io::{Error, Write};
use std::time::Duration;

use memmap2::Mmap;
use rustix::fs::{MemfdFlags, SealFlags, fcntl_add_seals, memfd_create};
use rustix::io::Errno;

use crate::error::SnapshotError;

/// How often sealing is tried, and the pause after each time. The kernel refuses to seal memory
/// against writing while one of its pages is held by anybody, and it holds some itself for a moment
/// when memory is short or is being moved.
const SEAL_TRIES: u32 = 40;
const SEAL_PAUSE: Duration = Duration::from_millis(50);

/// A copy of `bytes` in sealed memory, mapped read-only and aligned to a page. May wait for two
/// seconds.
pub(crate) fn sealed_copy(bytes: &[u8]) -> Result<Mmap, SnapshotError> {
    patiently(|| sealed(bytes))
}

/// Tries again where something is busy.
fn patiently<T>(mut once: impl FnMut() -> Result<T, SnapshotError>) -> Result<T, SnapshotError> {
    let busy = Some(Errno::BUSY.raw_os_error());
    for _ in 1..SEAL_TRIES {
        match once() {
            Err(SnapshotError::Memory { error, .. }) if error.raw_os_error() == busy => {
                std::thread::sleep(SEAL_PAUSE);
            }
            other => return other,
        }
    }
    once()
}

fn sealed(bytes: &[u8]) -> Result<Mmap, SnapshotError> {
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
    fn what_is_busy_is_tried_again_and_anything_else_is_told() {
        let fails = |errno: Errno| SnapshotError::Memory {
            step: "seal memory",
            error: errno.into(),
        };
        let mut tries = 0;
        let sealed = patiently(|| {
            tries += 1;
            if tries < 3 {
                Err(fails(Errno::BUSY))
            } else {
                Ok(tries)
            }
        });
        assert_eq!(sealed.ok(), Some(3));
        let mut tries = 0;
        let refused = patiently(|| {
            tries += 1;
            Err::<(), _>(fails(Errno::PERM))
        });
        assert!(refused.is_err() && tries == 1);
    }

    #[test]
    fn a_copy_holds_the_bytes_and_is_aligned_to_a_page() {
        let copy = sealed_copy(&[1, 2, 3]).unwrap();
        assert_eq!(&copy[..], [1, 2, 3]);
        assert_eq!(copy.as_ptr() as usize % 4096, 0);
    }
}
