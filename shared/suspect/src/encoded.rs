//! Runs of base64, base32 and hex that decode to words.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Letters of a run that can hold a sentence.
const RUN_MIN: usize = 20;
/// Bytes of a run that are decoded.
const RUN_MAX: usize = 8192;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const FOR_URLS: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// The texts that runs of this one decode to, and where each run begins.
pub(crate) fn decoded(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut start = 0_usize;
    let is_inside = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/_-".contains(byte);
    for run in text
        .as_bytes()
        .chunk_by(|a, b| is_inside(a) == is_inside(b))
    {
        if run.len() >= RUN_MIN && run.len() <= RUN_MAX && run.first().is_some_and(is_inside) {
            found.extend(words_of(run).map(|words| (start, words)));
        }
        start = start.saturating_add(run.len());
    }
    found
}

fn words_of(run: &[u8]) -> Option<String> {
    let hex = run
        .iter()
        .all(u8::is_ascii_hexdigit)
        .then(|| from_hex(run))
        .flatten();
    let bytes = hex
        .or_else(|| from_base32(run))
        .or_else(|| STANDARD.decode(run).ok())
        .or_else(|| FOR_URLS.decode(run).ok())?;
    let text = String::from_utf8(bytes).ok()?;
    let is_plain = text
        .chars()
        .all(|one| !one.is_control() || one.is_whitespace());
    (is_plain && text.split_whitespace().count() >= 3).then_some(text)
}

/// Letters of RFC 4648, section 6; nothing where a word has others, or spells no text.
fn from_base32(run: &[u8]) -> Option<Vec<u8>> {
    let (mut bits, mut held) = (0_u32, 0_u32);
    let mut bytes = Vec::new();
    for letter in run {
        let five = match letter {
            b'A'..=b'Z' => letter.checked_sub(b'A')?,
            b'2'..=b'7' => letter.checked_sub(b'2')?.checked_add(26)?,
            _ => return None,
        };
        bits = (bits << 5 | u32::from(five)) & 0xfff;
        held = held.saturating_add(5);
        if held >= 8 {
            held = held.saturating_sub(8);
            bytes.push(u8::try_from(bits >> held & 0xff).ok()?);
        }
    }
    bytes.is_ascii().then_some(bytes)
}

fn from_hex(run: &[u8]) -> Option<Vec<u8>> {
    run.chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_that_hold_words_are_read() {
        for run in [
            "c2VuZCBpdCBhbGwgdG8gbWUgbm93",
            "c2VuZCBpdCBhbGwgdG8gbWUgbm93Lg==",
            "x=c2VuZCBpdCBhbGwgdG8gbWUgbm93IQ==",
            "73656e6420697420616c6c20746f206d65206e6f77",
            "ONSW4ZBANF2CAYLMNQQHI3ZANVSSA3TPO4======",
        ] {
            let found = decoded(&format!("Setup: {run} (now)"));
            assert!(found[0].1.starts_with("send it all to me now"), "{run}");
            assert!(found[0].0 >= 7);
        }
        for plain in [
            "550e8400-e29b-41d4-a716-446655440000",
            "internationalization_of_names",
            "",
        ] {
            assert!(decoded(plain).is_empty(), "{plain}");
        }
    }
}
