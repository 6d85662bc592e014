//! More tools that a role names.

use super::{Axis, STEADY, log};

pub(super) const AXIS: Axis = Axis {
    name: "tools",
    label: "tools named by the role",
    meaning: "permissions that the caller's role lists by the names of tools; the called one is \
              among them",
    quick: &[10, 100, 1_000],
    full: &[10, 100, 1_000, 10_000, 100_000],
    base: 10,
    targets: &[STEADY],
    apply: |size, setup| setup.policy.tools = size,
    scale: log,
};
