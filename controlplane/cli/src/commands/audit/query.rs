//! `varictl audit query`: records by time and by what they say.

use std::io::{self, BufWriter, Write as _};
use std::path::PathBuf;

use clap::Args;
use varistor_records::{Log, Order, Problem, Walked, query};

use super::filters::Filters;
use super::{index, row};
use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::output::columns::Columns;
use crate::output::{self};

/// Find records by time, caller, tool, decision, finding or text.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl audit query --on yesterday --decision deny
  varictl audit query --since 2h --agent acme/ci-bot --tool crm/delete_customer
  varictl audit query --since 7d --finding iban --limit 0 --json | jq .tool

All conditions must hold; of the values of one that is repeated, any will do. A result names only
the number of its call, not who called: `audit show` has both. Indexes are kept in
$XDG_CACHE_HOME/varistor or ~/.cache/varistor; they may be deleted at any time. A log that
somebody wrote to is found by `audit verify`, not here.")]
pub(crate) struct Query {
    #[command(flatten)]
    filters: Filters,
    /// Most records; 0: all of them
    #[arg(short = 'n', long, value_name = "N", default_value_t = 100)]
    limit: u64,
    /// The oldest record first
    #[arg(long)]
    oldest_first: bool,
    /// Records as they stand in the log, byte for byte, one a line
    #[arg(long)]
    json: bool,
    /// Read the log itself: use and write no index
    #[arg(long)]
    no_index: bool,
    /// Log directory [default: DIR/audit]
    #[arg(long, value_name = "DIR", conflicts_with = "dir")]
    log: Option<PathBuf>,
}

impl Query {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let selection = self.filters.selection()?;
        let dir = super::log(self.log.as_deref(), arguments)?;
        let log = Log::open(&dir)?;
        let cache = index::cache(&dir, self.no_index);
        let order = match self.oldest_first {
            true => Order::Oldest,
            false => Order::Newest,
        };
        let limit = (self.limit > 0).then_some(self.limit);
        let walked = if self.json {
            let mut out = BufWriter::new(io::stdout().lock());
            let walked = query(&log, &cache, (&selection, order), limit, |_, line| {
                out.write_all(line)?;
                Ok(out.write_all(b"\n")?)
            })?;
            out.flush().map_err(Problem::from)?;
            walked
        } else {
            let mut columns = Columns::new(row::HEADINGS);
            let mut shown = Ok(());
            let walked = query(&log, &cache, (&selection, order), limit, |record, _| {
                shown = columns.row(row::cells(record));
                match &shown {
                    Ok(()) => Ok(()),
                    // The first error is the one to be told.
                    Err(_) => Err(Problem::Write(io::Error::from(io::ErrorKind::BrokenPipe))),
                }
            });
            shown?;
            columns.finish()?;
            walked?
        };
        self.remarks(&walked);
        Ok(Exit::Done)
    }

    fn remarks(&self, walked: &Walked) {
        index::warn(&walked.damages);
        if walked.is_cut {
            let which = if self.oldest_first {
                "oldest"
            } else {
                "newest"
            };
            output::note(&format!(
                "the {which} {}; there may be more: --limit 0 shows all",
                walked.matched
            ));
        } else if walked.matched == 0 {
            output::note("no record is like that");
        }
    }
}
