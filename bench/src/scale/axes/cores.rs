//! More cores: what sharing between workers costs.

use super::{Axis, narrow};
use crate::plot::Scale;
use crate::scale::verdict::Target;

pub(super) const AXIS: Axis = Axis {
    name: "cores",
    label: "cores",
    meaning: "cores of which each has a worker of the gateway, a share of the load, and 32 \
              connections; one core has to do everything, so that the rate counts all that the \
              cores do for each other",
    quick: &[1, 2],
    full: &[1, 2],
    base: 1,
    targets: &[Target::Rate { least: 1.9 }],
    apply: |size, setup| {
        setup.cores = Some(narrow(size));
        setup.connections = narrow(size).saturating_mul(32);
    },
    scale: || Scale::Linear,
};
