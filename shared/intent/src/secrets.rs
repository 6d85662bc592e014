//! Whether a text carries secrets or records, told by their shape alone.
//!
//! Refuses to be exact: a call is only judged by it, what is found is never redacted.

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

/// Whether a text carries a secret: a key of a known kind, a password in a URL, or `password=..`.
pub(crate) fn holds_secret(text: &[u8]) -> bool {
    if text.len() < 12 {
        return false;
    }
    // The last word, the one in front of it, and all words that `_` and `-` tie together.
    let mut name = [SEED; 3];
    let mut before = b' ';
    for (at, byte) in text.iter().enumerate() {
        let behind = || text.get(at.saturating_add(1)..).unwrap_or_default();
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => {
                if !before.is_ascii_alphanumeric()
                    && KEY_FIRST.contains(byte)
                    && has_key(text.get(at..).unwrap_or_default())
                {
                    return true;
                }
                if matches!(before, b'"' | b'\\' | b'\'') {
                    name = [SEED; 3];
                }
                let [_, word, whole] = &mut name;
                *word = hashed(*word, *byte);
                *whole = hashed(*whole, *byte);
            }
            b'_' | b'-' => {
                let [front, word, _] = &mut name;
                *front = *word;
                *word = SEED;
            }
            // A quoted name is still the name of what follows its colon.
            b'"' | b'\\' | b'\'' => {}
            b'=' | b':' if is_assigned(name, behind()) => return true,
            b'@' if has_login(text.get(..at).unwrap_or_default()) => return true,
            _ => name = [SEED; 3],
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
        return memchr::memmem::find(
            behind.get(..32.min(behind.len())).unwrap_or_default(),
            b"PRIVATE KEY",
        )
        .is_some();
    }
    let run = behind
        .iter()
        .take(64)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let mut digits = 0_usize;
    let mut count = 0_usize;
    for byte in run {
        count = count.saturating_add(1);
        if byte.is_ascii_digit() || byte.is_ascii_uppercase() {
            digits = digits.saturating_add(1);
        }
    }
    count >= 12 && digits >= 2
}

/// Words in front of `key` that make it one that opens something.
static KEY_FRONTS: Table<32> = Table::of(&[(
    1,
    "api access secret private encryption signing master license service auth",
)]);

/// Whether a value is assigned to a name of a secret: its last two words, and it as a whole.
fn is_assigned([front, word, whole]: [u64; 3], value: &[u8]) -> bool {
    let is_key = word == hash(b"key") && KEY_FRONTS.find(front) != 0;
    let is_named = word != hash(b"key") && SECRET_NAMES.find(word) != 0;
    if !is_key && !is_named && SECRET_NAMES.find(whole) == 0 {
        return false;
    }
    if whole == hash(b"key") || whole == hash(b"pass") {
        return false;
    }
    let quotes = value.iter().take(4);
    let quotes = quotes.take_while(|byte| matches!(byte, b' ' | b'"' | b'\'' | b'=' | b'\\'));
    let value = value.get(quotes.count()..).unwrap_or_default();
    let run = value
        .iter()
        .take_while(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
    let mut count = 0_usize;
    let mut other = 0_usize;
    for byte in run.take(64) {
        count = count.saturating_add(1);
        other = other.saturating_add(usize::from(!byte.is_ascii_lowercase()));
    }
    count >= 6 && other >= 1 && !value.starts_with(b"${") && !value.starts_with(b"//")
}

/// Whether what ends in front of an `@` is `scheme://user:password`.
fn has_login(text: &[u8]) -> bool {
    let tail = text
        .get(text.len().saturating_sub(96)..)
        .unwrap_or_default();
    let Some(at) = memchr::memmem::rfind(tail, b"://") else {
        return false;
    };
    let login = tail.get(at.saturating_add(3)..).unwrap_or_default();
    let is_one = login
        .iter()
        .all(|byte| byte.is_ascii_graphic() && *byte != b'/');
    let colon = memchr::memchr(b':', login);
    is_one && colon.is_some_and(|colon| colon.saturating_add(4) < login.len())
}

/// Whether a text carries records: many addresses, long numbers, lines of a table.
pub(crate) fn holds_records(text: &[u8]) -> bool {
    let mut mails = 0_u32;
    let mut digits = 0_u32;
    let mut run = 0_u32;
    let mut commas = 0_u32;
    let mut lines = 0_u32;
    for byte in text.iter().take(16_384) {
        match byte {
            b'@' => mails = mails.saturating_add(1),
            b'0'..=b'9' => run = run.saturating_add(1),
            b' ' | b'-' if run > 0 => continue,
            b',' | b'|' | b';' => commas = commas.saturating_add(1),
            b'\\' => {
                lines = lines.saturating_add(u32::from(commas >= 2));
                commas = 0;
            }
            _ => {}
        }
        if !byte.is_ascii_digit() {
            digits = digits.saturating_add(u32::from(run >= 9));
            run = 0;
        }
    }
    digits = digits.saturating_add(u32::from(run >= 9));
    mails >= 3 || digits >= 2 || lines >= 3 || (mails >= 1 && digits >= 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_told_from_talk_about_them() {
        for text in [
            "key: sk_live_4eC39HqLyjWDarjtT1zdp7dc",
            "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIxK7MDENG",
            "db is postgres://app:pw123456@db/prod",
            "password: Tr0ub4dor&3",
            "-----BEGIN RSA PRIVATE KEY-----",
            r#"{\"password\":\"hunter2!\"}"#,
        ] {
            assert!(holds_secret(text.as_bytes()), "{text}");
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
            assert!(!holds_secret(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn records_are_told_from_prose() {
        assert!(holds_records(b"Ann 219-09-9999, Bob 219-09-9998"));
        assert!(holds_records(b"a@b.c, d@e.f, g@h.i"));
        assert!(!holds_records(
            b"See you at 10:30 on 2026-11-29, room 4, second floor"
        ));
    }
}
