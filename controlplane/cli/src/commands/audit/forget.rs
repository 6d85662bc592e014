//! `varictl audit forget`: erases the salts of a record's commitments.
//!
//! The log stays as it was signed. What was committed can't be shown any more, nor found by
//! trying; placeholders, findings and everything else of the record stay.

use clap::Args;
use serde::Serialize;
use varistor_privacy::erase;

use super::hidden::{Hidden, Places};
use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::output;

/// Forget the values that records were committed to, without changing the log.
#[derive(Args, Debug)]
#[command(after_help = "\
The salts are overwritten where they stand and synced. On a disk or file system that keeps old
blocks (snapshots, copy on write, flash), the old ones are gone once those are; copies and backups
of the directory of salts must be erased as well.

Example:
  varictl audit forget 4711 4712")]
pub(crate) struct Forget {
    /// Numbers of the records
    #[arg(required = true, value_name = "SEQ")]
    records: Vec<u64>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    places: Places,
}

#[derive(Serialize)]
struct Row {
    record: u64,
    erased: Vec<u64>,
    /// Erased before, or not there.
    absent: Vec<u64>,
}

impl Forget {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let (log, salts) = (self.places.log(arguments)?, self.places.salts(arguments)?);
        // All of them first: what can't be read stops before anything is erased.
        let hidden = self.records.iter().map(|seq| Hidden::of(&log, *seq));
        let hidden = hidden.collect::<anyhow::Result<Vec<_>>>()?;
        let mut rows = Vec::with_capacity(hidden.len());
        for (record, hidden) in self.records.iter().zip(hidden) {
            let mut row = Row {
                record: *record,
                erased: Vec::new(),
                absent: Vec::new(),
            };
            for one in &hidden.commitments {
                match erase(&salts, one.salt)? {
                    true => row.erased.push(one.salt),
                    false => row.absent.push(one.salt),
                }
            }
            rows.push(row);
        }
        if self.json {
            output::json(&rows)?;
            return Ok(Exit::Done);
        }
        for row in &rows {
            let (erased, absent) = (row.erased.len(), row.absent.len());
            let mut text = format!("record {}: {}", row.record, output::count(erased, "value"));
            text.push_str(" forgotten");
            if absent > 0 {
                text.push_str(&format!(", {absent} were before or have no salt here"));
            }
            output::line(&text)?;
        }
        Ok(Exit::Done)
    }
}
