//! The mock server keeps what it gets, and fails in the way it was asked to.

use std::fs;
use std::io::ErrorKind;

use serde_json::json;

use crate::http::{modern, send};
use crate::process::Server;

/// A body that a program which re-serialises would change.
const ODD: &[u8] =
    b" {\t\"id\" : 1e2,\r\n\"method\":\"tools\\/call\" , \"x\": 1.0, \"jsonrpc\":\"2.0\"} ";

#[test]
fn every_received_body_is_kept_byte_for_byte() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("record");
    let file = path.to_string_lossy().into_owned();
    let server = Server::start(&["upstream", "--record", &file])?;
    let accept = [("Accept", "application/json, text/event-stream")];
    let answer = send(server.address(), "POST", &accept, ODD)?;
    assert!(answer.body.contains("\"id\":1e2,"), "{}", answer.body);
    let note = br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    assert_eq!(send(server.address(), "POST", &accept, note)?.status, 202);
    let mut expected = Vec::new();
    for body in [ODD, note] {
        expected.extend_from_slice(&u32::try_from(body.len())?.to_be_bytes());
        expected.extend_from_slice(body);
    }
    assert_eq!(fs::read(&path)?, expected);
    Ok(())
}

#[test]
fn a_tool_answers_with_as_many_bytes_as_asked() -> anyhow::Result<()> {
    let server = Server::start(&["upstream", "--answer-bytes", "1234", "--driver", "epoll"])?;
    let call = json!({"name": "echo", "arguments": {}});
    let answer = modern(server.address(), "tools/call", call)?.message()?;
    let text = answer["result"]["content"][0]["text"]
        .as_str()
        .unwrap_or_default();
    assert_eq!((text.len(), answer["id"].clone()), (1234, json!(7)));
    let list = modern(server.address(), "tools/list", json!({}))?.message()?;
    assert_eq!(list["result"]["tools"][0]["name"], "echo");
    Ok(())
}

#[test]
fn faults_do_what_they_are_called() -> anyhow::Result<()> {
    let call = json!({"name": "echo", "arguments": {}});
    let server = Server::start(&["upstream", "--faults", "wrong-id"])?;
    let answer = modern(server.address(), "tools/call", call.clone())?.message()?;
    assert_eq!(answer["id"], "another-request");

    let server = Server::start(&["upstream", "--faults", "half"])?;
    let half = modern(server.address(), "tools/call", call.clone())?;
    assert_ne!(
        half.header("Content-Length"),
        Some(half.body.len().to_string().as_str())
    );

    let server = Server::start(&["upstream", "--faults", "reset"])?;
    let Err(error) = modern(server.address(), "tools/call", call.clone()) else {
        anyhow::bail!("a reset connection gave an answer");
    };
    let kind = error
        .downcast_ref::<std::io::Error>()
        .map(std::io::Error::kind);
    assert_eq!(kind, Some(ErrorKind::ConnectionReset), "{error}");

    let server = Server::start(&["upstream", "--faults", "huge", "--fault-every", "2"])?;
    assert!(
        modern(server.address(), "tools/call", call.clone())?
            .body
            .len()
            < 1000
    );
    assert!(modern(server.address(), "tools/call", call)?.body.len() > 64 * 1024 * 1024);
    Ok(())
}
