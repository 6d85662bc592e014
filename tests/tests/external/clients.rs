//! Clients that others wrote see the same through the gateway as without it.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

use serde_json::Value;
use varistor_tests::{Driver, programs};

use crate::servers::{Open, Server};

/// A client's script, and the mode in which it is to negotiate.
pub type Client = (&'static str, &'static str);

/// Clients and modes for servers that know every version.
const ALL: &[Client] = &[
    ("sdk.py", "auto"),
    ("sdk.py", "legacy"),
    ("sdk.py", "2026-07-28"),
    ("fast.py", "auto"),
    ("v1.mjs", "legacy"),
    ("v2.mjs", "legacy"),
    ("v2.mjs", "auto"),
    ("v2.mjs", "2026-07-28"),
    ("inspector.mjs", "legacy"),
    ("inspector.mjs", "auto"),
    ("inspector.mjs", "modern"),
];

/// Those for servers that know sessions only.
const LEGACY: &[Client] = &[
    ("sdk.py", "auto"),
    ("sdk.py", "legacy"),
    ("fast.py", "auto"),
    ("v1.mjs", "legacy"),
    ("v2.mjs", "legacy"),
    ("v2.mjs", "auto"),
    ("inspector.mjs", "legacy"),
    ("inspector.mjs", "auto"),
];

#[test]
fn every_client_works_unchanged_with_the_fixture() {
    compare(&Server::fixture(), ALL);
}

#[test]
fn every_client_works_unchanged_with_a_python_server() {
    compare(&Server::python(), ALL);
}

#[test]
fn every_client_works_unchanged_with_the_reference_server() {
    compare(&Server::everything(), LEGACY);
}

#[test]
fn every_client_works_unchanged_with_the_reference_server_over_stdio() {
    compare(&Server::everything_over_stdio(), LEGACY);
}

#[test]
fn every_client_works_unchanged_with_the_reference_server_over_an_event_stream() {
    let server = Server::everything_over_event_stream();
    let open = Open::start_with(&server, Driver::IoUring, "eras: bridged");
    let old = ("v1.mjs", "sse");
    let direct = run(("v1.mjs", "legacy"), &server.url(), "-", server.name);
    assert_saw_everything(old, &direct);
    for client in [
        old,
        ("v1.mjs", "legacy"),
        ("v2.mjs", "2026-07-28"),
        ("sdk.py", "sse"),
    ] {
        let url = match client.1 {
            "sse" => open.event_stream(),
            _ => open.url(),
        };
        let through = run(client, &url, &open.token, server.name);
        for part in ["text", "structured", "error", "prompt", "parallel"] {
            let (one, other) = (plain(&direct[part]), plain(&through[part]));
            assert_eq!(one, other, "{client:?}: {part}");
        }
        println!(
            "{:<10} {:<14} {:<10} sees the same",
            server.name, client.0, client.1
        );
    }
    open.gateway.stop();
    open.policy.verify_audit();
}

#[test]
fn clients_of_event_streams_see_the_same_of_every_server() {
    for server in [Server::fixture(), Server::python_over_stdio()] {
        let open = Open::start(&server, Driver::Epoll);
        let direct = run(("v1.mjs", "legacy"), &server.url(), "-", server.name);
        for client in [("v1.mjs", "sse"), ("sdk.py", "sse")] {
            let through = run(client, &open.event_stream(), &open.token, server.name);
            assert_saw_most(client, &through);
            for part in ["text", "error", "prompt", "parallel"] {
                let (one, other) = (plain(&direct[part]), plain(&through[part]));
                assert_eq!(one, other, "{client:?} at {}: {part}", server.name);
            }
            println!(
                "{:<10} {:<14} {:<10} sees the same",
                server.name, client.0, client.1
            );
        }
        open.gateway.stop();
        open.policy.verify_audit();
    }
}

/// Without what only one of the eras, or of the SDKs, adds.
pub fn plain(part: &Value) -> Value {
    let mut plain = part.clone();
    if let Some(members) = plain.as_object_mut() {
        for key in ["resultType", "_meta"] {
            members.remove(key);
        }
        members.retain(|key, value| key != "isError" || value.as_bool() != Some(false));
    }
    plain
}

/// All three runs of a client at once: they don't know of each other, and cores are few.
fn compare(server: &Server, clients: &[Client]) {
    let io_uring = Open::start(server, Driver::IoUring);
    let epoll = Open::start(server, Driver::Epoll);
    let routes = [
        (io_uring.url(), &io_uring.token),
        (epoll.url(), &epoll.token),
    ];
    for &client in clients {
        let name = server.name;
        let (direct, first, second) = thread::scope(|scope| {
            let [first, second] = [0, 1].map(|route| {
                let (url, token) = (routes[route].0.clone(), routes[route].1.clone());
                scope.spawn(move || run(client, &url, &token, name))
            });
            let direct = run(client, &server.url(), "-", server.name);
            (direct, first.join(), second.join())
        });
        assert_saw_everything(client, &direct);
        for (driver, through) in [("io_uring", first), ("epoll", second)] {
            let through = through.unwrap_or_else(|_| panic!("{client:?} fails on {driver}"));
            for (part, without) in direct.as_object().expect("an object") {
                assert_eq!(&through[part], without, "{client:?} on {driver}: {part}");
            }
        }
        println!(
            "{:<10} {:<14} {:<10} sees the same",
            server.name, client.0, client.1
        );
    }
    for open in [io_uring, epoll] {
        open.gateway.stop();
        open.policy.verify_audit();
    }
}

/// The same of a client of event streams, whose SDK may take an answer before the last progress
/// that came right before it, also without the gateway.
fn assert_saw_most(client: Client, seen: &Value) {
    assert_eq!(seen["parallel"], 8, "{client:?}: {seen}");
    let progress = seen["progress"].as_array().expect("progress");
    assert!(progress.len() >= 3, "{client:?}: {progress:?}");
}

/// A comparison of two failures would prove nothing.
pub fn assert_saw_everything(client: Client, seen: &Value) {
    assert!(
        !seen["tools"].is_null() && !seen["text"].is_null(),
        "{client:?}: {seen}"
    );
    if client.0 != "inspector.mjs" {
        assert_eq!(seen["parallel"], 8, "{client:?}");
        let progress = seen["progress"].as_array().expect("progress");
        assert!(progress.len() >= 4, "{client:?}: {progress:?}");
    }
}

/// What the client sees at this URL.
pub fn run(client: Client, url: &str, token: &str, profile: &str) -> Value {
    run_by(client, [url, token, profile], |_| {})
}

/// Runs a client with a URL, a token and a profile, and what `with` adds to its command.
pub fn run_by(client: Client, given: [&str; 3], with: impl FnOnce(&mut Command)) -> Value {
    let [url, token, profile] = given;
    let (script, mode) = client;
    let (program, folder): (PathBuf, _) = if script.ends_with(".py") {
        (programs::python(), "python/clients")
    } else {
        (programs::node(), "node/clients")
    };
    let mut command = Command::new(program);
    command.arg(programs::folder().join(folder).join(script));
    command
        .args([url, token, profile, mode])
        .stdin(Stdio::null());
    with(&mut command);
    let output = command.output().expect("the client runs");
    let said = String::from_utf8_lossy(&output.stdout);
    let line = said.lines().find(|line| line.starts_with('{'));
    let line = line.unwrap_or_else(|| {
        let errors = String::from_utf8_lossy(&output.stderr);
        panic!("{client:?} at {url}: {}\n{said}{errors}", output.status)
    });
    serde_json::from_str(line).expect("one line of JSON")
}
