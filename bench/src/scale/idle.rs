//! Connections that have made a call and stay open, and the memory that they take.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::rig::memory::Memory;
use crate::rig::{authority, interrupt};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(10);
/// Descriptors beside the connections.
const SPARE: u64 = 256;

/// Open connections.
pub(super) struct Idle {
    /// Bytes of the gateway for each, over what it had before.
    pub(super) bytes_each: f64,
    _connections: Vec<TcpStream>,
}

impl Idle {
    /// Opens `count` connections and makes a call on each.
    ///
    /// # Errors
    /// The gateway or the system refuses one.
    pub(super) fn open(url: &str, token: &str, count: u32, pids: &[u32]) -> anyhow::Result<Self> {
        allow(u64::from(count))?;
        let before = Memory::of(pids);
        let mut connections = Vec::new();
        for number in 0..count {
            interrupt::check()?;
            let connection = called(url, token)
                .with_context(|| format!("idle connection {} of {count}", number + 1))?;
            connections.push(connection);
        }
        let after = Memory::of(pids);
        let kib = after.rss_kib.saturating_sub(before.rss_kib);
        Ok(Self {
            bytes_each: kib as f64 * 1024.0 / f64::from(count.max(1)),
            _connections: connections,
        })
    }
}

/// Raises the bound of this process, as far as the system lets it.
fn allow(count: u64) -> anyhow::Result<()> {
    let bound = getrlimit(Resource::Nofile);
    let wanted = count.saturating_add(SPARE);
    if bound.current.is_none_or(|current| current >= wanted) {
        return Ok(());
    }
    let maximum = bound.maximum;
    ensure!(
        maximum.is_none_or(|maximum| maximum >= wanted),
        "{wanted} open files are needed; raise the limit (ulimit -Hn) or ask for fewer connections"
    );
    let current = Some(wanted);
    setrlimit(Resource::Nofile, Rlimit { current, maximum })?;
    Ok(())
}

/// A connection over which a call has gone.
fn called(url: &str, token: &str) -> anyhow::Result<TcpStream> {
    let authority = authority(url)?;
    let path = url.split_once(authority).map_or("/", |(_, path)| path);
    let mut stream = TcpStream::connect(authority)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let body = concat!(
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"echo","arguments":{},"#,
        r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","#,
        r#""io.modelcontextprotocol/clientCapabilities":{}}}}"#
    );
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {authority}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nMCP-Protocol-Version: 2026-07-28\r\n\
         Mcp-Method: tools/call\r\nMcp-Name: echo\r\nAuthorization: Bearer {token}\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes())?;
    let mut answer = Vec::new();
    let mut piece = [0; 4096];
    // The answer ends with the result's braces; the connection stays open.
    while !answer.ends_with(b"}}") {
        let count = stream.read(&mut piece)?;
        ensure!(count > 0, "it was closed");
        answer.extend_from_slice(piece.get(..count).unwrap_or_default());
    }
    ensure!(
        answer.starts_with(b"HTTP/1.1 200"),
        "found {}",
        String::from_utf8_lossy(&answer)
    );
    Ok(stream)
}
