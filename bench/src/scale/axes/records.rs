//! A longer log.

use super::{Axis, STEADY, log};

pub(super) const AXIS: Axis = Axis {
    name: "records",
    label: "records in the log at the start",
    meaning: "records that the log holds already when the gateway starts; each call adds two",
    quick: &[10, 1_000, 100_000],
    full: &[10, 1_000, 100_000, 1_000_000],
    base: 10,
    targets: &[STEADY],
    apply: |size, setup| setup.records = size,
    scale: log,
};
