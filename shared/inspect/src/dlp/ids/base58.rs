//! Numbers written in base 58, with and without a checksum.

use sha2::{Digest, Sha256};

/// The alphabet of Bitcoin.
pub(super) const BITCOIN: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// The alphabet of Ripple.
pub(super) const RIPPLE: &[u8; 58] = b"rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";

/// The `N` bytes that a text writes, the most significant one first; `None` where it writes more
/// or fewer (each leading zero byte is written as one zero symbol), or holds another symbol. Takes
/// time with the length of the text: the caller bounds it.
pub(super) fn decode<const N: usize>(text: &[u8], alphabet: &[u8; 58]) -> Option<[u8; N]> {
    let mut bytes = [0_u8; N];
    for symbol in text {
        let (_, digit) = alphabet
            .iter()
            .zip(0_u32..)
            .find(|(known, _)| *known == symbol)?;
        let mut carry = digit;
        for byte in bytes.iter_mut().rev() {
            carry = u32::from(*byte).wrapping_mul(58).wrapping_add(carry);
            let [low, rest @ ..] = carry.to_le_bytes();
            *byte = low;
            let [a, b, c] = rest;
            carry = u32::from_le_bytes([a, b, c, 0]);
        }
        if carry != 0 {
            return None;
        }
    }
    let zero = alphabet.first()?;
    let zero_symbols = text.iter().take_while(|symbol| *symbol == zero).count();
    let zero_bytes = bytes.iter().take_while(|byte| **byte == 0).count();
    (zero_symbols == zero_bytes).then_some(bytes)
}

/// As [`decode`], where the last four bytes are the first four of the double SHA-256 of the rest
/// (base58check).
pub(super) fn decode_checked<const N: usize>(text: &[u8], alphabet: &[u8; 58]) -> Option<[u8; N]> {
    let bytes = decode::<N>(text, alphabet)?;
    let (payload, sum) = bytes.split_at_checked(N.checked_sub(4)?)?;
    let digest = Sha256::digest(Sha256::digest(payload));
    digest.starts_with(sum).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_that_are_written_and_no_more() {
        assert_eq!(decode(b"2g", BITCOIN), Some([0x61]));
        assert_eq!(decode(b"a3gV", BITCOIN), Some(*b"bbb"));
        assert_eq!(decode(b"1112", BITCOIN), Some([0, 0, 0, 1]));
        assert_eq!(decode::<1>(b"5R", BITCOIN), None);
        assert_eq!(decode::<1>(b"5Q", BITCOIN), Some([255]));
        assert_eq!(decode::<4>(b"112", BITCOIN), None);
        assert_eq!(decode::<4>(b"a3gV0", BITCOIN), None);
    }
}
