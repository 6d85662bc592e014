//! The axes. One file says all about one of them: sizes, what a size means, what it has to hold.

mod agents;
mod body;
mod connections;
mod cores;
mod idle;
mod lists;
mod records;
mod rules;
mod setup;
mod tokens;
mod tools;

use super::setup::Setup;
use super::verdict::Target;
use crate::plot::Scale;

/// One thing that grows.
pub(super) struct Axis {
    /// Its name in options and files.
    pub(super) name: &'static str,
    /// What a size counts, for the axis of a plot.
    pub(super) label: &'static str,
    /// What a person has to know to read it.
    pub(super) meaning: &'static str,
    /// Sizes that take a minute together.
    pub(super) quick: &'static [u64],
    /// Sizes up to what is promised.
    pub(super) full: &'static [u64],
    /// The size from which growth counts, where it is measured; else the first one.
    pub(super) base: u64,
    /// What it has to hold.
    pub(super) targets: &'static [Target],
    /// Makes a setup of this size out of the small one.
    pub(super) apply: fn(u64, &mut Setup),
    /// The scale of the sizes in a plot.
    pub(super) scale: fn() -> Scale,
}

/// In the order of a run.
pub(super) const ALL: [&Axis; 11] = [
    &cores::AXIS,
    &connections::AXIS,
    &idle::AXIS,
    &agents::AXIS,
    &tokens::AXIS,
    &tools::AXIS,
    &lists::AXIS,
    &rules::AXIS,
    &body::AXIS,
    &records::AXIS,
    &setup::AXIS,
];

/// Nothing grows that should not: CPU time a call at most 1.10 of the small set-up's.
const STEADY: Target = Target::Growth {
    size_max: u64::MAX,
    most: 1.10,
};

impl Axis {
    /// Whether a bound is set to the CPU time a call.
    pub(super) fn growth_max(&self) -> Option<f64> {
        self.targets.iter().find_map(|target| match target {
            Target::Growth { most, .. } => Some(*most),
            _ => None,
        })
    }
}

/// What most axes have.
fn log() -> Scale {
    Scale::Log
}

fn narrow(size: u64) -> u32 {
    u32::try_from(size).unwrap_or(u32::MAX)
}
