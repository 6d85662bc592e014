//! What follows sensitive data, by entity, tool, role and direction, and what records say of it.

use serde_json::{Value, json};
use varistor_http1::ResponseHead;
use varistor_model::{DlpAction, Reason};
use varistor_perf::bench::{Bench, Outcome};
use varistor_perf::policy::{grant, policy, role};
use varistor_pipeline::answer::Passed;
use varistor_pipeline::stages::forward::Forward;
use varistor_snapshot::schema::{Cover, Exception, Policy, Target};

const EMAIL: &str = "ada@example.org";
const CARD: &str = "4111111111111111";

/// Two roles that may do everything, and these actions of e-mail addresses in both directions.
fn world(email: [DlpAction; 2]) -> Policy {
    let grants = || vec![grant(0, "*", 15, true), grant(1, "*", 15, true)];
    let mut policy = policy(vec![role(0, grants(), 0), role(1, grants(), 0)], vec![]);
    let at = usize::from(detector(&policy, "email"));
    policy.actions.detectors[at] = email.map(|action| action as u8);
    policy
}

pub(crate) fn detector(policy: &Policy, entity: &str) -> u16 {
    let rows = &policy.dlp.detectors;
    let at = rows.iter().position(|row| row.entity == entity).unwrap();
    u16::try_from(at).unwrap()
}

/// E-mail addresses in calls of these tools on `github`.
fn exception(policy: &Policy, tool: &str, action: DlpAction) -> Exception {
    let cover = Cover {
        detector: detector(policy, "email"),
        special: 3,
    };
    let target = Target {
        server: 1,
        name: tool.to_owned(),
        server_special: 2,
        tool_special: if tool.contains('*') { 2 } else { 3 },
    };
    Exception {
        covers: vec![cover],
        directions: 3,
        everywhere: false,
        targets: vec![target],
        roles: vec![],
        action: action as u8,
    }
}

fn call(id: u32, tool: &str, text: &str) -> String {
    let params = json!({"name": tool, "arguments": {"text": text}});
    json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}).to_string()
}

fn result(id: u32, text: &str) -> String {
    let content = json!([{"type": "text", "text": text}]);
    json!({"jsonrpc": "2.0", "id": id, "result": {"content": content}}).to_string()
}

pub(crate) fn forwarded(outcome: Outcome) -> (Vec<u8>, Forward) {
    match outcome {
        Outcome::Forwarded { body, forward, .. } => (body, *forward),
        Outcome::Denied(reason) => panic!("{reason:?}"),
        Outcome::Answered => panic!("answered"),
    }
}

/// Hands the messages of a stream, or one document, to what judges the answer.
pub(crate) fn answered(
    bench: &Bench,
    (request, forward): (&[u8], &mut Forward),
    messages: &[&str],
) -> Vec<Result<String, Reason>> {
    let bytes = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n";
    let mut head = ResponseHead::new();
    head.parse(bytes, false).unwrap();
    forward.answering.head(&head, bytes).unwrap();
    let desk = &mut *bench.desk.borrow_mut();
    let mut out = Vec::new();
    let each = messages.iter().map(|message| {
        let both = (request, message.as_bytes());
        Ok(match forward.answering.message(desk, both, &mut out)? {
            Passed::Same => (*message).to_owned(),
            Passed::Changed => String::from_utf8(out.clone()).unwrap(),
            Passed::Dropped => panic!("dropped"),
        })
    });
    each.collect()
}

pub(crate) fn record(bench: &Bench, forward: &Forward) -> Value {
    let mut line = Vec::new();
    forward.answering.write_record(bench.now, &mut line);
    line[0] = b'{';
    serde_json::from_slice(&line).unwrap()
}

pub(crate) fn last_call(bench: &Bench) -> Value {
    let lines = bench.log.lines.borrow();
    serde_json::from_str(&lines.last().unwrap().replacen(',', "{", 1)).unwrap()
}

#[test]
fn a_redacted_request_goes_on_as_a_whole() {
    let bench = Bench::new(&world([DlpAction::Redact, DlpAction::Log]));
    let token = bench.token(&["r0"]);
    let (sent, _) = forwarded(bench.post("github", &token, &call(1, "get_x", EMAIL)));
    assert_eq!(
        String::from_utf8(sent).unwrap(),
        call(1, "get_x", "[REDACTED:email]")
    );
    assert_eq!(last_call(&bench)["decision"], "redact");
    let batch = |text: &str| {
        format!(
            "[{}, {},{}]",
            call(1, "a", text),
            call(2, "b", "x"),
            call(3, "c", text)
        )
    };
    let body = batch(EMAIL);
    let outcome = bench.send(&format!(
        "POST /mcp/github HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {token}\r\nMCP-Protocol-Version: 2025-03-26\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    ));
    let (sent, _) = forwarded(outcome);
    assert_eq!(String::from_utf8(sent).unwrap(), batch("[REDACTED:email]"));
}

#[test]
fn a_tool_and_a_role_have_actions_of_their_own() {
    let mut policy = world([DlpAction::Deny, DlpAction::Log]);
    let tool = exception(&policy, "get_*", DlpAction::Log);
    let mut special = exception(&policy, "get_secret", DlpAction::Hold);
    special.roles = vec![1];
    policy.actions.exceptions = vec![tool, special];
    let bench = Bench::new(&policy);
    let send = |server: &str, roles: &[&str], tool: &str| {
        let token = bench.token(roles);
        bench.post(server, &token, &call(1, tool, EMAIL)).reason()
    };
    assert_eq!(send("github", &["r0"], "get_x"), None);
    assert_eq!(send("github", &["r0"], "put_x"), Some(Reason::DlpRefused));
    assert_eq!(send("files", &["r0"], "get_x"), Some(Reason::DlpRefused));
    assert_eq!(send("github", &["r0"], "get_secret"), None);
    assert_eq!(send("github", &["r1"], "get_secret"), Some(Reason::Held));
    assert_eq!(
        send("github", &["r0", "r1"], "get_secret"),
        Some(Reason::Held)
    );
    let prompt = json!({"jsonrpc": "2.0", "id": 1, "method": "prompts/get", "params": {
        "name": "get_x", "arguments": {"text": EMAIL}}});
    let outcome = bench.post("github", &bench.token(&["r0"]), &prompt.to_string());
    assert_eq!(
        outcome.reason(),
        Some(Reason::DlpRefused),
        "a prompt is no tool"
    );
}

#[test]
fn what_is_not_sure_enough_is_recorded_and_nothing_else() {
    let mut policy = world([DlpAction::Deny, DlpAction::Deny]);
    policy.actions.confidence_min = 100;
    let bench = Bench::new(&policy);
    let token = bench.token(&["r0"]);
    let (request, mut forward) = forwarded(bench.post("github", &token, &call(1, "x", EMAIL)));
    let findings = &last_call(&bench)["findings"];
    assert_eq!(findings[0]["entity"], "email");
    assert_eq!(findings[0]["action"], "log");
    assert!(findings[0]["confidence"].as_u64() < Some(100));
    let answer = result(1, EMAIL);
    let passed = answered(&bench, (&request, &mut forward), &[&answer]);
    assert_eq!(passed, [Ok(answer)]);
    assert_eq!(record(&bench, &forward)["findings"][0]["action"], "log");
}

#[test]
fn what_is_allowed_is_in_no_record() {
    let bench = Bench::new(&world([DlpAction::Allow; 2]));
    let token = bench.token(&["r0"]);
    let (request, mut forward) = forwarded(bench.post("github", &token, &call(1, "x", EMAIL)));
    assert_eq!(last_call(&bench)["findings"], Value::Null);
    let answer = result(1, &format!("{EMAIL} {CARD}"));
    let passed = answered(&bench, (&request, &mut forward), &[&answer]);
    let redacted = result(1, &format!("{EMAIL} [REDACTED:credit_card]"));
    assert_eq!(passed, [Ok(redacted)]);
    let findings = record(&bench, &forward)["findings"].clone();
    assert_eq!(findings.as_array().unwrap().len(), 1, "{findings}");
    assert_eq!(findings[0]["entity"], "credit_card");
}

#[test]
fn an_answer_that_is_held_says_so_and_its_record_says_why() {
    for (action, reason) in [
        (DlpAction::Hold, Reason::AnswerHeld),
        (DlpAction::Deny, Reason::AnswerRefused),
    ] {
        let bench = Bench::new(&world([DlpAction::Log, action]));
        let token = bench.token(&["r0"]);
        let (request, mut forward) = forwarded(bench.call("github", &token, "x"));
        let passed = answered(&bench, (&request, &mut forward), &[&result(1, EMAIL)]);
        assert_eq!(passed, [Err(reason)]);
        let found = &record(&bench, &forward)["findings"][0];
        assert_eq!(found["action"], action.name());
    }
}

#[test]
fn a_record_tells_in_which_message_of_an_answer_something_stood() {
    let bench = Bench::new(&world([DlpAction::Log, DlpAction::Redact]));
    let token = bench.token(&["r0"]);
    let progress = |text: &str| {
        json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {"data": text}})
            .to_string()
    };
    for round in 0..3 {
        let (request, mut forward) = forwarded(bench.call("github", &token, "x"));
        let messages = [
            progress("clean"),
            progress(EMAIL),
            result(1, &format!("a {CARD}")),
        ];
        let messages = messages.each_ref().map(String::as_str);
        let passed = answered(&bench, (&request, &mut forward), &messages);
        assert_eq!(passed[1], Ok(progress("[REDACTED:email]")));
        let record = record(&bench, &forward);
        let told = |at: usize| {
            let found = &record["findings"][at];
            assert_eq!(found["action"], "redact", "round {round}");
            assert!(found["confidence"].is_u64());
            let text = |key: &str| found[key].to_string().replace('"', "");
            (text("entity"), text("message"), text("place"))
        };
        let of = |entity: &str, message: &str, place: &str| {
            (entity.to_owned(), message.to_owned(), place.to_owned())
        };
        assert_eq!(told(0), of("email", "1", "9..24"));
        assert_eq!(told(1), of("credit_card", "2", "23..39"));
        assert_eq!(record["findings"].as_array().unwrap().len(), 2);
        assert_eq!(record["redacted"], 2);
        assert!(!record.to_string().contains(CARD));
    }
}

#[test]
fn an_answer_belongs_to_the_tool_of_its_request() {
    let mut policy = world([DlpAction::Log, DlpAction::Log]);
    policy.actions.exceptions = vec![exception(&policy, "get_\u{e9}", DlpAction::Deny)];
    policy.actions.exceptions[0].directions = 2;
    let bench = Bench::new(&policy);
    let token = bench.token(&["r0"]);
    let answer = |tool: &str| {
        let (request, mut forward) = forwarded(bench.call("github", &token, tool));
        // Another request is read by the same worker before the answer comes.
        assert!(bench.call("github", &token, "put_x").is_forwarded());
        let mut passed = answered(&bench, (&request, &mut forward), &[&result(1, EMAIL)]);
        passed.remove(0).map(drop)
    };
    assert_eq!(answer("get_\\u00e9"), Err(Reason::AnswerRefused));
    assert_eq!(answer("get_e"), Ok(()));
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"resources/list"}"#;
    let (request, mut forward) = forwarded(bench.post("github", &token, list));
    let passed = answered(&bench, (&request, &mut forward), &[&result(1, EMAIL)]);
    assert!(passed[0].is_ok(), "a list is no call of a tool");
}

#[test]
fn answers_to_a_batch_belong_to_the_tools_of_their_requests() {
    let mut policy = world([DlpAction::Log, DlpAction::Log]);
    policy.actions.exceptions = vec![exception(&policy, "get_x", DlpAction::Redact)];
    policy.actions.exceptions[0].directions = 2;
    let bench = Bench::new(&policy);
    let body = format!("[{},{}]", call(1, "get_x", ""), call(2, "get_y", ""));
    let outcome = bench.send(&format!(
        "POST /mcp/github HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {}\r\nMCP-Protocol-Version: 2025-03-26\r\n\
         Content-Length: {}\r\n\r\n{body}",
        bench.token(&["r0"]),
        body.len()
    ));
    let (request, mut forward) = forwarded(outcome);
    let note = json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {"d": EMAIL}});
    let answer = format!("[{},{},{note}]", result(2, EMAIL), result(1, EMAIL));
    let passed = answered(&bench, (&request, &mut forward), &[&answer]);
    // Whose notification it is can't be told, so that the stricter action counts.
    let note = note.to_string().replace(EMAIL, "[REDACTED:email]");
    let redacted = format!(
        "[{},{},{note}]",
        result(2, EMAIL),
        result(1, "[REDACTED:email]")
    );
    assert_eq!(passed, [Ok(redacted)]);
    let actions = &record(&bench, &forward)["findings"];
    let told = |at: usize| {
        (
            actions[at]["message"].clone(),
            actions[at]["action"].clone(),
        )
    };
    assert_eq!(told(0), (json!(0), json!("log")));
    assert_eq!(told(1), (json!(1), json!("redact")));
    assert_eq!(told(2), (json!(2), json!("redact")));
}

#[test]
fn in_a_stream_of_no_call_what_is_said_of_tools_makes_stricter_only() {
    let message = json!({"jsonrpc": "2.0", "method": "notifications/message", "params": {
        "data": EMAIL}});
    for (base, of_tool, refused) in [
        (DlpAction::Log, DlpAction::Deny, true),
        (DlpAction::Deny, DlpAction::Allow, true),
        (DlpAction::Log, DlpAction::Allow, false),
    ] {
        let mut policy = world([DlpAction::Log, base]);
        policy.actions.exceptions = vec![exception(&policy, "get_x", of_tool)];
        let bench = Bench::new(&policy);
        let outcome = bench.send(&format!(
            "GET /mcp/github HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {}\r\n\
             Accept: text/event-stream\r\n\r\n",
            bench.token(&["r0"])
        ));
        let (request, mut forward) = forwarded(outcome);
        let passed = answered(&bench, (&request, &mut forward), &[&message.to_string()]);
        assert_eq!(passed[0].is_err(), refused, "{base:?} {of_tool:?}");
    }
}

#[test]
fn hashes_tell_equal_values_and_differ_between_session_keys() {
    let mut policy = world([DlpAction::Log, DlpAction::Redact]);
    policy.actions.keep = 2;
    policy.audit.params = 1;
    let hashes = |policy: &Policy| {
        let bench = Bench::new(policy);
        let token = bench.token(&["r0"]);
        let (request, mut forward) = forwarded(bench.post("github", &token, &call(1, "x", EMAIL)));
        let recorded = last_call(&bench)["params"]["arguments"]["text"].clone();
        let answer = result(1, EMAIL);
        let passed = answered(&bench, (&request, &mut forward), &[&answer])
            .remove(0)
            .unwrap();
        let passed: Value = serde_json::from_str(&passed).unwrap();
        let shown = passed["result"]["content"][0]["text"].clone();
        (recorded, shown)
    };
    let (recorded, shown) = hashes(&policy);
    assert_eq!(recorded, shown);
    let shown = shown.as_str().unwrap().to_owned();
    let hash = shown.strip_prefix("[REDACTED:email:sha256=").unwrap();
    assert_eq!(hash.len(), 13, "{shown}");
    policy.keys.session = [10; 32];
    assert_ne!(hashes(&policy).1, json!(shown));
    policy.actions.keep = 1;
    assert_eq!(hashes(&policy).1, json!("[REDACTED:email:len=15]"));
}
