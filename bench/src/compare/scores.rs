//! What is computed from the rows of one load: within each round first, then over the rounds.

use super::phase::Phase;
use super::rounds::Row;
use crate::rig::memory::Since;
use crate::rig::spread::Spread;

/// The rows of one load.
pub(super) struct Scores<'a> {
    phase: Phase,
    rows: Vec<&'a Row>,
}

/// A number of one row.
type Number = fn(&Row) -> f64;

/// Calls answered rightly a second.
pub(super) fn rate(row: &Row) -> f64 {
    row.measured.report.requests_per_s
}

/// CPU time of the gateway a call, in microseconds.
pub(super) fn cpu(row: &Row) -> f64 {
    row.measured.report.cpu().total_us
}

/// The same in user mode.
pub(super) fn user(row: &Row) -> f64 {
    row.measured.report.cpu().user_us
}

/// The same in the kernel.
pub(super) fn system(row: &Row) -> f64 {
    row.measured.report.cpu().system_us
}

/// Median latency in microseconds.
pub(super) fn p50(row: &Row) -> f64 {
    row.measured.report.latency_us.p50
}

/// The latency that one call of a hundred exceeds, in microseconds.
pub(super) fn p99(row: &Row) -> f64 {
    row.measured.report.latency_us.p99
}

/// The share of its cores that it kept busy, in percent.
pub(super) fn share(row: &Row) -> f64 {
    row.core_share * 100.0
}

/// Calls of an open loop that had no answer at the end, in percent of those that were due.
pub(super) fn unanswered(row: &Row) -> f64 {
    let report = &row.measured.report;
    let asked = report.requests.saturating_add(report.errors);
    report.unanswered as f64 * 100.0 / asked as f64
}

impl<'a> Scores<'a> {
    /// Of one load.
    pub(super) fn of(rows: &'a [Row], phase: &Phase) -> Self {
        Self {
            phase: *phase,
            rows: rows.iter().filter(|row| row.phase == *phase).collect(),
        }
    }

    /// The gateways, in the order of the first round.
    pub(super) fn gateways(&self) -> Vec<&'a str> {
        let mut names: Vec<&str> = Vec::new();
        for row in self.rows.iter().filter(|row| row.round == 0) {
            if !names.contains(&row.gateway.as_str()) {
                names.push(&row.gateway);
            }
        }
        names
    }

    /// A number of a gateway over the rounds.
    pub(super) fn spread(&self, gateway: &str, number: Number) -> Option<Spread> {
        Spread::of(self.through(gateway).map(number))
    }

    /// What hangs on the CPU time; `None` where no process is watched.
    pub(super) fn cost(&self, gateway: &str, number: Number) -> Option<Spread> {
        let watched = self.through(gateway).any(|row| cpu(row) > 0.0);
        watched.then(|| self.spread(gateway, number)).flatten()
    }

    /// The CPU time a call as a multiple of another gateway's in the same round.
    pub(super) fn ratio(&self, gateway: &str, other: &str) -> Option<Spread> {
        self.cost(gateway, cpu)?;
        let own = self.through(gateway);
        Spread::of(own.filter_map(|row| {
            let other = self.in_round(other, row.round)?;
            Some(cpu(row) / cpu(other))
        }))
    }

    /// How much a number exceeds the same without a gateway, in the same round; `None` where that
    /// means nothing.
    pub(super) fn added(&self, gateway: &str, number: Number) -> Option<Spread> {
        if gateway == "direct" || !self.phase.adds() {
            return None;
        }
        let own = self.through(gateway);
        Spread::of(own.filter_map(|row| {
            let paired = self.rows.iter().find(|other| {
                !other.through && other.gateway == gateway && other.round == row.round
            });
            let direct = match paired {
                Some(paired) => paired,
                None => self.in_round("direct", row.round)?,
            };
            Some(number(row) - number(direct))
        }))
    }

    /// How many measurements were repeated.
    pub(super) fn repeated(&self, gateway: &str) -> u32 {
        self.through(gateway).map(|row| row.repeated).sum()
    }

    /// Since when the peaks of its memory count; the start, if any of them does.
    pub(super) fn peak_since(&self, gateway: &str) -> Since {
        let mut since = self
            .through(gateway)
            .map(|row| row.measured.memory.peak_since);
        if since.any(|since| since == Since::Start) {
            Since::Start
        } else {
            Since::Reset
        }
    }

    /// Memory in KiB over the rounds: resident, peak, proportional.
    pub(super) fn memory(&self, gateway: &str) -> Option<[Spread; 3]> {
        let memory = |number: fn(&Row) -> u64| {
            Spread::of(self.through(gateway).map(|row| number(row) as f64))
        };
        let rss = memory(|row| row.measured.memory.rss_kib)?;
        let peak = memory(|row| row.measured.memory.peak_kib)?;
        let pss = memory(|row| row.measured.memory.pss_kib)?;
        (rss.high > 0.0).then_some([rss, peak, pss])
    }

    fn through(&self, gateway: &str) -> impl Iterator<Item = &'a Row> {
        let rows = self.rows.iter().copied();
        rows.filter(move |row| row.through && row.gateway == gateway)
    }

    fn in_round(&self, gateway: &str, round: u32) -> Option<&'a Row> {
        self.through(gateway).find(|row| row.round == round)
    }
}
