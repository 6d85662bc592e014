//! Plots of measurements: one drawing, saved as SVG and as PNG.
//!
//! Both come out of the same SVG text, so that they cannot differ. The font is part of the
//! program, so that a plot looks the same on a machine without fonts. A chart without a point
//! that can be shown is refused.

mod draw;
mod legend;
mod raster;
mod ruler;

use std::path::Path;

use anyhow::{Context as _, ensure};

/// A chart: what it shows, its two axes, its series.
pub(crate) struct Chart {
    /// One line on top.
    pub(crate) title: String,
    /// From left to right.
    pub(crate) x: Axis,
    /// From bottom to top.
    pub(crate) y: Axis,
    /// Drawn in this order; told apart by colour and by marker.
    pub(crate) series: Vec<Series>,
}

/// One axis.
pub(crate) struct Axis {
    /// What it measures, with the unit, for example `latency (us)`.
    pub(crate) label: String,
    /// How values become places.
    pub(crate) scale: Scale,
}

/// How the values of an axis become places.
#[derive(Clone, PartialEq)]
pub(crate) enum Scale {
    /// Equal steps are equal differences; zero is part of the axis.
    Linear,
    /// Equal steps are equal factors; values at or below zero are left out.
    Log,
    /// Values are percentiles (`0 <= p < 100`); each further nine is an equal step.
    Percentile,
    /// Values are indices into these names; points are not joined.
    Names(Vec<String>),
}

/// Points that belong together.
#[derive(Default)]
pub(crate) struct Series {
    /// Its name in the legend.
    pub(crate) name: String,
    /// Pairs of x and y, in the order of x.
    pub(crate) points: Vec<(f64, f64)>,
    /// For each point the lowest and the highest y that were seen; may be empty.
    pub(crate) ranges: Vec<(f64, f64)>,
}

impl Axis {
    /// An axis with equal differences.
    pub(crate) fn linear(label: impl Into<String>) -> Self {
        Self::scaled(label, Scale::Linear)
    }

    /// An axis with equal factors.
    pub(crate) fn log(label: impl Into<String>) -> Self {
        Self::scaled(label, Scale::Log)
    }

    /// An axis of any scale.
    pub(crate) fn scaled(label: impl Into<String>, scale: Scale) -> Self {
        Self {
            label: label.into(),
            scale,
        }
    }
}

impl Chart {
    /// Writes `STEM.svg` and `STEM.png`; a folder that is missing is made.
    ///
    /// # Errors
    /// Nothing to show, or a file that cannot be written.
    pub(crate) fn save(&self, stem: &Path) -> anyhow::Result<()> {
        let svg = self.svg()?;
        let png = raster::png(&svg)?;
        if let Some(folder) = stem.parent() {
            std::fs::create_dir_all(folder)
                .with_context(|| format!("cannot make {}", folder.display()))?;
        }
        for (ending, bytes) in [("svg", svg.as_bytes()), ("png", &png)] {
            // Not `with_extension`: a stem may hold dots of its own.
            let mut path = stem.as_os_str().to_owned();
            path.push(format!(".{ending}"));
            let path = Path::new(&path);
            std::fs::write(path, bytes)
                .with_context(|| format!("cannot write {}", path.display()))?;
        }
        Ok(())
    }

    /// The chart as SVG.
    fn svg(&self) -> anyhow::Result<String> {
        let shown = self.series.iter().flat_map(|series| &series.points);
        ensure!(
            shown.clone().any(|point| self.shows(point)),
            "the chart {:?} has no point that its axes can show",
            self.title
        );
        draw::svg(self)
    }

    /// Whether both axes have a place for a point.
    fn shows(&self, &(x, y): &(f64, f64)) -> bool {
        self.x.scale.has(x) && self.y.scale.has(y)
    }
}

impl Scale {
    /// Whether a value has a place.
    fn has(&self, value: f64) -> bool {
        match self {
            Self::Linear => value.is_finite(),
            Self::Log => value.is_finite() && value > 0.0,
            Self::Percentile => (0.0..100.0).contains(&value),
            Self::Names(names) => (0.0..names.len() as f64).contains(&value),
        }
    }
}

#[cfg(test)]
mod tests;
