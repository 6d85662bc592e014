//! A table that is printed while it is made: the first rows say how wide its columns are.

use super::{Tone, line, plain, tinted};

/// Rows that are waited for before the first is printed.
const SAMPLE_ROWS: usize = 200;
/// Widest column that later ones are aligned behind, in characters.
const WIDTH_MAX: usize = 48;

/// Cells of a row, each in its tone.
type Row<const N: usize> = [(String, Option<Tone>); N];

/// The table.
#[derive(Debug)]
pub(crate) struct Columns<const N: usize> {
    widths: Option<[usize; N]>,
    waiting: Vec<Row<N>>,
}

impl<const N: usize> Columns<N> {
    /// A table with these headings.
    pub(crate) fn new(headings: [&str; N]) -> Self {
        let waiting = vec![headings.map(|heading| (heading.to_owned(), None))];
        Self {
            widths: None,
            waiting,
        }
    }

    /// Adds a row; cells are made safe for a terminal.
    pub(crate) fn row(&mut self, row: Row<N>) -> anyhow::Result<()> {
        let row = row.map(|(text, tone)| (plain(&text).into_owned(), tone));
        if let Some(widths) = &self.widths {
            return line(&text(&row, widths));
        }
        self.waiting.push(row);
        if self.waiting.len() > SAMPLE_ROWS {
            self.flush()?;
        }
        Ok(())
    }

    /// Prints what waits; nothing when no row ever came.
    pub(crate) fn finish(mut self) -> anyhow::Result<()> {
        match self.waiting.len() {
            0 | 1 => Ok(()),
            _ => self.flush(),
        }
    }

    fn flush(&mut self) -> anyhow::Result<()> {
        let rows = std::mem::take(&mut self.waiting);
        let mut widths = [0; N];
        for row in &rows {
            for (width, (cell, _)) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count().min(WIDTH_MAX));
            }
        }
        for row in &rows {
            line(&text(row, &widths))?;
        }
        self.widths = Some(widths);
        Ok(())
    }
}

fn text<const N: usize>(row: &Row<N>, widths: &[usize; N]) -> String {
    let mut out = String::new();
    let mut padding = 0;
    for ((cell, tone), width) in row.iter().zip(widths) {
        if !cell.is_empty() {
            out.push_str(&" ".repeat(padding));
            padding = 0;
            match tone {
                Some(tone) => out.push_str(&tinted(cell, *tone)),
                None => out.push_str(cell),
            }
        }
        padding += width.saturating_sub(cell.chars().count()) + 2;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_stand_below_each_other_and_nothing_behind_the_last() {
        let row = |cells: [&str; 3]| cells.map(|cell| (cell.to_owned(), None));
        assert_eq!(text(&row(["a", "", "c"]), &[3, 2, 1]), "a        c");
        assert_eq!(text(&row(["toolong", "b", ""]), &[3, 2, 1]), "toolong  b");
    }
}
