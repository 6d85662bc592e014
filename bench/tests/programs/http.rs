//! One HTTP request on a connection of its own.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::Context;
use serde_json::{Value, json};

/// Nothing here takes longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A response that was read to the end of its connection.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The last JSON-RPC message of the body, be it JSON or an event stream.
    pub(crate) fn message(&self) -> anyhow::Result<Value> {
        if !self.head.contains("text/event-stream") {
            return Ok(serde_json::from_str(&self.body)?);
        }
        let mut data = self
            .body
            .lines()
            .filter_map(|line| line.strip_prefix("data:"));
        let last = data
            .rfind(|data| !data.trim().is_empty())
            .context("no data")?;
        Ok(serde_json::from_str(last)?)
    }
}

/// Sends one request, and reads until the server closes.
pub(crate) fn send(
    address: &str,
    method: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> anyhow::Result<Response> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut head = format!("{method} /mcp HTTP/1.1\r\nConnection: close\r\n");
    if !headers.iter().any(|(name, _)| *name == "Host") {
        head.push_str(&format!("Host: {address}\r\n"));
    }
    for (name, value) in headers {
        head.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() {
        head.push_str(&format!(
            "Content-Type: application/json\r\nContent-Length: {}\r\n",
            body.len()
        ));
    }
    stream.write_all(&[head.as_bytes(), b"\r\n", body].concat())?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    parse(&String::from_utf8(bytes)?)
}

/// A call of 2026-07-28.
pub(crate) fn modern(address: &str, method: &str, params: Value) -> anyhow::Result<Response> {
    let mut params = params;
    let name = params
        .get("name")
        .or(params.get("uri"))
        .and_then(Value::as_str);
    let name = name.unwrap_or_default().to_owned();
    params["_meta"] = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {}
    });
    let body = json!({"jsonrpc": "2.0", "id": 7, "method": method, "params": params});
    let mut headers = vec![
        ("Accept", "application/json, text/event-stream"),
        ("MCP-Protocol-Version", "2026-07-28"),
        ("Mcp-Method", method),
    ];
    if !name.is_empty() {
        headers.push(("Mcp-Name", name.as_str()));
    }
    send(address, "POST", &headers, body.to_string().as_bytes())
}

/// A message within a session of 2025-11-25.
pub(crate) fn legacy(address: &str, session: &str, message: &Value) -> anyhow::Result<Response> {
    let mut headers = vec![("Accept", "application/json, text/event-stream")];
    if !session.is_empty() {
        headers.push(("Mcp-Session-Id", session));
        headers.push(("MCP-Protocol-Version", "2025-11-25"));
    }
    send(address, "POST", &headers, message.to_string().as_bytes())
}

/// Opens a session of 2025-11-25 and returns its id.
pub(crate) fn open_session(address: &str) -> anyhow::Result<String> {
    let opened = legacy(
        address,
        "",
        &json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": "2025-11-25", "capabilities": {},
            "clientInfo": {"name": "test", "version": "1"}
        }}),
    )?;
    let session = opened
        .header("Mcp-Session-Id")
        .context("no session id")?
        .to_owned();
    let done = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    let status = legacy(address, &session, &done)?.status;
    anyhow::ensure!(status == 202, "initialized was answered with {status}");
    Ok(session)
}

fn parse(text: &str) -> anyhow::Result<Response> {
    let (head, body) = text.split_once("\r\n\r\n").context("no head")?;
    let status = head.split(' ').nth(1).context("no status")?.parse()?;
    let chunked = head
        .to_ascii_lowercase()
        .contains("transfer-encoding: chunked");
    let body = if chunked {
        unchunked(body)?
    } else {
        body.to_owned()
    };
    Ok(Response {
        status,
        head: head.to_owned(),
        body,
    })
}

fn unchunked(mut rest: &str) -> anyhow::Result<String> {
    let mut body = String::new();
    while let Some((size, more)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16)?;
        let (chunk, more) = more.split_at_checked(size).context("a chunk is cut")?;
        body.push_str(chunk);
        rest = more.strip_prefix("\r\n").unwrap_or_default();
    }
    Ok(body)
}
