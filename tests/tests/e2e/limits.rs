//! Budgets are exact, whichever worker a call reaches, and say when they free.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use serde_json::json;
use varistor_tests::{Agent, Driver, Upstream, on_both_drivers};

use crate::world::{Extra, World};

on_both_drivers!(
    ten_an_hour_is_ten_exact_across_cores,
    the_strictest_limit_wins,
    a_tokens_own_limit_is_shared_with_what_was_narrowed_from_it,
    a_limit_survives_a_new_snapshot,
);

const AGENTS: &str = "      hourly: { roles: [everything], limits: { calls: 10/hour } }
      wide: { roles: [everything], limits: { calls: 1000/hour } }";

fn world(driver: Driver) -> World {
    let extra = Extra {
        top: "limits:\n  - { tool: \"alpha/read_*\", calls: 3/hour, per: agent }\n",
        agents: AGENTS,
        ..Extra::default()
    };
    World::around(driver, Upstream::start(), extra)
}

/// How many of so many calls, made at once on fresh connections, were forwarded.
fn passed(agent: &Agent, tool: &str, calls: usize) -> usize {
    let count = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..calls / 8 {
                    if agent.call(tool, json!({})).is_good_call() {
                        count.fetch_add(1, Ordering::Relaxed);
                    }
                }
            });
        }
    });
    count.into_inner()
}

fn ten_an_hour_is_ten_exact_across_cores(driver: Driver) {
    let world = world(driver);
    let agent = world.agent("hourly");
    assert_eq!(passed(&agent, "write_file", 160), 10);
    assert_eq!(world.upstream.calls(), 10);
    let refused = agent.call("write_file", json!({})).json();
    let text = refused["result"]["content"][0]["text"]
        .as_str()
        .unwrap_or_default();
    assert_eq!(refused["result"]["isError"], json!(true), "{refused}");
    assert!(text.contains("limit"), "{text}");
    assert!(
        text.chars().any(|c| c.is_ascii_digit()),
        "when to come back? {text}"
    );
    world.end();
}

fn the_strictest_limit_wins(driver: Driver) {
    let world = world(driver);
    let agent = world.agent("wide");
    assert_eq!(passed(&agent, "read_file", 40), 3);
    assert_eq!(passed(&agent, "write_file", 40), 40);
    assert_eq!(passed(&world.agent("other"), "read_file", 40), 3);
    world.end();
}

fn a_tokens_own_limit_is_shared_with_what_was_narrowed_from_it(driver: Driver) {
    let world = world(driver);
    let token = world
        .policy
        .token_with("wide", &["--ttl", "1h", "--limit", "5/hour"]);
    let narrowed = world
        .policy
        .varictl(&["token", "attenuate", &token, "--tools", "alpha/*"]);
    let child = String::from_utf8(narrowed.stdout)
        .expect("a token")
        .trim()
        .to_owned();
    assert_eq!(passed(&world.holder(&token), "write_file", 16), 5);
    assert_eq!(passed(&world.holder(&child), "write_file", 16), 0);
    assert_eq!(passed(&world.agent("wide"), "write_file", 16), 16);
    world.end();
}

fn a_limit_survives_a_new_snapshot(driver: Driver) {
    let world = world(driver);
    let agent = world.agent("hourly");
    assert_eq!(passed(&agent, "write_file", 16), 10);
    world.policy.push();
    assert_eq!(passed(&agent, "write_file", 16), 0);
    world.end();
}
