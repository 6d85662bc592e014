//! A field's name in lower case, in two registers; decides which known field it is, and refuses
//! nothing: what is no plain name is looked at byte by byte elsewhere.

use crate::Field;
use crate::lanes::{self, LANES};

/// The run of letters, digits and dashes that begins a text, in lower case, zeros behind it.
/// `len <= 2 * LANES`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    words: [u128; 2],
    len: usize,
}

impl Name {
    /// The run that begins the text; `None` when it is longer than every known name.
    #[inline]
    pub(crate) fn read(text: &[u8]) -> Option<Self> {
        let (first, len) = half(text, 0);
        if len < LANES {
            let words = [first, 0];
            return Some(Self { words, len });
        }
        let (second, len) = half(text, LANES);
        let words = [first, second];
        (len < LANES).then_some(Self {
            words,
            len: len.wrapping_add(LANES),
        })
    }

    /// Length in bytes.
    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    /// Whether it is one of the protocol's own: `mcp-` and anything.
    pub(crate) const fn is_mcp(&self) -> bool {
        let [first, _] = self.words;
        let bytes = first.to_le_bytes();
        matches!(bytes, [b'm', b'c', b'p', b'-', ..])
    }

    /// The known field of this name.
    #[inline]
    pub(crate) fn field(&self) -> Option<Field> {
        let number = TABLE.slots.get(slot(self.words, TABLE.seed))?;
        let field = Field::ALL.get(usize::from(*number))?;
        let known = WORDS.get(usize::from(*number))?;
        (*known == self.words).then_some(*field)
    }
}

/// The 16 bytes from `at` on in lower case up to the first that no plain name has, and how many.
#[inline(always)]
fn half(text: &[u8], at: usize) -> (u128, usize) {
    let rest = text.get(at..).unwrap_or_default();
    let (lower, other) = match rest.first_chunk() {
        Some(block) => lanes::lower(block),
        None => {
            let mut block = [0; LANES];
            for (slot, byte) in block.iter_mut().zip(rest) {
                *slot = *byte;
            }
            lanes::lower(&block)
        }
    };
    let word = u128::from_le_bytes(lower);
    if other == 0 {
        return (word, LANES);
    }
    let len = other.trailing_zeros();
    let mask = 1_u128.wrapping_shl(len.wrapping_mul(8)).wrapping_sub(1);
    (word & mask, len as usize)
}

/// Names by number of field.
#[expect(
    clippy::indexing_slicing,
    reason = "the compiler evaluates it, and stops at a wrong index"
)]
static WORDS: [[u128; 2]; Field::COUNT] = {
    let mut words = [[0; 2]; Field::COUNT];
    let mut number = 0;
    while number < Field::COUNT {
        let mut name = Field::ALL[number].name().as_bytes();
        let mut place = 0_u32;
        while let [byte, rest @ ..] = name {
            words[number][(place / 16) as usize] |= (*byte as u128) << (place % 16 * 8);
            place += 1;
            name = rest;
        }
        number += 1;
    }
    words
};

/// The number of the field whose name has a slot; 255 where no name has.
struct Table {
    seed: u64,
    slots: [u8; SLOTS],
}

const SLOTS: usize = 256;
const NOBODY: u8 = u8::MAX;

/// The slot is the top byte of a product, so that any part of the name may decide.
#[expect(
    clippy::cast_possible_truncation,
    reason = "both halves of a register are taken, one by one"
)]
#[inline]
const fn slot(words: [u128; 2], seed: u64) -> usize {
    let [first, second] = words;
    let mixed = first ^ second.rotate_left(29);
    let mixed = (mixed as u64) ^ ((mixed >> 64) as u64).rotate_left(17);
    (mixed.wrapping_mul(seed) >> 56) as usize
}

/// A table in which every name has a slot of its own.
#[expect(
    clippy::indexing_slicing,
    clippy::cast_possible_truncation,
    reason = "the compiler evaluates it, and stops at a wrong index"
)]
static TABLE: Table = {
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    'seeds: loop {
        let mut slots = [NOBODY; SLOTS];
        let mut number = 0;
        while number < Field::COUNT {
            let slot = slot(WORDS[number], seed);
            if slots[slot] != NOBODY {
                seed = seed.wrapping_mul(0xbf58_476d_1ce4_e5b9) | 1;
                continue 'seeds;
            }
            slots[slot] = number as u8;
            number += 1;
        }
        break Table { seed, slots };
    }
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_where_no_plain_byte_follows() {
        for len in 0..32 {
            for end in [&b":"[..], b" ", b"_x", b"", b"\x80", b"\0"] {
                let text = [&b"aB-9".repeat(8)[..len], end].concat();
                let name = Name::read(&text).unwrap();
                assert_eq!(name.len(), len, "{}", text.escape_ascii());
                let lower = [&b"ab-9".repeat(8)[..len], end].concat();
                assert_eq!(Name::read(&lower), Some(name));
            }
        }
        assert_eq!(Name::read(&[b'a'; 32]), None);
    }

    #[test]
    fn other_names_are_no_known_field() {
        for field in Field::ALL {
            let name = field.name();
            for other in [format!("{name}s"), name[1..].to_owned(), format!("x{name}")] {
                let read = Name::read(other.as_bytes()).and_then(|name| name.field());
                assert!(read.is_none_or(|found| found.name() == other), "{other}");
            }
        }
    }
}
