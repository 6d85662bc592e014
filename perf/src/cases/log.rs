//! The writer's side of the log: a line is numbered, dated and chained.

use varistor_audit::Chain;

use super::walk::Walk;
use super::{Case, Make, step};

pub(super) const CASES: &[(&str, Make)] = &[("chain/line", chain_line)];

/// SHA-256 in software: the instructions of the processor for it are not known to callgrind.
fn chain_line() -> Box<dyn Case> {
    let mut walk = Walk::plain();
    let _sealed = walk.sealed();
    let world = (Chain::genesis(), walk.ledger.line(), Vec::new(), 0_u64);
    step(
        world,
        |(_, _, out, now)| {
            out.clear();
            *now += 1_000;
        },
        |(chain, tail, out, now), ()| chain.next_line(*now, tail, out),
    )
}
