//! What was exported, read back by others: the csv crate, Parquet's own reader, OCSF's schema.

use std::sync::{Arc, Mutex};

use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
use ::parquet::record::Field as Value;
use serde_json::Value as Json;

use super::*;
use crate::field::Field;
use crate::fixture;

/// OCSF 1.8.0, class API Activity with both profiles, as JSON Schema: made from the schema that
/// schema.ocsf.io publishes (Apache-2.0) by the package ocsf-json-schema, without its texts.
const OCSF: &str = include_str!("../../tests/ocsf-1.8.0-api_activity.schema.json");

/// What is written stays to be read.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<u8>>>);

impl Write for Kept {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

fn exported(log: &fixture::Log, selection: &Selection, format: Format) -> (Vec<u8>, Exported) {
    let kept = Kept::default();
    let out: Box<dyn Write + Send> = Box::new(kept.clone());
    let log = Log::open(log.path()).unwrap();
    let exported = export(&log, selection, (format, out), &mut |_| {}).unwrap();
    let bytes = kept.0.lock().unwrap().clone();
    (bytes, exported)
}

fn tails() -> Vec<String> {
    let held = r#","reason":"held","approval":"00ff""#;
    let told =
        r#","findings":[{"entity":"iban","place":"1..9","action":"redact","confidence":99}]"#;
    vec![
        fixture::event("start", r#"{"version":"0.1.0"}"#),
        fixture::call("crm", "get", "allow", told),
        fixture::result_with(1, "tool_error", told),
        fixture::call_of(
            "=cmd|' /C calc'!A0",
            ("a,\\\"b", "x\\ny"),
            "deny",
            r#","reason":"held""#,
        ),
        [
            r#","kind":"call","client":"[::1]:9","server":"crm","decision":"deny""#,
            r#","reason":"token_missing","stage":"authenticate","generation":1}"#,
        ]
        .concat(),
        fixture::call(
            "crm",
            "put",
            "redact",
            r#","flow":["private-read"],"flagged":true,"level":"critical""#,
        ),
        [
            r#","kind":"call","organisation":"acme","agent":"bot","method":"tools/list""#,
            r#","id":"x","decision":"allow","generation":1}"#,
        ]
        .concat(),
        fixture::call("crm", "delete", "hold", held).replace("\"read\"", "\"destructive\""),
        fixture::call("crm", "send", "allow", "").replace("\"read\"", "\"exfiltrative\""),
        fixture::result(8, "ok"),
    ]
}

fn rows(bytes: &[u8]) -> Vec<Vec<String>> {
    let mut builder = csv::ReaderBuilder::new();
    let mut reader = builder.has_headers(false).from_reader(bytes);
    let row = |row: csv::StringRecord| row.iter().map(str::to_owned).collect();
    reader.records().map(|found| row(found.unwrap())).collect()
}

fn column(name: &str) -> usize {
    cells::COLUMNS
        .iter()
        .position(|(column, _)| *column == name)
        .unwrap()
}

#[test]
fn lines_are_exported_byte_for_byte_with_the_results_of_selected_calls() {
    let log = fixture::Log::of(&tails(), 4);
    let lines = fixture::lines(&tails());
    let (bytes, done) = exported(&log, &Selection::default(), Format::Jsonl);
    let mut all = lines.join(&b'\n');
    all.push(b'\n');
    assert_eq!((bytes, done.rows), (all, 10));
    let get = Selection::default().with(Field::Tool, ["get"]);
    let (bytes, done) = exported(&log, &get, Format::Jsonl);
    let expected = [&lines[1][..], b"\n", &lines[2][..], b"\n"].concat();
    assert_eq!((bytes, done.rows), (expected, 2));
}

#[test]
fn a_table_has_a_row_for_each_call_and_event_and_nothing_breaks_out_of_its_cell() {
    let log = fixture::Log::of(&tails(), 4);
    let (bytes, done) = exported(&log, &Selection::default(), Format::Csv);
    let text = String::from_utf8(bytes.clone()).unwrap();
    assert!(text.starts_with("seq,time,kind,") && text.ends_with("\r\n"));
    assert_eq!(text.matches("\r\n").count(), 9);
    let rows = rows(&bytes);
    assert_eq!((rows.len(), done.rows), (9, 8));
    assert!(rows.iter().all(|row| row.len() == cells::COUNT));
    let row = |seq: &str| rows.iter().find(|row| row[0] == seq).unwrap();
    assert_eq!(row("3")[column("agent")], "'=cmd|' /C calc'!A0");
    assert_eq!(row("3")[column("server")], "a,\"b");
    assert_eq!(row("3")[column("tool")], "x\ny");
    assert_eq!(row("1")[column("status")], "tool_error");
    assert_eq!(row("1")[column("result_seq")], "2");
    assert_eq!(row("1")[column("answer_findings")], "iban:redact");
    assert_eq!(row("5")[column("status")], "pending");
    assert_eq!(row("0")[column("details")], r#"{"version":"0.1.0"}"#);
    assert_eq!(
        row("1")[column("params")],
        r#"{"name":"get","arguments":{"a":1}}"#
    );
}

#[test]
fn parquet_holds_the_same_rows_with_types() {
    let log = fixture::Log::of(&tails(), 4);
    let (table, _) = exported(&log, &Selection::default(), Format::Csv);
    let (bytes, done) = exported(&log, &Selection::default(), Format::Parquet);
    let reader = SerializedFileReader::new(bytes::Bytes::from(bytes)).unwrap();
    assert_eq!(
        (reader.metadata().file_metadata().num_rows(), done.rows),
        (8, 8)
    );
    let table = rows(&table);
    for (row, expected) in reader.get_row_iter(None).unwrap().zip(&table[1..]) {
        for (at, (name, value)) in row.unwrap().into_columns().into_iter().enumerate() {
            assert_eq!(name, cells::COLUMNS[at].0);
            let text = match (&*name, value) {
                (_, Value::Null) => String::new(),
                ("agent", Value::Str(text)) if text.starts_with('=') => format!("'{text}"),
                (_, Value::Str(text)) => text,
                (_, Value::ULong(number)) => number.to_string(),
                (_, Value::Bool(flag)) => flag.to_string(),
                ("time", Value::Long(ns)) => {
                    let text = varistor_audit::time::text(ns as u64);
                    String::from_utf8(text.to_vec()).unwrap()
                }
                (_, other) => panic!("{name}: {other:?}"),
            };
            assert_eq!(text, expected[at], "{name}");
        }
    }
}

#[test]
fn every_event_is_what_the_schema_of_ocsf_asks_for() {
    let log = fixture::Log::of(&tails(), 4);
    let (bytes, done) = exported(&log, &Selection::default(), Format::Ocsf);
    let events: Vec<Json> = bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).unwrap())
        .collect();
    assert_eq!((events.len() as u64, done.rows, done.left_out), (7, 7, 1));
    let schema: Json = serde_json::from_str(OCSF).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for event in &events {
        let wrong: Vec<String> = validator
            .iter_errors(event)
            .map(|error| error.to_string())
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}\n{event:#}");
        let (class, activity) = (event["class_uid"].as_u64().unwrap(), &event["activity_id"]);
        assert_eq!(event["type_uid"], class * 100 + activity.as_u64().unwrap());
    }
    let event = |seq: u64| {
        events
            .iter()
            .find(|event| event["metadata"]["sequence"] == seq)
            .unwrap()
    };
    let failed = event(1);
    assert_eq!(
        (&failed["status_id"], &failed["status_code"]),
        (&2.into(), &"tool_error".into())
    );
    assert_eq!(
        (&failed["activity_id"], &failed["duration"]),
        (&2.into(), &1.into())
    );
    assert_eq!(failed["time"], fixture::TIME / 1_000_000 + 1);
    assert_eq!(failed["src_endpoint"]["ip"], "10.0.0.7");
    assert_eq!(failed["unmapped"]["answer_findings"][0]["entity"], "iban");
    assert_eq!(failed["api"]["request"]["data"]["arguments"]["a"], 1);
    assert_eq!(event(4)["actor"]["app_name"], "unauthenticated");
    assert_eq!(event(4)["disposition_id"], 26);
    assert_eq!(
        (&event(5)["severity_id"], &event(5)["action_id"]),
        (&5.into(), &4.into())
    );
    assert_eq!(
        (&event(6)["api"]["request"]["uid"], &event(6)["status_id"]),
        (&"x".into(), &0.into())
    );
    assert_eq!(
        (&event(7)["activity_id"], &event(7)["status"]),
        (&4.into(), &"Held".into())
    );
    assert_eq!(
        (&event(8)["activity_id"], &event(8)["activity_name"]),
        (&99.into(), &"Exfiltrate".into())
    );
}

#[test]
fn the_schema_of_ocsf_refuses_what_is_wrong() {
    let log = fixture::Log::of(&tails(), 4);
    let (bytes, _) = exported(&log, &Selection::default(), Format::Ocsf);
    let first = bytes.split(|byte| *byte == b'\n').next().unwrap();
    let right: Json = serde_json::from_slice(first).unwrap();
    let schema: Json = serde_json::from_str(OCSF).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    assert!(validator.is_valid(&right));
    for (name, value) in [
        ("actor", Json::Null),
        ("severity_id", 9.into()),
        ("novel", 1.into()),
    ] {
        let mut wrong = right.clone();
        wrong[name] = value;
        assert!(!validator.is_valid(&wrong), "{name}");
    }
}
