//! Everything large at once.

use super::{Axis, STEADY};
use crate::plot::Scale;
use crate::scale::verdict::Target;

pub(super) const AXIS: Axis = Axis {
    name: "setup",
    label: "set-up",
    meaning: "0, small: 10 agents and a role for everything; 1, large: 10,000 agents, 1,000 tools \
              by name, 100 rules; 2, promised: 1,000,000 agents, 100,000 tools, 1,000 rules; as \
              many tokens in use as --tokens says",
    quick: &[0, 1],
    full: &[0, 1, 2],
    base: 0,
    targets: &[
        STEADY,
        Target::MemoryMib {
            size: 0,
            most: 64.0,
        },
        Target::MemoryMib {
            size: 2,
            most: 1024.0,
        },
        Target::FirstCallMs { most: 150.0 },
    ],
    apply: |size, setup| {
        (setup.policy.agents, setup.policy.tools, setup.policy.rules) = match size {
            0 => (setup.policy.agents, 0, 0),
            1 => (10_000, 1_000, 100),
            _ => (1_000_000, 100_000, 1_000),
        };
        setup.tokens = setup.policy.agents.min(setup.tokens_max);
    },
    scale: || Scale::Names(["small", "large", "promised"].map(str::to_owned).to_vec()),
};
