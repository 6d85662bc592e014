//! A set of keys that may say yes to what is not in it, and never no to what is (Bloom, 1970).

/// Bits for each key: one wrong yes in about 200, with [`PROBES`].
const BITS_PER_KEY: usize = 12;
/// Bits that a key sets.
const PROBES: u32 = 6;
/// Least size, in bytes.
const BYTES_MIN: usize = 16;
/// Largest size, in bytes: beyond it, wrong answers grow more frequent.
pub(super) const BYTES_MAX: usize = 1 << 14;

/// The set. Its length is a power of two, in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Bloom(Box<[u8]>);

impl Bloom {
    /// The set of these hashes.
    pub(super) fn of(keys: &[u64]) -> Self {
        let bytes = keys.len().saturating_mul(BITS_PER_KEY).div_ceil(8);
        let bytes = bytes.next_power_of_two().clamp(BYTES_MIN, BYTES_MAX);
        let mut bits = vec![0_u8; bytes].into_boxed_slice();
        for key in keys {
            for bit in probes(*key, bytes) {
                if let Some(byte) = bits.get_mut(bit >> 3) {
                    *byte |= 1 << (bit & 7);
                }
            }
        }
        Self(bits)
    }

    /// The set with this form; `None` when no set has it.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let fits = (BYTES_MIN..=BYTES_MAX).contains(&bytes.len()) && bytes.len().is_power_of_two();
        fits.then(|| Self(bytes.into()))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Whether the key may be in it.
    pub(super) fn may_have(&self, key: u64) -> bool {
        probes(key, self.0.len()).all(|bit| {
            let byte = self.0.get(bit >> 3).copied().unwrap_or(0xff);
            byte & (1 << (bit & 7)) != 0
        })
    }
}

/// The bits of a key, by double hashing of its halves (Kirsch and Mitzenmacher, 2006).
fn probes(key: u64, bytes: usize) -> impl Iterator<Item = usize> {
    let mask = (bytes as u64).wrapping_mul(8).wrapping_sub(1);
    let (first, step) = (key, (key >> 32) | 1);
    (0..PROBES).map(move |probe| {
        let bit = first.wrapping_add(step.wrapping_mul(u64::from(probe))) & mask;
        // At most 2^17, by `BYTES_MAX`.
        usize::try_from(bit).unwrap_or_default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use xxhash_rust::xxh3::xxh3_64;

    fn hash(number: u64) -> u64 {
        xxh3_64(&number.to_le_bytes())
    }

    #[test]
    fn what_is_in_it_is_never_denied_and_what_is_not_seldom_affirmed() {
        for count in [0, 1, 10, 1000, 10_000] {
            let keys: Vec<u64> = (0..count).map(hash).collect();
            let set = Bloom::of(&keys);
            assert!(keys.iter().all(|key| set.may_have(*key)));
            let wrong = (count..count + 10_000)
                .filter(|n| set.may_have(hash(*n)))
                .count();
            assert!(wrong < 200, "{wrong} of 10,000 for {count} keys");
        }
    }

    #[test]
    fn only_forms_that_a_set_can_have_are_read_back() {
        let set = Bloom::of(&[hash(1)]);
        assert_eq!(Bloom::from_bytes(set.as_bytes()), Some(set));
        for length in [0, 15, 17, 1 << 15] {
            assert_eq!(Bloom::from_bytes(&vec![0; length]), None, "{length}");
        }
    }
}
