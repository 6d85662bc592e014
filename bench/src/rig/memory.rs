//! The memory of processes and of all that they have started, as the kernel accounts it.

use serde::Serialize;

use crate::family;

/// Sums over the processes, in KiB.
#[derive(Clone, Copy, Default, Serialize, Debug)]
pub(crate) struct Memory {
    /// Resident now.
    pub(crate) rss_kib: u64,
    /// Resident at most, ever; of several processes the sum of each one's own peak.
    pub(crate) peak_kib: u64,
    /// Resident now, shared pages divided among those who share them.
    pub(crate) pss_kib: u64,
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
    use super::Memory;

    #[test]
    fn the_memory_of_this_process_is_seen() {
        let memory = Memory::of(&[std::process::id()]);
        assert!(memory.pss_kib > 100 && memory.pss_kib <= memory.peak_kib);
        assert!(memory.rss_kib > 100 && memory.rss_kib <= memory.peak_kib);
        let ended = Memory::of(&[u32::MAX]);
        assert_eq!((ended.rss_kib, ended.peak_kib, ended.pss_kib), (0, 0, 0));
    }
}
