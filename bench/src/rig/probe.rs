//! One call by hand: whether a gateway answers rightly, and what it says when it does not.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(20);
/// Sixteen digits, as the calls of the load have.
const ID: u64 = 1_000_000_000_000_007;
/// How much of a wrong answer is shown.
const SHOWN_CHARS: usize = 300;
const LEGACY: &str = "2025-11-25";
const MODERN: &str = "2026-07-28";

/// Whom to ask what.
pub(crate) struct Probe<'a> {
    pub(crate) url: &'a str,
    pub(crate) tool: &'a str,
    pub(crate) headers: &'a [String],
    /// A session is opened first.
    pub(crate) legacy: bool,
}

struct Answer {
    status: u16,
    session: Option<String>,
    body: String,
}

impl Probe<'_> {
    /// Calls the tool; the bytes of the answer's body.
    ///
    /// # Errors
    /// No answer, or not the right one; the message shows it.
    pub(crate) fn call(&self) -> anyhow::Result<usize> {
        let (headers, call) = self.message()?;
        self.post(&headers, &call)?.right()
    }

    /// Calls the tool on a connection that stays open.
    ///
    /// # Errors
    /// No right answer in time; the message shows what came.
    pub(crate) fn stay(&self) -> anyhow::Result<TcpStream> {
        let (headers, call) = self.message()?;
        let mut stream = self.send(&headers, &call, "keep-alive")?;
        let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
        // The body is a message as soon as it is whole.
        let answer = loop {
            match Answer::read(&bytes) {
                Ok(answer) if message(&answer.body).is_some() => break answer,
                _ => {}
            }
            let count = stream.read(&mut piece).context("no answer")?;
            ensure!(count > 0, "no answer: the connection was closed");
            bytes.extend_from_slice(piece.get(..count).unwrap_or_default());
        };
        answer.right()?;
        Ok(stream)
    }

    /// The call and the headers that go with it; of a legacy one, a session is opened for it.
    fn message(&self) -> anyhow::Result<(String, Value)> {
        let mut headers = String::new();
        if self.legacy {
            headers = self.open()?;
        }
        let mut params = json!({"name": self.tool, "arguments": {}});
        if !self.legacy {
            params["_meta"] = json!({
                "io.modelcontextprotocol/protocolVersion": MODERN,
                "io.modelcontextprotocol/clientInfo": {"name": "varistor-bench", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {}
            });
            headers = format!(
                "MCP-Protocol-Version: {MODERN}\r\nMcp-Method: tools/call\r\nMcp-Name: {}\r\n",
                self.tool
            );
        }
        let call = json!({"jsonrpc": "2.0", "id": ID, "method": "tools/call", "params": params});
        Ok((headers, call))
    }

    /// Opens a session; its headers.
    fn open(&self) -> anyhow::Result<String> {
        let hello = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
            "protocolVersion": LEGACY, "capabilities": {},
            "clientInfo": {"name": "varistor-bench", "version": "1"}}});
        let opened = self.post("", &hello)?;
        ensure!(opened.status == 200, "initialize: found {}", opened.shown());
        let mut headers = format!("MCP-Protocol-Version: {LEGACY}\r\n");
        if let Some(session) = opened.session {
            headers += &format!("Mcp-Session-Id: {session}\r\n");
        }
        let done = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        self.post(&headers, &done)?;
        Ok(headers)
    }

    fn post(&self, headers: &str, body: &Value) -> anyhow::Result<Answer> {
        let mut stream = self.send(headers, body, "close")?;
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).context("no answer")?;
        Answer::read(&bytes)
    }

    /// Connects and sends, with this value of the field `Connection`.
    fn send(&self, headers: &str, body: &Value, connection: &str) -> anyhow::Result<TcpStream> {
        let authority = super::authority(self.url)?;
        let path = self.url.split_once(authority).map_or("", |(_, path)| path);
        let path = if path.is_empty() { "/" } else { path };
        let body = body.to_string();
        let mut head = format!(
            "POST {path} HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nConnection: {connection}\r\n\
             Content-Length: {}\r\n{headers}",
            body.len()
        );
        for header in self.headers {
            head += header;
            head += "\r\n";
        }
        let mut stream = TcpStream::connect(authority)
            .with_context(|| format!("nothing listens on {authority}"))?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(format!("{head}\r\n{body}").as_bytes())?;
        Ok(stream)
    }
}

impl Answer {
    fn read(bytes: &[u8]) -> anyhow::Result<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, body) = text
            .split_once("\r\n\r\n")
            .with_context(|| format!("the answer has no head: {:?}", cut(&text)))?;
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok());
        let field = |name: &str| {
            head.lines().find_map(|line| {
                let (found, value) = line.split_once(':')?;
                found
                    .eq_ignore_ascii_case(name)
                    .then(|| value.trim().to_owned())
            })
        };
        let chunked = field("Transfer-Encoding").is_some_and(|value| value.contains("chunked"));
        let body = if chunked {
            unchunked(body)?
        } else {
            body.to_owned()
        };
        Ok(Self {
            status: status.context("the answer has no status")?,
            session: field("Mcp-Session-Id"),
            body,
        })
    }

    /// The bytes of its body, when it is the result of the call and no tool's error.
    fn right(&self) -> anyhow::Result<usize> {
        let message = message(&self.body);
        let result = message.as_ref().and_then(|message| message.get("result"));
        let right = self.status == 200
            && message.as_ref().is_some_and(|message| message["id"] == ID)
            && result.is_some_and(|result| result["isError"] != true);
        ensure!(
            right,
            "expected the result of call {ID}, found {}",
            self.shown()
        );
        Ok(self.body.len())
    }

    fn shown(&self) -> String {
        format!("status {} with {:?}", self.status, cut(&self.body))
    }
}

fn unchunked(mut rest: &str) -> anyhow::Result<String> {
    let mut body = String::new();
    while let Some((size, more)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).context("the size of a chunk")?;
        let (chunk, more) = more.split_at_checked(size).context("a chunk is cut")?;
        body.push_str(chunk);
        rest = more.strip_prefix("\r\n").unwrap_or_default();
    }
    Ok(body)
}

/// The message of a body, be it JSON or an event stream.
fn message(body: &str) -> Option<Value> {
    serde_json::from_str(body).ok().or_else(|| {
        let data = body.lines().filter_map(|line| line.strip_prefix("data:"));
        let mut messages = data.filter_map(|data| serde_json::from_str::<Value>(data).ok());
        messages.find(|message| message.get("id").is_some())
    })
}

fn cut(text: &str) -> String {
    text.chars().take(SHOWN_CHARS).collect()
}
