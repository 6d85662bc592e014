//! Looks at 16 bytes of a head at once; decides which stand out, and refuses nothing.

use wide::u8x16;

/// Bytes looked at together.
pub(crate) const LANES: usize = 16;

/// One bit a byte, the first one lowest: a control byte, tabs included. And one for each that is
/// beyond ASCII.
#[inline(always)]
pub(crate) fn controls(block: &[u8; LANES]) -> (u32, u32) {
    let bytes = u8x16::new(*block);
    let low = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
    let delete = bytes.simd_eq(u8x16::splat(0x7f));
    ((low | delete).to_bitmask(), bytes.to_bitmask())
}

/// The bytes in lower case, and one bit for each that is no letter, digit or dash. Only for those
/// that are does the lower case mean anything.
#[inline(always)]
pub(crate) fn lower(block: &[u8; LANES]) -> ([u8; LANES], u32) {
    let bytes = u8x16::new(*block);
    // Digits and the dash have this bit already.
    let lower = bytes | u8x16::splat(0x20);
    let within = |bytes: u8x16, first: u8, last: u8| {
        let clamped = bytes.max(u8x16::splat(first)).min(u8x16::splat(last));
        clamped.simd_eq(bytes)
    };
    let plain =
        within(lower, b'a', b'z') | within(bytes, b'0', b'9') | bytes.simd_eq(u8x16::splat(b'-'));
    (lower.to_array(), !plain.to_bitmask() & 0xffff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_told_apart_in_every_lane() {
        for lane in 0..LANES {
            for byte in 0..=u8::MAX {
                let mut block = [b'a'; LANES];
                block[lane] = byte;
                let is_control = byte < 0x20 || byte == 0x7f;
                let expected = (
                    u32::from(is_control) << lane,
                    u32::from(byte >= 0x80) << lane,
                );
                assert_eq!(controls(&block), expected);
                let (lowered, other) = lower(&block);
                let is_plain = byte.is_ascii_alphanumeric() || byte == b'-';
                assert_eq!(other, u32::from(!is_plain) << lane);
                if is_plain {
                    block[lane] = byte.to_ascii_lowercase();
                    assert_eq!(lowered, block);
                }
            }
        }
    }
}
