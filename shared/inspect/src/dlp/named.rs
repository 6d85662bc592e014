//! Reads values that have a name: members of JSON, YAML, settings of an environment, headers,
//! attributes, arguments of commands, sentences such as `the password is ...`.
//!
//! Decides where the name and its value stand; what they mean is for others.

use super::text::{Text, less, sum};

/// Longest name, in bytes.
pub(super) const NAME_MAX: usize = 64;
/// Most blanks between a name and what binds a value to it, in bytes.
const BLANKS_MAX: usize = 24;
/// Shortest long option with one dash, in bytes.
const OPTION_MIN: usize = 6;
/// Longest value, in bytes.
const VALUE_MAX: usize = 4096;

/// A value with its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Named {
    /// The name, as it stands.
    pub(super) name: (usize, usize),
    /// Where the value begins, behind its quote.
    pub(super) value: usize,
    /// What ends the value.
    pub(super) quote: Option<u8>,
    /// How the name is bound to it.
    pub(super) bond: Bond,
}

/// How a name is bound to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bond {
    /// `name: value`, `name=value`, `"name": "value"`.
    Sign,
    /// `the name is value`.
    Sentence,
    /// `--name value`.
    Option,
}

const fn is_of_name(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

/// The name that holds the word which ends at `word_end`.
pub(super) fn name_around(text: Text<'_>, word_end: usize) -> (usize, usize) {
    let start = less(word_end, text.run_back(word_end, NAME_MAX, is_of_name));
    let mut end = sum(word_end, text.run(word_end, NAME_MAX, is_of_name));
    while end > start && matches!(text.before(end), b'.' | b'-') {
        end = less(end, 1);
    }
    (start, end)
}

/// The value of the name, if it has one.
pub(super) fn read(text: Text<'_>, name: (usize, usize)) -> Option<Named> {
    let mut at = name.1;
    // `"name"`, `['name']`, `<name>`, `**name**`
    at = sum(
        at,
        text.run(at, 3, |byte| {
            matches!(byte, b'"' | b'\'' | b'`' | b']' | b')' | b'*')
        }),
    );
    let closed = at > name.1;
    // Settings stand in columns: `db_password      = "..."`.
    at = sum(
        at,
        text.run(at, BLANKS_MAX, |byte| matches!(byte, b' ' | b'\t')),
    );
    let bond;
    (at, bond) = sign(text, name, at, closed)?;
    at = sum(
        at,
        text.run(at, 8, |byte| matches!(byte, b' ' | b'\t' | b'*' | b'|')),
    );
    if text.has(at, b"\n") {
        return None;
    }
    // `"""` opens a text of TOML or Python.
    if matches!(text.slice(at, sum(at, 3)), b"\"\"\"" | b"'''") {
        at = sum(at, 2);
    }
    let quote = match text.at(at) {
        byte @ (b'"' | b'\'' | b'`') => Some(byte),
        _ => None,
    };
    let value = sum(at, usize::from(quote.is_some()));
    Some(Named {
        name,
        value,
        quote,
        bond,
    })
}

/// Behind what binds a value to the name.
fn sign(text: Text<'_>, name: (usize, usize), at: usize, closed: bool) -> Option<(usize, Bond)> {
    let rest = text.slice(at, sum(at, 12));
    match rest {
        [b':', b'=', ..] | [b'=', b'>', ..] | [b'-', b'>', ..] | [b'=', b'=', ..] => {
            Some((sum(at, 2), Bond::Sign))
        }
        [b':' | b'=', ..] => Some((sum(at, 1), Bond::Sign)),
        // `<name>value</name>`
        [b'>', ..] if text.before(name.0) == b'<' => Some((sum(at, 1), Bond::Sign)),
        // `{"name": "NAME", "value": "..."}`
        [b',', ..] if closed => value_member(text, sum(at, 1)).map(|at| (at, Bond::Sign)),
        // `<add key="NAME" value="..."/>`
        [b'v', b'a', b'l', b'u', b'e', b'=', b'"' | b'\'', ..] if closed => {
            Some((sum(at, 6), Bond::Sign))
        }
        // `.password("...")`
        [b'(', b'"' | b'\'', ..] if !closed && at == name.1 => Some((sum(at, 1), Bond::Sign)),
        // `- name: NAME`, and `value: ...` in the next line.
        [b'\n' | b'\r', ..] => value_line(text, at).map(|at| (at, Bond::Sign)),
        _ if closed || at == name.1 => None,
        [b'i', b's', b' ', ..] => Some((sum(at, 3), Bond::Sentence)),
        [b'i', b's', b':', ..] => Some((sum(at, 3), Bond::Sentence)),
        _ if text.slice(less(name.0, 2), name.0) == b"--"
            || text.slice(name.0, sum(name.0, 2)) == b"--"
            || is_long_option(text, name) =>
        {
            Some((at, Bond::Option))
        }
        // `with password nAQRFlkm6T8F`, `password    CQ45qTCnCb3vyeT-`
        // and `#define MQTT_TOKEN "ayZJM2vy.."`
        [b'"' | b'\'', ..] if is_strong(word_at(text, sum(at, 1))) => Some((at, Bond::Sign)),
        _ if is_strong(word_at(text, at)) => Some((at, Bond::Sentence)),
        _ => None,
    }
}

/// Behind the colon of `value:` in the next line, as YAML has it.
fn value_line(text: Text<'_>, at: usize) -> Option<usize> {
    let blanks = text.run(at, 40, |byte| matches!(byte, b'\n' | b'\r' | b' '));
    let at = sum(at, blanks);
    (text.slice(at, sum(at, 7)) == b"value: ").then_some(sum(at, 6))
}

/// The word that begins at the place, up to a blank or a quote.
fn word_at(text: Text<'_>, at: usize) -> &[u8] {
    let ends = |byte: u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | 0);
    text.slice(at, sum(at, text.run(at, 130, |byte| !ends(byte))))
}

/// Whether a word has what passwords that machines make have: letters in both cases, digits.
fn is_strong(word: &[u8]) -> bool {
    let has = |kind: fn(&u8) -> bool| word.iter().any(kind);
    (8..=128).contains(&word.len())
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && has(u8::is_ascii_digit)
}

/// Whether the name is an option with one dash, as Java, PowerShell and Go have them:
/// `-storepass`, `-Password`.
fn is_long_option(text: Text<'_>, name: (usize, usize)) -> bool {
    let letters = less(name.1, name.0);
    text.at(name.0) == b'-'
        && text.at(sum(name.0, 1)).is_ascii_alphabetic()
        && letters >= OPTION_MIN
        && matches!(text.before(name.0), 0 | b' ' | b'\t' | b'\n' | b'"' | b'\'')
}

/// Behind the colon of a `value` member that begins at the place.
fn value_member(text: Text<'_>, at: usize) -> Option<usize> {
    let blank = |byte: u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    let at = sum(at, text.run(at, 40, blank));
    let name = text.slice(at, sum(at, 7));
    if !name.eq_ignore_ascii_case(b"\"value\"") {
        return None;
    }
    let at = sum(sum(at, 7), text.run(sum(at, 7), 4, blank));
    (text.at(at) == b':').then_some(sum(at, 1))
}

impl Named {
    /// Where the value ends as one word: at its quote, else at the first byte that ends a word.
    pub(super) fn word_end(&self, text: Text<'_>) -> usize {
        let start = self.value;
        if let Some(quote) = self.quote {
            return quoted_end(text, start, quote);
        }
        let ends = |byte: u8| {
            byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b'<' | b'>' | 0)
        };
        let length = text.run(start, VALUE_MAX, |byte| !ends(byte));
        let mut end = sum(start, length);
        // In a list or a call, signs behind the value are none of it.
        while end > start
            && matches!(
                text.before(end),
                b',' | b';' | b')' | b'}' | b']' | b'.' | b':'
            )
        {
            end = less(end, 1);
        }
        let inner = text.slice(start, end);
        let cut = inner
            .iter()
            .position(|byte| matches!(byte, b',' | b';' | b'&'));
        match cut {
            // `a=b&c=d`, `a=b;c=d`: one of several.
            Some(at)
                if inner
                    .get(at..)
                    .is_some_and(|rest| rest.contains(&b'=') || rest.contains(&b':')) =>
            {
                sum(start, at)
            }
            _ => end,
        }
    }

    /// Where the value ends as a phrase: at its quote, else at the end of the line, of the field
    /// or of the sentence.
    pub(super) fn phrase_end(&self, text: Text<'_>) -> usize {
        let start = self.value;
        if let Some(quote) = self.quote {
            return quoted_end(text, start, quote);
        }
        let ends = |byte: u8| matches!(byte, b'\n' | b'\r' | b'"' | b';' | b'|' | b'<' | b'\t' | 0);
        let mut end = sum(start, text.run(start, 200, |byte| !ends(byte)));
        while end > start && matches!(text.before(end), b' ' | b',' | b'.' | b'*') {
            end = less(end, 1);
        }
        end
    }
}

/// Where the text ends that began behind this quote; at the end of the line when it is not closed.
pub(super) fn quoted_end(text: Text<'_>, start: usize, quote: u8) -> usize {
    let mut at = start;
    let most = sum(start, VALUE_MAX);
    while at < most {
        match text.at(at) {
            b'\\' if text.at(sum(at, 1)) != 0 => at = sum(at, 2),
            byte if byte == quote => return at,
            b'\n' | 0 => return at,
            _ => at = sum(at, 1),
        }
    }
    at
}

/// Writes the name in lower case, its words joined by `_`: `apiKey`, `API-Key` and `api key` are
/// `api_key`. Cut at the length of the buffer.
pub(super) fn normalise<'b>(name: &[u8], buffer: &'b mut [u8; NAME_MAX]) -> &'b [u8] {
    let mut length = 0_usize;
    let mut before = 0_u8;
    for (index, byte) in name.iter().enumerate() {
        let next = name.get(sum(index, 1)).copied().unwrap_or(0);
        let begins = byte.is_ascii_uppercase()
            && (before.is_ascii_lowercase()
                || before.is_ascii_digit()
                || before.is_ascii_uppercase() && next.is_ascii_lowercase());
        let plain = byte.is_ascii_alphanumeric();
        if (begins || !plain) && length > 0 && buffer.get(less(length, 1)) != Some(&b'_') {
            put(buffer, &mut length, b'_');
        }
        if plain {
            put(buffer, &mut length, byte.to_ascii_lowercase());
        }
        before = *byte;
    }
    while length > 0 && buffer.get(less(length, 1)) == Some(&b'_') {
        length = less(length, 1);
    }
    buffer.get(..length).unwrap_or_default()
}

fn put(buffer: &mut [u8; NAME_MAX], length: &mut usize, byte: u8) {
    if let Some(place) = buffer.get_mut(*length) {
        *place = byte;
        *length = sum(*length, 1);
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "places in short texts")]
mod tests {
    use super::*;

    fn value(text: &str, name: &str) -> Option<String> {
        let at = text.find(name)?;
        let bytes = Text(text.as_bytes());
        let named = read(bytes, name_around(bytes, at + name.len()))?;
        Some(text[named.value..named.word_end(bytes)].to_owned())
    }

    #[test]
    fn values_are_read_behind_every_bond() {
        for text in [
            "password: abc",
            "password=abc",
            "password = \"abc\"",
            "{\"password\": \"abc\"}",
            "{\"db_password\":\"abc\",\"x\":1}",
            "<password>abc</password>",
            "the password is abc.",
            "--password abc --x",
            "keytool -password abc -v",
            "password         = \"abc\"",
            ".password(\"abc\")",
            "- name: password\n  value: \"abc\"",
            "<add key=\"password\" value=\"abc\" />",
            "password => 'abc',",
            "config['password'] = 'abc'",
            "{\"name\": \"DB_PASSWORD\", \"value\": \"abc\"}"
                .to_lowercase()
                .as_str(),
            "?password=abc&x=1",
            "user=x;password=abc;y=z",
            "**password:** abc",
        ] {
            assert_eq!(value(text, "password").as_deref(), Some("abc"), "{text}");
        }
        for text in [
            "password",
            "no password here",
            "one-password abc",
            "\"password\", \"x\"",
            "password:\n",
        ] {
            assert_eq!(value(text, "password"), None, "{text}");
        }
    }

    #[test]
    fn names_are_spelled_alike() {
        for (name, expected) in [
            ("apiKey", "api_key"),
            ("API-Key", "api_key"),
            ("DB_PASSWORD", "db_password"),
            ("AWSSecretKey", "aws_secret_key"),
            ("x", "x"),
            ("__a..b__", "a_b"),
            ("street1", "street1"),
        ] {
            let mut buffer = [0; NAME_MAX];
            assert_eq!(normalise(name.as_bytes(), &mut buffer), expected.as_bytes());
        }
    }
}
