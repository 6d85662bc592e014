//! Sessions of the legacy era: opens one, and ends it.

use std::io;

use serde_json::json;

use super::call::{LEGACY, head};
use super::exchange::Wire;
use super::target::Target;

/// What the requests around a session carry.
#[derive(Clone, Copy)]
pub(super) struct Visitor<'a> {
    pub(super) target: &'a Target,
    pub(super) headers: &'a [String],
    pub(super) token: Option<&'a str>,
}

impl Visitor<'_> {
    /// A whole POST with these further header lines.
    pub(super) fn post(&self, extra: &str, body: &str) -> Vec<u8> {
        let (head, token) = (head(self.headers, self.target), self.authorization());
        format!("{head}{}\r\n{token}{extra}\r\n{body}", body.len()).into_bytes()
    }

    /// A whole request without a body.
    pub(super) fn bodiless(&self, method: &str, extra: &str) -> Vec<u8> {
        let lines: String = self
            .headers
            .iter()
            .map(|line| format!("{line}\r\n"))
            .collect();
        format!(
            "{method} {} HTTP/1.1\r\nHost: {}\r\n{lines}{}{extra}\r\n",
            self.target.path,
            self.target.authority,
            self.authorization()
        )
        .into_bytes()
    }

    fn authorization(&self) -> String {
        self.token.map_or(String::new(), |token| {
            format!("Authorization: Bearer {token}\r\n")
        })
    }
}

/// The header lines of a session.
pub(super) fn lines(session: Option<&str>) -> String {
    let version = format!("MCP-Protocol-Version: {LEGACY}\r\n");
    match session {
        Some(session) => format!("{version}Mcp-Session-Id: {session}\r\n"),
        None => version,
    }
}

/// Initializes; returns the session id, if the server gave one.
///
/// # Errors
/// The server refuses, or the connection fails.
pub(super) async fn open(wire: &mut Wire, visitor: Visitor<'_>) -> io::Result<Option<String>> {
    let initialize = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
        "protocolVersion": LEGACY, "capabilities": {},
        "clientInfo": {"name": "varistor-bench", "version": "1"}
    }});
    let mut request = visitor.post("", &initialize.to_string());
    let answer = wire.exchange(&mut request).await?;
    expect("initialize", answer.status, &[200])?;
    let session = wire.session_id(&answer);
    let initialized = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
    let mut request = visitor.post(&lines(session.as_deref()), initialized);
    let answer = wire.exchange(&mut request).await?;
    expect("notifications/initialized", answer.status, &[202])?;
    Ok(session)
}

/// Ends a session; a server may not offer that, or have forgotten it.
///
/// # Errors
/// The server refuses, or the connection fails.
pub(super) async fn end(wire: &mut Wire, visitor: Visitor<'_>, session: &str) -> io::Result<()> {
    let mut request = visitor.bodiless("DELETE", &lines(Some(session)));
    let answer = wire.exchange(&mut request).await?;
    expect(
        "DELETE of the session",
        answer.status,
        &[200, 202, 204, 404, 405],
    )
}

/// # Errors
/// The status is another one.
pub(super) fn expect(what: &str, status: u16, expected: &[u16]) -> io::Result<()> {
    if expected.contains(&status) {
        return Ok(());
    }
    Err(io::Error::other(format!(
        "{what} was answered with status {status}{}",
        match status {
            401 | 403 => ": the token is missing or not accepted; give --tokens or --header",
            404 => ": the path of the URL is not an MCP endpoint, or it knows no such method",
            405 => ": the server does not offer this",
            _ => "",
        }
    )))
}
