//! Where values that look like credentials stand in a server's entry, in plain text.

use serde_json::Value;

use crate::credential::{Detector, is_credential};
use crate::document::Found;
use crate::plan::without_user;

/// The places, as keys from the top of the file. Names of variables are no values.
pub fn exposed(found: &Found, detector: &mut dyn Detector) -> Vec<Vec<String>> {
    let mut places = Vec::new();
    look(&found.value, &mut found.at.clone(), detector, &mut places);
    places
}

fn look(
    value: &Value,
    at: &mut Vec<String>,
    detector: &mut dyn Detector,
    places: &mut Vec<Vec<String>>,
) {
    match value {
        Value::String(text) => {
            let name = at.last().map_or("", String::as_str);
            if is_exposed(name, text, detector) {
                places.push(at.clone());
            }
        }
        Value::Array(all) => list(all, at, detector, places),
        Value::Object(members) => {
            for (key, value) in members {
                if key.ends_with("_env_var") || key == "env_http_headers" || key == "env_vars" {
                    continue;
                }
                at.push(key.clone());
                look(value, at, detector, places);
                at.pop();
            }
        }
        _ => {}
    }
}

/// Arguments: an option names the value behind it, or the value behind its `=`.
fn list(
    all: &[Value],
    at: &mut Vec<String>,
    detector: &mut dyn Detector,
    places: &mut Vec<Vec<String>>,
) {
    let mut option = "";
    for (number, one) in all.iter().enumerate() {
        at.push(number.to_string());
        match one.as_str() {
            Some(text) => {
                let (name, value) = match text.split_once('=').or_else(|| text.split_once(": ")) {
                    Some((name, value)) if !name.contains("://") => (name, value),
                    _ if option.starts_with('-') && !text.starts_with('-') => (option, text),
                    _ => ("argument", text),
                };
                if is_exposed(name, value, detector) {
                    places.push(at.clone());
                }
                option = text;
            }
            None => look(one, at, detector, places),
        }
        at.pop();
    }
}

fn is_exposed(name: &str, value: &str, detector: &mut dyn Detector) -> bool {
    let value = ["Bearer ", "bearer ", "Basic ", "token "]
        .iter()
        .find_map(|scheme| value.strip_prefix(scheme))
        .unwrap_or(value);
    let is_reference = value.starts_with('$') || value.starts_with("{env:");
    let is_url = value.contains("://");
    let in_query = || {
        let (_, query) = value.split_once('?')?;
        let fields = query.split('&').filter_map(|field| field.split_once('='));
        Some(
            fields
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
        )
    };
    let query: Vec<(String, String)> = match is_url {
        true => in_query().unwrap_or_default(),
        false => Vec::new(),
    };
    let has_user = is_url && without_user(value).is_ok_and(|(_, user)| user.is_some());
    !is_reference
        && (is_credential(name, value, detector)
            || has_user
            || query
                .iter()
                .any(|(name, value)| is_credential(name, value, detector)))
}
