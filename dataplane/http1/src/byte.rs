//! Which bytes may stand where in a head; refuses nothing itself.

use crate::lanes::{self, LANES};

/// Whether the byte may stand in a token: a method or a field name (RFC 9110 section 5.6.2).
pub(crate) fn is_token(byte: u8) -> bool {
    TOKEN.get(usize::from(byte)).copied().unwrap_or(false)
}

/// Looked at for every byte of every name, where comparisons cost twice as much.
#[expect(
    clippy::indexing_slicing,
    reason = "the compiler evaluates it, and stops at a wrong index"
)]
static TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut rest: &[u8] = b"!#$%&'*+-.^_`|~0123456789\
        abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    while let [byte, tail @ ..] = rest {
        table[*byte as usize] = true;
        rest = tail;
    }
    table
};

/// Whether the byte may stand in a field value: no control byte but the tab. Bytes of 0x80 and
/// more are opaque text (RFC 9110 section 5.5).
pub(crate) const fn is_text(byte: u8) -> bool {
    byte == b'\t' || (byte >= b' ' && byte != 0x7f)
}

/// How many bytes from the start on are text; the whole length when all are. And whether those
/// are ASCII.
#[inline]
pub(crate) fn text(bytes: &[u8]) -> (usize, bool) {
    let (mut at, mut wide) = (0_usize, 0_u32);
    while let Some(block) = bytes.get(at..).and_then(|rest| rest.first_chunk()) {
        let (controls, beyond) = lanes::controls(block);
        if controls == 0 {
            wide |= beyond;
            at = at.wrapping_add(LANES);
            continue;
        }
        let clean = controls.trailing_zeros();
        wide |= beyond & 1_u32.wrapping_shl(clean).wrapping_sub(1);
        at = at.wrapping_add(clean as usize);
        if bytes.get(at) != Some(&b'\t') {
            return (at, wide == 0);
        }
        at = at.wrapping_add(1);
    }
    tail(bytes, at, wide == 0)
}

/// The same for the last bytes, fewer than a block of them, from `at` on.
#[inline]
fn tail(bytes: &[u8], at: usize, is_ascii: bool) -> (usize, bool) {
    let (mut at, mut is_ascii) = (at, is_ascii);
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        let mut block = [0; LANES];
        if let Some(start) = block.get_mut(..rest.len()) {
            start.copy_from_slice(rest);
        }
        let (controls, beyond) = lanes::controls(&block);
        // What the block is filled up with are control bytes, so that there is one.
        let clean = controls.trailing_zeros();
        is_ascii &= beyond & 1_u32.wrapping_shl(clean).wrapping_sub(1) == 0;
        at = at.wrapping_add(clean as usize);
        if bytes.get(at) != Some(&b'\t') {
            return (at, is_ascii);
        }
        at = at.wrapping_add(1);
    }
}

/// How many bytes from the start on are text.
pub(crate) fn text_len(bytes: &[u8]) -> usize {
    text(bytes).0
}

/// The bytes without spaces and tabs around them (optional whitespace, RFC 9110 section 5.6.3).
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    trim_end(trim_start(bytes))
}

/// The bytes without spaces and tabs before them.
#[inline]
pub(crate) fn trim_start(bytes: &[u8]) -> &[u8] {
    // Nearly always there is one space.
    let mut rest = bytes.strip_prefix(b" ").unwrap_or(bytes);
    while let [b' ' | b'\t', tail @ ..] = rest {
        rest = tail;
    }
    rest
}

/// The bytes without spaces and tabs behind them.
#[inline]
pub(crate) fn trim_end(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let [head @ .., b' ' | b'\t'] = rest {
        rest = head;
    }
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_of_text_ends_at_the_first_control_byte_wherever_it_stands() {
        for len in 0..100 {
            for at in 0..len {
                for bad in [0, b'\n', b'\r', 0x1f, 0x7f] {
                    let mut bytes = vec![b'a'; len];
                    bytes[at / 2] = b'\t';
                    bytes[at] = bad;
                    assert_eq!(text(&bytes), (at, true));
                    // What stands behind the run does not count.
                    bytes.push(0xff);
                    assert_eq!(text(&bytes), (at, true));
                    if at > 0 {
                        bytes[(at - 1) / 3] = 0x80;
                        assert_eq!(text(&bytes), (at, false));
                    }
                }
            }
            assert_eq!(text(&vec![0xff; len]), (len, len == 0));
        }
    }

    #[test]
    fn a_token_has_the_characters_of_the_standard() {
        let tokens = (0..=u8::MAX).filter(|byte| is_token(*byte)).count();
        assert_eq!(tokens, 26 + 26 + 10 + 15);
        assert!(
            b" \t:,;()<>@\"/[]?={}\\\x7f\x80"
                .iter()
                .all(|byte| !is_token(*byte))
        );
    }

    #[test]
    fn only_blanks_at_the_ends_are_trimmed() {
        assert_eq!(trim(b" \t a b\t "), b"a b");
        assert_eq!(trim(b" \t"), b"");
        assert_eq!(trim(b"\x0ba"), b"\x0ba");
    }
}
