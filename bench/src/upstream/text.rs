//! The result of a tool: a text of any size, and what may stand in it.
//!
//! Written straight into the answer: no tree of JSON, nothing kept between calls.

use serde::Deserialize;

/// Words without anything that a scanner looks for, and nothing that JSON escapes.
pub(super) const FILLER: &str = "The quick brown fox jumps over the lazy dog. ";
/// How often the words stand in one block: a block is a little less than 64 KiB.
const REPEATS: usize = 1456;
/// The largest text: the size of an answer that is too big.
pub(super) const TEXT_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What the text of a result is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Text {
    /// Its size; a planted value stands whole even in a smaller one.
    pub(super) bytes: usize,
    pub(super) plant: Option<Plant>,
    /// Whether it is sent twice: in `content` and in `structuredContent`.
    pub(super) structured: bool,
}

/// A value in the text that a scanner should find. All are invented.
#[derive(Deserialize, clap::ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(super) enum Plant {
    /// The number of a payment card, its check digit right.
    Card,
    /// An address of mail, in a domain that cannot exist.
    Email,
    /// The id of an access key, of the shape that AWS gives out.
    Secret,
}

impl Plant {
    pub(super) const fn value(self) -> &'static str {
        match self {
            Self::Card => "4539148803436467",
            Self::Email => "mira.holt@harbourmail.test",
            // In two parts, so that nobody's scanner takes this file for a leak.
            Self::Secret => concat!("AKIA", "Z7QX4MWLT2RNB5KD"),
        }
    }
}

/// The parts of a result that do not change.
const OPEN: &str = r#"{"content":[{"type":"text","text":""#;
const CLOSE: &str = r#""}],"isError":false,"resultType":"complete""#;
const STRUCTURED: [&str; 2] = [r#","structuredContent":{"content":""#, r#""}"#];

/// The words, once, for every text.
pub(super) struct Words(String);

impl Words {
    pub(super) fn new() -> Self {
        Self(FILLER.repeat(REPEATS))
    }

    /// Appends the result of a tool.
    pub(super) fn write_result(&self, text: Text, out: &mut Vec<u8>) {
        out.reserve(Self::result_bytes(text));
        out.extend_from_slice(OPEN.as_bytes());
        self.write_text(text, out);
        out.extend_from_slice(CLOSE.as_bytes());
        if text.structured {
            out.extend_from_slice(STRUCTURED[0].as_bytes());
            self.write_text(text, out);
            out.extend_from_slice(STRUCTURED[1].as_bytes());
        }
        out.push(b'}');
    }

    /// The exact size of what [`Self::write_result`] appends.
    pub(super) fn result_bytes(text: Text) -> usize {
        let value = text.plant.map_or(0, |plant| plant.value().len() + 2);
        let words = text.bytes.max(value);
        let (once, twice) = (
            OPEN.len() + CLOSE.len() + 1,
            STRUCTURED[0].len() + STRUCTURED[1].len(),
        );
        if text.structured {
            once + twice + 2 * words
        } else {
            once + words
        }
    }

    fn write_text(&self, text: Text, out: &mut Vec<u8>) {
        let Some(plant) = text.plant else {
            return self.write_words(text.bytes, out);
        };
        let value = plant.value();
        let words = text.bytes.saturating_sub(value.len() + 2);
        self.write_words(words / 2, out);
        // Between blanks, so that it is a word of its own.
        for part in [" ", value, " "] {
            out.extend_from_slice(part.as_bytes());
        }
        self.write_words(words - words / 2, out);
    }

    fn write_words(&self, mut bytes: usize, out: &mut Vec<u8>) {
        let block = self.0.as_bytes();
        while bytes > 0 {
            let piece = block.get(..bytes).unwrap_or(block);
            out.extend_from_slice(piece);
            bytes -= piece.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Plant, Text, Words};

    const PLANTS: [Option<Plant>; 4] = [
        None,
        Some(Plant::Card),
        Some(Plant::Email),
        Some(Plant::Secret),
    ];

    #[test]
    fn a_text_has_its_size_and_its_plant_wherever_it_is_sent() {
        let words = Words::new();
        for bytes in [0, 1, 44, 400, 65_519, 65_520, 65_521, 300_000] {
            for plant in PLANTS {
                for structured in [false, true] {
                    let text = Text {
                        bytes,
                        plant,
                        structured,
                    };
                    let mut out = Vec::new();
                    words.write_result(text, &mut out);
                    assert_eq!(out.len(), Words::result_bytes(text), "{text:?}");
                    let result: Value = serde_json::from_slice(&out).unwrap();
                    let sent = result["content"][0]["text"].as_str().unwrap();
                    let value = plant.map_or("", Plant::value);
                    assert!(sent.contains(value));
                    let least = if plant.is_some() { value.len() + 2 } else { 0 };
                    assert_eq!(sent.len(), bytes.max(least), "{text:?}");
                    let again = &result["structuredContent"]["content"];
                    assert_eq!(again.as_str(), structured.then_some(sent));
                }
            }
        }
    }

    #[test]
    fn the_check_digit_of_the_card_is_right() {
        let digits = Plant::Card.value().bytes().rev().map(|digit| digit - b'0');
        let sum: u32 = digits
            .enumerate()
            .map(|(place, digit)| match (place % 2, u32::from(digit) * 2) {
                (0, _) => u32::from(digit),
                (_, twice) => twice / 10 + twice % 10,
            })
            .sum();
        assert_eq!(sum % 10, 0);
    }
}
