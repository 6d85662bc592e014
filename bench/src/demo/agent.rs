//! A scripted agent: a legacy MCP client in a few lines, one connection a call.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use crate::wire::Head;

/// An agent with an open session.
pub(super) struct Agent {
    url: String,
    token: String,
    session: Option<String>,
    next_id: u64,
}

/// What came of a call.
pub(super) struct Answer {
    status: u16,
    message: Value,
    /// The number of the gateway's record.
    pub(super) record: Option<String>,
    session: Option<String>,
}

const VERSION: &str = "2025-11-25";

impl Agent {
    /// Opens a session.
    pub(super) fn connect(url: &str, token: &str) -> anyhow::Result<Self> {
        let mut agent = Self {
            url: url.to_owned(),
            token: token.to_owned(),
            session: None,
            next_id: 1,
        };
        let answer = agent.request(
            "initialize",
            &json!({"protocolVersion": VERSION, "capabilities": {},
                    "clientInfo": {"name": "demo-agent", "version": "1"}}),
        )?;
        ensure!(answer.is_result(), "initialize: found {}", answer.text());
        agent.session = answer.session;
        let body = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        let answer = agent.send(&body)?;
        ensure!(
            answer.status == 202,
            "initialized: expected 202, found {}",
            answer.status
        );
        Ok(agent)
    }

    /// The names of the tools that it sees.
    pub(super) fn tools(&mut self) -> anyhow::Result<Vec<String>> {
        let answer = self.request("tools/list", &json!({}))?;
        let tools = answer.message["result"]["tools"]
            .as_array()
            .context("no list of tools")?;
        Ok(tools
            .iter()
            .filter_map(|tool| tool["name"].as_str())
            .map(str::to_owned)
            .collect())
    }

    /// Calls a tool.
    pub(super) fn call(&mut self, tool: &str, arguments: &Value) -> anyhow::Result<Answer> {
        self.request("tools/call", &json!({"name": tool, "arguments": arguments}))
    }

    fn request(&mut self, method: &str, params: &Value) -> anyhow::Result<Answer> {
        let id = self.next_id;
        self.next_id = id.saturating_add(1);
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
    }

    fn send(&self, body: &Value) -> anyhow::Result<Answer> {
        let mut fields = format!("Authorization: Bearer {}\r\n", self.token);
        if let Some(session) = &self.session {
            fields += &format!("Mcp-Session-Id: {session}\r\nMCP-Protocol-Version: {VERSION}\r\n");
        }
        post(&self.url, &fields, &body.to_string())
    }
}

/// The HTTP status of a call without a token.
pub(super) fn status_without_token(url: &str) -> anyhow::Result<u16> {
    Ok(post(url, "", r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#)?.status)
}

impl Answer {
    /// Whether it is a result of the server's own.
    pub(super) fn is_result(&self) -> bool {
        self.message
            .get("result")
            .is_some_and(|result| result["isError"] != true)
    }

    /// Whether the tool does not exist for the agent.
    pub(super) fn is_unknown(&self) -> bool {
        self.message["error"]["code"] == -32602
    }

    /// Whether a rate limit refused it.
    pub(super) fn is_limited(&self) -> bool {
        let reason = &self.message["result"]["_meta"]["varistor/reason"];
        reason
            .as_str()
            .is_some_and(|reason| reason.starts_with("limit_"))
    }

    /// All of it.
    pub(super) fn text(&self) -> String {
        format!("{} {}", self.status, self.message)
    }

    /// The sentence that a person reads.
    pub(super) fn short(&self) -> String {
        let texts = [
            &self.message["result"]["content"][0]["text"],
            &self.message["error"]["message"],
            &self.message,
        ];
        let text = texts
            .into_iter()
            .find_map(Value::as_str)
            .unwrap_or_default();
        let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
        line.chars().take(100).collect()
    }
}

fn post(url: &str, fields: &str, body: &str) -> anyhow::Result<Answer> {
    let rest = url
        .strip_prefix("http://")
        .context("the demo speaks plain HTTP")?;
    let (host, path) = rest.split_once('/').context("the URL has no path")?;
    let mut stream = TcpStream::connect(host)?;
    write!(
        stream,
        "POST /{path} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nConnection: close\r\n{fields}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )?;
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes)?;
    let head = Head::of_response(&bytes).map_err(|error| anyhow::anyhow!(error.0))?;
    let mut head = head.context("the answer was cut short")?;
    let mut data = Vec::new();
    let (start, rest) = bytes
        .split_at_checked(head.bytes)
        .context("the answer was cut short")?;
    head.body
        .read(rest, &mut data)
        .map_err(|error| anyhow::anyhow!(error.0))?;
    Ok(Answer {
        status: head.status,
        message: message(&String::from_utf8(data)?, head.event_stream)?,
        record: field(start, "varistor-record"),
        session: field(start, "mcp-session-id"),
    })
}

/// The one message of a JSON answer, or the last of an event stream.
fn message(text: &str, events: bool) -> anyhow::Result<Value> {
    let json = if events {
        let data = text.lines().filter_map(|line| line.strip_prefix("data:"));
        data.map(str::trim)
            .rfind(|data| !data.is_empty())
            .unwrap_or("null")
    } else {
        text
    };
    if json.trim().is_empty() {
        Ok(Value::Null)
    } else {
        Ok(serde_json::from_str(json)?)
    }
}

fn field(head: &[u8], name: &str) -> Option<String> {
    let head = String::from_utf8_lossy(head);
    head.lines()
        .filter_map(|line| line.split_once(':'))
        .find(|(key, _)| key.eq_ignore_ascii_case(name))
        .map(|(_, value)| value.trim().to_owned())
}
