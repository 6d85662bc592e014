//! A tool's `outputSchema`, read once when the tool is listed.
//!
//! Refuses texts over [`SCHEMA_BYTES_MAX`] and what is no object and no boolean.

use std::collections::HashMap;
use std::sync::OnceLock;

use regex::Regex;
use serde_json::Value;

use crate::pattern;

/// Longest text of a schema, in bytes: the largest of 5,000 published tools has a tenth of it.
pub const SCHEMA_BYTES_MAX: usize = 64 * 1024;
/// Expressions of one schema that are compiled; what needs another one can't be told.
const PATTERNS_MAX: usize = 64;

/// A schema of JSON Schema 2020-12 or draft-07, as MCP tools have.
#[derive(Debug)]
pub struct Schema {
    root: Value,
    /// By `$anchor`: the way to it from the root.
    anchors: HashMap<String, String>,
    /// Compiled when they are first asked for; none when this build can't.
    patterns: HashMap<String, OnceLock<Option<Regex>>>,
    is_loose: bool,
}

impl Schema {
    /// Reads the text of a schema.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        if text.len() > SCHEMA_BYTES_MAX {
            return None;
        }
        let root: Value = serde_json::from_str(text).ok()?;
        if !matches!(root, Value::Object(_) | Value::Bool(_)) {
            return None;
        }
        let mut schema = Self {
            root: Value::Null,
            anchors: HashMap::new(),
            patterns: HashMap::new(),
            is_loose: true,
        };
        schema.note(&root, &mut String::new());
        schema.root = root;
        Some(schema)
    }

    /// Whether any string may stand where a string may stand: then placeholders in strings break
    /// nothing, and nobody has to look.
    #[must_use]
    pub const fn is_loose(&self) -> bool {
        self.is_loose
    }

    pub(crate) const fn root(&self) -> &Value {
        &self.root
    }

    /// What a `$ref` names, when it is within this schema.
    pub(crate) fn named(&self, reference: &str) -> Option<&Value> {
        let fragment = reference.strip_prefix('#')?;
        if fragment.is_empty() || fragment.starts_with('/') {
            let pointer = unescaped(fragment)?;
            return self.root.pointer(&pointer);
        }
        self.root.pointer(self.anchors.get(fragment)?)
    }

    /// The compiled form of an expression that stands in this schema.
    pub(crate) fn pattern(&self, text: &str) -> Option<&Regex> {
        let entry = self.patterns.get(text)?;
        entry.get_or_init(|| pattern::compile(text)).as_ref()
    }

    /// Notes what stands anywhere in the schema. A member of `properties` with the name of a
    /// keyword is taken for one, which costs a look and nothing else.
    fn note(&mut self, at: &Value, pointer: &mut String) {
        let length = pointer.len();
        match at {
            Value::Object(members) => {
                for (key, value) in members {
                    self.keyword(key, value, pointer);
                    pointer.push('/');
                    pointer.push_str(&key.replace('~', "~0").replace('/', "~1"));
                    self.note(value, pointer);
                    pointer.truncate(length);
                }
            }
            Value::Array(elements) => {
                for (number, value) in elements.iter().enumerate() {
                    pointer.push('/');
                    pointer.push_str(&number.to_string());
                    self.note(value, pointer);
                    pointer.truncate(length);
                }
            }
            _ => {}
        }
    }

    fn keyword(&mut self, key: &str, value: &Value, pointer: &str) {
        match (key, value) {
            ("$anchor", Value::String(name)) => {
                self.anchors.insert(name.clone(), pointer.to_owned());
            }
            ("pattern", Value::String(text)) => self.expression(text),
            ("patternProperties", Value::Object(members)) => {
                for text in members.keys() {
                    self.expression(text);
                }
            }
            _ => {}
        }
        self.is_loose &= !matches!(
            key,
            "enum"
                | "const"
                | "pattern"
                | "format"
                | "maxLength"
                | "minLength"
                | "not"
                | "if"
                | "uniqueItems"
                | "$dynamicRef"
        );
        let leads_out = key == "$ref" && value.as_str().is_none_or(|to| !to.starts_with('#'));
        self.is_loose &= !leads_out;
    }

    fn expression(&mut self, text: &str) {
        if self.patterns.len() < PATTERNS_MAX {
            self.patterns.entry(text.to_owned()).or_default();
        }
    }
}

/// A fragment of a URI with its percent signs undone (RFC 6901 section 6).
fn unescaped(fragment: &str) -> Option<String> {
    if !fragment.contains('%') {
        return Some(fragment.to_owned());
    }
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || char::from(rest.next()?).to_digit(16);
        let value = digit()?.checked_mul(16)?.checked_add(digit()?)?;
        bytes.push(u8::try_from(value).ok()?);
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_stay_within_the_schema() {
        let text = r##"{"$defs":{"a/b":{"type":"null","$anchor":"here"}}}"##;
        let schema = Schema::read(text).unwrap();
        let found = schema.named("#/$defs/a~1b");
        assert!(found.is_some());
        for same in ["#here", "#/%24defs/a~1b"] {
            assert_eq!(schema.named(same), found, "{same}");
        }
        assert_eq!(schema.named("#"), Some(schema.root()));
        for other in [
            "https://a.example/x",
            "#/nothing",
            "#nowhere",
            "x.json#/a",
            "#/%zz",
        ] {
            assert_eq!(schema.named(other), None, "{other}");
        }
    }

    #[test]
    fn a_schema_is_loose_as_long_as_strings_are_free() {
        let is_loose = |text: &str| Schema::read(text).unwrap().is_loose();
        assert!(is_loose(
            r#"{"type":"object","properties":{"a":{"type":"string"}}}"#
        ));
        assert!(is_loose(
            r##"{"items":{"$ref":"#/$defs/a"},"$defs":{"a":{"type":"number"}}}"##
        ));
        for strict in [
            r#"{"properties":{"a":{"items":{"format":"date"}}}}"#,
            r#"{"anyOf":[{"enum":["a"]}]}"#,
            r#"{"$ref":"https://a.example/"}"#,
            r#"{"uniqueItems":true}"#,
        ] {
            assert!(!is_loose(strict), "{strict}");
        }
    }

    #[test]
    fn what_is_no_schema_is_refused() {
        for text in ["", "[]", "1", "{", "\"a\""] {
            assert!(Schema::read(text).is_none(), "{text}");
        }
        let long = format!(r#"{{"title":"{}"}}"#, "a".repeat(SCHEMA_BYTES_MAX));
        assert!(Schema::read(&long).is_none());
    }
}
