//! Three system calls that no library offers safely: fork, closing what was inherited, and making
//! mounts read-only with everything beneath. The only unsafe code of this crate.

#![expect(
    unsafe_code,
    reason = "fork and close_range are unsafe in every library and mount_setattr is in none; all \
              are used in the launcher only, which has one thread"
)]

use std::ffi::CString;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

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

/// `MOUNT_ATTR_RDONLY` and `MOUNT_ATTR_NOSUID` of `mount_setattr(2)`.
const READ_ONLY: u64 = 1;
const NO_SETUID: u64 = 2;
/// `struct mount_attr`: set, clear, propagation, namespace of users.
type MountAttributes = [u64; 4];

/// Whether a mount, with all beneath, can be written to.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Mounts {
    /// Nothing can be changed there: not even modes, owners, times and attributes of files, for
    /// which Landlock has no right.
    ReadOnly,
    /// Files can be written, as far as Landlock lets them.
    Writable,
}

/// Changes the mount at a path, and all beneath, in this namespace. No program gains rights by the
/// owner of its file there.
pub(crate) fn set_mounts(path: &Path, mounts: Mounts) -> io::Result<()> {
    let (set, clear) = match mounts {
        Mounts::ReadOnly => (READ_ONLY | NO_SETUID, 0),
        Mounts::Writable => (NO_SETUID, READ_ONLY),
    };
    let attributes: MountAttributes = [set, clear, 0, 0];
    let path = CString::new(path.as_os_str().as_bytes())?;
    // SAFETY: the path ends with a zero byte and lives across the call, as do the attributes, whose
    // size is that of the kernel's first version of them.
    let done = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            path.as_ptr(),
            libc::AT_RECURSIVE,
            attributes.as_ptr(),
            size_of::<MountAttributes>(),
        )
    };
    match done {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}
