//! Calls of many clients with equal ids, interleaved over every kind of client and server: each
//! answer reaches whoever asked, and nobody else.

use std::thread;

use serde_json::{Value, json};
use varistor_tests::upstream::{Handled, reply};
use varistor_tests::{Agent, Driver, Gateway, PolicyDir, Session, Upstream, on_both_drivers};

use crate::event_streams_world::{OldClient, server};
use varistor_tests::programs;

on_both_drivers!(every_answer_reaches_whoever_asked_for_it);

/// Calls over all clients; `VARISTOR_CALLS` says otherwise, as in `make soak-transports`.
const CALLS: usize = 1200;

/// Answers each call with its own arguments.
fn echoing() -> Upstream {
    Upstream::behaving(|incoming, stream| {
        if incoming.method() != "tools/call" {
            return Handled::Usual;
        }
        let json = incoming.json();
        let text = format!("did {}", json["params"]["arguments"]);
        let result = json!({"resultType": "complete", "isError": false,
            "content": [{"type": "text", "text": text}]});
        let body = json!({"jsonrpc": "2.0", "id": json["id"], "result": result});
        reply(
            stream,
            200,
            "Content-Type: application/json\r\n",
            body.to_string().as_bytes(),
        );
        Handled::Answered
    })
}

/// One client of one server, by any of the ways there are.
enum Caller {
    Modern(Agent, &'static str),
    Session(Session, &'static str),
    Old(OldClient, &'static str),
}

impl Caller {
    /// Calls with this mark, under the same id as everybody else; what the answer says.
    fn call(&mut self, mark: &str) -> String {
        let arguments = json!({"mark": mark, "text": mark});
        let answer = match self {
            Self::Modern(agent, tool) => {
                let params = json!({"name": tool, "arguments": arguments});
                agent.request(1, "tools/call", params).json()
            }
            Self::Session(session, tool) => session.call(tool, arguments).json(),
            Self::Old(client, tool) => {
                let params = json!({"name": tool, "arguments": arguments});
                client.request(json!(1), "tools/call", &params)
            }
        };
        assert_eq!(answer["id"], 1, "{answer}");
        let content: Value = answer["result"]["content"].clone();
        content.to_string()
    }
}

fn every_answer_reaches_whoever_asked_for_it(driver: Driver) {
    let calls = std::env::var("VARISTOR_CALLS").ok();
    let calls = calls.map_or(CALLS, |calls| calls.parse().expect("a number of calls"));
    let (plain, old) = (echoing(), server("/messages?s={}"));
    let program = programs::ours("varistor-stdio-child");
    let policy = PolicyDir::new(&format!(
        "listen: 127.0.0.1:0
runtime: {{ workers: 2, shedding: off }}
servers:
  own: {{ command: {0} }}
  plain: {{ url: \"{1}\" }}
  shared: {{ command: {0}, instances: shared }}
  streams: {{ url: \"http://{2}/sse\", transport: sse, eras: bridged }}
organisations:
  acme:
    roles:
      everything:
        allow: [\"*\", {{ tools: \"*/*\", intents: [read, write, destructive, exfiltrative] }}]
    agents:
      tester: {{ roles: [everything] }}
      other: {{ roles: [everything] }}
",
        json!([program]),
        plain.url(),
        old.address()
    ));
    let gateway = Gateway::start(&policy, driver);
    let mut callers = Vec::new();
    for name in ["tester", "other"] {
        let token = policy.token(name);
        let at = |server: &str| Agent::new(gateway.address(), server, &token);
        let all = Agent {
            path: "/mcp".into(),
            ..at("")
        };
        callers.extend([
            Caller::Modern(at("plain"), "read_file"),
            Caller::Modern(at("own"), "echo"),
            Caller::Modern(at("streams"), "read_file"),
            Caller::Modern(all.clone(), "plain__read_file"),
            Caller::Modern(all.clone(), "shared__echo"),
            Caller::Session(at("plain").initialize(), "read_file"),
            Caller::Session(at("own").initialize(), "echo"),
            Caller::Session(at("shared").initialize(), "echo"),
            Caller::Session(at("streams").initialize(), "read_file"),
            Caller::Session(all.initialize(), "streams__read_file"),
            Caller::Old(OldClient::initialized(&all, "/plain"), "read_file"),
            Caller::Old(OldClient::initialized(&all, "/shared"), "echo"),
            Caller::Old(OldClient::initialized(&all, ""), "own__echo"),
        ]);
    }
    let each = calls.div_ceil(callers.len());
    thread::scope(|scope| {
        for (number, mut caller) in callers.into_iter().enumerate() {
            scope.spawn(move || {
                for round in 0..each {
                    let mark = format!("mark-{number}-{round}-end");
                    let said = caller.call(&mark);
                    let marks = said.matches("mark-").count();
                    assert!(said.contains(&mark), "caller {number}: {mark}: {said}");
                    assert_eq!(marks, said.matches(&mark).count(), "{mark}: {said}");
                }
            });
        }
    });
    gateway.stop();
    policy.verify_audit();
}
