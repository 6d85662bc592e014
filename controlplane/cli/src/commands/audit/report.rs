//! `varictl audit report`: what an auditor asks about a period.

use std::io::Write as _;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use varistor_records::{Log, Period, Report as Made, report, when};

use super::filters::{day, instant_ns, period};
use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::files::Fresh;
use crate::output;
use crate::output::progress::Progress;
use crate::output::table::Table;

/// Report about a period: decisions, refusals, approvers, changes, kills, gaps.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl audit report --on yesterday
  varictl audit report --from 2026-10-01 --to 2026-11-01 --format html --output october.html

The page is one file without scripts; a browser prints it as PDF. All times are UTC. Numbers are
counted from the log's lines; whether those are what was written says `varictl audit verify`.")]
pub(crate) struct Report {
    /// From then on: RFC 3339, a date (UTC), yesterday, or 7d ago [default: the log's begin]
    #[arg(long, value_name = "TIME", value_parser = instant_ns)]
    from: Option<u64>,
    /// Before then [default: the log's end]
    #[arg(long, value_name = "TIME", value_parser = instant_ns)]
    to: Option<u64>,
    /// Of this day (UTC): a date, today or yesterday
    #[arg(long, value_name = "DAY", value_parser = day, conflicts_with_all = ["from", "to"])]
    on: Option<Period>,
    /// What it looks like
    #[arg(long, value_enum, default_value_t = Shape::Text)]
    format: Shape,
    /// The same as --format json
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// Write to this file (mode 0600, put in place when it is whole) [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Log directory [default: DIR/audit]
    #[arg(long, value_name = "DIR", conflicts_with = "dir")]
    log: Option<PathBuf>,
}

/// The formats by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// Tables for a terminal
    Text,
    /// A page to read and to print
    Html,
    /// One object
    Json,
}

impl Report {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let period = period((self.from, "--from"), (self.to, "--to"), self.on)?;
        let dir = super::log(self.log.as_deref(), arguments)?;
        let log = Log::open(&dir)?;
        let fresh = self.output.as_deref().map(Fresh::begin).transpose()?;
        let mut progress = Progress::new("reading", log.bytes(period));
        let made = report(&log, period, when::now_ns(), &mut |bytes| {
            progress.at(bytes)
        })?;
        progress.finish();
        let shape = if self.json { Shape::Json } else { self.format };
        let told = match shape {
            Shape::Text => text(&made),
            Shape::Html => made.html(),
            Shape::Json => serde_json::to_string_pretty(&made)?,
        };
        let told = told.trim_end();
        match fresh {
            Some(fresh) => {
                writeln!(fresh.writer()?, "{told}")?;
                fresh.keep()?;
            }
            None => output::line(told)?,
        }
        if made.records == 0 {
            output::warning("the log has no record of this period");
        }
        Ok(Exit::Done)
    }
}

fn text(made: &Made) -> String {
    let or = |asked: &Option<String>, found: &Option<(u64, String)>| {
        let found = found.as_ref().map(|(_, time)| time);
        asked
            .as_ref()
            .or(found)
            .cloned()
            .unwrap_or_else(|| "-".to_owned())
    };
    let mut out = format!(
        "Audit report, {} to {}\n{} in {}\n",
        or(&made.from, &made.first),
        or(&made.to, &made.last),
        output::count_of(made.records, "record"),
        output::plain(&made.log)
    );
    for section in made.sections() {
        out.push_str(&format!("\n{}\n", section.title));
        if !section.note.is_empty() {
            out.push_str(&format!("{}\n", output::plain(&section.note)));
        }
        if section.rows.is_empty() {
            continue;
        }
        let mut table = Table::new(&section.headings);
        for row in &section.rows {
            table.row(row);
        }
        out.push_str(&format!("{}\n", table.aligned(section.numbers_from)));
    }
    out
}
