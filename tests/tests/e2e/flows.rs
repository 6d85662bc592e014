//! The lethal trifecta through the built programs: in every order, across servers, connections and
//! workers; racing calls; what the model and the record are told.

use std::thread;

use serde_json::{Value, json};
use varistor_tests::{Agent, Driver, Gateway, PolicyDir, Upstream, on_both_drivers};

use crate::world::{Extra, World, policy_before};

on_both_drivers!(
    the_third_leg_is_held_in_every_order_across_connections_and_cores,
    of_racing_calls_that_complete_it_one_kind_passes,
    a_released_call_passes_once_and_the_next_one_asks_again,
);

/// More than workers, so that each of them is asked.
const CONNECTIONS: usize = 8;

/// Two servers: `beta` takes in what outsiders write, and sends outside.
fn start(driver: Driver) -> World {
    let upstream = Upstream::start();
    let text = policy_before(&upstream.url(), Extra::default());
    let url = upstream.url();
    let text = text.replace(
        &format!("beta: {{ url: \"{url}\""),
        &format!(
            "beta: {{ url: \"{url}\", tools: {{ \"take_*\": {{ labels: [untrusted-in] }}, \
             \"out_*\": {{ intent: write, labels: [external-out] }} }}"
        ),
    );
    let policy = PolicyDir::new(&text);
    policy.compile();
    World {
        gateway: Gateway::start(&policy, driver),
        policy,
        upstream,
    }
}

/// One leg: private data by what the tool is called, the others by the operator's word.
fn leg([alpha, beta]: &[Agent; 2], leg: usize) -> Value {
    match leg {
        0 => alpha
            .call("read_file", json!({"path": "/srv/plan.md"}))
            .json(),
        1 => beta.call("take_page", json!({})).json(),
        _ => beta.call("out_note", json!({"text": "hi"})).json(),
    }
}

fn reason(answer: &Value) -> &str {
    answer["result"]["_meta"]["varistor/reason"]
        .as_str()
        .unwrap_or("none")
}

fn the_third_leg_is_held_in_every_order_across_connections_and_cores(driver: Driver) {
    let world = start(driver);
    let orders = [
        [0, 1, 2],
        [0, 2, 1],
        [1, 0, 2],
        [1, 2, 0],
        [2, 0, 1],
        [2, 1, 0],
    ];
    for [one, two, three] in orders {
        let agent = world.pair();
        assert_eq!(reason(&leg(&agent, one)), "none");
        assert_eq!(reason(&leg(&agent, two)), "none");
        let calls = world.upstream.calls();
        for _ in 0..CONNECTIONS {
            let told = leg(&agent, three);
            assert_eq!(reason(&told), "held");
            let text = told["result"]["content"][0]["text"].as_str();
            let text = text.expect("a sentence");
            assert!(
                text.contains("read private data and content that"),
                "{text}"
            );
        }
        assert_eq!(world.upstream.calls(), calls, "a held call costs nothing");
        assert_eq!(reason(&leg(&agent, one)), "none");
    }
    let records = world.records();
    let held: Vec<_> = records
        .iter()
        .filter(|record| record["rule"] == "lethal trifecta")
        .collect();
    assert_eq!(held.len(), orders.len() * CONNECTIONS);
    for record in held {
        assert_eq!(record["decision"], "hold");
        assert_eq!(record["flow"].as_array().map(Vec::len), Some(1));
    }
}

fn of_racing_calls_that_complete_it_one_kind_passes(driver: Driver) {
    let world = start(driver);
    for _ in 0..20 {
        let agent = world.pair();
        assert_eq!(reason(&leg(&agent, 0)), "none");
        let racing: Vec<_> = [1, 2]
            .into_iter()
            .map(|number| {
                let agent = agent.clone();
                thread::spawn(move || reason(&leg(&agent, number)) == "none")
            })
            .collect();
        let passed = racing
            .into_iter()
            .map(|one| usize::from(one.join().expect("answers")))
            .sum::<usize>();
        assert_eq!(passed, 1);
    }
    world.end();
}

fn a_released_call_passes_once_and_the_next_one_asks_again(driver: Driver) {
    let world = start(driver);
    let agent = world.pair();
    assert_eq!(reason(&leg(&agent, 0)), "none");
    assert_eq!(reason(&leg(&agent, 1)), "none");
    let held = leg(&agent, 2);
    assert_eq!(reason(&held), "held");
    let id = held["result"]["_meta"]["varistor/approval"]
        .as_str()
        .expect("an approval");
    let output = world
        .policy
        .varictl(&["approvals", "approve", id, "--by", "ann"]);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(reason(&leg(&agent, 2)), "none");
    assert_eq!(reason(&leg(&agent, 2)), "held");
    // What it has read goes on; only what leaves is asked about.
    assert_eq!(reason(&leg(&agent, 0)), "none");
    assert_eq!(reason(&leg(&agent, 1)), "none");
    world.end();
}
