//! What `varictl audit` finds, shows, exports and reports of a real gateway's log, while the
//! gateway writes it and when it has ended.

use std::process::Output;

use serde_json::{Value, json};
use varistor_tests::policy::assert_success;
use varistor_tests::{Driver, PolicyDir, on_both_drivers};

use crate::world::World;

on_both_drivers!(
    records_are_found_while_the_gateway_writes_them,
    a_held_call_is_shown_with_its_approval_and_result,
    exports_and_reports_agree_with_the_log,
);

fn audit(policy: &PolicyDir, given: &[&str]) -> Output {
    let all = [&["audit"], given].concat();
    let output = policy.varictl(&all);
    assert_success(&output, &all.join(" "));
    output
}

fn lines(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).expect("UTF-8");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn records_are_found_while_the_gateway_writes_them(driver: Driver) {
    let world = World::start(driver);
    let (tester, reader) = (world.tester(), world.agent("reader"));
    let mut newest = Vec::new();
    for round in 0..6_u64 {
        let passed = tester.call("read_file", json!({"round": round})).record();
        let denied = reader.call("export_data", json!({"round": round})).record();
        let found = lines(&audit(
            &world.policy,
            &[
                "query",
                "--json",
                "--agent",
                "acme/reader",
                "--decision",
                "deny",
                "--limit",
                "3",
            ],
        ));
        newest.insert(0, denied.expect("a record"));
        newest.truncate(3);
        let seqs: Vec<u64> = found
            .iter()
            .map(|line| line["seq"].as_u64().expect("a number"))
            .collect();
        assert_eq!(seqs, newest);
        let text = format!("\"round\":{round}}}");
        let both = lines(&audit(&world.policy, &["query", "--json", "--text", &text]));
        assert_eq!(both.len(), 2, "{both:?}");
        assert_eq!(both[1]["seq"].as_u64(), passed);
    }
    let none = audit(
        &world.policy,
        &["query", "--json", "--since", "2h", "--agent", "careful"],
    );
    assert!(none.stdout.is_empty());
    world.end();
}

fn a_held_call_is_shown_with_its_approval_and_result(driver: Driver) {
    let world = World::start(driver);
    let careful = world.agent("careful");
    let arguments = json!({"path": "/tmp/a"});
    let held = careful.call("delete_file", arguments.clone());
    let id = held.json()["result"]["_meta"]["varistor/approval"]
        .as_str()
        .expect("an id")
        .to_owned();
    let approved = world
        .policy
        .varictl(&["approvals", "approve", &id, "--by", "ann"]);
    assert_success(&approved, "approvals approve");
    let released = careful
        .call("delete_file", arguments)
        .record()
        .expect("a record");
    let show = |seq: u64| audit(&world.policy, &["show", &seq.to_string(), "--json"]);
    // The result is in the log within moments of its answer.
    let mut shown = json(&show(released));
    for _ in 0..600 {
        if !shown["result"].is_null() {
            break;
        }
        std::thread::yield_now();
        shown = json(&show(released));
    }
    assert_eq!(shown["record"]["decision"], "allow");
    assert_eq!(shown["result"]["status"], "ok", "{shown:#}");
    let kinds: Vec<&Value> = shown["approval"]
        .as_array()
        .expect("lines")
        .iter()
        .map(|line| &line["kind"])
        .collect();
    assert_eq!(kinds, ["call", "approval"]);
    assert_eq!(shown["approval"][1]["details"]["by"], "ann");
    let first = json(&show(held.record().expect("a record")));
    assert_eq!(
        (&first["record"]["decision"], &first["result"]),
        (&json!("hold"), &Value::Null)
    );
    let told = audit(&world.policy, &["show", &released.to_string()]);
    let told = String::from_utf8(told.stdout).expect("UTF-8");
    assert!(
        told.contains("approve by ann") && told.contains("result      ok"),
        "{told}"
    );
    world.end();
}

fn exports_and_reports_agree_with_the_log(driver: Driver) {
    let world = World::start(driver);
    let (tester, reader) = (world.tester(), world.agent("reader"));
    let session = tester.initialize();
    for round in 0..15 {
        tester.call("read_file", json!({"round": round}));
        reader.call("export_data", json!({"note": "=1+1", "round": round}));
        session.call("read_file", json!({}));
    }
    world.agent("careful").call("delete_file", json!({}));
    let killed = world
        .policy
        .varictl(&["kill", "--agent", "acme/other", "--reason", "test"]);
    assert_success(&killed, "kill");
    let World {
        gateway, policy, ..
    } = world;
    gateway.stop();
    policy.verify_audit();
    let records = policy.records();
    let of = |kind: &str| {
        records
            .iter()
            .filter(|record| record["kind"] == kind)
            .count()
    };
    let (calls, results) = (of("call"), of("result"));

    let exported = audit(&policy, &["export"]);
    assert_eq!(lines(&exported), records);
    let table = audit(&policy, &["export", "--format", "csv"]);
    let table = String::from_utf8(table.stdout).expect("UTF-8");
    assert_eq!(table.matches("\r\n").count(), 1 + records.len() - results);
    let events = lines(&audit(&policy, &["export", "--format", "ocsf"]));
    assert_eq!(events.len(), calls);
    let successes = events
        .iter()
        .filter(|event| event["status_id"] == 1)
        .count();
    let good = records
        .iter()
        .filter(|record| record["status"] == "ok" || record["status"] == "closed");
    assert_eq!(successes, good.count());

    let report = json(&audit(&policy, &["report", "--json"]));
    let decided = |decision: &str| {
        records
            .iter()
            .filter(|record| record["decision"] == decision)
            .count()
    };
    for decision in ["allow", "redact", "hold", "deny"] {
        assert_eq!(
            report["decisions"][decision],
            json!(decided(decision)),
            "{decision}"
        );
    }
    assert_eq!(report["records"], json!(records.len()));
    assert_eq!(report["integrity"]["chained"], json!(records.len() - 1));
    assert_eq!(report["integrity"]["broken"], 0);
    assert_eq!(report["kills"]["count"], 1);
    assert_eq!(report["gap_count"], 0);
    assert!(decided("hold") == 1 && decided("deny") >= 15, "{report:#}");
}
