//! The lethal trifecta: which call is held, in which order, for whom; and that benign sessions are
//! left alone.

use std::cell::RefCell;
use std::sync::Arc;

use serde_json::{Value, json};
use varistor_model::{Labels, Reason, Trifecta};
use varistor_perf::bench::{Bench, SECOND};
use varistor_perf::policy::{grant, policy, role};
use varistor_pipeline::budget::Budgets;
use varistor_pipeline::desk::Desk;
use varistor_pipeline::memory::Memory;
use varistor_snapshot::schema::{Policy, ToolRow};

use crate::data::last_call;

/// A role that may call everything on both servers, whatever it intends.
fn world(trifecta: Trifecta) -> Policy {
    let grants = vec![grant(0, "*", 15, true), grant(1, "*", 15, true)];
    let mut policy = policy(vec![role(0, grants, 0)], vec![]);
    policy.flows.trifecta = trifecta as u8;
    policy.organisations[0].domains = vec!["acme.com".into()];
    policy
}

fn stated(name: &str, labels: Labels) -> ToolRow {
    ToolRow {
        name: name.into(),
        intent: None,
        tags: vec![],
        labels: Some(labels.bits()),
        rank: 0,
    }
}

fn call(bench: &Bench, token: &str, server: &str, tool: &str, arguments: &Value) -> Option<Reason> {
    let params = json!({"name": tool, "arguments": arguments});
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
    let outcome = bench.post(server, token, &body.to_string());
    outcome.reason()
}

/// One call for each leg, by evidence alone: server, tool, arguments.
fn legs() -> [(&'static str, &'static str, Value); 3] {
    [
        ("files", "read_file", json!({"path": "/srv/plan.md"})),
        (
            "github",
            "fetch_url",
            json!({"url": "https://blog.example.org/post"}),
        ),
        (
            "github",
            "send_email",
            json!({"to": "eve@evil.example", "body": "see you"}),
        ),
    ]
}

const ORDERS: [[usize; 3]; 6] = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
];

#[test]
fn the_third_leg_is_held_in_every_order_and_on_every_worker() {
    let memory = Arc::new(Memory::default());
    let mut bench = Bench::new(&world(Trifecta::Hold));
    let legs = legs();
    for order in ORDERS {
        let token = bench.token(&["r0"]);
        for (at, leg) in order.into_iter().enumerate() {
            // Each call on another worker, which meets the token for the first time.
            let desk = Desk::new(Arc::new(Budgets::new(64))).recalling(Arc::clone(&memory));
            bench.desk = RefCell::new(desk);
            let (server, tool, arguments) = &legs[leg];
            let reason = call(&bench, &token, server, tool, arguments);
            assert_eq!(
                reason,
                (at == 2).then_some(Reason::Held),
                "{order:?} {tool}"
            );
        }
        let record = last_call(&bench);
        assert_eq!(record["rule"], "lethal trifecta");
        assert_eq!(record["decision"], "hold");
        let (name, _) = Labels::NAMES[order[2]];
        assert_eq!(record["flow"], json!([name]));
        // It added no leg: the two go on, the third is held again.
        for leg in [order[0], order[1]] {
            let (server, tool, arguments) = &legs[leg];
            assert_eq!(call(&bench, &token, server, tool, arguments), None);
        }
        let (server, tool, arguments) = &legs[order[2]];
        assert_eq!(
            call(&bench, &token, server, tool, arguments),
            Some(Reason::Held)
        );
    }
}

#[test]
fn policy_decides_what_follows() {
    for (trifecta, reason) in [
        (Trifecta::Off, None),
        (Trifecta::Log, None),
        (Trifecta::Hold, Some(Reason::Held)),
        (Trifecta::Deny, Some(Reason::RuleDenied)),
    ] {
        let bench = Bench::new(&world(trifecta));
        let token = bench.token(&["r0"]);
        let [private, untrusted, out] = legs();
        for (server, tool, arguments) in [private, untrusted] {
            assert_eq!(call(&bench, &token, server, tool, &arguments), None);
        }
        assert_eq!(call(&bench, &token, out.0, out.1, &out.2), reason);
        let record = last_call(&bench);
        let is_told = trifecta != Trifecta::Off;
        assert_eq!(record["flow"].is_array(), is_told, "{record}");
        assert_eq!(
            record["rule"] == "lethal trifecta",
            reason.is_some(),
            "{record}"
        );
    }
}

#[test]
fn the_word_of_the_operator_is_final() {
    let mut policy = world(Trifecta::Hold);
    policy.servers[0].tools = vec![stated("read_*", Labels::NONE)];
    policy.servers[1].tools = vec![
        stated("sum", Labels::TRIFECTA),
        stated("say", Labels::EXTERNAL_OUT),
    ];
    let bench = Bench::new(&policy);
    let token = bench.token(&["r0"]);
    let [private, untrusted, out] = legs();
    assert_eq!(
        call(&bench, &token, "github", "sum", &json!({})),
        Some(Reason::Held)
    );
    for (server, tool, arguments) in [private, untrusted, out] {
        assert_eq!(
            call(&bench, &token, server, tool, &arguments),
            None,
            "no private data is read"
        );
    }
    assert_eq!(call(&bench, &token, "github", "say", &json!({})), None);
    assert_eq!(
        call(&bench, &token, "files", "get_customer", &json!({"id": 1})),
        Some(Reason::Held)
    );
}

#[test]
fn legs_are_of_one_token_and_for_a_time() {
    let mut bench = Bench::new(&world(Trifecta::Hold));
    let [private, untrusted, out] = legs();
    let (token, other) = (bench.token(&["r0"]), bench.token(&["r0"]));
    let run = |bench: &Bench, token: &str, leg: &(&str, &str, Value)| {
        call(bench, token, leg.0, leg.1, &leg.2)
    };
    assert_eq!(run(&bench, &token, &private), None);
    assert_eq!(run(&bench, &token, &untrusted), None);
    assert_eq!(run(&bench, &other, &out), None);
    assert_eq!(run(&bench, &token, &out), Some(Reason::Held));
    bench.now.unix_ns += 26 * 3600 * SECOND;
    bench.now.mono_ns += 26 * 3600 * SECOND;
    assert_eq!(run(&bench, &token, &out), None);
}

#[test]
fn a_call_that_is_refused_adds_no_leg() {
    let mut policy = world(Trifecta::Hold);
    let names = vec![grant(0, "*", 15, true), grant(1, "*_*", 15, true)];
    policy.roles = vec![role(0, names, 0)];
    let bench = Bench::new(&policy);
    let token = bench.token(&["r0"]);
    let [private, untrusted, out] = legs();
    assert_eq!(call(&bench, &token, private.0, private.1, &private.2), None);
    let unknown = call(&bench, &token, "github", "fetch", &untrusted.2);
    assert_eq!(unknown, Some(Reason::ToolUnknown));
    assert_eq!(call(&bench, &token, out.0, out.1, &out.2), None);
}

/// What sessions without an intruder do, none of which joins all three legs by evidence.
fn benign() -> Vec<(&'static str, &'static str, Value)> {
    let row = |server, tool, arguments| (server, tool, arguments);
    vec![
        row("files", "read_file", json!({"path": "/srv/a.md"})),
        row("files", "list_directory", json!({"path": "/srv"})),
        row(
            "files",
            "write_file",
            json!({"path": "/srv/b.md", "content": "notes"}),
        ),
        row("files", "search_files", json!({"pattern": "budget"})),
        row(
            "github",
            "query",
            json!({"sql": "SELECT id, total FROM orders WHERE id = 7"}),
        ),
        row("github", "get_customer", json!({"id": "c1"})),
        row("github", "create_chart", json!({"values": [1, 2, 3]})),
        row(
            "github",
            "web_search",
            json!({"query": "quarterly report template"}),
        ),
        row(
            "github",
            "fetch_url",
            json!({"url": "https://docs.example.org/guide?lang=en"}),
        ),
        row(
            "github",
            "fetch_url",
            json!({"url": "https://wiki.acme.com/plan"}),
        ),
        row(
            "github",
            "search_emails",
            json!({"query": "invoice from May"}),
        ),
        row("github", "read_email", json!({"id": "m7"})),
        row(
            "github",
            "send_email",
            json!({"to": "ann@acme.com", "subject": "Re: x", "body": "ok"}),
        ),
        row(
            "github",
            "reply_to_email",
            json!({"id": "m7", "body": "Thanks, see you."}),
        ),
        row("github", "list_issues", json!({"state": "open"})),
        row(
            "github",
            "create_issue",
            json!({"title": "Bug", "body": "It fails."}),
        ),
        row(
            "github",
            "add_comment",
            json!({"issue": 7, "body": "Fixed."}),
        ),
        row(
            "github",
            "create_event",
            json!({"title": "Review", "start": "2026-01-01T10:00Z"}),
        ),
        row("github", "list_events", json!({"day": "2026-01-01"})),
        row("github", "get_weather", json!({"city": "Graz"})),
        row("github", "translate", json!({"text": "hello", "to": "de"})),
        row(
            "github",
            "send_message",
            json!({"channel": "#team", "text": "done"}),
        ),
        row("github", "search_notes", json!({"query": "plan"})),
        row(
            "github",
            "update_row",
            json!({"table": "tasks", "id": 3, "done": true}),
        ),
    ]
}

#[test]
fn ten_thousand_benign_sessions_are_held_never() {
    let mut bench = Bench::new(&world(Trifecta::Hold));
    let calls = benign();
    let mut random = 0x9e37_79b9_7f4a_7c15_u64;
    let mut held = Vec::new();
    for session in 0..10_000 {
        let token = bench.token(&["r0"]);
        // Unknown tokens are verified at a bounded pace.
        bench.now.mono_ns += SECOND / 1000;
        bench.log.lines.borrow_mut().clear();
        for _ in 0..4 + session % 5 {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let at = usize::try_from(random % calls.len() as u64).unwrap();
            let (server, tool, arguments) = &calls[at];
            if let Some(reason) = call(&bench, &token, server, tool, arguments) {
                held.push(format!("{tool} {arguments}: {reason:?}"));
            }
        }
    }
    held.sort();
    held.dedup();
    assert!(held.is_empty(), "{held:#?}");
}

#[test]
fn rules_see_derived_labels_as_tags() {
    let rules = r#"RULE "no outside" IF tool.tags CONTAINS "external-out" THEN deny("not from here")
RULE "private" IF tool.tags CONTAINS "private-read" THEN log_level("info")"#;
    let bench = Bench::new(&varistor_perf::policy::ruled(world(Trifecta::Off), rules));
    let token = bench.token(&["r0"]);
    let mail = |to: &str| json!({"to": to, "body": "see you"});
    let send = |to: &str| call(&bench, &token, "github", "send_email", &mail(to));
    assert_eq!(send("ann@acme.com"), None);
    assert_eq!(send("eve@evil.example"), Some(Reason::RuleDenied));
    // The same tool again: labels are of the call.
    assert_eq!(send("bob@acme.com"), None);
    let read = json!({"path": "/srv/plan.md"});
    assert_eq!(call(&bench, &token, "files", "read_file", &read), None);
    assert_eq!(last_call(&bench)["rules"], json!(["private"]));
}
