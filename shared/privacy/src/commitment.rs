//! Commitments: SHA-256 over a salt and a value.
//!
//! Who has salt and value can show that the value is the one that was recorded. Without the salt,
//! 32 random bytes, the hash says nothing about the value, however few values are possible.

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

/// Length of a salt.
pub const SALT_BYTES: usize = 32;

/// A salt that is used once, and the number under which it is kept.
#[derive(Debug)]
pub struct Salt {
    /// Its number, from 0.
    pub number: u64,
    /// The salt.
    pub bytes: Zeroizing<[u8; SALT_BYTES]>,
}

/// The commitment to a value: SHA-256 over the salt's 32 bytes and the value's.
#[must_use]
pub fn commitment(salt: &[u8; SALT_BYTES], value: &[u8]) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(salt);
    hash.update(value);
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commitment_holds_for_its_salt_and_value_only() {
        let of = |salt: u8, value: &[u8]| commitment(&[salt; 32], value);
        assert_eq!(of(1, b"a@b.example"), of(1, b"a@b.example"));
        assert_ne!(of(1, b"a@b.example"), of(2, b"a@b.example"));
        assert_ne!(of(1, b"a@b.example"), of(1, b"a@b.exampl"));
        // printf '\x01%.0s' {1..32} | cat - <(printf x) | sha256sum
        let known = of(1, b"x");
        assert_eq!(
            known,
            <[u8; 32]>::from(Sha256::digest([&[1; 32][..], b"x"].concat()))
        );
    }
}
