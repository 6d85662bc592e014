//! Reads what counts out of one element of a `tools/list` result.
//!
//! Refuses nothing: what can't be read counts as absent. Work and memory are bounded.

use crate::json::{self, Part, Walk};

/// A definition as far as it counts.
#[derive(Debug, Default)]
pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) title: String,
    pub(crate) description: String,
    /// The hints of the server, where it gives them.
    pub(crate) reads_only: Option<bool>,
    pub(crate) destroys: Option<bool>,
    pub(crate) properties: Vec<Property>,
    /// The parameters without which no call is made.
    pub(crate) required: Vec<String>,
}

impl Definition {
    /// Whether no call is made without this parameter.
    pub(crate) fn requires(&self, property: &Property) -> bool {
        property.is_outermost && self.required.contains(&property.name)
    }
}

/// One parameter, at any depth.
#[derive(Debug, Default)]
pub(crate) struct Property {
    pub(crate) name: String,
    /// What it is a part of: names from the outermost on, a line end behind each.
    pub(crate) path: String,
    pub(crate) description: String,
    /// The values it may have, where they are listed.
    pub(crate) choices: Vec<String>,
    /// Whether it may have more values than were kept.
    pub(crate) has_more_choices: bool,
    /// Whether it is true or false.
    pub(crate) is_switch: bool,
    pub(crate) is_true_by_default: bool,
    /// Whether it is no part of another parameter.
    pub(crate) is_outermost: bool,
}

/// Bytes of a definition that are looked at.
const BYTES_MAX: usize = 256 * 1024;
/// Parameters and choices that are looked at.
const PROPERTIES_MAX: usize = 128;
const CHOICES_MAX: usize = 32;
/// Bytes of one text that are kept.
const TEXT_MAX: usize = 4 * 1024;

/// What an object or array is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Root,
    Annotations,
    Schema,
    Properties,
    Property,
    Choices,
    Required,
}

/// What the text of a definition says.
pub(crate) fn read(text: &str) -> Definition {
    let mut definition = Definition::default();
    let bytes = text.as_bytes();
    let mut walk = Walk::over(bytes.get(..bytes.len().min(BYTES_MAX)).unwrap_or_default());
    let mut places: Vec<Place> = Vec::new();
    // The parameters that are open, the innermost last.
    let mut owners: Vec<usize> = Vec::new();
    let mut key = "";
    while let Some(part) = walk.next() {
        match part {
            Part::Key(start, end) => {
                key = text.get(start..end).unwrap_or_default();
                continue;
            }
            Part::Object(_) | Part::Array(_) => {
                let place = match (places.as_slice(), key) {
                    ([Place::Root, Place::Schema], "required") => Some(Place::Required),
                    (outer, _) => opened(outer.last().copied(), key, &mut definition),
                };
                if place == Some(Place::Property) {
                    let path = owners.last().and_then(|at| definition.properties.get(*at));
                    let path = path.map_or_else(String::new, inner_path);
                    owners.push(definition.properties.len().saturating_sub(1));
                    if let Some(last) = definition.properties.last_mut() {
                        last.is_outermost = places.len() == 3;
                        last.path = path;
                    }
                }
                match place {
                    Some(place) => places.push(place),
                    None => {
                        walk.pass_over();
                    }
                }
            }
            Part::End(_) => {
                if places.pop() == Some(Place::Property) {
                    owners.pop();
                }
            }
            Part::Text(start, end) => {
                let value = unescaped(text.get(start..end).unwrap_or_default());
                let owner = owners.last().copied();
                said(&mut definition, (places.last().copied(), owner), key, value);
            }
            Part::Truth(truth, _) => {
                let owner = owners.last().copied();
                truth_said(&mut definition, (places.last().copied(), owner), key, truth);
            }
            Part::Bare(..) | Part::Null => {}
        }
        if places.last() != Some(&Place::Choices) {
            key = "";
        }
    }
    definition
}

/// What begins behind this key; `None` where nothing in it counts.
fn opened(outer: Option<Place>, key: &str, definition: &mut Definition) -> Option<Place> {
    Some(match (outer, key) {
        (None, _) => Place::Root,
        (Some(Place::Root), "annotations") => Place::Annotations,
        (Some(Place::Root), "inputSchema") => Place::Schema,
        (Some(Place::Schema | Place::Property), "properties") => Place::Properties,
        (Some(Place::Schema | Place::Property), "items") => Place::Schema,
        (Some(Place::Schema | Place::Property), "enum") => Place::Choices,
        (Some(Place::Schema | Place::Property), "anyOf" | "oneOf" | "allOf") => Place::Schema,
        (Some(Place::Schema), "") => Place::Schema,
        (Some(Place::Properties), name) if definition.properties.len() < PROPERTIES_MAX => {
            definition.properties.push(Property {
                name: unescaped(name),
                ..Property::default()
            });
            Place::Property
        }
        _ => return None,
    })
}

/// Where something is said, and the parameter that it is said of.
type At = (Option<Place>, Option<usize>);

/// The path of what is a part of this parameter.
fn inner_path(owner: &Property) -> String {
    [&owner.path, &owner.name, "\n"].concat()
}

fn said(definition: &mut Definition, (place, owner): At, key: &str, value: String) {
    let last = owner.and_then(|at| definition.properties.get_mut(at));
    match (place, key) {
        (Some(Place::Root), "name") => definition.name = value,
        (Some(Place::Root), "title") => definition.title = value,
        (Some(Place::Root), "description") => definition.description = value,
        (Some(Place::Annotations), "title") if definition.title.is_empty() => {
            definition.title = value;
        }
        (Some(Place::Property), "description") => {
            if let Some(last) = last {
                last.description = value;
            }
        }
        (Some(Place::Required), _) if definition.required.len() < CHOICES_MAX => {
            definition.required.push(value);
        }
        (Some(Place::Choices), _) => {
            if let Some(last) = last {
                if last.choices.len() < CHOICES_MAX {
                    last.choices.push(value);
                } else {
                    last.has_more_choices = true;
                }
            }
        }
        (Some(Place::Property | Place::Schema), "type") if value == "boolean" => {
            if let Some(last) = last {
                last.is_switch = true;
            }
        }
        _ => {}
    }
}

fn truth_said(definition: &mut Definition, (place, owner): At, key: &str, truth: bool) {
    match (place, key) {
        (Some(Place::Annotations), "readOnlyHint") => definition.reads_only = Some(truth),
        (Some(Place::Annotations), "destructiveHint") => definition.destroys = Some(truth),
        (Some(Place::Property), "default") => {
            if let Some(last) = owner.and_then(|at| definition.properties.get_mut(at)) {
                last.is_true_by_default = truth;
            }
        }
        _ => {}
    }
}

/// A text without its escapes, cut to what is kept.
fn unescaped(text: &str) -> String {
    let mut end = text.len().min(TEXT_MAX);
    while !text.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let text = text.get(..end).unwrap_or_default();
    let mut room = vec![0; text.len().saturating_add(4)];
    json::plain(text, &mut room).unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_counts_is_read_wherever_it_stands() {
        let read = read(
            r#"{"name":"a_b","description":"x\ny","inputSchema":{"type":"object","properties":{
            "action":{"type":"string","enum":["list","delete"],"description":"What"},
            "deep":{"type":"object","properties":{"dry_run":{"type":"boolean","default":true}}},
            "name":{"type":"array","items":{"type":"string","enum":["z"]}}},"required":["action"]},
            "annotations":{"readOnlyHint":false,"destructiveHint":true,"title":"T"}}"#,
        );
        assert_eq!((read.name.as_str(), read.title.as_str()), ("a_b", "T"));
        assert_eq!(read.description, "x\ny");
        assert_eq!((read.reads_only, read.destroys), (Some(false), Some(true)));
        let names: Vec<_> = read
            .properties
            .iter()
            .map(|one| one.name.as_str())
            .collect();
        assert_eq!(names, ["action", "deep", "dry_run", "name"]);
        let paths: Vec<_> = read
            .properties
            .iter()
            .map(|one| one.path.as_str())
            .collect();
        assert_eq!(paths, ["", "", "deep\n", ""]);
        assert!(read.properties[2].is_switch && !read.properties[1].is_switch);
        assert_eq!(read.properties[0].choices, ["list", "delete"]);
        assert!(read.properties[2].is_true_by_default);
        assert!(read.requires(&read.properties[0]) && !read.requires(&read.properties[3]));
    }

    #[test]
    fn what_is_no_definition_counts_as_absent() {
        for text in [
            "",
            "[]",
            "{",
            "\"x\"",
            "{\"name\":1,\"inputSchema\":[[[",
            "null",
        ] {
            let read = read(text);
            assert!(read.name.is_empty() && read.properties.is_empty(), "{text}");
        }
    }
}
