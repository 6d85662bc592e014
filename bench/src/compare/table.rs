//! The tables of a comparison, as plain text.

use std::fmt::Write as _;

use super::lineup::Kind;
use super::phase::{Pace, Phase};
use super::rounds::Row;
use super::scores::{self, Scores};
use crate::rig::memory::Since;
use crate::rig::spread::{NONE, Spread, cell};

/// The share of its core below which it was not the gateway that held the load back, in percent.
const BUSY: f64 = 90.0;

/// What the columns mean.
const LEGEND: &str = "
CPU: user and system time of all threads and processes of the gateway, by the kernel's
accounting. \"of\": CPU a call as a multiple of that gateway's in the same round. \"core %\":
the share of its cores that it kept busy. \"added\": to direct at the same rate, in the same
round. \"goodput %\": calls answered in time, of the peak in the closed loop. \"unanswered %\":
calls that were due and had no answer 5 s after the end. Only ratios within one run count.
";

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
            write(&mut out, columns)?;
        }
        for note in notes(&scores, &phase) {
            writeln!(out, "  note: {note}")?;
        }
    }
    out.push_str(LEGEND);
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

/// What a reader of the numbers has to know.
fn notes(scores: &Scores<'_>, phase: &Phase) -> Vec<String> {
    let mut notes = Vec::new();
    for name in scores.gateways() {
        let share = scores.cost(name, scores::share).map(|share| share.median);
        // Below its capacity, a gateway is not held back by anything.
        if let (Pace::Closed | Pace::Double, Some(share @ ..BUSY)) = (phase.pace, share) {
            notes.push(format!(
                "{name} used {share:.0} % of its core: something else held the load back, and \
                 its CPU a call includes wake-ups"
            ));
        }
        let repeated = scores.repeated(name);
        if repeated > 0 {
            notes.push(format!(
                "{name} was measured again {repeated} times, as it had left calls unanswered"
            ));
        }
    }
    notes
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
        cost("core %", scores::share),
        ratio("of varistor", "varistor"),
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
    let memory = column("RSS, peak, PSS MiB", scores, |name| memory(scores, name));
    let mut columns = vec![
        column("", scores, str::to_owned),
        spread("calls/s", scores::rate),
        spread("p50 us", scores::p50),
        spread("p99 us", scores::p99),
        added("p50 added", scores::p50),
        added("p99 added", scores::p99),
        memory,
    ];
    if phase.pace != Pace::Closed {
        let percent = |name: &str| cell(scores.spread(name, scores::unanswered), 1);
        columns.insert(2, column("unanswered %", scores, percent));
    }
    if phase.pace == Pace::Double {
        let closed = phases(rows)
            .into_iter()
            .find(|other| other.pace == Pace::Closed && other.connections == phase.connections);
        if let Some(closed) = closed {
            let before = Scores::of(rows, &closed);
            columns.insert(
                2,
                column("goodput %", scores, |name| {
                    cell(goodput(scores, &before, name), 1)
                }),
            );
        }
    }
    columns
}

/// The median memory now and in proportion, and the highest peak.
fn memory(scores: &Scores<'_>, gateway: &str) -> String {
    let Some([rss, peak, pss]) = scores.memory(gateway) else {
        return NONE.to_owned();
    };
    let mib = |kib: f64| kib / 1024.0;
    let since = match scores.peak_since(gateway) {
        Since::Start => " since start",
        Since::Reset => "",
    };
    format!(
        "{:.1}, {:.1}{since}, {:.1}",
        mib(rss.median),
        mib(peak.high),
        mib(pss.median)
    )
}

/// What is left of the closed loop's rate, in percent.
fn goodput(scores: &Scores<'_>, closed: &Scores<'_>, gateway: &str) -> Option<Spread> {
    let peak = closed.spread(gateway, scores::rate)?.median;
    Some(scores.spread(gateway, scores::rate)?.scaled(100.0 / peak))
}

/// Writes a table, without the columns in which there is nothing.
fn write(out: &mut String, mut columns: Vec<Column>) -> std::fmt::Result {
    columns.retain(|column| column.iter().skip(1).any(|cell| cell != NONE));
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

#[cfg(test)]
mod tests;
