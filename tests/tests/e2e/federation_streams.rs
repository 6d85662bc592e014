//! `/mcp` where messages go both ways: notifications, subscriptions, questions, cancellations.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use varistor_tests::sse::Stream;
use varistor_tests::{Agent, Driver, Session, on_both_drivers};

use crate::federation_world::Many;
use crate::stdio_world::SOON;

on_both_drivers!(
    what_servers_say_by_themselves_reaches_whoever_listens,
    what_is_cancelled_or_left_is_cancelled_at_its_server,
    a_legacy_client_is_asked_what_a_modern_server_wants_to_know,
    streams_keep_their_tokens_and_are_taken_up_again,
);

fn streams_keep_their_tokens_and_are_taken_up_again(driver: Driver) {
    let world = Many::start(driver, "");
    progress_has_the_clients_own_token(&world);
    streams_are_taken_up_again_at_their_own_server(&world);
    world.calls();
}

fn stream(session: &Session, id: &Value, method: &str, params: &Value) -> Stream {
    let body = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
    let request = session
        .agent
        .post(&session.fields(), body.to_string().as_bytes());
    Stream::open(session.agent.connect(), &request)
}

/// Calls until the stream says something, since nobody knows when a server is listened to.
pub(crate) fn heard(mut stream: Stream, call: impl Fn() + Send) -> (Stream, Value) {
    thread::scope(|scope| {
        let (said, hears) = std::sync::mpsc::channel();
        scope.spawn(move || {
            let event = stream.next_json();
            let _ = said.send((stream, event));
        });
        let until = Instant::now() + SOON;
        loop {
            call();
            if let Ok(heard) = hears.recv_timeout(Duration::from_millis(100)) {
                return heard;
            }
            assert!(Instant::now() < until, "nothing was heard");
        }
    })
}

fn what_servers_say_by_themselves_reaches_whoever_listens(driver: Driver) {
    let world = Many::start(driver, "");
    let agent = world.agent("tester", "");
    let params = json!({"notifications": {"toolsListChanged": true,
        "resourceSubscriptions": ["mcp+program+test://one", "test://nobody"]}});
    let mut listening = agent.stream(77, "subscriptions/listen", params);
    let granted = listening.next_json();
    assert_eq!(
        granted["method"],
        "notifications/subscriptions/acknowledged"
    );
    let granted = &granted["params"]["notifications"];
    assert_eq!(
        granted["resourceSubscriptions"],
        json!(["mcp+program+test://one"])
    );
    let (listening, changed) = heard(listening, || {
        agent.call("program__change", json!({}));
    });
    assert_eq!(changed["method"], "notifications/tools/list_changed");
    let meta = &changed["params"]["_meta"];
    assert_eq!(meta["io.modelcontextprotocol/subscriptionId"], 77);
    drop(listening);

    let session = agent.initialize();
    assert!(session.call("old__pid", json!({})).is_good_call());
    let (mut stream, first) = heard(session.listen(None), || {
        session.call("old__log", json!({"text": "hello"}));
    });
    assert_eq!(first["params"]["data"], "hello", "{first}");
    let uri = json!({"uri": "mcp+old+test://one"});
    assert!(
        session
            .request(json!(1), "resources/subscribe", uri.clone())
            .is_good_call()
    );
    session.call("old__update", json!({"uri": "test://one"}));
    let updated = loop {
        let event = stream.next_json();
        if event["method"] == "notifications/resources/updated" {
            break event;
        }
    };
    assert_eq!(updated["params"], uri);
    // Another session of the same token hears nothing of it.
    let other = agent.initialize();
    let mut silent = other.listen(None);
    // A second stream takes the place of the first.
    let _third = other.listen(None);
    assert_eq!(silent.next_event(), None);
    assert_eq!(session.delete().status(), 200);
    while stream.next_event().is_some() {}
    world.calls();
}

fn cancelled(agent: &Agent, server: &str) -> String {
    agent
        .call(&format!("{server}__cancelled"), json!({}))
        .text()
}

fn what_is_cancelled_or_left_is_cancelled_at_its_server(driver: Driver) {
    let world = Many::start(driver, "");
    let agent = world.agent("tester", "");
    // One server is asked as it is, the other in a session that clients share.
    for server in ["program", "old"] {
        assert_eq!(cancelled(&agent, server), "0");
        let waits = json!({"name": format!("{server}__echo"),
            "arguments": {"text": "t", "wait_ms": 5000}});
        let mut connection = agent.connect();
        connection.send(&agent.modern(1, "tools/call", waits));
        thread::sleep(Duration::from_millis(300));
        drop(connection);
        let until = Instant::now() + SOON;
        while cancelled(&agent, server) != "1" {
            assert!(Instant::now() < until, "{server} never heard of it");
            thread::sleep(Duration::from_millis(20));
        }
    }
    let session = agent.initialize();
    assert_eq!(session.call("old__cancelled", json!({})).text(), "0");
    let waits = json!({"name": "old__echo", "arguments": {"text": "t", "wait_ms": 5000}});
    let call = json!({"jsonrpc": "2.0", "id": "one", "method": "tools/call", "params": waits});
    let mut connection = agent.connect();
    connection.send(&agent.post(&session.fields(), call.to_string().as_bytes()));
    let until = Instant::now() + SOON;
    for id in [json!("two"), json!("one")] {
        let body = json!({"jsonrpc": "2.0", "method": "notifications/cancelled",
            "params": {"requestId": id}});
        thread::sleep(Duration::from_millis(200));
        assert_eq!(session.post(&body).status(), 202);
    }
    while session.call("old__cancelled", json!({})).text() != "1" {
        assert!(Instant::now() < until, "the cancellation never came");
        thread::sleep(Duration::from_millis(20));
    }
    world.calls();
}

fn a_legacy_client_is_asked_what_a_modern_server_wants_to_know(driver: Driver) {
    let world = Many::start(driver, "");
    let agent = world.agent("tester", "");
    let params = json!({"name": "modern__read_file", "arguments": {"ask": true}});
    let session = agent.initialize();
    let mut stream = stream(&session, &json!(5), "tools/call", &params);
    let asked = stream.next_json();
    assert_eq!(asked["method"], "elicitation/create", "{asked}");
    assert_eq!(asked["params"]["message"], "well?");
    let answer = json!({"action": "accept", "content": {"a": "b"}});
    let answer = json!({"jsonrpc": "2.0", "id": asked["id"], "result": answer});
    assert_eq!(session.post(&answer).status(), 202);
    let result = stream.next_json();
    assert_eq!(result["id"], 5, "{result}");
    let text = result["result"]["content"][0]["text"]
        .as_str()
        .expect("a text");
    assert!(
        text.contains(r#""action":"accept""#) && text.contains(r#"st\"ate"#),
        "{text}"
    );
    assert_eq!(stream.next_event(), None);
    // A modern client gets it as it is.
    let asked = agent.request(9, "tools/call", params).json();
    assert_eq!(asked["result"]["resultType"], "input_required", "{asked}");
    assert_eq!(asked["result"]["requestState"], "st\"ate");
    // One that refuses hears that the call did not end well.
    let refusing = agent.initialize();
    let params = json!({"name": "modern__read_file", "arguments": {"ask": true}});
    let mut stream = self::stream(&refusing, &json!(5), "tools/call", &params);
    let asked = stream.next_json();
    let error = json!({"code": -1, "message": "no"});
    refusing.post(&json!({"jsonrpc": "2.0", "id": asked["id"], "error": error}));
    assert!(stream.next_json()["error"].is_object());
    world.calls();
}

fn progress_has_the_clients_own_token(world: &Many) {
    let agent = world.agent("tester", "");
    let session = agent.initialize();
    for server in ["program", "old"] {
        let params = json!({"name": format!("{server}__progress"), "arguments": {},
            "_meta": {"progressToken": "mine"}});
        let streams = [
            agent.stream(3, "tools/call", params.clone()),
            stream(&session, &json!(3), "tools/call", &params),
        ];
        for mut stream in streams {
            for step in 1..=3 {
                let event = stream.next_json();
                assert_eq!(event["params"]["progress"], step, "{server}: {event}");
                assert_eq!(event["params"]["progressToken"], "mine", "{server}");
            }
            assert_eq!(stream.next_json()["id"], 3, "{server}");
            assert_eq!(stream.next_event(), None);
        }
    }
}

fn streams_are_taken_up_again_at_their_own_server(world: &Many) {
    let session = world.agent("tester", "").initialize();
    let params = json!({"name": "legacy__read_file", "arguments": {"stream": true}});
    let mut broken = stream(&session, &json!("resumed"), "tools/call", &params);
    let first = broken.next_event().expect("an event");
    assert_eq!(first.id, "legacy/e1");
    assert!(first.data.contains("begun"), "{first:?}");
    assert_eq!(broken.next_event(), None);
    let mut again = session.listen(Some("legacy/e1"));
    let event = again.next_event().expect("an event");
    assert_eq!(event.id, "legacy/e2");
    assert!(
        event.data.contains("after e1") && event.data.contains("resumed"),
        "{event:?}"
    );
    assert_eq!(again.next_event(), None);
    assert_eq!(session.listen(Some("nowhere/e1")).head.status, 404);
}
