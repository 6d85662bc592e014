//! Results with an output schema: what is withheld is withheld in both copies, and both stay valid.

use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};
use varistor_model::{DlpAction, Reason};
use varistor_perf::bench::Bench;
use varistor_perf::policy::{grant, policy, role};

use crate::data::{answered, detector, forwarded, record};

const CARD: u64 = 4_111_111_111_111_111;

/// E-mail addresses and card numbers are redacted in answers.
fn bench(structured: u8) -> Bench {
    let grants = || vec![grant(0, "*", 15, true), grant(1, "*", 15, true)];
    let mut policy = policy(vec![role(0, grants(), 0)], vec![]);
    for entity in ["email", "credit_card"] {
        let at = usize::from(detector(&policy, entity));
        policy.actions.detectors[at] = [DlpAction::Log, DlpAction::Redact].map(|a| a as u8);
    }
    policy.actions.structured = structured;
    Bench::new(&policy)
}

/// Lists one tool, `get_x`, with these members beside its name.
fn list(bench: &Bench, token: &str, members: &Value) {
    let mut tool = json!({"name": "get_x", "inputSchema": {"type": "object"}});
    for (key, value) in members.as_object().unwrap() {
        tool[key] = value.clone();
    }
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).to_string();
    let (_, mut forward) = forwarded(bench.post("files", token, &request));
    let result = json!({"jsonrpc": "2.0", "id": 1, "result": {"tools": [tool]}}).to_string();
    let answers = answered(bench, (request.as_bytes(), &mut forward), &[&result]);
    assert_eq!(answers, [Ok(result)]);
}

/// What the agent gets, and what the record of the result says of structured data.
fn call(bench: &Bench, token: &str, result: &Value) -> (Result<Value, Reason>, Value) {
    let params = json!({"name": "get_x", "arguments": {}});
    let request = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let request = request.to_string();
    let (_, mut forward) = forwarded(bench.post("files", token, &request));
    let result = json!({"jsonrpc": "2.0", "id": 1, "result": result}).to_string();
    let mut answers = answered(bench, (request.as_bytes(), &mut forward), &[&result]);
    let answer = answers.remove(0);
    let answer = answer.map(|text| serde_json::from_str::<Value>(&text).unwrap()["result"].take());
    (answer, record(bench, &forward)["structured"].take())
}

fn twofold(structured: &Value) -> Value {
    json!({"content": [{"type": "text", "text": structured.to_string()}],
        "structuredContent": structured})
}

fn twin(result: &Value) -> Value {
    serde_json::from_str(result["content"][0]["text"].as_str().unwrap()).unwrap()
}

fn schema() -> Value {
    json!({"outputSchema": {"type": "object", "required": ["id"], "properties": {
        "id": {"type": "integer"},
        "card": {"type": "integer", "minimum": 1},
        "mail": {"type": "string", "format": "email"},
        "note": {"type": "string"},
    }}})
}

#[test]
fn both_copies_get_a_value_of_the_right_type() {
    let bench = bench(0);
    let token = bench.token(&["r0"]);
    list(&bench, &token, &schema());
    let told = json!({"id": 7, "card": CARD, "mail": "ada@example.org",
        "note": "write to ada@example.org"});
    let (answer, structured) = call(&bench, &token, &twofold(&told));
    let answer = answer.unwrap();
    let expected = json!({"id": 7, "card": 1, "mail": "redacted@redacted.invalid",
        "note": "write to [REDACTED:email]"});
    assert_eq!(answer["structuredContent"], expected);
    assert_eq!(twin(&answer), expected);
    assert_eq!(structured, json!({"typed": 2, "dropped": 0}));
}

#[test]
fn policy_may_drop_optional_members_or_refuse_the_result() {
    let told = json!({"id": 7, "card": CARD, "note": "x"});
    let dropping = bench(1);
    let token = dropping.token(&["r0"]);
    list(&dropping, &token, &schema());
    let (answer, structured) = call(&dropping, &token, &twofold(&told));
    let answer = answer.unwrap();
    assert_eq!(answer["structuredContent"], json!({"id": 7, "note": "x"}));
    assert_eq!(twin(&answer), json!({"id": 7, "note": "x"}));
    assert_eq!(structured, json!({"typed": 0, "dropped": 1}));
    let refusing = bench(2);
    let token = refusing.token(&["r0"]);
    list(&refusing, &token, &schema());
    let (answer, _) = call(&refusing, &token, &twofold(&told));
    assert_eq!(answer, Err(Reason::AnswerUnfit));
    // Strings break no promise.
    let told = json!({"id": 7, "note": "ada@example.org"});
    let (answer, structured) = call(&refusing, &token, &twofold(&told));
    let note = answer.unwrap()["structuredContent"]["note"].take();
    assert_eq!((note, structured), (json!("[REDACTED:email]"), Value::Null));
}

#[test]
fn an_error_result_has_no_promise_to_keep() {
    let bench = bench(2);
    let token = bench.token(&["r0"]);
    list(&bench, &token, &schema());
    let mut told = twofold(&json!({"card": CARD}));
    told["isError"] = json!(true);
    let (answer, _) = call(&bench, &token, &told);
    let card = answer.unwrap()["structuredContent"]["card"].take();
    assert_eq!(card, json!("[REDACTED:credit_card]"));
}

#[test]
fn a_tool_that_nobody_listed_keeps_its_numbers_numbers() {
    let bench = bench(0);
    let token = bench.token(&["r0"]);
    let told = twofold(&json!({"card": CARD, "mail": "ada@example.org"}));
    let (answer, structured) = call(&bench, &token, &told);
    let expected = json!({"card": 0, "mail": "[REDACTED:email]"});
    let answer = answer.unwrap();
    assert_eq!(answer["structuredContent"], expected);
    assert_eq!(twin(&answer), expected);
    assert_eq!(structured, json!({"typed": 1, "dropped": 0}));
    // Listed without a promise, anything goes.
    list(&bench, &token, &json!({}));
    let (answer, structured) = call(&bench, &token, &told);
    let answer = answer.unwrap();
    let card = json!("[REDACTED:credit_card]");
    assert_eq!(answer["structuredContent"]["card"], card);
    assert_eq!(twin(&answer)["card"], card);
    assert_eq!(structured, Value::Null);
}

#[test]
fn what_one_copy_shows_is_withheld_in_both() {
    let bench = bench(0);
    let token = bench.token(&["r0"]);
    list(&bench, &token, &schema());
    // The copy is found by its data, whatever its spelling and its order.
    let text = r#" { "note": "ad\u0061@example.org", "card": 4111111111111111, "id": 7.0 } "#;
    let told = json!({"content": [{"type": "text", "text": "see"}, {"type": "text", "text": text}],
        "structuredContent": {"id": 7, "card": CARD, "note": "ada@example.org"}});
    let (answer, _) = call(&bench, &token, &told);
    let answer = answer.unwrap();
    assert_eq!(answer["content"][0]["text"], "see");
    let expected = r#" { "note": "[REDACTED:email]", "card": 1, "id": 7.0 } "#;
    assert_eq!(answer["content"][1]["text"], expected);
}

#[test]
fn a_promise_that_can_not_be_read_is_not_broken() {
    for schema in [
        json!({"outputSchema": {"$ref": "https://a.example/schema.json"}}),
        json!({"outputSchema": "none"}),
    ] {
        let bench = bench(0);
        let token = bench.token(&["r0"]);
        list(&bench, &token, &schema);
        let (answer, _) = call(
            &bench,
            &token,
            &twofold(&json!({"mail": "ada@example.org"})),
        );
        assert_eq!(answer, Err(Reason::AnswerUnfit), "{schema}");
        let clean = twofold(&json!({"mail": "none"}));
        assert_eq!(call(&bench, &token, &clean).0, Ok(clean));
    }
}

/// Trees of members with sensitive and other leaves.
fn told() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!(CARD)),
        Just(json!("ada@example.org")),
        Just(json!("call \"ada@example.org\"\n4111 1111 1111 1111")),
        Just(json!(12)),
        Just(json!("plain \u{1f600} \\ text")),
        Just(json!(null)),
    ];
    let inner = leaf.prop_recursive(3, 16, 4, |inner| {
        let key = prop_oneof![Just("a"), Just("b\"é"), Just("bob@example.org"), Just("d")];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map(key, inner, 0..4).prop_map(|map| json!(map)),
        ]
    });
    prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(|map| json!(map))
}

#[test]
fn nothing_that_was_found_is_left_in_either_copy() {
    let bench = bench(0);
    let token = bench.token(&["r0"]);
    let schemas = [
        json!({}),
        json!({"outputSchema": {"additionalProperties": {"type": ["string", "integer", "object",
            "array", "null"]}}}),
        json!({"outputSchema": {"properties": {"a": {"type": "string", "maxLength": 200}}}}),
    ];
    let mut runner = TestRunner::deterministic();
    let cases = (told(), 0..3_usize, any::<bool>());
    let run = runner.run(&cases, |(told, number, pretty)| {
        list(&bench, &token, &schemas[number]);
        let mut whole = twofold(&told);
        if pretty {
            whole["content"][0]["text"] = json!(serde_json::to_string_pretty(&told).unwrap());
        }
        let (answer, _) = call(&bench, &token, &whole);
        let answer = answer.unwrap();
        let text = answer.to_string();
        for value in ["ada@", "bob@", "4111111111111111", "4111 1111"] {
            prop_assert!(!text.contains(value), "{} {}", told, text);
        }
        prop_assert_eq!(&answer["structuredContent"], &twin(&answer), "{}", told);
        Ok(())
    });
    run.unwrap();
}
