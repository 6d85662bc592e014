//! `varictl connect` when something fails: a gateway that is killed, tokens that are replaced,
//! sessions that are lost, streams that break, hosts that leave.

use std::net::TcpStream;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};
use varistor_tests::upstream::{Handled, close_events, open_events, reply, send_event};
use varistor_tests::{Driver, Gateway, Host, PolicyDir, Upstream, on_both_drivers};

use crate::world::{Extra, World, policy_text};

on_both_drivers!(
    a_killed_gateway_costs_only_what_was_under_way,
    a_new_token_in_the_file_is_taken_at_once,
    a_lost_session_is_opened_anew,
    a_broken_stream_is_taken_up_behind_its_last_event,
    a_call_whose_stream_breaks_is_not_sent_again,
    a_closed_input_waits_for_the_answers,
    a_signal_ends_the_bridge_in_time,
    a_refusal_of_the_gateway_is_told_as_it_is,
);

/// A server that answers `write_file` when the test says so.
fn slow() -> (mpsc::Sender<()>, Upstream) {
    let (go, gate) = mpsc::channel();
    let gate = Mutex::new(gate);
    let upstream = Upstream::behaving(move |incoming, _| {
        if incoming.name() == "write_file" {
            // The test may end without letting it go.
            let _ = gate.lock().expect("a gate").recv();
        }
        Handled::Usual
    });
    (go, upstream)
}

fn calls_of(upstream: &Upstream, tool: &str) -> usize {
    let seen = upstream.seen();
    seen.iter()
        .filter(|incoming| incoming.name() == tool)
        .count()
}

/// The kernel closes the sockets of a killed process a little after its end.
fn wait_until_refused(address: &str) {
    let until = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(address).is_ok() {
        assert!(
            Instant::now() < until,
            "somebody still listens on {address}"
        );
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn error_of(answer: &Value) -> (i64, &Value) {
    let code = answer["error"]["code"].as_i64();
    (
        code.unwrap_or_else(|| panic!("{answer}")),
        &answer["error"]["data"]["may_have_run"],
    )
}

fn a_killed_gateway_costs_only_what_was_under_way(driver: Driver) {
    let (go, upstream) = slow();
    let policy = PolicyDir::new(&policy_text(&upstream, Extra::default()));
    let mut gateway = Gateway::start(&policy, driver);
    let address = gateway.address().to_owned();
    let url = format!("http://{address}/mcp/alpha");
    let mut host = Host::start(&url, &policy.token("tester"));
    host.initialize();
    host.call(1, "write_file");
    upstream.wait_until("the call", |seen| {
        seen.iter().any(|one| one.name() == "write_file")
    });
    gateway.signal(Signal::KILL);
    gateway.wait();
    let answer = host.next();
    assert_eq!(
        (&answer["id"], error_of(&answer)),
        (&json!(1), (-31101, &json!(true)))
    );
    wait_until_refused(&address);
    // These wait for the gateway, and are sent once it is there.
    host.call(2, "read_file");
    host.request(3, "tools/list", json!({}));
    host.wait_for("trying again");
    go.send(()).expect("a call that waits");
    let gateway = Gateway::start_at(&policy, driver, &address);
    let mut ids = [host.next(), host.next()].map(|answer| {
        assert!(answer.get("result").is_some(), "{answer}");
        answer["id"].as_u64()
    });
    ids.sort_unstable();
    assert_eq!(ids, [Some(2), Some(3)]);
    assert_eq!(
        (
            calls_of(&upstream, "write_file"),
            calls_of(&upstream, "read_file")
        ),
        (1, 1)
    );
    // A second time, with nothing under way: nothing is lost at all.
    gateway.stop();
    let gateway = Gateway::start_at(&policy, driver, &address);
    host.call(4, "read_file");
    assert!(host.next().get("result").is_some());
    host.end();
    gateway.stop();
}

fn a_new_token_in_the_file_is_taken_at_once(driver: Driver) {
    let world = World::start(driver);
    let first = world.policy.token("tester");
    let mut host = Host::start(&world.url(), &first);
    host.modern(1, "tools/list", json!({}));
    assert!(host.next().get("result").is_some());
    let revoked = world.policy.varictl(&["token", "revoke", &first]);
    varistor_tests::policy::assert_success(&revoked, "token revoke");
    world.policy.push();
    host.modern(2, "tools/list", json!({}));
    assert_eq!(host.next()["error"]["code"], json!(-31001));
    host.wait_for("put another one into");
    let second = world.policy.token("tester");
    host.rotate(&second);
    host.modern(3, "tools/call", json!({"name": "read_file"}));
    assert!(host.next().get("result").is_some());
    let said = host.said();
    assert!(!said.contains(&first) && !said.contains(&second), "{said}");
    host.end();
    world.end();
}

fn a_lost_session_is_opened_anew(driver: Driver) {
    let is_lost = Arc::new(AtomicBool::new(false));
    let lost = Arc::clone(&is_lost);
    let upstream = Upstream::behaving(move |incoming, stream| {
        let session = incoming.field("mcp-session-id");
        if lost.load(Ordering::SeqCst) && session.as_deref() == Some("upstream-session-1") {
            reply(stream, 404, "", b"");
            return Handled::Answered;
        }
        Handled::Usual
    });
    let world = World::around(driver, upstream, Extra::default());
    let mut host = world.host();
    host.initialize();
    host.call(1, "read_file");
    assert!(host.next().get("result").is_some());
    is_lost.store(true, Ordering::SeqCst);
    // Both meet the lost session; one new one is opened for both.
    host.call(2, "write_file");
    host.request(3, "tools/list", json!({}));
    let mut ids = [host.next(), host.next()].map(|answer| {
        assert!(answer.get("result").is_some(), "{answer}");
        answer["id"].as_u64()
    });
    ids.sort_unstable();
    assert_eq!(ids, [Some(2), Some(3)]);
    host.wait_for("a new one is open");
    host.end();
    let seen = world.upstream.seen();
    let count = |method: &str| seen.iter().filter(|one| one.method() == method).count();
    assert_eq!(
        (count("initialize"), count("notifications/initialized")),
        (2, 2)
    );
    world.end();
}

fn a_broken_stream_is_taken_up_behind_its_last_event(driver: Driver) {
    let result = json!({"content": [{"type": "text", "text": "late"}]});
    let upstream = Upstream::behaving(move |incoming, stream| {
        let late = json!({"jsonrpc": "2.0", "id": 1, "result": result});
        if incoming.name() == "read_file" {
            open_events(stream);
            // A priming event, as 2025-11-25 has it.
            send_event(stream, Some("s-1\nretry: 10"), "");
            return Handled::Close;
        }
        if incoming.is("GET") {
            // The one stream that goes on; the server offers no other.
            if incoming.field("last-event-id").is_none() {
                reply(stream, 405, "Allow: POST\r\n", b"");
                return Handled::Answered;
            }
            open_events(stream);
            send_event(stream, Some("s-2"), &late.to_string());
            close_events(stream);
            return Handled::Answered;
        }
        Handled::Usual
    });
    let world = World::around(driver, upstream, Extra::default());
    let mut host = world.host();
    host.initialize();
    host.call(1, "read_file");
    let answer = host.next();
    assert_eq!(
        answer["result"]["content"][0]["text"],
        json!("late"),
        "{answer}"
    );
    assert_eq!(calls_of(&world.upstream, "read_file"), 1);
    host.end();
    world.end();
}

fn a_call_whose_stream_breaks_is_not_sent_again(driver: Driver) {
    let lists = AtomicUsize::new(0);
    let upstream = Upstream::behaving(move |incoming, stream| {
        if incoming.name() == "read_file" {
            open_events(stream);
            let said = json!({"jsonrpc": "2.0", "method": "notifications/message",
                "params": {"level": "info", "data": "begun"}});
            send_event(stream, None, &said.to_string());
            return Handled::Close;
        }
        // The gateway tells a closed connection by a status, so the bridge need not guess.
        if incoming.method() == "tools/list" && lists.fetch_add(1, Ordering::SeqCst) == 0 {
            return Handled::Close;
        }
        Handled::Usual
    });
    let world = World::around(driver, upstream, Extra::default());
    let mut host = world.host();
    host.modern(1, "tools/call", json!({"name": "read_file"}));
    assert_eq!(host.next()["method"], json!("notifications/message"));
    let answer = host.next();
    assert_eq!(answer["id"], json!(1), "{answer}");
    assert!(answer.get("error").is_some(), "{answer}");
    assert_eq!(calls_of(&world.upstream, "read_file"), 1);
    host.modern(2, "tools/list", json!({}));
    assert_eq!(host.next()["id"], json!(2));
    host.end();
    world.end();
}

fn a_closed_input_waits_for_the_answers(driver: Driver) {
    let (go, upstream) = slow();
    let world = World::around(driver, upstream, Extra::default());
    let mut host = world.host();
    host.initialize();
    host.call(1, "write_file");
    host.call(2, "read_file");
    host.close();
    assert_eq!(host.next()["id"], json!(2));
    go.send(()).expect("a call that waits");
    assert_eq!(host.next()["id"], json!(1));
    assert!(host.wait().success());
    assert_eq!(host.rest(), Vec::<String>::new());
    world.end();
}

fn a_signal_ends_the_bridge_in_time(driver: Driver) {
    let (go, upstream) = slow();
    let world = World::around(driver, upstream, Extra::default());
    let mut host = world.host();
    host.initialize();
    host.call(1, "write_file");
    world.upstream.wait_until("the call", |seen| {
        seen.iter().any(|one| one.name() == "write_file")
    });
    host.terminate();
    assert!(host.wait().success());
    // Given up, and said so.
    let rest = host.rest();
    let answer: Value = serde_json::from_str(rest.last().expect("a line")).expect("JSON");
    assert_eq!(
        (&answer["id"], error_of(&answer)),
        (&json!(1), (-31101, &json!(true)))
    );
    go.send(()).expect("a call that waits");
    world.end();
}

fn a_refusal_of_the_gateway_is_told_as_it_is(driver: Driver) {
    let world = World::start(driver);
    let token = world.policy.token("elsewhere");
    let mut host = Host::start(&world.url(), &token);
    host.modern(7, "tools/list", json!({}));
    let answer = host.next();
    assert_eq!(
        (&answer["id"], &answer["error"]["code"]),
        (&json!(7), &json!(-31002))
    );
    host.end();
    let url = format!("http://{}/mcp/nowhere", world.gateway.address());
    let mut host = Host::start(&url, &token);
    host.request(0, "initialize", json!({"protocolVersion": "2025-11-25"}));
    assert_eq!(host.next()["id"], json!(0));
    // No session is open, so this does not wait for one.
    host.request(1, "ping", json!({}));
    assert_eq!(host.next()["id"], json!(1));
    host.end();
    world.end();
}

#[test]
fn a_gateway_that_never_comes_is_waited_for_no_longer_than_said() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = free.local_addr().expect("an address");
    drop(free);
    let url = format!("http://{address}/mcp/alpha");
    let begun = Instant::now();
    let mut host = Host::start_with(&url, "any", &["--reconnect", "1"]);
    host.modern(1, "tools/call", json!({"name": "read_file"}));
    let answer = host.next();
    assert_eq!(
        (&answer["id"], error_of(&answer)),
        (&json!(1), (-31100, &json!(false)))
    );
    assert!(begun.elapsed() >= Duration::from_secs(1));
    host.end();
}
