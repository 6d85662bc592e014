//! Every judged call leaves a record, and the answer names it.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use varistor_tests::{Driver, on_both_drivers};

use crate::world::World;

on_both_drivers!(
    every_judged_answer_names_its_record,
    a_denial_is_one_record_and_a_call_is_two
);

fn every_judged_answer_names_its_record(driver: Driver) {
    let world = World::start(driver);
    let (agent, reader) = (world.tester(), world.agent("reader"));
    let session = agent.initialize();
    let answers = [
        agent.call("read_file", json!({"path": "/a"})),
        agent.call("delete_file", json!({})),
        reader.call("delete_file", json!({})),
        reader.call("nothing", json!({})),
        world.agent("careful").call("delete_file", json!({})),
        agent.request(1, "tools/list", json!({})),
        session.call("read_file", json!({})),
        session.request(json!("x"), "tools/list", json!({})),
        world.agent("elsewhere").request(1, "tools/list", json!({})),
    ];
    let mut numbers: Vec<u64> = Vec::new();
    for answer in &answers {
        numbers.push(
            answer
                .record()
                .unwrap_or_else(|| panic!("no record: {answer:?}")),
        );
    }
    let records = world.records();
    for number in numbers {
        let record = find(&records, number);
        assert_eq!(record["kind"], "call", "{record}");
    }
    assert_eq!(records.first().expect("records")["kind"], "start");
    assert_eq!(records.last().expect("records")["kind"], "stop");
}

fn a_denial_is_one_record_and_a_call_is_two(driver: Driver) {
    let world = World::start(driver);
    let (agent, reader) = (world.tester(), world.agent("reader"));
    let mut passed = Vec::new();
    let mut denied = Vec::new();
    for round in 0..20 {
        passed.extend(agent.call("read_file", json!({"round": round})).record());
        denied.extend(reader.call("export_data", json!({"round": round})).record());
    }
    assert_eq!((passed.len(), denied.len()), (20, 20));
    let records = world.records();
    let mut results: BTreeMap<u64, usize> = BTreeMap::new();
    for record in records.iter().filter(|record| record["kind"] == "result") {
        *results
            .entry(record["call"].as_u64().expect("a number"))
            .or_default() += 1;
    }
    for number in passed {
        let record = find(&records, number);
        assert_eq!(record["agent"], "tester");
        assert_eq!(record["tool"], "read_file");
        assert_eq!(record["server"], "alpha");
        assert_eq!(record["decision"], "allow");
        assert!(record["generation"].is_u64());
        assert_eq!(results.get(&number), Some(&1), "results of {number}");
    }
    for number in denied {
        let record = find(&records, number);
        assert_eq!(record["agent"], "reader");
        assert_eq!(record["decision"], "deny");
        assert_eq!(results.get(&number), None, "results of {number}");
    }
}

fn find(records: &[Value], number: u64) -> &Value {
    let found = records.iter().find(|record| record["seq"] == json!(number));
    found.unwrap_or_else(|| panic!("record {number} is not in the log"))
}
