//! The one system call that no crate wraps.

use std::fs::File;
use std::os::fd::FromRawFd as _;

use memmap2::MmapMut;

/// Memory that the kernel takes out of its own map.
///
/// # Errors
/// There is none: an older kernel, one that was told not to have it, or `RLIMIT_MEMLOCK`.
#[expect(
    unsafe_code,
    reason = "memfd_secret is wrapped by no crate; each step says why it is sound"
)]
pub(crate) fn secret(bytes: usize) -> std::io::Result<MmapMut> {
    // SAFETY: memfd_secret(2) takes flags and touches no memory of ours.
    let raw = unsafe { libc::syscall(libc::SYS_memfd_secret, libc::O_CLOEXEC) };
    let raw = i32::try_from(raw).unwrap_or(-1);
    if raw < 0 {
        return Err(std::io::Error::last_os_error());
    }
    // SAFETY: the descriptor was just made, and nobody else has it.
    let file = unsafe { File::from_raw_fd(raw) };
    file.set_len(u64::try_from(bytes).unwrap_or(u64::MAX))?;
    // SAFETY: nobody else has the descriptor, which ends here, so that nobody else can map it or
    // change its length; the mapping is private to this process and stays as long as it is held.
    unsafe { MmapMut::map_mut(&file) }
}
