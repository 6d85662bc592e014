//! The plots of a series: what a call costs, how that grows, and the memory, over the sizes.

use std::path::Path;

use super::point::Point;
use super::series::Series;
use crate::plot::{Axis, Chart, Scale, Series as Line};
use crate::rig::spread::Spread;

/// The name of the measured line.
const OURS: &str = "varistor, all controls on";
/// From the least to the most, from which on an axis goes by factors.
const FACTOR: f64 = 20.0;

/// One plot.
struct Drawing {
    stem: &'static str,
    title: &'static str,
    unit: &'static str,
    value: fn(&Point) -> Option<Spread>,
    /// Whether the bound of the axis belongs into it.
    bounded: bool,
}

const COST: Drawing = Drawing {
    stem: "cpu",
    title: "CPU time a call",
    unit: "CPU (us/call)",
    value: Point::cpu,
    bounded: false,
};
const GROWTH: Drawing = Drawing {
    stem: "growth",
    title: "CPU time a call as a multiple of the base's",
    unit: "CPU a call, as a multiple",
    // The base beside itself.
    value: |point| point.growth().or(Spread::of([1.0])),
    bounded: true,
};
const MEMORY: Drawing = Drawing {
    stem: "memory",
    title: "Memory under load",
    unit: "resident (MiB)",
    value: Point::rss_mib,
    bounded: false,
};

/// Draws them into a folder.
///
/// # Errors
/// A file that cannot be written.
pub(super) fn save(series: &Series, folder: &Path) -> anyhow::Result<()> {
    let name = series.axis.name;
    for drawing in [COST, GROWTH, MEMORY] {
        if let Some(chart) = chart(series, &drawing) {
            chart.save(&folder.join(format!("{name}-{}", drawing.stem)))?;
        }
    }
    Ok(())
}

/// `None` when no size has a place in it: 0 is on no logarithmic axis.
fn chart(series: &Series, drawing: &Drawing) -> Option<Chart> {
    let axis = series.axis;
    let scale = (axis.scale)();
    let shown = |point: &&Point| scale != Scale::Log || point.size > 0;
    let spreads = series.points.iter().filter(shown).filter_map(|point| {
        let spread = (drawing.value)(point)?;
        let place = (point.size as f64, spread.median);
        Some((place, (spread.low, spread.high)))
    });
    let (points, ranges): (Vec<_>, Vec<_>) = spreads.unzip();
    let y = rising(&points);
    let (first, last) = (points.first()?.0, points.last()?.0);
    let mut lines = vec![Line {
        name: OURS.to_owned(),
        points,
        ranges,
    }];
    let bound = axis.growth_max().filter(|_| drawing.bounded);
    // Beside names nothing is joined to a line; there the bound stands in the title alone.
    if let Some(most) = bound.filter(|_| !matches!(scale, Scale::Names(_))) {
        lines.push(Line {
            name: format!("at most {most:.2}"),
            points: vec![(first, most), (last, most)],
            ranges: Vec::new(),
        });
    }
    let bound = bound.map_or_else(String::new, |most| format!(", at most {most:.2}"));
    Some(Chart {
        title: format!("{}: {}{bound}", axis.name, drawing.title),
        x: Axis::scaled(axis.label, scale),
        y: Axis::scaled(drawing.unit, y),
        series: lines,
    })
}

/// What rises by large factors is drawn by factors; the rest is seen best from zero.
fn rising(points: &[(f64, f64)]) -> Scale {
    let values = points.iter().map(|(_, value)| *value);
    let least = values.clone().fold(f64::INFINITY, f64::min);
    let most = values.fold(0.0, f64::max);
    if most > least * FACTOR {
        Scale::Log
    } else {
        Scale::Linear
    }
}
