//! The rounds of one load: every gateway once, in an order that changes.

use serde_json::json;

use super::lineup::Entry;
use super::phase::{Pace, Phase};
use super::turn::Turn;
use crate::rig::interrupt;
use crate::rig::load::{Measured, Report};
use crate::rig::{Rig, spread::Spread};

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
    /// How many of the cores of the gateways its processes kept busy, as a share.
    pub(super) core_share: f64,
    /// How often it was measured again, as calls had stayed without an answer.
    pub(super) repeated: u32,
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
            "through": self.through, "core_share": self.core_share, "repeated": self.repeated,
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
    let direct = entries.iter().find(|entry| entry.target.name == "direct");
    let mut rows = Vec::new();
    for round in 0..shape.rounds {
        for place in order(entries.len(), round) {
            let Some(entry) = entries.get(place) else {
                continue;
            };
            interrupt::check()?;
            let name = &entry.target.name;
            let (title, number) = (phase.title(), round + 1);
            eprint!("{title}: round {number} of {}: {name}", shape.rounds);
            let rate = phase.rate(name, before);
            let mut turns = vec![(entry, true)];
            if let (true, Some(direct)) = (phase.pairs() && name != "direct", direct) {
                // Before it and after it by turns, as the gateways themselves.
                let at = usize::from(!round.is_multiple_of(2));
                turns.insert(at, (direct, false));
            }
            for (asked, through) in turns {
                let turn = Turn {
                    rig,
                    entry: asked,
                    shape,
                    phase,
                    rate,
                    speed: rate.or_else(|| speed(name, before, &rows)),
                };
                let (measured, repeated) = turn.measure()?;
                if through {
                    tell(&measured.report);
                }
                rows.push(Row {
                    gateway: name.clone(),
                    phase: *phase,
                    round,
                    through,
                    core_share: measured.report.cores_busy() / f64::from(rig.gateway_cores.count),
                    repeated,
                    measured,
                });
            }
            eprintln!();
        }
    }
    Ok(rows)
}

/// The places of the gateways in a round. Of each two rounds the second runs backwards, and the
/// pairs rotate: what the machine does over time meets all of them alike.
fn order(count: usize, round: u32) -> Vec<usize> {
    let mut places: Vec<usize> = (0..count).collect();
    let pair = usize::try_from(round / 2).unwrap_or(0);
    places.rotate_left(pair % count.max(1));
    if !round.is_multiple_of(2) {
        places.reverse();
    }
    places
}

/// Calls a second of a gateway in the closed loop, as far as that is known.
fn speed(gateway: &str, before: &[Row], rows: &[Row]) -> Option<f64> {
    let all = before.iter().chain(rows);
    let closed = all.filter(|row| row.gateway == gateway && row.phase.pace == Pace::Closed);
    Spread::of(closed.map(|row| row.measured.report.requests_per_s)).map(|spread| spread.median)
}

fn tell(report: &Report) {
    eprint!(
        " {:.0} calls/s, p50 {:.0} us, {:.1} us CPU a call",
        report.requests_per_s,
        report.latency_us.p50,
        report.cpu().total_us
    );
}

#[cfg(test)]
mod tests {
    use super::order;

    #[test]
    fn every_second_round_runs_backwards_and_the_pairs_rotate() {
        let rounds: Vec<_> = (0..4).map(|round| order(3, round)).collect();
        assert_eq!(rounds, [[0, 1, 2], [2, 1, 0], [1, 2, 0], [0, 2, 1]]);
        // In each pair, nobody stands further to the front than the others.
        for pair in rounds.chunks(2) {
            for gateway in 0..3 {
                let place = |order: &Vec<usize>| order.iter().position(|at| *at == gateway);
                assert_eq!(place(&pair[0]).unwrap() + place(&pair[1]).unwrap(), 2);
            }
        }
        assert!(order(0, 1).is_empty());
    }
}
