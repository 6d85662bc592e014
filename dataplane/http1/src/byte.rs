//! Which bytes may stand where in a head; refuses nothing itself.

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

/// How many bytes from the start on are text; the whole length when all are.
pub(crate) fn text_len(bytes: &[u8]) -> usize {
    let mut clean = 0_usize;
    loop {
        let rest = bytes.get(clean..).unwrap_or_default();
        clean = clean.saturating_add(calm_len(rest));
        match bytes.get(clean) {
            Some(b'\t') => clean = clean.saturating_add(1),
            _ => return clean,
        }
    }
}

/// How many bytes from the start on are no control bytes, tabs neither.
fn calm_len(bytes: &[u8]) -> usize {
    /// Long values are passed over in blocks, which compiles to vector code.
    const BLOCK: usize = 32;
    let blocks = bytes.chunks_exact(BLOCK).take_while(|block| {
        !block
            .iter()
            .fold(false, |any, byte| any | (*byte < b' ') | (*byte == 0x7f))
    });
    let mut calm = blocks.count().saturating_mul(BLOCK);
    while let Some(word) = bytes.get(calm..).and_then(|rest| rest.first_chunk::<8>()) {
        let found = controls(u64::from_le_bytes(*word));
        if found != 0 {
            return calm.saturating_add(found.trailing_zeros().wrapping_shr(3) as usize);
        }
        calm = calm.saturating_add(8);
    }
    let rest = bytes.get(calm..).unwrap_or_default();
    let run = rest.iter().position(|byte| *byte < b' ' || *byte == 0x7f);
    calm.saturating_add(run.unwrap_or(rest.len()))
}

/// The high bit of the lowest byte that is a control byte; bits above it mean nothing.
const fn controls(word: u64) -> u64 {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let below_space = word.wrapping_sub(ONES.wrapping_mul(0x20)) & !word;
    let other = word ^ ONES.wrapping_mul(0x7f);
    let delete = other.wrapping_sub(ONES) & !other;
    (below_space | delete) & HIGH
}

/// The bytes without spaces and tabs around them (optional whitespace, RFC 9110 section 5.6.3).
pub(crate) fn trim(bytes: &[u8]) -> &[u8] {
    let mut rest = bytes;
    while let [b' ' | b'\t', tail @ ..] = rest {
        rest = tail;
    }
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
                    assert_eq!(text_len(&bytes), at);
                }
            }
            assert_eq!(text_len(&vec![0xff; len]), len);
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
