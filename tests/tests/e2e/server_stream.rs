//! The GET stream of a session: what the server says on its own arrives, and can be resumed.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use serde_json::json;
use varistor_tests::upstream::{Handled, Incoming, close_events, open_events, reply, send_event};
use varistor_tests::{Driver, Upstream, on_both_drivers};

use crate::world::{Extra, World};

on_both_drivers!(
    what_the_server_says_on_its_own_arrives_at_once,
    a_stream_is_resumed_behind_the_last_event,
    a_servers_request_is_answered_through_the_session,
    an_open_stream_ends_with_its_token,
);

/// Numbered log messages; each waits for the test, and ends with the gate.
fn talking(may_go: mpsc::Receiver<()>) -> Upstream {
    let may_go = Arc::new(Mutex::new(may_go));
    Upstream::behaving(move |incoming, stream| {
        if !incoming.is("GET") {
            return Handled::Usual;
        }
        open_events(stream);
        let first = incoming
            .field("last-event-id")
            .map_or(0, |id| number(&id) + 1);
        for number in first.. {
            let event = json!({"jsonrpc": "2.0", "method": "notifications/message",
                "params": {"level": "info", "data": number}});
            if !send_event(stream, Some(&format!("e-{number}")), &event.to_string())
                || may_go.lock().expect("the gate").recv().is_err()
            {
                break;
            }
        }
        close_events(stream);
        Handled::Close
    })
}

fn number(id: &str) -> u64 {
    id.rsplit('-')
        .next()
        .and_then(|digits| digits.parse().ok())
        .expect("one of our ids")
}

fn what_the_server_says_on_its_own_arrives_at_once(driver: Driver) {
    let (go, may_go) = mpsc::channel();
    let world = World::around(driver, talking(may_go), Extra::default());
    let session = world.tester().initialize();
    let mut stream = session.listen(None);
    assert_eq!(stream.head.status, 200);
    for number in 0..5 {
        assert_eq!(stream.next_json()["params"]["data"], json!(number));
        go.send(()).expect("the server waits");
    }
    drop(go);
    world.end();
}

fn a_stream_is_resumed_behind_the_last_event(driver: Driver) {
    let (go, may_go) = mpsc::channel();
    let world = World::around(driver, talking(may_go), Extra::default());
    let session = world.tester().initialize();
    let mut stream = session.listen(None);
    stream.next_event().expect("the first event");
    go.send(()).expect("the server waits");
    let last = stream.next_event().expect("the second event").id;
    assert!(!last.is_empty(), "events keep an id by which to resume");
    drop(stream);
    // Wakes the abandoned stream, so that the server notices.
    go.send(()).expect("the server waits");
    let mut resumed = session.listen(Some(&last));
    assert_eq!(resumed.next_json()["params"]["data"], json!(2));
    drop(go);
    world.end();
}

fn a_servers_request_is_answered_through_the_session(driver: Driver) {
    let upstream = Upstream::behaving(|incoming: &Incoming, stream| {
        if incoming.method() == "tools/call" {
            open_events(stream);
            let ask = json!({"jsonrpc": "2.0", "id": 0, "method": "roots/list"});
            send_event(stream, None, &ask.to_string());
            let result = json!({"jsonrpc": "2.0", "id": incoming.json()["id"],
                "result": {"content": []}});
            send_event(stream, None, &result.to_string());
            close_events(stream);
            return Handled::Answered;
        }
        if incoming.json().get("result").is_some() {
            reply(stream, 202, "", b"");
            return Handled::Answered;
        }
        Handled::Usual
    });
    let world = World::around(driver, upstream, Extra::default());
    let session = world.tester().initialize();
    let body = json!({"jsonrpc": "2.0", "id": 5, "method": "tools/call",
        "params": {"name": "read_file"}});
    let request = session
        .agent
        .post(&session.fields(), body.to_string().as_bytes());
    let mut stream = varistor_tests::sse::Stream::open(session.agent.connect(), &request);
    let asked = stream.next_json();
    assert_eq!(asked["method"], json!("roots/list"));
    let answer = json!({"jsonrpc": "2.0", "id": asked["id"], "result": {"roots": []}});
    assert_eq!(session.post(&answer).status(), 202);
    assert_eq!(stream.next_json()["id"], json!(5));
    let seen = world.upstream.seen();
    let answered = seen
        .iter()
        .find(|incoming| incoming.json().get("result").is_some());
    assert_eq!(answered.expect("the client's answer").json(), answer);
    world.end();
}

fn an_open_stream_ends_with_its_token(driver: Driver) {
    let (go, may_go) = mpsc::channel();
    let world = World::around(driver, talking(may_go), Extra::default());
    let (revoked, other) = (world.policy.token("tester"), world.tester().initialize());
    let session = world.holder(&revoked).initialize();
    let mut stream = session.listen(None);
    assert_eq!(stream.next_json()["params"]["data"], json!(0));
    let output = world.policy.varictl(&["token", "revoke", &revoked]);
    varistor_tests::policy::assert_success(&output, "token revoke");
    assert!(
        stream.next_event().is_none(),
        "the stream goes on after its token was revoked"
    );
    assert!(other.call("read_file", json!({})).is_good_call());
    drop(go);
    world.end();
}
