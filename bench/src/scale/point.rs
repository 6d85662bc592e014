//! What is known of one size: facts of its start, and the numbers of all rounds.

use serde_json::{Value, json};

use super::setup::Running;
use crate::rig::load::Measured;
use crate::rig::memory::Memory;
use crate::rig::spread::Spread;

/// One size of a series.
pub(super) struct Point {
    pub(super) size: u64,
    pub(super) compile_ms: f64,
    pub(super) snapshot_bytes: u64,
    /// Of each start, in milliseconds: until it listens, until the first call is answered.
    starts: Vec<(f64, f64)>,
    /// Bytes of the gateway for an idle connection.
    idle_bytes_each: Option<f64>,
    /// Before any load.
    pub(super) memory_at_start: Memory,
    pub(super) rounds: Vec<Round>,
}

/// One measurement, and what the base did before and after it.
pub(super) struct Round {
    pub(super) measured: Measured,
    /// `None` for the base itself.
    pub(super) beside: Option<Beside>,
}

/// Means over the two measurements of the base next to one of another size.
#[derive(Clone, Copy)]
pub(super) struct Beside {
    cpu_us: f64,
    requests_per_s: f64,
}

impl Beside {
    pub(super) fn of(before: &Measured, after: &Measured) -> Self {
        let mean = |of: fn(&Measured) -> f64| f64::midpoint(of(before), of(after));
        Self {
            cpu_us: mean(|measured| measured.report.cpu().total_us),
            requests_per_s: mean(|measured| measured.report.requests_per_s),
        }
    }
}

impl Point {
    /// Of a gateway that runs and has not been measured.
    pub(super) fn of(size: u64, running: &Running) -> Self {
        let directory = running.gateway.directory();
        Self {
            size,
            compile_ms: directory.compiled_in.as_secs_f64() * 1_000.0,
            snapshot_bytes: directory.snapshot_bytes,
            starts: running.starts.clone(),
            idle_bytes_each: running.idle.as_ref().map(|idle| idle.bytes_each),
            memory_at_start: Memory::of(running.pids()),
            rounds: Vec::new(),
        }
    }

    /// CPU time a call, in microseconds.
    pub(super) fn cpu(&self) -> Option<Spread> {
        let cpu = |round: &Round| round.measured.report.cpu().total_us;
        Spread::of(self.rounds.iter().map(cpu))
    }

    /// Calls a second.
    pub(super) fn rate(&self) -> Option<Spread> {
        let rate = |round: &Round| round.measured.report.requests_per_s;
        Spread::of(self.rounds.iter().map(rate))
    }

    /// Resident memory under load, in MiB.
    pub(super) fn rss_mib(&self) -> Option<Spread> {
        let rss = |round: &Round| round.measured.memory.rss_kib as f64;
        Spread::of(self.rounds.iter().map(rss)).map(|rss| rss.scaled(1.0 / 1024.0))
    }

    /// From the start of the process to the answer to the first call, in milliseconds.
    pub(super) fn first_call_ms(&self) -> Option<Spread> {
        Spread::of(self.starts.iter().map(|(_, answered)| *answered))
    }

    /// Memory of the gateway for an idle connection.
    pub(super) fn idle_bytes(&self) -> Option<Spread> {
        Spread::of(self.idle_bytes_each)
    }

    /// CPU time a call as a multiple of what it was for the base next to it.
    pub(super) fn growth(&self) -> Option<Spread> {
        Spread::of(self.rounds.iter().filter_map(|round| {
            let beside = round.beside?;
            Some(round.measured.report.cpu().total_us / beside.cpu_us)
        }))
    }

    /// Calls a second as a multiple of those of the base next to it.
    pub(super) fn rate_growth(&self) -> Option<Spread> {
        Spread::of(self.rounds.iter().filter_map(|round| {
            let beside = round.beside?;
            Some(round.measured.report.requests_per_s / beside.requests_per_s)
        }))
    }

    /// Its facts, for a file.
    pub(super) fn facts(&self, axis: &str) -> Value {
        let listening = Spread::of(self.starts.iter().map(|(listening, _)| *listening));
        json!({
            "axis": axis, "size": self.size, "compile_ms": self.compile_ms,
            "snapshot_bytes": self.snapshot_bytes, "first_call_ms": self.first_call_ms(),
            "listening_ms": listening, "idle_bytes_each": self.idle_bytes_each,
            "memory_at_start": self.memory_at_start, "cpu_us": self.cpu(),
            "cpu_of_base": self.growth(), "requests_per_s": self.rate(),
            "requests_per_s_of_base": self.rate_growth(), "rss_mib": self.rss_mib(),
        })
    }
}
