//! One line of JSON for one message.

use serde::Serialize;
use serde_json::value::RawValue;
use varistor_inspect::dlp::Place;
use varistor_snapshot::schema::ArchivedDlp;

use super::places::{Spot, value_of};
use crate::commands::rehearsal::verdict::{Decision, Forward, IntentTold, Verdict};

/// Everything that is told about a message.
pub(super) struct Answer<'a> {
    pub(super) verdict: &'a Verdict,
    /// Where the message goes, or comes from.
    pub(super) server: Option<&'a str>,
    /// The tool that is called, or was.
    pub(super) tool: Option<&'a str>,
    /// The message that came; empty when none could be told from the line.
    pub(super) message: &'a [u8],
    pub(super) spots: &'a [Spot],
    /// The rows that the findings name.
    pub(super) rows: &'a ArchivedDlp,
    /// Whether findings carry their values.
    pub(super) values: bool,
    /// Whether the intent is left out.
    pub(super) without_intent: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    decision: Decision,
    reason: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    rule: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    rules: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shadow: Option<&'a RawValue>,
    server: Option<&'a str>,
    tool: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    intent: Option<Option<&'a IntentTold>>,
    findings: Vec<Told<'a>>,
}

#[derive(Serialize)]
struct Told<'a> {
    entity: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<&'a str>,
    class: &'a str,
    confidence: u8,
    path: &'a str,
    #[serde(rename = "in", skip_serializing_if = "Option::is_none")]
    place: Option<&'a str>,
    start: usize,
    end: usize,
    encoding: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
}

impl Answer<'_> {
    /// Appends the line, its end included.
    pub(super) fn write(&self, out: &mut Vec<u8>) -> serde_json::Result<()> {
        let verdict = self.verdict;
        let line = Line {
            decision: verdict.decision,
            reason: verdict.reason,
            text: verdict.text.as_deref(),
            rule: verdict.rule.as_deref(),
            rules: verdict.rules.as_deref(),
            shadow: verdict.shadow.as_deref(),
            server: self.server,
            tool: self.tool,
            intent: (!self.without_intent).then_some(verdict.intent.as_ref()),
            findings: self.spots.iter().map(|spot| self.told(spot)).collect(),
        };
        serde_json::to_writer(&mut *out, &line)?;
        out.pop();
        out.extend_from_slice(b",\"forward\":");
        match &verdict.forward {
            Forward::Nothing => out.extend_from_slice(b"null"),
            Forward::Same => splice(self.message, out),
            Forward::Changed(message) if is_json(message) => splice(message, out),
            Forward::Changed(message) => {
                serde_json::to_writer(&mut *out, &String::from_utf8_lossy(message))?;
            }
        }
        out.extend_from_slice(b"}\n");
        Ok(())
    }

    /// The entity of a finding, and its broader kind when that is another one.
    pub(super) fn names(&self, spot: &Spot) -> (&str, Option<&str>) {
        let row = self.rows.detectors.get(usize::from(spot.finding.detector));
        let entity = row.map_or("unknown", |row| row.entity.as_str());
        let parent = row.map(|row| row.parent.as_str());
        (entity, parent.filter(|parent| *parent != entity))
    }

    fn told<'s>(&'s self, spot: &'s Spot) -> Told<'s> {
        let finding = &spot.finding;
        let (entity, parent) = self.names(spot);
        Told {
            entity,
            parent,
            class: finding.class.name(),
            confidence: finding.confidence,
            path: &spot.path,
            place: match finding.place {
                Place::Text => None,
                Place::Key => Some("key"),
                Place::Number => Some("number"),
            },
            start: spot.decoded.start,
            end: spot.decoded.end,
            encoding: finding.encoding.name(),
            value: self.values.then(|| {
                let read = spot.read.clone();
                read.unwrap_or_else(|| value_of(finding, self.message))
            }),
        }
    }
}

/// Whether it is one JSON text. What the gateway makes always is; if it is not, the line must
/// still be one.
fn is_json(message: &[u8]) -> bool {
    serde_json::from_slice::<serde::de::IgnoredAny>(message).is_ok()
}

/// Appends a JSON text byte for byte. Line breaks stand between tokens only, and become blanks.
fn splice(message: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(message.trim_ascii());
    for byte in out.iter_mut().skip(start) {
        if matches!(byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
}
