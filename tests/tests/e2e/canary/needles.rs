//! Values that must not come out, in every form in which they might.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use rand::RngExt as _;

/// Bytes of a form that are looked up at once.
const LEAD: usize = 8;

/// See the module.
#[derive(Default)]
pub(crate) struct Needles {
    /// Name, form and text.
    all: Vec<(String, &'static str, Vec<u8>)>,
    /// Those that begin with these bytes.
    by_lead: BTreeMap<[u8; LEAD], Vec<usize>>,
}

/// A value that nothing else has: visible ASCII that a URL has to escape.
pub(crate) fn canary() -> String {
    const LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz23456789";
    let mut random = rand::rng();
    let mut letters = |count: usize| -> String {
        (0..count)
            .map(|_| char::from(LETTERS[random.random_range(0..LETTERS.len())]))
            .collect()
    };
    format!("{}+{}/{}=", letters(12), letters(12), letters(8))
}

pub(crate) fn in_base64(text: &str) -> String {
    base64::engine::general_purpose::STANDARD.encode(text)
}

impl Needles {
    /// A value as it stands and as it may be dressed.
    pub(crate) fn add(&mut self, name: &str, value: &str) {
        let bytes = value.as_bytes();
        let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        let escaped: String = bytes
            .iter()
            .map(
                |byte| match byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
                    true => char::from(*byte).to_string(),
                    false => format!("%{byte:02X}"),
                },
            )
            .collect();
        self.put(name, "plain", value);
        self.put(name, "backwards", &value.chars().rev().collect::<String>());
        self.put(name, "hexadecimal", &hex);
        self.put(name, "HEXADECIMAL", &hex.to_uppercase());
        self.put(name, "escaped", &escaped);
        self.put(name, "escaped", &escaped.to_lowercase());
        for before in 0..3 {
            let whole = [&b"xx"[..before], bytes].concat();
            for engine in [&STANDARD_NO_PAD, &URL_SAFE_NO_PAD] {
                let text = engine.encode(&whole);
                let own = &text[(before * 8).div_ceil(6)..whole.len() * 8 / 6];
                self.put(name, "base64", own);
            }
        }
    }

    /// A key that lies on the disk in hexadecimal.
    pub(crate) fn add_key(&mut self, name: &str, hex: &str) {
        self.add(name, hex);
        let digits = hex.as_bytes().chunks(2);
        let bytes: Vec<u8> = digits
            .map(|pair| {
                u8::from_str_radix(core::str::from_utf8(pair).expect("ASCII"), 16).expect("a byte")
            })
            .collect();
        self.put_bytes(name, "bytes", bytes.clone());
        self.put(name, "base64", &STANDARD_NO_PAD.encode(&bytes)[..42]);
    }

    fn put(&mut self, name: &str, form: &'static str, text: &str) {
        self.put_bytes(name, form, text.as_bytes().to_vec());
    }

    fn put_bytes(&mut self, name: &str, form: &'static str, bytes: Vec<u8>) {
        let lead = *bytes.first_chunk().expect("a long value");
        self.by_lead.entry(lead).or_default().push(self.all.len());
        self.all.push((name.to_owned(), form, bytes));
    }

    /// Stops the test where one of them stands in this, but for those whose names begin like this.
    pub(crate) fn in_none_of(&self, place: &str, bytes: &[u8], but: &[&str]) {
        for (at, window) in bytes.windows(LEAD).enumerate() {
            let lead: [u8; LEAD] = window.try_into().expect("its length");
            for one in self.by_lead.get(&lead).into_iter().flatten() {
                let (name, form, needle) = &self.all[*one];
                let is_meant = but.iter().any(|it| name.starts_with(it));
                if !is_meant && bytes[at..].starts_with(needle) {
                    let around = String::from_utf8_lossy(&bytes[at.saturating_sub(80)..at]);
                    panic!("{place}: {name}, {form}, behind {around:?}");
                }
            }
        }
    }
}

#[test]
fn a_value_is_found_in_every_dress() {
    let mut needles = Needles::default();
    needles.add("key", "a+b/c=defghijkl");
    for said in [
        "a+b/c=defghijkl",
        "lkjihgfed=c/b+a",
        "612b622f633d6465666768696a6b6c",
        "a%2Bb%2Fc%3Ddefghijkl",
        &in_base64("a+b/c=defghijkl"),
        &in_base64("za+b/c=defghijklz"),
        &in_base64("zza+b/c=defghijklzz"),
    ] {
        let text = format!("so it is {said}!");
        let found = std::panic::catch_unwind(|| needles.in_none_of("here", text.as_bytes(), &[]));
        assert!(found.is_err(), "{said}");
        needles.in_none_of("here", text.as_bytes(), &["ke"]);
    }
    needles.in_none_of("here", b"a+b/c=defghijk", &[]);
}
