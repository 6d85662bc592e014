//! A table of words, built while the crate is compiled and asked by the hash of a word.
//!
//! Refuses to compile where two words of one table have the same hash.

/// Where the hash of a word begins.
pub(crate) const SEED: u64 = 0xcbf2_9ce4_8422_2325;

const PRIME: u64 = 0x0000_0100_0000_01b3;

/// The hash (FNV-1a) after one byte more. Letters go in as small ones.
pub(crate) const fn hashed(hash: u64, byte: u8) -> u64 {
    (hash ^ byte.to_ascii_lowercase() as u64).wrapping_mul(PRIME)
}

/// The first byte of the letters with marks of Western languages: `ö`, `é`.
pub(crate) const MARKED: u8 = 0xc3;

/// The letter without its mark that the second byte stands for.
pub(crate) const fn unmarked(second: u8) -> u8 {
    match second | 0x20 {
        0xa0..=0xa6 => b'a',
        0xa7 => b'c',
        0xa8..=0xab => b'e',
        0xac..=0xaf => b'i',
        0xb1 => b'n',
        0xb2..=0xb6 | 0xb8 => b'o',
        0xb9..=0xbc => b'u',
        0xbd => b'y',
        0xbf if second == 0x9f => b's',
        _ => second,
    }
}

/// The hash after one byte more, `before` being the byte in front of it: a letter with a mark is
/// the letter.
pub(crate) const fn folded_in(hash: u64, before: u8, byte: u8) -> u64 {
    if byte == MARKED {
        hash
    } else if before == MARKED {
        hashed(hash, unmarked(byte))
    } else {
        hashed(hash, byte)
    }
}

/// The hash of a whole word.
pub(crate) const fn hash(word: &[u8]) -> u64 {
    let mut hash = SEED;
    let mut before = 0;
    let mut rest = word;
    while let [byte, behind @ ..] = rest {
        hash = folded_in(hash, before, *byte);
        before = *byte;
        rest = behind;
    }
    hash
}

/// What goes into the hash of a key for each byte; zero for what only separates.
static FOLDED: [u8; 256] = folded();

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "evaluated while it is compiled, where a fault fails the build"
)]
const fn folded() -> [u8; 256] {
    let mut folded = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        if byte.is_ascii_alphanumeric() || !byte.is_ascii() {
            folded[at] = byte.to_ascii_lowercase();
        }
        at += 1;
    }
    folded
}

/// The hash of a key: letters and digits only, so that `dry_run`, `dryRun` and `dry-run` are one.
pub(crate) fn key_hash(key: &[u8]) -> u64 {
    let mut hash = SEED;
    for byte in key {
        let folded = FOLDED.get(usize::from(*byte)).copied().unwrap_or(0);
        if folded != 0 {
            hash = (hash ^ u64::from(folded)).wrapping_mul(PRIME);
        }
    }
    hash
}

/// Words and what they stand for; `N` is a power of two, at least twice the number of words.
pub(crate) struct Table<const N: usize> {
    rows: [(u64, u64); N],
}

impl<const N: usize> Table<N> {
    /// The table of these rows: a value, and the words that have it, parted by blanks. The values
    /// of a word that stands in several rows are united.
    pub(crate) const fn of(lists: &[(u64, &str)]) -> Self {
        Self::of_all(&[lists])
    }

    /// The table of the rows of several lists.
    #[expect(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        reason = "evaluated while it is compiled, where a fault fails the build"
    )]
    pub(crate) const fn of_all(groups: &[&[(u64, &str)]]) -> Self {
        let mut rows = [(0, 0); N];
        let mut count = 0;
        let mut group = 0;
        while group < groups.len() {
            let lists = groups[group];
            let mut list = 0;
            while list < lists.len() {
                let (value, words) = lists[list];
                let mut bytes = words.as_bytes();
                while let [first, behind @ ..] = bytes {
                    if first.is_ascii_whitespace() {
                        bytes = behind;
                        continue;
                    }
                    let mut word = SEED;
                    let mut before = 0;
                    while let [byte, behind @ ..] = bytes {
                        if byte.is_ascii_whitespace() {
                            break;
                        }
                        word = folded_in(word, before, *byte);
                        before = *byte;
                        bytes = behind;
                    }
                    let mut at = (word ^ (word >> 32)) as usize & (N - 1);
                    while rows[at].1 != 0 && rows[at].0 != word {
                        at = (at + 1) & (N - 1);
                    }
                    if rows[at].1 == 0 {
                        count += 1;
                        assert!(count * 2 <= N, "the table is too small");
                    }
                    rows[at] = (word, rows[at].1 | value);
                }
                list += 1;
            }
            group += 1;
        }
        Self { rows }
    }

    /// What the word with this hash stands for; zero where it is not in the table.
    pub(crate) fn find(&self, hash: u64) -> u64 {
        let mask = N.wrapping_sub(1);
        let mut at = usize::try_from((hash ^ (hash >> 32)) & 0xffff_ffff).unwrap_or(0) & mask;
        // Half of the rows are empty, so that the search ends.
        while let Some((word, value)) = self.rows.get(at) {
            if *value == 0 {
                return 0;
            }
            if *word == hash {
                return *value;
            }
            at = at.wrapping_add(1) & mask;
        }
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static TABLE: Table<16> =
        Table::of(&[(1, "get list"), (2, "delete get"), (4, " drop\n  kill ")]);

    #[test]
    fn every_word_has_the_values_of_all_its_rows() {
        for (word, value) in [
            ("get", 3),
            ("GET", 3),
            ("list", 1),
            ("delete", 2),
            ("drop", 4),
            ("kill", 4),
            ("", 0),
            ("gets", 0),
        ] {
            assert_eq!(TABLE.find(hash(word.as_bytes())), value, "{word}");
        }
    }

    #[test]
    fn a_letter_with_a_mark_is_the_letter() {
        for (word, plain) in [
            ("löschen", "loschen"),
            ("ÜBERPRÜFEN", "uberprufen"),
            ("créer", "creer"),
            ("añadir", "anadir"),
            ("schließe", "schliese"),
        ] {
            assert_eq!(hash(word.as_bytes()), hash(plain.as_bytes()), "{word}");
        }
        assert_ne!(hash("удалить".as_bytes()), hash("создать".as_bytes()));
    }

    #[test]
    fn a_key_is_the_same_however_its_words_are_parted() {
        for key in ["dry_run", "dryRun", "DRY-RUN", "dry.run"] {
            assert_eq!(key_hash(key.as_bytes()), hash(b"dryrun"), "{key}");
        }
    }
}
