//! Decides whether the keys of every object are distinct.
//!
//! Refuses the same key twice, compared after unescaping, and where a server may ignore case
//! (Go's `encoding/json` does) also keys that differ by case only.

use simd_json::Node;
use varistor_model::Reason;
use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

/// Objects up to this size are compared pairwise, larger ones by sorted hashes. Two keys with the
/// same 64-bit hash are taken for equal: whoever constructs them is refused, and that is all.
const PAIRWISE_MAX: usize = 16;

/// Checks every object on the tape, in time linear (larger objects: n log n) in its nodes.
pub(super) fn all_distinct(nodes: &[Node<'_>], hashes: &mut Vec<u64>) -> Result<(), Reason> {
    let mut rest = nodes;
    while let [node, behind @ ..] = rest {
        if let Node::Object { len, .. } = node
            && *len > 1
        {
            distinct(Keys::new(behind, *len), *len, hashes)?;
        }
        rest = behind;
    }
    Ok(())
}

/// Checks one object, whose nodes behind the opening one are given, ignoring case.
pub(super) fn distinct_folded(
    inside: &[Node<'_>],
    len: usize,
    hashes: &mut Vec<u64>,
) -> Result<(), Reason> {
    if len <= PAIRWISE_MAX {
        let mut seen = [""; PAIRWISE_MAX];
        for (at, key) in Keys::new(inside, len).enumerate() {
            let earlier = seen.get(..at).unwrap_or_default();
            if earlier.iter().any(|other| same_folded(other, key)) {
                return Err(Reason::JsonDuplicateKey);
            }
            if let Some(slot) = seen.get_mut(at) {
                *slot = key;
            }
        }
        return Ok(());
    }
    hashes.clear();
    hashes.extend(Keys::new(inside, len).map(hash_folded));
    sorted_distinct(hashes)
}

/// Whether two keys are the same to a reader that ignores case: ASCII letters, and the two others
/// that Unicode folds into ASCII.
pub(super) fn same_folded(left: &str, right: &str) -> bool {
    // Nearly all pairs differ in their first letter already.
    if let (Some(a @ ..0x80), Some(b @ ..0x80)) =
        (left.as_bytes().first(), right.as_bytes().first())
        && (a | 0x20) != (b | 0x20)
    {
        return false;
    }
    if left.is_ascii() && right.is_ascii() {
        return left.eq_ignore_ascii_case(right);
    }
    left.chars().map(fold).eq(right.chars().map(fold))
}

const fn fold(character: char) -> char {
    match character {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    }
}

fn distinct<'t>(
    keys: impl Iterator<Item = &'t str>,
    len: usize,
    hashes: &mut Vec<u64>,
) -> Result<(), Reason> {
    if len > PAIRWISE_MAX {
        hashes.clear();
        hashes.extend(keys.map(|key| xxh3_64(key.as_bytes())));
        return sorted_distinct(hashes);
    }
    let mut seen = [""; PAIRWISE_MAX];
    let mut marks = 0_u64;
    for (at, key) in keys.enumerate() {
        // Only keys with the same mark can be equal; few others share it.
        let mark = 1_u64 << (sketch(key) & 63);
        if marks & mark != 0 && seen.get(..at).unwrap_or_default().contains(&key) {
            return Err(Reason::JsonDuplicateKey);
        }
        marks |= mark;
        if let Some(slot) = seen.get_mut(at) {
            *slot = key;
        }
    }
    Ok(())
}

fn sketch(key: &str) -> u8 {
    let end = |byte: Option<&u8>| byte.copied().unwrap_or_default();
    let bytes = key.as_bytes();
    (bytes.len().to_le_bytes()[0])
        .wrapping_mul(5)
        .wrapping_add(end(bytes.first()))
        .wrapping_add(end(bytes.last()).wrapping_mul(3))
}

fn hash_folded(key: &str) -> u64 {
    let mut hash = Xxh3Default::new();
    for character in key.chars() {
        hash.update(&u32::from(fold(character)).to_le_bytes());
    }
    hash.digest()
}

fn sorted_distinct(hashes: &mut [u64]) -> Result<(), Reason> {
    hashes.sort_unstable();
    let mut last = None;
    for hash in hashes {
        if last == Some(*hash) {
            return Err(Reason::JsonDuplicateKey);
        }
        last = Some(*hash);
    }
    Ok(())
}

/// The keys of one object, in order.
struct Keys<'a, 't> {
    rest: &'a [Node<'t>],
    left: usize,
}

impl<'a, 't> Keys<'a, 't> {
    const fn new(inside: &'a [Node<'t>], len: usize) -> Self {
        Self {
            rest: inside,
            left: len,
        }
    }
}

impl<'t> Iterator for Keys<'_, 't> {
    type Item = &'t str;

    fn next(&mut self) -> Option<&'t str> {
        self.left = self.left.checked_sub(1)?;
        let [Node::String(key), value, ..] = self.rest else {
            return None;
        };
        let nodes = match value {
            Node::Object { count, .. } | Node::Array { count, .. } => count.saturating_add(2),
            Node::String(_) | Node::Static(_) => 2,
        };
        self.rest = self.rest.get(nodes..).unwrap_or_default();
        Some(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_covers_what_unicode_folds_into_ascii() {
        assert!(same_folded("params", "PARAMS"));
        assert!(same_folded("param\u{17f}", "params"));
        assert!(same_folded("tas\u{212a}Id", "taskid"));
        assert!(!same_folded("params", "param"));
        assert!(!same_folded("É", "é"));
        assert_eq!(hash_folded("Param\u{17f}"), hash_folded("pARAMS"));
    }
}
