//! Places in JSON texts. What is changed is cut out and replaced; everything else keeps its bytes.
//!
//! Texts were read by the gateway's strict gate before, or come from it.

use core::fmt;
use core::ops::Range;
use std::borrow::Cow;

use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The members of an object in their order, values as they stand in the text.
#[derive(Debug, Default)]
pub(crate) struct Object<'a>(Vec<(Cow<'a, str>, &'a str)>);

#[derive(Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

impl<'a> Object<'a> {
    /// `None` when the text is no object.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// The value of a member as it stands in the text.
    pub(crate) fn get(&self, key: &str) -> Option<&'a str> {
        let found = self.0.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| *value)
    }

    /// The object that a member is.
    pub(crate) fn object(&self, key: &str) -> Option<Self> {
        Self::read(self.get(key)?)
    }

    /// The text that a member is.
    pub(crate) fn text(&self, key: &str) -> Option<Cow<'a, str>> {
        decoded(self.get(key)?)
    }

    /// All members.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &'a str)> {
        self.0.iter().map(|(key, value)| (&**key, *value))
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Object<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut members = Vec::new();
                while let Some(Key(key)) = map.next_key()? {
                    members.push((key, map.next_value::<&'de RawValue>()?.get()));
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

/// The elements of an array as they stand in the text; `None` when it is no array.
pub(crate) fn elements(text: &str) -> Option<Vec<&str>> {
    let raw: Vec<&RawValue> = serde_json::from_str(text).ok()?;
    Some(raw.into_iter().map(RawValue::get).collect())
}

/// The text that a JSON string stands for; `None` when it is no string.
pub(crate) fn decoded(raw: &str) -> Option<Cow<'_, str>> {
    let inside = raw.strip_prefix('"')?.strip_suffix('"')?;
    match inside.contains('\\') {
        false => Some(Cow::Borrowed(inside)),
        true => serde_json::from_str(raw).ok().map(Cow::Owned),
    }
}

/// A JSON string.
pub(crate) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Where `part`, which was borrowed from `text`, stands in it.
pub(crate) fn place(text: &str, part: &str) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let range = start..start.checked_add(part.len())?;
    text.get(range.clone()).map(|_| range)
}

/// What is to stand where, in a text.
#[derive(Debug, Default)]
pub(crate) struct Changes(Vec<(Range<usize>, String)>);

impl Changes {
    /// Puts `new` in the place of `part`, which was borrowed from `text`.
    pub(crate) fn replace(&mut self, text: &str, part: &str, new: String) {
        if let Some(place) = place(text, part) {
            self.0.push((place, new));
        }
    }

    /// Puts `new` in this place.
    pub(crate) fn at(&mut self, place: Range<usize>, new: String) {
        self.0.push((place, new));
    }

    /// Makes `members`, each with a comma behind it, the first ones of the object at this place.
    pub(crate) fn lead(&mut self, text: &str, object: Range<usize>, members: &str) {
        let body = text.get(object.clone()).unwrap_or_default();
        let inside = body.get(1..).unwrap_or_default().trim_start();
        let members = match inside.starts_with('}') {
            true => members.trim_end_matches(','),
            false => members,
        };
        let behind = object.start.saturating_add(1);
        self.0.push((behind..behind, members.to_owned()));
    }

    /// The text with all of it changed. Places must not overlap; one that does is left alone.
    pub(crate) fn apply(mut self, text: &str) -> String {
        self.0.sort_by_key(|(place, _)| place.start);
        let more: usize = self.0.iter().map(|(_, new)| new.len()).sum();
        let mut out = String::with_capacity(text.len().saturating_add(more));
        let mut from = 0;
        for (place, new) in &self.0 {
            if let Some(before) = text.get(from..place.start) {
                out.push_str(before);
                out.push_str(new);
                from = place.end;
            }
        }
        out.push_str(text.get(from..).unwrap_or_default());
        out
    }
}

/// Whether two ids or tokens, as they stand in messages, are the same: same type, same value.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    one == other || matches!((decoded(one), decoded(other)), (Some(a), Some(b)) if a == b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_replaced_changes() {
        let text = r#"{ "id" : 1.0e0, "params": {"name":"a\u0062", "n": 12345678901234567890 } }"#;
        let object = Object::read(text).unwrap();
        let params = object.object("params").unwrap();
        assert_eq!(params.text("name").unwrap(), "ab");
        let mut changes = Changes::default();
        changes.replace(text, params.get("name").unwrap(), quoted("s__b"));
        changes.replace(text, object.get("id").unwrap(), "\"x\"".into());
        let new = changes.apply(text);
        let expected = r#"{ "id" : "x", "params": {"name":"s__b", "n": 12345678901234567890 } }"#;
        assert_eq!(new, expected);
    }

    #[test]
    fn members_are_put_first_also_where_there_are_none() {
        for (text, expected) in [("{ }", r#"{"a":1 }"#), (r#"{"b":2}"#, r#"{"a":1,"b":2}"#)] {
            let mut changes = Changes::default();
            changes.lead(text, 0..text.len(), r#""a":1,"#);
            assert_eq!(changes.apply(text), expected);
        }
    }

    #[test]
    fn a_string_is_never_the_number_that_it_looks_like() {
        assert!(is_same("5", "5") && is_same(r#""\u0035""#, r#""5""#));
        assert!(!is_same("5", r#""5""#) && !is_same("1", "1.0"));
    }
}
