//! Processes that descend from one: found through `/proc`, signalled until none is left.

use std::collections::HashMap;
use std::fs;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};

/// Pause between two looks at who is left.
const LOOK: Duration = Duration::from_millis(2);

/// All processes that descend from this one, as far as they can be seen now.
pub(crate) fn descendants(of: Pid) -> Vec<Pid> {
    match children_listed(of) {
        Some(first) => listed(first),
        None => by_parents(of),
    }
}

/// Sends a signal to every descendant.
pub(crate) fn signal_all(of: Pid, signal: Signal) {
    for pid in descendants(of) {
        // It may have ended meanwhile, which is what is wanted.
        let _ = kill_process(pid, signal);
    }
}

/// Kills every descendant of this very process and takes their ends in, until there are none. To
/// be called by a process to which orphans of its descendants come (`PR_SET_CHILD_SUBREAPER`): no
/// descendant can leave the tree, so that none is missed.
pub(crate) fn kill_own_descendants(mut reaped: impl FnMut(Pid, i32)) {
    let own = rustix::process::getpid();
    loop {
        signal_all(own, Signal::KILL);
        if !reap(&mut reaped) {
            return;
        }
        std::thread::sleep(LOOK);
    }
}

/// Takes in every child of this process that has ended; whether there are others.
pub(crate) fn reap(reaped: &mut impl FnMut(Pid, i32)) -> bool {
    loop {
        match wait(WaitOptions::NOHANG) {
            Ok(Some((pid, status))) => {
                let signal = status.terminating_signal().unwrap_or_default();
                let code = status.exit_status();
                reaped(pid, code.unwrap_or_else(|| signal.saturating_add(128)));
            }
            Ok(None) => return true,
            Err(rustix::io::Errno::INTR) => {}
            // No child is left.
            Err(_) => return false,
        }
    }
}

/// The children of all threads, where the kernel lists them (`CONFIG_PROC_CHILDREN`).
pub(crate) fn children_listed(of: Pid) -> Option<Vec<Pid>> {
    let tasks = format!("/proc/{}/task", of.as_raw_nonzero());
    let mut found = Vec::new();
    for task in fs::read_dir(tasks).ok()?.flatten() {
        let text = fs::read_to_string(task.path().join("children")).ok()?;
        found.extend(text.split_ascii_whitespace().filter_map(number));
    }
    Some(found)
}

fn listed(mut open: Vec<Pid>) -> Vec<Pid> {
    let mut all = Vec::new();
    while let Some(pid) = open.pop() {
        // A process that ends meanwhile hands its children to one that is asked again.
        open.extend(children_listed(pid).unwrap_or_default());
        all.push(pid);
    }
    all
}

/// The same without such lists: by the parent that each process names.
fn by_parents(of: Pid) -> Vec<Pid> {
    let mut children: HashMap<Pid, Vec<Pid>> = HashMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(number) else {
            continue;
        };
        if let Some(parent) = parent_of(pid) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut all = Vec::new();
    let mut open = children.remove(&of).unwrap_or_default();
    while let Some(pid) = open.pop() {
        open.extend(children.remove(&pid).unwrap_or_default());
        all.push(pid);
    }
    all
}

fn parent_of(pid: Pid) -> Option<Pid> {
    let stat = fs::read_to_string(format!("/proc/{}/stat", pid.as_raw_nonzero())).ok()?;
    // The name, in parentheses, may hold anything; state and parent follow it.
    let (_, behind) = stat.rsplit_once(')')?;
    number(behind.split_ascii_whitespace().nth(1)?)
}

fn number(text: &str) -> Option<Pid> {
    Pid::from_raw(text.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufRead as _, BufReader};
    use std::process::{Command, Stdio};

    #[test]
    fn both_ways_see_the_child_of_a_child() {
        let mut child = Command::new("sh")
            .args(["-c", "sleep 60 & echo $!; wait"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).unwrap();
        let grandchild = number(line.trim()).unwrap();
        let shell = number(&child.id().to_string()).unwrap();
        assert_eq!(by_parents(shell), [grandchild]);
        assert_eq!(descendants(shell), [grandchild]);
        assert!(by_parents(rustix::process::getpid()).contains(&grandchild));
        signal_all(shell, Signal::KILL);
        child.wait().unwrap();
    }
}
