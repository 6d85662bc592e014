//! Sets of whole numbers as sorted ranges.

use varistor_snapshot::schema::rules::NumberRange;

/// The numbers from 0 to `most` that lie in the ranges, or, negated, in none of them.
pub(super) fn of(ranges: &[NumberRange], negate: bool, most: u64) -> Vec<(u64, u64)> {
    let mut inside: Vec<(u64, u64)> = ranges
        .iter()
        .map(|range| (range.low, range.high.min(most)))
        .filter(|(low, high)| low <= high)
        .collect();
    inside.sort_unstable();
    if !negate {
        return inside;
    }
    let mut outside = Vec::new();
    let mut next = Some(0_u64);
    for (low, high) in inside {
        if let Some(end) = low.checked_sub(1)
            && let Some(start) = next.filter(|start| *start <= end)
        {
            outside.push((start, end));
        }
        let behind = high.checked_add(1);
        next = next.zip(behind).map(|(next, behind)| next.max(behind));
    }
    if let Some(start) = next.filter(|start| *start <= most) {
        outside.push((start, most));
    }
    outside
}

/// What lies in both.
pub(super) fn common(left: &[(u64, u64)], right: &[(u64, u64)]) -> Vec<(u64, u64)> {
    let mut out = Vec::new();
    for (low, high) in left {
        for (other_low, other_high) in right {
            let both = (*low.max(other_low), *high.min(other_high));
            if both.0 <= both.1 {
                out.push(both);
            }
        }
    }
    out.sort_unstable();
    out
}

/// Whether every number of the first lies in the second.
pub(super) fn lies_in(left: &[(u64, u64)], right: &[(u64, u64)]) -> bool {
    let mut right = right.to_vec();
    right.sort_unstable();
    // Neighbours are one range: 1..2 and 3..4 hold 2..3.
    let mut merged: Vec<(u64, u64)> = Vec::new();
    for (low, high) in right {
        match merged.last_mut() {
            Some(last) if low <= last.1.saturating_add(1) => last.1 = last.1.max(high),
            _ => merged.push((low, high)),
        }
    }
    left.iter()
        .all(|(low, high)| merged.iter().any(|(from, to)| from <= low && high <= to))
}
