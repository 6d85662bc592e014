//! Says what the words before a number promise about it.
//!
//! A detector names phrases; a phrase holds when all of its words stand among those before the
//! number. Names in `camelCase` and `snake_case` are words too.

use xxhash_rust::xxh3::xxh3_64;

use super::lexicon::WORD_MAX;
use super::text::{Text, less, sum};

/// How far before a number its words may stand, in bytes.
const REACH: usize = 56;
/// Most words before a number that are looked at.
const WORDS_MAX: usize = 12;

/// Detectors whose words were found, by their number among those that have any.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Promised([u64; Self::WORDS]);

impl Promised {
    const WORDS: usize = 4;
    /// How many detectors can have words.
    pub(super) const MOST: u32 = 256;

    /// Whether the words of that detector were found.
    pub(super) fn has(self, bit: u32) -> bool {
        let word = self.0.get((bit >> 6) as usize).copied().unwrap_or(0);
        word & (1 << (bit & 63)) != 0
    }

    /// Whether no words were found.
    pub(super) const fn is_empty(self) -> bool {
        let [a, b, c, d] = self.0;
        a | b | c | d == 0
    }

    fn add(&mut self, bit: u32) {
        if let Some(word) = self.0.get_mut((bit >> 6) as usize) {
            *word |= 1 << (bit & 63);
        }
    }
}

/// The phrases of all detectors.
#[derive(Default)]
pub(super) struct Contexts {
    /// By the hash of the first word.
    phrases: Vec<Phrase>,
    /// One bit for each first word, to pass over the many words that begin none.
    bloom: u64,
}

struct Phrase {
    first: u64,
    rest: Vec<u64>,
    bit: u32,
}

impl Contexts {
    /// Adds the phrases of one detector, which are in lower case.
    pub(super) fn add<'p>(&mut self, bit: u32, phrases: impl Iterator<Item = &'p str>) {
        for phrase in phrases {
            let splits = |c: char| c.is_ascii() && !c.is_ascii_alphabetic();
            let words = phrase.split(splits).filter(|word| !word.is_empty());
            let mut hashes = words.map(|word| xxh3_64(word.as_bytes()));
            let Some(first) = hashes.next() else { continue };
            self.phrases.push(Phrase {
                first,
                rest: hashes.collect(),
                bit,
            });
            self.bloom |= 1 << (first & 63);
        }
    }

    /// To be called once after the last `add`.
    pub(super) fn arrange(&mut self) {
        self.phrases.sort_unstable_by_key(|phrase| phrase.first);
    }

    /// What the words right before the place promise.
    pub(super) fn before(&self, text: Text<'_>, place: usize) -> Promised {
        let mut seen = [0_u64; WORDS_MAX];
        let mut count = 0;
        let window = text.slice(less(place, REACH), place);
        each_word_back(window, &mut |word| {
            if let Some(slot) = seen.get_mut(count) {
                *slot = xxh3_64(word);
                count = sum(count, 1);
            }
            count < WORDS_MAX
        });
        self.promised(seen.get(..count).unwrap_or_default())
    }

    fn promised(&self, seen: &[u64]) -> Promised {
        let mut promised = Promised::default();
        for word in seen {
            if self.bloom & (1 << (word & 63)) == 0 {
                continue;
            }
            let from = self.phrases.partition_point(|phrase| phrase.first < *word);
            let rest = self.phrases.get(from..).unwrap_or_default();
            for phrase in rest.iter().take_while(|phrase| phrase.first == *word) {
                if phrase.rest.iter().all(|other| seen.contains(other)) {
                    promised.add(phrase.bit);
                }
            }
        }
        promised
    }
}

/// Tells each word of the window in lower case, the last one first, while told to go on.
fn each_word_back(window: &[u8], each: &mut dyn FnMut(&[u8]) -> bool) {
    let text = Text(window);
    let mut end = window.len();
    let mut digits = 0_usize;
    while end > 0 {
        let byte = text.before(end);
        // What stands before another value, or in another line, is about that.
        digits = if byte.is_ascii_digit() {
            sum(digits, 1)
        } else {
            0
        };
        if digits > 3 || byte == b'\n' {
            return;
        }
        if !(byte.is_ascii_alphabetic() || byte >= 0x80) {
            end = less(end, 1);
            continue;
        }
        let mut start = less(end, 1);
        while start > 0 {
            let (byte, next) = (text.before(start), text.at(start));
            let letter = byte.is_ascii_alphabetic() || byte >= 0x80;
            if !letter || (byte.is_ascii_lowercase() && next.is_ascii_uppercase()) {
                break;
            }
            start = less(start, 1);
        }
        let mut buffer = [0; WORD_MAX];
        let word = text.slice(start, end);
        let lower = match super::lexicon::lower_case(word, &mut buffer) {
            Some(length) => buffer.get(..length).unwrap_or_default(),
            // Scripts that take three bytes a letter have no case.
            None => word,
        };
        if !each(lower) {
            return;
        }
        end = start;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_hold_where_their_words_stand_before() {
        let mut contexts = Contexts::default();
        contexts.add(0, ["tax id", "cpf"].into_iter());
        contexts.add(5, ["phone"].into_iter());
        contexts.arrange();
        for (text, expected) in [
            ("CPF: ", 1),
            ("\"taxId\": \"", 1),
            ("tax_file_id=", 1),
            ("tax ", 0),
            ("my phone is ", 1 << 5),
            ("\"homePhone\":\"", 1 << 5),
            ("cpf and phone ", 1 | 1 << 5),
            ("cpf 1234, id ", 0),
            ("cpf\n", 0),
            ("nothing ", 0),
            ("", 0),
        ] {
            let promised = contexts.before(Text(text.as_bytes()), text.len());
            assert_eq!(promised.0, [expected, 0, 0, 0], "{text}");
        }
    }
}
