//! Random definitions, the many ways to write one, and changes of one.

use rand::rngs::SmallRng;
use rand::seq::{IndexedRandom as _, SliceRandom as _};
use rand::{RngExt as _, SeedableRng as _};

/// A JSON value by its meaning.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    /// `digits * 10^exponent`, without zeros at the end; 0 has exponent 0.
    Number(i128, i32),
    Text(String),
    Array(Vec<Value>),
    /// Distinct keys.
    Object(Vec<(String, Value)>),
}

pub(crate) fn seeded(seed: u64) -> SmallRng {
    SmallRng::seed_from_u64(seed)
}

/// An object with a name.
pub(crate) fn definition(random: &mut SmallRng) -> Value {
    let Value::Object(mut members) = object(random, 3) else {
        unreachable!("an object")
    };
    members.retain(|(key, _)| key != "name" && key != "_meta");
    members.push(("name".to_owned(), Value::Text(text(random))));
    Value::Object(members)
}

fn value(random: &mut SmallRng, depth: u32) -> Value {
    match random.random_range(0..if depth == 0 { 5 } else { 8 }) {
        0 => Value::Null,
        1 => Value::Bool(random.random()),
        2 => number(random),
        3 | 4 => Value::Text(text(random)),
        5 => {
            let count = random.random_range(0..4);
            Value::Array((0..count).map(|_| value(random, depth - 1)).collect())
        }
        _ => object(random, depth - 1),
    }
}

fn object(random: &mut SmallRng, depth: u32) -> Value {
    let mut members: Vec<(String, Value)> = Vec::new();
    for _ in 0..random.random_range(0..5) {
        let key = text(random);
        if members.iter().all(|(known, _)| *known != key) {
            let value = value(random, depth);
            members.push((key, value));
        }
    }
    Value::Object(members)
}

fn number(random: &mut SmallRng) -> Value {
    let digits = match random.random_range(0..3) {
        0 => i128::from(random.random_range(-20..20)),
        1 => i128::from(random.random::<i64>()),
        _ => random.random::<i128>() / 1000,
    };
    normal(digits, random.random_range(-30..30))
}

fn normal(mut digits: i128, mut exponent: i32) -> Value {
    if digits == 0 {
        return Value::Number(0, 0);
    }
    while digits % 10 == 0 {
        digits /= 10;
        exponent += 1;
    }
    Value::Number(digits, exponent)
}

const LETTERS: [char; 20] = [
    'a',
    'b',
    'A',
    'e',
    '0',
    ' ',
    '"',
    '\\',
    '/',
    '\n',
    '\u{1}',
    '\u{7f}',
    'é',
    '\u{301}',
    'о',
    '\u{202e}',
    '\u{fb33}',
    '😀',
    '\u{ffff}',
    '\u{e0041}',
];

fn text(random: &mut SmallRng) -> String {
    let count = random.random_range(0..6);
    (0..count).map(|_| letter(random)).collect()
}

fn letter(random: &mut SmallRng) -> char {
    *LETTERS.choose(random).expect("a letter")
}

/// One of the many texts that mean this.
pub(crate) fn written(value: &Value, random: &mut SmallRng) -> String {
    let mut out = String::new();
    write(value, random, &mut out);
    out
}

fn write(value: &Value, random: &mut SmallRng, out: &mut String) {
    blank(random, out);
    match value {
        Value::Null => out.push_str("null"),
        Value::Bool(is) => out.push_str(if *is { "true" } else { "false" }),
        Value::Number(digits, exponent) => write_number((*digits, *exponent), random, out),
        Value::Text(text) => write_text(text, random, out),
        Value::Array(elements) => {
            out.push('[');
            for (at, element) in elements.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(element, random, out);
            }
            out.push(']');
        }
        Value::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.shuffle(random);
            out.push('{');
            for (at, (key, value)) in members.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                blank(random, out);
                write_text(key, random, out);
                blank(random, out);
                out.push(':');
                write(value, random, out);
            }
            blank(random, out);
            out.push('}');
        }
    }
    blank(random, out);
}

fn write_number((digits, exponent): (i128, i32), random: &mut SmallRng, out: &mut String) {
    if digits == 0 {
        out.push_str(
            ["0", "-0", "0.0", "0e7", "-0.00E-3"]
                .choose(random)
                .expect("one"),
        );
        return;
    }
    let sign = if digits < 0 { "-" } else { "" };
    let digits = digits.unsigned_abs().to_string();
    let point = random.random_range(1..=digits.len());
    let (whole, fraction) = digits.split_at(point);
    let exponent = exponent + i32::try_from(fraction.len()).expect("short");
    let zeros = "0".repeat(random.random_range(0..3));
    let fraction = [fraction, &zeros].concat();
    out.push_str(sign);
    out.push_str(whole);
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(&fraction);
    }
    if exponent != 0 || random.random() {
        let letter = if random.random() { 'e' } else { 'E' };
        let plus = if exponent >= 0 && random.random() {
            "+"
        } else {
            ""
        };
        out.push_str(&format!("{letter}{plus}{exponent}"));
    }
}

fn write_text(text: &str, random: &mut SmallRng, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        let must = matches!(character, '"' | '\\') || character < ' ';
        match character {
            '/' if random.random() => out.push_str("\\/"),
            '\n' if random.random() => out.push_str("\\n"),
            '"' | '\\' if random.random() => {
                out.push('\\');
                out.push(character);
            }
            _ if must || random.random_ratio(1, 4) => {
                let mut units = [0; 2];
                for unit in character.encode_utf16(&mut units) {
                    match random.random::<bool>() {
                        true => out.push_str(&format!("\\u{unit:04x}")),
                        false => out.push_str(&format!("\\u{unit:04X}")),
                    }
                }
            }
            _ => out.push(character),
        }
    }
    out.push('"');
}

fn blank(random: &mut SmallRng, out: &mut String) {
    if random.random_ratio(1, 5) {
        out.push_str([" ", "\n", "\t", "\r\n  "].choose(random).expect("one"));
    }
}

/// The same with one thing changed, at any depth: another meaning, always.
pub(crate) fn changed(value: &Value, random: &mut SmallRng) -> Value {
    let mut mutant = value.clone();
    change(&mut mutant, random);
    assert!(!same(&mutant, value), "a change that is none: {value:?}");
    mutant
}

fn change(value: &mut Value, random: &mut SmallRng) {
    match value {
        Value::Null => *value = Value::Bool(false),
        Value::Bool(is) => *is = !*is,
        Value::Number(digits, exponent) => {
            let next = *digits + if random.random() { 1 } else { -1 };
            *value = match random.random_range(0..3) {
                0 if *digits != 0 => Value::Number(-*digits, *exponent),
                1 if *digits != 0 => Value::Number(*digits, *exponent + 1),
                _ => normal(next, *exponent),
            };
        }
        Value::Text(text) => change_text(text, random),
        Value::Array(elements) => {
            let at = (!elements.is_empty()).then(|| random.random_range(0..elements.len()));
            match (at, random.random_range(0..4)) {
                (None, _) | (_, 0) => elements.push(Value::Null),
                (Some(at), 1) => drop(elements.remove(at)),
                (Some(at), _) => change(&mut elements[at], random),
            }
        }
        Value::Object(members) => {
            let at = (!members.is_empty()).then(|| random.random_range(0..members.len()));
            match (at, random.random_range(0..5)) {
                (None, _) | (_, 0) => members.push(("added member".to_owned(), Value::Null)),
                (Some(at), 1) => drop(members.remove(at)),
                (Some(at), 2) => members[at].0.push_str(" renamed member"),
                (Some(at), _) => change(&mut members[at].1, random),
            }
        }
    }
}

fn change_text(text: &mut String, random: &mut SmallRng) {
    let before = text.clone();
    let letters: Vec<char> = text.chars().collect();
    let at = random.random_range(0..=letters.len());
    let mut next: Vec<char> = letters.clone();
    match random.random_range(0..3) {
        0 if at < letters.len() => drop(next.remove(at)),
        1 if at < letters.len() => next[at] = letter(random),
        _ => next.insert(at, letter(random)),
    }
    *text = next.into_iter().collect();
    if *text == before {
        text.push('!');
    }
}

/// Whether two values mean the same: members in any order.
pub(crate) fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same(a, b))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, a)| {
                    let found = other.iter().find(|(known, _)| known == key);
                    found.is_some_and(|(_, b)| same(a, b))
                })
        }
        _ => one == other,
    }
}
