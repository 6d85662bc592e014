//! The CPU time of other processes, as the kernel accounts it to their threads.

use std::fs;
use std::time::Duration;

use anyhow::Context;
use rustix::time::{ClockId, clock_gettime};

/// Nanoseconds in a clock tick of `/proc` (USER_HZ is 100 on Linux).
const TICK_NS: u64 = 10_000_000;

/// What one process has used, since it began or between two looks.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Usage {
    /// Time on a CPU, to the nanosecond.
    pub(super) total_ns: u64,
    /// Of that in user mode and in the kernel, to the tick.
    pub(super) user_ns: u64,
    pub(super) system_ns: u64,
}

impl Usage {
    /// What was used since an earlier look.
    pub(super) fn since(&self, earlier: &Self) -> Self {
        Self {
            total_ns: self.total_ns.saturating_sub(earlier.total_ns),
            user_ns: self.user_ns.saturating_sub(earlier.user_ns),
            system_ns: self.system_ns.saturating_sub(earlier.system_ns),
        }
    }
}

/// Looks at processes.
///
/// # Errors
/// One of them does not run.
pub(super) fn look(pids: &[u32]) -> anyhow::Result<Vec<Usage>> {
    let look = |&pid| {
        usage(pid).with_context(|| {
            format!("--pid {pid}: no such process; its CPU time cannot be reported")
        })
    };
    pids.iter().map(look).collect()
}

/// Looks at this process; threads that have ended count, too.
///
/// # Errors
/// `/proc` is not there.
pub(super) fn look_at_self() -> anyhow::Result<Usage> {
    let clock = clock_gettime(ClockId::ProcessCPUTime);
    let on_cpu = Duration::try_from(clock).unwrap_or_default();
    Ok(Usage {
        total_ns: u64::try_from(on_cpu.as_nanos()).unwrap_or(u64::MAX),
        ..usage(std::process::id())?
    })
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
    use super::{look, look_at_self};

    #[test]
    fn time_spent_by_this_process_is_seen() {
        let own = [std::process::id()];
        let before = look(&own).unwrap();
        let mut sum = 0_u64;
        let spent = loop {
            sum = std::hint::black_box(sum.wrapping_add(1));
            if sum.is_multiple_of(1_000_000) {
                let spent = look(&own).unwrap()[0].since(&before[0]);
                if spent.total_ns > 1_000_000 {
                    break spent;
                }
            }
        };
        assert!(spent.user_ns.abs_diff(spent.total_ns) < 1_000_000_000);
    }

    #[test]
    fn a_thread_that_has_ended_still_counts_for_this_process() {
        let before = look_at_self().unwrap();
        let spin = || {
            let begun = std::time::Instant::now();
            while begun.elapsed().as_millis() < 5 {}
        };
        std::thread::spawn(spin).join().unwrap();
        assert!(look_at_self().unwrap().since(&before).total_ns > 100_000);
    }

    #[test]
    fn a_process_that_does_not_run_is_refused() {
        assert!(look(&[u32::MAX]).is_err());
    }
}
