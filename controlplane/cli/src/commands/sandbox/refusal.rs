//! What a refused system call wanted: reads its registers and the paths that they point to. Leaves
//! out what this user may not do anyway, and what programs only ask to find out.

use std::fs::{self, File};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use nix::libc::user_regs_struct;
use nix::unistd::Pid;
use rustix::fs::Access;

/// Where runtimes look for limits of memory that containers have; there are others, of the sandbox.
const LIMITS: &str = "/sys/fs/cgroup";
/// What names of hosts are looked up by: granted with a network, and no use without.
const NAMES: [&str; 4] = [
    "etc/resolv.conf",
    "etc/hosts",
    "etc/host.conf",
    "etc/gai.conf",
];
/// Bytes of the longest path on Linux.
const PATH_BYTES_MAX: usize = 4096;

/// Something that a program wanted and did not get.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Refusal {
    /// To read a file or list a directory.
    Read(PathBuf),
    /// To change a file, or to make or remove something.
    Write(PathBuf),
    /// To start a program.
    Execute(PathBuf),
    /// A socket of the Internet, or what names of hosts are looked up by.
    Network,
    /// A socket of the Unix domain.
    UnixSocket,
    /// Another system call, by its name.
    Call(String),
}

/// The refusal that an answered call was, if it was one that the sandbox made.
pub(super) fn of(pid: Pid, registers: &user_regs_struct, is_launcher: bool) -> Option<Refusal> {
    let answer = i32::try_from(registers.rax.cast_signed()).ok()?;
    let call = i64::try_from(registers.orig_rax).ok()?;
    let arguments = [registers.rdi, registers.rsi, registers.rdx, registers.r10];
    if is_launcher && call != libc::SYS_execve {
        return None;
    }
    match -answer {
        libc::EACCES | libc::EXDEV | libc::EROFS => wanted_of_files(pid, call, arguments),
        libc::EPERM | libc::ENOSYS => wanted_of_calls(call, arguments),
        _ => None,
    }
}

/// A path of a call: which argument names the directory that it starts from, and which the path.
type Place = (Option<usize>, usize);

/// What Landlock refuses answers EACCES (or EXDEV, for links between directories).
fn wanted_of_files(pid: Pid, call: i64, arguments: [u64; 4]) -> Option<Refusal> {
    let flags_of_open = match call {
        libc::SYS_open => Some(((None, 0), arguments[1])),
        libc::SYS_openat => Some(((Some(0), 1), arguments[2])),
        libc::SYS_openat2 => Some(((Some(0), 1), read_number(pid, arguments[2])?)),
        _ => None,
    };
    if let Some((place, flags)) = flags_of_open {
        let path = path_of(pid, place, arguments)?;
        let flags = i32::try_from(flags & u64::from(u32::MAX >> 1)).ok()?;
        let writes = flags & libc::O_ACCMODE != libc::O_RDONLY;
        // The flag of unnamed files holds that of directories.
        let is_unnamed = flags & libc::O_TMPFILE == libc::O_TMPFILE;
        let makes = flags & (libc::O_CREAT | libc::O_TRUNC) != 0 || is_unnamed;
        return match writes || makes {
            true => is_ours_to_write(&path).then_some(Refusal::Write(path)),
            false if path.starts_with(LIMITS) => None,
            false if NAMES.iter().any(|name| path.ends_with(name)) => Some(Refusal::Network),
            false => is_allowed(&path, Access::READ_OK).then_some(Refusal::Read(path)),
        };
    }
    if matches!(call, libc::SYS_execve) {
        let path = path_of(pid, (None, 0), arguments)?;
        return is_allowed(&path, Access::EXEC_OK).then_some(Refusal::Execute(path));
    }
    let places: &[Place] = match call {
        libc::SYS_mkdir | libc::SYS_rmdir | libc::SYS_unlink | libc::SYS_creat => &[(None, 0)],
        libc::SYS_truncate | libc::SYS_mknod | libc::SYS_chmod | libc::SYS_utimes => &[(None, 0)],
        libc::SYS_mkdirat | libc::SYS_unlinkat | libc::SYS_mknodat => &[(Some(0), 1)],
        libc::SYS_fchmodat | libc::SYS_utimensat => &[(Some(0), 1)],
        libc::SYS_symlink => &[(None, 1)],
        libc::SYS_symlinkat => &[(Some(1), 2)],
        libc::SYS_rename | libc::SYS_link => &[(None, 1), (None, 0)],
        libc::SYS_renameat | libc::SYS_renameat2 | libc::SYS_linkat => {
            &[(Some(2), 3), (Some(0), 1)]
        }
        libc::SYS_connect => return Some(Refusal::Network),
        _ => return None,
    };
    let mut paths = places
        .iter()
        .filter_map(|place| path_of(pid, *place, arguments));
    paths
        .find(|path| is_ours_to_write(path))
        .map(Refusal::Write)
}

/// What seccomp refuses answers EPERM, or ENOSYS for what it does not know.
fn wanted_of_calls(call: i64, arguments: [u64; 4]) -> Option<Refusal> {
    let family = i32::try_from(arguments[0]).unwrap_or_default();
    match call {
        libc::SYS_socket => match family {
            libc::AF_UNIX => Some(Refusal::UnixSocket),
            _ => Some(Refusal::Network),
        },
        libc::SYS_connect | libc::SYS_bind | libc::SYS_listen => Some(Refusal::Network),
        // Libraries ask for these first and do without; changes of owners are no loss.
        libc::SYS_clone3 | libc::SYS_chown | libc::SYS_fchown | libc::SYS_fchownat => None,
        libc::SYS_io_uring_setup => None,
        call => {
            let name = varistor_sandbox::call_name(call).map(str::to_owned);
            Some(Refusal::Call(
                name.unwrap_or_else(|| format!("number {call}")),
            ))
        }
    }
}

/// Whether this user could, without a sandbox.
fn is_allowed(path: &Path, access: Access) -> bool {
    rustix::fs::access(path, access).is_ok()
}

fn is_ours_to_write(path: &Path) -> bool {
    let exists = fs::symlink_metadata(path).is_ok();
    let asked = if exists { Some(path) } else { path.parent() };
    asked.is_some_and(|path| is_allowed(path, Access::WRITE_OK))
}

/// The absolute path that a call named, without `.` and `..`.
fn path_of(pid: Pid, (from, at): Place, arguments: [u64; 4]) -> Option<PathBuf> {
    let named = read_text(pid, *arguments.get(at)?)?;
    if named.is_absolute() {
        return Some(clean(&named));
    }
    // The lower half of an argument is the descriptor.
    let start = from.and_then(|from| arguments.get(from));
    let descriptor = start.map(|start| (*start & u64::from(u32::MAX)) as u32 as i32);
    let folder = match descriptor {
        None | Some(libc::AT_FDCWD) => format!("/proc/{pid}/cwd"),
        Some(number) => format!("/proc/{pid}/fd/{number}"),
    };
    let folder = fs::read_link(folder).ok()?;
    Some(clean(&folder.join(named)))
}

/// Follows what is there; what is not there yet is put together by its text.
fn clean(path: &Path) -> PathBuf {
    if let Ok(real) = path.canonicalize() {
        return real;
    }
    let mut clean = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                clean.pop();
            }
            part => clean.push(part),
        }
    }
    clean
}

fn read_text(pid: Pid, address: u64) -> Option<PathBuf> {
    let memory = File::open(format!("/proc/{pid}/mem")).ok()?;
    let mut bytes = vec![0; PATH_BYTES_MAX];
    let mut filled = 0;
    // A text may end just before memory that is not there.
    while filled < PATH_BYTES_MAX {
        let at = address.checked_add(filled as u64)?;
        let to_page_end = PATH_BYTES_MAX.checked_sub(usize::try_from(at % 4096).ok()?)?;
        let end = filled.checked_add(to_page_end)?.min(PATH_BYTES_MAX);
        let part = bytes.get_mut(filled..end)?;
        memory.read_exact_at(part, at).ok()?;
        if let Some(length) = part.iter().position(|byte| *byte == 0) {
            bytes.truncate(filled.checked_add(length)?);
            return String::from_utf8(bytes).ok().map(PathBuf::from);
        }
        filled = end;
    }
    None
}

fn read_number(pid: Pid, address: u64) -> Option<u64> {
    let memory = File::open(format!("/proc/{pid}/mem")).ok()?;
    let mut bytes = [0; 8];
    memory.read_exact_at(&mut bytes, address).ok()?;
    Some(u64::from_ne_bytes(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_user_may_not_do_anyway_is_no_refusal_of_the_sandbox() {
        assert!(is_allowed(Path::new("/etc/passwd"), Access::READ_OK));
        assert!(!is_ours_to_write(Path::new("/no/such/folder/file")));
    }

    #[test]
    fn paths_that_are_not_there_lose_their_dots() {
        assert_eq!(
            clean(Path::new("/no/./such/../place")),
            Path::new("/no/place")
        );
    }

    #[test]
    fn a_text_is_read_from_memory() {
        let text = c"/srv/docs";
        let address = text.as_ptr().addr() as u64;
        let read = read_text(Pid::this(), address);
        assert_eq!(read.as_deref(), Some(Path::new("/srv/docs")));
    }
}
