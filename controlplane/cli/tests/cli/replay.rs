//! `varictl replay`: a log that was written under one policy, judged by another one.

use serde_json::{Value, json};
use varistor_audit::{CallRecord, Chain, Found, Params};
use varistor_model::{Decision, DlpAction, Intent, Method, Reason, Span, TokenId};

use crate::program::Place;

const TIME: u64 = 1_795_432_953_000_000_000;
const MINUTE: u64 = 60_000_000_000;
const REPLAY: [&str; 3] = ["replay", "--log", "log"];

/// A recorded call of `tools/call`, which is allowed unless something else is said.
#[derive(Clone)]
struct Call {
    token: u8,
    agent: &'static str,
    method: &'static str,
    tool: &'static str,
    arguments: Value,
    masked: bool,
    omitted: bool,
    decision: Decision,
    reason: Option<Reason>,
    rule: &'static str,
    found: Option<DlpAction>,
}

fn call(tool: &'static str) -> Call {
    Call {
        token: 1,
        agent: "my-agent",
        method: "tools/call",
        tool,
        arguments: json!({}),
        masked: false,
        omitted: false,
        decision: Decision::Allow,
        reason: None,
        rule: "",
        found: None,
    }
}

fn refused(tool: &'static str, decision: Decision, reason: Reason) -> Call {
    Call {
        decision,
        reason: Some(reason),
        ..call(tool)
    }
}

impl Call {
    fn tail(&self) -> Vec<u8> {
        let params = match self.method {
            "resources/read" => json!({"uri": self.tool}),
            _ => json!({"name": self.tool, "arguments": self.arguments}),
        };
        let params = params.to_string();
        let (none, one) = ([], self.found.map(|action| [found(action)]));
        let mut tail = Vec::new();
        let record = CallRecord {
            token: Some(TokenId([self.token; 16])),
            organisation: "my-org",
            agent: self.agent,
            outside: None,
            session: None,
            client: "127.0.0.1:50000",
            server: "example",
            method: self.method,
            subject: Method::named(self.method.as_bytes()).subject(),
            name: self.tool,
            id: b"1",
            params: match (self.omitted, self.masked) {
                (true, _) => Params::Omitted("policy"),
                (_, true) => Params::Masked(params.as_bytes()),
                _ => Params::Whole(params.as_bytes()),
            },
            intent: Some((Intent::Read, 90, &["verb"])),
            findings: match &one {
                Some(one) => one,
                None => &none,
            },
            restored: None,
            decision: self.decision,
            reason: self.reason,
            rule: self.rule,
            approval: None,
            ruled: None,
            generation: 1,
        };
        record.write(&mut tail);
        tail
    }
}

fn found(action: DlpAction) -> Found<'static> {
    Found {
        entity: "email",
        message: None,
        place: Span { start: 1, end: 2 },
        action,
        confidence: 90,
    }
}

/// A place whose `./log` has these calls, a minute apart, in segments of two records.
fn with_log(calls: &[Call]) -> Place {
    let place = Place::with_policy();
    std::fs::create_dir(place.root().join("log")).unwrap();
    let mut chain = Chain::genesis();
    for (segment, calls) in calls.chunks(2).enumerate() {
        let mut bytes = Vec::new();
        for (index, call) in calls.iter().enumerate() {
            let seq = (segment * 2 + index) as u64;
            chain.next_line(TIME + seq * MINUTE, &call.tail(), &mut bytes);
        }
        std::fs::write(path(&place, segment * 2), bytes).unwrap();
    }
    place
}

fn path(place: &Place, first: usize) -> std::path::PathBuf {
    place.root().join(format!("log/{first:020}.jsonl"))
}

#[track_caller]
fn answer(place: &Place, status: i32) -> Value {
    let run = place.run(&[&REPLAY[..], &["--json"]].concat());
    run.ended(status).json()
}

fn rules(place: &Place, text: &str) {
    std::fs::write(place.file("own.rules"), text).unwrap();
}

#[test]
fn the_policy_that_decided_changes_nothing() {
    let place = with_log(&[
        call("get_item"),
        refused("delete_item", Decision::Hold, Reason::Held),
        refused("export_customers", Decision::Deny, Reason::ToolUnknown),
        refused("get_item", Decision::Deny, Reason::LimitAgent),
        refused("get_item", Decision::Deny, Reason::TokenExpired),
    ]);
    let said = answer(&place, 0);
    assert_eq!(
        (&said["calls"], &said["same"], &said["changed"]),
        (&json!(5), &json!(3), &json!(0)),
        "{said}"
    );
    assert_eq!(said["skipped"]["limit"], 1);
    assert_eq!(said["skipped"]["early"], 1);
    assert_eq!(said["changes"], json!([]));
    let told = place.run(&REPLAY).ended(0);
    assert!(told.out.starts_with("5 calls: 3 the same, 0 changed\n"));
    assert!(told.out.contains("1 refused by a limit"), "{}", told.out);
    assert!(told.err.is_empty(), "{}", told.err);
}

#[test]
fn a_stricter_rule_is_named_with_agent_and_tool() {
    let place = with_log(&[
        call("get_item"),
        call("get_order"),
        Call {
            arguments: json!({"secret": "kept back"}),
            ..call("get_item")
        },
    ]);
    rules(
        &place,
        r#"RULE "no items" IF tool.name = "get_item" THEN deny("no")"#,
    );
    let said = answer(&place, 1);
    assert_eq!((&said["same"], &said["changed"]), (&json!(1), &json!(2)));
    let change = &said["changes"][0];
    assert_eq!(
        (&change["before"], &change["after"]),
        (&json!("allow"), &json!("deny"))
    );
    let row = |name: &str| json!([{"name": name, "count": 2, "first": 0, "last": 2}]);
    assert_eq!(change["rules"]["rows"], row("no items"));
    assert_eq!(change["agents"]["rows"], row("my-org/my-agent"));
    assert_eq!(change["tools"]["rows"], row("example/get_item"));
    let told = place.run(&REPLAY).ended(1);
    for part in ["allow -> deny: 2, records 0 to 2", "no items", "BY TOOL"] {
        assert!(told.out.contains(part), "{part}: {}", told.out);
    }
    let lines = place.run(&[&REPLAY[..], &["--changes"]].concat()).ended(1);
    assert!(!lines.out.contains("kept back"), "{}", lines.out);
    let lines: Vec<Value> = lines
        .out
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 2);
    assert_eq!(
        lines[1],
        json!({"seq": 2, "time": "2026-11-23T11:24:33.000000000Z", "agent": "my-org/my-agent",
            "server": "example", "tool": "get_item", "masked": false,
            "before": {"decision": "allow", "reason": null, "rule": null},
            "after": {"decision": "deny", "reason": "rule_denied", "rule": "no items"}})
    );
}

#[test]
fn a_milder_policy_is_told_by_what_no_longer_holds() {
    let place = with_log(&[Call {
        rule: "old",
        ..refused("get_item", Decision::Deny, Reason::RuleDenied)
    }]);
    let change = &answer(&place, 1)["changes"][0];
    assert_eq!(
        (&change["before"], &change["after"]),
        (&json!("deny"), &json!("allow"))
    );
    assert_eq!(change["rules"]["rows"][0]["name"], "old");
}

#[test]
fn an_agent_that_is_gone_is_denied() {
    let place = with_log(&[Call {
        agent: "gone",
        ..call("get_item")
    }]);
    let change = &answer(&place, 1)["changes"][0];
    assert_eq!(change["after"], "deny");
    assert_eq!(change["rules"]["rows"][0]["name"], "agent_unknown");
    assert_eq!(change["agents"]["rows"][0]["name"], "my-org/gone");
}

#[test]
fn masked_parameters_are_judged_as_they_stand_and_omitted_ones_are_not() {
    let masked = |decision, reason, action| Call {
        arguments: json!({"to": "[REDACTED:email]"}),
        masked: true,
        decision,
        reason,
        found: Some(action),
        ..call("get_item")
    };
    let place = with_log(&[
        masked(Decision::Allow, None, DlpAction::Log),
        masked(Decision::Redact, None, DlpAction::Redact),
        masked(Decision::Deny, Some(Reason::DlpRefused), DlpAction::Deny),
        Call {
            omitted: true,
            ..call("get_item")
        },
    ]);
    let said = answer(&place, 0);
    assert_eq!((&said["masked"], &said["same"]), (&json!(3), &json!(1)));
    assert_eq!(said["uncertain"], 2, "{said}");
    assert_eq!(said["skipped"]["params_omitted"], 1);
    // What is stricter is stricter whatever the values were.
    rules(
        &place,
        r#"RULE "x" IF tool.name = "get_item" THEN deny("no")"#,
    );
    assert_eq!(answer(&place, 1)["changed"], 3);
}

#[test]
fn a_broken_log_is_a_warning_and_the_rest_is_judged() {
    let place = with_log(&[call("get_item"), call("get_order"), call("get_item")]);
    let first = path(&place, 0);
    let text = std::fs::read_to_string(&first).unwrap();
    let changed = text.replace("get_order", "get_other");
    std::fs::write(&first, format!("{changed}nonsense\n")).unwrap();
    let last = path(&place, 2);
    let mut text = std::fs::read_to_string(&last).unwrap();
    text.push_str("{\"seq\":3,\"ti");
    std::fs::write(&last, text).unwrap();
    let run = place.run(&[&REPLAY[..], &["--json"]].concat()).ended(0);
    assert!(run.err.contains("tampered with"), "{}", run.err);
    let said = run.json();
    assert_eq!((&said["calls"], &said["same"]), (&json!(3), &json!(3)));
    assert_eq!(said["skipped"]["unreadable"], 1, "the torn line is none");
}

#[test]
fn history_is_that_of_the_log_by_token_and_by_time() {
    let of = |token| Call {
        token,
        ..call("get_item")
    };
    let other = vec![call("list_items"); 60];
    let calls = [vec![of(1), of(2), of(1)], other, vec![of(1)]].concat();
    let place = with_log(&calls);
    rules(
        &place,
        r#"RULE "once" IF tool.name = "get_item"
        AND history.count(tool.name = "get_item", within = 1h) > 0 THEN deny("once is enough")"#,
    );
    let change = &answer(&place, 1)["changes"][0];
    let only = json!([{"name": "once", "count": 1, "first": 2, "last": 2}]);
    assert_eq!(change["rules"]["rows"], only, "{change}");
}

#[test]
fn limits_are_not_used_up() {
    let place = with_log(&vec![call("get_item"); 4]);
    rules(
        &place,
        r#"RULE "few" IF tool.name = "get_item" THEN limit(1/day)"#,
    );
    assert_eq!(answer(&place, 0)["same"], 4);
}

#[test]
fn prompts_and_resources_are_judged_and_other_methods_are_not() {
    let of = |method, tool| Call {
        method,
        ..call(tool)
    };
    let place = with_log(&[
        of("prompts/get", "greet"),
        of("resources/read", "file:///x"),
        of("tools/list", ""),
    ]);
    let said = answer(&place, 0);
    assert_eq!(
        (&said["same"], &said["skipped"]["method"]),
        (&json!(2), &json!(1))
    );
    place.edit(r#"allow: ["example/*"]"#, r#"allow: ["example/get_*"]"#);
    let said = answer(&place, 1);
    let rows = &said["changes"][0]["rules"]["rows"];
    assert_eq!(rows[0]["name"], "prompt_unknown", "{said}");
    assert_eq!(rows[1]["name"], "resource_unknown", "{said}");
}

#[test]
fn the_bounds_leave_out_what_is_before_and_after() {
    let place = with_log(&vec![call("get_item"); 5]);
    let bounds = [
        "--json",
        "--since",
        "2026-11-23T11:23:33Z",
        "--until",
        "2026-11-23T11:25:33Z",
    ];
    let said = place.run(&[&REPLAY[..], &bounds].concat()).ended(0).json();
    assert_eq!(said["calls"], 2, "{said}");
    let none = [&REPLAY[..], &["--json", "--until", "5200w"]].concat();
    assert_eq!(place.run(&none).ended(0).json()["calls"], 0);
}

#[test]
fn wrong_use_and_a_bad_policy_end_with_two() {
    let place = with_log(&[call("get_item")]);
    for arguments in [
        &["replay"][..],
        &["replay", "--log", "missing"],
        &["replay", "--log", "log", "--since", "yesterday"],
        &["replay", "--log", "log", "--since", "1h", "--until", "2h"],
        &["replay", "--log", "log", "--json", "--changes"],
        &["replay", "--log", "log", "--dir", "missing"],
    ] {
        let run = place.run(arguments).ended(2);
        assert!(
            run.out.is_empty() && !run.err.is_empty(),
            "{arguments:?}: {run:?}"
        );
    }
    place.edit("pii: log", "pii: lock");
    let run = place.run(&REPLAY).ended(2);
    assert!(run.err.contains("varistor.yaml:"), "{}", run.err);
}
