//! SIGTERM: calls in flight are finished, new ones go elsewhere, the log ends with a stop record.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::json;
use varistor_tests::upstream::{Handled, reply};
use varistor_tests::{Driver, Upstream, on_both_drivers};

use crate::event_streams_world::OldClient;
use crate::world::{Extra, World};

on_both_drivers!(
    a_call_in_flight_is_finished_before_the_gateway_ends,
    a_stream_of_answers_ends_behind_the_last_of_them,
    an_idle_gateway_ends_at_once,
    a_call_that_never_ends_does_not_hold_the_gateway,
);

fn a_call_in_flight_is_finished_before_the_gateway_ends(driver: Driver) {
    let (go, upstream) = gated();
    let world = World::around(driver, upstream, Extra::default());
    let agent = world.tester();
    let in_flight = {
        let agent = agent.clone();
        thread::spawn(move || agent.call("read_file", json!({})))
    };
    world.upstream.wait_until("the call", |seen| {
        seen.iter()
            .any(|incoming| incoming.method() == "tools/call")
    });
    let World {
        mut gateway,
        policy,
        ..
    } = world;
    gateway.terminate();
    // Once it no longer takes calls, the one in flight may end.
    wait_until_refused(gateway.address());
    go.send(()).expect("the server waits");
    let answer = in_flight.join().expect("the agent");
    assert_eq!(answer.text(), "late");
    assert_eq!(gateway.wait().code(), Some(0));
    policy.verify_audit();
    assert_eq!(policy.records().last().expect("records")["kind"], "stop");
}

/// A server whose calls end when they are told to.
fn gated() -> (mpsc::Sender<()>, Upstream) {
    let (go, may_go) = mpsc::channel::<()>();
    let may_go = Arc::new(Mutex::new(may_go));
    let upstream = Upstream::behaving(move |incoming, stream| {
        if incoming.method() != "tools/call" {
            return Handled::Usual;
        }
        may_go
            .lock()
            .expect("the gate")
            .recv()
            .expect("the test goes on");
        let body = json!({"jsonrpc": "2.0", "id": incoming.json()["id"],
            "result": {"resultType": "complete", "content": [{"type": "text", "text": "late"}]}});
        let body = body.to_string();
        reply(
            stream,
            200,
            "Content-Type: application/json\r\n",
            body.as_bytes(),
        );
        Handled::Answered
    });
    (go, upstream)
}

fn a_stream_of_answers_ends_behind_the_last_of_them(driver: Driver) {
    let (go, upstream) = gated();
    let world = World::around(driver, upstream, Extra::default());
    let agent = world.tester();
    let mut quiet = OldClient::initialized(&agent, "/alpha");
    let mut busy = OldClient::initialized(&agent, "/alpha");
    let call = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call",
        "params": {"name": "read_file", "arguments": {}}});
    assert_eq!(busy.post(&call), 202);
    world.upstream.wait_until("the call", |seen| {
        seen.iter()
            .any(|incoming| incoming.method() == "tools/call")
    });
    let World {
        mut gateway,
        policy,
        ..
    } = world;
    gateway.terminate();
    wait_until_refused(gateway.address());
    assert!(quiet.has_ended(), "nothing was under way on it");
    go.send(()).expect("the server waits");
    let answer = busy.next();
    assert_eq!(answer["id"], 7, "{answer}");
    assert_eq!(answer["result"]["content"][0]["text"], "late");
    assert!(busy.has_ended());
    assert_eq!(gateway.wait().code(), Some(0));
    policy.verify_audit();
    assert_eq!(policy.records().last().expect("records")["kind"], "stop");
}

/// Waits until no connection is taken any more, or each is told to go elsewhere.
fn wait_until_refused(address: &str) {
    for _ in 0..2_000 {
        let Some(mut probe) = varistor_tests::Connection::try_open(address) else {
            return;
        };
        probe.send(b"GET /nothing HTTP/1.1\r\nHost: localhost\r\n\r\n");
        if probe.head().is_none_or(|head| head.status == 503) {
            return;
        }
        thread::sleep(Duration::from_millis(5));
    }
    panic!("a draining gateway still takes calls");
}

fn an_idle_gateway_ends_at_once(driver: Driver) {
    let world = World::start(driver);
    let mut idle = world.gateway.connect();
    assert!(world.tester().call("read_file", json!({})).is_good_call());
    let begun = std::time::Instant::now();
    let World {
        gateway, policy, ..
    } = world;
    gateway.stop();
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "idle connections held it back"
    );
    assert!(idle.is_closed_by_peer());
    policy.verify_audit();
}

fn a_call_that_never_ends_does_not_hold_the_gateway(driver: Driver) {
    let upstream = Upstream::behaving(|incoming, _| match incoming.method().as_str() {
        "tools/call" => {
            thread::sleep(Duration::from_secs(60));
            Handled::Close
        }
        _ => Handled::Usual,
    });
    let extra = Extra {
        timeouts: "drain: 500ms",
        ..Extra::default()
    };
    let world = World::around(driver, upstream, extra);
    let agent = world.tester();
    let mut connection = agent.connect();
    connection.send(&agent.modern(1, "tools/call", json!({"name": "read_file"})));
    world.upstream.wait_until("the call", |seen| {
        seen.iter()
            .any(|incoming| incoming.method() == "tools/call")
    });
    let World {
        gateway, policy, ..
    } = world;
    let begun = std::time::Instant::now();
    gateway.stop();
    assert!(
        begun.elapsed() < Duration::from_secs(8),
        "drained for {:?}",
        begun.elapsed()
    );
    policy.verify_audit();
}
