//! The CPU time of other processes, as the kernel accounts it to their threads.

use std::fs;

use anyhow::Context;

/// Nanoseconds in a clock tick of `/proc` (USER_HZ is 100 on Linux).
const TICK_NS: u64 = 10_000_000;

/// The processes to look at, and where they stood.
pub(super) struct Processes {
    pids: Vec<u32>,
    before: Vec<Usage>,
    after: Vec<Usage>,
}

/// What one process has used since it began.
#[derive(Clone, Copy, Default, Debug)]
struct Usage {
    /// Time on a CPU, to the nanosecond.
    total_ns: u64,
    /// Of that in user mode and in the kernel, to the tick.
    user_ns: u64,
    system_ns: u64,
}

/// What one process used between two looks.
pub(super) struct Spent {
    pub(super) pid: u32,
    pub(super) total_ns: u64,
    pub(super) user_ns: u64,
    pub(super) system_ns: u64,
}

impl Processes {
    /// # Errors
    /// One of them does not run.
    pub(super) fn new(pids: &[u32]) -> anyhow::Result<Self> {
        let before = look(pids)?;
        Ok(Self {
            pids: pids.to_vec(),
            after: before.clone(),
            before,
        })
    }

    /// # Errors
    /// One of them has ended.
    pub(super) fn begin(&mut self) -> anyhow::Result<()> {
        self.before = look(&self.pids)?;
        Ok(())
    }

    /// # Errors
    /// One of them has ended.
    pub(super) fn end(&mut self) -> anyhow::Result<()> {
        self.after = look(&self.pids)?;
        Ok(())
    }

    pub(super) fn spent(&self) -> impl Iterator<Item = Spent> {
        self.pids
            .iter()
            .zip(&self.before)
            .zip(&self.after)
            .map(|((&pid, before), after)| Spent {
                pid,
                total_ns: after.total_ns.saturating_sub(before.total_ns),
                user_ns: after.user_ns.saturating_sub(before.user_ns),
                system_ns: after.system_ns.saturating_sub(before.system_ns),
            })
    }
}

fn look(pids: &[u32]) -> anyhow::Result<Vec<Usage>> {
    pids.iter()
        .map(|&pid| usage(pid).with_context(|| format!("process {pid}")))
        .collect()
}

fn usage(pid: u32) -> anyhow::Result<Usage> {
    let mut total_ns = 0_u64;
    for task in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end between the two calls.
        let line = fs::read_to_string(task?.path().join("schedstat")).unwrap_or_default();
        let on_cpu = line
            .split(' ')
            .next()
            .and_then(|field| field.parse::<u64>().ok());
        total_ns = total_ns.saturating_add(on_cpu.unwrap_or(0));
    }
    let stat = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The name in parentheses may hold anything; utime and stime are 12 and 13 after it.
    let (_, fields) = stat
        .rsplit_once(')')
        .context("/proc/PID/stat has no name")?;
    let ticks = |place: usize| {
        let field = fields
            .split_whitespace()
            .nth(place)
            .and_then(|field| field.parse().ok());
        field.unwrap_or(0_u64).saturating_mul(TICK_NS)
    };
    Ok(Usage {
        total_ns,
        user_ns: ticks(11),
        system_ns: ticks(12),
    })
}

#[cfg(test)]
mod tests {
    use super::Processes;

    #[test]
    fn time_spent_by_this_process_is_seen() {
        let mut processes = Processes::new(&[std::process::id()]).unwrap();
        processes.begin().unwrap();
        let mut sum = 0_u64;
        let spent = loop {
            sum = std::hint::black_box(sum.wrapping_add(1));
            if sum.is_multiple_of(1_000_000) {
                processes.end().unwrap();
                let spent = processes.spent().next().unwrap();
                if spent.total_ns > 1_000_000 {
                    break spent;
                }
            }
        };
        assert_eq!(spent.pid, std::process::id());
    }

    #[test]
    fn a_process_that_does_not_run_is_refused() {
        assert!(Processes::new(&[u32::MAX]).is_err());
    }
}
