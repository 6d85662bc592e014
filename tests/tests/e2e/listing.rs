//! What an agent sees is what it may call: one permission decides both.

use serde_json::json;
use varistor_tests::upstream::TOOLS;
use varistor_tests::{Agent, Driver, on_both_drivers};

use crate::world::World;

on_both_drivers!(
    the_list_equals_what_can_be_called,
    a_server_out_of_reach_is_refused_as_a_whole,
    an_unknown_tool_and_a_forbidden_one_look_the_same,
);

fn the_list_equals_what_can_be_called(driver: Driver) {
    let world = World::start(driver);
    let expected: [(&str, &[&str]); 6] = [
        ("tester", &TOOLS),
        ("developer", &["read_file", "write_file", "delete_file"]),
        ("reader", &["read_file"]),
        ("writer", &["write_file"]),
        ("careful", &["read_file", "write_file", "delete_file"]),
        ("both", &["read_file", "write_file"]),
    ];
    for (name, tools) in expected {
        let agent = world.agent(name);
        assert_eq!(agent.tools(), tools, "{name}");
        for tool in TOOLS {
            assert_eq!(
                exists(&agent, tool),
                tools.contains(&tool),
                "{name} calls {tool}"
            );
        }
    }
    world.end();
}

/// Whether a call is anything but unknown. A held call exists: it waits for a human.
fn exists(agent: &Agent, tool: &str) -> bool {
    let answer = agent.call(tool, json!({}));
    let json = answer.json();
    assert!(answer.status() < 500, "{answer:?}");
    json["error"]["code"] != json!(-32602)
}

fn a_server_out_of_reach_is_refused_as_a_whole(driver: Driver) {
    let world = World::start(driver);
    let stranger = world.agent("elsewhere");
    for method in [
        "tools/list",
        "prompts/list",
        "resources/list",
        "server/discover",
    ] {
        let answer = stranger.request(1, method, json!({}));
        assert_eq!(answer.status(), 403, "{method}");
    }
    assert_eq!(stranger.try_initialize("2025-11-25").status(), 403);
    assert_eq!(world.upstream.seen().len(), 0);
    world.end();
}

fn an_unknown_tool_and_a_forbidden_one_look_the_same(driver: Driver) {
    let world = World::start(driver);
    let reader = world.agent("reader");
    let forbidden = reader.call("delete_file", json!({}));
    let unknown = reader.call("delete_nothing", json!({}));
    assert_eq!(forbidden.status(), unknown.status());
    assert_eq!(
        forbidden.json()["error"]["code"],
        unknown.json()["error"]["code"]
    );
    assert_eq!(
        forbidden.json()["error"]["message"],
        unknown.json()["error"]["message"]
    );
    assert_eq!(world.upstream.calls(), 0);
    world.end();
}
