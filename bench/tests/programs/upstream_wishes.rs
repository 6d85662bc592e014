//! A call chooses its answer: size, events, delay, planted value, structured content.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http::{Response, modern};
use crate::process::Server;

fn call(server: &Server, arguments: Value) -> anyhow::Result<Response> {
    let params = json!({"name": "echo", "arguments": arguments});
    modern(server.address(), "tools/call", params)
}

fn text(response: &Response) -> anyhow::Result<String> {
    let message = response.message()?;
    anyhow::ensure!(message["id"] == 7, "{message}");
    let text = message["result"]["content"][0]["text"].as_str();
    Ok(text.unwrap_or_default().to_owned())
}

#[test]
fn a_call_chooses_the_size_and_the_form_of_its_answer() -> anyhow::Result<()> {
    for driver in ["auto", "epoll"] {
        let server = Server::start(&["upstream", "--driver", driver])?;
        assert_eq!(text(&call(&server, json!({}))?)?.len(), 400);
        for bytes in [0, 1, 20_000, 3_000_000] {
            let answer = call(&server, json!({"answer_bytes": bytes}))?;
            assert_eq!(text(&answer)?.len(), bytes);
        }
        let answer = call(&server, json!({"answer_bytes": 50, "structured": true}))?;
        let twice = &answer.message()?["result"]["structuredContent"]["content"];
        assert_eq!(twice.as_str(), Some(text(&answer)?.as_str()));
        for (plant, part) in [
            ("card", "45391"),
            ("email", "@harbourmail"),
            ("secret", "AKIAZ"),
        ] {
            let answer = call(&server, json!({"answer_bytes": 500, "plant": plant}))?;
            let text = text(&answer)?;
            assert!(text.len() == 500 && text.contains(part), "{text}");
        }
        assert_eq!(text(&call(&server, json!({}))?)?.len(), 400);
    }
    Ok(())
}

#[test]
fn a_call_chooses_events_and_its_delay() -> anyhow::Result<()> {
    for driver in ["auto", "epoll"] {
        let server = Server::start(&["upstream", "--driver", driver, "--sse"])?;
        let begun = Instant::now();
        let answer = call(&server, json!({"delay_ms": 150, "events": 4}))?;
        assert!(begun.elapsed() >= Duration::from_millis(150));
        assert_eq!(answer.header("Content-Type"), Some("text/event-stream"));
        assert_eq!(answer.body.matches("event: message").count(), 4);
        assert_eq!(text(&answer)?.len(), 400);
        let answer = call(&server, json!({"events": 0}))?;
        assert_eq!(answer.header("Content-Type"), Some("application/json"));
    }
    Ok(())
}

#[test]
fn a_wish_that_cannot_be_met_is_told() -> anyhow::Result<()> {
    let server = Server::start(&["upstream"])?;
    let answer = call(&server, json!({"answer_bytes": 67_108_865}))?.message()?;
    let told = answer["error"]["message"].as_str().unwrap_or_default();
    assert!(told.contains("answer_bytes"), "{answer}");
    Ok(())
}
