//! Looks at 16 bytes at once for those that mean something inside of a JSON string.
//!
//! Refuses nothing; decides only which bytes stand out.

use wide::{i8x16, u8x16};

/// Bytes looked at together.
pub(super) const LANES: usize = 16;

/// One bit a byte, the first one lowest: a quote, a backslash, a control byte, or a byte beyond
/// ASCII.
#[inline(always)]
pub(super) fn marks(block: &[u8; LANES]) -> u32 {
    // Signed, so that bytes beyond ASCII are below the space too.
    let bytes = i8x16::new(block.map(u8::cast_signed));
    let quote = bytes.simd_eq(i8x16::splat(b'"'.cast_signed()));
    let backslash = bytes.simd_eq(i8x16::splat(b'\\'.cast_signed()));
    (quote | backslash | bytes.simd_lt(i8x16::splat(0x20))).to_bitmask()
}

/// The same without bytes beyond ASCII.
#[inline(always)]
pub(super) fn marks_but_wide(block: &[u8; LANES]) -> u32 {
    let bytes = u8x16::new(*block);
    let quote = bytes.simd_eq(u8x16::splat(b'"'));
    let backslash = bytes.simd_eq(u8x16::splat(b'\\'));
    let control = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
    (quote | backslash | control).to_bitmask()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn is_special(byte: u8) -> bool {
        matches!(byte, b'"' | b'\\' | 0..0x20)
    }

    fn one_by_one(block: &[u8; LANES], test: impl Fn(u8) -> bool) -> u32 {
        let bits = block.iter().rev();
        bits.fold(0, |bits, byte| (bits << 1) | u32::from(test(*byte)))
    }

    proptest! {
        #[test]
        fn lanes_and_single_bytes_agree(block: [u8; LANES]) {
            prop_assert_eq!(marks_but_wide(&block), one_by_one(&block, is_special));
            let marked = |byte| is_special(byte) || byte >= 0x80;
            prop_assert_eq!(marks(&block), one_by_one(&block, marked));
        }
    }

    #[test]
    fn every_byte_is_told_apart_in_every_lane() {
        for lane in 0..LANES {
            for byte in 0..=u8::MAX {
                let mut block = [b'a'; LANES];
                block[lane] = byte;
                let special = is_special(byte);
                assert_eq!(marks_but_wide(&block), u32::from(special) << lane);
                let marked = special || byte >= 0x80;
                assert_eq!(marks(&block), u32::from(marked) << lane);
            }
        }
    }
}
