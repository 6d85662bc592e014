//! Longer lists of tools.

use super::{Axis, log, narrow};

pub(super) const AXIS: Axis = Axis {
    name: "lists",
    label: "tools in the list",
    meaning: "tools/list, of which the caller may see all but one, so that the gateway has to read \
              and filter it; the cost is one of a list and may grow with its length",
    quick: &[10, 100, 1_000],
    full: &[10, 100, 1_000, 10_000],
    base: 10,
    targets: &[],
    apply: |size, setup| {
        setup.listed = narrow(size);
        setup.policy.hidden = true;
        setup.connections = 4;
    },
    scale: log,
};
