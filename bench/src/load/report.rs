//! The report of a run, for people and for scripts.

use std::fmt::Write;

use serde::Serialize;

use super::cpu::Processes;
use super::engine::Plan;
use super::outcome::Outcome;

/// The numbers of a run, in the units that their names say.
#[derive(Serialize)]
pub(super) struct Report<'a> {
    url: &'a str,
    /// `open` or `closed`.
    mode: &'static str,
    rate_asked: Option<f64>,
    connections: u32,
    duration_s: f64,
    requests: u64,
    requests_per_s: f64,
    errors: u64,
    unexpected: u64,
    wrong: u64,
    broken: u64,
    unanswered: u64,
    latency_us: Latency,
    cpu: Vec<Cpu>,
}

#[derive(Serialize)]
struct Latency {
    p50: f64,
    p90: f64,
    p99: f64,
    p99_9: f64,
    max: f64,
    mean: f64,
}

#[derive(Serialize)]
struct Cpu {
    pid: u32,
    us_per_request: f64,
    user_us_per_request: f64,
    system_us_per_request: f64,
    share_of_one_core: f64,
}

impl<'a> Report<'a> {
    pub(super) fn new(
        url: &'a str,
        plan: &Plan,
        connections: u32,
        outcome: &Outcome,
        processes: &Processes,
    ) -> Self {
        let elapsed_s = outcome.elapsed.as_secs_f64();
        let requests = outcome.good as f64;
        let per_request = |ns: u64| rounded(ns as f64 / 1_000.0 / requests.max(1.0));
        let at = |quantile: f64| us(outcome.latency.value_at_quantile(quantile) as f64);
        Self {
            url,
            mode: if plan.schedule.is_some() {
                "open"
            } else {
                "closed"
            },
            rate_asked: plan
                .schedule
                .as_ref()
                .map(super::schedule::Schedule::per_second),
            connections,
            duration_s: rounded(elapsed_s),
            requests: outcome.good,
            requests_per_s: rounded(requests / elapsed_s.max(f64::MIN_POSITIVE)),
            errors: outcome.errors(),
            unexpected: outcome.unexpected,
            wrong: outcome.wrong,
            broken: outcome.broken,
            unanswered: outcome.unanswered,
            latency_us: Latency {
                p50: at(0.5),
                p90: at(0.9),
                p99: at(0.99),
                p99_9: at(0.999),
                max: us(outcome.latency.max() as f64),
                mean: us(outcome.latency.mean()),
            },
            cpu: processes
                .spent()
                .map(|spent| Cpu {
                    pid: spent.pid,
                    us_per_request: per_request(spent.total_ns),
                    user_us_per_request: per_request(spent.user_ns),
                    system_us_per_request: per_request(spent.system_ns),
                    share_of_one_core: rounded(
                        spent.total_ns as f64 / 1e9 / elapsed_s.max(f64::MIN_POSITIVE),
                    ),
                })
                .collect(),
        }
    }

    /// One line of JSON.
    ///
    /// # Errors
    /// Never with these types.
    pub(super) fn json(&self) -> anyhow::Result<String> {
        Ok(serde_json::to_string(self)?)
    }

    /// A short table.
    ///
    /// # Errors
    /// Never, as writing into a `String` does not fail.
    pub(super) fn text(&self) -> anyhow::Result<String> {
        let mut text = String::new();
        self.write(&mut text)?;
        Ok(text)
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        let rate = self
            .rate_asked
            .map_or(String::new(), |rate| format!(" at {rate}/s"));
        writeln!(
            out,
            "{}: {} loop{rate}, {} connections, {:.2} s",
            self.url, self.mode, self.connections, self.duration_s
        )?;
        writeln!(
            out,
            "  good       {:>12}   {:.0}/s",
            self.requests, self.requests_per_s
        )?;
        writeln!(
            out,
            "  errors     {:>12}   unexpected {}, wrong {}, broken {}, unanswered {}",
            self.errors, self.unexpected, self.wrong, self.broken, self.unanswered
        )?;
        let l = &self.latency_us;
        writeln!(
            out,
            "  latency us  p50 {:.1}  p90 {:.1}  p99 {:.1}  p99.9 {:.1}  max {:.1}  mean {:.1}",
            l.p50, l.p90, l.p99, l.p99_9, l.max, l.mean
        )?;
        for cpu in &self.cpu {
            writeln!(
                out,
                "  cpu of {:<8} {:.2} us/request (user {:.2}, system {:.2}), {:.0} % of one core",
                cpu.pid,
                cpu.us_per_request,
                cpu.user_us_per_request,
                cpu.system_us_per_request,
                cpu.share_of_one_core * 100.0
            )?;
        }
        Ok(())
    }
}

fn us(ns: f64) -> f64 {
    rounded(ns / 1_000.0)
}

fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
