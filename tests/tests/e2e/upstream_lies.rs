//! An upstream that is dead, never stops or loses calls costs the caller one clear answer, and
//! nobody else anything.

use std::io::Write;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use varistor_tests::upstream::Handled;
use varistor_tests::{Driver, Upstream, on_both_drivers};

use crate::world::{Extra, World};

on_both_drivers!(
    a_dead_upstream_is_told_and_comes_back,
    a_huge_answer_is_withheld,
    a_call_is_never_sent_twice,
);

const JSON: &str = "Content-Type: application/json\r\n";

fn a_dead_upstream_is_told_and_comes_back(driver: Driver) {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = free.local_addr().expect("an address");
    let upstream = Upstream::start();
    let mut extra = crate::world::policy_text(&upstream, Extra::default());
    extra = extra.replace(upstream.address(), &address.to_string());
    drop(free);
    let policy = varistor_tests::PolicyDir::new(&extra);
    let gateway = varistor_tests::Gateway::start(&policy, driver);
    let world = World {
        gateway,
        policy,
        upstream,
    };
    let agent = world.tester();
    for status in [502, 502, 502, 502, 502, 503, 503, 503] {
        assert_eq!(agent.call("read_file", json!({})).status(), status);
    }
    let revived = Upstream::start_at(&address.to_string());
    // A circuit that opened may stay so for a little; then calls pass again.
    let until = Instant::now() + Duration::from_secs(20);
    while !agent.call("read_file", json!({})).is_good_call() {
        assert!(
            Instant::now() < until,
            "the gateway never noticed that the server is back"
        );
        thread::sleep(Duration::from_millis(50));
    }
    assert_eq!(revived.calls(), 1);
    world.end();
}

fn a_huge_answer_is_withheld(driver: Driver) {
    let upstream = Upstream::behaving(|incoming, stream| {
        if incoming.name() != "write_file" {
            return Handled::Usual;
        }
        let head = format!("HTTP/1.1 200 OK\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n");
        let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
        let mut sent = stream.write_all(head.as_bytes()).is_ok();
        for _ in 0..2_000 {
            sent = sent && stream.write_all(chunk.as_bytes()).is_ok();
        }
        Handled::Close
    });
    let world = World::around(driver, upstream, Extra::default());
    let agent = world.tester();
    assert_eq!(agent.call("write_file", json!({})).status(), 502);
    assert!(agent.call("read_file", json!({})).is_good_call());
    world.end();
}

fn a_call_is_never_sent_twice(driver: Driver) {
    let upstream = Upstream::behaving(|incoming, _| match incoming.name().as_str() {
        "write_file" => Handled::Close,
        _ => Handled::Usual,
    });
    let world = World::around(driver, upstream, Extra::default());
    let agent = world.tester();
    for round in 1..=10 {
        agent.call("read_file", json!({}));
        assert_eq!(agent.call("write_file", json!({})).status(), 502);
        let seen = world.upstream.seen();
        let writes = seen
            .iter()
            .filter(|incoming| incoming.name() == "write_file");
        assert_eq!(writes.count(), round);
    }
    world.end();
}
