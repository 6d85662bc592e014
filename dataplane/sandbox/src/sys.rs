//! Two system calls that no library offers safely: fork, and closing what was inherited. The only
//! unsafe code of this crate.

#![expect(
    unsafe_code,
    reason = "fork and close_range are unsafe in every library; both are used in the launcher \
              only, which has one thread and holds no descriptor across the call"
)]

use std::io;

use nix::unistd::ForkResult;

/// First descriptor after the standard streams.
const AFTER_STREAMS: libc::c_uint = 3;

/// Forks a process that has one thread. Refuses when there are more: the child of such a fork
/// could find locks taken for ever.
pub(crate) fn fork() -> io::Result<ForkResult> {
    let threads = std::fs::read_dir("/proc/self/task")?.count();
    if threads != 1 {
        return Err(io::Error::other(format!(
            "the launcher has {threads} threads; call launch_if_asked first in main"
        )));
    }
    // SAFETY: the process has this thread only, as was just counted, so that the child finds no
    // lock taken by a thread that it does not have.
    Ok(unsafe { nix::unistd::fork() }?)
}

/// Closes every descriptor from 3 on: whatever the gateway failed to close on exec stays out.
/// The caller must hold none.
pub(crate) fn close_inherited() -> io::Result<()> {
    // SAFETY: plain numbers; nothing in this process owns a descriptor from 3 on when the
    // launcher calls it, right after it has read and closed its plan.
    let done = unsafe { libc::syscall(libc::SYS_close_range, AFTER_STREAMS, libc::c_uint::MAX, 0) };
    match done {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
