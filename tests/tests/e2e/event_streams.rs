//! The HTTP+SSE of 2024-11-05, on either side of the gateway, and eras that are bridged at a single
//! server.

use std::thread;

use serde_json::{Value, json};
use varistor_tests::sse::Stream;
use varistor_tests::{Agent, Driver, Gateway, PolicyDir, Upstream, on_both_drivers, programs};

use crate::event_streams_world::{OldClient, server};

on_both_drivers!(
    a_server_of_event_streams_is_reached_like_any_other,
    its_questions_and_its_end_reach_whom_they_concern,
    an_endpoint_at_another_origin_gets_nothing,
    clients_of_event_streams_are_served_by_every_kind_of_server,
    streams_belong_to_their_token_and_end_with_it,
    either_era_is_served_where_eras_are_bridged,
    a_modern_client_is_asked_what_a_session_wants_to_know,
);

/// A gateway before these servers, each given as the lines of the policy say.
fn start(driver: Driver, servers: &str) -> (Gateway, PolicyDir) {
    let policy = PolicyDir::new(&policy_text(servers));
    let gateway = Gateway::start(&policy, driver);
    (gateway, policy)
}

fn policy_text(servers: &str) -> String {
    format!(
        "listen: 127.0.0.1:0
runtime: {{ workers: 2, shedding: off }}
approvals: {{ wait: none }}
dlp: {{ response: {{ secrets: log, financial: log, pii: log }} }}
servers:
{servers}
organisations:
  acme:
    roles:
      everything:
        allow: [\"*\", {{ tools: \"*/*\", intents: [read, write, destructive, exfiltrative] }}]
      none: {{ allow: [\"nothing/*\"] }}
    agents:
      tester: {{ roles: [everything] }}
      other: {{ roles: [everything] }}
      stranger: {{ roles: [none] }}
"
    )
}

fn agent(gateway: &Gateway, policy: &PolicyDir, name: &str, server: &str) -> Agent {
    Agent::new(gateway.address(), server, &policy.token(name))
}

fn calls(gateway: Gateway, policy: &PolicyDir) -> Vec<String> {
    gateway.stop();
    policy.verify_audit();
    let records = policy.records();
    let calls = records.iter().filter(|it| it["method"] == "tools/call");
    let text = |record: &Value, key: &str| record[key].as_str().unwrap_or_default().to_owned();
    let shown = |it: &Value| {
        format!(
            "{}/{} {}",
            text(it, "server"),
            text(it, "tool"),
            text(it, "decision")
        )
    };
    calls.map(shown).collect()
}

fn a_server_of_event_streams_is_reached_like_any_other(driver: Driver) {
    let upstream = server("/messages?s={}");
    let place = format!("http://{}/sse", upstream.address());
    let policy = PolicyDir::new(&policy_text(
        "  nothing: { url: \"http://127.0.0.1:9/mcp\" }",
    ));
    policy.keep_in_vault("streams_key", "the-key-of-the-server");
    policy.write(&policy_text(&format!(
        "  streams: {{ url: \"{place}\", transport: sse, \
         credential: {{ headers: [\"X-Key: ${{vault:streams_key}}\", \"X-Team: blue\"] }} }}"
    )));
    policy.compile();
    let gateway = Gateway::start(&policy, driver);
    let tester = agent(&gateway, &policy, "tester", "streams");
    let sessions = [tester.initialize(), tester.initialize()];
    let answers: Vec<_> = thread::scope(|scope| {
        let call = |at: usize| {
            let session = &sessions[at];
            scope.spawn(move || session.call("read_file", json!({"of": at})).text())
        };
        let under_way: Vec<_> = (0..2).map(call).collect();
        under_way.into_iter().map(|it| it.join().unwrap()).collect()
    });
    for (at, text) in answers.iter().enumerate() {
        assert_eq!(*text, format!("did \"read_file\" {{\"of\":{at}}}"));
    }
    let session = &sessions[0];
    let listed = session.request(json!("l"), "tools/list", json!({})).json();
    assert_eq!(
        listed["result"]["tools"][0]["name"], "read_file",
        "{listed}"
    );
    let params = json!({"name": "read_file", "arguments": {}, "_meta": {"progressToken": "mine"}});
    let answer = session.request(json!("p"), "tools/call", params);
    assert!(
        answer.body_text().contains("\"progressToken\":\"mine\""),
        "{answer:?}"
    );
    // A modern client is told which era it is to speak.
    assert_eq!(tester.call("read_file", json!({})).status(), 400);
    // One refused message costs one request, not the session.
    let refused = session.call("read_file", json!({"refuse": true})).json();
    assert_eq!(refused["error"]["code"], -32603, "{refused}");
    assert!(session.call("delete_file", json!({})).is_good_call());
    assert_eq!(session.delete().status(), 200);
    assert_eq!(session.call("read_file", json!({})).status(), 404);
    assert!(sessions[1].call("read_file", json!({})).is_good_call());
    for incoming in upstream.seen() {
        assert_eq!(
            incoming.field("x-key").as_deref(),
            Some("the-key-of-the-server")
        );
        assert_eq!(incoming.field("x-team").as_deref(), Some("blue"));
        assert_eq!(incoming.field("authorization"), None);
    }
    let status = gateway.status();
    assert_eq!(status["servers"][0]["stdio"]["sessions"], 1, "{status}");
    let calls = calls(gateway, &policy);
    assert!(
        calls.iter().all(|call| call.starts_with("streams/")),
        "{calls:?}"
    );
    assert_eq!(
        calls.iter().filter(|call| call.ends_with("allow")).count(),
        calls.len()
    );
}

fn its_questions_and_its_end_reach_whom_they_concern(driver: Driver) {
    let upstream = server("messages?s={}");
    let place = format!("http://{}/sse", upstream.address());
    let (gateway, policy) = start(
        driver,
        &format!(
            "  streams: {{ url: \"{place}\", transport: sse, \
             server_requests: allow, breaker: off }}"
        ),
    );
    let tester = agent(&gateway, &policy, "tester", "streams");
    let session = tester.initialize();
    let ask = json!({"jsonrpc": "2.0", "id": "call", "method": "tools/call",
        "params": {"name": "read_file", "arguments": {"ask": true}}});
    let request = tester.post(&session.fields(), ask.to_string().as_bytes());
    let mut stream = Stream::open(tester.connect(), &request);
    let asked = stream.next_json();
    assert_eq!(asked["method"], "elicitation/create", "{asked}");
    let reply = json!({"jsonrpc": "2.0", "id": asked["id"], "result": {"action": "decline"}});
    assert_eq!(session.post(&reply).status(), 202);
    let answered = stream.next_json();
    assert_eq!(answered["id"], "call", "{answered}");
    assert_eq!(
        answered["result"]["content"][0]["text"],
        "{\"action\":\"decline\"}"
    );
    let other = tester.initialize();
    assert!(other.call("read_file", json!({})).is_good_call());
    let broken = other.call("read_file", json!({"end": true}));
    assert!(
        broken.status() >= 500 || broken.json()["result"]["isError"] == true,
        "{broken:?}"
    );
    // The session is gone with its stream; another one is there at once.
    assert_eq!(other.call("read_file", json!({})).status(), 404);
    assert!(
        tester
            .initialize()
            .call("read_file", json!({}))
            .is_good_call()
    );
    let status = gateway.status();
    let error = status["servers"][0]["stdio"]["last_error"]
        .as_str()
        .unwrap_or_default();
    assert!(error.contains("event stream"), "{status}");
    gateway.stop();
    policy.verify_audit();
}

fn an_endpoint_at_another_origin_gets_nothing(driver: Driver) {
    let elsewhere = Upstream::start();
    let endpoint: &'static str =
        Box::leak(format!("http://{}/m?s={{}}", elsewhere.address()).into_boxed_str());
    let upstream = server(endpoint);
    let place = format!("http://{}/sse", upstream.address());
    let nothing = Upstream::unused();
    let (gateway, policy) = start(
        driver,
        &format!(
            "  dead: {{ url: \"http://{nothing}/sse\", transport: sse, breaker: off }}\n  \
         plain: {{ url: \"{}\", transport: sse, breaker: off }}\n  \
         streams: {{ url: \"{place}\", transport: sse, breaker: off }}",
            elsewhere.url()
        ),
    );
    for (name, why) in [
        ("dead", "could not be reached"),
        ("plain", "no event stream"),
        ("streams", "another origin"),
    ] {
        let answer = agent(&gateway, &policy, "tester", name).try_initialize("2025-11-25");
        assert_eq!(answer.status(), 502, "{name}: {answer:?}");
        let status = gateway.status();
        let rows = status["servers"].as_array().unwrap();
        let row = rows.iter().find(|row| row["name"] == name).unwrap();
        let error = row["stdio"]["last_error"].as_str().unwrap_or_default();
        assert!(error.contains(why), "{name}: {status}");
    }
    assert!(elsewhere.seen().iter().all(|incoming| incoming.is("GET")));
    gateway.stop();
    policy.verify_audit();
}

fn clients_of_event_streams_are_served_by_every_kind_of_server(driver: Driver) {
    let old = server("/messages?s={}");
    let plain = Upstream::start();
    let program = programs::ours("varistor-stdio-child");
    let (gateway, policy) = start(
        driver,
        &format!(
            "  plain: {{ url: \"{}\" }}\n  program: {{ command: {} }}\n  \
         streams: {{ url: \"http://{}/sse\", transport: sse }}",
            plain.url(),
            json!([program, "--legacy"]),
            old.address()
        ),
    );
    let tester = agent(&gateway, &policy, "tester", "plain");
    for (behind, tool) in [
        ("/plain", "read_file"),
        ("/program", "echo"),
        ("/streams", "read_file"),
        ("", "plain__read_file"),
    ] {
        let mut client = OldClient::initialized(&tester, behind);
        let listed = client.request(json!(1), "tools/list", &json!({}));
        let tools = listed["result"]["tools"].as_array().expect("tools");
        assert!(
            tools.iter().any(|it| it["name"] == tool),
            "{behind}: {listed}"
        );
        let called = client.call(tool, json!({}));
        assert_eq!(called["id"], "call", "{called}");
        assert!(called["result"]["content"].is_array(), "{behind}: {called}");
        let unknown = client.request(json!(2), "tools/cull", &json!({}));
        assert!(unknown["error"].is_object(), "{unknown}");
    }
    let calls = calls(gateway, &policy);
    for call in [
        "plain/read_file allow",
        "program/echo allow",
        "streams/read_file allow",
    ] {
        assert!(calls.iter().any(|it| it == call), "{call}: {calls:?}");
    }
}

fn streams_belong_to_their_token_and_end_with_it(driver: Driver) {
    let plain = Upstream::start();
    let (gateway, policy) = start(
        driver,
        &format!(
            "  nothing: {{ url: \"{0}\" }}\n  plain: {{ url: \"{0}\" }}",
            plain.url()
        ),
    );
    let tester = agent(&gateway, &policy, "tester", "plain");
    let other = agent(&gateway, &policy, "other", "plain");
    let stranger = agent(&gateway, &policy, "stranger", "plain");
    let forged = Agent {
        token: "forged".into(),
        ..tester.clone()
    };
    let status = |agent: &Agent, path: &str, method: &str| {
        let agent = Agent {
            path: path.into(),
            ..agent.clone()
        };
        agent.connect().exchange(&agent.head(method, "")).status()
    };
    assert_eq!(status(&forged, "/sse/plain", "GET"), 401);
    assert_eq!(status(&stranger, "/sse/plain", "GET"), 403);
    assert_eq!(status(&tester, "/sse/none", "GET"), 404);
    assert_eq!(status(&tester, "/sse/@none", "GET"), 404);
    assert_eq!(status(&tester, "/sse/plain", "DELETE"), 405);
    let mut client = OldClient::initialized(&tester, "/plain");
    let ping = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"});
    assert_eq!(client.post_as(&other, &ping), 404);
    assert_eq!(client.post_as(&forged, &ping), 401);
    let mut foreign = OldClient::open(&tester, "/plain");
    foreign.endpoint = client.endpoint.replace("/plain", "");
    assert_eq!(foreign.post(&ping), 404);
    assert_eq!(client.post(&json!([])), 400);
    assert!(client.call("read_file", json!({}))["result"].is_object());
    drop(foreign);
    // A client that leaves ends the session behind its stream.
    let opened = plain
        .seen()
        .iter()
        .filter(|it| it.method() == "initialize")
        .count();
    let second = OldClient::initialized(&tester, "/plain");
    drop(second);
    plain.wait_until("the end of a session", |seen| {
        seen.iter().filter(|it| it.method() == "initialize").count() > opened
            && seen.iter().any(|it| it.is("DELETE"))
    });
    let body = json!({"selectors": ["agent acme/tester"], "reason": "a test"});
    let killed = gateway.admin("POST", "/v1/kill", body.to_string().as_bytes());
    assert_eq!(killed.status(), 200, "{killed:?}");
    assert!(
        client.has_ended(),
        "a stream outlives the kill of its agent"
    );
    gateway.stop();
    policy.verify_audit();
}

fn either_era_is_served_where_eras_are_bridged(driver: Driver) {
    let old = server("/messages?s={}");
    let program = programs::ours("varistor-stdio-child");
    let modern = crate::federation_world::modern();
    let (gateway, policy) = start(
        driver,
        &format!(
            "  modern: {{ url: \"{}\", eras: bridged }}\n  \
         program: {{ command: {}, eras: bridged }}\n  \
         streams: {{ url: \"http://{}/sse\", transport: sse, eras: bridged }}",
            modern.url(),
            json!([program, "--legacy"]),
            old.address()
        ),
    );
    for (server, tool) in [
        ("modern", "read_file"),
        ("program", "echo"),
        ("streams", "read_file"),
    ] {
        let tester = agent(&gateway, &policy, "tester", server);
        assert!(tester.tools().iter().any(|it| it == tool), "{server}");
        assert!(tester.call(tool, json!({})).is_good_call(), "{server}");
        let session = tester.initialize();
        assert!(session.call(tool, json!({})).is_good_call(), "{server}");
        assert_eq!(session.delete().status(), 200);
        assert_eq!(session.call(tool, json!({})).status(), 404);
    }
    let tester = agent(&gateway, &policy, "tester", "streams");
    let discovered = tester.request(1, "server/discover", json!({})).json();
    let result = &discovered["result"];
    assert_eq!(result["instructions"], "Ask nicely.", "{discovered}");
    let info = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
    assert_eq!(info["name"], "streams", "{discovered}");
    assert!(
        result["capabilities"]["completions"].is_null(),
        "{discovered}"
    );
    let read = tester
        .request(1, "resources/read", json!({"uri": "test://a"}))
        .json();
    assert_eq!(read["result"]["contents"][0]["uri"], "test://a", "{read}");
    let stranger = agent(&gateway, &policy, "stranger", "streams");
    assert_eq!(stranger.call("read_file", json!({})).status(), 403);
    let calls = calls(gateway, &policy);
    assert!(
        calls.iter().any(|call| call == "streams/read_file allow"),
        "{calls:?}"
    );
}

fn a_modern_client_is_asked_what_a_session_wants_to_know(driver: Driver) {
    let old = server("/messages?s={}");
    let (gateway, policy) = start(
        driver,
        &format!(
            "  streams: {{ url: \"http://{}/sse\", transport: sse, eras: bridged, \
             server_requests: allow }}",
            old.address()
        ),
    );
    let call = |agent: &Agent, tool: &str, capabilities: Value, more: &Value| {
        let mut params = json!({"name": tool, "arguments": {"ask": true}, "_meta":
            {"io.modelcontextprotocol/clientCapabilities": capabilities}});
        for (key, value) in more.as_object().unwrap() {
            params[key] = value.clone();
        }
        agent.request(7, "tools/call", params).json()
    };
    let can = json!({"elicitation": {}});
    let at_one = agent(&gateway, &policy, "tester", "streams");
    let at_all = Agent {
        path: "/mcp".into(),
        ..at_one.clone()
    };
    for (tester, tool) in [(&at_one, "read_file"), (&at_all, "streams__read_file")] {
        let asked = call(tester, tool, can.clone(), &json!({}))["result"].clone();
        assert_eq!(asked["resultType"], "input_required", "{asked}");
        let requests = asked["inputRequests"].as_object().unwrap();
        let (key, request) = requests.iter().next().unwrap();
        assert_eq!(request["method"], "elicitation/create", "{asked}");
        assert_eq!(request["params"]["message"], "well?", "{asked}");
        let answer = json!({"action": "accept", "content": {"a": 1}});
        let back = json!({"requestState": asked["requestState"], "inputResponses": {key: answer}});
        // Another call of this token meanwhile can't be asked: whose question it is must be clear.
        let meanwhile = call(tester, tool, can.clone(), &json!({}));
        let text = &meanwhile["result"]["content"][0]["text"];
        assert_eq!(*text, "-32601", "{meanwhile}");
        // Nobody else can answer, nor with another call.
        let other = Agent {
            token: policy.token("other"),
            ..tester.clone()
        };
        let refused = call(&other, tool, can.clone(), &back);
        assert_eq!(refused["error"]["code"], -32602, "{refused}");
        let answered = call(tester, tool, can.clone(), &back);
        assert_eq!(answered["id"], 7, "{answered}");
        let text = &answered["result"]["content"][0]["text"];
        assert_eq!(*text, answer.to_string(), "{answered}");
        assert_eq!(answered["result"]["resultType"], "complete", "{answered}");
        let again = call(tester, tool, can.clone(), &back);
        assert_eq!(
            again["error"]["code"], -32602,
            "an answer is taken once: {again}"
        );
    }
    let asked = call(&at_one, "read_file", can.clone(), &json!({}))["result"].clone();
    let back = json!({"requestState": asked["requestState"],
        "inputResponses": {"question": {"action": "accept"}}});
    let other_call = call(&at_one, "delete_file", can.clone(), &back);
    assert_eq!(other_call["error"]["code"], -32602, "{other_call}");
    // What was refused is still open.
    let right_call = call(&at_one, "read_file", can, &back);
    assert!(right_call["result"]["content"].is_array(), "{right_call}");
    // Who can't be asked is not; the server learns of that.
    let unable = call(&at_one, "read_file", json!({}), &json!({}));
    assert_eq!(unable["result"]["content"][0]["text"], "-32601", "{unable}");
    gateway.stop();
    policy.verify_audit();
}
