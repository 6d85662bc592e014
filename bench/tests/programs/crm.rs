//! The demo's server does what its tools say.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::http::{legacy, modern, open_session, send};
use crate::process::Server;

fn names(list: &Value) -> Vec<String> {
    let tools = list["result"]["tools"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    tools
        .iter()
        .filter_map(|tool| tool["name"].as_str().map(str::to_owned))
        .collect()
}

fn call(server: &Server, tool: &str, arguments: Value) -> anyhow::Result<Value> {
    let params = json!({"name": tool, "arguments": arguments});
    modern(server.address(), "tools/call", params)?.message()
}

#[test]
fn both_eras_list_the_same_ten_tools_and_call_them() -> anyhow::Result<()> {
    let server = Server::start(&["crm"])?;
    let list = modern(server.address(), "tools/list", json!({}))?.message()?;
    assert_eq!(names(&list).len(), 10);
    let session = open_session(server.address())?;
    let message = json!({"jsonrpc": "2.0", "id": "a", "method": "tools/list"});
    let same = legacy(server.address(), &session, &message)?.message()?;
    assert_eq!(names(&same), names(&list));

    let read = call(&server, "get_customer", json!({"id": "cus_0001"}))?;
    let customer = &read["result"]["structuredContent"];
    assert_eq!(customer["id"], "cus_0001");
    let copy = read["result"]["content"][0]["text"]
        .as_str()
        .unwrap_or_default();
    assert_eq!(&serde_json::from_str::<Value>(copy)?, customer);
    let message = json!({"jsonrpc": "2.0", "id": "b", "method": "tools/call",
        "params": {"name": "get_customer", "arguments": {"id": "cus_0001"}}});
    let same = legacy(server.address(), &session, &message)?.message()?;
    assert_eq!(same["id"], "b");
    assert_eq!(&same["result"]["structuredContent"], customer);
    Ok(())
}

#[test]
fn what_is_changed_stays_changed() -> anyhow::Result<()> {
    let server = Server::start(&["crm"])?;
    call(
        &server,
        "update_customer",
        json!({"id": "cus_0002", "email": "new@contoso.example"}),
    )?;
    let read = call(&server, "get_customer", json!({"id": "cus_0002"}))?;
    assert_eq!(
        read["result"]["structuredContent"]["email"],
        "new@contoso.example"
    );

    let refund = json!({"invoice": "inv_1001", "amount": 900, "currency": "USD", "reason": "late"});
    let paid = call(&server, "create_refund", refund.clone())?;
    assert_eq!(paid["result"]["structuredContent"]["id"], "ref_0001");
    let list = call(&server, "list_refunds", json!({}))?;
    assert_eq!(
        list["result"]["structuredContent"]["refunds"][0]["reason"],
        "late"
    );

    call(&server, "delete_customer", json!({"id": "cus_0001"}))?;
    let again = call(&server, "create_refund", refund)?;
    assert_eq!(again["result"]["isError"], true, "{again}");
    Ok(())
}

#[test]
fn prompts_and_resources_are_served() -> anyhow::Result<()> {
    let server = Server::start(&["crm"])?;
    let read = modern(
        server.address(),
        "resources/read",
        json!({"uri": "crm://reports/overview"}),
    )?;
    let text = read.message()?["result"]["contents"][0]["text"].clone();
    let overview: Value = serde_json::from_str(text.as_str().unwrap_or_default())?;
    assert_eq!(overview["customers"], 24);
    let params = json!({"name": "summarise_customer", "arguments": {"id": "cus_0003"}});
    let prompt = modern(server.address(), "prompts/get", params)?.message()?;
    let text = prompt["result"]["messages"][0]["content"]["text"].to_string();
    assert!(text.contains("cus_0003"), "{text}");
    Ok(())
}

#[test]
fn an_unknown_tool_is_a_protocol_error_and_a_foreign_origin_is_refused() -> anyhow::Result<()> {
    let server = Server::start(&["crm"])?;
    assert_eq!(
        call(&server, "drop_tables", json!({}))?["error"]["code"],
        -32602
    );
    let evil = [
        ("Origin", "http://evil.example"),
        ("Accept", "application/json, text/event-stream"),
    ];
    assert_eq!(send(server.address(), "POST", &evil, b"{}")?.status, 403);
    Ok(())
}

#[test]
fn a_server_that_was_told_to_dies_with_its_parent() -> anyhow::Result<()> {
    let mut shell = Command::new("sh")
        .args(["-c", "\"$0\" crm --die-with-parent & read -r _"])
        .arg(env!("CARGO_BIN_EXE_varistor-bench"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut out = BufReader::new(shell.stdout.take().ok_or(anyhow::anyhow!("no stdout"))?);
    let mut line = String::new();
    out.read_line(&mut line)?;
    assert!(line.starts_with("listening on http://"), "{line}");
    drop(shell.stdin.take());
    shell.wait()?;
    // The server holds the other end of the pipe: without it, this ends.
    out.read_to_string(&mut line)?;
    Ok(())
}
