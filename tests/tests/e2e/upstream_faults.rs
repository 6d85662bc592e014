//! Every fault of an answer that `varistor-bench upstream` can script, through the gateway, on both
//! drivers and in both eras: the caller is told, the log says the same, the gateway serves on.

use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::{Value, json};
use varistor_tests::{Connection, Driver, Mock, on_both_drivers};

use crate::trial::Seen::{Cut, Ended, Refused, Status, Whole};
use crate::trial::{Case, Seen, Trial, allowed};

on_both_drivers!(
    every_fault_of_an_answer_is_told_and_passes,
    a_huge_answer_is_refused,
    connections_that_are_refused_cost_a_call_each,
    a_server_that_accepts_nobody_is_told_in_time,
    a_stream_that_stalls_ends_with_its_client,
);

/// A tool, what its answers run into, what their caller sees, and what the log says.
type Row = (&'static str, &'static str, Seen, &'static str);

#[rustfmt::skip]
const FAULTS: &[Row] = &[
    ("reset", "fault=reset", Refused("upstream_closed"), "broken"),
    ("half", "fault=half", Refused("upstream_closed"), "broken"),
    ("half_stream", "events=1 fault=half", Cut("upstream_closed"), "broken"),
    ("half_open", "fault=half-open", Refused("upstream_timeout"), "timeout"),
    ("silent", "fault=silent", Refused("upstream_timeout"), "timeout"),
    ("late", "delay=30s", Refused("upstream_timeout"), "timeout"),
    ("slow", "fault=slow", Refused("upstream_timeout"), "timeout"),
    ("slow_stream", "events=1 fault=slow", Refused("upstream_timeout"), "timeout"),
    ("slow_head", "fault=trickle-head", Refused("upstream_timeout"), "timeout"),
    ("unhurried_head", "fault=trickle-head pace=1ms", Whole, "ok"),
    ("split", "fault=split", Whole, "ok"),
    ("wrong_id", "fault=wrong-id", Refused("upstream_invalid"), "invalid"),
    ("wrong_id_stream", "events=1 fault=wrong-id", Cut("upstream_invalid"), "invalid"),
    ("duplicate", "fault=duplicate", Whole, "ok"),
    ("duplicate_stream", "events=1 fault=duplicate", Whole, "ok"),
    ("malformed", "fault=malformed-json", Refused("upstream_invalid"), "invalid"),
    ("malformed_stream", "events=1 fault=malformed-json", Cut("upstream_invalid"), "invalid"),
    ("bad_chunk", "fault=bad-chunk", Refused("upstream_invalid"), "invalid"),
    ("bad_chunk_stream", "events=1 fault=bad-chunk", Cut("upstream_invalid"), "invalid"),
    ("short_length", "fault=short-length", Refused("upstream_invalid"), "invalid"),
    ("long_length", "fault=long-length", Refused("upstream_timeout"), "timeout"),
    ("status_429", "fault=status-429", Status(429), "http_error"),
    ("status_500", "fault=status-500", Status(500), "http_error"),
    ("status_503", "fault=status-503", Status(503), "http_error"),
    ("stream_end", "fault=stream-end", Ended, "closed"),
    ("stale_stream", "events=1 fault=stale", Whole, "ok"),
];

/// Their server needs seconds to make an answer up, in which it would hold up the others.
const HUGE: &[Row] = &[
    (
        "huge",
        "fault=huge",
        Refused("upstream_too_large"),
        "invalid",
    ),
    (
        "huge_stream",
        "events=1 fault=huge",
        Cut("upstream_too_large"),
        "invalid",
    ),
];

fn every_fault_of_an_answer_is_told_and_passes(driver: Driver) {
    run_into(FAULTS, driver);
}

fn a_huge_answer_is_refused(driver: Driver) {
    run_into(HUGE, driver);
}

fn run_into(rows: &[Row], driver: Driver) {
    let lines = rows
        .iter()
        .map(|(tool, what, ..)| format!("tool={tool} {what}\n"));
    let mock = Mock::start(&lines.collect::<String>(), &[]);
    let trial = Trial::before(&mock.url(), driver);
    let cases = rows.iter().map(|(tool, _, seen, logged)| Case {
        tool,
        seen: *seen,
        logged,
    });
    let cases: Vec<_> = cases.collect();
    let calls = trial.run(&cases);
    let records = trial.end(&calls);
    check_calls(&mock.stop(), &records);
}

/// A call that may have run is never sent again: the server got each of those in the log once.
fn check_calls(counted: &Value, records: &[Value]) {
    let calls = allowed(records).count();
    assert!(calls > 0, "{records:?}");
    assert_eq!(counted["calls"]["tools/call"], json!(calls), "{counted}");
}

fn connections_that_are_refused_cost_a_call_each(driver: Driver) {
    let mock = Mock::start("connection times=2 fault=refuse", &[]);
    let trial = Trial::before(&mock.url(), driver);
    let case = Case {
        tool: "refused",
        seen: Refused("upstream_closed"),
        logged: "broken",
    };
    let (caller, mut calls) = (trial.caller(), Vec::new());
    for _ in 0..2 {
        let (record, _) = caller.attempt(&case);
        calls.push((record, &case));
    }
    caller.call_soundly(&mut trial.agent.connect());
    trial.end(&calls);
    // It never read the others.
    assert_eq!(mock.stop()["calls"]["tools/call"], json!(1));
}

fn a_server_that_accepts_nobody_is_told_in_time(driver: Driver) {
    let mock = Mock::start("connection fault=deaf", &["--backlog", "0"]);
    let trial = Trial::before(&mock.url(), driver);
    let address: SocketAddr = mock.address().parse().expect("an address");
    let within = Duration::from_millis(300);
    // The first is served; the others wait in its backlog, until that is full.
    let mut served = Connection::open(mock.address());
    trial.caller().call_soundly(&mut served);
    let crowd: Vec<_> = (0..16)
        .map_while(|_| TcpStream::connect_timeout(&address, within).ok())
        .collect();
    assert!(crowd.len() < 16, "the backlog never filled");
    let case = Case {
        tool: "deaf",
        seen: Refused("upstream_unreachable"),
        logged: "unreachable",
    };
    let (record, _) = trial.caller().attempt(&case);
    trial.end(&[(record, &case)]);
}

/// On 2026-07-28 the caller's leaving cancels the call; the stream itself may be slow or mute.
fn a_stream_that_stalls_ends_with_its_client(driver: Driver) {
    let script = "tool=half_open events=1 fault=half-open\ntool=slow fault=split pace=1s";
    let mock = Mock::start(script, &[]);
    let trial = Trial::before(&mock.url(), driver);
    let cases = ["half_open", "slow"].map(|tool| Case {
        tool,
        seen: Cut("upstream_closed"),
        logged: "cancelled",
    });
    let mut calls = Vec::new();
    for case in &cases {
        let mut connection = trial.agent.connect();
        connection.send(&trial.caller().call(1, case.tool));
        let head = connection.head().expect("the head of a stream");
        assert_eq!(head.status, 200, "{head:?}");
        let record = head.field("varistor-record").expect("a record");
        calls.push((record.parse().expect("a number"), case));
        trial.caller().call_soundly(&mut trial.agent.connect());
    }
    let records = trial.end(&calls);
    check_calls(&mock.stop(), &records);
}
