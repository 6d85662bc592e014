//! Calls that wait for a human, from the agent to the people who decide, through the built
//! programs.

use std::thread;

use serde_json::{Value, json};
use varistor_tests::{
    Agent, Answer, Driver, Gateway, PolicyDir, Upstream, on_both_drivers, policy, sse,
};

use crate::world::{Extra, World, policy_text};

on_both_drivers!(
    an_approved_call_passes_once_and_only_as_it_was,
    of_many_replays_at_once_exactly_one_passes,
    a_refused_call_stays_refused,
    a_client_that_waits_gets_the_answer_of_its_call,
    a_client_that_waits_hears_of_a_refusal,
    nobody_decides_in_time,
    two_people_must_approve,
    an_agent_may_be_given_a_tool_for_a_time,
    approvals_survive_a_restart_and_pass_once_all_the_same,
    a_call_that_waits_is_judged_anew_by_another_policy,
    another_policy_asks_again,
    a_modern_client_is_asked_to_show_the_page,
    waiting_uses_no_budget_up,
);

const TOLD_AT_ONCE: &str = "approvals: { wait: none }";

fn world(driver: Driver, top: &str) -> World {
    let extra = Extra {
        top,
        ..Extra::default()
    };
    World::around(driver, Upstream::start(), extra)
}

/// Calls what needs approval.
fn delete(agent: &Agent, number: u32) -> Answer {
    agent.call("delete_file", json!({"path": "/tmp/a", "number": number}))
}

fn reason(answer: &Answer) -> String {
    let answer = answer.json();
    let reason = &answer["result"]["_meta"]["varistor/reason"];
    reason.as_str().unwrap_or("none").to_owned()
}

fn approval(answer: &Answer) -> String {
    let answer = answer.json();
    let id = &answer["result"]["_meta"]["varistor/approval"];
    id.as_str()
        .unwrap_or_else(|| panic!("no approval in {answer}"))
        .to_owned()
}

/// What `varictl approvals …` answers with `--json`.
fn varictl(policy: &PolicyDir, given: &[&str]) -> Value {
    let all = [&["approvals"], given, &["--json"]].concat();
    let output = policy.varictl(&all);
    policy::assert_success(&output, &all.join(" "));
    serde_json::from_slice(&output.stdout).expect("JSON")
}

/// What it says when it refuses.
fn refused(policy: &PolicyDir, given: &[&str]) -> String {
    let output = policy.varictl(&[&["approvals"], given].concat());
    assert!(!output.status.success(), "{given:?}");
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn approve(policy: &PolicyDir, id: &str, by: &str) {
    varictl(policy, &["approve", id, "--by", by]);
}

/// The one call that waits, as soon as it does.
pub(crate) fn waiting(gateway: &Gateway) -> Value {
    for _ in 0..3000 {
        let all = gateway.admin("GET", "/v1/approvals", &[]).json();
        let calls = all["approvals"].as_array().expect("a list");
        if let Some(call) = calls.iter().find(|call| call["state"] == "pending") {
            return call.clone();
        }
        thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("no call waits");
}

fn an_approved_call_passes_once_and_only_as_it_was(driver: Driver) {
    let world = world(driver, TOLD_AT_ONCE);
    let agent = world.agent("careful");
    let held = delete(&agent, 1);
    assert_eq!(reason(&held), "held");
    let id = approval(&held);
    // The same call again waits under the same name.
    assert_eq!(approval(&delete(&agent, 1)), id);
    let shown = varictl(&world.policy, &["show", &id[..8]]);
    assert_eq!(shown["tool"], "delete_file");
    assert_eq!(shown["agent"], "careful");
    assert_eq!(shown["intent"], "destructive");
    let arguments = shown["arguments"].as_str().expect("text");
    assert!(arguments.contains(r#""path":"/tmp/a""#), "{arguments}");
    let listed = varictl(&world.policy, &["list"]);
    assert_eq!(listed["approvals"].as_array().map(Vec::len), Some(1));
    assert_eq!(world.upstream.calls(), 0);
    approve(&world.policy, &id, "ann");
    // Another argument, another agent, another token of the same agent: other calls.
    assert_eq!(reason(&delete(&agent, 2)), "held");
    assert_eq!(reason(&delete(&world.agent("careful"), 1)), "held");
    assert_eq!(world.upstream.calls(), 0);
    // The order of keys and blanks change nothing.
    let spelled = json!({"number": 1, "path": "/tmp/a"});
    let passed = agent.call("delete_file", spelled);
    assert_eq!(reason(&passed), "none");
    assert_eq!(world.upstream.calls(), 1);
    let again = delete(&agent, 1);
    assert_eq!(reason(&again), "held");
    assert_ne!(approval(&again), id);
    let records = world.records();
    let of = |id: &str| {
        records
            .iter()
            .filter(move |record| record["approval"] == id)
            .collect()
    };
    let calls: Vec<&Value> = of(&id);
    let decisions: Vec<&str> = calls
        .iter()
        .filter_map(|row| row["decision"].as_str())
        .collect();
    assert_eq!(decisions, ["hold", "hold", "allow"]);
    let decided = records.iter().find(|record| record["kind"] == "approval");
    let decided = &decided.expect("a record of the decision")["details"];
    assert_eq!(
        *decided,
        json!({"approval": id, "decision": "approve", "by": "ann"})
    );
}

fn of_many_replays_at_once_exactly_one_passes(driver: Driver) {
    const THREADS: usize = 10;
    const REPLAYS: usize = 100;
    let world = world(driver, TOLD_AT_ONCE);
    let agent = world.agent("careful");
    let id = approval(&delete(&agent, 1));
    approve(&world.policy, &id, "ann");
    let passed: usize = thread::scope(|scope| {
        let replay = || {
            let mut connection = agent.connect();
            let params =
                json!({"name": "delete_file", "arguments": {"path": "/tmp/a", "number": 1}});
            let request = agent.modern(1, "tools/call", params);
            let answers = (0..REPLAYS).map(|_| connection.exchange(&request));
            answers.filter(Answer::is_good_call).count()
        };
        let threads: Vec<_> = (0..THREADS).map(|_| scope.spawn(replay)).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .sum()
    });
    assert_eq!((passed, world.upstream.calls()), (1, 1));
    world.end();
}

fn a_refused_call_stays_refused(driver: Driver) {
    let world = world(driver, TOLD_AT_ONCE);
    let agent = world.agent("careful");
    let id = approval(&delete(&agent, 1));
    varictl(
        &world.policy,
        &["deny", &id, "--by", "ann", "--note", "not today"],
    );
    assert_eq!(reason(&delete(&agent, 1)), "approval_denied");
    let late = refused(&world.policy, &["approve", &id, "--by", "bob"]);
    assert!(late.contains("refused this call already"), "{late}");
    assert_eq!(world.upstream.calls(), 0);
    world.end();
}

/// The answer of an event stream that a waiting client got.
fn last_event(answer: &Answer) -> Value {
    assert_eq!(
        answer.field("content-type"),
        Some("text/event-stream"),
        "{answer:?}"
    );
    let events = sse::events(&String::from_utf8_lossy(&answer.body));
    let last = events.iter().rev().find(|event| !event.data.is_empty());
    serde_json::from_str(&last.expect("an event").data).expect("JSON")
}

fn a_client_that_waits_gets_the_answer_of_its_call(driver: Driver) {
    let world = world(driver, "approvals: { wait: 30s }");
    let agent = world.agent("careful");
    let modern = thread::spawn({
        let agent = agent.clone();
        move || delete(&agent, 1)
    });
    let id = waiting(&world.gateway)["id"].clone();
    approve(&world.policy, id.as_str().expect("an id"), "ann");
    let answer = last_event(&modern.join().expect("no panic"));
    assert_eq!(
        (&answer["id"], &answer["result"]["isError"]),
        (&json!(1), &json!(false))
    );
    let session = agent.initialize();
    let legacy = thread::spawn(move || session.call("delete_file", json!({"path": "/tmp/b"})));
    let id = waiting(&world.gateway)["id"].clone();
    approve(&world.policy, id.as_str().expect("an id"), "ann");
    let answer = last_event(&legacy.join().expect("no panic"));
    assert_eq!(answer["result"]["isError"], json!(false));
    assert_eq!(world.upstream.calls(), 2);
    let left = world.gateway.status()["approvals"].clone();
    assert_eq!(
        left,
        json!({"pending": 0, "decided": 0, "windows": 0, "waiters": 0})
    );
    world.end();
}

fn a_client_that_waits_hears_of_a_refusal(driver: Driver) {
    let world = world(driver, "approvals: { wait: 30s }");
    let agent = world.agent("careful");
    let call = thread::spawn(move || delete(&agent, 1));
    let id = waiting(&world.gateway)["id"].clone();
    varictl(
        &world.policy,
        &["deny", id.as_str().expect("an id"), "--by", "ann"],
    );
    let answer = last_event(&call.join().expect("no panic"));
    assert_eq!(
        answer["result"]["_meta"]["varistor/reason"],
        "approval_denied"
    );
    assert_eq!(world.upstream.calls(), 0);
    world.end();
}

fn nobody_decides_in_time(driver: Driver) {
    let world = world(driver, "approvals: { wait: 30s, expiry: 1s }");
    let agent = world.agent("careful");
    let answer = last_event(&delete(&agent, 1));
    assert_eq!(
        answer["result"]["_meta"]["varistor/reason"],
        "approval_expired"
    );
    let left = varictl(&world.policy, &["list"]);
    assert_eq!(left, json!({"approvals": [], "windows": []}));
    let World {
        gateway,
        policy,
        upstream,
    } = world;
    assert_eq!(upstream.calls(), 0);
    gateway.stop();
    let records = policy.records();
    let expired = records.iter().find(|record| record["kind"] == "approval");
    assert_eq!(expired.expect("a record")["details"]["decision"], "expire");
}

fn two_people_must_approve(driver: Driver) {
    let top = "approvals: { wait: none, tools: [{ tool: \"alpha/delete_*\", quorum: 2 }] }";
    let world = world(driver, top);
    let agent = world.agent("careful");
    let id = approval(&delete(&agent, 1));
    approve(&world.policy, &id, "ann");
    assert_eq!(reason(&delete(&agent, 1)), "held");
    let twice = refused(&world.policy, &["approve", &id, "--by", "ann"]);
    assert!(twice.contains("another one is needed"), "{twice}");
    approve(&world.policy, &id, "bob");
    assert_eq!(reason(&delete(&agent, 1)), "none");
    world.end();
}

fn an_agent_may_be_given_a_tool_for_a_time(driver: Driver) {
    let world = world(driver, "approvals: { wait: none, window: 30m }");
    let agent = world.agent("careful");
    let id = approval(&delete(&agent, 1));
    let long = refused(
        &world.policy,
        &["approve", &id, "--by", "ann", "--for", "2h"],
    );
    assert!(long.contains("at most 30 minutes"), "{long}");
    varictl(
        &world.policy,
        &["approve", &id, "--by", "ann", "--for", "20m"],
    );
    for number in 1..5 {
        assert_eq!(reason(&delete(&agent, number)), "none");
    }
    let other = agent.call("remove_user", json!({"id": 7}));
    assert_eq!(reason(&other), "held");
    world.end();
}

fn approvals_survive_a_restart_and_pass_once_all_the_same(driver: Driver) {
    let world = world(driver, TOLD_AT_ONCE);
    let token = world.policy.token("careful");
    let agent = world.holder(&token);
    let (first, second) = (approval(&delete(&agent, 1)), approval(&delete(&agent, 2)));
    let third = approval(&delete(&agent, 3));
    for id in [&first, &second] {
        approve(&world.policy, id, "ann");
    }
    assert_eq!(reason(&delete(&agent, 1)), "none");
    let World {
        gateway,
        policy,
        upstream,
    } = world;
    gateway.stop();
    let gateway = Gateway::start(&policy, driver);
    let agent = Agent::new(gateway.address(), "alpha", &token);
    // Used before, approved before, waiting before.
    assert_eq!(reason(&delete(&agent, 1)), "held");
    assert_eq!(reason(&delete(&agent, 2)), "none");
    assert_eq!(approval(&delete(&agent, 3)), third);
    approve(&policy, &third, "bob");
    assert_eq!(reason(&delete(&agent, 3)), "none");
    assert_eq!(upstream.calls(), 3);
    gateway.stop();
    policy.verify_audit();
}

fn another_policy_asks_again(driver: Driver) {
    let world = world(driver, TOLD_AT_ONCE);
    let agent = world.agent("careful");
    let id = approval(&delete(&agent, 1));
    approve(&world.policy, &id, "ann");
    let extra = Extra {
        top: "approvals: { wait: none, expiry: 1h }",
        ..Extra::default()
    };
    world.policy.write(&policy_text(&world.upstream, extra));
    world.policy.push();
    let again = delete(&agent, 1);
    assert_eq!(reason(&again), "held");
    assert_ne!(approval(&again), id);
    assert_eq!(world.upstream.calls(), 0);
    world.end();
}

fn a_call_that_waits_is_judged_anew_by_another_policy(driver: Driver) {
    let world = world(driver, "approvals: { wait: 30s }");
    let agent = world.agent("careful");
    let call = thread::spawn({
        let agent = agent.clone();
        move || delete(&agent, 1)
    });
    let former = waiting(&world.gateway)["id"].clone();
    let extra = Extra {
        top: "approvals: { wait: 30s, expiry: 1h }",
        ..Extra::default()
    };
    world.policy.write(&policy_text(&world.upstream, extra));
    world.policy.push();
    let meta = last_event(&call.join().expect("no panic"))["result"]["_meta"].clone();
    assert_eq!(meta["varistor/reason"], "held");
    assert_ne!(meta["varistor/approval"], former);
    approve(
        &world.policy,
        meta["varistor/approval"].as_str().expect("an id"),
        "ann",
    );
    assert!(delete(&agent, 1).is_good_call());
    assert_eq!(world.upstream.calls(), 1);
    world.end();
}

fn a_modern_client_is_asked_to_show_the_page(driver: Driver) {
    let world = world(
        driver,
        "approvals: { wait: none, page: \"https://ok.example\" }",
    );
    let agent = world.agent("careful");
    let arguments = json!({"path": "/tmp/a", "number": 1});
    let call = |mut params: Value| {
        params["name"] = json!("delete_file");
        params["arguments"] = arguments.clone();
        let body = String::from_utf8(agent.modern(7, "tools/call", params)).expect("text");
        // As a client that can show pages.
        let can = body.replace(
            r#""io.modelcontextprotocol/clientCapabilities":{}"#,
            r#""io.modelcontextprotocol/clientCapabilities":{"elicitation":{"url":{}}}"#,
        );
        let (head, body) = can.split_once("\r\n\r\n").expect("a head");
        let length = head.lines().find(|line| line.starts_with("Content-Length"));
        let head = head.replace(
            length.expect("a length"),
            &format!("Content-Length: {}", body.len()),
        );
        agent
            .connect()
            .exchange(format!("{head}\r\n\r\n{body}").as_bytes())
    };
    let asked = call(json!({})).json();
    assert_eq!(asked["result"]["resultType"], "input_required", "{asked}");
    let input = &asked["result"]["inputRequests"]["varistor_approval"];
    assert_eq!(input["method"], "elicitation/create");
    let id = asked["result"]["_meta"]["varistor/approval"]
        .as_str()
        .expect("an id");
    let url = format!("https://ok.example/approvals/{id}");
    assert_eq!(input["params"]["url"], url.as_str());
    assert_eq!(input["params"]["mode"], "url");
    let answered = json!({"inputResponses": {"varistor_approval": {"action": "accept"}}});
    // Nobody has decided yet: the client is not asked twice.
    let early = call(answered.clone());
    assert_eq!(
        (reason(&early), approval(&early)),
        ("held".to_owned(), id.to_owned())
    );
    assert!(early.text().contains(&url), "{early:?}");
    approve(&world.policy, id, "ann");
    assert_eq!(reason(&call(answered)), "none");
    let seen = world.upstream.seen();
    let body = seen.last().expect("a call").json();
    assert_eq!(body["params"].get("inputResponses"), None, "{body}");
    assert_eq!(body["params"]["arguments"], arguments);
    world.end();
}

fn waiting_uses_no_budget_up(driver: Driver) {
    let top = "approvals: { wait: none }\nlimits: [{ tool: \"alpha/delete_file\", calls: 1/hour }]";
    let world = world(driver, top);
    let agent = world.agent("careful");
    let id = approval(&delete(&agent, 1));
    for _ in 0..5 {
        assert_eq!(reason(&delete(&agent, 1)), "held");
    }
    approve(&world.policy, &id, "ann");
    assert_eq!(reason(&delete(&agent, 1)), "none");
    assert_eq!(reason(&delete(&agent, 1)), "limit_tool");
    world.end();
}
