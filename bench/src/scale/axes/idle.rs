//! More clients that are connected and silent.

use super::{Axis, STEADY, log, narrow};
use crate::scale::verdict::Target;

pub(super) const AXIS: Axis = Axis {
    name: "idle",
    label: "idle connections",
    meaning: "connections that have made a call and stay open, beside 32 that call all the time",
    quick: &[1, 100, 1_000],
    full: &[1, 100, 1_000, 9_000],
    base: 1,
    targets: &[
        STEADY,
        Target::IdleBytes {
            most: 16.0 * 1024.0,
        },
    ],
    apply: |size, setup| setup.idle = narrow(size),
    scale: log,
};
