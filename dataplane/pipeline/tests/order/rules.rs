//! What the organisation's rules decide about calls, and what records say of it.

use serde_json::{Value, json};
use varistor_model::{DlpAction, Reason};
use varistor_perf::bench::{Bench, Outcome, SECOND};
use varistor_perf::policy::{grant, policy, role, ruled};
use varistor_snapshot::schema::{Policy, ToolRow};

use crate::data::{detector, forwarded, last_call};

/// Two servers: `files`, whose tools read private data, and `github`, which is financial. A role
/// may call everything, without a word about intents.
fn world() -> Policy {
    let grants = vec![grant(0, "*", 15, false), grant(1, "*", 15, false)];
    let listed = vec![grant(0, "*", 15, true), grant(1, "*", 15, true)];
    let roles = vec![role(0, grants, 0), role(1, listed, 0)];
    let mut policy = policy(roles, vec![]);
    let tag = |name: &str, tag: &str| ToolRow {
        name: name.into(),
        intent: None,
        tags: vec![tag.into()],
        labels: None,
        rank: 0,
    };
    policy.servers[0].tools = vec![tag("get_*", "private-read")];
    policy.servers[1].category = "financial".into();
    policy
}

fn bench(rules: &str) -> (Bench, String) {
    let bench = Bench::new(&ruled(world(), rules));
    let token = bench.token(&["r0"]);
    (bench, token)
}

fn call(bench: &Bench, token: &str, server: &str, tool: &str, arguments: &Value) -> Outcome {
    let params = json!({"name": tool, "arguments": arguments});
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    bench.post(server, token, &body.to_string())
}

/// As the design writes them.
const DESIGNED: &str = r##"
RULE "refunds need a human"
IF tool.category = "financial" AND action.type = "destructive"
THEN require_human_approval
 AND notify_channel("slack", "#security-alerts")
 AND log_level("critical")

RULE "nothing leaves after private data was read"
IF (action.type = "exfiltrative" OR tool.tags CONTAINS "external-out")
   AND history.count(action.type = "read" AND tool.tags CONTAINS "private-read", within = 30m) > 0
THEN deny("data read in this session may not leave")
"##;

#[test]
fn the_rules_of_the_design_work_as_written() {
    let (bench, token) = bench(DESIGNED);
    let refund = |amount: u32| json!({"payment": "p1", "amount": amount, "currency": "EUR"});
    let held = call(&bench, &token, "github", "create_refund", &refund(50_000));
    assert_eq!(held.reason(), Some(Reason::Held));
    let record = last_call(&bench);
    assert_eq!(record["rule"], "refunds need a human");
    assert_eq!(record["rules"], json!(["refunds need a human"]));
    assert_eq!(record["level"], "critical");
    assert_eq!(
        record["notify"],
        json!([{"kind": "slack", "name": "#security-alerts"}])
    );
    assert!(call(&bench, &token, "github", "create_refund", &refund(20)).is_forwarded());
    let record = last_call(&bench);
    assert_eq!(
        (&record["rule"], &record["rules"]),
        (&Value::Null, &Value::Null)
    );
}

#[test]
fn what_was_read_is_remembered_for_the_token_across_servers() {
    let rules =
        format!("{DESIGNED}\nRULE \"exports\" IF action.type = \"exfiltrative\" THEN allow");
    let (mut bench, token) = bench(&rules);
    let other = bench.token(&["r0"]);
    let share = json!({"file": "f", "visibility": "public"});
    let leave =
        |bench: &Bench, token: &str| call(bench, token, "github", "share_file", &share).reason();
    assert_eq!(
        leave(&bench, &token),
        None,
        "a rule allows what defaults deny"
    );
    assert!(call(&bench, &token, "files", "get_customer", &json!({"id": 1})).is_forwarded());
    assert_eq!(leave(&bench, &token), Some(Reason::RuleDenied));
    assert_eq!(
        last_call(&bench)["rule"],
        "nothing leaves after private data was read"
    );
    assert_eq!(leave(&bench, &other), None);
    // The window is kept in 64 parts.
    bench.now.unix_ns += 31 * 60 * SECOND;
    bench.now.mono_ns += 31 * 60 * SECOND;
    assert_eq!(leave(&bench, &token), None);
}

#[test]
fn a_denied_call_is_not_remembered() {
    let rules = r#"RULE "once" IF tool.name = "get_x"
        AND history.count(tool.name = "get_x", within = 1h) >= 2 THEN deny"#;
    let (bench, token) = bench(rules);
    let get = || call(&bench, &token, "files", "get_x", &json!({})).reason();
    assert_eq!(
        [get(), get(), get(), get()],
        [
            None,
            None,
            Some(Reason::RuleDenied),
            Some(Reason::RuleDenied)
        ]
    );
}

#[test]
fn what_can_not_be_known_restricts_and_does_not_allow() {
    let rules = r#"
RULE "large" IF tool.name = "pay_x" AND args.amount > 100 THEN deny
RULE "small" IF tool.name = "drop_x" AND args.rows < 5 THEN allow
"#;
    let (bench, token) = bench(rules);
    let reason =
        |tool: &str, arguments: Value| call(&bench, &token, "github", tool, &arguments).reason();
    assert_eq!(reason("pay_x", json!({"amount": 5})), None);
    assert_eq!(
        reason("pay_x", json!({"amount": "500"})),
        Some(Reason::RuleDenied)
    );
    assert_eq!(reason("pay_x", json!({})), Some(Reason::RuleDenied));
    assert_eq!(reason("drop_x", json!({"rows": 3})), None);
    assert_eq!(reason("drop_x", json!({"rows": 30})), Some(Reason::Held));
    assert_eq!(reason("drop_x", json!({})), Some(Reason::Held));
}

#[test]
fn limits_of_rules_count_by_token_and_shadow_rules_decide_nothing() {
    let rules = r#"
RULE "few" IF tool.server = "github" THEN limit(2/hour, per = token)
RULE "trial" SHADOW IF tool.name = "get_y" THEN deny
RULE "look" IF tool.name = "get_y" THEN flag_for_review
"#;
    let (bench, token) = bench(rules);
    let get = |token: &str| call(&bench, token, "github", "get_y", &json!({})).reason();
    assert_eq!(
        [get(&token), get(&token), get(&token)],
        [None, None, Some(Reason::LimitRule)]
    );
    assert_eq!(get(&bench.token(&["r0"])), None);
    let record = last_call(&bench);
    assert_eq!(record["decision"], "allow");
    assert_eq!(
        record["shadow"],
        json!({"decision": "deny", "rule": "trial"})
    );
    assert_eq!(record["flagged"], true);
}

#[test]
fn rules_redact_beyond_the_policy_and_a_role_that_wants_approval_has_its_way() {
    let rules = r#"
RULE "mask" IF tool.server = "files" THEN redact("email")
RULE "free" IF tool.name = "delete_x" THEN allow
"#;
    let mut policy = ruled(world(), rules);
    let at = usize::from(detector(&policy, "email"));
    policy.actions.detectors[at] = [DlpAction::Log as u8; 2];
    policy
        .roles
        .push(role(2, vec![grant(1, "*", 15, true)], 0b0100));
    policy.agents[0].roles.push(2);
    let bench = Bench::new(&policy);
    let token = bench.token(&["r0"]);
    let mail = json!({"to": "ada@example.org"});
    let (sent, _) = forwarded(call(&bench, &token, "files", "get_x", &mail));
    let sent: Value = serde_json::from_slice(&sent).unwrap();
    assert_eq!(sent["params"]["arguments"]["to"], "[REDACTED:email]");
    let (sent, _) = forwarded(call(&bench, &token, "github", "get_x", &mail));
    assert!(String::from_utf8(sent).unwrap().contains("ada@"));
    assert!(call(&bench, &token, "github", "delete_x", &json!({})).is_forwarded());
    // Each member of a batch has rules of its own.
    let member = |id: u32| {
        let params = json!({"name": "get_x", "arguments": mail});
        json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params})
    };
    let batch = json!([member(1), member(2)]).to_string();
    let request = format!(
        "POST /mcp/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         MCP-Protocol-Version: 2025-03-26\r\nAuthorization: Bearer {token}\r\n\
         Content-Length: {}\r\n\r\n{batch}",
        batch.len()
    );
    let (sent, _) = forwarded(bench.send(&request));
    let sent = String::from_utf8(sent).unwrap();
    assert_eq!(sent.matches("[REDACTED:email]").count(), 2, "{sent}");
    let careful = bench.token(&["r2"]);
    let held = call(&bench, &careful, "github", "delete_x", &json!({}));
    assert_eq!(held.reason(), Some(Reason::Held));
}
