//! The tables of a comparison, as plain text.

use std::fmt::Write as _;

use super::lineup::Kind;
use super::phase::{Pace, Phase};
use super::rounds::Row;
use super::scores::{self, Scores};
use crate::rig::spread::{Spread, cell};

/// All tables, and what their rows mean.
///
/// # Errors
/// Never, as writing into a `String` does not fail.
pub(super) fn text(rows: &[Row]) -> anyhow::Result<String> {
    let mut out = String::new();
    for phase in phases(rows) {
        let scores = Scores::of(rows, &phase);
        writeln!(out, "\n{}", phase.title())?;
        for columns in [cpu_columns(&scores), serving_columns(&scores, rows, &phase)] {
            write(&mut out, &columns)?;
        }
    }
    writeln!(
        out,
        "\nCPU: time of all threads and processes of the gateway, by the kernel's"
    )?;
    writeln!(
        out,
        "accounting. \"of\": in the same round. \"added\": to direct, in the same round."
    )?;
    let gateways = phases(rows)
        .first()
        .map(|phase| Scores::of(rows, phase).gateways())
        .unwrap_or_default();
    for gateway in gateways {
        let kind = Kind::ALL.into_iter().find(|kind| kind.name() == gateway);
        let meaning = kind.map_or("given by --target", Kind::meaning);
        writeln!(out, "{gateway:<16} {meaning}")?;
    }
    Ok(out)
}

/// The loads, in the order in which they were measured.
pub(super) fn phases(rows: &[Row]) -> Vec<Phase> {
    let mut phases: Vec<Phase> = Vec::new();
    for row in rows {
        if !phases.contains(&row.phase) {
            phases.push(row.phase);
        }
    }
    phases
}

/// A column: its head, then one cell for each gateway.
type Column = Vec<String>;

fn column(head: &str, scores: &Scores<'_>, cell: impl Fn(&str) -> String) -> Column {
    let cells = scores.gateways().into_iter().map(cell);
    [head.to_owned()].into_iter().chain(cells).collect()
}

fn cpu_columns(scores: &Scores<'_>) -> Vec<Column> {
    let cost = |head: &str, number: fn(&Row) -> f64| {
        column(head, scores, |name| cell(scores.cost(name, number), 1))
    };
    let ratio = |head: &str, other: &'static str| {
        column(head, scores, |name| cell(scores.ratio(name, other), 2))
    };
    vec![
        column("", scores, str::to_owned),
        cost("CPU us/call", scores::cpu),
        cost("user", scores::user),
        cost("system", scores::system),
        ratio("of nginx", "nginx"),
        ratio("of bare", "bare"),
    ]
}

fn serving_columns(scores: &Scores<'_>, rows: &[Row], phase: &Phase) -> Vec<Column> {
    let spread = |head: &str, number: fn(&Row) -> f64| {
        column(head, scores, |name| cell(scores.spread(name, number), 0))
    };
    let added = |head: &str, number: fn(&Row) -> f64| {
        column(head, scores, |name| cell(scores.added(name, number), 0))
    };
    let memory = column("RSS, peak, PSS MiB", scores, |name| {
        let Some(memory) = scores.memory(name) else {
            return "-".to_owned();
        };
        let mib = memory.map(|spread| format!("{:.1}", spread.median / 1024.0));
        mib.join(", ")
    });
    let mut columns = vec![
        column("", scores, str::to_owned),
        spread("calls/s", scores::rate),
        spread("p50 us", scores::p50),
        spread("p99 us", scores::p99),
        added("p50 added", scores::p50),
        added("p99 added", scores::p99),
        memory,
    ];
    if phase.pace == Pace::Double {
        let closed = phases(rows)
            .into_iter()
            .find(|other| other.pace == Pace::Closed && other.connections == phase.connections);
        if let Some(closed) = closed {
            let before = Scores::of(rows, &closed);
            columns.insert(
                2,
                column("of closed loop", scores, |name| {
                    cell(goodput(scores, &before, name), 2)
                }),
            );
        }
    }
    columns
}

/// What is left of the closed loop's rate.
fn goodput(scores: &Scores<'_>, closed: &Scores<'_>, gateway: &str) -> Option<Spread> {
    let peak = closed.spread(gateway, scores::rate)?.median;
    Some(scores.spread(gateway, scores::rate)?.scaled(1.0 / peak))
}

fn write(out: &mut String, columns: &[Column]) -> std::fmt::Result {
    let height = columns.first().map_or(0, Vec::len);
    let width = |column: &Column| column.iter().map(|cell| cell.chars().count()).max();
    let widths: Vec<usize> = columns.iter().map(|c| width(c).unwrap_or(0)).collect();
    for line in 0..height {
        let mut text = String::new();
        for (at, (column, width)) in columns.iter().zip(&widths).enumerate() {
            let cell = column.get(line).map_or("", String::as_str);
            match at {
                0 => write!(text, "  {cell:<width$}")?,
                _ => write!(text, "  {cell:>width$}")?,
            }
        }
        writeln!(out, "{}", text.trim_end())?;
    }
    writeln!(out)
}
