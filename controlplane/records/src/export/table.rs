//! CSV as RFC 4180 has it: lines end with CRLF, whatever needs quotes has them.
//!
//! Refuses to be a formula: text that a spreadsheet would compute (CWE-1236) begins with an
//! apostrophe, which makes it text there.

use std::borrow::Cow;
use std::io::Write;

use csv::{Terminator, Writer, WriterBuilder};

use super::Sink;
use super::cells::{COLUMNS, Cell, cells};
use crate::pair::Entry;
use crate::problem::Problem;

/// First characters that make a spreadsheet compute, with those that look like them.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];

/// A table that is written row by row.
pub(super) struct Table(Writer<Box<dyn Write + Send>>);

impl Table {
    /// Writes the names of the columns.
    pub(super) fn begin(out: Box<dyn Write + Send>) -> Result<Self, Problem> {
        let mut builder = WriterBuilder::new();
        builder.terminator(Terminator::CRLF).has_headers(false);
        let mut writer = builder.from_writer(out);
        writer
            .write_record(COLUMNS.map(|(name, _)| name))
            .map_err(failed)?;
        Ok(Self(writer))
    }
}

impl Sink for Table {
    fn write(&mut self, entry: &Entry<'_>) -> Result<bool, Problem> {
        for cell in cells(entry) {
            let text: Cow<'_, str> = match cell {
                Cell::Empty => "".into(),
                Cell::Text(text) => guarded(text),
                Cell::Number(number) => number.to_string().into(),
                Cell::Time(_, text) => guarded(text),
                Cell::Flag(flag) => flag.to_string().into(),
            };
            self.0.write_field(&*text).map_err(failed)?;
        }
        self.0.write_record(None::<&[u8]>).map_err(failed)?;
        Ok(true)
    }

    fn finish(mut self: Box<Self>) -> Result<(), Problem> {
        Ok(self.0.flush()?)
    }
}

fn failed(error: csv::Error) -> Problem {
    Problem::Write(error.into())
}

fn guarded(text: Cow<'_, str>) -> Cow<'_, str> {
    match text.starts_with(FORMULA) {
        true => Cow::Owned(format!("'{text}")),
        false => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_that_a_spreadsheet_would_compute_stays_so() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝1"] {
            assert_eq!(guarded(formula.into()), format!("'{formula}"));
        }
        for text in ["", "a=b", "{\"a\":-1}", "'=1"] {
            assert_eq!(guarded(text.into()), text);
        }
    }
}
