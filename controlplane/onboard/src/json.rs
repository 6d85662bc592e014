//! JSON as editors take it: the servers in a table, one of them said anew, and every other byte,
//! comments and commas too, as it was.

use std::ops::Range;

use jsonc_parser::ast::{Object, ObjectProp, Value as Node};
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value;

use crate::document::{DocumentError, Found, OWN};

/// What editors take beyond JSON.
const OPTIONS: ParseOptions = ParseOptions {
    allow_comments: true,
    allow_loose_object_property_names: false,
    allow_trailing_commas: true,
    allow_missing_commas: false,
    allow_single_quoted_strings: false,
    allow_hexadecimal_numbers: false,
    allow_unary_plus_numbers: false,
    allow_bare_decimal_point_numbers: false,
    allow_non_finite_numbers: false,
    allow_extended_string_escapes: false,
};

/// Refuses what is not JSON.
pub(crate) fn check(text: &str) -> Result<(), DocumentError> {
    tree(text).map(drop)
}

/// The whole of it.
pub(crate) fn value(text: &str) -> Result<Value, DocumentError> {
    Ok(tree(text)?.as_ref().map_or(Value::Null, plain))
}

/// The servers in the table behind these keys.
pub(crate) fn servers(text: &str, table: &[&str]) -> Result<Vec<Found>, DocumentError> {
    let mut found = Vec::new();
    if let Some(Node::Object(top)) = tree(text)? {
        collect(&top, table, &mut Vec::new(), &mut found)?;
    }
    Ok(found)
}

/// The text with one server's own members replaced by these.
pub(crate) fn rewrite(
    text: &str,
    at: &[String],
    members: &[(String, Value)],
) -> Result<String, DocumentError> {
    let unchangeable = || DocumentError::Unchangeable(at.last().cloned().unwrap_or_default());
    let tree = tree(text)?;
    let Some(Node::Object(server)) = tree.as_ref().and_then(|top| node_at(top, at)) else {
        return Err(unchangeable());
    };
    let mut splices = Splices::default();
    let props = &server.properties;
    let is_own = |prop: &&ObjectProp<'_>| OWN.contains(&prop.name.as_str());
    let first = props.iter().find(is_own).ok_or_else(unchangeable)?;
    let said = spelled(text, server, first, members).ok_or_else(unchangeable)?;
    splices.put(first.start()..first.end(), said);
    let mut before = server.start();
    for (prop, next) in props
        .iter()
        .zip(props.iter().skip(1).map(Some).chain([None]))
    {
        let end = next.map_or(server.end(), ObjectProp::start);
        if is_own(&prop) && prop.start() != first.start() {
            let comma = comma(text, prop.end()..end);
            if let Some(comma) = comma {
                splices.put(comma..comma.saturating_add(1), String::new());
            }
            let behind = comma.map_or(prop.end(), |comma| comma.saturating_add(1));
            let from = blank_before(text, before..prop.start(), behind);
            splices.put(from..prop.end(), String::new());
        }
        before = prop.end();
    }
    splices.0.extend(last_comma(text, server, first));
    splices.applied(text).ok_or_else(unchangeable)
}

/// The comma behind the last member that stays, if nothing follows it any more but was not
/// followed by a comma itself.
fn last_comma(
    text: &str,
    server: &Object<'_>,
    first: &ObjectProp<'_>,
) -> Option<(Range<usize>, String)> {
    let props = &server.properties;
    let stays =
        |prop: &ObjectProp<'_>| prop.start() == first.start() || !OWN.contains(&prop.name.as_str());
    let last = props.last().filter(|last| !stays(last))?;
    if comma(text, last.end()..server.end()).is_some() {
        return None;
    }
    let kept = props.iter().rposition(stays)?;
    let (kept, next) = (props.get(kept)?, props.get(kept.checked_add(1)?)?);
    let comma = comma(text, kept.end()..next.start())?;
    Some((comma..comma.saturating_add(1), String::new()))
}

/// The text with one server as another text has it.
pub(crate) fn restore(text: &str, origin: &str, at: &[String]) -> Result<String, DocumentError> {
    let unchangeable = || DocumentError::Unchangeable(at.last().cloned().unwrap_or_default());
    let (now, then) = (tree(text)?, tree(origin)?);
    let place = |tree: &Option<Node<'_>>| {
        let node = node_at(tree.as_ref()?, at)?;
        Some(node.start()..node.end())
    };
    let (now, then) = place(&now).zip(place(&then)).ok_or_else(unchangeable)?;
    let mut splices = Splices::default();
    splices.put(now, origin.get(then).ok_or_else(unchangeable)?.to_owned());
    splices.applied(text).ok_or_else(unchangeable)
}

fn tree(text: &str) -> Result<Option<Node<'_>>, DocumentError> {
    let parsed = parse_to_ast(text, &CollectOptions::default(), &OPTIONS);
    parsed
        .map(|parsed| parsed.value)
        .map_err(|error| DocumentError::Syntax {
            language: "JSON",
            what: error.kind().to_string().to_lowercase(),
            line: error.line_display(),
        })
}

fn collect(
    object: &Object<'_>,
    table: &[&str],
    at: &mut Vec<String>,
    found: &mut Vec<Found>,
) -> Result<(), DocumentError> {
    for prop in &object.properties {
        let name = prop.name.as_str();
        let Node::Object(inner) = &prop.value else {
            continue;
        };
        match table.split_first() {
            Some((key, rest)) if *key == name || *key == "*" => {
                only_once(object, name)?;
                at.push(name.to_owned());
                collect(inner, rest, at, found)?;
                at.pop();
            }
            Some(_) => {}
            None => {
                only_once(object, name)?;
                for inner in &inner.properties {
                    names_once(&inner.value)?;
                }
                names_once(&prop.value)?;
                let mut at = at.clone();
                at.push(name.to_owned());
                let value = plain(&prop.value);
                found.push(Found { at, value });
            }
        }
    }
    Ok(())
}

/// Refuses a name that an object has twice.
fn only_once(object: &Object<'_>, name: &str) -> Result<(), DocumentError> {
    let of_name = |prop: &&ObjectProp<'_>| prop.name.as_str() == name;
    match object.properties.iter().filter(of_name).count() {
        0 | 1 => Ok(()),
        _ => Err(DocumentError::Twice(name.to_owned())),
    }
}

fn names_once(node: &Node<'_>) -> Result<(), DocumentError> {
    let Node::Object(object) = node else {
        return Ok(());
    };
    let mut names = object.properties.iter().map(|prop| prop.name.as_str());
    names.try_for_each(|name| only_once(object, name))
}

fn node_at<'n, 'a>(top: &'n Node<'a>, at: &[String]) -> Option<&'n Node<'a>> {
    at.iter().try_fold(top, |node, key| {
        let mut props = node.as_object()?.properties.iter();
        let prop = props.find(|prop| prop.name.as_str() == key)?;
        Some(&prop.value)
    })
}

fn plain(node: &Node<'_>) -> Value {
    match node {
        Node::StringLit(text) => Value::String(text.value.clone().into_owned()),
        Node::NumberLit(number) => serde_json::from_str(number.value).unwrap_or(Value::Null),
        Node::BooleanLit(word) => Value::Bool(word.value),
        Node::NullKeyword(_) => Value::Null,
        Node::Array(array) => array.elements.iter().map(plain).collect(),
        Node::Object(object) => {
            let props = object.properties.iter();
            let members = props.map(|prop| (prop.name.as_str().to_owned(), plain(&prop.value)));
            Value::Object(members.collect())
        }
    }
}

/// Members as text, laid out as the one in whose place they come.
fn spelled(
    text: &str,
    server: &Object<'_>,
    prop: &ObjectProp<'_>,
    members: &[(String, Value)],
) -> Option<String> {
    let head = text.get(server.start()..prop.start())?;
    let between = match head.rfind('\n') {
        Some(line) => {
            let start = if text.contains("\r\n") {
                ",\r\n"
            } else {
                ",\n"
            };
            let indent: String = head
                .get(line..)?
                .chars()
                .skip(1)
                .take_while(|c| matches!(c, ' ' | '\t'))
                .collect();
            format!("{start}{indent}")
        }
        None => ", ".to_owned(),
    };
    let members = members.iter();
    let said =
        members.map(|(key, value)| format!("{}: {}", Value::from(key.as_str()), flat(value)));
    Some(said.collect::<Vec<_>>().join(&between))
}

/// A value on one line, with a blank behind each comma.
fn flat(value: &Value) -> String {
    match value {
        Value::Array(all) => {
            let all: Vec<String> = all.iter().map(flat).collect();
            format!("[{}]", all.join(", "))
        }
        other => other.to_string(),
    }
}

/// The first comma in this part that is in no comment.
fn comma(text: &str, part: Range<usize>) -> Option<usize> {
    let bytes = text.get(part.clone())?.as_bytes();
    let mut at = 0;
    loop {
        let rest = bytes.get(at..)?;
        let skipped = if rest.starts_with(b"//") {
            rest.iter().position(|byte| *byte == b'\n')?
        } else if rest.starts_with(b"/*") {
            let end = rest.windows(2).skip(2).position(|two| two == b"*/")?;
            end.checked_add(4)?
        } else if *rest.first()? == b',' {
            return part.start.checked_add(at);
        } else {
            1
        };
        at = at.checked_add(skipped)?;
    }
}

/// Where the blanks begin with which this part of the text ends. The end of a comment's line stays,
/// unless there is one `behind` what goes as well.
fn blank_before(text: &str, part: Range<usize>, behind: usize) -> usize {
    let before = text.get(part.clone()).unwrap_or_default();
    let kept = before.trim_end_matches([' ', '\t', '\n', '\r']);
    let line = kept.rsplit('\n').next().unwrap_or_default();
    let blank = before.get(kept.len()..).unwrap_or_default();
    let rest = text.get(behind..).unwrap_or_default();
    let line_ends = rest.trim_start_matches([' ', '\t', '\r']).starts_with('\n');
    let from = part.start.saturating_add(kept.len());
    match (line.contains("//") && !line_ends, blank.find('\n')) {
        (true, Some(end)) => from.saturating_add(end).saturating_add(1),
        _ => from,
    }
}

/// Changes of a text, none within another.
#[derive(Default)]
struct Splices(Vec<(Range<usize>, String)>);

impl Splices {
    fn put(&mut self, place: Range<usize>, text: String) {
        self.0.push((place, text));
    }

    fn applied(&self, text: &str) -> Option<String> {
        let mut out = String::with_capacity(text.len());
        let mut at = 0;
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorted.sort_by_key(|(place, _)| place.start);
        for (place, new) in sorted {
            out.push_str(text.get(at..place.start)?);
            out.push_str(new);
            at = place.end;
        }
        out.push_str(text.get(at..)?);
        Some(out)
    }
}
