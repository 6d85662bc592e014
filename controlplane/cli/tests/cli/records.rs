//! What people find in a log: `audit query`, `tail`, `show`, `export` and `report`.

use std::io::Write;
use std::path::PathBuf;

use serde_json::Value;
use varistor_audit::Chain;

use crate::program::{Place, Run};

/// 2026-11-23T11:22:33Z; each line is a second later.
const TIME: u64 = 1_795_432_953_000_000_000;
const SECOND: u64 = 1_000_000_000;
/// Turns the direction of writing.
const HIDDEN: char = '\u{202e}';
const APPROVAL: &str = "0123456789abcdef0123456789abcdef";

fn call(agent: &str, tool: &str, intent: &str, rest: &str) -> String {
    let token = "ab".repeat(16);
    [
        format!(r#","kind":"call","organisation":"acme","agent":"{agent}","token":"{token}""#),
        r#","client":"10.0.0.7:50000","server":"crm","method":"tools/call""#.to_owned(),
        format!(r#","tool":"{tool}","id":1,"params":{{"name":"{tool}","arguments":"#),
        format!(r#"{{"note":"\u001b[2J{HIDDEN} x"}}}},"intent":{{"type":"{intent}""#),
        format!(r#","confidence":90,"evidence":["verb {tool}"]}}{rest},"generation":3}}"#),
    ]
    .concat()
}

fn result(call: u64, rest: &str) -> String {
    let numbers = r#","http_status":200,"duration_us":1500,"bytes":10,"redacted":1"#;
    format!(r#","kind":"result","call":{call},"status":"ok"{numbers}{rest}}}"#)
}

fn event(kind: &str, details: &str) -> String {
    format!(r#","kind":"{kind}","details":{details}}}"#)
}

fn tails() -> Vec<String> {
    let iban = r#"{"entity":"iban","place":"3..25","action":"redact","confidence":99}"#;
    let id = format!(r#","approval":"{APPROVAL}""#);
    let held = format!(r#","decision":"hold","reason":"held","stage":"policy"{id},"rule":"x""#);
    let released = format!(r#","decision":"allow"{id},"rule":"*""#);
    let decided =
        format!(r#"{{"approval":"{APPROVAL}","decision":"approve","by":"ann","note":"fine"}}"#);
    let limited = r#","decision":"deny","reason":"limit_agent","stage":"rate_limit""#;
    vec![
        event(
            "start",
            r#"{"version":"0.1.0","driver":"epoll","workers":2}"#,
        ),
        call("bot", "get", "read", r#","decision":"allow","rule":"*""#),
        result(1, &format!(r#","findings":[{iban}]"#)),
        call("bot", "delete", "destructive", &held),
        event("approval", &decided),
        call("bot", "delete", "destructive", &released),
        result(5, ""),
        call("=other", "get", "read", limited),
        event(
            "kill",
            r#"{"selectors":["all"],"by":"bob","connections":1,"calls":0}"#,
        ),
    ]
}

/// A log of nine records in three segments.
fn with_log() -> Place {
    let place = Place::with_policy();
    let mut chain = Chain::genesis();
    for (number, tails) in tails().chunks(4).enumerate() {
        let mut segment = Vec::new();
        for (at, tail) in tails.iter().enumerate() {
            let seq = (number * 4 + at) as u64;
            chain.next_line(TIME + seq * SECOND, tail.as_bytes(), &mut segment);
        }
        std::fs::write(path(&place, number * 4), segment).unwrap();
    }
    place
}

fn path(place: &Place, first: usize) -> PathBuf {
    place.file(&format!("audit/{first:020}.jsonl"))
}

fn all_lines(place: &Place) -> String {
    let read = |first| std::fs::read_to_string(path(place, first)).unwrap();
    [0, 4, 8].map(read).concat()
}

fn audit(place: &Place, given: &[&str]) -> Run {
    place.run(&[&["audit"], given].concat()).ended(0)
}

fn seqs(run: &Run) -> Vec<u64> {
    let seq = |line: &str| {
        serde_json::from_str::<Value>(line).unwrap()["seq"]
            .as_u64()
            .unwrap()
    };
    run.out.lines().map(seq).collect()
}

#[test]
fn records_are_found_by_what_they_say_and_come_byte_for_byte() {
    let place = with_log();
    for (given, expected) in [
        (vec!["--agent", "bot"], vec![5, 3, 1]),
        (vec!["--agent", "acme/bot", "--intent", "read"], vec![1]),
        (vec!["--tool", "crm/delete", "--oldest-first"], vec![3, 5]),
        (vec!["--decision", "deny", "--decision", "hold"], vec![7, 3]),
        (vec!["--finding", "iban"], vec![2]),
        (vec!["--approval", "0123", "--oldest-first"], vec![3, 4, 5]),
        (vec!["--kind", "event", "--limit", "1"], vec![8]),
        (vec!["--text", "fine"], vec![4]),
        (vec!["--reason", "limit_agent", "--token", "ABAB"], vec![7]),
        (
            vec![
                "--since",
                "2026-11-23T11:22:38Z",
                "--until",
                "2026-11-23T11:22:40Z",
            ],
            vec![6, 5],
        ),
        (vec!["--on", "2026-11-22"], vec![]),
    ] {
        for more in [&["--json"][..], &["--json", "--no-index"]] {
            let run = audit(&place, &[&["query"], &given[..], more].concat());
            assert_eq!(seqs(&run), expected, "{given:?}");
        }
    }
    let run = audit(
        &place,
        &["query", "--json", "--oldest-first", "--limit", "0"],
    );
    assert_eq!(run.out, all_lines(&place));
    assert!(place.root().join("cache/varistor/audit-index").is_dir());
}

#[test]
fn a_table_is_for_people_and_says_when_there_may_be_more() {
    let place = with_log();
    let run = audit(&place, &["query", "--limit", "2"]);
    let lines: Vec<&str> = run.out.lines().collect();
    assert!(
        lines[0].starts_with("RECORD  TIME") && lines.len() == 3,
        "{}",
        run.out
    );
    assert!(lines[1].starts_with("8") && lines[1].contains("kill") && lines[1].contains("bob"));
    assert!(lines[2].contains("acme/=other") && lines[2].contains("limit_agent"));
    assert!(
        run.err.contains("the newest 2; there may be more"),
        "{}",
        run.err
    );
    assert!(!run.out.contains('\u{1b}'));
    let none = audit(&place, &["query", "--agent", "nobody"]);
    assert!(
        none.out.is_empty() && none.err.contains("no record is like that"),
        "{none:?}"
    );
}

#[test]
fn damaged_lines_are_told_and_passed_over() {
    let place = with_log();
    let text = std::fs::read_to_string(path(&place, 4)).unwrap();
    std::fs::write(
        path(&place, 4),
        text.replace("{\"seq\":6,", "{\"seq\":six,"),
    )
    .unwrap();
    let run = audit(
        &place,
        &["query", "--json", "--limit", "0", "--agent", "=other"],
    );
    assert_eq!(seqs(&run), [7]);
    assert!(
        run.err.contains("00000000000000000004.jsonl, byte"),
        "{}",
        run.err
    );
    assert!(run.err.contains("audit verify"), "{}", run.err);
    let report = audit(&place, &["report", "--json"]).json();
    assert_eq!(report["integrity"]["damaged"], 1);
    assert_eq!(report["gaps"][0]["kind"], "missing");
}

#[test]
fn the_tail_takes_the_same_conditions() {
    let place = with_log();
    let run = audit(&place, &["tail", "--agent", "bot", "-n", "2", "--json"]);
    assert_eq!(seqs(&run), [3, 5]);
    let run = audit(&place, &["tail", "--kind", "event"]);
    assert_eq!(run.out.lines().count(), 3);
    assert!(
        run.out.lines().next().unwrap().contains("#0 start"),
        "{}",
        run.out
    );
}

#[test]
fn a_call_is_shown_with_its_result_and_who_approved_it() {
    let place = with_log();
    for seq in ["5", "6"] {
        let run = audit(&place, &["show", seq]);
        for told in [
            "record      5",
            "call        tools/call crm/delete, id 1",
            "intent      destructive, 90 %: verb delete",
            "decision    allow",
            "rule        *",
            "policy      generation 3",
            "result      ok, HTTP 200, 1.500 ms, 10 bytes, 1 redacted (record 6",
            "held: crm/delete of acme/bot",
            "approve by ann: fine",
            "\\u{202e} x",
        ] {
            assert!(run.out.contains(told), "{told}: {}", run.out);
        }
        assert!(
            !run.out.contains('\u{1b}') && !run.out.contains('\u{202e}'),
            "{}",
            run.out
        );
    }
    let found = audit(&place, &["show", "1"]);
    assert!(
        found
            .out
            .contains("in answer   iban at bytes 3..25, redact, 99 %"),
        "{}",
        found.out
    );
    let json = audit(&place, &["show", "5", "--json"]).json();
    assert_eq!(
        (&json["record"]["seq"], &json["result"]["seq"]),
        (&5.into(), &6.into())
    );
    assert_eq!(json["approval"].as_array().unwrap().len(), 2);
    let event = audit(&place, &["show", "8"]);
    assert!(
        event.out.contains("kind        kill") && event.out.contains("\"bob\""),
        "{}",
        event.out
    );
    let missing = place.run(&["audit", "show", "9"]).ended(1);
    assert!(missing.err.contains("it has 0 to 8"), "{}", missing.err);
}

#[test]
fn every_format_is_exported_to_a_file_or_to_standard_output() {
    let place = with_log();
    let lines = audit(&place, &["export"]);
    assert_eq!(lines.out, all_lines(&place));
    assert!(lines.err.contains("9 rows exported"), "{}", lines.err);
    let one = audit(&place, &["export", "--tool", "get", "--decision", "allow"]);
    assert_eq!(
        seqs(&one),
        [1, 2],
        "the result of a selected call belongs to it"
    );
    let table = audit(&place, &["export", "--format", "csv", "--kind", "call"]);
    assert_eq!(table.out.matches("\r\n").count(), 5);
    assert!(table.out.contains(",'=other,"), "{}", table.out);
    let events = audit(&place, &["export", "--format", "ocsf"]);
    assert!(events.err.contains("4 rows exported") && events.err.contains("3 records left out"));
    let first: Value = serde_json::from_str(events.out.lines().next().unwrap()).unwrap();
    assert_eq!(
        (&first["class_uid"], &first["status"]),
        (&6003.into(), &"Success".into())
    );
    let file = place.root().join("log.parquet");
    audit(
        &place,
        &[
            "export",
            "--format",
            "parquet",
            "-o",
            file.to_str().unwrap(),
        ],
    );
    let bytes = std::fs::read(&file).unwrap();
    assert!(bytes.starts_with(b"PAR1") && bytes.ends_with(b"PAR1"));
    let nowhere = place
        .run(&["audit", "export", "-o", "no/such/place"])
        .ended(1);
    assert!(
        nowhere.err.contains("can't write no/such/place"),
        "{}",
        nowhere.err
    );
}

#[test]
fn a_report_is_made_for_people_for_paper_and_for_programs() {
    let place = with_log();
    let text = audit(&place, &["report"]);
    for told in [
        "Calls by intent and decision",
        "Who decided about held calls",
        "Kill switch",
        "approved by ann",
        "9 records in ",
    ] {
        assert!(text.out.contains(told), "{told}: {}", text.out);
    }
    let json = audit(&place, &["report", "--json"]).json();
    assert_eq!(
        (&json["decisions"]["allow"], &json["decisions"]["hold"]),
        (&2.into(), &1.into())
    );
    assert_eq!(
        (&json["kills"]["count"], &json["approvers"][0]["by"]),
        (&1.into(), &"ann".into())
    );
    let file = place.root().join("report.html");
    let given = [
        "report",
        "--format",
        "html",
        "--output",
        file.to_str().unwrap(),
    ];
    audit(&place, &given);
    let page = std::fs::read_to_string(&file).unwrap();
    assert!(page.starts_with("<!doctype html>") && page.contains("<svg"));
    assert!(!page.contains("<script") && !page.contains('\u{202e}'));
    let none = audit(&place, &["report", "--on", "2026-11-22"]);
    assert!(
        none.err.contains("no record of this period"),
        "{}",
        none.err
    );
}

#[test]
fn a_reader_that_has_seen_enough_ends_the_query_without_an_error() {
    let place = with_log();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_varictl"))
        .args(["audit", "query", "--limit", "0"])
        .current_dir(place.root())
        .env("XDG_CACHE_HOME", place.root().join("cache"))
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(!told.contains("error"), "{told}");
}

#[test]
fn a_log_without_records_is_told_from_one_that_is_not_there() {
    let place = Place::with_policy();
    std::fs::create_dir_all(place.file("audit")).unwrap();
    let empty = place.run(&["audit", "query"]).ended(1);
    assert!(empty.err.contains("there is no record in"), "{}", empty.err);
    let missing = place.run(&["audit", "query", "--log", "missing"]).ended(2);
    assert!(missing.err.contains("--log"), "{}", missing.err);
    place.run(&["audit", "tail", "--agent", "bot"]).ended(0);
    let mut half = std::fs::File::create(path(&place, 0)).unwrap();
    half.write_all(b"{\"seq\":0,").unwrap();
    let run = audit(&place, &["query"]);
    assert!(run.out.is_empty(), "{run:?}");
}
