//! Strings of BIP-173 (bech32) and BIP-350 (bech32m).

/// The symbols, in the order of what they count.
const SYMBOLS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// The generator of the checksum.
const GENERATOR: [u32; 5] = [
    0x3b6a_57b2,
    0x2650_8e6d,
    0x1ea1_19fa,
    0x3d42_33dd,
    0x2a14_62b3,
];

/// Which of the two a checksum holds by.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// BIP-173.
    Bech32,
    /// BIP-350.
    Bech32m,
}

/// A string whose checksum holds.
pub(super) struct Checked<'a> {
    /// What stands before the separator, as written.
    pub(super) prefix: &'a [u8],
    /// The symbols behind it without the checksum, as written.
    pub(super) data: &'a [u8],
    /// What the checksum holds by.
    pub(super) kind: Kind,
}

/// The parts of a string in one case whose checksum holds. Of any length: the caller bounds it.
pub(super) fn read(text: &[u8]) -> Option<Checked<'_>> {
    let mixed = text.iter().any(u8::is_ascii_uppercase) && text.iter().any(u8::is_ascii_lowercase);
    let separator = text.iter().rposition(|byte| *byte == b'1')?;
    let (prefix, rest) = text.split_at_checked(separator)?;
    let rest = rest.get(1..)?;
    let (data, _) = rest.split_at_checked(rest.len().checked_sub(6)?)?;
    if mixed || prefix.is_empty() {
        return None;
    }
    let mut sum = 1_u32;
    for byte in prefix {
        sum = step(sum, byte.to_ascii_lowercase() >> 5);
    }
    sum = step(sum, 0);
    for byte in prefix {
        sum = step(sum, byte.to_ascii_lowercase() & 31);
    }
    for symbol in rest {
        sum = step(sum, counts(*symbol)?);
    }
    let kind = match sum {
        1 => Kind::Bech32,
        0x2bc8_30a3 => Kind::Bech32m,
        _ => return None,
    };
    Some(Checked { prefix, data, kind })
}

/// What a symbol counts, 0 to 31.
pub(super) fn counts(symbol: u8) -> Option<u8> {
    let symbol = symbol.to_ascii_lowercase();
    let mut places = SYMBOLS.iter().zip(0_u8..);
    places
        .find(|(known, _)| **known == symbol)
        .map(|(_, counts)| counts)
}

/// How many whole bytes symbols write, and the first of them; `None` where the bits that are left
/// over are not fewer than five zeros.
pub(super) fn bytes_of(data: &[u8]) -> Option<(usize, u8)> {
    let bits = data.len().checked_mul(5)?;
    let left_over = bits % 8;
    let (_, last) = data.split_last().map(|(last, rest)| (rest, last))?;
    let padding = counts(*last)? & !(u8::MAX << left_over.min(5));
    let first = counts(*data.first()?)? << 3 | counts(*data.get(1)?)? >> 2;
    (left_over < 5 && padding == 0).then_some((bits / 8, first))
}

fn step(sum: u32, value: u8) -> u32 {
    let top = sum >> 25;
    let next = ((sum & 0x01ff_ffff) << 5) ^ u32::from(value);
    let terms = GENERATOR.iter().zip(0_u32..);
    terms
        .filter(|(_, bit)| top.wrapping_shr(*bit) & 1 == 1)
        .fold(next, |next, (term, _)| next ^ term)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_test_vectors_of_both_standards_hold() {
        for text in [
            "A12UEL5L",
            "a12uel5l",
            "?1ezyfcl",
            "split1checkupstagehandshakeupstreamer\
            ranterredcaperred2y9e3w",
        ] {
            assert!(
                read(text.as_bytes()).is_some_and(|it| it.kind == Kind::Bech32),
                "{text}"
            );
        }
        for text in [
            "A1LQFN3A",
            "a1lqfn3a",
            "?1v759aa",
            "split1checkupstagehandshakeupstreamer\
            ranterredcaperredlc445v",
        ] {
            assert!(
                read(text.as_bytes()).is_some_and(|it| it.kind == Kind::Bech32m),
                "{text}"
            );
        }
        for text in [
            "A12uEL5L",
            "pzry9x0s0muk",
            "1pzry9x0s0muk",
            "x1b4n0q5v",
            "li1dgmt3",
            "A1G7SGD8",
            "10a06t8",
            "1qzzfhee",
            "a12uel5m",
            "",
        ] {
            assert!(read(text.as_bytes()).is_none(), "{text}");
        }
    }

    #[test]
    fn left_over_bits_are_few_and_zero() {
        assert_eq!(bytes_of(b"qq"), Some((1, 0)));
        assert_eq!(bytes_of(b"ll"), None);
        assert_eq!(bytes_of(b"lh"), None);
        assert_eq!(bytes_of(b"lu"), Some((1, 255)));
        assert_eq!(bytes_of(b"qqq"), None);
        assert_eq!(bytes_of(b""), None);
    }
}
