//! Marks in one pass which bytes of a text are of the classes that lead candidates.
//!
//! Decides nothing: a mark says that a byte is of a class. 64 bytes make a block; one bit a byte,
//! the first one lowest.

use wide::{i8x16, u8x16};

/// Bytes in a block.
pub(super) const BLOCK: usize = 64;
const LANES: usize = 16;

/// The marks of one block.
#[derive(Clone, Copy, Default)]
pub(super) struct Marks {
    /// `0-9`.
    pub(super) digit: u64,
    /// `a-z`, `A-Z`.
    pub(super) letter: u64,
    /// `A-Z`, and bytes beyond ASCII.
    pub(super) upper: u64,
    /// Bytes of base64 in both alphabets.
    pub(super) base64: u64,
}

impl Marks {
    /// Marks a block; a short one, at the end of a text, is filled up with zeros.
    #[inline]
    pub(super) fn of(block: &[u8]) -> Self {
        if let Ok(whole) = <&[u8; BLOCK]>::try_from(block) {
            return Self::of_whole(whole);
        }
        let mut padded = [0; BLOCK];
        for (to, from) in padded.iter_mut().zip(block) {
            *to = *from;
        }
        Self::of_whole(&padded)
    }

    #[inline(always)]
    fn of_whole(block: &[u8; BLOCK]) -> Self {
        let mut marks = Self::default();
        let (lanes, _) = block.as_chunks::<LANES>();
        for (index, lane) in lanes.iter().enumerate() {
            marks.add(lane, index.saturating_mul(LANES) & (BLOCK - 1));
        }
        marks
    }

    #[inline(always)]
    fn add(&mut self, lane: &[u8; LANES], shift: usize) {
        let bytes = u8x16::new(*lane);
        let signed = i8x16::new(lane.map(u8::cast_signed));
        let put = |bits: u32| u64::from(bits) << shift;
        let within = |bytes: u8x16, first: u8, count: u8| {
            #[expect(clippy::arithmetic_side_effects, reason = "lanes wrap")]
            let moved = bytes - u8x16::splat(first);
            moved.min(u8x16::splat(count)).simd_eq(moved).to_bitmask()
        };
        let wide = signed.simd_lt(i8x16::splat(0)).to_bitmask();
        let lower_case = bytes | u8x16::splat(0x20);
        let letter = within(lower_case, b'a', 25);
        let digit = within(bytes, b'0', 9);
        let is = |byte: u8| bytes.simd_eq(u8x16::splat(byte)).to_bitmask();
        self.digit |= put(digit);
        self.letter |= put(letter);
        self.upper |= put(within(bytes, b'A', 25) | wide);
        self.base64 |= put(letter | digit | is(b'+') | is(b'/') | is(b'-') | is(b'_'));
    }
}

/// The places of the marks, the lowest first.
pub(super) fn places(mut bits: u64) -> impl Iterator<Item = usize> {
    core::iter::from_fn(move || {
        let place = bits.trailing_zeros();
        bits &= bits.wrapping_sub(1);
        (place < 64).then_some(place as usize)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one_by_one(block: &[u8], test: impl Fn(u8) -> bool) -> u64 {
        let bits = block.iter().rev();
        bits.fold(0, |bits, byte| (bits << 1) | u64::from(test(*byte)))
    }

    fn agree(block: &[u8]) {
        let marks = Marks::of(block);
        let wide = |byte: u8| byte >= 0x80;
        assert_eq!(marks.digit, one_by_one(block, |b| b.is_ascii_digit()));
        assert_eq!(
            marks.upper,
            one_by_one(block, |b| b.is_ascii_uppercase() || wide(b))
        );
        assert_eq!(marks.letter, one_by_one(block, |b| b.is_ascii_alphabetic()));
        let base64 = |b: u8| b.is_ascii_alphanumeric() || b"+/-_".contains(&b);
        assert_eq!(marks.base64, one_by_one(block, base64));
    }

    proptest! {
        #[test]
        fn marks_and_single_bytes_agree(block in prop::collection::vec(any::<u8>(), 0..=64)) {
            agree(&block);
        }
    }

    #[test]
    fn every_byte_is_marked_in_every_place() {
        for place in 0..BLOCK {
            for byte in 0..=u8::MAX {
                let mut block = [b' '; BLOCK];
                block[place] = byte;
                agree(&block);
            }
        }
    }

    #[test]
    fn places_come_in_order() {
        assert_eq!(places(0).count(), 0);
        assert!(places(1 | 1 << 5 | 1 << 63).eq([0, 5, 63]));
    }
}
