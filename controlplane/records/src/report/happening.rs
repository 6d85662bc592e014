//! Something that happened, in words for a person.

use serde::Serialize;
use serde_json::{Map, Value};

use super::seconds_of;
use crate::record::Record;

/// Happenings that are listed.
const LISTED_MAX: usize = 500;
/// Longest value of a detail that is told whole, in characters.
const VALUE_CHARS_MAX: usize = 300;

/// One event of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Happening {
    /// Its number.
    pub seq: u64,
    /// When.
    pub time: String,
    /// What kind of event.
    pub kind: String,
    /// Its details, `name=value`.
    pub text: String,
}

/// Events of a kind: the first of them, and how many there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Happenings {
    /// The first of them.
    pub listed: Vec<Happening>,
    /// All of them.
    pub count: u64,
}

impl Happenings {
    pub(super) fn add(&mut self, record: &Record<'_>) {
        self.count = self.count.saturating_add(1);
        if self.listed.len() < LISTED_MAX {
            self.listed.push(Happening::of(record));
        }
    }
}

impl Happening {
    fn of(record: &Record<'_>) -> Self {
        Self {
            seq: record.seq,
            time: seconds_of(&record.time),
            kind: record.kind.to_string(),
            text: details(record),
        }
    }
}

fn details(record: &Record<'_>) -> String {
    let raw = record.details.map_or("{}", |details| details.get());
    let details: Map<String, Value> = serde_json::from_str(raw).unwrap_or_default();
    let told: Vec<String> = details
        .iter()
        .map(|(name, value)| format!("{name}={}", short(value)))
        .collect();
    told.join(" ")
}

fn short(value: &Value) -> String {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(item).collect();
            items.join(", ")
        }
        other => other.to_string(),
    };
    match text.char_indices().nth(VALUE_CHARS_MAX) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text,
    }
}

/// A tool by its name; anything else as it is.
fn item(item: &Value) -> String {
    match item.get("tool").unwrap_or(item) {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    #[test]
    fn details_are_told_by_name_and_long_ones_are_cut() {
        let tools = r#""tools":[{"tool":"a","sha256":"ff"},{"tool":"b"}]"#;
        let long = "ä".repeat(500);
        let details = format!(r#"{{"server":"crm","count":2,{tools},"x":"{long}"}}"#);
        let event = fixture::event("tool_quarantined", &details);
        let log = fixture::lines(&[event]);
        let told = Happening::of(&Record::read(&log[0]).unwrap());
        assert_eq!(
            (told.kind.as_str(), told.time.as_str()),
            ("tool_quarantined", "2026-11-23T11:22:33Z")
        );
        for text in ["server=crm", "count=2", "tools=a, b", "ä…"] {
            assert!(told.text.contains(text), "{}", told.text);
        }
        assert!(!told.text.contains("ff") && told.text.chars().count() < 400);
    }
}
