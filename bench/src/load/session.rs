//! Opens a session of the legacy era on a fresh connection, before load is sent on it.

use std::io::{Read, Write};
use std::net::TcpStream;

use anyhow::Context;
use serde_json::json;

use super::call::{LEGACY, head};
use super::target::Target;
use crate::wire::Head;

/// Initializes; returns the session id, if the server gave one.
///
/// # Errors
/// The server refuses, or does not speak HTTP.
pub(super) fn open(
    stream: &mut TcpStream,
    target: &Target,
    headers: &[String],
) -> anyhow::Result<Option<String>> {
    let initialize = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": LEGACY, "capabilities": {},
        "clientInfo": {"name": "varistor-bench", "version": "1"}
    }});
    let (status, session) = post(stream, target, headers, &initialize.to_string())?;
    anyhow::ensure!(
        status == 200,
        "initialize was answered with status {status}"
    );
    let mut headers = headers.to_vec();
    headers.push(format!("MCP-Protocol-Version: {LEGACY}"));
    if let Some(session) = &session {
        headers.push(format!("Mcp-Session-Id: {session}"));
    }
    let initialized = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    let (status, _) = post(stream, target, &headers, initialized)?;
    anyhow::ensure!(
        status == 202,
        "initialized was answered with status {status}"
    );
    Ok(session)
}

fn post(
    stream: &mut TcpStream,
    target: &Target,
    headers: &[String],
    body: &str,
) -> anyhow::Result<(u16, Option<String>)> {
    let head = head(headers, target, body.len())?;
    stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
    let (mut bytes, mut data) = (Vec::new(), Vec::new());
    let head = loop {
        receive(stream, &mut bytes)?;
        if let Some(head) = Head::of_response(&bytes).map_err(std::io::Error::from)? {
            break head;
        }
    };
    let rest = bytes.split_off(head.bytes);
    let session = session_id(&bytes);
    let mut framing = head.body;
    framing
        .read(&rest, &mut data)
        .map_err(std::io::Error::from)?;
    while !framing.has_ended() {
        let mut more = Vec::new();
        receive(stream, &mut more)?;
        framing
            .read(&more, &mut data)
            .map_err(std::io::Error::from)?;
    }
    Ok((head.status, session))
}

fn receive(stream: &mut TcpStream, into: &mut Vec<u8>) -> anyhow::Result<()> {
    let mut piece = [0_u8; 4096];
    let count = stream.read(&mut piece)?;
    anyhow::ensure!(count > 0, "the server closed the connection");
    into.extend_from_slice(
        piece
            .get(..count)
            .context("a read longer than its buffer")?,
    );
    Ok(())
}

fn session_id(head: &[u8]) -> Option<String> {
    let head = std::str::from_utf8(head).ok()?;
    head.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        name.eq_ignore_ascii_case("mcp-session-id")
            .then(|| value.trim().to_owned())
    })
}
