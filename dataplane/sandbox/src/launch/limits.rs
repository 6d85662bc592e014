//! Limits of the kernel on the server's processes. A limit that is lower already stays.

use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;

use rustix::process::{Resource, Rlimit};

use super::{Failure, at};
use crate::plan::Plan;

/// The launcher's own processes, which the namespace counts as well.
const OURS: u64 = 2;
/// One byte: less than any core file needs, so that none is written, and the one value at which
/// the kernel pipes none to a program either (0 stops files only).
const NO_CORE: u64 = 1;

/// Sets every limit of the plan.
pub(super) fn apply(plan: &Plan) -> Result<(), Failure> {
    let limits = &plan.limits;
    let others = match plan.namespaces {
        true => OURS,
        false => tasks_of_user().map_err(at("processes can't be counted"))?,
    };
    let processes = limits.processes.saturating_add(others);
    limit(Resource::Core, NO_CORE)?;
    limit(Resource::Data, limits.memory_bytes)?;
    limit(Resource::Nproc, processes)?;
    limit(Resource::Nofile, limits.open_files)?;
    limit(Resource::Fsize, limits.file_bytes)?;
    limit(Resource::Msgqueue, 0)?;
    if let Some(bytes) = limits.address_space_bytes {
        limit(Resource::As, bytes)?;
    }
    if let Some(seconds) = limits.cpu_seconds {
        limit(Resource::Cpu, seconds)?;
    }
    Ok(())
}

fn limit(resource: Resource, most: u64) -> Result<(), Failure> {
    let before = rustix::process::getrlimit(resource).maximum;
    let most = before.map_or(most, |before| before.min(most));
    let both = Rlimit {
        current: Some(most),
        maximum: Some(most),
    };
    rustix::process::setrlimit(resource, both).map_err(at("a limit can't be set"))
}

/// Processes and threads of this user: outside of namespaces the kernel counts all of them.
fn tasks_of_user() -> io::Result<u64> {
    let user = rustix::process::getuid().as_raw();
    let mut tasks = 0_u64;
    for entry in fs::read_dir("/proc")?.flatten() {
        let path = entry.path();
        // Processes that end meanwhile are none.
        let is_ours = entry.metadata().is_ok_and(|found| found.uid() == user);
        if is_ours && let Ok(threads) = fs::read_dir(path.join("task")) {
            let threads = u64::try_from(threads.count()).unwrap_or(u64::MAX);
            tasks = tasks.saturating_add(threads);
        }
    }
    Ok(tasks)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_least_this_process_is_counted() {
        assert!(tasks_of_user().unwrap() >= 1);
    }
}
