//! Words of names and addresses: what kinds of word a word can be.
//!
//! The words lie in the snapshot as a hash table of 32-bit slots: 19 bits of the word's hash above
//! 13 bits of kinds. A slot of 0 is empty. A word that is not in the table is taken for one with
//! a probability of about one in 200,000.

use std::collections::BTreeMap;

use varistor_snapshot::schema::ArchivedDlp;
use xxhash_rust::xxh3::xxh3_64;

/// Longest word that is looked up, in bytes.
pub(super) const WORD_MAX: usize = 32;
const KIND_BITS: u32 = 13;

/// A set of kinds of word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Kinds(pub(super) u32);

impl Kinds {
    /// A given name.
    pub(super) const GIVEN: Self = Self(1);
    /// A family name.
    pub(super) const FAMILY: Self = Self(1 << 1);
    /// A word that is no name.
    pub(super) const WORD: Self = Self(1 << 2);
    /// A city.
    pub(super) const PLACE: Self = Self(1 << 3);
    /// A state or province, or its code.
    pub(super) const STATE: Self = Self(1 << 4);
    /// A country.
    pub(super) const COUNTRY: Self = Self(1 << 5);
    /// A type of street that stands behind its name.
    pub(super) const STREET: Self = Self(1 << 6);
    /// A type of street that stands before its name.
    pub(super) const STREET_BEFORE: Self = Self(1 << 7);
    /// What a part of a building is called.
    pub(super) const UNIT: Self = Self(1 << 8);
    /// A title before a name.
    pub(super) const TITLE: Self = Self(1 << 9);
    /// A title or generation behind a name.
    pub(super) const SUFFIX: Self = Self(1 << 10);
    /// A word of names of organisations.
    pub(super) const ORGANISATION: Self = Self(1 << 11);
    /// A small word within family names.
    pub(super) const PARTICLE: Self = Self(1 << 12);

    /// Whether any of the other's kinds is in here.
    pub(super) const fn any(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// What both are, of these kinds.
    pub(super) const fn common(self, other: Self, of: Self) -> Self {
        Self(self.0 & other.0 & of.0)
    }

    /// Both.
    pub(super) const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The table in the snapshot.
#[derive(Clone, Copy)]
pub(super) struct Lexicon<'a>(pub(super) &'a ArchivedDlp);

impl Lexicon<'_> {
    /// What the word can be, whatever its case; nothing when nobody knows it.
    pub(super) fn kinds(self, word: &[u8]) -> Kinds {
        let mut buffer = [0; WORD_MAX];
        let Some(length) = lower_case(word, &mut buffer) else {
            return Kinds::default();
        };
        self.of_lower_case(buffer.get(..length).unwrap_or_default())
    }

    /// What the word can be, which is in lower case.
    pub(super) fn of_lower_case(self, word: &[u8]) -> Kinds {
        let slots = self.0.lexicon.as_slice();
        let (mut slot, print) = place(word, slots.len());
        while let Some(found) = slots.get(slot).map(|slot| slot.to_native()) {
            if found == 0 {
                break;
            }
            if found >> KIND_BITS == print {
                return Kinds(found & ((1 << KIND_BITS) - 1));
            }
            slot = slot.wrapping_add(1) & slots.len().wrapping_sub(1);
        }
        Kinds::default()
    }
}

/// The table of these words; a word may come several times. Its length is a power of two.
pub(super) fn table<'w>(words: impl Iterator<Item = (&'w [u8], Kinds)>) -> Vec<u32> {
    let mut unique = BTreeMap::new();
    for (word, kinds) in words.filter(|(word, _)| word.len() <= WORD_MAX) {
        let known: &mut Kinds = unique.entry(word).or_default();
        *known = known.and(kinds);
    }
    // At most seven slots in ten are taken.
    let length = unique
        .len()
        .saturating_mul(10)
        .div_ceil(7)
        .next_power_of_two();
    let mut slots = vec![0_u32; length];
    for (word, kinds) in unique {
        let (mut slot, print) = place(word, length);
        while let Some(found) = slots.get_mut(slot) {
            if *found == 0 || *found >> KIND_BITS == print {
                *found = (print << KIND_BITS) | (*found & ((1 << KIND_BITS) - 1)) | kinds.0;
                break;
            }
            slot = slot.wrapping_add(1) & length.wrapping_sub(1);
        }
    }
    slots
}

/// The first slot of a word in a table of that length, and what marks it there (never 0).
fn place(word: &[u8], length: usize) -> (usize, u32) {
    let hash = xxh3_64(word);
    let [a, b, c, d, e, f, g, h] = hash.to_le_bytes();
    let slot = u32::from_le_bytes([a, b, c, d]) as usize & length.wrapping_sub(1);
    let print = u32::from_le_bytes([e, f, g, h]) >> KIND_BITS;
    (slot, print.max(1))
}

/// Writes the word in lower case; `None` when it is too long or no text.
pub(super) fn lower_case(word: &[u8], buffer: &mut [u8; WORD_MAX]) -> Option<usize> {
    let head = buffer.get_mut(..word.len())?;
    let mut wide = 0;
    for (to, from) in head.iter_mut().zip(word) {
        *to = from.to_ascii_lowercase();
        wide |= from;
    }
    if wide < 0x80 {
        return Some(word.len());
    }
    let mut length = 0_usize;
    for character in str::from_utf8(word)
        .ok()?
        .chars()
        .flat_map(char::to_lowercase)
    {
        let end = length.checked_add(character.len_utf8())?;
        character.encode_utf8(buffer.get_mut(length..end)?);
        length = end;
    }
    Some(length)
}
