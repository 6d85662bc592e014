//! MCP servers that listen on this machine's loopback interface: sockets by the kernel's tables,
//! processes by their open files, and one short question to each that is not the gateway's own.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use anyhow::Context;
use serde::Serialize;
use varistor_onboard::{Listener, Seen, listeners, probe, seen};
use varistor_snapshot::schema::Policy;

use super::gateway::Gateway;
use crate::output::plain;

/// Where servers are looked for.
const PATHS: [(&str, &str); 3] = [("POST", "/mcp"), ("POST", "/"), ("GET", "/sse")];
/// Longest wait for one answer.
const PATIENCE: Duration = Duration::from_millis(1_500);
/// Most bytes that are read of one.
const ANSWER_BYTES_MAX: u64 = 256 * 1024;
/// Most that are asked at once.
const AT_ONCE: usize = 16;

/// An MCP server that listens.
#[derive(Serialize)]
pub(super) struct Listening {
    pub(super) url: String,
    /// Its name and version, by its own word.
    pub(super) server: String,
    /// What kind of answer it gave.
    kind: &'static str,
    /// The process that has the socket open, if this user may see it.
    process: Option<Process>,
    /// The server of the policy that it is.
    policy: Option<String>,
}

/// A process.
#[derive(Clone, Serialize)]
struct Process {
    id: u32,
    program: String,
}

impl Listening {
    /// Whether the policy knows it.
    pub(super) fn is_known(&self) -> bool {
        self.policy.is_some()
    }

    /// Its process, for people.
    pub(super) fn process(&self) -> String {
        match &self.process {
            Some(Process { id, program }) => format!("{program} ({id})"),
            None => "of another user".to_owned(),
        }
    }

    /// What it is, for people.
    pub(super) fn what(&self) -> String {
        match &self.policy {
            Some(name) => format!("{name} of the policy; reachable past the gateway too"),
            None => format!("{}; not behind the gateway", self.kind),
        }
    }
}

/// All of them, or those on these ports.
pub(super) fn found(
    policy: Option<&Policy>,
    ports: &[u16],
    gateway: &Gateway,
) -> anyhow::Result<Vec<Listening>> {
    let processes = processes();
    let mut sockets = sockets()?;
    sockets.retain(|socket| ports.is_empty() || ports.contains(&socket.address.port()));
    sockets.retain(|socket| {
        let process = processes.get(&socket.inode);
        let process = process.map(|process| (process.id, process.program.as_str()));
        !gateway.is_own(socket.address.port(), process)
    });
    let mut found = Vec::new();
    for sockets in sockets.chunks(AT_ONCE) {
        let answers: Vec<_> = std::thread::scope(|scope| {
            let asked = sockets
                .iter()
                .map(|socket| scope.spawn(|| asked(socket.address)));
            let asked: Vec<_> = asked.collect();
            asked
                .into_iter()
                .map(|thread| thread.join().ok().flatten())
                .collect()
        });
        for (socket, answer) in sockets.iter().zip(answers) {
            if let Some((path, seen)) = answer {
                let process = processes.get(&socket.inode).cloned();
                found.push(told(socket.address, path, &seen, (process, policy)));
            }
        }
    }
    Ok(found)
}

fn sockets() -> anyhow::Result<Vec<Listener>> {
    let table = fs::read_to_string("/proc/net/tcp").context("can't read /proc/net/tcp")?;
    let mut sockets = listeners(&table);
    // Not every kernel has the other version.
    sockets.extend(listeners(
        &fs::read_to_string("/proc/net/tcp6").unwrap_or_default(),
    ));
    for socket in &mut sockets {
        if socket.address.ip().is_unspecified() {
            socket.address.set_ip(match socket.address {
                SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
                SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
            });
        }
    }
    sockets.sort_by_key(|socket| socket.address);
    sockets.dedup_by_key(|socket| socket.address);
    Ok(sockets)
}

/// The processes that this user may see, by the sockets that they have open.
fn processes() -> BTreeMap<u64, Process> {
    let mut found = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(id) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let program = fs::read_to_string(entry.path().join("comm")).unwrap_or_default();
        for file in fs::read_dir(entry.path().join("fd"))
            .into_iter()
            .flatten()
            .flatten()
        {
            let target = fs::read_link(file.path()).unwrap_or_default();
            let socket = target.to_str().and_then(|target| {
                let inode = target.strip_prefix("socket:[")?.strip_suffix(']')?;
                inode.parse().ok()
            });
            if let Some(inode) = socket {
                let program = plain(program.trim()).into_owned();
                found.insert(inode, Process { id, program });
            }
        }
    }
    found
}

fn asked(address: SocketAddr) -> Option<(&'static str, Seen)> {
    for (method, path) in PATHS {
        let body = if method == "POST" {
            probe()
        } else {
            String::new()
        };
        // Who does not even take a connection, or is silent, is not asked again.
        let answer = exchange(address, (method, path), "", &body)?;
        if let Some(seen) = seen(&answer) {
            if let Seen::Server {
                session: Some(session),
                ..
            } = &seen
                && session.bytes().all(|byte| byte.is_ascii_graphic())
            {
                // What the probe has opened is closed again; it does not matter if that fails.
                let field = format!("Mcp-Session-Id: {session}\r\n");
                let _ended = exchange(address, ("DELETE", path), &field, "");
            }
            return Some((path, seen));
        }
    }
    None
}

/// One request on a connection of its own; what came back in time, `None` if nothing did.
fn exchange(
    address: SocketAddr,
    (method, path): (&str, &str),
    field: &str,
    body: &str,
) -> Option<Vec<u8>> {
    let until = Instant::now() + PATIENCE;
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_write_timeout(Some(PATIENCE)).ok()?;
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n{field}\
         Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = Vec::new();
    let mut part = [0; 4096];
    loop {
        let left = until.checked_duration_since(Instant::now());
        let left = left.filter(|left| !left.is_zero() && answer.len() as u64 <= ANSWER_BYTES_MAX);
        let Some(left) = left else { break };
        stream.set_read_timeout(Some(left)).ok()?;
        match stream.read(&mut part) {
            Ok(count @ 1..) => answer.extend_from_slice(part.get(..count)?),
            _ => break,
        }
        // Streams do not end; what they say first is enough.
        if !matches!(seen(&answer), None | Some(Seen::JsonRpc)) {
            break;
        }
    }
    (!answer.is_empty()).then_some(answer)
}

fn told(
    address: SocketAddr,
    path: &str,
    seen: &Seen,
    (process, policy): (Option<Process>, Option<&Policy>),
) -> Listening {
    let (server, kind) = match seen {
        Seen::Server { name, version, .. } => (format!("{name} {version}"), "an MCP server"),
        Seen::EventStream => (String::new(), "an MCP server of HTTP+SSE"),
        Seen::JsonRpc => (String::new(), "a JSON-RPC server, an MCP server perhaps"),
        Seen::Login => (String::new(), "an MCP server that wants a login"),
    };
    let mut servers = policy.into_iter().flat_map(|policy| &policy.servers);
    let of_policy = servers.find(|row| {
        let host = row.host.parse::<IpAddr>().ok();
        let is_near = row.host == "localhost" || host.is_some_and(|ip| ip.is_loopback());
        row.stdio.is_none() && row.port == address.port() && is_near
    });
    Listening {
        url: format!("http://{address}{path}"),
        server: plain(server.trim()).into_owned(),
        kind,
        process,
        policy: of_policy.map(|row| row.name.clone()),
    }
}
