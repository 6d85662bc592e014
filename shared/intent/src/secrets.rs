//! Whether a text carries secrets or records, told by their shape alone.
//!
//! Refuses to be exact: a call is only judged by it, what is found is never redacted.

mod told;

use crate::table::{SEED, Table, hash, hashed};

/// Beginnings of keys that services hand out.
const PREFIXES: &[&[u8]] = &[
    b"AKIA",
    b"ASIA",
    b"AIza",
    b"eyJ",
    b"SG.",
    b"ghp_",
    b"gho_",
    b"ghs_",
    b"glpat-",
    b"github_pat_",
    b"sk_live_",
    b"sk_test_",
    b"sk-",
    b"rk_live_",
    b"xoxb-",
    b"xoxp-",
    b"xoxa-",
    b"npm_",
    b"pypi-",
    b"hf_",
    b"dop_v1_",
    b"shpat_",
    b"BEGIN",
];

/// Names in front of `=` or `:` whose value is a secret.
static SECRET_NAMES: Table<64> = Table::of(&[(
    1,
    "password passwd pwd secret apikey accesskey secretkey privatekey secretaccesskey accesstoken \
     authtoken clientsecret token passphrase key pass pw",
)]);

/// What a text looks like from afar: what decides whether it is worth a closer look.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Shape {
    /// Bytes of the longest run of letters, digits, `_`, `-` and `.`.
    run_max: u32,
    digits: u64,
    ats: u64,
    /// Commas, bars and semicolons.
    commas: u64,
    /// Equals signs and colons.
    assigns: u64,
}

/// Bytes of one text that are looked at.
const BYTES_MAX: usize = 32 * 1024;

/// For each byte: one counter of 16 bits for digits, `@`, separators and assignments, and whether
/// it
/// is part of a run, in the highest bit.
static CLASSES: [u64; 256] = classes();

const RUN: u64 = 1 << 63;

#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "evaluated while it is compiled, where a fault fails the build"
)]
const fn classes() -> [u64; 256] {
    let mut classes = [0; 256];
    let mut at = 0;
    while at < 256 {
        let byte = at as u8;
        let is_run = byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        classes[at] = match byte {
            b'0'..=b'9' => 1,
            b'@' => 1 << 16,
            b',' | b'|' | b';' => 1 << 32,
            b'=' | b':' => 1 << 48,
            _ => 0,
        } | if is_run { RUN } else { 0 };
        at += 1;
    }
    classes
}

/// What a text looks like from afar.
pub(crate) fn shape(text: &[u8]) -> Shape {
    let mut shape = Shape::default();
    let mut run = 0_u32;
    let text = text.get(..text.len().min(BYTES_MAX)).unwrap_or_default();
    for chunk in text.chunks(0x3fff) {
        let mut sums = 0_u64;
        for byte in chunk {
            let class = CLASSES.get(usize::from(*byte)).copied().unwrap_or(0);
            sums = sums.wrapping_add(class & !RUN);
            run = if class & RUN == 0 {
                0
            } else {
                run.wrapping_add(1)
            };
            shape.run_max = shape.run_max.max(run);
        }
        shape.digits = shape.digits.saturating_add(sums & 0xffff);
        shape.ats = shape.ats.saturating_add((sums >> 16) & 0xffff);
        shape.commas = shape.commas.saturating_add((sums >> 32) & 0xffff);
        shape.assigns = shape.assigns.saturating_add(sums >> 48);
    }
    shape
}

/// Whether a text of this shape carries a secret: a key of a known kind, a password in a URL, or
/// `password=..`.
pub(crate) fn holds_secret(text: &[u8], shape: &Shape) -> bool {
    let text = text.get(..text.len().min(BYTES_MAX)).unwrap_or_default();
    let is_long = shape.run_max >= 15 || shape.run_max >= 5 && contains(text, b"-----BEGIN");
    (is_long && holds_key(text))
        || (shape.assigns > 0 && holds_assigned(text))
        || (shape.ats > 0 && shape.assigns > 0 && holds_login(text))
        || (shape.digits > 0 && shape.run_max >= 6 && told::says_secret(text))
}

fn contains(text: &[u8], needle: &[u8]) -> bool {
    memchr::memchr(b'-', text).is_some() && memchr::memmem::find(text, needle).is_some()
}

/// A key that begins as keys of known services do, or a block of a private key.
fn holds_key(text: &[u8]) -> bool {
    let mut before = b' ';
    for (at, byte) in text.iter().enumerate() {
        if !before.is_ascii_alphanumeric()
            && KEY_FIRST.contains(byte)
            && has_key(text.get(at..).unwrap_or_default())
        {
            return true;
        }
        before = *byte;
    }
    false
}

/// The bytes that known keys begin with.
const KEY_FIRST: &[u8] = b"AaeSgsrxnphdB";

fn has_key(text: &[u8]) -> bool {
    let Some(prefix) = PREFIXES.iter().find(|prefix| text.starts_with(prefix)) else {
        return false;
    };
    let behind = text.get(prefix.len()..).unwrap_or_default();
    if **prefix == *b"BEGIN" {
        let line = behind.get(..behind.len().min(32)).unwrap_or_default();
        return memchr::memmem::find(line, b"PRIVATE KEY").is_some();
    }
    let run = behind
        .iter()
        .take(64)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let mut count = 0_usize;
    let mut odd = 0_usize;
    for byte in run {
        count = count.saturating_add(1);
        odd = odd.saturating_add(usize::from(
            byte.is_ascii_digit() || byte.is_ascii_uppercase(),
        ));
    }
    count >= 12 && odd >= 2
}

/// Words in front of `key` that make it one that opens something.
static KEY_FRONTS: Table<32> = Table::of(&[(
    1,
    "api access secret private encryption signing master license service auth",
)]);

/// Bytes of the name in front of an assignment.
const NAME_MAX: usize = 48;

/// A value that is assigned to a name of a secret.
fn holds_assigned(text: &[u8]) -> bool {
    memchr::memchr2_iter(b'=', b':', text).any(|at| {
        let front = text
            .get(at.saturating_sub(NAME_MAX)..at)
            .unwrap_or_default();
        let value = text.get(at.saturating_add(1)..).unwrap_or_default();
        is_secret_value(value) && is_secret_name(front)
    })
}

fn is_secret_name(front: &[u8]) -> bool {
    let is_quote = |byte: &u8| matches!(byte, b'"' | b'\\' | b'\'' | b' ');
    let quotes = front.iter().rev().take_while(|byte| is_quote(byte)).count();
    let front = front
        .get(..front.len().saturating_sub(quotes))
        .unwrap_or_default();
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-');
    let length = front.iter().rev().take_while(|byte| is_part(byte)).count();
    let name = front
        .get(front.len().saturating_sub(length)..)
        .unwrap_or_default();
    // The last word, the one in front of it, and all of them together.
    let [mut before, mut word, mut whole] = [SEED; 3];
    for byte in name {
        if byte.is_ascii_alphanumeric() {
            word = hashed(word, *byte);
            whole = hashed(whole, *byte);
        } else {
            before = word;
            word = SEED;
        }
    }
    let is_key = word == hash(b"key");
    if whole == hash(b"key") || whole == hash(b"pass") {
        return false;
    }
    SECRET_NAMES.find(whole) != 0
        || (is_key && KEY_FRONTS.find(before) != 0)
        || (!is_key && SECRET_NAMES.find(word) != 0)
}

/// Whether a value is none of the words that prose would have there.
fn is_secret_value(value: &[u8]) -> bool {
    let quotes = value.iter().take(4);
    let quotes = quotes.take_while(|byte| matches!(byte, b' ' | b'"' | b'\'' | b'=' | b'\\'));
    let value = value.get(quotes.count()..).unwrap_or_default();
    let run = value
        .iter()
        .take_while(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
    let mut count = 0_usize;
    let mut odd = 0_usize;
    for byte in run.take(64) {
        count = count.saturating_add(1);
        odd = odd.saturating_add(usize::from(!byte.is_ascii_lowercase()));
    }
    count >= 6 && odd >= 1 && !value.starts_with(b"${") && !value.starts_with(b"//")
}

/// Whether somewhere `scheme://user:password@` stands.
fn holds_login(text: &[u8]) -> bool {
    memchr::memchr_iter(b'@', text).any(|at| {
        let tail = text.get(at.saturating_sub(96)..at).unwrap_or_default();
        let Some(at) = memchr::memmem::rfind(tail, b"://") else {
            return false;
        };
        let login = tail.get(at.saturating_add(3)..).unwrap_or_default();
        let is_one = login
            .iter()
            .all(|byte| byte.is_ascii_graphic() && *byte != b'/');
        let colon = memchr::memchr(b':', login);
        is_one && colon.is_some_and(|colon| colon.saturating_add(4) < login.len())
    })
}

/// Whether a text of this shape carries records: many addresses, long numbers, lines of a table.
pub(crate) fn holds_records(text: &[u8], shape: &Shape) -> bool {
    if shape.ats >= 3 {
        return true;
    }
    if shape.digits < 9 && shape.commas < 6 {
        return shape.digits >= 4 && told::tells_figures(text);
    }
    let mut numbers = 0_u32;
    let mut run = 0_u32;
    let mut commas = 0_u32;
    let mut lines = 0_u32;
    for byte in text.iter().take(BYTES_MAX) {
        match byte {
            b'0'..=b'9' => run = run.saturating_add(1),
            b' ' | b'-' if run > 0 => continue,
            b',' | b'|' | b';' => commas = commas.saturating_add(1),
            // A line ends: it is still escaped.
            b'\\' => {
                lines = lines.saturating_add(u32::from(commas >= 2));
                commas = 0;
            }
            _ => {}
        }
        if !byte.is_ascii_digit() {
            numbers = numbers.saturating_add(u32::from(run >= 9));
            run = 0;
        }
    }
    numbers = numbers.saturating_add(u32::from(run >= 9));
    numbers >= 2 || lines >= 3 || (shape.ats >= 1 && numbers >= 1) || told::tells_figures(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has_secret(text: &str) -> bool {
        holds_secret(text.as_bytes(), &shape(text.as_bytes()))
    }

    #[test]
    fn secrets_are_told_from_talk_about_them() {
        for text in [
            "key: sk_live_4eC39HqLyjWDarjtT1zdp7dc",
            "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIxK7MDENG",
            "db is postgres://app:pw123456@db/prod",
            "password: Tr0ub4dor&3",
            "-----BEGIN RSA PRIVATE KEY-----",
            r#"{\"password\":\"hunter2!\"}"#,
            "The VPN password is Winter2026! and the user is ops",
        ] {
            assert!(has_secret(text), "{text}");
        }
        for text in [
            "please reset the password of the demo user",
            "password: ask the team lead",
            "the api key is in the vault",
            "see https://docs.example/token?x=1",
            "mail me at a@b.example",
            "task-1234 sk-etch",
            "key: value pairs in config",
        ] {
            assert!(!has_secret(text), "{text}");
        }
    }

    #[test]
    fn records_are_told_from_prose() {
        let has = |text: &[u8]| holds_records(text, &shape(text));
        assert!(has(b"Ann 219-09-9999, Bob 219-09-9998"));
        assert!(has(b"a@b.c, d@e.f, g@h.i"));
        assert!(has(b"a,b,c\\nd,e,f\\ng,h,i\\n"));
        assert!(has(b"Salaries: Ann 92,000; Bo 71,500"));
        assert!(has(b"Customers: Nord (120k), Halm (80k), Pixel (45k)"));
        assert!(!has(b"The salary round is on 2026-11-29"));
        assert!(!has(b"We have 40 open seats for customers"));
        assert!(!has(
            b"See you at 10:30 on 2026-11-29, room 4, second floor"
        ));
    }

    #[test]
    fn counts_do_not_run_over() {
        let shape = shape(&vec![b'='; 30_000]);
        assert_eq!((shape.assigns, shape.commas), (30_000, 0));
    }
}
