//! What this machine has, found out by trying: the process that tries ends right after.

use std::io::{self, Read as _, Write as _};
use std::process::exit;

use nix::unistd::ForkResult;

use super::{apart, filter, mind};
use crate::layer::{Found, landlock_abi};
use crate::sys;

/// A bound of processes that is only tried out.
const SOME_PROCESSES: u64 = 256;

/// What the process within the namespaces tells: whether /proc can be mounted, and whether
/// processes can be bounded there.
type Within = (Result<(), String>, Result<(), String>);

/// Tells what was found on standard output, as JSON, and ends the process.
pub(super) fn run() -> ! {
    let told = serde_json::to_vec(&find()).map_err(io::Error::from);
    match told.and_then(|told| io::stdout().write_all(&told)) {
        Ok(()) => exit(0),
        Err(error) => super::fail("what this machine has can't be told", &error),
    }
}

fn find() -> Found {
    let landlock_abi = landlock_abi();
    let is_root = rustix::process::getuid().is_root();
    let within = text(apart::leave_all(true)).and_then(|()| text(try_within()));
    let (namespaces, own_proc, bound) = match within {
        Ok((own_proc, bound)) => (Ok(()), own_proc, bound),
        Err(why) => (Err(why.clone()), Err(why.clone()), Err(why)),
    };
    Found {
        landlock_abi,
        seccomp: text(filter::try_out()),
        namespaces,
        own_proc,
        // The kernel counts the processes of everybody else.
        processes: if is_root { bound } else { Ok(()) },
    }
}

/// Tries in the namespaces what only their process 1 can do.
fn try_within() -> io::Result<Within> {
    let (mut ours, mut theirs) = mind::line()?;
    match sys::fork()? {
        ForkResult::Parent { .. } => {
            drop(theirs);
            let mut told = Vec::new();
            ours.read_to_end(&mut told)?;
            Ok(serde_json::from_slice(&told)?)
        }
        ForkResult::Child => {
            let own_proc = apart::make_private().and_then(|()| apart::mount_proc());
            let bound = apart::bound_processes(SOME_PROCESSES);
            let told = serde_json::to_vec(&(text(own_proc), text(bound))).unwrap_or_default();
            // Nobody to tell: the other side finds nothing, and says so.
            let _ = theirs.write_all(&told);
            exit(0)
        }
    }
}

fn text<T>(result: io::Result<T>) -> Result<T, String> {
    result.map_err(|error| error.to_string())
}
