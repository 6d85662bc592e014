//! Clients that others wrote, unchanged, at `/mcp` before servers that others wrote, over HTTP,
//! stdio and an event stream: each sees of each server what it sees without the gateway, under
//! joined names.

use std::thread;

use serde_json::Value;
use varistor_tests::{Driver, Gateway, PolicyDir, Upstream};

use crate::clients::{Client, run};
use crate::servers::Server;

/// Of each server: its profile in `tests/clients.json` behind `/mcp`, and the mode in which it can
/// be asked without the gateway.
const SERVERS: [(&str, &str); 3] = [
    ("many-fixture", "auto"),
    ("many-python", "auto"),
    // It knows sessions only; behind `/mcp`, modern clients reach it.
    ("many-everything", "legacy"),
];

const CLIENTS: [Client; 4] = [
    ("sdk.py", "legacy"),
    ("sdk.py", "2026-07-28"),
    ("v1.mjs", "legacy"),
    ("v2.mjs", "2026-07-28"),
];

#[test]
fn every_client_works_unchanged_with_all_servers_as_one() {
    let servers = [
        Server::fixture(),
        Server::python_over_stdio(),
        Server::everything_over_event_stream(),
    ];
    let places: Vec<String> = servers
        .iter()
        .map(|it| {
            format!(
                "  {}: {{ {}, server_requests: allow }}",
                it.name,
                it.place()
            )
        })
        .collect();
    let policy = PolicyDir::new(&format!(
        "listen: 127.0.0.1:0
servers:
  dead: {{ url: \"http://{}/mcp\" }}
{}
organisations:
  acme:
    roles:
      everything:
        allow:
          - \"*\"
          - {{ tools: \"*/*\", intents: [read, write, destructive, exfiltrative] }}
    agents:
      tester: {{ roles: [everything] }}
",
        Upstream::unused(),
        places.join("\n")
    ));
    let gateway = Gateway::start(&policy, Driver::Epoll);
    let token = policy.token("tester");
    let url = format!("http://{}/mcp", gateway.address());
    for (server, (profile, mode)) in servers.iter().zip(SERVERS) {
        for client in CLIENTS {
            let own = match client.1 {
                "2026-07-28" => (client.0, mode),
                _ => client,
            };
            let (direct, through) = thread::scope(|scope| {
                let through = scope.spawn(|| run(client, &url, &token, profile));
                let direct = run(own, &server.url(), "-", server.name);
                (direct, through.join().expect("the client at /mcp"))
            });
            for part in [
                "text",
                "structured",
                "error",
                "prompt",
                "progress",
                "parallel",
            ] {
                let (one, other) = (plain(&direct[part]), plain(&through[part]));
                assert_eq!(one, other, "{client:?} at {}: {part}", server.name);
            }
            assert!(direct["text"].is_object(), "{direct}");
            let tools = through["tools"].as_array().expect("a list of tools");
            let lead = format!("{}__", server.name);
            let own = direct["tools"].as_array().expect("a list of tools");
            let joined = |tool: &&Value| tool["name"].as_str().unwrap().starts_with(&lead);
            assert!(
                tools.iter().filter(joined).count() >= own.len().min(10),
                "{client:?}"
            );
            println!(
                "{:<12} {:<8} {:<12} sees the same",
                server.name, client.0, client.1
            );
        }
    }
    gateway.stop();
    policy.verify_audit();
}

/// Without what only one of the eras has, and with URIs as the server has them.
fn plain(part: &Value) -> Value {
    let text = part.to_string();
    let mut text = text.replace("\"resultType\":\"complete\"", "\"\":0");
    for server in ["fixture", "python", "everything"] {
        text = text.replace(&format!("mcp+{server}+"), "");
    }
    let mut plain: Value = serde_json::from_str(&text).expect("JSON");
    if let Some(members) = plain.as_object_mut() {
        members.remove("");
        members.remove("_meta");
    }
    plain
}
