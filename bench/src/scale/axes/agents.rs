//! More agents, of which a bounded number call at the same time.

use super::{Axis, STEADY, log};

pub(super) const AXIS: Axis = Axis {
    name: "agents",
    label: "agents in the policy, each with a token",
    meaning: "agents of one organisation, each with a token; as many of the tokens are in use as \
              --tokens says, spread over all agents, and every call takes the next one",
    quick: &[10, 1_000, 10_000],
    full: &[10, 1_000, 10_000, 100_000, 1_000_000],
    base: 10,
    targets: &[STEADY],
    apply: |size, setup| {
        setup.policy.agents = size;
        setup.tokens = size.min(setup.tokens_max);
    },
    scale: log,
};
