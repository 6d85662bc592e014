//! Who listens on this machine, by what the kernel tells of its sockets, and whether what answers a
//! probe is an MCP server.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use serde_json::Value;

/// A socket that listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listener {
    /// Where.
    pub address: SocketAddr,
    /// The number by which its process has it open.
    pub inode: u64,
}

/// What a probe saw.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// An MCP server, by its own word.
    Server {
        /// Its name.
        name: String,
        /// Its version.
        version: String,
        /// The session that the probe has opened.
        session: Option<String>,
    },
    /// An event stream of HTTP+SSE.
    EventStream,
    /// Somebody who speaks JSON-RPC and refuses the probe.
    JsonRpc,
    /// Somebody who wants a login as the MCP specification says (RFC 9728).
    Login,
}

/// The listeners in `/proc/net/tcp` or `/proc/net/tcp6` that this machine itself reaches by its
/// loopback address. Lines that are none are passed over.
#[must_use]
pub fn listeners(table: &str) -> Vec<Listener> {
    const LISTENS: &str = "0A";
    let lines = table.lines().skip(1);
    let rows = lines.filter_map(|line| {
        let mut words = line.split_ascii_whitespace().skip(1);
        let (local, _remote, state) = (words.next()?, words.next()?, words.next()?);
        let inode = words.nth(5)?.parse().ok()?;
        let address = address(local)?;
        let ip = address.ip().to_canonical();
        let is_near = ip.is_loopback() || ip.is_unspecified();
        (state == LISTENS && is_near).then_some(Listener { address, inode })
    });
    rows.collect()
}

/// `0100007F:1CA4`: four bytes of an address each in the order of the machine.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let port = u16::from_str_radix(port, 16).ok()?;
    let mut bytes = Vec::with_capacity(16);
    for at in (0..ip.len()).step_by(8) {
        let word = u32::from_str_radix(ip.get(at..at.checked_add(8)?)?, 16).ok()?;
        bytes.extend(word.to_ne_bytes());
    }
    let ip = match bytes.len() {
        4 => IpAddr::V4(Ipv4Addr::from(<[u8; 4]>::try_from(bytes).ok()?)),
        16 => IpAddr::V6(Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?)),
        _ => return None,
    };
    Some(SocketAddr::new(ip, port))
}

/// The message that a probe posts.
#[must_use]
pub fn probe() -> String {
    serde_json::json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": "2025-11-25", "capabilities": {},
        "clientInfo": {"name": "varictl discover", "version": env!("CARGO_PKG_VERSION")}}})
    .to_string()
}

/// What the beginning of an HTTP answer says of who gave it; `None`: no MCP server.
#[must_use]
pub fn seen(answer: &[u8]) -> Option<Seen> {
    let text = String::from_utf8_lossy(answer);
    let (head, body) = text.split_once("\r\n\r\n")?;
    let mut lines = head.split("\r\n");
    let status: u16 = lines
        .next()?
        .strip_prefix("HTTP/1.")?
        .get(2..5)?
        .parse()
        .ok()?;
    let fields: Vec<(&str, &str)> = lines.filter_map(|line| line.split_once(':')).collect();
    let field = |name: &str| {
        let mut fields = fields.iter();
        let found = fields.find(|(own, _)| own.trim().eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.trim())
    };
    if status == 401 {
        let asks = field("www-authenticate").unwrap_or_default();
        return asks.contains("resource_metadata").then_some(Seen::Login);
    }
    let is_stream = field("content-type").is_some_and(|it| it.starts_with("text/event-stream"));
    if status == 200 && is_stream && body.contains("event: endpoint") {
        return Some(Seen::EventStream);
    }
    let message = messages(body).find(|message| message.get("jsonrpc") == Some(&"2.0".into()))?;
    let Some(info) = message.pointer("/result/serverInfo") else {
        return Some(Seen::JsonRpc);
    };
    let text = |key: &str| info.get(key).and_then(Value::as_str).unwrap_or_default();
    Some(Seen::Server {
        name: text("name").to_owned(),
        version: text("version").to_owned(),
        session: field("mcp-session-id").map(str::to_owned),
    })
}

/// JSON in a body: whole, or in its lines, as events and chunks have it.
fn messages(body: &str) -> impl Iterator<Item = Value> {
    let lines = body
        .lines()
        .map(|line| line.strip_prefix("data:").unwrap_or(line));
    let all = [body].into_iter().chain(lines);
    all.filter_map(|text| serde_json::from_str(text.trim()).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listeners_on_the_loopback_are_told_from_the_kernels_table() {
        let table = "\
  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1CA4 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 7001 1
   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7002 1
   2: 0A01A8C0:0050 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 7003 1
   3: 0100007F:1CA4 0100007F:D2F0 01 00000000:00000000 00:00000000 00000000  1000        0 7004 1
   4: nonsense
";
        let found = listeners(table);
        let said: Vec<_> = found
            .iter()
            .map(|one| (one.address.to_string(), one.inode))
            .collect();
        let expected = [
            ("127.0.0.1:7332".to_owned(), 7001),
            ("0.0.0.0:22".to_owned(), 7002),
        ];
        assert_eq!(said, expected);
        let table = "head\n 0: 00000000000000000000000001000000:0050 0:0 0A 0 0 0 0 0 9 1\n";
        assert_eq!(listeners(table)[0].address.to_string(), "[::1]:80");
    }

    #[test]
    fn answers_of_mcp_servers_are_told_from_others() {
        let of = |head: &str, body: &str| seen(format!("{head}\r\n\r\n{body}").as_bytes());
        let result =
            r#"{"jsonrpc":"2.0","id":0,"result":{"serverInfo":{"name":"a","version":"1"}}}"#;
        let server = |session: Option<&str>| {
            Some(Seen::Server {
                name: "a".to_owned(),
                version: "1".to_owned(),
                session: session.map(str::to_owned),
            })
        };
        let good = "HTTP/1.1 200 OK\r\nContent-Type: application/json";
        assert_eq!(
            of(&format!("{good}\r\nMcp-Session-Id: x"), result),
            server(Some("x"))
        );
        let event = format!("event: message\ndata: {result}\n\n");
        assert_eq!(
            of("HTTP/1.1 200 OK\r\nContent-Type: text/event-stream", &event),
            server(None)
        );
        let chunked = format!("{:x}\r\n{result}\r\n0\r\n\r\n", result.len());
        assert_eq!(
            of("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked", &chunked),
            server(None)
        );
        let endpoint = "event: endpoint\ndata: /messages?session_id=1\n\n";
        let stream = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8";
        assert_eq!(of(stream, endpoint), Some(Seen::EventStream));
        let error = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32600,"message":"no"}}"#;
        assert_eq!(of("HTTP/1.1 400 Bad Request", error), Some(Seen::JsonRpc));
        let asks = "HTTP/1.1 401 No\r\nWWW-Authenticate: Bearer resource_metadata=\"https://a/\"";
        assert_eq!(of(asks, ""), Some(Seen::Login));
        assert_eq!(of("HTTP/1.1 401 No\r\nWWW-Authenticate: Basic", ""), None);
        assert_eq!(of("HTTP/1.1 404 Not Found", "<html>"), None);
        assert_eq!(seen(b"SSH-2.0-OpenSSH\r\n"), None);
        assert_eq!(seen(b"HTTP/1.1"), None);
    }
}
