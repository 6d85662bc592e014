//! `varictl audit export`: records for other programs.

use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use varistor_records::{Format, Log, export};

use super::filters::Filters;
use super::index;
use crate::arguments::Arguments;
use crate::exit::{Exit, wrong};
use crate::files::Fresh;
use crate::output;
use crate::output::progress::Progress;

/// Hand records on as JSON Lines, CSV, Parquet or OCSF.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl audit export --on yesterday --format parquet --output 2026-11-22.parquet
  varictl audit export --since 1h --format ocsf | curl --data-binary @- https://siem.example/

jsonl are the log's lines, byte for byte. csv and parquet have a row for each call with its result,
and one for each event. ocsf (1.8, class API Activity with the profiles ai_operation and
security_control) has an event for each call. A call that went on is written when its result is
known, so rows come in the order in which calls ended. Results are looked for up to an hour behind
the end. In csv, text that a spreadsheet would compute begins with an apostrophe.")]
pub(crate) struct Export {
    /// What it looks like
    #[arg(long, value_enum, default_value_t = Shape::Jsonl)]
    format: Shape,
    /// Write to this file (mode 0600, put in place when it is whole) [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    #[command(flatten)]
    filters: Filters,
    /// Log directory [default: DIR/audit]
    #[arg(long, value_name = "DIR", conflicts_with = "dir")]
    log: Option<PathBuf>,
}

/// The formats by their names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Shape {
    /// The log's lines
    Jsonl,
    /// RFC 4180
    Csv,
    /// Apache Parquet
    Parquet,
    /// OCSF 1.8 API Activity
    Ocsf,
}

impl Export {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let selection = self.filters.selection()?;
        let dir = super::log(self.log.as_deref(), arguments)?;
        let log = Log::open(&dir)?;
        let format = match self.format {
            Shape::Jsonl => Format::Jsonl,
            Shape::Csv => Format::Csv,
            Shape::Parquet => Format::Parquet,
            Shape::Ocsf => Format::Ocsf,
        };
        let fresh = self.output.as_deref().map(Fresh::begin).transpose()?;
        let out: Box<dyn Write + Send> = match &fresh {
            Some(fresh) => Box::new(BufWriter::with_capacity(1 << 17, fresh.writer()?)),
            None if self.format == Shape::Parquet && io::stdout().is_terminal() => {
                return Err(wrong(
                    "a Parquet file is not for a terminal; name one with --output",
                ));
            }
            None => Box::new(BufWriter::with_capacity(1 << 17, io::stdout())),
        };
        let mut progress = Progress::new("exporting", log.bytes(selection.period));
        let exported = export(&log, &selection, (format, out), &mut |bytes| {
            progress.at(bytes)
        })?;
        progress.finish();
        if let Some(fresh) = fresh {
            fresh.keep()?;
        }
        index::warn(&exported.passage.damages);
        output::note(&format!(
            "{} exported",
            output::count_of(exported.rows, "row")
        ));
        if exported.left_out > 0 {
            let events = output::count_of(exported.left_out, "record");
            output::note(&format!(
                "{events} left out: they are no calls, which this format is for"
            ));
        }
        if exported.passage.given_up > 0 {
            let calls = output::count_of(exported.passage.given_up, "call");
            output::warning(&format!(
                "{calls} told without their result, which came too late"
            ));
        }
        Ok(Exit::Done)
    }
}
