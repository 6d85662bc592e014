//! Values that are replaced in answers and put back in requests.

use std::sync::Arc;

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Map, Value, json};
use varistor_model::DlpAction;
use varistor_perf::bench::{Bench, Outcome};
use varistor_perf::policy::{grant, policy, role};
use varistor_pipeline::originals::Originals;
use varistor_snapshot::schema::{Clearance, Placeholders, Policy};

use crate::data::{answered, detector, forwarded, last_call};

/// E-mail addresses and card numbers are replaced in answers; `github` gets addresses back.
fn world() -> Policy {
    let grants = || vec![grant(0, "*", 15, true), grant(1, "*", 15, true)];
    let mut policy = policy(vec![role(0, grants(), 0)], vec![]);
    let [email, card] = ["email", "credit_card"].map(|entity| detector(&policy, entity));
    for at in [email, card] {
        let actions = [DlpAction::Log, DlpAction::Redact].map(|action| action as u8);
        policy.actions.detectors[usize::from(at)] = actions;
    }
    policy.dlp.covers = false;
    policy.actions.placeholders = Placeholders {
        reversible: vec![email, card],
        clear: vec![Clearance {
            server: 1,
            detectors: vec![email],
        }],
        idle_ms: 3_600_000,
    };
    policy
}

fn bench() -> Bench {
    Bench::keeping(&world(), &Arc::new(Originals::locked().unwrap()))
}

fn call(arguments: &Value) -> String {
    let params = json!({"name": "get_x", "arguments": arguments});
    json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).to_string()
}

/// What the agent gets when a tool of `files` answers with this.
fn seen(bench: &Bench, token: &str, structured: &Value) -> Value {
    let request = call(&json!({}));
    let (_, mut forward) = forwarded(bench.post("files", token, &request));
    let result = json!({"jsonrpc": "2.0", "id": 1, "result": {
        "content": [{"type": "text", "text": structured.to_string()}],
        "structuredContent": structured}});
    let answers = answered(
        bench,
        (request.as_bytes(), &mut forward),
        &[&result.to_string()],
    );
    let answer: Value = serde_json::from_str(answers[0].as_ref().unwrap()).unwrap();
    // The twin tells the same.
    let twin = answer["result"]["content"][0]["text"].as_str().unwrap();
    let twin: Value = serde_json::from_str(twin).unwrap();
    assert_eq!(twin, answer["result"]["structuredContent"]);
    twin
}

/// What a server gets when the agent calls it with these arguments.
fn sent(bench: &Bench, token: &str, server: &str, body: &str) -> Value {
    let (sent, _) = forwarded(bench.post(server, token, body));
    serde_json::from_slice(&sent).unwrap()
}

fn arguments(bench: &Bench, token: &str, server: &str, arguments: &Value) -> Value {
    sent(bench, token, server, &call(arguments))["params"]["arguments"].clone()
}

#[test]
fn a_value_comes_back_on_its_way_to_a_cleared_server_only() {
    let bench = bench();
    let (ada, eve) = (bench.token(&["r0"]), bench.token(&["r0"]));
    let people = json!({"to": ["ada@example.org", "bob@example.org, ada@example.org"],
        "card": "4111 1111 1111 1111"});
    let shown = seen(&bench, &ada, &people);
    assert_eq!(
        shown,
        json!({"to": ["<EMAIL_1>", "<EMAIL_2>, <EMAIL_1>"], "card": "<CREDIT_CARD_1>"})
    );
    assert_eq!(arguments(&bench, &ada, "files", &shown), shown);
    assert_eq!(arguments(&bench, &eve, "github", &shown), shown);
    let mixed = json!({"to": ["ada@example.org", "bob@example.org, ada@example.org"],
        "card": "<CREDIT_CARD_1>"});
    assert_eq!(arguments(&bench, &ada, "github", &shown), mixed);
    let record = last_call(&bench);
    assert_eq!(record["restored"], json!([{"entity": "email", "count": 3}]));
    assert_eq!(record["params"]["arguments"], shown);
    assert!(
        bench
            .log
            .lines
            .borrow()
            .iter()
            .all(|line| !line.contains("ada@"))
    );
}

#[test]
fn placeholders_are_found_in_every_place_that_is_a_value_and_in_no_key() {
    let bench = bench();
    let token = bench.token(&["r0"]);
    seen(&bench, &token, &json!("ada@example.org"));
    let inner = json!({"deep": ["<EMAIL_1>"]}).to_string();
    let shown = json!({"<EMAIL_1>": "<EMAIL_1>!", "a": [[{"b": "\"<EMAIL_1>\"\\"}]],
        "json": inner, "none": "<EMAIL_2> <EMAIL_01> <PHONE_1> <EMAIL_1"});
    let expected = json!({"<EMAIL_1>": "ada@example.org!", "a": [[{"b": "\"ada@example.org\"\\"}]],
        "json": json!({"deep": ["ada@example.org"]}).to_string(),
        "none": "<EMAIL_2> <EMAIL_01> <PHONE_1> <EMAIL_1"});
    assert_eq!(arguments(&bench, &token, "github", &shown), expected);
    let escaped = call(&json!({"to": "<EMAIL_1>"}))
        .replace('<', r"\u003c")
        .replace('>', r"\u003E");
    let body = sent(&bench, &token, "github", &escaped);
    assert_eq!(body["params"]["arguments"]["to"], "ada@example.org");
    // Beside the arguments nothing is put back.
    let beside = escaped.replace(
        "\"get_x\"",
        "\"get_<EMAIL_1>\",\"_meta\":{\"a\":\"<EMAIL_1>\"}",
    );
    let body = sent(&bench, &token, "github", &beside);
    assert_eq!(body["params"]["_meta"]["a"], "<EMAIL_1>");
    assert_eq!(body["params"]["name"], "get_<EMAIL_1>");
    let prompt = beside.replace("tools/call", "prompts/get");
    let body = sent(&bench, &token, "github", &prompt);
    assert_eq!(body["params"]["arguments"]["to"], "ada@example.org");
}

#[test]
fn a_resource_is_read_with_the_value_where_that_is_permitted() {
    let mut rows = world();
    let mut forbidden = grant(1, "crm://bob@*", 15, true);
    forbidden.deny = true;
    rows.roles[0].grants.push(forbidden);
    let bench = Bench::keeping(&rows, &Arc::new(Originals::locked().unwrap()));
    let token = bench.token(&["r0"]);
    seen(
        &bench,
        &token,
        &json!(["ada@example.org", "bob@example.org"]),
    );
    let read = |uri: &str| {
        let params = json!({"uri": uri, "_meta": {"uri": "<EMAIL_1>",
            "io.modelcontextprotocol/protocolVersion": "2026-07-28"}});
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": params});
        let body = body.to_string();
        let outcome = bench.send(&format!(
            "POST /mcp/github HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {token}\r\nMCP-Protocol-Version: 2026-07-28\r\n\
             Mcp-Method: resources/read\r\nMcp-Name: {uri}\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        ));
        let Outcome::Forwarded { head, body, .. } = outcome else {
            panic!("not forwarded");
        };
        let length = format!("content-length: {}\r\n", body.len());
        assert!(head.contains(&length), "{head}");
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body["params"]["_meta"]["uri"], "<EMAIL_1>");
        let uri = body["params"]["uri"].as_str().unwrap().to_owned();
        assert!(head.contains(&format!("mcp-name: {uri}\r\n")), "{head}");
        uri
    };
    assert_eq!(read("crm://<EMAIL_1>"), "crm://ada@example.org");
    assert_eq!(read("crm://<EMAIL_2>"), "crm://<EMAIL_2>");
    assert_eq!(last_call(&bench).get("restored"), None);
}

#[test]
fn a_batch_and_a_redacted_request_are_put_together_right() {
    let mut rows = world();
    let phone = usize::from(detector(&rows, "phone"));
    rows.actions.detectors[phone] = [DlpAction::Redact as u8; 2];
    let bench = Bench::keeping(&rows, &Arc::new(Originals::locked().unwrap()));
    let token = bench.token(&["r0"]);
    seen(&bench, &token, &json!("ada@example.org"));
    let shown = json!({"tel": "+44 20 7946 0958", "to": "<EMAIL_1>"});
    let expected = json!({"tel": "[REDACTED:phone]", "to": "ada@example.org"});
    assert_eq!(arguments(&bench, &token, "github", &shown), expected);
    let body = format!("[{},{}]", call(&json!({"a": "<EMAIL_1>"})), call(&shown));
    let body = body.replacen("\"id\":1", "\"id\":2", 1);
    let outcome = bench.send(&format!(
        "POST /mcp/github HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {token}\r\nMCP-Protocol-Version: 2025-03-26\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    let (sent, _) = forwarded(outcome);
    let sent: Value = serde_json::from_slice(&sent).unwrap();
    assert_eq!(sent[0]["params"]["arguments"]["a"], "ada@example.org");
    assert_eq!(sent[1]["params"]["arguments"], expected);
    let lines = bench.log.lines.borrow();
    let told = lines
        .iter()
        .rev()
        .take(2)
        .filter(|line| line.contains("\"restored\":[{"));
    assert_eq!(told.count(), 2);
}

/// JSON with addresses in some of its strings.
fn anything() -> impl Strategy<Value = Value> {
    let text = prop_oneof![
        "[a-z \"\\\\\n<>é_{}:,0-9A-Z]{0,20}",
        "[ (,\n\"\\\\]{0,2}[a-z]{3,8}@example\\.org[ ),;\"\\\\\n]{0,2}",
        Just("<EMAIL_1> ".to_owned()),
    ];
    let leaf = prop_oneof![
        text.clone().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(Value::Null),
    ];
    leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,6}", inner, 0..6)
                .prop_map(|map| Value::from(map.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

#[test]
fn what_was_replaced_and_put_back_is_what_it_was() {
    // A worker verifies this many tokens at once, and the time stands still.
    const CASES: u32 = 120;
    for _ in 0..4 {
        let bench = bench();
        let config = ProptestConfig {
            failure_persistence: None,
            max_shrink_iters: 0,
            ..ProptestConfig::with_cases(CASES)
        };
        let outcome =
            TestRunner::new(config).run(&anything(), |value| there_and_back(&bench, value));
        outcome.unwrap();
    }
}

fn there_and_back(bench: &Bench, value: Value) -> Result<(), TestCaseError> {
    let (mine, theirs) = (bench.token(&["r0"]), bench.token(&["r0"]));
    // A literal one of the server may be taken for ours: it is no part of this.
    let text = value.to_string().replace("<EMAIL_1>", "<EMAIL_0>");
    let value: Value = serde_json::from_str(&text).unwrap();
    let shown = json!({"x": seen(bench, &mine, &value)});
    prop_assert!(!shown.to_string().contains("@example.org"));
    prop_assert_eq!(&arguments(bench, &mine, "files", &shown), &shown);
    prop_assert_eq!(&arguments(bench, &theirs, "github", &shown), &shown);
    let restored = arguments(bench, &mine, "github", &shown);
    prop_assert_eq!(restored, json!({"x": value}));
    let lines = core::mem::take(&mut *bench.log.lines.borrow_mut());
    prop_assert!(!lines.iter().any(|line| line.contains("@example.org")));
    Ok(())
}
