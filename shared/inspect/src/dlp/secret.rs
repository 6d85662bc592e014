//! Judges values whose name says that they are secret: passwords, keys and tokens without a form
//! of their own.
//!
//! Refuses what stands in for a secret: placeholders, references to variables, words of
//! documentation, code.

use super::text::{Text, is_word, less};
use super::vocabulary::Meaning;

/// What a name promises about its value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Promise {
    /// A password, which people choose.
    Password,
    /// A key or token, which machines make.
    Key,
}

impl Promise {
    /// How sure a value is what the name promises, in percent; 0 when it is not. In a sentence, a
    /// value counts for less.
    pub(super) fn kept(self, value: &[u8], quoted: bool, sentence: bool) -> u8 {
        match self {
            Self::Password => password(value, quoted, sentence),
            Self::Key if sentence => key(value, quoted).saturating_sub(10),
            Self::Key => key(value, quoted),
        }
    }
}

/// What words of a name mean together, and what the last of them means.
pub(super) fn promise(name: &[u8], all: Meaning, last: Meaning) -> Option<Promise> {
    // The password of a store is no word about one.
    if name.ends_with(b"store_password") {
        return Some(Promise::Password);
    }
    if all.any(Meaning::ABOUT) {
        return None;
    }
    if all.any(Meaning::PASSWORD) || has_part(name, &["password", "passwd", "passphrase"]) {
        return Some(Promise::Password);
    }
    let joined = [
        "apikey",
        "secretkey",
        "accesskey",
        "privatekey",
        "authtoken",
    ];
    if all.any(Meaning::SECRET) || has_part(name, &joined) {
        return Some(Promise::Key);
    }
    let several = name.contains(&b'_');
    let key = last.any(Meaning::KEY) && several && !all.any(Meaning::PLAIN_KEY);
    let token = last.any(Meaning::TOKEN) && !all.any(Meaning::PLAIN_TOKEN);
    (key || token).then_some(Promise::Key)
}

fn has_part(name: &[u8], parts: &[&str]) -> bool {
    // At either end of a word: `mypassword`, `passwordnew`.
    let mut long = name
        .split(|byte| *byte == b'_')
        .filter(|word| word.len() > 6);
    long.any(|word| {
        let mut parts = parts.iter().map(|part| part.as_bytes());
        parts.any(|part| word.starts_with(part) || word.ends_with(part))
    })
}

/// How sure a value is the password that its name promises, in percent; 0 when it is none.
fn password(value: &[u8], quoted: bool, sentence: bool) -> u8 {
    if !(4..=128).contains(&value.len()) || stands_in(value, quoted) {
        return 0;
    }
    let blanks = value
        .iter()
        .filter(|byte| byte.is_ascii_whitespace())
        .count();
    if blanks > 0 {
        return 0;
    }
    let kinds = kinds(value);
    let digits = value.iter().any(u8::is_ascii_digit);
    let signs = value.iter().any(u8::is_ascii_punctuation);
    match kinds {
        // A word, a number, an acronym.
        0 | 1 if value.len() < 12 || value.iter().all(u8::is_ascii_digit) => 0,
        0 | 1 if entropy(value) < 330 => 0,
        0 | 1 => 65,
        2 if !digits && !signs => {
            // `Required`, `String`, `camelCase`.
            let inner = value.get(1..).unwrap_or_default();
            if inner.iter().any(u8::is_ascii_uppercase) && value.len() >= 10 {
                70
            } else {
                0
            }
        }
        _ if sentence && !digits => 0,
        _ if value.len() < 6 => 62,
        2 => 82,
        _ => 92,
    }
}

/// How sure a value is the key that its name promises, in percent; 0 when it is none.
fn key(value: &[u8], quoted: bool) -> u8 {
    let fits = |byte: &u8| byte.is_ascii_alphanumeric() || b"_-+/=.~:!@#$%^&*|".contains(byte);
    if !(12..=512).contains(&value.len()) || !value.iter().all(fits) || stands_in(value, quoted) {
        return 0;
    }
    let digits = value.iter().filter(|byte| byte.is_ascii_digit()).count();
    let entropy = entropy(value);
    let hex = value.iter().all(u8::is_ascii_hexdigit);
    if digits == value.len() {
        return 0;
    }
    if is_uuid(value) {
        return 68;
    }
    if hex {
        return if value.len() >= 16 && entropy >= 270 && digits > 0 {
            85
        } else {
            0
        };
    }
    let joined = value.split(|byte| matches!(byte, b'-' | b'_' | b'.' | b'/' | b':'));
    let wordlike = joined
        .filter(|part| {
            part.len() >= 3 && part.iter().all(u8::is_ascii_alphabetic) && is_cased(part)
        })
        .map(<[u8]>::len)
        .sum::<usize>();
    // `my-service-token`, `projects/x/secrets/y`: most of it is words.
    if wordlike.saturating_mul(2) > value.len() {
        return 0;
    }
    if value.len() >= 20 && entropy >= 350 {
        return 90;
    }
    if digits > 0 && entropy >= 300 && kinds(value) >= 2 {
        return 80;
    }
    0
}

/// Whether letters are written like a word: in one case, or with one capital in front.
fn is_cased(word: &[u8]) -> bool {
    let rest = word.get(1..).unwrap_or_default();
    rest.iter().all(u8::is_ascii_lowercase) || word.iter().all(u8::is_ascii_uppercase)
}

/// How many of the four kinds of character a value has: small, capital, digit, sign.
fn kinds(value: &[u8]) -> u32 {
    let has = |test: fn(&u8) -> bool| u32::from(value.iter().any(test));
    has(u8::is_ascii_lowercase)
        .saturating_add(has(u8::is_ascii_uppercase))
        .saturating_add(has(u8::is_ascii_digit))
        .saturating_add(has(u8::is_ascii_punctuation))
}

/// Whether the value has the form of RFC 9562 section 4.
pub(super) fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

/// Whether a value stands in for a secret that is not there.
pub(super) fn stands_in(value: &[u8], quoted: bool) -> bool {
    let text = Text(value);
    let last = value.last().copied().unwrap_or(0);
    let bracketed = matches!(
        (text.at(0), last),
        (b'<', b'>') | (b'{', _) | (b'[', _) | (b'(', _) | (b'*', b'*')
    );
    // `${X}`, `$(x)`, `$X`, `%X%`, `{{x}}`, `#{x}`, `@x`
    let is_name = |bytes: &[u8]| {
        !bytes.is_empty()
            && bytes
                .iter()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
    };
    let variable = matches!(
        value,
        [b'$', b'{' | b'(', ..] | [b'#', b'{', ..] | [b'{', b'{', ..]
    ) || matches!(value, [b'$', rest @ ..] if is_name(rest))
        || matches!(value, [b'%', rest @ .., b'%'] if is_name(rest));
    let first = text.at(0);
    let repeated = value.iter().all(|byte| *byte == first);
    let masked = value
        .iter()
        .filter(|byte| matches!(byte, b'*' | b'x' | b'X' | b'.'))
        .count();
    bracketed
        || variable
        || repeated
        || masked.saturating_mul(2) > value.len()
        || memchr::memmem::find(value, b"...").is_some()
        || memchr::memmem::find(value, b"***").is_some()
        || has_stop_word(value)
        || (!quoted && is_code(text))
}

/// Whether an unquoted value is an expression: a call, a path of names.
fn is_code(text: Text<'_>) -> bool {
    let value = text.0;
    let ident = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'?');
    let call = value.contains(&b'(') || value.contains(&b'[');
    let starts = text.at(0).is_ascii_alphabetic() || text.at(0) == b'_';
    let head = text.run(0, value.len(), ident);
    let path = starts
        && head > 0
        && text.at(head) == b'.'
        && value.iter().all(|byte| ident(*byte) || *byte == b'.')
        && !value.iter().any(u8::is_ascii_digit);
    let name = starts
        && value.contains(&b'_')
        && value.iter().all(|byte| is_word(*byte) || *byte == b'_')
        && !value.iter().any(u8::is_ascii_digit);
    (call && starts) || path || name
}

fn has_stop_word(value: &[u8]) -> bool {
    let mut buffer = [0_u8; 128];
    let head = value.get(..value.len().min(128)).unwrap_or_default();
    for (to, from) in buffer.iter_mut().zip(head) {
        *to = from.to_ascii_lowercase();
    }
    let lower = buffer.get(..head.len()).unwrap_or_default();
    let exact = STAND_INS.iter().any(|word| word.as_bytes() == lower);
    exact
        || STOP_WORDS
            .iter()
            .any(|word| memchr::memmem::find(lower, word.as_bytes()).is_some())
}

/// Whole values that stand in for others.
const STAND_INS: &[&str] = &[
    "null",
    "none",
    "true",
    "false",
    "nil",
    "undefined",
    "string",
    "password",
    "secret",
    "token",
    "test",
    "admin",
    "root",
    "user",
    "pass",
    "optional",
    "required",
    "hidden",
    "n/a",
    "todo",
    "tbd",
    "unset",
    "empty",
    "env",
    "vault",
    "prompt",
    "ask",
    "integer",
    "number",
    "boolean",
    "object",
];
/// What values hold that stand in for others.
const STOP_WORDS: &[&str] = &[
    "example",
    "changeme",
    "change_me",
    "change-me",
    "placeholder",
    "your_",
    "your-",
    "yourpass",
    "yourkey",
    "yoursecret",
    "yourtoken",
    "redacted",
    "replace",
    "insert",
    "dummy",
    "sample",
    "xxxx",
    "process.env",
    "os.environ",
    "getenv",
    "secrets.",
    "vault:",
    "vault/",
    "arn:aws",
    "ssm:",
    "<your",
    "secretmanager",
    "keyvault",
    "op://",
    "not_set",
    "goes_here",
    "goes-here",
    "123456789",
    "abcdefg",
];

/// Shannon entropy of bytes, in hundredths of a bit a byte.
pub(super) fn entropy(value: &[u8]) -> u32 {
    let mut counts = [0_u16; 256];
    for byte in value {
        if let Some(count) = counts.get_mut(usize::from(*byte)) {
            *count = count.saturating_add(1);
        }
    }
    let length = u32::try_from(value.len()).unwrap_or(u32::MAX);
    if length == 0 {
        return 0;
    }
    // H = log2(n) - (sum of c log2 c) / n
    let total = f64::from(length);
    let weighted: f64 = counts
        .iter()
        .filter(|count| **count > 1)
        .map(|count| f64::from(*count) * f64::from(*count).log2())
        .sum();
    let bits = total.log2() - weighted / total;
    // At most 8 bits a byte.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "0 to 800"
    )]
    let hundredths = (bits * 100.0).clamp(0.0, 800.0) as u32;
    hundredths
}

/// The value behind `Bearer`, `Basic`, `Token` and the like, and how long the scheme is.
pub(super) fn behind_scheme(value: &[u8]) -> usize {
    const SCHEMES: &[&str] = &[
        "bearer ", "basic ", "token ", "apikey ", "api-key ", "key ", "ssws ",
    ];
    let found = SCHEMES.iter().find(|scheme| {
        value
            .get(..scheme.len())
            .is_some_and(|head| head.eq_ignore_ascii_case(scheme.as_bytes()))
    });
    found.map_or(0, |scheme| scheme.len())
}

/// Fills `out` with what the value stands for when it is text in base64 (RFC 4648 section 4).
pub(super) fn unwrapped(value: &[u8], out: &mut Vec<u8>) -> bool {
    out.clear();
    let padding = value.iter().rev().take_while(|byte| **byte == b'=').count();
    let body = less(value.len(), padding);
    let run = value.get(..body).unwrap_or_default();
    if run.len() < 8
        || !value.len().is_multiple_of(4)
        || !run.iter().all(|byte| super::encoded::is_base64(*byte))
    {
        return false;
    }
    super::encoded::decode(run, out);
    out.len() >= 4 && out.iter().all(|byte| matches!(byte, b' '..=b'~'))
}
