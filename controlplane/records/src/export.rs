//! Hands records on to other programs, with one line or row in memory at a time (Parquet: one row
//! group).

mod cells;
mod ocsf;
mod parquet;
mod table;

use std::collections::BTreeSet;
use std::io::Write;

use crate::log::Log;
use crate::pair::{self, Entry, Passage, Reader};
use crate::problem::Problem;
use crate::record::Record;
use crate::select::Selection;

/// Calls whose result is awaited by an export of lines.
const FOLLOWED_MAX: usize = 1 << 20;

/// What an export looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// The log's lines, byte for byte: the selected ones, and the results of selected calls.
    Jsonl,
    /// RFC 4180, a row for each call with its result, and for each event.
    Csv,
    /// The same rows as a Parquet file.
    Parquet,
    /// OCSF 1.8 API Activity with the profiles `ai_operation` and `security_control`, a JSON line
    /// for each call.
    Ocsf,
}

/// What was exported.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exported {
    /// Rows or lines written.
    pub rows: u64,
    /// Selected records that the format has no place for: of OCSF, events that are no calls.
    pub left_out: u64,
    /// What stood in the way.
    pub passage: Passage,
}

/// Something that writes what is selected.
trait Sink {
    /// Writes it; says whether the format has a place for it.
    fn write(&mut self, entry: &Entry<'_>) -> Result<bool, Problem>;
    /// Writes what is left.
    fn finish(self: Box<Self>) -> Result<(), Problem>;
}

/// Writes what is selected to `out`. `progress` is told bytes of [`Log::bytes`].
///
/// # Errors
/// When the log can't be read or the result not be written.
pub fn export(
    log: &Log,
    selection: &Selection,
    (format, out): (Format, Box<dyn Write + Send>),
    progress: &mut dyn FnMut(u64),
) -> Result<Exported, Problem> {
    if format == Format::Jsonl {
        return lines(log, selection, out, progress);
    }
    let sink: Box<dyn Sink> = match format {
        Format::Csv => Box::new(table::Table::begin(out)?),
        Format::Parquet => Box::new(parquet::Rows::begin(out)?),
        Format::Ocsf | Format::Jsonl => Box::new(ocsf::Events::new(out)),
    };
    let mut rows = Rows {
        sink,
        exported: Exported::default(),
    };
    let passage = pair::read(log, selection, &mut rows, progress)?;
    rows.sink.finish()?;
    Ok(Exported {
        passage,
        ..rows.exported
    })
}

struct Rows {
    sink: Box<dyn Sink>,
    exported: Exported,
}

impl Reader for Rows {
    fn entry(&mut self, entry: Entry<'_>) -> Result<(), Problem> {
        let count = match self.sink.write(&entry)? {
            true => &mut self.exported.rows,
            false => &mut self.exported.left_out,
        };
        *count = count.saturating_add(1);
        Ok(())
    }
}

fn lines(
    log: &Log,
    selection: &Selection,
    out: Box<dyn Write + Send>,
    progress: &mut dyn FnMut(u64),
) -> Result<Exported, Problem> {
    let mut lines = Lines {
        selection,
        out,
        followed: BTreeSet::new(),
        rows: 0,
    };
    let passage = pair::read(log, selection, &mut lines, progress)?;
    lines.out.flush()?;
    Ok(Exported {
        rows: lines.rows,
        left_out: 0,
        passage,
    })
}

struct Lines<'s> {
    selection: &'s Selection,
    out: Box<dyn Write + Send>,
    /// Selected calls without a result yet; the oldest are forgotten.
    followed: BTreeSet<u64>,
    rows: u64,
}

impl Reader for Lines<'_> {
    const PAIRS: bool = false;

    fn line(&mut self, record: &Record<'_>, line: &[u8]) -> Result<(), Problem> {
        let follows = record.call.is_some_and(|call| self.followed.remove(&call));
        if !follows && !self.selection.matches(record, line) {
            return Ok(());
        }
        if self.selection.is_narrow() && record.goes_on() {
            self.followed.insert(record.seq);
            if self.followed.len() > FOLLOWED_MAX {
                self.followed.pop_first();
            }
        }
        self.rows = self.rows.saturating_add(1);
        self.out.write_all(line)?;
        self.out.write_all(b"\n")?;
        Ok(())
    }

    fn entry(&mut self, _entry: Entry<'_>) -> Result<(), Problem> {
        Ok(())
    }
}

#[cfg(test)]
mod tests;
