//! Bytes as lower-case hex digits, and back; refuses any other length or digit.

use zeroize::Zeroizing;

const DIGITS: &[u8; 16] = b"0123456789abcdef";

/// Two digits a byte; wiped when dropped, as it may spell a key.
pub(crate) fn encode(bytes: &[u8]) -> Zeroizing<String> {
    let mut text = String::with_capacity(bytes.len().saturating_mul(2));
    for byte in bytes {
        for nibble in [byte >> 4, byte & 15] {
            text.push(
                DIGITS
                    .get(usize::from(nibble))
                    .copied()
                    .map_or('0', char::from),
            );
        }
    }
    Zeroizing::new(text)
}

/// Exactly `N` bytes.
pub(crate) fn decode<const N: usize>(text: &str) -> Option<Zeroizing<[u8; N]>> {
    let mut bytes = Zeroizing::new([0; N]);
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
        return None;
    };
    if pairs.len() != N {
        return None;
    }
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        *byte = nibble(*high)? << 4 | nibble(*low)?;
    }
    Some(bytes)
}

const fn nibble(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_leads_back_to_the_bytes_and_nothing_else_is_hex() {
        let bytes = [0, 1, 0x7f, 0x80, 0xff];
        assert_eq!(encode(&bytes).as_str(), "00017f80ff");
        assert_eq!(*decode::<5>("00017f80ff").unwrap(), bytes);
        for bad in [
            "",
            "00",
            "00017f80f",
            "00017F80FF",
            "00017f80fg",
            "00017f80ff00",
        ] {
            assert!(decode::<5>(bad).is_none(), "{bad}");
        }
    }
}
