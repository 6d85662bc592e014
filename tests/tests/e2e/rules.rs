//! The organisation's rules, from their file to what an agent sees, through the built programs.

use std::thread;

use serde_json::{Value, json};
use varistor_tests::{Agent, Driver, Gateway, PolicyDir, Upstream, on_both_drivers};

use crate::world::{Extra, World, policy_before};

on_both_drivers!(
    the_rules_of_the_design_work_as_written,
    what_was_read_is_remembered_across_servers_connections_and_cores,
    a_limit_of_a_rule_is_exact_across_cores,
    a_rule_ends_a_session,
    a_pushed_rule_holds_at_once_and_history_outlives_the_push,
);

/// As the design writes them; then what the tests need.
const RULES: &str = r##"
RULE "refunds need a human"
IF tool.category = "financial" AND action.type = "destructive"
THEN require_human_approval
 AND notify_channel("slack", "#security-alerts")
 AND log_level("critical")

RULE "nothing leaves after private data was read"
IF (action.type = "exfiltrative" OR tool.tags CONTAINS "external-out")
   AND history.count(action.type = "read" AND tool.tags CONTAINS "private-read", within = 30m) > 0
THEN deny("data read in this session may not leave")

RULE "few"
IF tool.name = "write_few"
THEN limit(20/hour, per = token)

RULE "over"
IF tool.name = "write_over"
THEN end_session
"##;

/// Two servers: `alpha`, whose `read_*` tools read private data, and `beta`, which is financial and
/// whose `send_*` tools send outside.
fn start(driver: Driver) -> World {
    let upstream = Upstream::start();
    let text = policy_before(&upstream.url(), Extra::default());
    let url = upstream.url();
    let text = text.replace(
        &format!("alpha: {{ url: \"{url}\", "),
        &format!("alpha: {{ url: \"{url}\", tools: {{ \"read_*\": {{ tags: [private-read] }} }}, "),
    );
    let text = text.replace(
        &format!("beta: {{ url: \"{url}\""),
        &format!(
            "beta: {{ url: \"{url}\", category: financial, tools: {{ \"send_*\": {{ tags: \
             [external-out] }} }}"
        ),
    );
    let policy = PolicyDir::new(&text);
    std::fs::write(policy.path().join("own.rules"), RULES).expect("a writable folder");
    policy.compile();
    World {
        gateway: Gateway::start(&policy, driver),
        policy,
        upstream,
    }
}

fn reason(answer: &Value) -> &str {
    answer["result"]["_meta"]["varistor/reason"]
        .as_str()
        .unwrap_or("none")
}

fn the_rules_of_the_design_work_as_written(driver: Driver) {
    let world = start(driver);
    let [_, beta] = world.pair();
    let refund = |amount: u32| {
        let arguments = json!({"payment": "p1", "amount": amount, "currency": "EUR"});
        beta.call("create_refund", arguments).json()
    };
    assert_eq!(reason(&refund(50_000)), "held");
    assert_eq!(reason(&refund(20)), "none");
    assert_eq!(world.upstream.calls(), 1);
    let records = world.records();
    let held = records.iter().find(|record| record["reason"] == "held");
    let held = held.expect("a record");
    assert_eq!(held["rule"], "refunds need a human");
    assert_eq!(held["intent"]["type"], "destructive");
    assert_eq!(held["level"], "critical");
    let channel = json!([{"kind": "slack", "name": "#security-alerts"}]);
    assert_eq!(held["notify"], channel);
}

/// More than workers, so that each of them is asked.
const CONNECTIONS: usize = 12;

fn what_was_read_is_remembered_across_servers_connections_and_cores(driver: Driver) {
    let world = start(driver);
    let [alpha, beta] = world.pair();
    let [_, other] = world.pair();
    let send = |agent: &Agent| {
        agent
            .call("send_note", json!({"to": "x", "text": "hi"}))
            .json()
    };
    for _ in 0..CONNECTIONS {
        assert_eq!(reason(&send(&beta)), "none");
    }
    assert!(alpha.call("read_file", json!({"path": "a"})).is_good_call());
    for _ in 0..CONNECTIONS {
        let told = send(&beta);
        assert_eq!(reason(&told), "rule_denied");
        let text = told["result"]["content"][0]["text"]
            .as_str()
            .expect("a sentence");
        assert!(
            text.ends_with("Reason: data read in this session may not leave."),
            "{text}"
        );
        assert_eq!(reason(&send(&other)), "none");
    }
    world.end();
}

fn a_limit_of_a_rule_is_exact_across_cores(driver: Driver) {
    let world = start(driver);
    let [alpha, _] = world.pair();
    let some = || {
        let alpha = alpha.clone();
        thread::spawn(move || {
            let calls = (0..10).map(|_| alpha.call("write_few", json!({})).json());
            calls.filter(|told| reason(told) == "none").count()
        })
    };
    let running: Vec<_> = (0..6).map(|_| some()).collect();
    let passed: usize = running
        .into_iter()
        .map(|one| one.join().expect("answers"))
        .sum();
    assert_eq!(passed, 20);
    let told = alpha.call("write_few", json!({})).json();
    assert_eq!(reason(&told), "limit_rule");
    world.end();
}

fn a_rule_ends_a_session(driver: Driver) {
    let world = start(driver);
    let [alpha, _] = world.pair().map(|agent| agent.initialize());
    assert!(alpha.call("read_file", json!({})).is_good_call());
    assert!(alpha.call("write_over", json!({})).is_good_call());
    for _ in 0..CONNECTIONS {
        assert_eq!(alpha.call("read_file", json!({})).status(), 404);
    }
    let again = alpha.agent.initialize();
    assert!(again.call("read_file", json!({})).is_good_call());
    let records = world.records();
    let ended = records
        .iter()
        .filter(|record| record["session_ended"] == true);
    assert_eq!(ended.count(), 1);
}

fn a_pushed_rule_holds_at_once_and_history_outlives_the_push(driver: Driver) {
    let world = start(driver);
    let [alpha, beta] = world.pair();
    assert!(alpha.call("read_file", json!({})).is_good_call());
    let more = format!("{RULES}\nRULE \"no\" IF tool.name = \"write_x\" THEN deny\n");
    std::fs::write(world.policy.path().join("own.rules"), more).expect("a writable folder");
    assert!(alpha.call("write_x", json!({})).is_good_call());
    world.policy.push();
    assert_eq!(
        reason(&alpha.call("write_x", json!({})).json()),
        "rule_denied"
    );
    assert_eq!(
        reason(&beta.call("send_x", json!({})).json()),
        "rule_denied"
    );
    world.end();
}
