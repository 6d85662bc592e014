//! The plots of a comparison: CPU, latency and rate of each gateway, with the range over rounds.

use std::path::Path;

use super::phase::Phase;
use super::rounds::Row;
use super::scores::{self, Scores};
use super::table::phases;
use crate::plot::{Axis, Chart, Scale, Series};
use crate::rig::spread::Spread;

/// What is drawn of each way of sending load.
struct Drawing {
    stem: &'static str,
    title: &'static str,
    unit: &'static str,
    score: for<'a> fn(&Scores<'a>, &str) -> Option<Spread>,
}

const DRAWINGS: [Drawing; 4] = [
    Drawing {
        stem: "cpu",
        title: "CPU time per call",
        unit: "CPU (us/call)",
        score: |scores, name| scores.cost(name, scores::cpu),
    },
    Drawing {
        stem: "rate",
        title: "Calls served",
        unit: "calls/s",
        score: |scores, name| scores.spread(name, scores::rate),
    },
    Drawing {
        stem: "added-p50",
        title: "Latency added over direct, median",
        unit: "added p50 (us)",
        score: |scores, name| scores.added(name, scores::p50),
    },
    Drawing {
        stem: "added-p99",
        title: "Latency added over direct, 99th percentile",
        unit: "added p99 (us)",
        score: |scores, name| scores.added(name, scores::p99),
    },
];

/// Draws what there is; a number of connections is a series.
///
/// # Errors
/// A file that cannot be written.
pub(super) fn save(rows: &[Row], folder: &Path) -> anyhow::Result<()> {
    let all = phases(rows);
    let mut paces: Vec<_> = Vec::new();
    for phase in &all {
        if !paces.contains(&phase.pace) {
            paces.push(phase.pace);
        }
    }
    for pace in paces {
        let phases: Vec<&Phase> = all.iter().filter(|phase| phase.pace == pace).collect();
        for drawing in &DRAWINGS {
            if let Some(chart) = chart(rows, &phases, drawing) {
                let pace = format!("{pace:?}").to_lowercase();
                chart.save(&folder.join(format!("{pace}-{}", drawing.stem)))?;
            }
        }
    }
    Ok(())
}

/// `None` when no gateway has this number.
fn chart(rows: &[Row], phases: &[&Phase], drawing: &Drawing) -> Option<Chart> {
    let first = Scores::of(rows, phases.first()?);
    let has = |name: &&str| (drawing.score)(&first, name).is_some();
    let names: Vec<&str> = first.gateways().into_iter().filter(has).collect();
    if names.is_empty() {
        return None;
    }
    let series = phases.iter().map(|phase| {
        let scores = Scores::of(rows, phase);
        let spreads = names.iter().enumerate().filter_map(|(at, name)| {
            let spread = (drawing.score)(&scores, name)?;
            Some(((at as f64, spread.median), (spread.low, spread.high)))
        });
        let (points, ranges) = spreads.unzip();
        Series {
            name: format!("{} connections", phase.connections),
            points,
            ranges,
        }
    });
    let title = phases.first()?.title();
    let (load, _) = title.rsplit_once(", ").unwrap_or((&title, ""));
    Some(Chart {
        title: format!("{}, {load}", drawing.title),
        series: series.collect(),
        x: Axis::scaled(
            "gateway",
            Scale::Names(names.iter().map(|name| (*name).to_owned()).collect()),
        ),
        y: Axis::linear(drawing.unit),
    })
}
