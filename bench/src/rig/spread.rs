//! The median of a few values and how far they lie apart.

use std::fmt::{self, Display};

use serde::Serialize;

/// The median and the ends of a set of values.
#[derive(Clone, Copy, Serialize, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) low: f64,
    pub(crate) median: f64,
    pub(crate) high: f64,
}

impl Spread {
    /// `None` when there is no value; values that are no numbers are left out.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().filter(|v| v.is_finite()).collect();
        values.sort_unstable_by(f64::total_cmp);
        let (low, high) = (*values.first()?, *values.last()?);
        let upper = values.len() / 2;
        let lower = values.len().div_ceil(2).saturating_sub(1);
        let median = values.get(lower)?.midpoint(*values.get(upper)?);
        Some(Self { low, median, high })
    }

    /// All three times `factor`.
    pub(crate) fn scaled(self, factor: f64) -> Self {
        Self {
            low: self.low * factor,
            median: self.median * factor,
            high: self.high * factor,
        }
    }
}

/// `median (low-high)`, with the digits that the formatter asks for.
impl Display for Spread {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = out.precision().unwrap_or(1);
        let Self { low, median, high } = self;
        // A range that begins below zero would run into its dash.
        let to = if *low < 0.0 { " to " } else { "-" };
        let text = format!("{median:.digits$} ({low:.digits$}{to}{high:.digits$})");
        out.pad_integral(true, "", &text)
    }
}

/// The cell of a table where there is no value.
pub(crate) const NONE: &str = "-";

/// A cell of a table: the spread, or [`NONE`].
pub(crate) fn cell(spread: Option<Spread>, digits: usize) -> String {
    spread.map_or_else(|| NONE.to_owned(), |spread| format!("{spread:.digits$}"))
}

#[cfg(test)]
mod tests {
    use super::{Spread, cell};

    #[test]
    fn the_median_lies_in_the_middle_of_sorted_values() {
        let spread = |values: &[f64]| Spread::of(values.iter().copied());
        assert_eq!(spread(&[]), None);
        assert_eq!(spread(&[f64::NAN]), None);
        assert_eq!(spread(&[f64::NAN, f64::INFINITY, f64::NEG_INFINITY]), None);
        let holes = spread(&[f64::NAN, 3.0, f64::INFINITY, 1.0]).unwrap();
        assert_eq!((holes.low, holes.median, holes.high), (1.0, 2.0, 3.0));
        let odd = spread(&[3.0, 1.0, 2.0]).unwrap();
        assert_eq!((odd.low, odd.median, odd.high), (1.0, 2.0, 3.0));
        assert_eq!(spread(&[4.0, 1.0, 2.0, 3.0]).unwrap().median, 2.5);
        assert_eq!(format!("{odd:.2}"), "2.00 (1.00-3.00)");
        assert_eq!(cell(None, 1), "-");
        assert_eq!(format!("{:.0}", spread(&[-1.0]).unwrap()), "-1 (-1 to -1)");
    }
}
