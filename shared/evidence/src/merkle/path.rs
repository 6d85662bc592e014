//! Proofs out of a tree (RFC 6962, sections 2.1.1 and 2.1.2), made of hashes of full subtrees.

use super::{Hash, empty_root, node_hash};

/// A tree that can tell the root of a full subtree.
pub trait Subtrees {
    /// Why it can't.
    type Error;

    /// The root of the subtree over the leaves `index << height .. (index + 1) << height`, all of
    /// which the tree has.
    ///
    /// # Errors
    /// When it can't be read.
    fn subtree(&self, height: u32, index: u64) -> Result<Hash, Self::Error>;
}

/// The root over the first `size` leaves.
///
/// # Errors
/// When a hash can't be read.
pub fn root<S: Subtrees>(tree: &S, size: u64) -> Result<Hash, S::Error> {
    match size {
        0 => Ok(empty_root()),
        _ => range(tree, 0, size),
    }
}

/// The hash over the leaves `start..end`, as it stands in proofs. Requires `start < end`, and that
/// `start` is a multiple of the least power of two that `end - start` fits into.
///
/// # Errors
/// When a hash can't be read.
pub fn range<S: Subtrees>(tree: &S, start: u64, end: u64) -> Result<Hash, S::Error> {
    // The full subtrees from left to right; hashed together from the right.
    let mut parts = Vec::with_capacity(64);
    let mut begin = start;
    while begin < end {
        let height = end.saturating_sub(begin).ilog2();
        let index = begin.checked_shr(height).unwrap_or(0);
        parts.push(tree.subtree(height, index)?);
        begin = begin.saturating_add(1_u64.checked_shl(height).unwrap_or(u64::MAX));
    }
    let mut parts = parts.iter().rev();
    let last = parts.next().copied().unwrap_or_else(empty_root);
    Ok(parts.fold(last, |right, left| node_hash(left, &right)))
}

/// The proof that leaf `index` is in the tree of the first `size` leaves, from the leaf's sibling
/// up. Empty unless `index < size`.
///
/// # Errors
/// When a hash can't be read.
pub fn inclusion<S: Subtrees>(tree: &S, index: u64, size: u64) -> Result<Vec<Hash>, S::Error> {
    let (mut start, mut end, mut proof) = (0_u64, size, Vec::with_capacity(64));
    while index < size && end.saturating_sub(start) > 1 {
        let middle = split(start, end);
        if index < middle {
            proof.push(range(tree, middle, end)?);
            end = middle;
        } else {
            proof.push(range(tree, start, middle)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of the first `size` leaves goes on from that of the first `old`. Empty
/// unless `0 < old < size`.
///
/// # Errors
/// When a hash can't be read.
pub fn consistency<S: Subtrees>(tree: &S, old: u64, size: u64) -> Result<Vec<Hash>, S::Error> {
    let (mut start, mut end, mut proof) = (0_u64, size, Vec::with_capacity(64));
    if old == 0 || old >= size {
        return Ok(proof);
    }
    while old != end {
        let middle = split(start, end);
        if old <= middle {
            proof.push(range(tree, middle, end)?);
            end = middle;
        } else {
            proof.push(range(tree, start, middle)?);
            start = middle;
        }
    }
    // What the old tree is as a whole needs no telling: who asks has its root.
    if start > 0 {
        proof.push(range(tree, start, end)?);
    }
    proof.reverse();
    Ok(proof)
}

/// Where a tree over `start..end` (two leaves or more) is parted: its left part is full.
fn split(start: u64, end: u64) -> u64 {
    let leaves = end.saturating_sub(start);
    let left = match leaves.is_power_of_two() {
        true => leaves >> 1,
        false => 1_u64.checked_shl(leaves.ilog2()).unwrap_or(leaves),
    };
    start.saturating_add(left)
}
