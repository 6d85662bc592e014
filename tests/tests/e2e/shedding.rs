//! A gateway with more requests than it can serve refuses a part of them, unread and at once, and
//! serves everybody again when they are gone.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use varistor_tests::{Connection, Driver, Upstream, on_both_drivers};

use crate::world::{Extra, World};

on_both_drivers!(
    what_can_not_be_done_is_refused_until_it_can,
    nothing_is_refused_where_policy_does_not_want_it,
);

/// Clients at once, and requests that each sends without waiting for an answer.
const CLIENTS: usize = 256;
const REQUESTS: usize = 3;
/// What each of them has the gateway look through: some milliseconds, so that one turn of a worker
/// takes longer than a worker may be late. All of a client fits into the buffers of its socket, so
/// that nobody waits with sending.
const BYTES: usize = 24 * 1024;

fn shedding(driver: Driver, word: &str) -> World {
    let extra = Extra {
        runtime: &format!("shedding: {word}"),
        ..Extra::default()
    };
    World::around(driver, Upstream::start(), extra)
}

/// Connections with more on them than can be done in seconds, all of it by the gateway alone: what
/// its agent asks for does not exist for it.
fn overload(world: &World) -> Vec<Connection> {
    let agent = world.agent("writer");
    let words = "the quick brown fox jumps over the lazy dog ";
    let text: String = words.chars().cycle().take(BYTES).collect();
    let params = json!({"name": "read_file", "arguments": {"text": text}});
    let request = agent.modern(1, "tools/call", params);
    let all = request.repeat(REQUESTS);
    let mut crowd: Vec<_> = (0..CLIENTS).map(|_| agent.connect()).collect();
    for connection in &mut crowd {
        connection.send(&all);
    }
    crowd
}

fn what_can_not_be_done_is_refused_until_it_can(driver: Driver) {
    let world = shedding(driver, "on");
    let mut crowd = overload(&world);
    let mut refusals = 0;
    let mut answers = 0;
    // Round by round: a connection on which something was refused is not read for a while.
    while refusals == 0 {
        answers += 1;
        assert!(answers <= REQUESTS, "nothing was refused");
        for connection in &mut crowd {
            let answer = connection.answer().expect("an answer");
            if answer.status() == 503 {
                refusals += 1;
                let reason = &answer.json()["error"]["data"]["reason"];
                assert_eq!(reason, "overloaded", "{answer:?}");
                assert_eq!(answer.field("retry-after"), Some("1"), "{answer:?}");
            } else {
                assert_eq!(answer.json()["error"]["code"], -32602, "{answer:?}");
            }
        }
    }
    let status = world.gateway.status();
    assert!(status["shed"].as_u64() >= Some(refusals), "{status}");
    drop(crowd);
    let until = Instant::now() + Duration::from_secs(10);
    while world.gateway.status()["shedding"] == json!(true) {
        assert!(Instant::now() < until, "it never recovered");
        thread::sleep(Duration::from_millis(20));
    }
    let agent = world.tester();
    for _ in 0..50 {
        assert!(agent.call("read_file", json!({})).is_good_call());
    }
    let metrics = world.gateway.admin("GET", "/v1/metrics", &[]);
    let metrics = String::from_utf8_lossy(&metrics.body).into_owned();
    assert!(metrics.contains("varistor_shedding 0"), "{metrics}");
    assert!(!metrics.contains("varistor_shed_total 0"), "{metrics}");
    world.end();
}

fn nothing_is_refused_where_policy_does_not_want_it(driver: Driver) {
    let world = shedding(driver, "off");
    let mut crowd = overload(&world);
    for _ in 0..REQUESTS {
        for connection in &mut crowd {
            let answer = connection.answer().expect("an answer");
            assert_eq!(answer.json()["error"]["code"], -32602, "{answer:?}");
        }
    }
    assert_eq!(world.gateway.status()["shed"], json!(0));
    world.end();
}
