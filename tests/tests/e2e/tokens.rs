//! Without a token that lives, nothing is answered with success, on any route and method.

use std::time::{Duration, Instant};

use serde_json::json;
use varistor_tests::policy::assert_success;
use varistor_tests::{Agent, Connection, Driver, PolicyDir, on_both_drivers};

use crate::world::{Extra, World, policy_text};

on_both_drivers!(
    a_dead_token_opens_no_route_by_no_method,
    a_token_dies_when_it_expires,
    a_revoked_token_dies_and_takes_its_children_along,
    the_token_itself_never_goes_upstream,
);

const METHODS: [&str; 8] = [
    "POST", "GET", "DELETE", "OPTIONS", "HEAD", "PUT", "PATCH", "TRACE",
];

const ROUTES: [&str; 12] = [
    "/mcp/alpha",
    "/mcp/beta",
    "/mcp/nobody",
    "/mcp",
    "/mcp/",
    "/",
    "/v1/status",
    "/v1/snapshot",
    "/v1/metrics",
    "/metrics",
    "/health",
    "/mcp/alpha/",
];

fn a_dead_token_opens_no_route_by_no_method(driver: Driver) {
    let world = World::start(driver);
    let good = world.policy.token("tester");
    let stranger = PolicyDir::new(&policy_text(&world.upstream, Extra::default()));
    let mut dead: Vec<Option<String>> = vec![
        None,
        Some(String::new()),
        Some("x".to_owned()),
        Some("null".to_owned()),
        Some(stranger.token("tester")),
        Some(flipped(&good, good.len() / 2)),
        Some(flipped(&good, good.len() - 3)),
        Some(flipped(&good, 1)),
        Some(good[..good.len() - 4].to_owned()),
        Some(format!("{good}{good}")),
        Some(format!("{good}AAAA")),
        Some("A".repeat(7_000)),
    ];
    let revoked = world.policy.token("tester");
    revoke(&world, &revoked);
    dead.push(Some(revoked));
    for token in &dead {
        for route in ROUTES {
            for method in METHODS {
                let answer = attempt(&world, token.as_deref(), route, method);
                let what = format!("{method} {route} with {token:?}");
                assert!(!(200..300).contains(&answer.0), "{what}: {}", answer.0);
                let is_challenge = answer.0 != 401 || answer.1.is_some();
                assert!(is_challenge, "{what}: 401 without WWW-Authenticate");
            }
        }
    }
    assert_eq!(world.upstream.seen().len(), 0);
    assert!(
        world
            .holder(&good)
            .call("read_file", json!({}))
            .is_good_call()
    );
    world.end();
}

/// Status and challenge of one request with this token.
fn attempt(world: &World, token: Option<&str>, route: &str, method: &str) -> (u16, Option<String>) {
    let host = world.gateway.address();
    let token = token.map(|token| format!("Authorization: Bearer {token}\r\n"));
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).to_string();
    let (kind, body) = match method {
        "POST" | "PUT" | "PATCH" => (
            format!(
                "Content-Type: application/json\r\nContent-Length: {}\r\n",
                body.len()
            ),
            body,
        ),
        _ => (String::new(), String::new()),
    };
    let request = format!(
        "{method} {route} HTTP/1.1\r\nHost: {host}\r\n{}Connection: close\r\n\
         Accept: application/json, text/event-stream\r\n{kind}\r\n{body}",
        token.unwrap_or_default()
    );
    let mut connection = Connection::open(host);
    connection.send(request.as_bytes());
    let head = connection.head().expect("an answer");
    let challenge = head.field("www-authenticate").map(str::to_owned);
    (head.status, challenge)
}

fn a_token_dies_when_it_expires(driver: Driver) {
    let world = World::start(driver);
    let agent = world.holder(&world.policy.token_with("tester", &["--ttl", "2s"]));
    let until = Instant::now() + Duration::from_secs(20);
    let mut last = agent.call("read_file", json!({}));
    while last.status() == 200 {
        assert!(Instant::now() < until, "the token outlived its two seconds");
        last = agent.call("read_file", json!({}));
    }
    assert_eq!(last.status(), 401);
    assert!(last.field("www-authenticate").is_some());
    world.end();
}

fn a_revoked_token_dies_and_takes_its_children_along(driver: Driver) {
    let world = World::start(driver);
    let parent = world.policy.token("tester");
    let narrowed =
        world
            .policy
            .varictl(&["token", "attenuate", &parent, "--tools", "alpha/read_*"]);
    assert_success(&narrowed, "token attenuate");
    let child = String::from_utf8(narrowed.stdout)
        .expect("a token")
        .trim()
        .to_owned();
    let sibling = world.holder(&world.policy.token("tester"));
    let (parent_agent, child_agent) = (world.holder(&parent), world.holder(&child));
    assert!(parent_agent.call("write_file", json!({})).is_good_call());
    assert!(child_agent.call("read_file", json!({})).is_good_call());
    assert_eq!(child_agent.tools(), ["read_file"]);
    assert!(is_unknown_tool(&child_agent, "write_file"));
    revoke(&world, &parent);
    assert_eq!(parent_agent.call("read_file", json!({})).status(), 401);
    assert_eq!(child_agent.call("read_file", json!({})).status(), 401);
    assert!(sibling.call("read_file", json!({})).is_good_call());
    world.end();
}

fn is_unknown_tool(agent: &Agent, tool: &str) -> bool {
    agent.call(tool, json!({})).json()["error"]["code"] == json!(-32602)
}

fn the_token_itself_never_goes_upstream(driver: Driver) {
    let world = World::start(driver);
    let agent = world.tester();
    assert!(agent.call("read_file", json!({})).is_good_call());
    agent.initialize().call("read_file", json!({}));
    for incoming in world.upstream.seen() {
        assert!(
            incoming.field("authorization").is_none(),
            "{}",
            incoming.head
        );
        assert!(!incoming.head.contains(&agent.token), "{}", incoming.head);
    }
    world.end();
}

fn revoke(world: &World, token: &str) {
    assert_success(
        &world.policy.varictl(&["token", "revoke", token]),
        "token revoke",
    );
}

/// The token with one character changed for another of its alphabet.
fn flipped(token: &str, at: usize) -> String {
    let mut bytes = token.as_bytes().to_vec();
    bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
    String::from_utf8(bytes).expect("ASCII")
}
