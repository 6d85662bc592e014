//! The memory of processes and of all that they have started, as the kernel accounts it.

use serde::Serialize;

use crate::family;

/// What resets the peak of a process in `/proc/PID/clear_refs` (proc(5)).
const FORGET_PEAK: &str = "5";

/// Sums over the processes, in KiB.
#[derive(Clone, Copy, Default, Serialize, Debug)]
pub(crate) struct Memory {
    /// Resident now.
    pub(crate) rss_kib: u64,
    /// Resident at most; of several processes the sum of each one's own peak.
    pub(crate) peak_kib: u64,
    /// Since when that is the most.
    pub(crate) peak_since: Since,
    /// Resident now, shared pages divided among those who share them.
    pub(crate) pss_kib: u64,
}

/// Since when a peak counts.
#[derive(Clone, Copy, Default, Serialize, Debug, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Since {
    /// The start of the process, as it could not be reset.
    #[default]
    Start,
    /// The moment of [`forget_peaks`].
    Reset,
}

/// Lets the peaks of these processes begin anew, where this process may do that.
pub(crate) fn forget_peaks(pids: &[u32]) -> Since {
    let forget = |pid: &u32| std::fs::write(format!("/proc/{pid}/clear_refs"), FORGET_PEAK).is_ok();
    // All are tried, so that a child that has just ended takes nothing from the others.
    let refused = family::of(pids).iter().filter(|pid| !forget(pid)).count();
    match refused {
        0 => Since::Reset,
        _ => Since::Start,
    }
}

impl Memory {
    /// Of these processes; one that has ended counts nothing.
    pub(crate) fn of(pids: &[u32]) -> Self {
        let mut sum = Self::default();
        for pid in family::of(pids) {
            let read = |file: &str| {
                std::fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap_or_default()
            };
            let (status, rollup) = (read("status"), read("smaps_rollup"));
            sum.rss_kib = sum.rss_kib.saturating_add(kib(&status, "VmRSS:"));
            sum.peak_kib = sum.peak_kib.saturating_add(kib(&status, "VmHWM:"));
            sum.pss_kib = sum.pss_kib.saturating_add(kib(&rollup, "Pss:"));
        }
        sum
    }
}

fn kib(text: &str, key: &str) -> u64 {
    let mut lines = text.lines().filter_map(|line| line.strip_prefix(key));
    let value = lines.next().and_then(|rest| rest.split_whitespace().next());
    value.and_then(|value| value.parse().ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::{Memory, Since, forget_peaks};

    #[test]
    fn the_memory_of_this_process_is_seen() {
        let memory = Memory::of(&[std::process::id()]);
        assert!(memory.pss_kib > 100 && memory.pss_kib <= memory.peak_kib);
        assert!(memory.rss_kib > 100 && memory.rss_kib <= memory.peak_kib);
        assert_eq!(memory.peak_since, Since::Start);
        let ended = Memory::of(&[u32::MAX]);
        assert_eq!((ended.rss_kib, ended.peak_kib, ended.pss_kib), (0, 0, 0));
    }

    #[test]
    fn a_peak_of_an_earlier_load_is_forgotten_where_that_is_allowed() {
        let own = [std::process::id()];
        // Large enough to be given back to the system when it is dropped.
        drop(std::hint::black_box(vec![1_u8; 64 << 20]));
        let before = Memory::of(&own);
        assert!(before.peak_kib > before.rss_kib + (48 << 10), "{before:?}");
        assert_eq!(forget_peaks(&own), Since::Reset);
        let after = Memory::of(&own);
        assert!(after.peak_kib + (48 << 10) < before.peak_kib, "{after:?}");
        // Nobody has such a process.
        assert_eq!(forget_peaks(&[u32::MAX]), Since::Start);
    }
}
