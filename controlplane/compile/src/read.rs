//! Reads nodes of a tree as the types that a policy knows. Refuses unknown, repeated and missing
//! keys and values of another type, each with its place, and goes on.

use crate::problem::{Place, Report, Wrong, alternatives, nearest, quote};
use crate::yaml::{Node, Value};

/// Reads a node, or reports what is wrong with it; the text names it for a person.
pub(crate) type Read<T> = fn(&Node, &str, &mut Report) -> Option<T>;

/// A mapping with a fixed set of keys.
pub(crate) struct Fields<'n> {
    place: Place,
    path: String,
    found: Vec<(&'static str, &'n Node)>,
}

impl<'n> Fields<'n> {
    /// The known entries of `node`; everything else in it is reported.
    pub(crate) fn of(
        node: &'n Node,
        path: &str,
        keys: &'static [&'static str],
        report: &mut Report,
    ) -> Self {
        let mut fields = Self {
            place: node.place,
            path: path.to_owned(),
            found: Vec::new(),
        };
        for (key, value) in entries(node, path, report) {
            match keys.iter().find(|known| **known == key.text) {
                Some(known) => fields.found.push((known, value)),
                None => unknown_key(&key, path, keys, report),
            }
        }
        fields
    }

    /// The value of a key, if it is there.
    pub(crate) fn get(&self, key: &str) -> Option<&'n Node> {
        self.found
            .iter()
            .find(|(known, _)| *known == key)
            .map(|(_, node)| *node)
    }

    /// The value of a key that must be there.
    pub(crate) fn required(&self, key: &str, report: &mut Report) -> Option<&'n Node> {
        let node = self.get(key);
        if node.is_none() {
            let found = format!("no key {} in {}", quote(key), name(&self.path));
            report.refuse(
                self.place,
                found,
                Wrong::expected(format!("the key {}", quote(key))),
            );
        }
        node
    }

    /// What is read from the value of a key, if it is there and right.
    pub(crate) fn read<T>(&self, key: &str, report: &mut Report, read: Read<T>) -> Option<T> {
        read(self.get(key)?, &self.path(key), report)
    }

    /// The name of the mapping for a person.
    pub(crate) fn name(&self) -> &str {
        name(&self.path)
    }

    /// The name of a key's value for a person.
    pub(crate) fn path(&self, key: &str) -> String {
        join(&self.path, key)
    }
}

/// A key that is a name of the operator's choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) text: String,
    pub(crate) place: Place,
}

/// The entries of a mapping; keys that are no text or stand twice are reported and left out.
pub(crate) fn entries<'n>(node: &'n Node, path: &str, report: &mut Report) -> Vec<(Key, &'n Node)> {
    let Value::Map(map) = &node.value else {
        wrong_type(node, path, "a map of keys and values", report);
        return Vec::new();
    };
    let mut entries: Vec<(Key, &Node)> = Vec::with_capacity(map.len());
    let mut seen = std::collections::HashMap::new();
    for (key, value) in map {
        let Value::Scalar { text, .. } = &key.value else {
            wrong_type(
                key,
                &format!("a key of {}", name(path)),
                "text as key",
                report,
            );
            continue;
        };
        if let Some(first) = seen.get(text.as_str()) {
            let found = format!("the key {} a second time in {}", quote(text), name(path));
            let first = format!("the first one is at {}", report.show(*first));
            report.refuse(
                key.place,
                found,
                Wrong::expected("each key once").help(first),
            );
            continue;
        }
        seen.insert(text.as_str(), key.place);
        entries.push((
            Key {
                text: text.clone(),
                place: key.place,
            },
            value,
        ));
    }
    entries
}

/// The members of a list.
pub(crate) fn list<'n>(node: &'n Node, path: &str, report: &mut Report) -> &'n [Node] {
    match &node.value {
        Value::List(list) => list,
        _ => {
            wrong_type(node, path, "a list", report);
            &[]
        }
    }
}

/// The members of a list, or the one value that stands without brackets.
pub(crate) fn one_or_list(node: &Node) -> &[Node] {
    match &node.value {
        Value::List(list) => list,
        _ => std::slice::from_ref(node),
    }
}

/// Each member of a list that is right.
pub(crate) fn each<T>(node: &Node, path: &str, report: &mut Report, read: Read<T>) -> Vec<T> {
    let members = list(node, path, report).iter().enumerate();
    members
        .filter_map(|(at, member)| read(member, &index(path, at), report))
        .collect()
}

/// A text.
pub(crate) fn text<'n>(node: &'n Node, path: &str, report: &mut Report) -> Option<&'n str> {
    match &node.value {
        Value::Scalar { text, plain } if !plain || kind(text) == "text" => Some(text),
        _ => {
            wrong_type(node, path, "text", report);
            None
        }
    }
}

/// `true` or `false`.
pub(crate) fn boolean(node: &Node, path: &str, report: &mut Report) -> Option<bool> {
    match &node.value {
        Value::Scalar { text, plain: true } if text == "true" => Some(true),
        Value::Scalar { text, plain: true } if text == "false" => Some(false),
        _ => {
            wrong_type(node, path, "true or false", report);
            None
        }
    }
}

/// A whole number between bounds.
pub(crate) fn number(
    node: &Node,
    path: &str,
    bounds: std::ops::RangeInclusive<u32>,
    report: &mut Report,
) -> Option<u32> {
    let number = match &node.value {
        Value::Scalar { text, plain: true } => text.parse().ok(),
        _ => None,
    };
    let number = number.filter(|number| bounds.contains(number));
    if number.is_none() {
        let expected = format!("a whole number from {} to {}", bounds.start(), bounds.end());
        wrong_type(node, path, &expected, report);
    }
    number
}

/// A text that `parse` understands.
pub(crate) fn parsed<T>(
    node: &Node,
    path: &str,
    report: &mut Report,
    parse: impl FnOnce(&str) -> Result<T, Wrong>,
) -> Option<T> {
    let Value::Scalar { text, .. } = &node.value else {
        return text(node, path, report).and(None);
    };
    match parse(text) {
        Ok(value) => self::text(node, path, report).map(|_| value),
        Err(wrong) if node.is_nothing() => {
            wrong_type(node, path, &wrong.expected, report);
            None
        }
        Err(wrong) => {
            let shown = if wrong.hidden {
                "the text".to_owned()
            } else {
                quote(text)
            };
            report.refuse(node.place, format!("{shown} for {}", name(path)), wrong);
            None
        }
    }
}

/// One of a few words.
pub(crate) fn word<T: Copy>(
    node: &Node,
    path: &str,
    words: &[(&str, T)],
    report: &mut Report,
) -> Option<T> {
    let known = || words.iter().map(|(word, _)| *word);
    parsed(node, path, report, |text| {
        let found = words.iter().find(|(word, _)| *word == text);
        found.map(|(_, value)| *value).ok_or_else(|| Wrong {
            help: nearest(text, known()),
            ..Wrong::expected(alternatives(known()))
        })
    })
}

/// Reports that a value has another type than expected.
pub(crate) fn wrong_type(node: &Node, path: &str, expected: &str, report: &mut Report) {
    let found = match &node.value {
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "a map".to_owned(),
        Value::Scalar { .. } if node.is_nothing() => "nothing".to_owned(),
        Value::Scalar { text, plain: true } => match kind(text) {
            "text" => quote(text),
            kind => format!("the {kind} {text}"),
        },
        Value::Scalar { text, .. } => format!("the text {}", quote(text)),
    };
    let number_as_text = matches!(&node.value, Value::Scalar { text, plain: true }
        if expected == "text" && kind(text) != "text" && !node.is_nothing());
    let mut wrong = Wrong::expected(expected);
    if number_as_text {
        wrong = wrong.help("put it in quotes if it is meant as text");
    } else if node.is_nothing() {
        wrong = wrong.help("remove the key if it is not needed");
    }
    report.refuse(node.place, format!("{found} for {}", name(path)), wrong);
}

/// The path of a key below another path.
pub(crate) fn join(path: &str, key: &str) -> String {
    if path.is_empty() {
        key.to_owned()
    } else {
        format!("{path}.{key}")
    }
}

/// The path of a member of a list.
pub(crate) fn index(path: &str, at: usize) -> String {
    format!("{path}[{at}]")
}

/// The name of a path for a person.
pub(crate) fn name(path: &str) -> &str {
    if path.is_empty() {
        "the top level"
    } else {
        path
    }
}

fn unknown_key(key: &Key, path: &str, keys: &[&str], report: &mut Report) {
    let found = format!("unknown key {} in {}", quote(&key.text), name(path));
    let wrong = match *keys {
        [] => Wrong::expected("no key"),
        _ => Wrong::expected(format!("one of {}", keys.join(", "))),
    };
    let help = nearest(&key.text, keys.iter().copied());
    report.refuse(key.place, found, Wrong { help, ..wrong });
}

/// What a plain scalar is in YAML's core schema.
fn kind(text: &str) -> &'static str {
    let number = text.strip_prefix(['-', '+']).unwrap_or(text);
    let radix = |prefix, radix: u32| {
        number.strip_prefix(prefix).is_some_and(|digits: &str| {
            !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix))
        })
    };
    match text {
        "" | "~" | "null" | "Null" | "NULL" => "null",
        "true" | "True" | "TRUE" | "false" | "False" | "FALSE" => "truth value",
        _ if radix("0x", 16) || radix("0o", 8) => "number",
        _ if matches!(number, ".inf" | ".Inf" | ".INF" | ".nan" | ".NaN" | ".NAN") => "number",
        _ if number.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && number.parse::<f64>().is_ok() =>
        {
            "number"
        }
        _ => "text",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_scalars_have_the_type_of_the_core_schema() {
        for (text, expected) in [
            ("", "null"),
            ("~", "null"),
            ("true", "truth value"),
            ("12", "number"),
            ("-1.5e3", "number"),
            ("0x1f", "number"),
            (".inf", "number"),
            ("1.2.3", "text"),
            ("10/hour", "text"),
            ("30s", "text"),
            ("0x", "text"),
            ("yes", "text"),
            ("127.0.0.1:80", "text"),
            (".", "text"),
        ] {
            assert_eq!(kind(text), expected, "{text:?}");
        }
    }
}
