//! The columns of tables, and what a record has in each of them.

use std::borrow::Cow;

use serde_json::value::RawValue;

use crate::pair::{Entry, Told};
use crate::record::{Finding, Record};

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// UTF-8 text.
    Text,
    /// A whole number that is not negative.
    Number,
    /// An instant, in nanoseconds since 1970.
    Time,
    /// Yes or no.
    Flag,
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell<'a> {
    Empty,
    Text(Cow<'a, str>),
    Number(u64),
    /// The instant, and its text.
    Time(u64, Cow<'a, str>),
    Flag(bool),
}

/// Name and kind of each column.
pub(super) const COLUMNS: [(&str, Kind); COUNT] = [
    ("seq", Kind::Number),
    ("time", Kind::Time),
    ("kind", Kind::Text),
    ("organisation", Kind::Text),
    ("agent", Kind::Text),
    ("token", Kind::Text),
    ("session", Kind::Text),
    ("client", Kind::Text),
    ("server", Kind::Text),
    ("method", Kind::Text),
    ("tool", Kind::Text),
    ("subject", Kind::Text),
    ("intent", Kind::Text),
    ("intent_confidence", Kind::Number),
    ("decision", Kind::Text),
    ("reason", Kind::Text),
    ("stage", Kind::Text),
    ("rule", Kind::Text),
    ("rules", Kind::Text),
    ("findings", Kind::Text),
    ("flow", Kind::Text),
    ("flagged", Kind::Flag),
    ("approval", Kind::Text),
    ("generation", Kind::Number),
    ("params", Kind::Text),
    ("params_masked", Kind::Flag),
    ("result_seq", Kind::Number),
    ("status", Kind::Text),
    ("http_status", Kind::Number),
    ("duration_us", Kind::Number),
    ("bytes", Kind::Number),
    ("redacted", Kind::Number),
    ("answer_findings", Kind::Text),
    ("details", Kind::Text),
];
pub(super) const COUNT: usize = 34;

/// The cells of an entry, in the order of [`COLUMNS`].
pub(super) fn cells<'a>(entry: &'a Entry<'_>) -> [Cell<'a>; COUNT] {
    let (record, result, status) = parts(entry);
    let is_call = record.is_call();
    let raw = |value: Option<&'a RawValue>| value.map_or(Cell::Empty, |raw| text(raw.get()));
    let flag = |value: bool| match is_call {
        true => Cell::Flag(value),
        false => Cell::Empty,
    };
    let findings = match is_call {
        true => findings(&record.findings),
        false => Cell::Empty,
    };
    let intent = record.intent.as_ref();
    [
        Cell::Number(record.seq),
        Cell::Time(record.time_ns, Cow::Borrowed(&record.time)),
        text(&record.kind),
        text(&record.organisation),
        text(&record.agent),
        text(&record.token),
        text(&record.session),
        text(&record.client),
        text(&record.server),
        text(&record.method),
        text(&record.tool),
        text(&record.subject),
        text(record.intent_name()),
        number(intent.map(|intent| intent.confidence)),
        text(&record.decision),
        text(&record.reason),
        text(&record.stage),
        text(&record.rule),
        joined(&record.rules),
        findings,
        joined(&record.flow),
        flag(record.flagged),
        text(&record.approval),
        number(record.generation),
        raw(record.params),
        flag(record.params_masked),
        number(result.map(|result| result.seq)),
        text(status),
        number(result.and_then(|result| result.http_status).map(u64::from)),
        number(result.and_then(|result| result.duration_us)),
        number(result.and_then(|result| result.bytes)),
        number(result.and_then(|result| result.redacted)),
        result.map_or(Cell::Empty, |result| self::findings(&result.findings)),
        raw(record.details),
    ]
}

/// The record that a row is about, its result, and how it ended.
fn parts<'a>(entry: &'a Entry<'_>) -> (&'a Record<'a>, Option<&'a Record<'a>>, &'a str) {
    fn record<'a>(told: &'a Told<'_>) -> &'a Record<'a> {
        told.0
    }
    match entry {
        Entry::Answered(call, result) => (record(call), Some(record(result)), &result.0.status),
        Entry::Refused(told) | Entry::Event(told) => (record(told), None, ""),
        Entry::Unanswered(call, why) => (record(call), None, why.name()),
        Entry::Result(told) => (record(told), Some(record(told)), &told.0.status),
    }
}

fn text(text: &str) -> Cell<'_> {
    match text {
        "" => Cell::Empty,
        text => Cell::Text(Cow::Borrowed(text)),
    }
}

fn number<'a>(number: Option<u64>) -> Cell<'a> {
    number.map_or(Cell::Empty, Cell::Number)
}

fn joined<'a>(names: &[String]) -> Cell<'a> {
    match names {
        [] => Cell::Empty,
        names => Cell::Text(Cow::Owned(names.join("; "))),
    }
}

/// `iban:redact; email:log`.
fn findings<'a>(findings: &[Finding<'_>]) -> Cell<'a> {
    let one = |found: &Finding<'_>| match &*found.action {
        "" => found.entity.to_string(),
        action => format!("{}:{action}", found.entity),
    };
    let told: Vec<String> = findings.iter().map(one).collect();
    joined(&told)
}
