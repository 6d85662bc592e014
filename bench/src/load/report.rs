//! The numbers of a run, in the units that their names say; for scripts as they are.

use hdrhistogram::Histogram;
use serde::Serialize;

use super::cpu::Usage;
use super::options::Eras;
use super::plan::{Mode, Plan};
use super::run::Outcome;
use super::tally::{Cell, Events};
use super::watch::Sample;

/// Everything that is known of a run.
#[derive(Serialize)]
pub(super) struct Report {
    pub(super) url: String,
    /// `open`, `closed`, `ramp` or `steps`.
    pub(super) mode: &'static str,
    pub(super) driver: &'static str,
    pub(super) era: &'static str,
    /// Calls a second, the mean over the measurement; `null` in a closed loop.
    pub(super) rate_asked: Option<f64>,
    pub(super) threads: usize,
    pub(super) connections: u64,
    pub(super) duration_s: f64,
    /// Right answers to calls that should have begun in the measurement.
    pub(super) requests: u64,
    /// Right answers that came within the measurement, a second.
    pub(super) requests_per_s: f64,
    pub(super) errors: u64,
    pub(super) unexpected: u64,
    pub(super) wrong: u64,
    pub(super) broken: u64,
    pub(super) unanswered: u64,
    pub(super) latency_us: Latency,
    /// Of the processes that were asked for.
    pub(super) cpu: Vec<Cpu>,
    /// Of this process.
    pub(super) generator: Cpu,
    pub(super) kinds: Vec<KindReport>,
    /// Of `--steps` and `--ramp`.
    pub(super) steps: Vec<Step>,
    /// Throughput and CPU time, second by second.
    pub(super) series: Vec<Moment>,
    pub(super) connections_opened: u64,
    pub(super) sessions: Sessions,
    pub(super) idle: Idle,
}

#[derive(Serialize)]
pub(super) struct Latency {
    pub(super) p50: f64,
    pub(super) p90: f64,
    pub(super) p99: f64,
    pub(super) p99_9: f64,
    pub(super) max: f64,
    pub(super) mean: f64,
}

#[derive(Serialize)]
pub(super) struct Cpu {
    pub(super) pid: u32,
    /// Itself and those that it has started, at the end.
    pub(super) processes: usize,
    pub(super) us_per_request: f64,
    pub(super) user_us_per_request: f64,
    pub(super) system_us_per_request: f64,
    pub(super) share_of_one_core: f64,
}

/// One kind of call.
#[derive(Serialize)]
pub(super) struct KindReport {
    pub(super) kind: String,
    pub(super) requests: u64,
    pub(super) errors: u64,
    pub(super) unexpected: u64,
    pub(super) wrong: u64,
    pub(super) broken: u64,
    pub(super) unanswered: u64,
    pub(super) latency_us: Latency,
}

/// One step, or one part of a ramp.
#[derive(Serialize)]
pub(super) struct Step {
    pub(super) rate_asked: f64,
    pub(super) requests: u64,
    pub(super) requests_per_s: f64,
    pub(super) errors: u64,
    pub(super) latency_us: Latency,
    /// Of all watched processes together; `null` when none was asked for.
    pub(super) cpu_us_per_request: Option<f64>,
}

/// The time between two looks.
#[derive(Serialize)]
pub(super) struct Moment {
    /// Its end, after the begin of the measurement.
    pub(super) after_s: f64,
    pub(super) requests_per_s: f64,
    pub(super) cpu_us_per_request: Option<f64>,
}

#[derive(Serialize)]
pub(super) struct Sessions {
    pub(super) opened: u64,
    /// Those that the server did not know any more.
    pub(super) lost: u64,
    pub(super) ended: u64,
}

#[derive(Serialize)]
pub(super) struct Idle {
    pub(super) connections: u64,
    pub(super) listeners: u64,
    /// Closed by the server before the end.
    pub(super) lost: u64,
}

impl Report {
    /// # Errors
    /// Never with these bounds.
    pub(super) fn new(plan: &Plan, pids: &[u32], outcome: &Outcome) -> anyhow::Result<Self> {
        let (sum, arrived) = outcome.tally.total()?;
        let windows = outcome.tally.windows;
        let elapsed_s = windows.end().duration_since(windows.begin).as_secs_f64();
        let window_s = windows.length.as_secs_f64();
        let rates: Vec<f64> = (0..windows.count).filter_map(|w| plan.rate_of(w)).collect();
        let Events {
            connections_opened,
            sessions_opened,
            sessions_lost,
            sessions_ended,
            idle_lost,
        } = outcome.tally.events;
        let mut cpu = spent(pids, &outcome.samples, elapsed_s);
        let generator = cpu
            .pop()
            .unwrap_or(Cpu::of(0, Usage::default(), 0, elapsed_s));
        Ok(Self {
            url: plan.target.url.clone(),
            mode: name_of(plan.mode),
            driver: outcome.driver,
            era: match plan.eras {
                Eras::Modern => "modern",
                Eras::Legacy => "legacy",
                Eras::Both => "both",
            },
            rate_asked: (!rates.is_empty())
                .then(|| rounded(rates.iter().sum::<f64>() / rates.len() as f64)),
            threads: plan.threads,
            connections: plan.connections,
            duration_s: rounded(elapsed_s),
            requests: sum.good,
            requests_per_s: rounded(arrived as f64 / elapsed_s),
            errors: sum.errors(),
            unexpected: sum.unexpected,
            wrong: sum.wrong,
            broken: sum.broken,
            unanswered: sum.unanswered(),
            latency_us: Latency::of(&sum.latency),
            cpu,
            generator,
            kinds: kinds(plan, outcome)?,
            steps: steps(&rates, pids, outcome, window_s)?,
            series: moments(&outcome.samples, pids),
            connections_opened,
            sessions: Sessions {
                opened: sessions_opened,
                lost: sessions_lost,
                ended: sessions_ended,
            },
            idle: Idle {
                connections: plan.idle_connections,
                listeners: plan.listeners,
                lost: idle_lost,
            },
        })
    }

    /// One line of JSON.
    ///
    /// # Errors
    /// Never with these types.
    pub(super) fn json(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string(self)?)
    }
}

impl Latency {
    fn of(latency: &Histogram<u64>) -> Self {
        let at = |quantile: f64| us(latency.value_at_quantile(quantile) as f64);
        Self {
            p50: at(0.5),
            p90: at(0.9),
            p99: at(0.99),
            p99_9: at(0.999),
            max: us(latency.max() as f64),
            mean: us(latency.mean()),
        }
    }
}

impl Cpu {
    fn of(pid: u32, usage: Usage, requests: u64, elapsed_s: f64) -> Self {
        Self {
            pid,
            processes: 1,
            us_per_request: per_request(usage.total_ns, requests),
            user_us_per_request: per_request(usage.user_ns, requests),
            system_us_per_request: per_request(usage.system_ns, requests),
            share_of_one_core: rounded(usage.total_ns as f64 / 1e9 / elapsed_s),
        }
    }
}

impl KindReport {
    fn of(kind: String, cell: &Cell) -> Self {
        Self {
            kind,
            requests: cell.good,
            errors: cell.errors(),
            unexpected: cell.unexpected,
            wrong: cell.wrong,
            broken: cell.broken,
            unanswered: cell.unanswered(),
            latency_us: Latency::of(&cell.latency),
        }
    }
}

/// The CPU time of all processes from the first look to the last; this process comes last.
fn spent(pids: &[u32], samples: &[Sample], elapsed_s: f64) -> Vec<Cpu> {
    let (Some(first), Some(last)) = (samples.first(), samples.last()) else {
        return Vec::new();
    };
    let requests = last.count.good.saturating_sub(first.count.good);
    let own = std::process::id();
    let ids = pids.iter().copied().chain([own]);
    ids.zip(first.usage.iter().zip(&last.usage))
        .map(|(pid, (before, after))| Cpu {
            processes: after.processes(),
            ..Cpu::of(pid, after.since(before), requests, elapsed_s)
        })
        .collect()
}

fn kinds(plan: &Plan, outcome: &Outcome) -> anyhow::Result<Vec<KindReport>> {
    let kinds = plan.mix.kinds.iter().enumerate();
    kinds
        .map(|(index, kind)| {
            let cell = outcome.tally.of_kind(index)?;
            Ok(KindReport::of(kind.name.clone(), &cell))
        })
        .collect()
}

fn steps(
    rates: &[f64],
    pids: &[u32],
    outcome: &Outcome,
    window_s: f64,
) -> anyhow::Result<Vec<Step>> {
    if rates.len() < 2 {
        return Ok(Vec::new());
    }
    let edges: Vec<&Sample> = outcome.samples.iter().filter(|s| s.at_edge).collect();
    let mut steps = Vec::new();
    for (window, rate) in rates.iter().enumerate() {
        let (cell, arrived) = outcome.tally.of_window(window)?;
        let around = (edges.get(window), edges.get(window + 1));
        steps.push(Step {
            rate_asked: rounded(*rate),
            requests: cell.good,
            requests_per_s: rounded(arrived as f64 / window_s),
            errors: cell.errors(),
            latency_us: Latency::of(&cell.latency),
            cpu_us_per_request: match around {
                (Some(before), Some(after)) => watched(before, after, pids),
                _ => None,
            },
        });
    }
    Ok(steps)
}

fn moments(samples: &[Sample], pids: &[u32]) -> Vec<Moment> {
    let pairs = samples.iter().zip(samples.iter().skip(1));
    pairs
        .map(|(before, after)| {
            let seconds = after.after.saturating_sub(before.after).as_secs_f64();
            let good = after.count.good.saturating_sub(before.count.good);
            Moment {
                after_s: rounded(after.after.as_secs_f64()),
                requests_per_s: rounded(good as f64 / seconds.max(f64::MIN_POSITIVE)),
                cpu_us_per_request: watched(before, after, pids),
            }
        })
        .collect()
}

/// What all watched processes used together for one request between two looks.
fn watched(before: &Sample, after: &Sample, pids: &[u32]) -> Option<f64> {
    let requests = after.count.good.saturating_sub(before.count.good);
    if pids.is_empty() || requests == 0 {
        return None;
    }
    let pairs = before.usage.iter().zip(&after.usage).take(pids.len());
    let total = pairs
        .map(|(before, after)| after.since(before).total_ns)
        .sum();
    Some(per_request(total, requests))
}

const fn name_of(mode: Mode) -> &'static str {
    match mode {
        Mode::Closed => "closed",
        Mode::Open => "open",
        Mode::Ramp => "ramp",
        Mode::Steps => "steps",
    }
}

fn per_request(ns: u64, requests: u64) -> f64 {
    us(ns as f64 / (requests.max(1)) as f64)
}

fn us(ns: f64) -> f64 {
    rounded(ns / 1_000.0)
}

fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
