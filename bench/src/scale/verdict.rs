//! The table of a series, and for each target a line that says whether it holds.

use std::fmt::Write as _;

use super::point::Point;
use super::series::Series;
use crate::plot::Scale;
use crate::rig::spread::{Spread, cell};

/// Less growth than this says nothing about a single unit.
const NOISE: f64 = 1.05;
const MIB: f64 = 1024.0 * 1024.0;

/// What an axis has to hold.
pub(super) enum Target {
    /// CPU time a call, as a multiple of the base's, of the largest size up to this one.
    Growth { size_max: u64, most: f64 },
    /// Calls a second of the last size, as a multiple of the base's.
    Rate { least: f64 },
    /// Resident memory under load of this size.
    MemoryMib { size: u64, most: f64 },
    /// From the start of the process to the answer to the first call, of every size.
    FirstCallMs { most: f64 },
    /// Memory of an idle connection, of the last size.
    IdleBytes { most: f64 },
}

/// A target and what was measured.
pub(super) struct Finding {
    pub(super) what: &'static str,
    pub(super) size: u64,
    pub(super) value: Spread,
    pub(super) bound: f64,
    pub(super) holds: bool,
    /// `at most` or `at least`.
    side: &'static str,
}

impl Series {
    /// What of the targets was measured.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let targets = self.axis.targets.iter();
        targets.flat_map(|target| self.found(target)).collect()
    }

    fn found(&self, target: &Target) -> Vec<Finding> {
        let last = self.points.last();
        let of = |points: Vec<&Point>, what, value: fn(&Point) -> Option<Spread>, most| {
            let found = |point: &&Point| Some(Finding::most(what, point.size, value(point)?, most));
            points.iter().filter_map(found).collect()
        };
        match *target {
            Target::Growth { size_max, most } => {
                let within = self.points.iter().filter(|point| point.size <= size_max);
                let largest = within.max_by_key(|point| point.size);
                let largest = largest.into_iter().collect();
                of(largest, "CPU a call, of the base's", Point::growth, most)
            }
            Target::MemoryMib { size, most } => {
                let sized = self.points.iter().filter(|point| point.size == size);
                of(sized.collect(), "resident MiB", Point::rss_mib, most)
            }
            Target::FirstCallMs { most } => {
                let what = "ms from start to first call";
                of(
                    self.points.iter().collect(),
                    what,
                    Point::first_call_ms,
                    most,
                )
            }
            Target::IdleBytes { most } => {
                let what = "bytes an idle connection";
                of(last.into_iter().collect(), what, Point::idle_bytes, most)
            }
            Target::Rate { least } => {
                let found = last.and_then(|point| Some((point.size, point.rate_growth()?)));
                let finding = |(size, value): (u64, Spread)| Finding {
                    what: "calls a second, of the base's",
                    size,
                    value,
                    bound: least,
                    holds: value.median >= least,
                    side: "at least",
                };
                found.map(finding).into_iter().collect()
            }
        }
    }
}

impl Finding {
    const fn most(what: &'static str, size: u64, value: Spread, most: f64) -> Self {
        Self {
            what,
            size,
            value,
            bound: most,
            holds: value.median <= most,
            side: "at most",
        }
    }
}

/// Table and verdicts.
///
/// # Errors
/// Never, as writing into a `String` does not fail.
pub(super) fn text(series: &Series) -> Result<String, std::fmt::Error> {
    let axis = series.axis;
    let mut out = String::new();
    writeln!(out, "{}: {}", axis.name, axis.meaning)?;
    writeln!(
        out,
        "  {:>9}  {:>24}  {:>18}  {:>22}  {:>8}  {:>8}  {:>8}  {:>9}  {:>16}",
        "size",
        "CPU us/call",
        "of the base",
        "calls/s",
        "RSS MiB",
        "at start",
        "snapshot",
        "compile s",
        "first call ms"
    )?;
    for point in &series.points {
        let rss = point.rss_mib().map_or(0.0, |rss| rss.median);
        writeln!(
            out,
            "  {:>9}  {:>24}  {:>18}  {:>22}  {rss:>8.1}  {:>8.1}  {:>8.2}  {:>9.2}  {:>16}",
            point.size,
            cell(point.cpu(), 1),
            cell(point.growth(), 2),
            cell(point.rate(), 0),
            point.memory_at_start.rss_kib as f64 / 1024.0,
            point.snapshot_bytes as f64 / MIB,
            point.compile_ms / 1_000.0,
            cell(point.first_call_ms(), 0)
        )?;
    }
    for found in series.findings() {
        let Finding {
            what,
            size,
            value,
            bound,
            holds,
            side,
        } = found;
        let said = if holds { "holds" } else { "MISSED" };
        let name = axis.name;
        writeln!(
            out,
            "verdict {name} {size}: {what}: {value:.2}, {side} {bound}: {said}"
        )?;
    }
    if let Some((base, last, ns)) = ns_for_each_more(series) {
        writeln!(
            out,
            "from {base} to {last}: {ns:.3} ns CPU a call for each more"
        )?;
    }
    Ok(out)
}

/// From which size to which, and the CPU time a call that each further unit of the axis costs;
/// `None` within the noise, and where a size counts nothing.
fn ns_for_each_more(series: &Series) -> Option<(u64, u64, f64)> {
    let (base, last) = (series.base()?, series.points.last()?);
    let (growth, before) = (last.growth()?.median, base.cpu()?.median);
    let more = last.size.checked_sub(base.size).filter(|more| *more > 0)?;
    let counts = (series.axis.scale)() == Scale::Log && growth > NOISE;
    let ns = (growth - 1.0) * before * 1_000.0 / more as f64;
    counts.then_some((base.size, last.size, ns))
}
