//! The Merkle tree of RFC 6962: hashes of leaves and nodes, and the compact state of a tree that
//! grows.
//!
//! A leaf is the bytes of a line without its newline, the same bytes that `prev` is the hash of.

mod check;
mod path;

use sha2::{Digest, Sha256};

pub use check::{consistent, included};
pub use path::{Subtrees, consistency, inclusion, range, root};

/// A SHA-256.
pub type Hash = [u8; 32];

/// The root of the tree without leaves.
#[must_use]
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// The hash of a leaf: `SHA-256(0x00 || line)`.
#[must_use]
pub fn leaf_hash(line: &[u8]) -> Hash {
    Sha256::new()
        .chain_update([0])
        .chain_update(line)
        .finalize()
        .into()
}

/// The hash of a node: `SHA-256(0x01 || left || right)`.
#[must_use]
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 65];
    let (_, children) = bytes.split_at_mut(1);
    let (to_left, to_right) = children.split_at_mut(32);
    to_left.copy_from_slice(left);
    to_right.copy_from_slice(right);
    Sha256::digest(bytes).into()
}

/// The roots of the full subtrees that a tree of `size` leaves is made of, largest first.
/// Relation: `hashes.len() == size.count_ones()`, so at most 64.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    hashes: Vec<Hash>,
}

impl Frontier {
    /// The state of the first `size` leaves, out of the hashes of a tree that has them.
    ///
    /// # Errors
    /// When a hash can't be read.
    pub fn of<S: Subtrees>(tree: &S, size: u64) -> Result<Self, S::Error> {
        let mut hashes = Vec::with_capacity(64);
        let mut begin = 0_u64;
        for height in (0..64).rev() {
            let leaves = 1_u64 << height;
            if size & leaves != 0 {
                hashes.push(tree.subtree(height, begin >> height)?);
                begin |= leaves;
            }
        }
        Ok(Self { size, hashes })
    }

    /// How many leaves there are.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf; `complete` is told of each full subtree that it completes: its height and root,
    /// lowest first, the leaf itself among them.
    pub fn push(&mut self, leaf: Hash, mut complete: impl FnMut(u32, &Hash)) {
        let (mut hash, mut height) = (leaf, 0_u32);
        complete(height, &hash);
        let mut rest = self.size;
        while rest & 1 == 1 {
            let Some(left) = self.hashes.pop() else { break };
            hash = node_hash(&left, &hash);
            height = height.saturating_add(1);
            complete(height, &hash);
            rest >>= 1;
        }
        self.hashes.push(hash);
        self.size = self.size.saturating_add(1);
    }

    /// The root of the tree.
    #[must_use]
    pub fn root(&self) -> Hash {
        let mut hashes = self.hashes.iter().rev();
        let Some(last) = hashes.next() else {
            return empty_root();
        };
        hashes.fold(*last, |right, left| node_hash(left, &right))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use core::convert::Infallible;

    use super::*;

    /// All hashes of a tree, level by level.
    pub(crate) struct Whole(pub(crate) Vec<Vec<Hash>>);

    impl Whole {
        pub(crate) fn of(leaves: &[Hash]) -> Self {
            let mut levels = vec![leaves.to_vec()];
            while levels.last().unwrap().len() > 1 {
                let below = levels.last().unwrap();
                let pairs = below.chunks_exact(2);
                levels.push(pairs.map(|pair| node_hash(&pair[0], &pair[1])).collect());
            }
            Self(levels)
        }
    }

    impl Subtrees for Whole {
        type Error = Infallible;

        fn subtree(&self, height: u32, index: u64) -> Result<Hash, Infallible> {
            Ok(self.0[height as usize][index as usize])
        }
    }

    /// The definition of RFC 6962, section 2.1, word for word.
    pub(crate) fn definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => empty_root(),
            [leaf] => *leaf,
            _ => {
                let split = leaves.len().next_power_of_two() / 2;
                node_hash(&definition(&leaves[..split]), &definition(&leaves[split..]))
            }
        }
    }

    pub(crate) fn leaves(count: usize) -> Vec<Hash> {
        (0..count).map(|n| leaf_hash(&n.to_be_bytes())).collect()
    }

    #[test]
    fn the_compact_state_has_the_root_of_the_definition() {
        let leaves = leaves(300);
        let mut frontier = Frontier::default();
        assert_eq!(frontier.root(), empty_root());
        for (place, leaf) in leaves.iter().enumerate() {
            frontier.push(*leaf, |_, _| {});
            assert_eq!(frontier.root(), definition(&leaves[..=place]));
            let whole = Whole::of(&leaves[..=place]);
            assert_eq!(Frontier::of(&whole, frontier.size()), Ok(frontier.clone()));
        }
    }

    #[test]
    fn hashes_of_the_reference_are_met() {
        // Certificate Transparency's reference vectors (certificate-transparency-go, merkletree).
        let hex = |hash: Hash| hash.map(|byte| format!("{byte:02x}")).concat();
        let inputs: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let mut frontier = Frontier::default();
        for input in inputs {
            frontier.push(leaf_hash(input), |_, _| {});
        }
        let known = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328";
        assert_eq!(hex(frontier.root()), known);
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(hex(empty_root()), empty);
    }
}
