//! A flood of forged tokens and malformed requests does not starve those who hold good ones.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use serde_json::json;
use varistor_tests::{Agent, Connection, Driver, on_both_drivers};

use crate::world::World;

on_both_drivers!(
    good_calls_go_on_during_a_flood,
    a_connection_that_keeps_failing_is_closed,
);

const GOOD_CALLS: usize = 300;
const FLOODERS: usize = 4;

fn good_calls_go_on_during_a_flood(driver: Driver) {
    let world = World::start(driver);
    let agent = world.tester();
    let (done, floods) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for number in 0..FLOODERS {
            let (agent, done, floods) = (agent.clone(), &done, &floods);
            scope.spawn(move || {
                while !done.load(Ordering::Relaxed) {
                    flood(
                        &agent,
                        number * 1_000_000 + floods.fetch_add(1, Ordering::Relaxed),
                    );
                }
            });
        }
        // On a connection of its own and on fresh ones in turn.
        let mut connection = agent.connect();
        for number in 0..GOOD_CALLS {
            let request = agent.modern(1, "tools/call", json!({"name": "read_file"}));
            let answer = match number % 2 {
                0 => connection.exchange(&request),
                _ => agent.connect().exchange(&request),
            };
            if !answer.is_good_call() {
                done.store(true, Ordering::Relaxed);
                panic!("call {number} failed: {answer:?}");
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(floods.into_inner() > 100, "that was no flood");
    assert_eq!(world.upstream.calls(), GOOD_CALLS);
    world.end();
}

/// One attempt, of a different kind each time; never one that could pass.
fn flood(agent: &Agent, number: usize) {
    let mut forged = agent.clone();
    let at = 20 + number % (agent.token.len() - 40);
    let mut bytes = agent.token.clone().into_bytes();
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    forged.token = String::from_utf8(bytes).expect("ASCII");
    let mut connection = agent.connect();
    match number % 3 {
        0 => connection.send(&forged.modern(1, "tools/call", json!({"name": "read_file"}))),
        1 => connection.send(b"GET / HTTP/1.1\r\nHost : x\r\n\r\n"),
        _ => connection.send(&agent.post("", b"{\"jsonrpc\":\"2.0\",\"jsonrpc\":\"2.0\"}")),
    }
    if let Some(head) = connection.head() {
        assert!((400..=503).contains(&head.status), "{head:?}");
    }
}

fn a_connection_that_keeps_failing_is_closed(driver: Driver) {
    let world = World::start(driver);
    let mut forged = world.tester();
    forged.token.replace_range(30..34, "AAAA");
    let request = forged.modern(1, "tools/call", json!({"name": "read_file"}));
    let mut connection = Connection::open(world.gateway.address());
    let mut answers = 0;
    for _ in 0..20 {
        connection.send(&request);
        match connection.answer() {
            Some(answer) => assert_eq!(answer.status(), 401),
            None => break,
        }
        answers += 1;
    }
    assert!(
        (1..=5).contains(&answers),
        "{answers} failures on one connection"
    );
    world.end();
}
