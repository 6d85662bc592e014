//! `varictl connect` before the gateway: what a host sends arrives, and what it gets is the answer.

use std::sync::Mutex;
use std::sync::mpsc;

use serde_json::{Value, json};
use varistor_tests::upstream::{
    Handled, Incoming, TOOLS, close_events, open_events, reply, send_event,
};
use varistor_tests::{Driver, Upstream, on_both_drivers};

use crate::world::{Extra, World};

on_both_drivers!(
    a_host_of_the_session_era_sees_the_server,
    a_host_of_the_modern_era_sees_the_server,
    answers_over_several_lines_become_one,
    a_huge_result_arrives_whole,
    many_requests_go_at_once,
    progress_comes_in_order_before_the_result,
    a_servers_request_is_answered_by_the_host,
    what_the_server_says_on_its_own_reaches_the_host,
    a_cancelled_request_of_a_session_is_cancelled_at_the_server,
    a_cancelled_modern_request_is_cancelled_by_closing,
    a_batch_is_answered,
    a_subscription_survives_its_stream,
    arguments_are_mirrored_in_headers,
);

fn names(list: &Value) -> Vec<&str> {
    let tools = list["result"]["tools"].as_array().expect("a list of tools");
    tools
        .iter()
        .filter_map(|tool| tool["name"].as_str())
        .collect()
}

fn result(incoming: &Incoming, result: &Value) -> String {
    json!({"jsonrpc": "2.0", "id": incoming.json()["id"], "result": result}).to_string()
}

const JSON: &str = "Content-Type: application/json\r\n";

fn a_host_of_the_session_era_sees_the_server(driver: Driver) {
    let world = World::start(driver);
    let mut host = world.host();
    let opened = host.initialize();
    assert_eq!(
        opened["result"]["protocolVersion"],
        json!("2025-11-25"),
        "{opened}"
    );
    host.request(1, "tools/list", json!({}));
    assert_eq!(names(&host.next()), TOOLS);
    host.call(2, "read_file");
    let called = host.next();
    assert_eq!(called["id"], json!(2));
    assert_eq!(
        called["result"]["content"][0]["text"],
        json!("did read_file")
    );
    host.send(&json!({"jsonrpc": "2.0", "id": "p", "method": "ping"}));
    assert_eq!(host.next()["id"], json!("p"));
    host.end();
    // The session is ended with the bridge.
    world.upstream.wait_until("the end of the session", |seen| {
        seen.iter().any(|incoming| incoming.is("DELETE"))
    });
    let calls: Vec<_> = world.upstream.seen();
    let call = calls
        .iter()
        .find(|incoming| incoming.method() == "tools/call");
    let version = call.and_then(|call| call.field("mcp-protocol-version"));
    assert_eq!(version.as_deref(), Some("2025-11-25"));
    world.end();
}

fn a_host_of_the_modern_era_sees_the_server(driver: Driver) {
    let world = World::start(driver);
    let mut host = world.host();
    host.modern(1, "server/discover", json!({}));
    assert_eq!(
        host.next()["result"]["supportedVersions"],
        json!(["2026-07-28"])
    );
    host.modern(2, "tools/list", json!({}));
    assert_eq!(names(&host.next()), TOOLS);
    host.modern(
        3,
        "tools/call",
        json!({"name": "read_file", "arguments": {"a": 1.0}}),
    );
    assert_eq!(
        host.next()["result"]["content"][0]["text"],
        json!("did read_file")
    );
    host.modern(4, "resources/read", json!({"uri": "file:///Z\u{fc}rich\n"}));
    assert_eq!(host.next()["id"], json!(4));
    host.send_line("{\"jsonrpc\":");
    assert_eq!(host.next()["error"]["code"], json!(-32700));
    host.end();
    let seen = world.upstream.seen();
    let call = seen
        .iter()
        .find(|incoming| incoming.method() == "tools/call")
        .expect("a call");
    assert_eq!(call.field("mcp-name").as_deref(), Some("read_file"));
    assert!(String::from_utf8_lossy(&call.body).contains("{\"a\":1.0}"));
    world.end();
}

fn answers_over_several_lines_become_one(driver: Driver) {
    let upstream = Upstream::behaving(|incoming, stream| match incoming.method().as_str() {
        "tools/list" => {
            let whole = json!({"jsonrpc": "2.0", "id": incoming.json()["id"],
                "result": {"tools": []}});
            let text = serde_json::to_string_pretty(&whole).expect("JSON");
            reply(stream, 200, JSON, text.replace('\n', "\r\n").as_bytes());
            Handled::Answered
        }
        "prompts/list" => {
            open_events(stream);
            let first = format!(
                "{{\"jsonrpc\":\"2.0\",\ndata: \"id\":{},",
                incoming.json()["id"]
            );
            send_event(
                stream,
                None,
                &format!("{first}\ndata: \"result\":{{\"prompts\":[]}}}}"),
            );
            close_events(stream);
            Handled::Answered
        }
        _ => Handled::Usual,
    });
    let world = World::around(driver, upstream, Extra::default());
    let mut host = world.host();
    host.initialize();
    host.request(1, "tools/list", json!({}));
    assert_eq!(host.next()["result"], json!({"tools": []}));
    host.request(2, "prompts/list", json!({}));
    assert_eq!(host.next()["result"], json!({"prompts": []}));
    host.end();
    world.end();
}

fn a_huge_result_arrives_whole(driver: Driver) {
    let upstream = Upstream::behaving(|incoming, stream| {
        let text = "gr\u{fc}ezi ".repeat(500_000);
        let text = result(
            incoming,
            &json!({"content": [{"type": "text", "text": text}]}),
        );
        match incoming.name().as_str() {
            "read_file" => reply(stream, 200, JSON, text.as_bytes()),
            "write_file" => {
                open_events(stream);
                send_event(stream, None, &text);
                close_events(stream);
            }
            _ => return Handled::Usual,
        }
        Handled::Answered
    });
    let world = World::around(driver, upstream, Extra::default());
    let mut host = world.host();
    host.initialize();
    for (id, tool) in [(1, "read_file"), (2, "write_file")] {
        host.call(id, tool);
        let answer = host.next();
        let text = answer["result"]["content"][0]["text"]
            .as_str()
            .expect("a text");
        assert_eq!(text.len(), "gr\u{fc}ezi ".len() * 500_000, "{tool}");
    }
    host.end();
    world.end();
}

fn many_requests_go_at_once(driver: Driver) {
    const MANY: u64 = 40;
    // The first call is answered when the last one has arrived.
    let arrived = Mutex::new(0_u64);
    let all = std::sync::Condvar::new();
    let upstream = Upstream::behaving(move |incoming, _| {
        if incoming.method() == "tools/call" {
            let mut arrived = arrived.lock().expect("a count");
            *arrived += 1;
            all.notify_all();
            let waited = all.wait_while(arrived, |arrived| *arrived < MANY);
            drop(waited.expect("a count"));
        }
        Handled::Usual
    });
    let world = World::around(driver, upstream, Extra::default());
    let mut host = world.host();
    host.initialize();
    for id in 1..=MANY {
        host.call(id, "read_file");
    }
    let mut ids: Vec<_> = (0..MANY)
        .filter_map(|_| host.next()["id"].as_u64())
        .collect();
    ids.sort_unstable();
    assert_eq!(ids, (1..=MANY).collect::<Vec<_>>());
    host.end();
    world.end();
}

fn progress_comes_in_order_before_the_result(driver: Driver) {
    let upstream = Upstream::behaving(|incoming, stream| {
        if incoming.method() != "tools/call" {
            return Handled::Usual;
        }
        open_events(stream);
        for step in 1..=3 {
            let token = &incoming.json()["params"]["_meta"]["progressToken"];
            let progress = json!({"jsonrpc": "2.0", "method": "notifications/progress",
                "params": {"progressToken": token, "progress": step}});
            send_event(stream, None, &progress.to_string());
        }
        send_event(stream, None, &result(incoming, &json!({"content": []})));
        close_events(stream);
        Handled::Answered
    });
    let world = World::around(driver, upstream, Extra::default());
    let mut host = world.host();
    host.initialize();
    let params = json!({"name": "read_file", "_meta": {"progressToken": "p-1"}});
    host.request(1, "tools/call", params);
    for step in 1..=3 {
        let progress = host.next();
        let params = &progress["params"];
        assert_eq!(
            (&params["progressToken"], &params["progress"]),
            (&json!("p-1"), &json!(step))
        );
    }
    assert_eq!(host.next()["id"], json!(1));
    host.end();
    world.end();
}

fn a_servers_request_is_answered_by_the_host(driver: Driver) {
    let (answered, answer) = mpsc::channel();
    let answer = Mutex::new(answer);
    let upstream = Upstream::behaving(move |incoming: &Incoming, stream| {
        if incoming.method() == "tools/call" {
            open_events(stream);
            let ask = json!({"jsonrpc": "2.0", "id": 77, "method": "elicitation/create",
                "params": {"message": "sure?", "requestedSchema": {"type": "object"}}});
            send_event(stream, None, &ask.to_string());
            let said: Value = answer.lock().expect("one call").recv().expect("an answer");
            let text = said["result"]["action"].clone();
            let done = json!({"content": [{"type": "text", "text": text}]});
            send_event(stream, None, &result(incoming, &done));
            close_events(stream);
            return Handled::Answered;
        }
        if incoming.json().get("result").is_some() {
            answered.send(incoming.json()).expect("a call that waits");
            reply(stream, 202, "", b"");
            return Handled::Answered;
        }
        Handled::Usual
    });
    let world = World::around(driver, upstream, Extra::default());
    let mut host = world.host();
    host.initialize();
    host.call(1, "read_file");
    let asked = host.next();
    assert_eq!(asked["method"], json!("elicitation/create"), "{asked}");
    host.send(&json!({"jsonrpc": "2.0", "id": asked["id"], "result": {"action": "accept"}}));
    let called = host.next();
    assert_eq!(
        called["result"]["content"][0]["text"],
        json!("accept"),
        "{called}"
    );
    host.end();
    world.end();
}

fn what_the_server_says_on_its_own_reaches_the_host(driver: Driver) {
    // Each stream says one thing and breaks; the next one goes on behind it.
    let upstream = Upstream::behaving(|incoming, stream| {
        if !incoming.is("GET") {
            return Handled::Usual;
        }
        let last = incoming.field("last-event-id");
        let number = last.map_or(0, |id| {
            let digits = id
                .rsplit('-')
                .next()
                .and_then(|digits| digits.parse::<u64>().ok());
            digits.expect("one of our ids") + 1
        });
        open_events(stream);
        let event = json!({"jsonrpc": "2.0", "method": "notifications/message",
            "params": {"level": "info", "data": number}});
        let id = format!("e-{number}\nretry: 10");
        send_event(stream, Some(&id), &event.to_string());
        Handled::Close
    });
    let world = World::around(driver, upstream, Extra::default());
    let mut host = world.host();
    host.initialize();
    for number in 0..3 {
        assert_eq!(host.next()["params"]["data"], json!(number));
    }
    host.close();
    assert!(host.wait().success());
    world.end();
}

/// Calls wait until the test lets them go, or their client has left.
fn waiting(go: mpsc::Receiver<()>) -> Upstream {
    let go = Mutex::new(go);
    Upstream::behaving(move |incoming, stream| {
        if incoming.method() != "tools/call" || incoming.name() != "write_file" {
            return Handled::Usual;
        }
        open_events(stream);
        while go.lock().expect("a gate").try_recv().is_err() {
            let still = json!({"jsonrpc": "2.0", "method": "notifications/message",
                "params": {"level": "debug", "data": "still"}});
            if !send_event(stream, None, &still.to_string()) {
                // The usual server counts pings; this one tells that a client has left.
                return Handled::Close;
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        send_event(stream, None, &result(incoming, &json!({"content": []})));
        close_events(stream);
        Handled::Answered
    })
}

fn a_cancelled_request_of_a_session_is_cancelled_at_the_server(driver: Driver) {
    let (go, gate) = mpsc::channel();
    let world = World::around(driver, waiting(gate), Extra::default());
    let mut host = world.host();
    host.initialize();
    host.call(1, "write_file");
    assert_eq!(host.next()["method"], json!("notifications/message"));
    host.cancel(1);
    world.upstream.wait_until("the cancellation", |seen| {
        seen.iter()
            .any(|incoming| incoming.method() == "notifications/cancelled")
    });
    go.send(()).expect("a call that waits");
    host.close();
    assert!(host.wait().success());
    world.end();
}

fn a_cancelled_modern_request_is_cancelled_by_closing(driver: Driver) {
    let (_go, gate) = mpsc::channel();
    let world = World::around(driver, waiting(gate), Extra::default());
    let mut host = world.host();
    host.modern(1, "tools/call", json!({"name": "write_file"}));
    assert_eq!(host.next()["method"], json!("notifications/message"));
    host.cancel(1);
    host.modern(2, "tools/call", json!({"name": "read_file"}));
    let next = std::iter::repeat_with(|| host.next()).find(|next| next.get("id").is_some());
    assert_eq!(
        next.expect("an answer")["id"],
        json!(2),
        "nothing follows a cancellation"
    );
    host.end();
    let seen = world.upstream.seen();
    assert!(
        seen.iter()
            .all(|incoming| incoming.method() != "notifications/cancelled")
    );
    // Drains only if the gateway has let go of the call that nobody waits for.
    world.end();
}

fn a_batch_is_answered(driver: Driver) {
    let upstream = Upstream::behaving(|incoming, stream| {
        let Some(members) = incoming.json().as_array().cloned() else {
            if incoming.method() != "initialize" {
                return Handled::Usual;
            }
            let opened = json!({"protocolVersion": "2025-03-26", "capabilities": {"tools": {}},
                "serverInfo": {"name": "u", "version": "1"}});
            let fields = format!("{JSON}Mcp-Session-Id: s-1\r\n");
            reply(stream, 200, &fields, result(incoming, &opened).as_bytes());
            return Handled::Answered;
        };
        let answers = members.iter().filter(|member| member.get("id").is_some());
        let answers: Vec<_> = answers
            .map(|member| json!({"jsonrpc": "2.0", "id": member["id"], "result": {}}))
            .collect();
        reply(stream, 200, JSON, json!(answers).to_string().as_bytes());
        Handled::Answered
    });
    let world = World::around(driver, upstream, Extra::default());
    let mut host = world.host();
    host.send(
        &json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-03-26", "capabilities": {},
        "clientInfo": {"name": "varistor-tests", "version": "1"}}}),
    );
    assert_eq!(
        host.next()["result"]["protocolVersion"],
        json!("2025-03-26")
    );
    host.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    host.send(&json!([{"jsonrpc": "2.0", "id": 1, "method": "ping"},
        {"jsonrpc": "2.0", "method": "notifications/roots/list_changed"},
        {"jsonrpc": "2.0", "id": "b", "method": "ping"}]));
    let answers = host.next();
    let ids: Vec<_> = answers
        .as_array()
        .expect("an array")
        .iter()
        .map(|a| &a["id"])
        .collect();
    assert_eq!(ids, [&json!(1), &json!("b")], "{answers}");
    host.end();
    world.end();
}

fn a_subscription_survives_its_stream(driver: Driver) {
    let upstream = Upstream::behaving(|incoming, stream| {
        if incoming.method() != "subscriptions/listen" {
            return Handled::Usual;
        }
        open_events(stream);
        let meta = json!({"io.modelcontextprotocol/subscriptionId": incoming.json()["id"]});
        for method in ["subscriptions/acknowledged", "tools/list_changed"] {
            let said = json!({"jsonrpc": "2.0", "method": format!("notifications/{method}"),
                "params": {"_meta": meta, "notifications": {}}});
            send_event(stream, None, &said.to_string());
        }
        Handled::Close
    });
    let world = World::around(driver, upstream, Extra::default());
    let mut host = world.host();
    host.modern(
        1,
        "subscriptions/listen",
        json!({"notifications": {"toolsListChanged": true}}),
    );
    let acknowledged = host.next();
    assert_eq!(
        acknowledged["method"],
        json!("notifications/subscriptions/acknowledged"),
        "{acknowledged}"
    );
    // Acknowledged once, however often it is begun.
    for _ in 0..2 {
        assert_eq!(
            host.next()["method"],
            json!("notifications/tools/list_changed")
        );
    }
    host.cancel(1);
    host.modern(2, "tools/list", json!({}));
    let next = std::iter::repeat_with(|| host.next()).find(|next| next.get("id").is_some());
    assert_eq!(next.expect("an answer")["id"], json!(2));
    host.end();
    world.end();
}

fn arguments_are_mirrored_in_headers(driver: Driver) {
    let upstream = Upstream::behaving(|incoming, stream| match incoming.method().as_str() {
        "tools/list" => {
            let schema = |kind: &str| {
                json!({"type": "object", "properties": {
                "region": {"type": kind, "x-mcp-header": "Region"}}})
            };
            let tools = json!([{"name": "read_file", "inputSchema": schema("string")},
                {"name": "write_file", "inputSchema": schema("number")}]);
            let list = json!({"resultType": "complete", "tools": tools, "ttlMs": 0,
                "cacheScope": "private"});
            reply(stream, 200, JSON, result(incoming, &list).as_bytes());
            Handled::Answered
        }
        "tools/call" if incoming.field("mcp-param-region").is_none() => {
            let error = json!({"jsonrpc": "2.0", "id": incoming.json()["id"],
                "error": {"code": -32020, "message": "Header mismatch"}});
            reply(stream, 400, JSON, error.to_string().as_bytes());
            Handled::Answered
        }
        _ => Handled::Usual,
    });
    let world = World::around(driver, upstream, Extra::default());
    let mut host = world.host();
    let call = json!({"name": "read_file", "arguments": {"region": "Z\u{fc}rich"}});
    // A host may know the tool from a list of yesterday.
    host.modern(1, "tools/call", call);
    assert_eq!(
        host.next()["result"]["content"][0]["text"],
        json!("did read_file")
    );
    let seen = world.upstream.seen();
    let last = seen.last().and_then(|call| call.field("mcp-param-region"));
    assert_eq!(last.as_deref(), Some("=?base64?WsO8cmljaA==?="));
    host.modern(2, "tools/list", json!({}));
    assert_eq!(
        names(&host.next()),
        ["read_file"],
        "a number can't be mirrored"
    );
    host.end();
    world.end();
}
