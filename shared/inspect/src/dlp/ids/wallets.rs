//! Addresses and keys of crypto wallets. Case counts, and no separator is taken.

use super::base58::{BITCOIN, RIPPLE, decode, decode_checked};
use super::bech32::{Kind, bytes_of, counts, read};

/// Bitcoin address: base58check with version 0 or 5 (111 or 196 on the test network), or a
/// segregated witness address of `bc` or `tb` (BIP-13, BIP-173, BIP-350).
pub(super) fn bitcoin(text: &[u8]) -> bool {
    is_address(text, &[0x00, 0x05, 0x6f, 0xc4]) || is_witness(text, &[b"bc", b"tb"])
}

/// Litecoin address: base58check with version 48 or 50, or a segregated witness address of `ltc`
/// (litecoin, chainparams; BIP-173). Addresses with version 5 are read as Bitcoin's.
pub(super) fn litecoin(text: &[u8]) -> bool {
    is_address(text, &[0x30, 0x32]) || is_witness(text, &[b"ltc", b"tltc"])
}

/// Dogecoin address: base58check with version 30 or 22 (dogecoin, chainparams).
pub(super) fn dogecoin(text: &[u8]) -> bool {
    is_address(text, &[0x1e, 0x16])
}

/// Tron address: base58check with version 65 (TRON developer documentation, account address).
pub(super) fn tron(text: &[u8]) -> bool {
    is_address(text, &[0x41])
}

/// Ripple classic address: base58check with version 0 in an alphabet of its own (XRPL, base58
/// encodings).
pub(super) fn ripple(text: &[u8]) -> bool {
    matches!(text.len(), 25..=35)
        && decode_checked::<25>(text, RIPPLE).is_some_and(|[version, ..]| version == 0)
}

/// Ethereum address: `0x` and 40 hexadecimal digits, not all the same. The capitals of EIP-55 are
/// not checked.
pub(super) fn ethereum(text: &[u8]) -> bool {
    let Some((b"0x" | b"0X", digits)) = text.split_at_checked(2) else {
        return false;
    };
    digits.len() == 40
        && digits.iter().all(u8::is_ascii_hexdigit)
        && digits
            .windows(2)
            .any(|pair| matches!(pair, [a, b] if a != b))
}

/// Solana address: 32 bytes in base 58, without a checksum (Solana documentation, accounts).
pub(super) fn solana(text: &[u8]) -> bool {
    matches!(text.len(), 32..=44)
        && decode::<32>(text, BITCOIN).is_some_and(|bytes| {
            bytes
                .windows(2)
                .any(|pair| matches!(pair, [a, b] if a != b))
        })
}

/// Monero address: blocks of 11 symbols for 8 bytes, the last one of 7 for 5; network byte 18 or
/// 42, or 19 with a payment identifier (Monero, base58 and cryptonote_config). The checksum, of
/// Keccak-256, is not checked.
pub(super) fn monero(text: &[u8]) -> bool {
    let network = match text.len() {
        95 => [18, 42],
        106 => [19, 19],
        _ => return false,
    };
    let mut blocks = text.chunks(11);
    let first = blocks.next().and_then(monero_block);
    first.is_some_and(|[byte, ..]| network.contains(&byte))
        && blocks.all(|block| monero_block(block).is_some())
}

/// The bytes of a block, at the end of eight.
fn monero_block(block: &[u8]) -> Option<[u8; 8]> {
    let number = block.iter().try_fold(0_u64, |number, symbol| {
        let (_, digit) = BITCOIN
            .iter()
            .zip(0_u64..)
            .find(|(known, _)| *known == symbol)?;
        number.checked_mul(58)?.checked_add(digit)
    })?;
    let bits = match block.len() {
        7 => 40,
        11 => 64,
        _ => return None,
    };
    (number.leading_zeros() >= 64_u32.saturating_sub(bits)).then(|| number.to_be_bytes())
}

/// Cardano Shelley address: bech32 with the prefix of its network and kind, a header byte that
/// agrees, and the length of that kind (CIP-19).
pub(super) fn cardano(text: &[u8]) -> bool {
    let Some(address) = (text.len() <= 128).then(|| read(text)).flatten() else {
        return false;
    };
    let Some((bytes, header)) = bytes_of(address.data) else {
        return false;
    };
    let (network, stake) = match address.prefix {
        b"addr" => (1, false),
        b"addr_test" => (0, false),
        b"stake" => (1, true),
        b"stake_test" => (0, true),
        _ => return false,
    };
    let length = match (header >> 4, stake) {
        (0..=3, false) => bytes == 57,
        // A pointer to a registration is three numbers of 1 to 5 bytes.
        (4 | 5, false) => matches!(bytes, 32..=44),
        (6 | 7, false) | (14 | 15, true) => bytes == 29,
        _ => false,
    };
    address.kind == Kind::Bech32 && header & 15 == network && length
}

/// Bitcoin private key in wallet import format: 32 bytes behind version 128 (239 on the test
/// network), and a 1 where the public key is compressed (Bitcoin developer guide).
pub(super) fn bitcoin_key(text: &[u8]) -> bool {
    match text.len() {
        51 => decode_checked::<37>(text, BITCOIN)
            .is_some_and(|[version, ..]| matches!(version, 0x80 | 0xef)),
        52 => decode_checked::<38>(text, BITCOIN).is_some_and(|bytes| {
            let [version, .., compressed, _, _, _, _] = bytes;
            matches!(version, 0x80 | 0xef) && compressed == 1
        }),
        _ => false,
    }
}

/// Extended private key: 78 bytes whose first four are the version of a private key (BIP-32,
/// SLIP-132), base58check.
pub(super) fn extended_key(text: &[u8]) -> bool {
    text.len() == 111
        && decode_checked::<82>(text, BITCOIN).is_some_and(|[a, b, c, d, ..]| {
            matches!(
                u32::from_be_bytes([a, b, c, d]),
                0x0488_ade4 | 0x049d_7878 | 0x04b2_430c | 0x0435_8394 | 0x044a_4e28 | 0x045f_18bc
            )
        })
}

fn is_address(text: &[u8], versions: &[u8]) -> bool {
    matches!(text.len(), 25..=35)
        && decode_checked::<25>(text, BITCOIN)
            .is_some_and(|[version, ..]| versions.contains(&version))
}

/// Whether this is a segregated witness address: version 0 by bech32 with 20 or 32 bytes, version
/// 1 to 16 by bech32m with 2 to 40.
fn is_witness(text: &[u8], prefixes: &[&[u8]]) -> bool {
    let Some(address) = (text.len() <= 90).then(|| read(text)).flatten() else {
        return false;
    };
    let Some((version, program)) = address.data.split_first() else {
        return false;
    };
    let Some((bytes, _)) = bytes_of(program) else {
        return false;
    };
    let holds = match (counts(*version), address.kind) {
        (Some(0), Kind::Bech32) => matches!(bytes, 20 | 32),
        (Some(1..=16), Kind::Bech32m) => matches!(bytes, 2..=40),
        _ => false,
    };
    holds
        && prefixes
            .iter()
            .any(|prefix| prefix.eq_ignore_ascii_case(address.prefix))
}
