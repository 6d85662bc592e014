//! Namespaces and capabilities: the server sees its own processes, network, mounts and IPC only,
//! and may do nothing that a plain process of its user could not.

use std::fs;
use std::io;
use std::path::Path;

use nix::sched::{CloneFlags, unshare};
use rustix::io::Errno;
use rustix::mount::{MountFlags, MountPropagationFlags};
use rustix::thread::{CapabilitySet, CapabilitySets};

use super::{Failure, at};
use crate::plan::{Access, Plan};
use crate::profile::Network;
use crate::sys::{self, Mounts};

/// Processes of a namespace whose numbers the kernel does not use again (`RESERVED_PIDS`).
const RESERVED_PIDS: u64 = 300;
/// Files of the private temporary directory: each costs the kernel about a kilobyte.
const TEMPORARY_FILES_MAX: u32 = 65_536;
/// Bits of a capability set.
const CAPABILITIES: u32 = u64::BITS;

/// Leaves the machine's namespaces. The user stays who it was, and may do nothing as another one.
pub(super) fn leave(plan: &Plan) -> io::Result<()> {
    leave_all(matches!(plan.network, Network::None | Network::Hosts(_)))
}

/// Leaves all namespaces, that of the network only if it is told to.
pub(super) fn leave_all(also_network: bool) -> io::Result<()> {
    let (user, group) = (rustix::process::getuid(), rustix::process::getgid());
    let mut flags = CloneFlags::CLONE_NEWUSER
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWIPC;
    if also_network {
        flags |= CloneFlags::CLONE_NEWNET;
    }
    unshare(flags)?;
    fs::write("/proc/self/setgroups", "deny")?;
    fs::write("/proc/self/uid_map", format!("{user} {user} 1"))?;
    fs::write("/proc/self/gid_map", format!("{group} {group} 1"))
}

/// Mounts what the server gets of its own, as process 1 of its namespace.
pub(super) fn furnish(plan: &Plan) -> Result<(), Failure> {
    make_private().map_err(at("mounts can't be made private"))?;
    if plan.own_proc {
        mount_proc().map_err(at("/proc can't be mounted"))?;
    }
    mount_temporary(&plan.temporary, plan.limits.temporary_bytes)
        .map_err(at("the private temporary directory can't be mounted"))?;
    if rustix::process::getuid().is_root() {
        bound_processes(plan.limits.processes).map_err(at("processes of root can't be bounded"))?;
    }
    keep_unchanged(plan).map_err(at("mounts can't be made read-only"))
}

/// Makes every mount read-only but those of the paths that may be written: Landlock has no rights
/// for modes, owners, times and attributes of files.
fn keep_unchanged(plan: &Plan) -> io::Result<()> {
    let granted = plan
        .grants
        .iter()
        .filter(|grant| grant.access == Access::Write);
    let writable: Vec<&Path> = granted.map(|grant| grant.path.as_path()).collect();
    if writable.iter().any(|path| path.parent().is_none()) {
        return Ok(()); // everything may be written
    }
    for path in &writable {
        rustix::mount::mount_bind_recursive(*path, *path)?;
    }
    sys::set_mounts(Path::new("/"), Mounts::ReadOnly)?;
    for path in &writable {
        match sys::set_mounts(path, Mounts::Writable) {
            // The machine has it read-only, and it stays so.
            Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {}
            done => done?,
        }
    }
    Ok(())
}

/// Keeps what is mounted here from everybody else.
pub(super) fn make_private() -> io::Result<()> {
    let flags = MountPropagationFlags::PRIVATE | MountPropagationFlags::REC;
    Ok(rustix::mount::mount_change("/", flags)?)
}

/// Mounts the `/proc` of this namespace of processes.
pub(super) fn mount_proc() -> io::Result<()> {
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    Ok(rustix::mount::mount("proc", "/proc", "proc", flags, None)?)
}

fn mount_temporary(path: &Path, bytes: u64) -> io::Result<()> {
    let options = format!("mode=0700,size={bytes},nr_inodes={TEMPORARY_FILES_MAX}");
    let options = std::ffi::CString::new(options)?;
    let flags = MountFlags::NOSUID | MountFlags::NODEV | MountFlags::NOEXEC;
    rustix::mount::mount("tmpfs", path, "tmpfs", flags, options.as_c_str())?;
    Ok(())
}

/// Bounds the numbers of processes in this namespace, and so the processes: those of root are not
/// counted by the kernel's limit.
pub(super) fn bound_processes(processes: u64) -> io::Result<()> {
    let most = processes.saturating_add(RESERVED_PIDS);
    fs::write("/proc/sys/kernel/pid_max", most.to_string())
}

/// Gives up every capability, for ever.
pub(super) fn drop_capabilities() -> io::Result<()> {
    for bit in 0..CAPABILITIES {
        let one = CapabilitySet::from_bits_retain(1_u64 << bit);
        match rustix::thread::remove_capability_from_bounding_set(one) {
            // After the last one that the kernel knows; or nothing to give up, outside of
            // namespaces as a plain user: no new privileges come, with or without the set.
            Ok(()) | Err(Errno::INVAL | Errno::PERM) => {}
            Err(error) => return Err(error.into()),
        }
    }
    rustix::thread::clear_ambient_capability_set()?;
    let none = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    Ok(rustix::thread::set_capabilities(None, none)?)
}
