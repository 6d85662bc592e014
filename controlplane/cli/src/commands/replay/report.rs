//! What would change, for people and for scripts.

use std::io::Write;

use anyhow::Context;
use serde::Serialize;

use super::record::Fate;
use super::tally::{Extent, Group, Skipped, Tally, Totals};
use crate::output::table::Table;
use crate::output::{self, Tone, count, tinted};

/// Most rows of a group that people are shown.
const SHOWN_MAX: usize = 20;

/// One changed call, without what it said.
#[derive(Serialize)]
pub(super) struct Line<'c> {
    pub(super) seq: u64,
    pub(super) time: &'c str,
    pub(super) agent: &'c str,
    pub(super) server: &'c str,
    pub(super) tool: &'c str,
    pub(super) masked: bool,
    pub(super) before: &'c Fate,
    pub(super) after: &'c Fate,
}

impl Line<'_> {
    /// Writes it as one line of JSON.
    pub(super) fn write(&self, out: &mut impl Write) -> anyhow::Result<()> {
        let text = serde_json::to_string(self).context("the change can't be put into JSON")?;
        writeln!(out, "{text}").context("standard output can't be written")
    }
}

#[derive(Serialize)]
struct Answer<'t> {
    #[serde(flatten)]
    totals: &'t Totals,
    changes: Vec<Transition<'t>>,
}

#[derive(Serialize)]
struct Transition<'t> {
    before: &'t str,
    after: &'t str,
    #[serde(flatten)]
    extent: Extent,
    rules: Rows<'t>,
    agents: Rows<'t>,
    tools: Rows<'t>,
}

#[derive(Serialize)]
struct Rows<'t> {
    rows: Vec<Row<'t>>,
    /// Changes of rows that were not told apart any more.
    beyond: u64,
}

#[derive(Serialize)]
struct Row<'t> {
    name: &'t str,
    #[serde(flatten)]
    extent: Extent,
}

impl<'t> Rows<'t> {
    fn of(group: &'t Group) -> Self {
        let rows = group.sorted().into_iter();
        Self {
            rows: rows.map(|(name, extent)| Row { name, extent }).collect(),
            beyond: group.beyond,
        }
    }
}

/// Everything as one JSON object.
pub(super) fn json(tally: &Tally) -> anyhow::Result<()> {
    let changes = tally.transitions.iter().map(|((before, after), row)| {
        let (rules, agents) = (Rows::of(&row.causes), Rows::of(&row.agents));
        Transition {
            before,
            after,
            extent: row.extent,
            rules,
            agents,
            tools: Rows::of(&row.tools),
        }
    });
    output::json(&Answer {
        totals: &tally.totals,
        changes: changes.collect(),
    })
}

/// The totals as one line, and why calls were not judged.
fn totals(totals: &Totals) -> Vec<String> {
    let Totals {
        calls,
        same,
        changed,
        uncertain,
        masked,
        skipped,
    } = totals;
    let calls_told = count(usize::try_from(*calls).unwrap_or(usize::MAX), "call");
    let mut lines = vec![format!("{calls_told}: {same} the same, {changed} changed")];
    let why = Skipped::told(skipped);
    lines.extend(why.map(|(count, why)| format!("  skipped: {count} {why}")));
    if *masked > 0 {
        lines.push(format!("  judged with masked values: {masked}"));
    }
    if *uncertain > 0 {
        lines.push(format!(
            "  not known: {uncertain}, because values decided that the log has masked"
        ));
    }
    lines
}

/// The totals on standard error, beside what else is on standard output.
pub(super) fn note(tally: &Tally) {
    totals(&tally.totals)
        .iter()
        .for_each(|line| output::note(line));
}

/// Totals and groups for people.
pub(super) fn tables(tally: &Tally) -> anyhow::Result<()> {
    for line in totals(&tally.totals) {
        output::line(&line)?;
    }
    for ((before, after), row) in &tally.transitions {
        let heading = format!("{} -> {}", output::plain(before), output::plain(after));
        let tone = match &**after {
            "allow" | "redact" => Tone::Warning,
            _ => Tone::Bad,
        };
        let Extent { count, first, last } = row.extent;
        output::line(&format!(
            "\n{}: {count}, records {first} to {last}",
            tinted(&heading, tone)
        ))?;
        group("BY RULE OR REASON", &row.causes)?;
        group("BY AGENT", &row.agents)?;
        group("BY TOOL", &row.tools)?;
    }
    Ok(())
}

fn group(heading: &'static str, group: &Group) -> anyhow::Result<()> {
    let rows = group.sorted();
    let mut table = Table::new(&[heading, "CALLS", "FIRST", "LAST"]);
    for (name, extent) in rows.iter().take(SHOWN_MAX) {
        let Extent { count, first, last } = extent;
        table.row(&[
            (*name).to_owned(),
            count.to_string(),
            format!("#{first}"),
            format!("#{last}"),
        ]);
    }
    table.print()?;
    if rows.len() > SHOWN_MAX || group.beyond > 0 {
        let more = rows.len().saturating_sub(SHOWN_MAX);
        let least = if group.beyond > 0 { "at least " } else { "" };
        output::line(&format!("and {least}{} more", more.max(1)))?;
    }
    Ok(())
}
