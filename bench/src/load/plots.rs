//! Plots of a run: the percentile curve, latency against throughput, CPU time a call.
//!
//! Drawn is what was measured: latency against throughput needs `--steps` or `--ramp`, CPU time
//! needs `--pid`.

use std::path::Path;

use hdrhistogram::Histogram;

use super::report::{Moment, Report, Step};
use super::run::Outcome;
use crate::plot::{Axis, Chart, Scale, Series};

/// Points for each halving of the distance to 100 %.
const TICKS: u32 = 10;
/// A curve of one kind is drawn from so many calls on: fewer have no percentiles.
const CALLS_MIN: u64 = 100;

/// Saves every plot that this run has data for.
///
/// # Errors
/// No call was good, or a file cannot be written.
pub(super) fn save(directory: &Path, report: &Report, outcome: &Outcome) -> anyhow::Result<()> {
    percentiles(report, outcome)?.save(&directory.join("percentiles"))?;
    if !report.steps.is_empty() {
        throughput(report).save(&directory.join("throughput"))?;
    }
    if let Some(chart) = cpu(report) {
        chart.save(&directory.join("cpu"))?;
    }
    Ok(())
}

fn percentiles(report: &Report, outcome: &Outcome) -> anyhow::Result<Chart> {
    let mut series = vec![Series {
        name: "all calls".to_owned(),
        points: curve(&outcome.tally.total()?.0.latency),
        ranges: Vec::new(),
    }];
    if report.kinds.len() > 1 {
        for (index, kind) in report.kinds.iter().enumerate() {
            if kind.requests >= CALLS_MIN {
                series.push(Series {
                    name: kind.kind.clone(),
                    points: curve(&outcome.tally.of_kind(index)?.latency),
                    ranges: Vec::new(),
                });
            }
        }
    }
    Ok(Chart {
        title: format!("Latency of {} calls, {} loop", report.requests, report.mode),
        x: Axis::scaled("percentile", Scale::Percentile),
        y: Axis::log("latency (us)"),
        series,
    })
}

fn curve(latency: &Histogram<u64>) -> Vec<(f64, f64)> {
    latency
        .iter_quantiles(TICKS)
        .map(|step| {
            let us = step.value_iterated_to() as f64 / 1_000.0;
            (step.quantile_iterated_to() * 100.0, us)
        })
        .filter(|(percentile, _)| *percentile < 100.0)
        .collect()
}

fn throughput(report: &Report) -> Chart {
    let of = |name: &str, latency: fn(&Step) -> f64| Series {
        name: name.to_owned(),
        points: points(&report.steps, latency),
        ranges: Vec::new(),
    };
    Chart {
        title: "Latency against throughput".to_owned(),
        x: Axis::linear("right answers a second"),
        y: Axis::log("latency from the intended start (us)"),
        series: vec![
            of("p50", |step| step.latency_us.p50),
            of("p90", |step| step.latency_us.p90),
            of("p99", |step| step.latency_us.p99),
        ],
    }
}

fn points(steps: &[Step], latency: fn(&Step) -> f64) -> Vec<(f64, f64)> {
    steps
        .iter()
        .map(|step| (step.requests_per_s, latency(step)))
        .collect()
}

/// Against throughput where that was varied, over time otherwise; `None` without a process.
fn cpu(report: &Report) -> Option<Chart> {
    let (label, points): (_, Vec<(f64, f64)>) = if report.steps.is_empty() {
        let over_time = |moment: &Moment| Some((moment.after_s, moment.cpu_us_per_request?));
        let points = report.series.iter().filter_map(over_time).collect();
        ("time (s)", points)
    } else {
        let by_rate = |step: &Step| Some((step.requests_per_s, step.cpu_us_per_request?));
        let points = report.steps.iter().filter_map(by_rate).collect();
        ("right answers a second", points)
    };
    (!points.is_empty()).then(|| Chart {
        title: "CPU time a call, all watched processes".to_owned(),
        x: Axis::linear(label),
        y: Axis::linear("CPU time (us)"),
        series: vec![Series {
            name: "watched processes".to_owned(),
            points,
            ranges: Vec::new(),
        }],
    })
}
