//! The processes of a program: those that somebody named, and all that they have started.
//!
//! A process that has left its parent (a daemon that forked twice) is nobody's child any more and
//! is not found.

use std::collections::HashSet;
use std::fs;

/// Each of these processes and what it has started, itself first.
///
/// A process belongs to one of the lists only: to its own, if it is named itself.
pub(crate) fn of_each(roots: &[u32]) -> Vec<Vec<u32>> {
    let mut seen: HashSet<u32> = roots.iter().copied().collect();
    let family = |&root: &u32| {
        let mut pids = vec![root];
        let mut at = 0;
        while let Some(pid) = pids.get(at).copied() {
            pids.extend(
                children(pid)
                    .into_iter()
                    .filter(|child| seen.insert(*child)),
            );
            at += 1;
        }
        pids
    };
    roots.iter().map(family).collect()
}

/// All of them in one list.
pub(crate) fn of(roots: &[u32]) -> Vec<u32> {
    of_each(roots).concat()
}

/// The processes that a process has started, from whichever thread, and that have not ended.
fn children(pid: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{pid}/task"));
    // It may have ended, and so may a thread between the two calls.
    let tasks = tasks.into_iter().flatten().flatten();
    let lists = tasks.filter_map(|task| fs::read_to_string(task.path().join("children")).ok());
    let each = |list: String| -> Vec<u32> {
        let pids = list.split_whitespace().filter_map(|pid| pid.parse().ok());
        pids.collect()
    };
    lists.flat_map(each).collect()
}

#[cfg(test)]
mod tests {
    use std::process::{Child, Command, Stdio};
    use std::sync::mpsc::channel;

    use super::{of, of_each};

    fn sleeper() -> Child {
        let mut cat = Command::new("cat");
        cat.stdin(Stdio::piped()).spawn().unwrap()
    }

    #[test]
    fn a_child_that_another_thread_has_started_is_found() {
        let own = std::process::id();
        let (started, child) = channel();
        let (end, ended) = channel::<()>();
        let thread = std::thread::spawn(move || {
            started.send(sleeper()).unwrap();
            // Ends with the other side.
            let _ = ended.recv();
        });
        let mut child = child.recv().unwrap();
        assert!(of(&[own]).contains(&child.id()));
        // Named itself, it is in its own list only.
        let both = of_each(&[own, child.id()]);
        assert!(!both[0].contains(&child.id()));
        assert_eq!(both[1], [child.id()]);
        drop(end);
        thread.join().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!of(&[own]).contains(&child.id()));
    }

    #[test]
    fn the_children_of_children_are_found() {
        let mut shell = Command::new("sh")
            .args(["-c", "sh -c 'cat; exit'; exit"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let begun = std::time::Instant::now();
        while of(&[shell.id()]).len() < 3 {
            assert!(begun.elapsed().as_secs() < 10, "{:?}", of(&[shell.id()]));
        }
        // The end of its input ends all of them.
        drop(shell.stdin.take());
        shell.wait().unwrap();
    }
}
