//! Two clients with equal ids at once: each gets its own answers.

use std::thread;

use serde_json::json;
use varistor_tests::upstream::{Handled, reply};
use varistor_tests::{Driver, Upstream, on_both_drivers};

use crate::world::{Extra, World};

on_both_drivers!(equal_ids_interleaved_reach_their_own_callers);

const CALLS: usize = 500;

/// Answers with the argument of the call, and lets every third one be overtaken.
fn echo() -> Upstream {
    Upstream::behaving(|incoming, stream| {
        if incoming.method() != "tools/call" {
            return Handled::Usual;
        }
        let message = incoming.json();
        let text = message["params"]["arguments"]["text"]
            .as_str()
            .unwrap_or_default();
        if text.ends_with('3') {
            thread::sleep(std::time::Duration::from_millis(2));
        }
        let body = json!({"jsonrpc": "2.0", "id": message["id"], "result":
            {"resultType": "complete", "content": [{"type": "text", "text": text}]}});
        let fields = "Content-Type: application/json\r\n";
        reply(stream, 200, fields, body.to_string().as_bytes());
        Handled::Answered
    })
}

fn equal_ids_interleaved_reach_their_own_callers(driver: Driver) {
    let world = World::around(driver, echo(), Extra::default());
    thread::scope(|scope| {
        for name in ["tester", "other", "tester", "other"] {
            let agent = world.agent(name);
            scope.spawn(move || {
                let own = agent.token[agent.token.len() - 12..].to_owned();
                let session = agent.initialize();
                let mut connection = agent.connect();
                for number in 0..CALLS {
                    let text = format!("{own} {number}");
                    let params = json!({"name": "read_file", "arguments": {"text": text}});
                    // The same few ids in all clients, in both eras, as number and as text.
                    let id = (number % 3) as u64;
                    let answer = if number % 2 == 0 {
                        connection.exchange(&agent.modern(id, "tools/call", params))
                    } else {
                        session.request(json!(id.to_string()), "tools/call", params)
                    };
                    assert_eq!(answer.text(), text);
                    let expected = if number % 2 == 0 {
                        json!(id)
                    } else {
                        json!(id.to_string())
                    };
                    assert_eq!(answer.json()["id"], expected);
                }
            });
        }
    });
    world.end();
}
