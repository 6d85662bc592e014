//! A client that sees every byte: what came, when, and how the connection ended.

use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How a connection stands.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) enum Ended {
    Open,
    Closed,
    Reset,
}

/// What came over a connection.
#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) text: String,
    /// Reads that it took.
    pub(crate) reads: usize,
    pub(crate) ended: Ended,
}

/// One connection that is kept.
pub(crate) struct Raw<S: Read + Write = TcpStream> {
    pub(crate) stream: S,
}

impl Raw {
    pub(crate) fn connect(address: &str) -> anyhow::Result<Self> {
        Ok(Self {
            stream: TcpStream::connect(address)?,
        })
    }

    /// Reads until the connection ends, or until nothing has come for this long.
    pub(crate) fn see(&mut self, quiet: Duration) -> anyhow::Result<Seen> {
        self.stream.set_read_timeout(Some(quiet))?;
        let (mut bytes, mut reads, mut piece) = (Vec::new(), 0, [0; 64 * 1024]);
        let begun = Instant::now();
        let ended = loop {
            match self.stream.read(&mut piece) {
                Ok(0) => break Ended::Closed,
                Ok(count) => bytes.extend_from_slice(&piece[..count]),
                Err(error) if error.kind() == ErrorKind::ConnectionReset => break Ended::Reset,
                Err(error) if error.kind() == ErrorKind::WouldBlock => break Ended::Open,
                Err(error) => return Err(error.into()),
            }
            reads += 1;
            if begun.elapsed() > Duration::from_secs(20) {
                anyhow::bail!("the server never ends");
            }
        };
        Ok(Seen {
            text: String::from_utf8(bytes)?,
            reads,
            ended,
        })
    }

    pub(crate) fn leave(&self) {
        drop(self.stream.shutdown(Shutdown::Both));
    }
}

impl<S: Read + Write> Raw<S> {
    /// Sends a call of a tool, and leaves the connection open.
    pub(crate) fn call(&mut self, id: u32, tool: &str, arguments: Value) -> anyhow::Result<()> {
        let params = json!({"name": tool, "arguments": arguments});
        self.post(&json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}))
    }

    /// Sends a message, and leaves the connection open.
    pub(crate) fn post(&mut self, message: &Value) -> anyhow::Result<()> {
        let body = message.to_string();
        let head = format!(
            "POST /mcp HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
             Accept: application/json, text/event-stream\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        Ok(self.stream.write_all(format!("{head}{body}").as_bytes())?)
    }
}

impl Seen {
    pub(crate) fn body(&self) -> &str {
        self.text
            .split_once("\r\n\r\n")
            .map_or("", |(_, body)| body)
    }
}
