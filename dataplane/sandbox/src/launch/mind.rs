//! The launcher's two waiting processes: they pass signals on, reap, tell how the server ended, and
//! end everything when they are told to or when their parent is gone.

use std::convert::Infallible;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::process::exit;

use nix::sys::signal::{SigSet, Signal as Held};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;
use rustix::process::Signal;

use super::Failure;

/// The signal that means: end everything now. Nobody sends it to ask for a core dump here, since
/// there never is one.
pub(crate) const END_SIGNAL: Signal = Signal::QUIT;

/// Signals that are passed on to the server.
const PASSED: &[Held] = &[
    Held::SIGTERM,
    Held::SIGINT,
    Held::SIGHUP,
    Held::SIGUSR1,
    Held::SIGUSR2,
    Held::SIGWINCH,
    Held::SIGCONT,
];

/// Added to the number of the signal that ended a process, in the exit status of shells and ours.
const SIGNAL_STATUS: i32 = 128;

/// Both ends know by it that the other one lives, and the inner one tells how the server ended.
pub(super) type Line = UnixStream;

/// A line between two processes.
pub(super) fn line() -> io::Result<(Line, Line)> {
    UnixStream::pair()
}

/// Holds all signals that are waited for.
pub(super) fn hold_signals() -> io::Result<()> {
    held().thread_block()?;
    Ok(())
}

/// Lets all signals through again.
pub(super) fn let_go_signals() -> io::Result<()> {
    SigSet::empty().thread_set_mask()?;
    Ok(())
}

fn held() -> SigSet {
    let mut held: SigSet = PASSED.iter().copied().collect();
    held.add(Held::SIGQUIT);
    held.add(Held::SIGCHLD);
    held
}

/// Lets go of the server's standard streams: their other ends must see when the server closes them.
pub(super) fn silence() -> io::Result<()> {
    let null = OpenOptions::new()
        .read(true)
        .write(true)
        .open("/dev/null")?;
    rustix::stdio::dup2_stdin(&null)?;
    rustix::stdio::dup2_stdout(&null)?;
    rustix::stdio::dup2_stderr(&null)?;
    Ok(())
}

/// Makes this process end with its parent, which sends a byte once it has let go of the streams.
pub(super) fn live_with(line: &Line) -> io::Result<()> {
    rustix::process::set_parent_process_death_signal(Some(Signal::KILL))?;
    // The parent may have ended before that: then there is no byte.
    let mut byte = [0];
    (&mut &*line).read_exact(&mut byte)
}

/// The outer process: waits for the inner one, and ends as the server ended.
pub(super) fn outside(child: Pid, mut line: Line) -> Result<Infallible, Failure> {
    // A child that is gone already is told of by the wait.
    let _ = line.write_all(&[0]);
    let status = wait_for(child, true);
    end_descendants();
    let told = read_status(&mut line);
    end_like(told.unwrap_or(status))
}

/// The inner process: waits for the server, tells how it ended, and ends. So does its namespace.
pub(super) fn within(child: Pid, mut line: Line) -> Result<Infallible, Failure> {
    let status = wait_for(child, false);
    // An outer process that is gone has killed this one already.
    let _ = line.write_all(&status.to_ne_bytes());
    exit(status.min(i32::from(u8::MAX)))
}

fn read_status(line: &mut Line) -> Option<i32> {
    let mut bytes = [0; size_of::<i32>()];
    line.read_exact(&mut bytes).ok()?;
    Some(i32::from_ne_bytes(bytes))
}

/// Waits until the child has ended and says how: its exit status, or 256 and the signal.
fn wait_for(child: Pid, is_outside: bool) -> i32 {
    loop {
        match held().wait() {
            Ok(Held::SIGCHLD) => {
                if let Some(status) = reap(child) {
                    return status;
                }
            }
            Ok(Held::SIGQUIT) if is_outside => {
                // Gone already, or killed now: the next signal tells.
                let _ = nix::sys::signal::kill(child, Held::SIGKILL);
            }
            Ok(signal) => {
                let _ = nix::sys::signal::kill(child, signal);
            }
            Err(_) => {} // interrupted: wait again
        }
    }
}

/// Reaps whoever has ended. The child's end, if it was among them.
fn reap(child: Pid) -> Option<i32> {
    let mut ended = None;
    loop {
        let status = waitpid(None, Some(WaitPidFlag::WNOHANG));
        match status {
            Ok(WaitStatus::Exited(pid, code)) if pid == child => ended = Some(code),
            Ok(WaitStatus::Signaled(pid, signal, _)) if pid == child => {
                ended = Some(SIGNALLED | signal as i32);
            }
            Ok(WaitStatus::StillAlive) | Err(_) => return ended,
            Ok(_) => {}
        }
    }
}

/// Marks an end by a signal in what the inner process tells.
const SIGNALLED: i32 = 1 << 8;

/// Ends this process like the server: with its status, or by the same signal.
fn end_like(status: i32) -> ! {
    if status & SIGNALLED == 0 {
        exit(status)
    }
    let number = status & !SIGNALLED;
    if let Ok(signal) = Held::try_from(number) {
        // A signal that ends nothing here leaves the status that shells give.
        let mut only = SigSet::empty();
        only.add(signal);
        let _ = only.thread_unblock();
        // The standard library's handler of stack overflows takes the first one of some.
        for _ in 0..2 {
            let _ = nix::sys::signal::raise(signal);
        }
    }
    exit(SIGNAL_STATUS.saturating_add(number))
}

/// Kills everything beneath this process until nothing is left. In a namespace of processes the
/// kernel has done so already. Elsewhere this process takes all orphans, so that whoever loses its
/// parent comes back here.
fn end_descendants() {
    loop {
        for pid in beneath(std::process::id()) {
            let _ = nix::sys::signal::kill(pid, Held::SIGKILL);
        }
        match waitpid(None, None) {
            Ok(_) | Err(nix::errno::Errno::EINTR) => {}
            Err(_) => return, // no child is left
        }
    }
}

/// All processes beneath this one, as they are now.
fn beneath(root: u32) -> Vec<Pid> {
    let mut parents: Vec<(u32, u32)> = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        if let Some(pid) = pid
            && let Some(parent) = parent_of(pid)
        {
            parents.push((pid, parent));
        }
    }
    let mut known = vec![root];
    let mut at = 0;
    while let Some(&parent) = known.get(at) {
        at = at.saturating_add(1);
        known.extend(
            parents
                .iter()
                .filter(|pair| pair.1 == parent)
                .map(|pair| pair.0),
        );
    }
    let pids = known
        .into_iter()
        .skip(1)
        .filter_map(|pid| i32::try_from(pid).ok());
    pids.map(Pid::from_raw).collect()
}

/// Field 4 of `/proc/PID/stat`, counted after the name, which may hold anything.
fn parent_of(pid: u32) -> Option<u32> {
    let mut text = Vec::new();
    let mut file = File::open(format!("/proc/{pid}/stat")).ok()?;
    file.read_to_end(&mut text).ok()?;
    let text = String::from_utf8_lossy(&text);
    let (_, fields) = text.rsplit_once(") ")?;
    fields.split(' ').nth(1)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use std::process::{Command, Stdio};

    use super::*;

    #[test]
    fn children_of_children_are_found() {
        let mut child = Command::new("sh")
            .args(["-c", "sleep 60 & echo started; wait"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = [0; 8];
        child.stdout.take().unwrap().read_exact(&mut line).unwrap();
        let found = beneath(child.id());
        assert_eq!(found.len(), 1, "{found:?}");
        nix::sys::signal::kill(found[0], Held::SIGKILL).unwrap();
        child.wait().unwrap();
        assert_eq!(
            parent_of(std::process::id()),
            Some(std::os::unix::process::parent_id())
        );
    }
}
