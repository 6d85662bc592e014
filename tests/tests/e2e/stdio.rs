//! stdio servers: whose a child is, and what of it reaches whom.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use varistor_tests::sse::Stream;
use varistor_tests::{Agent, Driver, on_both_drivers};

use crate::stdio_world::{SOON, Stdio, said, said_modern};

on_both_drivers!(
    each_session_has_a_child_of_its_own,
    clients_without_sessions_share_a_child,
    sessions_share_a_child_where_policy_says_so,
    subscriptions_of_a_shared_child_are_bounded,
    equal_ids_interleaved_reach_their_own_callers,
    progress_comes_along_with_the_answer_under_the_callers_token,
    what_a_server_asks_reaches_its_own_client,
    what_a_server_says_by_itself_waits_for_the_stream,
    a_client_that_leaves_or_cancels_is_told_to_the_child,
    a_subscription_ends_with_its_client,
    batches_are_split_and_answered,
    a_server_that_knows_sessions_only_says_so,
    children_end_when_nobody_uses_them,
    there_are_no_more_children_than_policy_says,
);

/// Calls of one client in the test of equal ids; `VARISTOR_STDIO_CALLS` says otherwise.
const CALLS: usize = 100;

fn each_session_has_a_child_of_its_own(driver: Driver) {
    let world = Stdio::start(driver, &[], "");
    let (one, other) = (world.agent("tester"), world.agent("other"));
    let (one, other) = (one.initialize(), other.initialize());
    let pid = said(&one, "pid");
    assert_eq!(said(&one, "pid"), pid);
    assert_ne!(said(&other, "pid"), pid);
    assert_eq!(world.status()["children"], 2);
    assert_eq!(one.delete().status(), 200);
    assert_eq!(one.call("pid", json!({})).status(), 404);
    world.wait_for("one child", |it| it["children"] == 1);
    assert_eq!(world.processes().len(), 1);
    assert!(!said(&other, "pid").is_empty());
    world.end();
}

fn clients_without_sessions_share_a_child(driver: Driver) {
    let world = Stdio::start(driver, &[], "");
    let pids = ["tester", "other"].map(|name| said_modern(&world.agent(name), "pid"));
    assert_eq!(pids[0], pids[1]);
    // What a child is told and has: its own streams, and nothing of the gateway's.
    assert_eq!(said_modern(&world.agent("tester"), "descriptors"), "3");
    let unknown = world
        .agent("tester")
        .request(3, "tasks/get", json!({"taskId": "x"}));
    assert_ne!(unknown.status(), 200, "{unknown:?}");
    assert_eq!(world.status()["starts"], 1);
    world.end();
}

fn sessions_share_a_child_where_policy_says_so(driver: Driver) {
    let world = Stdio::start(driver, &["--legacy"], ", instances: shared");
    let sessions = ["tester", "other"].map(|name| world.agent(name).initialize());
    let [one, other] = &sessions;
    assert_eq!(said(one, "pid"), said(other, "pid"));
    let mut streams = [one.listen(None), other.listen(None)];
    for uri in ["test://both", "test://one"] {
        let params = json!({"uri": uri});
        assert!(
            one.request(json!(1), "resources/subscribe", params)
                .is_good_call()
        );
    }
    let params = json!({"uri": "test://both"});
    assert!(
        other
            .request(json!(1), "resources/subscribe", params.clone())
            .is_good_call()
    );
    // Whose log this is can't be known, so that nobody gets it.
    assert!(one.call("log", json!({"text": "private"})).is_good_call());
    one.call("update", json!({"uri": "test://one"}));
    one.call("update", json!({"uri": "test://both"}));
    assert!(
        other
            .request(json!(2), "resources/unsubscribe", params)
            .is_good_call()
    );
    one.call("update", json!({"uri": "test://both"}));
    one.call("change", json!({}));
    let uris = |stream: &mut Stream, count: usize| {
        let events = (0..count).map(|_| stream.next_json());
        let uris = events.map(|event| event["params"]["uri"].clone());
        uris.collect::<Vec<_>>()
    };
    let [first, second] = &mut streams;
    let expected = [
        json!("test://one"),
        json!("test://both"),
        json!("test://both"),
        json!(null),
    ];
    assert_eq!(uris(first, 4), expected);
    assert_eq!(uris(second, 2), [json!("test://both"), json!(null)]);
    // A client of all can't be asked by one.
    let asked = one.call("ask", json!({}));
    assert!(asked.is_good_call(), "{asked:?}");
    assert!(world.status()["dropped"].as_u64() >= Some(2));
    world.end();
}

fn subscriptions_of_a_shared_child_are_bounded(driver: Driver) {
    let world = Stdio::start(driver, &["--legacy"], ", instances: shared");
    let (one, other) = (world.agent("tester"), world.agent("other"));
    let (one, other) = (one.initialize(), other.initialize());
    let subscribe = |index: u32| json!({"uri": format!("test://{index}")});
    for index in 0..256 {
        let answer = one.request(json!(index), "resources/subscribe", subscribe(index));
        assert!(answer.is_good_call(), "{index}: {answer:?}");
    }
    let refused = one.request(json!(256), "resources/subscribe", subscribe(256));
    let error = refused.json()["error"].clone();
    assert_eq!(error["code"], -31003, "{refused:?}");
    assert!(
        error["message"]
            .as_str()
            .is_some_and(|it| it.contains("unsubscribe"))
    );
    // Nobody else is concerned, and room is made by letting go.
    let answer = other.request(json!(1), "resources/subscribe", subscribe(256));
    assert!(answer.is_good_call(), "{answer:?}");
    for method in ["resources/unsubscribe", "resources/subscribe"] {
        let answer = one.request(json!(1), method, subscribe(0));
        assert!(answer.is_good_call(), "{method}: {answer:?}");
    }
    world.end();
}

fn equal_ids_interleaved_reach_their_own_callers(driver: Driver) {
    let calls = std::env::var("VARISTOR_STDIO_CALLS").ok();
    let calls = calls.and_then(|calls| calls.parse().ok()).unwrap_or(CALLS);
    for keys in ["", ", instances: shared"] {
        let world = Stdio::start(driver, &[], keys);
        thread::scope(|scope| {
            for name in ["tester", "other", "tester", "other"] {
                let agent = world.agent(name);
                scope.spawn(move || interleave(&agent, calls));
            }
        });
        assert_eq!(world.status()["crashes"], 0);
        world.end();
    }
}

fn interleave(agent: &Agent, calls: usize) {
    let own = agent.token[agent.token.len() - 12..].to_owned();
    let session = agent.initialize();
    let mut connection = agent.connect();
    for number in 0..calls {
        let text = format!("{own} {number}");
        let wait = if number % 7 == 3 { 2 } else { 0 };
        let arguments = json!({"text": text, "wait_ms": wait});
        let params = json!({"name": "echo", "arguments": arguments,
            "_meta": {"progressToken": number % 3}});
        // The same few ids in all clients, in both eras, as number and as text.
        let id = (number % 3) as u64;
        let (answer, expected) = match number % 2 {
            0 => {
                let request = agent.modern(id, "tools/call", params);
                (connection.exchange(&request), json!(id))
            }
            _ => {
                let id = json!(id.to_string());
                (session.request(id.clone(), "tools/call", params), id)
            }
        };
        assert_eq!(answer.text(), text, "{answer:?}");
        assert_eq!(answer.json()["id"], expected);
    }
}

fn progress_comes_along_with_the_answer_under_the_callers_token(driver: Driver) {
    let world = Stdio::start(driver, &[], "");
    let agent = world.agent("tester");
    let session = agent.initialize();
    for token in [json!("a \"token\""), json!(1)] {
        let params = json!({"name": "progress", "_meta": {"progressToken": token}});
        let body = json!({"jsonrpc": "2.0", "id": "i", "method": "tools/call", "params": params});
        let request = agent.post(&session.fields(), body.to_string().as_bytes());
        let streams = [
            Stream::open(agent.connect(), &request),
            agent.stream(9, "tools/call", params),
        ];
        for (mut stream, id) in streams.into_iter().zip([json!("i"), json!(9)]) {
            for step in 1..=3 {
                let event = stream.next_json();
                assert_eq!(event["params"]["progressToken"], token);
                assert_eq!(event["params"]["progress"], step);
            }
            assert_eq!(stream.next_json()["id"], id);
            assert_eq!(stream.next_event(), None);
        }
    }
    world.end();
}

fn what_a_server_asks_reaches_its_own_client(driver: Driver) {
    let world = Stdio::start(driver, &[], "");
    let agent = world.agent("tester");
    let session = agent.initialize();
    for with_stream in [false, true] {
        let open = with_stream.then(|| session.listen(None));
        let body = json!({"jsonrpc": "2.0", "id": 5, "method": "tools/call",
            "params": {"name": "ask"}});
        let request = agent.post(&session.fields(), body.to_string().as_bytes());
        let mut connection = agent.connect();
        connection.send(&request);
        let (asked, answer) = match open {
            // Along with the answer.
            None => {
                let mut stream = Stream::open(connection, b"");
                let asked = stream.next_json();
                reply(&session);
                (asked, stream.next_json())
            }
            Some(mut stream) => {
                let asked = stream.next_json();
                reply(&session);
                (asked, connection.answer().expect("an answer").json())
            }
        };
        assert_eq!(asked["method"], "elicitation/create");
        assert_eq!(asked["id"], 0);
        let text = answer["result"]["content"][0]["text"].as_str();
        assert_eq!(text, Some(r#"{"action":"decline"}"#), "{answer}");
    }
    world.end();
}

fn reply(session: &varistor_tests::Session) {
    let body = json!({"jsonrpc": "2.0", "id": 0, "result": {"action": "decline"}});
    assert_eq!(session.post(&body).status(), 202);
}

fn what_a_server_says_by_itself_waits_for_the_stream(driver: Driver) {
    let world = Stdio::start(driver, &[], "");
    let session = world.agent("tester").initialize();
    // While a call is under way, it comes along with that; afterwards it waits.
    let answer = session.call("log", json!({"text": "first"}));
    assert!(answer.body_text().contains("first"), "{answer:?}");
    let body = json!({"jsonrpc": "2.0", "id": 0, "result": {}});
    assert_eq!(session.post(&body).status(), 202);
    let mut stream = session.listen(None);
    session.call("log", json!({"text": "second"}));
    assert_eq!(stream.next_json()["params"]["data"], "second");
    // A second stream takes the place of the first.
    let mut again = session.listen(None);
    assert_eq!(stream.next_event(), None);
    session.call("log", json!({"text": "third"}));
    assert_eq!(again.next_json()["params"]["data"], "third");
    assert_eq!(session.delete().status(), 200);
    assert_eq!(again.next_event(), None);
    world.end();
}

fn a_client_that_leaves_or_cancels_is_told_to_the_child(driver: Driver) {
    let world = Stdio::start(driver, &[], "");
    let agent = world.agent("tester");
    let waits = json!({"name": "echo", "arguments": {"text": "t", "wait_ms": 1500}});
    let mut connection = agent.connect();
    connection.send(&agent.modern(1, "tools/call", waits.clone()));
    thread::sleep(Duration::from_millis(300));
    drop(connection);
    let until = Instant::now() + SOON;
    while said_modern(&agent, "cancelled") != "1" {
        assert!(Instant::now() < until, "the child never heard of it");
        thread::sleep(Duration::from_millis(20));
    }
    let session = agent.initialize();
    let body = json!({"jsonrpc": "2.0", "id": "one", "method": "tools/call", "params": waits});
    let mut connection = agent.connect();
    connection.send(&agent.post(&session.fields(), body.to_string().as_bytes()));
    thread::sleep(Duration::from_millis(300));
    for id in [json!("two"), json!("one")] {
        let body = json!({"jsonrpc": "2.0", "method": "notifications/cancelled",
            "params": {"requestId": id}});
        assert_eq!(session.post(&body).status(), 202);
    }
    assert_eq!(said(&session, "cancelled"), "1");
    // The late answer of the modern call reached nobody.
    world.wait_for("a dropped answer", |it| it["dropped"] == 1);
    world.end();
}

fn a_subscription_ends_with_its_client(driver: Driver) {
    let world = Stdio::start(driver, &[], "");
    let agent = world.agent("tester");
    let params = json!({"notifications": {"toolsListChanged": true}});
    let mut stream = agent.stream(77, "subscriptions/listen", params);
    let own = |event: &serde_json::Value| {
        event["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"].clone()
    };
    assert_eq!(own(&stream.next_json()), json!(77));
    assert_eq!(said_modern(&agent, "change"), "changed");
    let event = stream.next_json();
    assert_eq!(event["method"], "notifications/tools/list_changed");
    assert_eq!(own(&event), json!(77));
    drop(stream);
    let until = Instant::now() + SOON;
    while said_modern(&agent, "cancelled") != "1" {
        assert!(Instant::now() < until, "the child never heard of it");
        thread::sleep(Duration::from_millis(20));
    }
    world.end();
}

fn batches_are_split_and_answered(driver: Driver) {
    let world = Stdio::start(driver, &[], "");
    let agent = world.agent("tester");
    let opened = agent.try_initialize("2025-03-26");
    let id = opened.field("mcp-session-id").expect("a session");
    let fields = format!("Mcp-Session-Id: {id}\r\nMCP-Protocol-Version: 2025-03-26\r\n");
    let call = |id: &str| {
        json!({"jsonrpc": "2.0", "id": id, "method": "tools/call",
            "params": {"name": "echo", "arguments": {"text": id}}})
    };
    let note = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let batch = json!([call("a"), note, call("b")]);
    let request = agent.post(&fields, batch.to_string().as_bytes());
    let mut stream = Stream::open(agent.connect(), &request);
    for id in ["a", "b"] {
        let event = stream.next_json();
        assert_eq!(event["id"], id);
        assert_eq!(event["result"]["content"][0]["text"], id);
    }
    assert_eq!(stream.next_event(), None);
    world.end();
}

fn a_server_that_knows_sessions_only_says_so(driver: Driver) {
    let world = Stdio::start(driver, &["--legacy"], "");
    let agent = world.agent("tester");
    for _ in 0..2 {
        let answer = agent.call("pid", json!({}));
        assert_eq!(answer.status(), 400, "{answer:?}");
        let message = answer.json()["error"]["message"].to_string();
        assert!(message.contains("initialize"), "{message}");
    }
    // It was asked once.
    assert_eq!(world.status()["starts"], 1);
    assert!(!said(&agent.initialize(), "pid").is_empty());
    world.end();
}

fn children_end_when_nobody_uses_them(driver: Driver) {
    let world = Stdio::start(driver, &[], ", idle: 400ms");
    let agent = world.agent("tester");
    let session = agent.initialize();
    let pid = said_modern(&agent, "pid");
    world.wait_for("idle", |it| it["children"] == 0);
    assert_eq!(world.status()["sessions"], 0);
    assert_eq!(session.call("pid", json!({})).status(), 404);
    assert_ne!(said_modern(&agent, "pid"), pid);
    assert_eq!(world.status()["crashes"], 0);
    world.end();
}

fn there_are_no_more_children_than_policy_says(driver: Driver) {
    let world = Stdio::start(driver, &[], ", children: 2");
    let agent = world.agent("tester");
    let sessions = [agent.initialize(), agent.initialize()];
    let refused = agent.try_initialize("2025-11-25");
    assert_eq!(refused.status(), 503, "{refused:?}");
    assert_eq!(world.status()["refused"], 1);
    sessions[0].delete();
    world.wait_for("one child", |it| it["children"] == 1);
    agent.initialize();
    world.end();
}
