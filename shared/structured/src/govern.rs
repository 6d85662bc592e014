//! Which parts of a schema speak about the value at the end of a path.

use serde_json::{Map, Value};

use crate::node::{Form, Node};
use crate::schema::Schema;

/// Parts that are followed for one value; a schema with more is not understood.
const PARTS_MAX: usize = 256;

/// One part, and whether it must hold (else it is one of several ways).
#[derive(Clone, Copy)]
pub(crate) struct Part<'s> {
    pub(crate) part: &'s Value,
    pub(crate) is_sure: bool,
}

/// All parts about the value at `path` within `root`. None when there are too many.
pub(crate) fn parts<'s>(schema: &'s Schema, root: &Node, path: &[usize]) -> Option<Vec<Part<'s>>> {
    let start = Part {
        part: schema.root(),
        is_sure: true,
    };
    let mut current = spread(schema, vec![start])?;
    let mut node = root;
    for step in path {
        let mut next = Vec::new();
        for part in &current {
            if let Value::Object(keywords) = part.part {
                below(schema, keywords, (node, *step), &mut |value| {
                    next.push(Part {
                        part: value,
                        is_sure: part.is_sure,
                    });
                });
            }
        }
        current = spread(schema, next)?;
        node = node.at(core::slice::from_ref(step))?;
    }
    Some(current)
}

/// The given parts and all that they lead to for the same value.
fn spread<'s>(schema: &'s Schema, mut parts: Vec<Part<'s>>) -> Option<Vec<Part<'s>>> {
    let mut at = 0_usize;
    while let Some(part) = parts.get(at).copied() {
        at = at.saturating_add(1);
        if parts.len() > PARTS_MAX {
            return None;
        }
        let Value::Object(keywords) = part.part else {
            continue;
        };
        let mut add = |value: &'s Value, is_sure: bool| {
            let is_new = parts.iter().all(|known| !core::ptr::eq(known.part, value));
            if is_new {
                parts.push(Part {
                    part: value,
                    is_sure: is_sure && part.is_sure,
                });
            }
        };
        for (key, value) in keywords {
            match (key.as_str(), value) {
                ("$ref", Value::String(name)) => {
                    if let Some(value) = schema.named(name) {
                        add(value, true);
                    }
                }
                ("allOf" | "anyOf" | "oneOf", Value::Array(ways)) => {
                    let is_sure = key == "allOf" || ways.len() == 1;
                    for way in ways {
                        add(way, is_sure);
                    }
                }
                ("then" | "else", value) => add(value, false),
                _ => {}
            }
        }
    }
    Some(parts)
}

/// What the keywords of an object or array say about one of its members.
fn below<'s>(
    schema: &Schema,
    keywords: &'s Map<String, Value>,
    (node, step): (&Node, usize),
    add: &mut dyn FnMut(&'s Value),
) {
    match &node.form {
        Form::Object(members) => {
            let Some((name, _, _)) = members.get(step) else {
                return;
            };
            let mut is_covered = false;
            let object = |key: &str| keywords.get(key).and_then(Value::as_object);
            if let Some(part) = object("properties").and_then(|parts| parts.get(name)) {
                is_covered = true;
                add(part);
            }
            for (pattern, part) in object("patternProperties").into_iter().flatten() {
                let regex = schema.pattern(pattern);
                if regex.is_some_and(|regex| regex.is_match(name)) {
                    is_covered = true;
                    add(part);
                }
            }
            if let (false, Some(part)) = (is_covered, keywords.get("additionalProperties")) {
                add(part);
            }
        }
        Form::Array(_) => {
            let list = keywords.get("items").and_then(Value::as_array);
            let first = keywords.get("prefixItems").and_then(Value::as_array);
            let (first, rest) = match list {
                Some(list) => (Some(list), keywords.get("additionalItems")),
                None => (first, keywords.get("items")),
            };
            let own = first.and_then(|parts| parts.get(step));
            if let Some(part) = own.or(rest) {
                add(part);
            }
        }
        _ => {}
    }
}

/// Whether a member of this name is required by any of these parts.
pub(crate) fn requires(parts: &[Part<'_>], name: &str) -> bool {
    parts.iter().any(|part| {
        let names = part.part.get("required").and_then(Value::as_array);
        names.is_some_and(|names| names.iter().any(|one| one.as_str() == Some(name)))
    })
}
