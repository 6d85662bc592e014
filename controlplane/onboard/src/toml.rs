//! TOML as clients take it: the servers in a table, one of them said anew, and the rest, comments
//! and order too, as it was.

use serde_json::Value;
use toml_edit::{Array, DocumentMut, Item, TableLike, Value as TomlValue};

use crate::document::{DocumentError, Found, OWN};

/// Refuses what is not TOML.
pub(crate) fn check(text: &str) -> Result<(), DocumentError> {
    document(text).map(drop)
}

/// The whole of it.
pub(crate) fn value(text: &str) -> Result<Value, DocumentError> {
    let document = document(text)?;
    let members = document.as_table().iter();
    let members = members.map(|(key, item)| (key.to_owned(), plain(item)));
    Ok(Value::Object(members.collect()))
}

/// The servers in the table behind these keys. TOML itself refuses names that are said twice.
pub(crate) fn servers(text: &str, table: &[&str]) -> Result<Vec<Found>, DocumentError> {
    let document = document(text)?;
    let mut at: Option<&dyn TableLike> = Some(document.as_table());
    for key in table {
        at = at.and_then(|table| table.get(key)?.as_table_like());
    }
    let Some(servers) = at else {
        return Ok(Vec::new());
    };
    let found = servers.iter().filter(|(_, item)| item.is_table_like());
    Ok(found
        .map(|(name, item)| Found {
            at: table
                .iter()
                .copied()
                .chain([name])
                .map(str::to_owned)
                .collect(),
            value: plain(item),
        })
        .collect())
}

/// The text with one server's own members replaced by these.
pub(crate) fn rewrite(
    text: &str,
    at: &[String],
    members: &[(String, Value)],
) -> Result<String, DocumentError> {
    let unchangeable = || DocumentError::Unchangeable(at.last().cloned().unwrap_or_default());
    let mut document = document(text)?;
    let server = item_at(&mut document, at).ok_or_else(unchangeable)?;
    let server = server.as_table_like_mut().ok_or_else(unchangeable)?;
    for key in OWN {
        if !members.iter().any(|(name, _)| name == key) {
            server.remove(key);
        }
    }
    for (key, value) in members {
        let mut said = edited(value).ok_or_else(unchangeable)?;
        match server.get_mut(key) {
            // What stands around it, a comment behind it too, stays.
            Some(Item::Value(had)) => {
                *said.decor_mut() = had.decor().clone();
                *had = said;
            }
            _ => drop(server.insert(key, Item::Value(said))),
        }
    }
    Ok(line_ends(text, document.to_string()))
}

/// The text with one server as another text has it.
pub(crate) fn restore(text: &str, origin: &str, at: &[String]) -> Result<String, DocumentError> {
    let unchangeable = || DocumentError::Unchangeable(at.last().cloned().unwrap_or_default());
    let (mut now, mut then) = (document(text)?, document(origin)?);
    let then = item_at(&mut then, at).ok_or_else(unchangeable)?.clone();
    *item_at(&mut now, at).ok_or_else(unchangeable)? = then;
    Ok(line_ends(text, now.to_string()))
}

fn document(text: &str) -> Result<DocumentMut, DocumentError> {
    text.parse::<DocumentMut>().map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let before = text.get(..at).unwrap_or_default();
        DocumentError::Syntax {
            language: "TOML",
            what: "what does not belong there".to_owned(),
            line: before.matches('\n').count().saturating_add(1),
        }
    })
}

fn item_at<'d>(document: &'d mut DocumentMut, at: &[String]) -> Option<&'d mut Item> {
    let (first, rest) = at.split_first()?;
    let first = document.as_table_mut().get_mut(first)?;
    rest.iter()
        .try_fold(first, |item, key| item.as_table_like_mut()?.get_mut(key))
}

/// The editor of TOML writes plain line ends.
fn line_ends(before: &str, after: String) -> String {
    let is_dos = before.contains("\r\n");
    match is_dos && !after.contains("\r\n") {
        true => after.replace('\n', "\r\n"),
        false => after,
    }
}

fn edited(value: &Value) -> Option<TomlValue> {
    Some(match value {
        Value::String(text) => text.as_str().into(),
        Value::Array(all) => TomlValue::Array(all.iter().map(edited).collect::<Option<Array>>()?),
        _ => return None,
    })
}

fn plain(item: &Item) -> Value {
    match item {
        Item::None => Value::Null,
        Item::Value(value) => plain_value(value),
        Item::Table(table) => members(table),
        Item::ArrayOfTables(all) => all.iter().map(|table| members(table)).collect(),
    }
}

fn plain_value(value: &TomlValue) -> Value {
    match value {
        TomlValue::String(text) => text.value().as_str().into(),
        TomlValue::Integer(number) => (*number.value()).into(),
        TomlValue::Float(number) => (*number.value()).into(),
        TomlValue::Boolean(word) => (*word.value()).into(),
        TomlValue::Datetime(time) => time.value().to_string().into(),
        TomlValue::Array(all) => all.iter().map(plain_value).collect(),
        TomlValue::InlineTable(table) => members(table),
    }
}

fn members(table: &dyn TableLike) -> Value {
    let members = table
        .iter()
        .map(|(key, item)| (key.to_owned(), plain(item)));
    Value::Object(members.collect())
}
