//! More rules that have to be passed before a call is allowed.

use super::{Axis, log};
use crate::scale::verdict::Target;

pub(super) const AXIS: Axis = Axis {
    name: "rules",
    label: "rules that do not match",
    meaning: "the rule language comes with a later release; rules are what decides calls today, \
              half of them prohibitions by pattern in the caller's role, half limits of tools",
    quick: &[0, 10, 100, 1_000],
    full: &[0, 10, 100, 1_000, 10_000],
    base: 0,
    targets: &[Target::Growth {
        size_max: 1_000,
        most: 1.10,
    }],
    apply: |size, setup| setup.policy.rules = size,
    scale: log,
};
