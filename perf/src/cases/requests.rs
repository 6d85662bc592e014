//! The stages of a request.

use varistor_snapshot::schema::{Policy, ToolRow};
use varistor_token::Verifier;

use super::walk::{Walk, permitting, small};
use super::{Case, Make, step};
use crate::text;

pub(super) const CASES: &[(&str, Make)] = &[
    ("accept/head", accept_head),
    ("accept/route", accept_route),
    ("authenticate/known", authenticate_known),
    ("authenticate/verify_one_block", verify_one_block),
    ("parse/400_bytes", parse_400),
    ("parse/4_kib", parse_4k),
    ("rate_limit/agent_and_organisation", rate_limit),
    ("classify/verb", classify_verb),
    ("classify/100_000_tools", classify_tools),
    ("classify/sql", classify_sql),
    ("classify/shell", classify_shell),
    ("dlp/400_bytes", dlp_400),
    ("dlp/4_kib", dlp_4k),
    ("dlp/one_finding", dlp_finding),
    ("dlp/refused", dlp_refused),
    ("policy/small", policy_small),
    ("policy/1_000_patterns", policy_patterns),
    ("policy/100_000_tools", policy_tools),
    ("policy/100_rules", policy_rules),
    ("policy/100_rules_and_history", policy_history),
    ("audit/record", audit_record),
    ("audit/record_masked", audit_masked),
    ("forward/head", forward_head),
];

fn accept_head() -> Box<dyn Case> {
    step(Walk::plain(), |_| (), |walk, ()| walk.client.read_head())
}

fn accept_route() -> Box<dyn Case> {
    step(Walk::plain(), |_| (), |walk, ()| walk.request())
}

fn authenticate_known() -> Box<dyn Case> {
    step(Walk::plain(), Walk::request, Walk::authenticate)
}

fn verify_one_block() -> Box<dyn Case> {
    let walk = Walk::plain();
    let keys = walk.bench.local.policy().keys.token.iter();
    let keys: Vec<_> = keys.map(|key| (key.id.to_native(), key.public)).collect();
    let token = walk.bench.token(&["r0"]);
    let verifier = Verifier::new(keys).expect("the snapshot's keys are keys");
    step(
        (verifier, token),
        |_| (),
        |(verifier, token), ()| verifier.verify(token.as_bytes()).expect("it is genuine"),
    )
}

fn parse_400() -> Box<dyn Case> {
    step(Walk::plain(), Walk::caller, Walk::parse)
}

fn parse_4k() -> Box<dyn Case> {
    step(four_kib(), Walk::caller, Walk::parse)
}

fn rate_limit() -> Box<dyn Case> {
    step(Walk::plain(), Walk::call, Walk::rate_limit)
}

fn classify_verb() -> Box<dyn Case> {
    classify(&small())
}

/// The operator states the intent of 100,000 tools; the one that is called stands last.
fn classify_tools() -> Box<dyn Case> {
    let mut policy = small();
    let row = |name: String| ToolRow {
        name,
        intent: Some(0),
        tags: vec![],
        labels: None,
        rank: 0,
    };
    policy.servers[1].tools = numbered(99_999).map(row).collect();
    policy.servers[1].tools.push(row("get_issue".to_owned()));
    classify(&policy)
}

fn classify(policy: &Policy) -> Box<dyn Case> {
    let prepare = |walk: &mut Walk| {
        let call = walk.call();
        walk.rate_limit(call)
    };
    let walk = Walk::new(policy, &text::call("get_issue", 400, "none"));
    step(walk, prepare, Walk::classify)
}

fn classify_sql() -> Box<dyn Case> {
    let sql = "SELECT o.id, o.total FROM orders o JOIN items i ON i.order_id = o.id WHERE o.day > \
               '2026-01-01' ORDER BY o.day LIMIT 50";
    classify_code("run_sql", &["{\"sql\":\"", sql, "\"}"].concat())
}

fn classify_shell() -> Box<dyn Case> {
    let line = "cd /srv/app && git log --oneline -5 | grep fix && ls -la build";
    classify_code("run_command", &["{\"command\":\"", line, "\"}"].concat())
}

fn classify_code(tool: &str, arguments: &str) -> Box<dyn Case> {
    let begin = r#"{"jsonrpc":"2.0","id":17,"method":"tools/call","params":{"name":""#;
    let body = [begin, tool, "\",\"arguments\":", arguments, "}}"].concat();
    let prepare = |walk: &mut Walk| {
        let call = walk.call();
        walk.rate_limit(call)
    };
    step(Walk::new(&small(), &body), prepare, Walk::classify)
}

fn dlp_400() -> Box<dyn Case> {
    dlp(Walk::plain(), 0)
}

fn dlp_4k() -> Box<dyn Case> {
    dlp(four_kib(), 0)
}

/// Personal data, which the policy logs and lets pass.
fn dlp_finding() -> Box<dyn Case> {
    dlp(with("jane@example.com"), 1)
}

/// A secret, which the policy denies.
fn dlp_refused() -> Box<dyn Case> {
    let run = |walk: &mut Walk, classified| {
        let scanned = walk.dlp(classified);
        assert!(scanned.is_err());
    };
    step(with(&text::secret()), Walk::classified, run)
}

fn dlp(mut walk: Walk, findings: usize) -> Box<dyn Case> {
    let record = |walk: &mut Walk| {
        let _sealed = walk.sealed();
        String::from_utf8(walk.ledger.line()).expect("a record is UTF-8")
    };
    let found = record(&mut walk).matches("\"entity\":").count();
    assert_eq!(found, findings, "the case is not what its name says");
    step(walk, Walk::classified, Walk::dlp)
}

fn policy_small() -> Box<dyn Case> {
    policy(&["*"], "get_issue")
}

/// A role with 1,000 patterns; the one that matches stands last.
fn policy_patterns() -> Box<dyn Case> {
    let mut names: Vec<String> = numbered(999).map(|name| format!("{name}_*")).collect();
    names.push("get_is*".to_owned());
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    policy(&names, "get_issue")
}

/// A role that names 100,000 tools; the one that is called stands last.
fn policy_tools() -> Box<dyn Case> {
    let mut names: Vec<String> = numbered(99_999).collect();
    names.push("get_issue".to_owned());
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    policy(&names, "get_issue")
}

fn policy(names: &[&str], tool: &str) -> Box<dyn Case> {
    let walk = Walk::new(&permitting(names), &text::call(tool, 400, "none"));
    step(walk, Walk::scanned, Walk::policy)
}

/// A hundred rules as an organisation has them, of which some concern the call and none holds.
fn policy_rules() -> Box<dyn Case> {
    rules(&hundred())
}

/// The same, and one that asks what the token did before.
fn policy_history() -> Box<dyn Case> {
    let flow = "RULE \"flow\" IF tool.server = \"github\" AND \
                history.count(action.type = \"write\", within = 30m) > 1000000 THEN deny\n";
    rules(&[flow, &hundred()].concat())
}

fn hundred() -> String {
    let rule = |at: usize| {
        let tool = format!("tool.server = \"github\" AND tool.name = \"tool_{at}\"");
        let condition = match at % 5 {
            0 => "args.number > 5000".to_owned(),
            1 => format!("{tool} AND args.owner != \"acme\""),
            2 => format!("{tool} AND action.type = \"destructive\""),
            3 => format!("tool.category = \"category {at}\" AND time.hour IN 22..6"),
            _ => format!("agent.team = \"team {at}\" AND NOT (dlp.found(\"credit_card\"))"),
        };
        format!("RULE \"rule {at}\" IF {condition} THEN require_human_approval\n")
    };
    (0..100).map(rule).collect()
}

fn rules(rules: &str) -> Box<dyn Case> {
    let policy = crate::policy::ruled(small(), rules);
    let walk = Walk::new(&policy, &text::call("get_issue", 400, "none"));
    step(walk, Walk::scanned, Walk::policy)
}

fn audit_record() -> Box<dyn Case> {
    step(Walk::plain(), Walk::judged, Walk::seal)
}

/// Findings are masked in what the record keeps.
fn audit_masked() -> Box<dyn Case> {
    step(with("jane@example.com"), Walk::judged, Walk::seal)
}

fn forward_head() -> Box<dyn Case> {
    step(Walk::plain(), Walk::sealed, Walk::forward)
}

fn four_kib() -> Walk {
    Walk::new(&small(), &text::call("get_issue", 4096, "none"))
}

fn with(contact: &str) -> Walk {
    Walk::new(&small(), &text::call("get_issue", 400, contact))
}

fn numbered(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|at| format!("get_thing_{at}"))
}
