//! More tokens in use at once, up to more than the gateway verifies in the time of a series.

use super::{Axis, log};

pub(super) const AXIS: Axis = Axis {
    name: "tokens",
    label: "tokens in use, one after the other",
    meaning: "every call takes the next token, at the rate of --tokens-rate; beyond 65,536, every \
              call brings a token that the gateway has never seen: the cost is that of a \
              verification and may grow",
    quick: &[10, 1_000, 100_000],
    full: &[10, 1_000, 10_000, 30_000, 100_000, 1_000_000],
    base: 10,
    targets: &[],
    apply: |size, setup| {
        setup.policy.agents = size;
        setup.tokens = size;
        setup.rate = Some(setup.tokens_rate);
    },
    scale: log,
};
