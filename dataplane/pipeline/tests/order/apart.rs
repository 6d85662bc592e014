//! What the log is held to without telling it, and calls that must not go on without witnesses.

use std::sync::Arc;

use crossbeam_queue::ArrayQueue;
use serde_json::{Value, json};
use varistor_model::{DlpAction, Intent, IntentSet, Keeping, Reason};
use varistor_perf::bench::{Bench, Text, wait};
use varistor_perf::policy::{grant, policy, role};
use varistor_pipeline::order::{self, Notes, Turned};
use varistor_pipeline::privates::Privates;
use varistor_pipeline::tail::Tail;
use varistor_pipeline::together::together;
use varistor_privacy::{Envelope, Recipient, Salt, commitment};
use varistor_snapshot::schema::{Policy, Privacy, PrivateTools};

use crate::data::{detector, last_call};

const EMAIL: &str = "ada@example.org";
const CARD: &str = "4111111111111111";

/// Everything may be done; what is found is recorded and passes; these rows of privacy.
fn world(params: Keeping, privacy: Vec<Privacy>) -> Policy {
    let grants = vec![grant(0, "*", 15, true), grant(1, "*", 15, true)];
    let mut policy = policy(vec![role(0, grants, 0)], vec![]);
    for entity in ["email", "credit_card"] {
        let at = usize::from(detector(&policy, entity));
        policy.actions.detectors[at] = [DlpAction::Log as u8; 2];
    }
    policy.audit.params = params as u8;
    policy.audit.privacy = privacy;
    policy
}

fn row(tool: &str, classes: u8, keeping: Keeping) -> Privacy {
    Privacy {
        classes,
        everywhere: tool.is_empty(),
        tools: vec![PrivateTools {
            server: 1,
            name: tool.to_owned(),
        }],
        keeping: keeping as u8,
    }
}

/// So many salts, `[number; 32]` each, and so many envelopes.
fn privates(salts: u8, envelopes: usize) -> Arc<Privates> {
    let queue = Arc::new(ArrayQueue::new(256));
    for number in 0..salts {
        let number = number + 7;
        let bytes = [number; 32].into();
        let number = u64::from(number);
        queue.push(Salt { number, bytes }).unwrap();
    }
    let privates = Privates::new(queue, envelopes);
    let key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    let auditors: [Recipient; 1] = [key.parse().unwrap()];
    for seed in 0..envelopes {
        let mut next = u8::try_from(seed).unwrap();
        let envelope = Envelope::prepare(&auditors, &mut |bytes| {
            next = next.wrapping_add(17);
            bytes.fill(next);
        });
        assert!(privates.envelopes.push(envelope.unwrap()).is_ok());
    }
    Arc::new(privates)
}

fn params(tool: &str) -> String {
    let text = format!("{EMAIL} and {CARD} and more");
    json!({"name": tool, "arguments": {"text": text}}).to_string()
}

fn call(bench: &Bench, tool: &str) -> Result<Value, Option<Reason>> {
    let token = bench.token(&["r0"]);
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{}}}"#,
        params(tool)
    );
    let outcome = bench.post("github", &token, &body);
    match outcome.is_forwarded() {
        true => Ok(last_call(bench)),
        false => Err(outcome.reason()),
    }
}

fn text(record: &Value) -> &str {
    record["params"]["arguments"]["text"].as_str().unwrap_or("")
}

#[test]
fn parameters_and_findings_are_committed_to_by_tool_and_class() {
    let rows = vec![
        row("get_all*", 0, Keeping::Committed),
        row("get_*", 0b001, Keeping::Committed),
        row("", 0b100, Keeping::Masked),
    ];
    let bench = Bench::furnished(&world(Keeping::Whole, rows), |serving| {
        serving.hiding(privates(200, 0))
    });
    let whole = call(&bench, "get_all").unwrap();
    assert_eq!(
        (&whole["params"], &whole["params_omitted"]),
        (&Value::Null, &json!("committed"))
    );
    let hash = |salt: u8, value: &str| {
        let hash = commitment(&[salt; 32], value.as_bytes());
        hash.iter()
            .map(|byte| format!("{byte:02x}"))
            .collect::<String>()
    };
    let expected = json!([{"salt": 7, "sha256": hash(7, &params("get_all"))}]);
    assert_eq!(whole["commitments"], expected);
    let part = call(&bench, "get_x").unwrap();
    let expected = "[REDACTED:email:salt=8] and [REDACTED:credit_card] and more";
    assert_eq!(text(&part), expected, "{part}");
    let expected = json!([{"salt": 8, "sha256": hash(8, EMAIL)}]);
    assert_eq!(
        (&part["commitments"], &part["params_masked"]),
        (&expected, &json!(true))
    );
    // No row names this tool and this class.
    let other = call(&bench, "list").unwrap();
    assert_eq!(
        text(&other),
        format!("{EMAIL} and [REDACTED:credit_card] and more")
    );
}

#[test]
fn what_is_encrypted_is_in_no_other_part_of_the_record() {
    let rows = vec![
        row("get_all", 0, Keeping::Encrypted),
        row("get_x", 0b101, Keeping::Encrypted),
    ];
    let bench = Bench::furnished(&world(Keeping::Masked, rows), |serving| {
        serving.hiding(privates(0, 9))
    });
    for (tool, shown) in [
        ("get_all", ""),
        (
            "get_x",
            "[REDACTED:email:sealed=0] and [REDACTED:credit_card:sealed=1] and more",
        ),
    ] {
        let record = call(&bench, tool).unwrap();
        assert_eq!(text(&record), shown, "{record}");
        let sealed = record["sealed"].as_str().unwrap();
        // `age-encryption.org/v1` in base64.
        assert!(
            sealed.starts_with("YWdlLWVuY3J5cHRpb24ub3JnL3Yx"),
            "{sealed}"
        );
        let line = record.to_string();
        assert!(!line.contains(EMAIL) && !line.contains(CARD), "{line}");
    }
    let masked = call(&bench, "list").unwrap();
    assert_eq!(
        text(&masked),
        "[REDACTED:email] and [REDACTED:credit_card] and more"
    );
}

#[test]
fn without_salts_and_envelopes_calls_that_need_them_do_not_go_on() {
    let rows = vec![
        row("get_all", 0, Keeping::Encrypted),
        row("get_*", 0b001, Keeping::Committed),
    ];
    let policy = world(Keeping::Whole, rows);
    let empty = privates(0, 0);
    let bench = Bench::furnished(&policy, |serving| serving.hiding(Arc::clone(&empty)));
    for tool in ["get_all", "get_x"] {
        assert_eq!(
            call(&bench, tool).unwrap_err(),
            Some(Reason::AuditFull),
            "{tool}"
        );
    }
    assert!(empty.missed() >= 2);
    assert!(call(&bench, "list").is_ok());
    // Nobody keeps any, as in a rehearsal: nothing is told, and nothing held to.
    let bench = Bench::new(&policy);
    let whole = call(&bench, "get_all").unwrap();
    assert_eq!(whole["params_omitted"], "policy");
    let part = call(&bench, "get_x").unwrap();
    assert_eq!(text(&part), format!("[REDACTED:email] and {CARD} and more"));
    assert_eq!(part["commitments"], Value::Null);
}

/// The record of a message for all servers as one that is refused.
fn refused_together(bench: &Bench, body: &str) -> Value {
    let token = bench.token(&["r0"]);
    let request = format!(
        "POST /mcp HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {token}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut client = Text::new(&request, bench.now).unwrap();
    let mut notes = Notes::default();
    let judged = wait(together(&bench.desk, &bench.local, &mut client, &mut notes));
    let Err(Turned::Denied(denial)) = judged else {
        panic!("it is not refused");
    };
    let both = (&client, &bench.log);
    assert!(order::refused(&bench.desk, &bench.local, both, &notes, denial).is_some());
    last_call(bench)
}

#[test]
fn parameters_that_were_for_no_server_are_kept_as_the_strictest_row_says() {
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":1,"method":"no/such","params":{}}}"#,
        params("get_all")
    );
    let clear = format!("{EMAIL} and {CARD} and more");
    let masked = "[REDACTED:email] and [REDACTED:credit_card] and more";
    let omitting = || vec![row("get_all", 0, Keeping::Omitted)];
    let masking = || vec![row("get_x", 0b001, Keeping::Masked)];
    for (keeping, rows, shown, omitted) in [
        (Keeping::Whole, vec![], clear.as_str(), Value::Null),
        (Keeping::Masked, vec![], masked, Value::Null),
        (Keeping::Whole, masking(), masked, Value::Null),
        (Keeping::Whole, omitting(), "", json!("policy")),
        (Keeping::Committed, vec![], "", json!("policy")),
        (Keeping::Encrypted, masking(), "", json!("policy")),
    ] {
        let bench = Bench::furnished(&world(keeping, rows), |serving| {
            serving.hiding(privates(9, 9))
        });
        let record = refused_together(&bench, &body);
        assert_eq!(
            (text(&record), &record["params_omitted"]),
            (shown, &omitted),
            "{keeping:?}: {record}"
        );
    }
}

#[test]
fn an_answer_to_a_server_is_kept_as_the_strictest_row_of_its_tools_says() {
    let answer = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"text":"{EMAIL} and {CARD}"}}}}"#);
    let everywhere = |keeping| row("", 0, keeping);
    for (rows, omitted) in [
        (vec![], Value::Null),
        (vec![row("x", 0, Keeping::Committed)], json!("committed")),
        (
            vec![
                row("x", 0, Keeping::Committed),
                row("y", 0, Keeping::Omitted),
                everywhere(Keeping::Masked),
            ],
            json!("policy"),
        ),
        // Rows behind one that holds for all count for none.
        (
            vec![everywhere(Keeping::Whole), row("x", 0, Keeping::Omitted)],
            Value::Null,
        ),
    ] {
        let bench = Bench::furnished(&world(Keeping::Whole, rows), |serving| {
            serving.hiding(privates(9, 0))
        });
        let token = bench.token(&["r0"]);
        assert!(bench.post("github", &token, &answer).is_forwarded());
        let record = last_call(&bench);
        assert_eq!(record["params_omitted"], omitted, "{record}");
        assert_eq!(record.to_string().contains(EMAIL), omitted.is_null());
    }
    // Of one class: no laxer than what holds for the rest.
    let rows = vec![
        row("x", 0b001, Keeping::Whole),
        row("y", 0b001, Keeping::Committed),
    ];
    let bench = Bench::furnished(&world(Keeping::Masked, rows), |serving| {
        serving.hiding(privates(9, 0))
    });
    let token = bench.token(&["r0"]);
    assert!(bench.post("github", &token, &answer).is_forwarded());
    let record = last_call(&bench);
    let shown = "[REDACTED:email:salt=7] and [REDACTED:credit_card]";
    assert_eq!(record["params"]["text"], shown, "{record}");
}

#[test]
fn a_tail_that_waits_too_long_denies_the_intents_that_policy_names() {
    let mut policy = world(Keeping::Whole, vec![]);
    let intents: IntentSet = [Intent::Destructive].into_iter().collect();
    policy.audit.unwitnessed_intents = intents.bits();
    let tail = Arc::new(Tail::default());
    let bench = Bench::new(&policy).witnessed(&tail);
    assert!(call(&bench, "delete_x").is_ok());
    tail.put(bench.now.mono_ns);
    assert_eq!(
        call(&bench, "delete_x").unwrap_err(),
        Some(Reason::Unwitnessed)
    );
    assert!(call(&bench, "get_x").is_ok());
    let token = bench.token(&["r0"]);
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    assert!(bench.post("github", &token, ping).is_forwarded());
    tail.put(bench.now.mono_ns + 1);
    assert!(call(&bench, "delete_x").is_ok());
}
