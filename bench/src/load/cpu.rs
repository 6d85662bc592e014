//! The CPU time of other processes, as the kernel accounts it, with all that they start.
//!
//! A process's own clock counts all of its threads to the nanosecond, those that have ended among
//! them. What a child has used that has ended and was waited for is known to the clock tick, from
//! its parent. Lost is only what a process used that nobody waited for.

use std::fs;
use std::time::Duration;

use anyhow::Context;
use nix::time::{ClockId, clock_gettime};
use nix::unistd::Pid;

use crate::family;

/// Nanoseconds in a clock tick of `/proc` (USER_HZ is 100 on Linux).
const TICK_NS: u64 = 10_000_000;

/// CPU time.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub(super) struct Usage {
    /// In all: to the nanosecond of what lives, to the tick of what has ended.
    pub(super) total_ns: u64,
    /// Of that in user mode and in the kernel, to the tick.
    pub(super) user_ns: u64,
    pub(super) system_ns: u64,
}

/// What the processes of one family have used up to one moment.
#[derive(Clone, Default, Debug)]
pub(super) struct Look(Vec<Process>);

/// One process at one moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Process {
    pid: u32,
    /// In ticks after the start of the machine: pids are used again.
    started: u64,
    own: Usage,
    /// Of its children that have ended and that it has waited for, and of theirs.
    ended: Usage,
}

impl Usage {
    fn plus(self, other: Self) -> Self {
        Self {
            total_ns: self.total_ns.saturating_add(other.total_ns),
            user_ns: self.user_ns.saturating_add(other.user_ns),
            system_ns: self.system_ns.saturating_add(other.system_ns),
        }
    }

    fn minus(self, other: Self) -> Self {
        Self {
            total_ns: self.total_ns.saturating_sub(other.total_ns),
            user_ns: self.user_ns.saturating_sub(other.user_ns),
            system_ns: self.system_ns.saturating_sub(other.system_ns),
        }
    }
}

impl Look {
    /// What the family has used since an earlier look.
    pub(super) fn since(&self, earlier: &Self) -> Usage {
        let (mut living, mut reaped) = (Usage::default(), Usage::default());
        for process in &self.0 {
            // One that was not there has started since.
            let (own, ended) = earlier
                .find(process)
                .map_or_else(Default::default, |before| (before.own, before.ended));
            living = living.plus(process.own.minus(own));
            reaped = reaped.plus(process.ended.minus(ended));
        }
        // Whoever waited for a child got all of its time, also that from before the earlier look.
        let gone = earlier.0.iter().filter(|then| self.find(then).is_none());
        let known = gone.fold(Usage::default(), |sum, then| {
            sum.plus(then.own).plus(then.ended)
        });
        living.plus(reaped.minus(known))
    }

    /// How many processes there were.
    pub(super) fn processes(&self) -> usize {
        self.0.len()
    }

    fn find(&self, other: &Process) -> Option<&Process> {
        let mut all = self.0.iter();
        all.find(|process| (process.pid, process.started) == (other.pid, other.started))
    }
}

/// Looks at processes, and at what each has started.
///
/// # Errors
/// One of them does not run.
pub(super) fn look(pids: &[u32]) -> anyhow::Result<Vec<Look>> {
    let families = family::of_each(pids).into_iter();
    let look = |(family, &pid): (Vec<u32>, &u32)| {
        let named = process(pid).with_context(|| {
            format!("--pid {pid}: no such process; its CPU time cannot be reported")
        })?;
        // A child may end between the two calls; its parent tells then, at the next look.
        let others = family.iter().skip(1);
        let others = others.filter_map(|&pid| process(pid).ok());
        Ok(Look([named].into_iter().chain(others).collect()))
    };
    families.zip(pids).map(look).collect()
}

/// Looks at this process.
///
/// # Errors
/// `/proc` is not there.
pub(super) fn look_at_self() -> anyhow::Result<Look> {
    Ok(Look(vec![process(std::process::id())?]))
}

fn process(pid: u32) -> anyhow::Result<Process> {
    let clock = ClockId::pid_cpu_clock_id(Pid::from_raw(i32::try_from(pid)?))?;
    let on_cpu = Duration::from(clock_gettime(clock)?);
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in parentheses may hold anything; utime is the 12th field after it (proc(5)).
    let (_, fields) = stat
        .rsplit_once(')')
        .context("/proc/PID/stat has no name")?;
    let fields: Vec<u64> = fields
        .split_whitespace()
        .map(|field| field.parse().unwrap_or(0))
        .collect();
    let field = |place: usize| fields.get(place).copied().unwrap_or(0);
    let ns = |place: usize| field(place).saturating_mul(TICK_NS);
    Ok(Process {
        pid,
        started: field(19),
        own: Usage {
            total_ns: u64::try_from(on_cpu.as_nanos()).unwrap_or(u64::MAX),
            user_ns: ns(11),
            system_ns: ns(12),
        },
        ended: Usage {
            total_ns: ns(13).saturating_add(ns(14)),
            user_ns: ns(13),
            system_ns: ns(14),
        },
    })
}

#[cfg(test)]
mod tests;
