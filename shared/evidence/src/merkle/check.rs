//! Checks of proofs (RFC 9162, sections 2.1.3.2 and 2.1.4.2): what any verifier does.

use super::{Hash, node_hash};

/// Whether `proof` shows that `leaf` is leaf `index` of the tree of `size` leaves with this root.
#[must_use]
pub fn included(leaf: &Hash, index: u64, size: u64, proof: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut place, mut last) = (index, size.saturating_sub(1));
    let mut hash = *leaf;
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            hash = node_hash(sibling, &hash);
            up_to_right_child(&mut place, &mut last);
        } else {
            hash = node_hash(&hash, sibling);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether `proof` shows that the tree `size`, `root` goes on from the tree `old`, `old_root`.
#[must_use]
pub fn consistent(
    (old, old_root): (u64, &Hash),
    (size, root): (u64, &Hash),
    proof: &[Hash],
) -> bool {
    if old == size {
        return proof.is_empty() && old_root == root;
    }
    if old == 0 || old > size {
        return old == 0 && proof.is_empty();
    }
    let (mut place, mut last) = (old.saturating_sub(1), size.saturating_sub(1));
    while place & 1 == 1 {
        (place, last) = (place >> 1, last >> 1);
    }
    let (first, rest) = match (old.is_power_of_two(), proof.split_first()) {
        (true, _) => (old_root, proof),
        (false, Some((first, rest))) => (first, rest),
        (false, None) => return false,
    };
    let (mut of_old, mut of_new) = (*first, *first);
    for hash in rest {
        if last == 0 {
            return false;
        }
        if place & 1 == 1 || place == last {
            of_old = node_hash(hash, &of_old);
            of_new = node_hash(hash, &of_new);
            up_to_right_child(&mut place, &mut last);
        } else {
            of_new = node_hash(&of_new, hash);
        }
        (place, last) = (place >> 1, last >> 1);
    }
    last == 0 && of_old == *old_root && of_new == *root
}

/// Skips the levels where the last node has no sibling.
const fn up_to_right_child(place: &mut u64, last: &mut u64) {
    while *place & 1 == 0 && *place != 0 {
        *place >>= 1;
        *last >>= 1;
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{Whole, definition, leaves};
    use super::super::{consistency, inclusion};
    use super::*;

    #[test]
    fn every_leaf_of_every_small_tree_is_proved_and_nothing_else() {
        let leaves = leaves(70);
        for size in 1..=leaves.len() {
            let tree = Whole::of(&leaves[..size]);
            let root = definition(&leaves[..size]);
            for index in 0..size {
                let (at, of) = (index as u64, size as u64);
                let proof = inclusion(&tree, at, of).unwrap();
                assert!(included(&leaves[index], at, of, &proof, &root));
                assert!(!included(&leaves[index], at + 1, of, &proof, &root));
                assert!(!included(&leaves[(index + 1) % 70], at, of, &proof, &root));
                let longer = [&proof[..], &[root]].concat();
                assert!(!included(&leaves[index], at, of, &longer, &root));
                if let Some((_, shorter)) = proof.split_last() {
                    assert!(!included(&leaves[index], at, of, shorter, &root));
                }
            }
        }
    }

    #[test]
    fn every_pair_of_small_trees_is_consistent_and_no_other_root_is() {
        let leaves = leaves(70);
        for size in 1..=leaves.len() {
            let tree = Whole::of(&leaves[..size]);
            let root = definition(&leaves[..size]);
            for old in 0..=size {
                let old_root = definition(&leaves[..old]);
                let (new, was) = ((size as u64, &root), (old as u64, &old_root));
                let proof = consistency(&tree, old as u64, size as u64).unwrap();
                assert!(consistent(was, new, &proof), "{old} of {size}");
                let other = [7; 32];
                if old > 0 {
                    assert!(!consistent((old as u64, &other), new, &proof));
                    assert!(!consistent(was, (size as u64, &other), &proof));
                    assert!(!consistent(was, new, &[&proof[..], &[other]].concat()));
                }
            }
            let later = (size as u64 + 1, &root);
            assert!(!consistent(later, (size as u64, &root), &[]));
        }
    }
}
