//! Clients that send slowly or stop in the middle are told so and let go; others are served.

use serde_json::json;
use varistor_tests::{Driver, Upstream, on_both_drivers};

use crate::world::{Extra, World};

on_both_drivers!(
    a_head_or_body_that_stops_is_answered_408,
    slow_clients_hold_up_nobody
);

fn world(driver: Driver) -> World {
    let timeouts = "head: 1s, body: 1s, idle: 2s";
    World::around(
        driver,
        Upstream::start(),
        Extra {
            timeouts,
            ..Extra::default()
        },
    )
}

fn a_head_or_body_that_stops_is_answered_408(driver: Driver) {
    let world = world(driver);
    let agent = world.tester();
    let request = agent.modern(1, "tools/call", json!({"name": "read_file"}));
    for cut in [10, 60, request.len() - 60, request.len() - 1] {
        let mut connection = world.gateway.connect();
        connection.send(&request[..cut]);
        let answer = connection.answer().expect("an answer");
        assert_eq!(answer.status(), 408, "cut at {cut}");
        assert!(connection.is_closed_by_peer());
    }
    assert!(
        world.gateway.connect().is_closed_by_peer(),
        "an idle connection ends silently"
    );
    assert_eq!(world.upstream.calls(), 0);
    world.end();
}

fn slow_clients_hold_up_nobody(driver: Driver) {
    let world = world(driver);
    let agent = world.tester();
    let request = agent.modern(1, "tools/call", json!({"name": "read_file"}));
    let slow: Vec<_> = (0..200)
        .map(|number| {
            let mut connection = world.gateway.connect();
            connection.send(&request[..1 + number % (request.len() - 1)]);
            connection
        })
        .collect();
    for _ in 0..50 {
        assert!(agent.call("read_file", json!({})).is_good_call());
    }
    drop(slow);
    world.end();
}
