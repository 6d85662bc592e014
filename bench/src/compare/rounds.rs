//! The rounds of one load: every gateway once, in an order that rotates.

use anyhow::{Context as _, bail};
use serde_json::json;

use super::lineup::Entry;
use super::phase::{Pace, Phase};
use crate::rig::Rig;
use crate::rig::interrupt;
use crate::rig::load::{Load, Measured, Report};

/// How often a gateway with wrong answers is asked by hand for an example.
const EXAMPLES_MAX: usize = 200;
/// How often a load that got no answer at all is tried.
const STALLS_MAX: usize = 3;

/// What is the same in all rounds.
pub(super) struct Shape {
    pub(super) seconds: f64,
    pub(super) warmup: f64,
    pub(super) request_bytes: usize,
    pub(super) rounds: u32,
}

/// One gateway in one round.
pub(super) struct Row {
    pub(super) gateway: String,
    pub(super) phase: Phase,
    pub(super) round: u32,
    /// `false`: the load went to the upstream itself, at the rate of this gateway.
    pub(super) through: bool,
    pub(super) measured: Measured,
}

impl Row {
    /// As a line of JSON.
    ///
    /// # Errors
    /// Never with these types.
    pub(super) fn line(&self) -> anyhow::Result<String> {
        self.measured.line(&json!({
            "gateway": self.gateway, "load": format!("{:?}", self.phase.pace).to_lowercase(),
            "connections": self.phase.connections, "round": self.round,
            "through": self.through,
        }))
    }
}

/// Measures all rounds of a load. `before` holds what earlier loads found.
///
/// # Errors
/// A gateway that answers wrongly or not at all, and Ctrl-C.
pub(super) fn run(
    rig: &Rig,
    entries: &[Entry],
    shape: &Shape,
    phase: &Phase,
    before: &[Row],
) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for round in 0..shape.rounds {
        let mut order: Vec<&Entry> = entries.iter().collect();
        order.rotate_left(usize::try_from(round)? % entries.len().max(1));
        for entry in order {
            interrupt::check()?;
            let name = &entry.target.name;
            eprint!(
                "{}: round {} of {}: {name}",
                phase.title(),
                round + 1,
                shape.rounds
            );
            let rate = phase.rate(name, before);
            let direct = entries.iter().find(|entry| entry.target.name == "direct");
            if let (true, Some(direct), Some(_)) = (phase.pairs() && name != "direct", direct, rate)
            {
                let measured = measure(rig, direct, shape, phase, rate)?;
                rows.push(Row {
                    gateway: name.clone(),
                    phase: *phase,
                    round,
                    through: false,
                    measured,
                });
            }
            let measured = measure(rig, entry, shape, phase, rate)?;
            let Report {
                requests_per_s,
                latency_us,
                ..
            } = &measured.report;
            eprintln!(
                " {requests_per_s:.0} calls/s, p50 {:.0} us, {:.1} us CPU a call",
                latency_us.p50,
                measured.report.cpu().total_us
            );
            rows.push(Row {
                gateway: name.clone(),
                phase: *phase,
                round,
                through: true,
                measured,
            });
        }
    }
    Ok(rows)
}

fn measure(
    rig: &Rig,
    entry: &Entry,
    shape: &Shape,
    phase: &Phase,
    rate: Option<f64>,
) -> anyhow::Result<Measured> {
    let target = &entry.target;
    let mut more = vec![
        "--request-bytes".to_owned(),
        shape.request_bytes.to_string(),
        "--tool".to_owned(),
        target.tool.clone(),
    ];
    for header in &target.headers {
        more.extend(["--header".to_owned(), header.clone()]);
    }
    if target.legacy {
        more.extend(["--era".to_owned(), "legacy".to_owned()]);
    }
    let pids = entry.pids();
    let load = Load {
        url: &target.url,
        rate,
        connections: phase.connections,
        seconds: shape.seconds,
        warmup: shape.warmup,
        pids: &pids,
        more: &more,
    };
    for _ in 0..STALLS_MAX {
        let measured = load
            .run(rig)
            .with_context(|| format!("{} cannot be measured", target.name))?;
        check(entry, phase, &measured.report)?;
        if measured.report.requests > 0 {
            return Ok(measured);
        }
        // An open loop that got no answer in time has measured the machine's stall.
        eprint!(" (no answer in time; again)");
    }
    bail!(
        "{} ({}) answered no call in time, {STALLS_MAX} times; is the machine busy?",
        target.name,
        target.url
    )
}

/// Refuses a run with wrong answers, with an example where one can be had.
fn check(entry: &Entry, phase: &Phase, report: &Report) -> anyhow::Result<()> {
    // Above the capacity, refusals and calls without an answer are what is measured.
    let allowed = match phase.pace {
        Pace::Double => report.unexpected + report.unanswered + report.broken,
        // The last calls of an open loop may still be on their way.
        Pace::Half | Pace::Fixed => report.unanswered,
        Pace::Closed => 0,
    };
    let bad = report.errors.saturating_sub(allowed);
    if bad == 0 {
        return Ok(());
    }
    for _ in 0..EXAMPLES_MAX {
        entry.probe()?;
    }
    bail!(
        "{} ({}) answered {bad} of {} calls wrongly (unexpected {}, wrong {}, broken {}, \
         unanswered {}); {EXAMPLES_MAX} single calls after that were answered rightly",
        entry.target.name,
        entry.target.url,
        report.requests.saturating_add(report.errors),
        report.unexpected,
        report.wrong,
        report.broken,
        report.unanswered
    )
}
