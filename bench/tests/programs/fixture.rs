//! What the conformance suite does not look at in the fixture.

use anyhow::Context;
use serde_json::json;

use crate::http::{legacy, modern, open_session, send};
use crate::process::Server;

#[test]
fn a_cut_stream_is_resumed_with_the_answer() -> anyhow::Result<()> {
    let server = Server::start(&["fixture"])?;
    let session = open_session(server.address())?;
    let call = json!({"jsonrpc": "2.0", "id": 3, "method": "tools/call",
        "params": {"name": "test_reconnection", "arguments": {}}});
    let cut = legacy(server.address(), &session, &call)?;
    assert!(!cut.body.contains("\"result\""), "{}", cut.body);
    let id = cut
        .body
        .lines()
        .find_map(|line| line.strip_prefix("id:"))
        .context("no event id")?;
    let headers = [
        ("Accept", "text/event-stream"),
        ("Mcp-Session-Id", session.as_str()),
        ("MCP-Protocol-Version", "2025-11-25"),
        ("Last-Event-ID", id.trim()),
    ];
    let resumed = send(server.address(), "GET", &headers, b"")?.message()?;
    assert_eq!(resumed["id"], 3);
    assert_eq!(resumed["result"]["isError"], false);
    Ok(())
}

#[test]
fn a_state_sealed_for_one_tool_does_not_open_another() -> anyhow::Result<()> {
    let server = Server::start(&["fixture"])?;
    let tool = |name: &str| json!({"name": name, "arguments": {}});
    let first = tool("test_input_required_result_request_state");
    let first = modern(server.address(), "tools/call", first)?.message()?;
    let state = first["result"]["requestState"].clone();
    assert!(state.is_string(), "{first}");
    let mut retry = tool("test_input_required_result_tampered_state");
    retry["requestState"] = state;
    retry["inputResponses"] = json!({"confirm": {"action": "accept", "content": {"ok": true}}});
    let refused = modern(server.address(), "tools/call", retry)?.message()?;
    assert_eq!(refused["error"]["code"], -32602, "{refused}");
    Ok(())
}

#[test]
fn a_change_of_the_tools_changes_the_list() -> anyhow::Result<()> {
    let server = Server::start(&["fixture"])?;
    let count = || -> anyhow::Result<usize> {
        let list = modern(server.address(), "tools/list", json!({}))?.message()?;
        Ok(list["result"]["tools"]
            .as_array()
            .context("no tools")?
            .len())
    };
    let before = count()?;
    let change = json!({"name": "test_trigger_tool_change", "arguments": {}});
    modern(server.address(), "tools/call", change)?;
    assert_eq!(count()?, before + 1);
    Ok(())
}
