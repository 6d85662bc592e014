//! kill and revive: what gateways are asked, by which socket, and what people are told.

use serde_json::{Value, json};

use crate::fake_gateway::{Asked, on_socket};
use crate::program::Place;

fn answering(status: u16, body: Value) -> impl FnOnce(&Asked) -> (u16, String) + Send + 'static {
    move |_| (status, body.to_string())
}

fn done(kept: bool) -> Value {
    json!({"selectors": ["agent acme/bot"], "kept": kept, "workers": 2, "heeded": 2,
        "ended": {"connections": 3, "calls": 1}, "revived": 0, "unknown": [],
        "killed": [{"selector": "agent acme/bot", "source": "operator", "by": "uid 0",
            "since_unix_ms": 1_700_000_000_000_u64}]})
}

#[test]
fn a_kill_goes_to_the_switchs_own_socket_with_everything_that_was_named() {
    let place = Place::with_policy();
    let asked = on_socket(&place.file("run/kill.sock"), answering(200, done(true)));
    let token = "ab".repeat(16);
    let given = [
        "kill",
        "--agent",
        "acme/bot",
        "--team",
        "acme/crew",
        "--token",
        &token,
        "--tool",
        "files/read file",
        "--server",
        "files",
        "--organisation",
        "acme",
        "--all",
        "--reason",
        "odd",
    ];
    let run = place.run(&given).ended(0);
    assert!(run.out.contains("3 connections, 1 calls"), "{}", run.out);
    let asked = asked.recv().unwrap();
    assert!(
        asked.head.starts_with("POST /v1/kill HTTP/1.1\r\n"),
        "{}",
        asked.head
    );
    let body: Value = serde_json::from_slice(&asked.body).unwrap();
    let selectors = json!([
        "all",
        "organisation acme",
        "team acme/crew",
        "agent acme/bot",
        format!("token {token}"),
        "server files",
        "tool files/read file"
    ]);
    assert_eq!(body, json!({"selectors": selectors, "reason": "odd"}));
}

#[test]
fn without_that_socket_the_admin_interface_is_asked() {
    let place = Place::with_policy();
    let answer = json!({"kept": true, "workers": 1, "heeded": 1, "revived": 1, "killed": []});
    let asked = on_socket(&place.file("run/admin.sock"), answering(200, answer));
    let run = place.run(&["revive", "--server", "files"]).ended(0);
    assert!(
        run.out.contains("may go on; nothing is stopped"),
        "{}",
        run.out
    );
    let asked = asked.recv().unwrap();
    assert!(asked.head.starts_with("POST /v1/revive "), "{}", asked.head);
}

#[test]
fn what_a_restart_would_forget_and_what_nobody_knows_is_told() {
    let place = Place::with_policy();
    let mut answer = done(false);
    answer["unknown"] = json!(["agent acme/bot"]);
    let asked = on_socket(&place.file("run/kill.sock"), answering(200, answer));
    let run = place.run(&["kill", "--agent", "acme/bot"]).ended(1);
    assert!(run.err.contains("restart would forget"), "{}", run.err);
    assert!(run.err.contains("has no agent acme/bot"), "{}", run.err);
    asked.recv().unwrap();
}

#[test]
fn the_list_says_what_is_stopped_by_whom_and_since_when() {
    let place = Place::with_policy();
    let asked = on_socket(&place.file("run/kill.sock"), answering(200, done(true)));
    let run = place.run(&["kill", "--list"]).ended(0);
    for part in ["agent acme/bot", "uid 0", "2023-11-14 22:13:20Z"] {
        assert!(run.out.contains(part), "{}", run.out);
    }
    assert!(asked.recv().unwrap().head.starts_with("GET /v1/kill "));
    let asked = on_socket(&place.file("run/admin.sock"), answering(200, done(true)));
    std::fs::remove_file(place.file("run/kill.sock")).unwrap();
    let run = place.run(&["kill", "--list", "--json"]).ended(0);
    let rows: Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(rows[0]["answer"]["killed"][0]["by"], "uid 0");
    asked.recv().unwrap();
}

#[test]
fn wrong_use_asks_nobody() {
    let place = Place::with_policy();
    for given in [
        &["kill"][..],
        &["revive"],
        &["kill", "--agent", "bot"],
        &["kill", "--token", "12"],
        &["kill", "--tool", "files"],
        &["kill", "--list", "--all"],
        &["kill", "--list", "--reason", "x"],
    ] {
        place.run(given).ended(2);
    }
    let run = place.run(&["kill", "--all"]).ended(1);
    assert!(run.err.contains("isn't running"), "{}", run.err);
}

#[test]
fn a_gateway_that_refuses_says_why() {
    let place = Place::with_policy();
    let full = json!({"error": "65536 things are stopped already"});
    let asked = on_socket(&place.file("run/kill.sock"), answering(507, full));
    let run = place.run(&["kill", "--server", "files"]).ended(1);
    assert!(run.err.contains("65536 things"), "{}", run.err);
    asked.recv().unwrap();
}
