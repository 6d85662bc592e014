//! Clients that others wrote, which start `varictl connect` as a local server, see what they see
//! without it and without the gateway.

use std::thread;

use serde_json::Value;
use varistor_tests::{Driver, programs};

use crate::clients::{Client, assert_saw_everything, run_by};
use crate::servers::{Open, Server};

const ALL: &[Client] = &[
    ("sdk.py", "auto"),
    ("sdk.py", "legacy"),
    ("sdk.py", "2026-07-28"),
    ("v1.mjs", "legacy"),
    ("v2.mjs", "legacy"),
    ("v2.mjs", "auto"),
    ("v2.mjs", "2026-07-28"),
];

#[test]
fn every_sdk_sees_the_fixture_through_the_bridge() {
    compare(&Server::fixture(), ALL, Driver::IoUring);
}

#[test]
fn every_sdk_sees_the_reference_server_through_the_bridge() {
    let legacy: Vec<Client> = ALL
        .iter()
        .copied()
        .filter(|client| client.1 == "legacy")
        .collect();
    compare(&Server::everything(), &legacy, Driver::Epoll);
}

fn compare(server: &Server, clients: &[Client], driver: Driver) {
    let open = Open::start(server, driver);
    let (url, direct_url) = (open.url(), server.url());
    for &client in clients {
        let (direct, through) = thread::scope(|scope| {
            let direct = scope.spawn(|| run_by(client, [&direct_url, "-", server.name], |_| {}));
            let through = run_by(client, [&url, &open.token, server.name], |command| {
                command.env("VARICTL", programs::ours("varictl"));
            });
            (direct.join().expect("the client alone"), through)
        });
        assert_saw_everything(client, &direct);
        for (part, without) in direct.as_object().expect("an object") {
            if part == "progress" && client.0.ends_with(".mjs") {
                assert_lacks_at_most_the_last(&through[part], without);
                continue;
            }
            assert_eq!(&through[part], without, "{client:?}: {part}");
        }
        println!(
            "{:<10} {:<10} {:<10} sees the same",
            server.name, client.0, client.1
        );
    }
    open.gateway.stop();
    open.policy.verify_audit();
}

/// Over standard streams the TypeScript SDK takes all lines of one read at once, but tells of
/// notifications a turn later than of answers: the progress that arrives together with its answer
/// finds no listener any more, whatever the server.
fn assert_lacks_at_most_the_last(through: &Value, without: &Value) {
    let mut expected = without.as_array().expect("progress").clone();
    if through != without {
        expected.remove(expected.len() - 2);
        assert_eq!(through, &Value::Array(expected));
    }
}
