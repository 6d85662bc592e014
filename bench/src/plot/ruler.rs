//! Where a value stands on an axis, and which values are marked.
//!
//! One type for all scales, so that any two of them can make a chart.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, Ranged, ValueFormatter};

use super::Scale;

/// About as many marks as a linear axis gets.
const MARKS: f64 = 6.0;
/// With fewer factors of ten than this, a logarithmic axis is marked at 2 and 5 too.
const FEW_DECADES: f64 = 2.5;
/// Most nines of a percentile that are marked (99.9999).
const NINES_MAX: i32 = 6;

/// An axis with its ends.
#[derive(Clone)]
pub(super) struct Ruler {
    scale: Scale,
    /// Ends, as places (see [`place`]); `low < high`.
    low: f64,
    high: f64,
}

impl Ruler {
    /// An axis on which all of these values have a place.
    pub(super) fn over(scale: &Scale, values: impl Iterator<Item = f64>) -> Self {
        let places = values
            .filter(|value| scale.has(*value))
            .map(|value| place(scale, value));
        let (mut low, mut high) = places.fold((f64::INFINITY, f64::NEG_INFINITY), |ends, place| {
            (ends.0.min(place), ends.1.max(place))
        });
        match scale {
            Scale::Linear => {
                (low, high) = (low.min(0.0), high.max(0.0));
                high += (high - low) * 0.05;
            }
            Scale::Log => {
                let margin = ((high - low) * 0.04).max(0.05);
                (low, high) = (low - margin, high + margin);
            }
            Scale::Percentile => (low, high) = (low.min(0.0), high.max(1.0)),
            Scale::Names(names) => (low, high) = (-0.5, names.len() as f64 - 0.5),
        }
        if low >= high {
            (low, high) = (low - 1.0, low + 1.0);
        }
        Self {
            scale: scale.clone(),
            low,
            high,
        }
    }

    /// The share of the axis below a value.
    fn share(&self, value: f64) -> f64 {
        (place(&self.scale, value) - self.low) / (self.high - self.low)
    }

    /// The values that are marked.
    fn marks(&self) -> Vec<f64> {
        let marks: Vec<f64> = match &self.scale {
            Scale::Linear => {
                let step = round_step((self.high - self.low) / MARKS);
                let (first, last) = ((self.low / step).ceil(), (self.high / step).floor());
                steps(first, last).map(|at| at * step).collect()
            }
            Scale::Log => {
                let few = self.high - self.low < FEW_DECADES;
                let within: &[f64] = if few { &[1.0, 2.0, 5.0] } else { &[1.0] };
                steps(self.low.floor(), self.high.ceil())
                    .flat_map(|decade| within.iter().map(move |at| at * 10_f64.powf(decade)))
                    .collect()
            }
            Scale::Percentile => {
                let nines = (1..=NINES_MAX).map(|nines| 100.0 - 100.0 * 10_f64.powi(-nines));
                [0.0, 50.0].into_iter().chain(nines).collect()
            }
            Scale::Names(names) => (0..names.len()).map(|at| at as f64).collect(),
        };
        let near = 1e-9;
        let within = -near..=1.0 + near;
        marks
            .into_iter()
            .filter(|mark| within.contains(&self.share(*mark)))
            .collect()
    }
}

impl Ranged for Ruler {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, (first, last): (i32, i32)) -> i32 {
        let at = f64::from(first) + f64::from(last - first) * self.share(*value);
        // Saturates at the ends of i32.
        at.round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, hint: Hint) -> Vec<f64> {
        if hint.weight().allow_light_points() {
            return Vec::new();
        }
        self.marks()
    }

    fn range(&self) -> Range<f64> {
        value(&self.scale, self.low)..value(&self.scale, self.high)
    }
}

impl ValueFormatter<f64> for Ruler {
    fn format_ext(&self, value: &f64) -> String {
        match &self.scale {
            Scale::Linear | Scale::Log => number(*value),
            Scale::Percentile => format!("{}", (value * 1e6).round() / 1e6),
            Scale::Names(names) => {
                let at = value.round();
                let name = (at >= 0.0).then(|| names.get(at as usize)).flatten();
                name.cloned().unwrap_or_default()
            }
        }
    }
}

/// Where a value stands, in steps that are drawn with equal length.
fn place(scale: &Scale, value: f64) -> f64 {
    match scale {
        Scale::Linear | Scale::Names(_) => value,
        Scale::Log => value.log10(),
        Scale::Percentile => -(1.0 - value / 100.0).log10(),
    }
}

/// The value at a place.
fn value(scale: &Scale, place: f64) -> f64 {
    match scale {
        Scale::Linear | Scale::Names(_) => place,
        Scale::Log => 10_f64.powf(place),
        Scale::Percentile => (1.0 - 10_f64.powf(-place)) * 100.0,
    }
}

/// The numbers from `first` to `last`; a damaged range has no more than a thousand.
fn steps(first: f64, last: f64) -> impl Iterator<Item = f64> {
    (0..1_000)
        .map(move |at| first + f64::from(at))
        .take_while(move |at| *at <= last)
}

/// The next larger of 1, 2, 5 times a power of ten.
fn round_step(least: f64) -> f64 {
    let decade = 10_f64.powf(least.log10().floor());
    let factors = [1.0, 2.0, 5.0].into_iter();
    let mut fits = factors.filter(|factor| factor * decade >= least * (1.0 - 1e-9));
    fits.next().unwrap_or(10.0) * decade
}

/// A number as people write it on an axis: `0.5`, `200`, `10k`, `1M`.
pub(super) fn number(value: f64) -> String {
    let (value, unit) = match value.abs() {
        size if size >= 1e9 => (value / 1e9, "G"),
        size if size >= 1e6 => (value / 1e6, "M"),
        size if size >= 1e4 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    // Ten significant digits hide what binary fractions add.
    let size = value.abs();
    let digits = if size > 0.0 && size < 1e-3 { 9 } else { 6 };
    let text = format!("{value:.digits$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    format!("{}{unit}", if text == "-0" { "0" } else { text })
}
