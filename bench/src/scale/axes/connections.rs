//! More clients at once.

use super::{Axis, STEADY, log, narrow};

pub(super) const AXIS: Axis = Axis {
    name: "connections",
    label: "connections with a call under way",
    meaning: "clients that call all the time; few of them leave the gateway waiting, so that a \
              call costs most with one: growth counts from 32",
    quick: &[1, 8, 32, 256, 1_000],
    full: &[1, 8, 32, 256, 1_000, 10_000],
    base: 32,
    targets: &[STEADY],
    apply: |size, setup| setup.connections = narrow(size),
    scale: log,
};
