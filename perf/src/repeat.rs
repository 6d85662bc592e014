//! Counts several times, to see how far apart counts of the same build are.

use std::collections::BTreeMap;

use crate::budgets::Cost;
use crate::{compare, count};

/// Prints the least and the most instructions of every case.
pub(crate) fn repeat(times: usize) -> anyhow::Result<()> {
    let mut ranges: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for round in 1..=times {
        println!("== round {round} of {times}");
        for (name, Cost { instructions, .. }) in count::all()? {
            let (least, most) = ranges.entry(name).or_insert((instructions, instructions));
            *least = instructions.min(*least);
            *most = instructions.max(*most);
        }
    }
    for (name, (least, most)) in ranges {
        let apart = compare::percent(least, most);
        println!("{name:<36} {least:>12} {most:>12} {apart:>8.3} %");
    }
    Ok(())
}
