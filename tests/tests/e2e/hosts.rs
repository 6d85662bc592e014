//! Requests that a web page could make a browser send (DNS rebinding, other origins) are refused.

use varistor_tests::{Driver, on_both_drivers};

use crate::world::{Extra, World};

on_both_drivers!(only_known_hosts_and_origins_are_served);

/// Host, Origin, and the status; 200 stands for any success.
const MATRIX: &[(&str, &str, u16)] = &[
    ("HERE", "", 200),
    ("localhost", "", 200),
    ("localhost:1", "", 200),
    ("LOCALHOST", "", 200),
    ("127.0.0.1", "", 200),
    ("[::1]", "", 200),
    ("[::1]:80", "", 200),
    ("gateway.example", "", 200),
    ("gateway.example:443", "", 200),
    ("GATEWAY.example", "", 200),
    ("HERE", "http://HERE", 200),
    ("HERE", "https://app.example", 200),
    ("evil.example", "", 421),
    ("evil.example", "http://evil.example", 421),
    ("evil.example:7332", "", 421),
    ("localhost.evil.example", "", 421),
    ("evil.localhost", "", 421),
    ("127.0.0.1.evil.example", "", 421),
    ("127.0.0.2", "", 421),
    ("0.0.0.0", "", 421),
    ("10.0.0.1", "", 421),
    ("[::]", "", 421),
    ("[::ffff:127.0.0.1]", "", 421),
    ("2130706433", "", 421),
    ("0x7f000001", "", 421),
    ("127.1", "", 421),
    ("localhost.", "", 421),
    ("gateway.example.evil", "", 421),
    ("sub.gateway.example", "", 421),
    ("HERE", "http://evil.example", 403),
    ("HERE", "https://evil.example", 403),
    ("HERE", "null", 403),
    ("HERE", "http://localhost.evil.example", 403),
    ("HERE", "https://app.example.evil", 403),
    ("HERE", "https://evil.example/https://app.example", 403),
    ("HERE", "http://app.example", 403),
    ("HERE", "https://app.example:444", 403),
    ("HERE", "file://", 403),
    ("HERE", "chrome-extension://abcdef", 403),
    ("HERE", "http://127.0.0.1:1", 403),
    ("HERE", "http://HERE.evil.example", 403),
    ("HERE", "http://user@HERE", 403),
    ("gateway.example", "https://evil.example", 403),
];

fn only_known_hosts_and_origins_are_served(driver: Driver) {
    let extra = Extra {
        top: "hosts: [gateway.example]\norigins: [\"https://app.example\"]",
        ..Extra::default()
    };
    let world = World::around(driver, varistor_tests::Upstream::start(), extra);
    let agent = world.tester();
    let address = world.gateway.address().to_owned();
    for (host, origin, status) in MATRIX {
        let host = host.replace("HERE", &address);
        let origin = match *origin {
            "" => String::new(),
            origin => format!("Origin: {}\r\n", origin.replace("HERE", &address)),
        };
        let before = world.upstream.seen().len();
        let request = agent.modern(1, "tools/list", serde_json::json!({}));
        let request = String::from_utf8(request).expect("text");
        let request = request.replace(
            &format!("Host: {address}\r\n"),
            &format!("Host: {host}\r\n{origin}"),
        );
        let answer = agent.connect().exchange(request.as_bytes());
        assert_eq!(answer.status(), *status, "Host: {host}, {origin}");
        let forwarded = world.upstream.seen().len() - before;
        assert_eq!(
            forwarded,
            usize::from(*status == 200),
            "Host: {host}, {origin}"
        );
    }
    world.end();
}
