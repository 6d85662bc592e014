//! The log as `varistor-audit` writes it, whole and after somebody was at it.

use std::io::{BufRead, BufReader, Write};
use std::process::{Command, Stdio};

use varistor_audit::{CallRecord, Chain, Event, Found, Params, ResultRecord, Status};
use varistor_model::{Decision, Intent, Reason, Subject};

use crate::program::Place;

const TIME: u64 = 1_795_432_953_000_000_000;
const NOTHING: [Found<'_>; 0] = [];

fn call(name: &str, decision: Decision, reason: Option<Reason>) -> Vec<u8> {
    let mut tail = Vec::new();
    let record = CallRecord {
        token: None,
        organisation: "my-org",
        agent: "my-agent",
        outside: None,
        session: None,
        client: "127.0.0.1:50000",
        server: "example",
        method: "tools/call",
        subject: Subject::Tool,
        name,
        id: b"1",
        params: Params::None,
        intent: Some((Intent::Read, 90, &["verb"])),
        findings: &NOTHING,
        restored: None,
        decision,
        reason,
        rule: "",
        approval: None,
        ruled: None,
        generation: 1,
    };
    record.write(&mut tail);
    tail
}

fn result(call: u64) -> Vec<u8> {
    let mut tail = Vec::new();
    let record = ResultRecord {
        call,
        status: Status::Ok,
        http_status: 200,
        duration_us: 1_500,
        bytes: 10,
        redacted: 0,
        typed: 0,
        dropped: 0,
        findings: &NOTHING,
    };
    record.write(&mut tail);
    tail
}

/// A log of seven records in two segments.
fn with_log() -> Place {
    let place = Place::with_policy();
    let mut event = Vec::new();
    Event::Start {
        version: "0.1.0",
        driver: "epoll",
        workers: 2,
        listen: "127.0.0.1:7332",
    }
    .write(&mut event);
    let tails = [
        event,
        call("get_customer", Decision::Allow, None),
        result(1),
        call("delete_all", Decision::Deny, Some(Reason::IntentRefused)),
        call("get_\u{1b}[2Jcustomer", Decision::Allow, None),
        result(4),
        call("get_order", Decision::Deny, Some(Reason::LimitAgent)),
    ];
    let mut chain = Chain::genesis();
    let mut segments = [Vec::new(), Vec::new()];
    for (index, tail) in tails.iter().enumerate() {
        let segment = &mut segments[usize::from(index >= 4)];
        chain.next_line(TIME + index as u64, tail, segment);
    }
    for (first, bytes) in [0, 4].into_iter().zip(segments) {
        std::fs::write(segment(&place, first), bytes).unwrap();
    }
    place
}

fn segment(place: &Place, first: u64) -> std::path::PathBuf {
    place.file(&format!("audit/{first:020}.jsonl"))
}

#[test]
fn a_log_that_nobody_touched_is_sound() {
    let place = with_log();
    let run = place.run(&["audit", "verify"]).ended(0);
    assert!(
        run.out.contains("sound: records 0 to 6 in 2 segments"),
        "{}",
        run.out
    );
    let log = place.file("audit");
    let answer = Place::empty()
        .run(&["audit", "verify", "--log", log.to_str().unwrap(), "--json"])
        .ended(0)
        .json();
    assert_eq!(answer["sound"], true);
    assert_eq!(answer["records"], 7);
    assert_eq!(answer["first_bad"], serde_json::Value::Null);
}

#[test]
fn a_record_that_somebody_changed_is_named() {
    let place = with_log();
    let path = segment(&place, 0);
    let text = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, text.replace("delete_all", "select_all")).unwrap();
    let run = place.run(&["audit", "verify"]).ended(2);
    assert!(
        run.out.contains("TAMPERED WITH, first bad record 3"),
        "{run:?}"
    );
    let answer = place.run(&["audit", "verify", "--json"]).ended(2).json();
    assert_eq!(answer["first_bad"], 3);
}

#[test]
fn a_segment_that_somebody_took_away_is_missed() {
    let place = with_log();
    std::fs::remove_file(segment(&place, 0)).unwrap();
    let answer = place.run(&["audit", "verify", "--json"]).ended(2).json();
    assert_eq!(answer["first_bad"], 0);
    place.run(&["audit", "verify", "--from-anywhere"]).ended(0);
}

#[test]
fn a_torn_tail_has_a_status_of_its_own() {
    let place = with_log();
    let path = segment(&place, 4);
    let mut file = std::fs::OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(b"{\"seq\":7,\"time\"").unwrap();
    let run = place.run(&["audit", "verify"]).ended(5);
    assert!(
        run.out.contains("torn tail") && run.err.contains("unfinished"),
        "{run:?}"
    );
}

#[test]
fn the_tail_is_told_in_lines_that_cannot_steer_the_terminal() {
    let place = with_log();
    let run = place.run(&["audit", "tail"]).ended(0);
    let lines: Vec<&str> = run.out.lines().collect();
    assert_eq!(lines.len(), 7);
    assert!(lines[0].contains("#0 start") && lines[0].contains("driver=epoll"));
    assert!(lines[1].ends_with("#1 my-org/my-agent example/get_customer read allow"));
    assert!(lines[3].ends_with("example/delete_all read deny intent_refused"));
    assert!(!run.out.contains('\u{1b}'));
    let two = place.run(&["audit", "tail", "-n", "2", "--json"]).ended(0);
    let seqs: Vec<_> = two
        .out
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["seq"].clone())
        .collect();
    assert_eq!(seqs, [5, 6]);
}

#[test]
fn a_followed_log_is_shown_as_it_grows_into_a_new_segment() {
    let place = with_log();
    let mut child = Command::new(env!("CARGO_BIN_EXE_varictl"))
        .args(["audit", "tail", "-f", "-n", "1", "--json"])
        .current_dir(place.root())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("{\"seq\":6,"));
    let last = std::fs::read(segment(&place, 4)).unwrap();
    let last = last
        .trim_ascii_end()
        .rsplit(|byte| *byte == b'\n')
        .next()
        .unwrap();
    let mut chain = Chain::resume(6, varistor_audit::digest(last), TIME);
    let mut fresh = Vec::new();
    chain.next_line(
        TIME + 9,
        &call("get_more", Decision::Allow, None),
        &mut fresh,
    );
    std::fs::write(segment(&place, 7), fresh).unwrap();
    assert!(lines.next().unwrap().unwrap().starts_with("{\"seq\":7,"));
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn without_a_log_the_person_is_told_how_to_name_one() {
    let run = Place::empty()
        .run(&["audit", "verify", "--log", "missing"])
        .ended(2);
    assert!(run.err.contains("--log"), "{}", run.err);
}
