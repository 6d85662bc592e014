//! Tables for people: left-aligned columns, two spaces apart, as wide as their widest cell.

use super::{line, plain};

/// Rows of equal length under headings.
#[derive(Debug)]
pub(crate) struct Table {
    headings: Vec<&'static str>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// An empty table with these headings.
    pub(crate) fn new(headings: &[&'static str]) -> Self {
        Self {
            headings: headings.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; cells are made safe for a terminal. Missing cells stay empty.
    pub(crate) fn row<S: AsRef<str>>(&mut self, cells: &[S]) {
        self.rows.push(
            cells
                .iter()
                .map(|cell| plain(cell.as_ref()).into_owned())
                .collect(),
        );
    }

    /// Writes the table to standard output.
    pub(crate) fn print(&self) -> anyhow::Result<()> {
        line(&self.text())
    }

    /// The table as text, columns from `numbers_from` on flush right.
    pub(crate) fn aligned(&self, numbers_from: usize) -> String {
        let widths: Vec<usize> = (0..self.headings.len())
            .map(|column| self.width(column))
            .collect();
        let headings = row_text(self.headings.iter().copied(), &widths, numbers_from);
        let rows = self
            .rows
            .iter()
            .map(|row| row_text(row.iter().map(String::as_str), &widths, numbers_from));
        core::iter::once(headings)
            .chain(rows)
            .collect::<Vec<_>>()
            .join("\n")
    }

    /// The table as text, without a line end.
    pub(crate) fn text(&self) -> String {
        self.aligned(self.headings.len())
    }

    fn width(&self, column: usize) -> usize {
        let heading = self
            .headings
            .get(column)
            .map_or(0, |text| text.chars().count());
        let cells = self.rows.iter().filter_map(|row| row.get(column));
        cells
            .map(|cell| cell.chars().count())
            .max()
            .unwrap_or(0)
            .max(heading)
    }
}

fn row_text<'a>(
    cells: impl Iterator<Item = &'a str>,
    widths: &[usize],
    numbers_from: usize,
) -> String {
    let padded = cells
        .zip(widths)
        .enumerate()
        .map(|(column, (cell, width))| {
            let padding = " ".repeat(width.saturating_sub(cell.chars().count()));
            match column >= numbers_from {
                true => format!("{padding}{cell}"),
                false => format!("{cell}{padding}"),
            }
        });
    padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(&["A", "LONG"]);
        table.row(&["xyz", "1"]);
        table.row(&["ü", "2"]);
        assert_eq!(table.text(), "A    LONG\nxyz  1\nü    2");
        assert_eq!(table.aligned(1), "A    LONG\nxyz     1\nü       2");
    }
}
