//! An upstream that fails or lies costs the caller one clear answer, and nobody else anything.

use std::io::Write;
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use varistor_tests::upstream::{Handled, close_events, open_events, reply, send_event};
use varistor_tests::{Answer, Driver, Upstream, on_both_drivers};

use crate::world::{Extra, World};

on_both_drivers!(
    every_fault_of_the_upstream_is_told_and_passes,
    a_dead_upstream_is_told_and_comes_back,
    a_huge_answer_is_withheld,
    a_call_is_never_sent_twice,
);

const JSON: &str = "Content-Type: application/json\r\n";

/// Fault by the argument of the call; everything else is answered as usual.
fn lying() -> Upstream {
    Upstream::behaving(|incoming, stream| {
        let message = incoming.json();
        let fault = message["params"]["arguments"]["fault"]
            .as_str()
            .unwrap_or_default();
        let whole = json!({"jsonrpc": "2.0", "id": message["id"],
            "result": {"content": [], "resultType": "complete"}});
        match fault {
            "" => Handled::Usual,
            fault => lie(fault, &whole.to_string(), stream),
        }
    })
}

fn lie(fault: &str, whole: &str, stream: &mut TcpStream) -> Handled {
    let mut raw = |text: &str| {
        // The gateway may have gone already, which is right too.
        let _ = stream.write_all(text.as_bytes());
    };
    match fault {
        "closes" => {}
        "half a head" => raw("HTTP/1.1 200 OK\r\nContent-Ty"),
        "half a body" => raw(&format!(
            "HTTP/1.1 200 OK\r\n{JSON}Content-Length: 500\r\n\r\n{{\"js"
        )),
        "half a chunk" => {
            raw(&format!(
                "HTTP/1.1 200 OK\r\n{JSON}Transfer-Encoding: chunked\r\n\r\n50\r\n{{\"js"
            ));
        }
        "no HTTP" => raw("SSH-2.0-OpenSSH_9.2\r\n\r\n"),
        "two lengths" => raw(&format!(
            "HTTP/1.1 200 OK\r\n{JSON}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello"
        )),
        "length and chunked" => raw(&format!(
            "HTTP/1.1 200 OK\r\n{JSON}Content-Length: 5\r\n\
             Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
        )),
        "no JSON" => reply(stream, 200, JSON, b"hello"),
        "two keys" => {
            let twice = whole.replacen("\"jsonrpc\"", "\"id\":1,\"jsonrpc\"", 1);
            reply(stream, 200, JSON, twice.as_bytes());
        }
        "HTML" => reply(stream, 200, "Content-Type: text/html\r\n", b"<html>"),
        "compressed" => {
            let fields = format!("{JSON}Content-Encoding: gzip\r\n");
            reply(stream, 200, &fields, b"\x1f\x8b\x08");
        }
        "redirect" => reply(stream, 307, "Location: http://127.0.0.1:1/\r\n", b""),
        "wrong id" => {
            let other = json!({"jsonrpc": "2.0", "id": 4242, "result": {"content": []}});
            reply(stream, 200, JSON, other.to_string().as_bytes());
        }
        "half a stream" => {
            open_events(stream);
            return Handled::Close;
        }
        "lies in a stream" => {
            open_events(stream);
            send_event(stream, None, "hello");
            close_events(stream);
        }
        "silence" => thread::sleep(Duration::from_secs(6)),
        other => panic!("no such fault: {other}"),
    }
    Handled::Close
}

/// The faults, and the statuses with which they are told.
const FAULTS: &[(&str, &[u16])] = &[
    ("closes", &[502]),
    ("half a head", &[502]),
    ("half a body", &[502]),
    ("half a chunk", &[502]),
    ("no HTTP", &[502]),
    ("two lengths", &[502]),
    ("length and chunked", &[502]),
    ("no JSON", &[502]),
    ("two keys", &[502]),
    ("HTML", &[502]),
    ("compressed", &[502]),
    ("redirect", &[502]),
    ("wrong id", &[502]),
    ("silence", &[504]),
];

fn every_fault_of_the_upstream_is_told_and_passes(driver: Driver) {
    let extra = Extra {
        timeouts: "first_byte: 2s, connect: 1s",
        ..Extra::default()
    };
    let world = World::around(driver, lying(), extra);
    let agent = world.tester();
    let mut wrong = Vec::new();
    for (fault, right) in FAULTS {
        let begun = Instant::now();
        let answer = agent.call("write_file", json!({"fault": fault}));
        if !right.contains(&answer.status()) {
            wrong.push(format!("{fault}: {} {}", answer.status(), text(&answer)));
        }
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{fault} held the caller"
        );
        // The next calls, on any connection to the upstream, are as good as ever.
        for _ in 0..4 {
            let good = agent.call("read_file", json!({}));
            assert!(good.is_good_call(), "after {fault}: {good:?}");
        }
    }
    // The head of a stream has gone before its end is known: the stream just ends, or says why.
    for fault in ["half a stream", "lies in a stream"] {
        let params = json!({"name": "write_file", "arguments": {"fault": fault}});
        let mut stream = agent.stream(1, "tools/call", params);
        while let Some(event) = stream.next_event() {
            assert!(event.data.contains("error"), "{fault}: {event:?}");
        }
        assert!(
            agent.call("read_file", json!({})).is_good_call(),
            "after {fault}"
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    world.end();
}

fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

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
    for _ in 0..8 {
        assert_eq!(agent.call("read_file", json!({})).status(), 502);
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
    let world = World::around(driver, lying(), Extra::default());
    let agent = world.tester();
    for round in 1..=10 {
        agent.call("read_file", json!({}));
        assert_eq!(
            agent
                .call("write_file", json!({"fault": "closes"}))
                .status(),
            502
        );
        let seen = world.upstream.seen();
        let writes = seen
            .iter()
            .filter(|incoming| incoming.name() == "write_file");
        assert_eq!(writes.count(), round);
    }
    world.end();
}
