//! Decides whether the keys of an object are distinct.
//!
//! Refuses the same key twice, compared as it decodes, and where a server may ignore case (Go's
//! `encoding/json` does) also keys that differ by case only.

use varistor_model::Reason;
use xxhash_rust::xxh3::{Xxh3Default, xxh3_64};

/// Objects up to this size are compared pairwise, larger ones by sorted hashes. Two keys with the
/// same 64-bit hash are taken for equal: whoever constructs them is refused, and that is all.
pub(super) const PAIRWISE_MAX: usize = 16;

/// One bit of 64. Equal keys have the same one, and so have ASCII keys that differ by case only;
/// few others share it.
#[inline]
pub(super) fn mark(key: &[u8]) -> u64 {
    let end = |byte: Option<&u8>| u32::from(byte.copied().unwrap_or_default() | 0x20);
    let sketch = (key.len() as u32)
        .wrapping_add(end(key.first()))
        .wrapping_add(end(key.last()).wrapping_mul(7));
    1_u64.wrapping_shl(sketch)
}

/// Checks the keys of one object, ignoring case.
#[cold]
pub(super) fn distinct_folded<'k>(
    keys: impl Iterator<Item = &'k [u8]>,
    hashes: &mut Vec<u64>,
) -> Result<(), Reason> {
    let mut seen = [&[][..]; PAIRWISE_MAX];
    let mut count = 0_usize;
    let mut keys = keys;
    for key in keys.by_ref().take(PAIRWISE_MAX) {
        let earlier = seen.get(..count).unwrap_or_default();
        if earlier.iter().any(|other| same_folded(other, key)) {
            return Err(Reason::JsonDuplicateKey);
        }
        if let Some(slot) = seen.get_mut(count) {
            *slot = key;
        }
        count = count.saturating_add(1);
    }
    let Some(next) = keys.next() else {
        return Ok(());
    };
    hashes.clear();
    hashes.extend(
        seen.iter()
            .copied()
            .chain([next])
            .chain(keys)
            .map(hash_folded),
    );
    if are_distinct(hashes) {
        Ok(())
    } else {
        Err(Reason::JsonDuplicateKey)
    }
}

/// Whether two keys are the same to a reader that ignores case: ASCII letters, and the two others
/// that Unicode folds into ASCII.
pub(super) fn same_folded(left: &[u8], right: &[u8]) -> bool {
    // Nearly all pairs differ in their first letter already.
    if let (Some(a @ ..0x80), Some(b @ ..0x80)) = (left.first(), right.first())
        && (a | 0x20) != (b | 0x20)
    {
        return false;
    }
    left.eq_ignore_ascii_case(right)
        || (!(left.is_ascii() && right.is_ascii()) && folded(left).eq(folded(right)))
}

/// The characters of a key, which is valid UTF-8, with those folded that may be.
fn folded(key: &[u8]) -> impl Iterator<Item = char> {
    let characters = key.utf8_chunks().flat_map(|chunk| chunk.valid().chars());
    characters.map(|character| match character {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        other => other.to_ascii_lowercase(),
    })
}

pub(super) fn hash(key: &[u8]) -> u64 {
    xxh3_64(key)
}

fn hash_folded(key: &[u8]) -> u64 {
    let mut hash = Xxh3Default::new();
    for character in folded(key) {
        hash.update(&u32::from(character).to_le_bytes());
    }
    hash.digest()
}

/// Whether no hash comes twice; they are sorted for that.
pub(super) fn are_distinct(hashes: &mut [u64]) -> bool {
    hashes.sort_unstable();
    hashes.array_windows().all(|[a, b]| a != b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn folding_covers_what_unicode_folds_into_ascii() {
        let same = |a: &str, b: &str| same_folded(a.as_bytes(), b.as_bytes());
        assert!(same("params", "PARAMS"));
        assert!(same("param\u{17f}", "params"));
        assert!(same("tas\u{212a}Id", "taskid"));
        assert!(!same("params", "param"));
        assert!(!same("É", "é"));
        let hash = |key: &str| hash_folded(key.as_bytes());
        assert_eq!(hash("Param\u{17f}"), hash("pARAMS"));
    }

    #[test]
    fn the_usual_members_have_marks_of_their_own() {
        let meta = "io.modelcontextprotocol/";
        for keys in [
            vec!["jsonrpc", "id", "method", "params"],
            vec!["jsonrpc", "id", "result"],
            vec!["jsonrpc", "id", "error"],
            vec!["name", "arguments", "_meta"],
            vec![
                "content",
                "isError",
                "resultType",
                "_meta",
                "structuredContent",
            ],
            vec!["type", "text"],
            vec!["name", "title", "description", "inputSchema", "annotations"],
        ] {
            let marks = keys.iter().fold(0, |all, key| all | mark(key.as_bytes()));
            assert_eq!(marks.count_ones() as usize, keys.len(), "{keys:?}");
        }
        let keys = ["protocolVersion", "clientInfo", "clientCapabilities"];
        let keys = keys.map(|key| mark(format!("{meta}{key}").as_bytes()));
        let marks = keys
            .iter()
            .fold(mark(b"progressToken"), |all, mark| all | mark);
        assert_eq!(marks.count_ones(), 4);
    }

    proptest! {
        #[test]
        fn what_is_the_same_but_for_case_shares_a_mark(key in "[ -~]{0,20}") {
            for other in [key.to_lowercase(), key.to_uppercase()] {
                prop_assert_eq!(mark(key.as_bytes()), mark(other.as_bytes()));
                prop_assert!(same_folded(key.as_bytes(), other.as_bytes()));
            }
        }
    }
}
