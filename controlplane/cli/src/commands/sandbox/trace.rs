//! Watches every system call of a sandboxed program, and keeps those that were refused. Tracing is
//! for trials only: no gateway traces.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, bail};
use nix::errno::Errno;
use nix::sys::ptrace::{self, Event, Options};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::refusal::{self, Refusal};

/// How a launcher ended: an exit status, or a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// With this status.
    Status(i32),
    /// By this signal.
    Signal(Signal),
}

/// What was refused, and how often.
pub(super) type Refusals = BTreeMap<Refusal, usize>;

/// Follows the launcher, which waits for that, and all that come from it, until it has ended.
pub(super) fn watch(launcher: u32) -> anyhow::Result<(Refusals, Ended)> {
    let launcher = Pid::from_raw(i32::try_from(launcher).context("a number of a process")?);
    let stopped = waitpid(launcher, Some(WaitPidFlag::WUNTRACED));
    match stopped.context("the launcher can't be waited for")? {
        WaitStatus::Stopped(..) => {}
        WaitStatus::Exited(_, status) => return Ok((Refusals::new(), Ended::Status(status))),
        other => bail!("the launcher did not wait for its tracer: {other:?}"),
    }
    let options = Options::PTRACE_O_TRACESYSGOOD
        | Options::PTRACE_O_TRACEFORK
        | Options::PTRACE_O_TRACEVFORK
        | Options::PTRACE_O_TRACECLONE
        | Options::PTRACE_O_TRACEEXEC
        | Options::PTRACE_O_EXITKILL;
    ptrace::seize(launcher, options).context(
        "the launcher can't be traced; tracing may be forbidden here (kernel.yama.ptrace_scope, \
         the seccomp profile of a container)",
    )?;
    kill(launcher, Signal::SIGCONT).context("the launcher can't go on")?;
    let mut tracer = Tracer {
        ours: BTreeSet::from([launcher]),
        in_call: BTreeSet::new(),
        refusals: Refusals::new(),
    };
    loop {
        let status = match waitpid(None, Some(WaitPidFlag::__WALL)) {
            Ok(status) => status,
            Err(Errno::EINTR) => continue,
            Err(error) => return Err(error).context("the launcher was lost"),
        };
        match status {
            WaitStatus::Exited(pid, status) if pid == launcher => {
                return Ok((tracer.refusals, Ended::Status(status)));
            }
            WaitStatus::Signaled(pid, signal, _) if pid == launcher => {
                return Ok((tracer.refusals, Ended::Signal(signal)));
            }
            status => tracer.step(status),
        }
    }
}

struct Tracer {
    /// Processes that are still the launcher: what they are refused is its own business.
    ours: BTreeSet<Pid>,
    /// Processes that are between entry and exit of a call.
    in_call: BTreeSet<Pid>,
    refusals: Refusals,
}

impl Tracer {
    fn step(&mut self, status: WaitStatus) {
        let (pid, signal) = match status {
            WaitStatus::PtraceSyscall(pid) => {
                self.call(pid);
                (pid, None)
            }
            WaitStatus::PtraceEvent(pid, _, event) => {
                self.event(pid, event);
                (pid, None)
            }
            WaitStatus::Stopped(pid, signal) => (pid, Some(signal)),
            WaitStatus::Exited(pid, _) | WaitStatus::Signaled(pid, ..) => {
                self.ours.remove(&pid);
                self.in_call.remove(&pid);
                return;
            }
            _ => return,
        };
        // A process that was killed meanwhile goes on by itself.
        let _ = ptrace::syscall(pid, signal);
    }

    fn event(&mut self, pid: Pid, event: i32) {
        if event == Event::PTRACE_EVENT_EXEC as i32 {
            self.ours.remove(&pid);
            return;
        }
        let is_fork = [
            Event::PTRACE_EVENT_FORK,
            Event::PTRACE_EVENT_VFORK,
            Event::PTRACE_EVENT_CLONE,
        ];
        if is_fork.iter().any(|fork| *fork as i32 == event)
            && self.ours.contains(&pid)
            && let Some(child) = ptrace::getevent(pid)
                .ok()
                .and_then(|pid| i32::try_from(pid).ok())
        {
            self.ours.insert(Pid::from_raw(child));
        }
    }

    /// A call begins, or has been answered.
    fn call(&mut self, pid: Pid) {
        if self.in_call.insert(pid) {
            return;
        }
        self.in_call.remove(&pid);
        if let Ok(registers) = ptrace::getregs(pid)
            && let Some(refusal) = refusal::of(pid, &registers, self.ours.contains(&pid))
        {
            let times = self.refusals.entry(refusal).or_default();
            *times = times.saturating_add(1);
        }
    }
}
