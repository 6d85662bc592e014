//! The bytes of a call, prepared once for each connection; only the id changes.
//!
//! Ids are numbers of sixteen digits, so that every call has the same length, and no two calls of
//! one process share one.

use std::fmt::Write;

use anyhow::Context;
use serde_json::{Map, Value, json};

use super::target::Target;

/// The first id; all ids up to ten times this have as many digits, and fit into a double.
pub(super) const FIRST_ID: u64 = 1_000_000_000_000_000;
const ID_DIGITS: usize = 16;
/// The version that modern calls declare.
const MODERN: &str = "2026-07-28";
/// The version that legacy sessions ask for.
pub(super) const LEGACY: &str = "2025-11-25";

/// The era of the protocol.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Era {
    /// 2026-07-28: no session, routing headers.
    Modern,
    /// 2025-11-25: a session for each connection.
    Legacy,
}

/// What every call looks like.
pub(super) struct Shape<'a> {
    pub(super) era: Era,
    pub(super) tool: &'a str,
    pub(super) arguments: &'a str,
    pub(super) headers: &'a [String],
    pub(super) body_bytes: usize,
}

/// A call as bytes, with a place for its id.
#[derive(Clone)]
pub(super) struct Call {
    bytes: Vec<u8>,
    id_at: usize,
}

impl Call {
    /// The call of one connection, in its session if it has one.
    ///
    /// # Errors
    /// Arguments that are not a JSON object, or a body size below the least possible.
    pub(super) fn new(
        shape: &Shape<'_>,
        target: &Target,
        session: Option<&str>,
    ) -> anyhow::Result<Self> {
        let body = body(shape)?;
        let id_in_body = body
            .find(&FIRST_ID.to_string())
            .context("the body has no id")?;
        let mut head = head(shape.headers, target, body.len())?;
        match (shape.era, session) {
            (Era::Modern, _) => {
                let tool = shape.tool;
                write!(
                    head,
                    "MCP-Protocol-Version: {MODERN}\r\nMcp-Method: tools/call\r\n\
                     Mcp-Name: {tool}\r\n"
                )?;
            }
            (Era::Legacy, session) => {
                write!(head, "MCP-Protocol-Version: {LEGACY}\r\n")?;
                if let Some(session) = session {
                    write!(head, "Mcp-Session-Id: {session}\r\n")?;
                }
            }
        }
        head.push_str("\r\n");
        let id_at = head.len() + id_in_body;
        Ok(Self {
            bytes: [head.into_bytes(), body.into_bytes()].concat(),
            id_at,
        })
    }

    /// The call with this id.
    pub(super) fn with_id(&mut self, id: u64) -> &[u8] {
        let mut rest = id;
        let digits = self.bytes.get_mut(self.id_at..self.id_at + ID_DIGITS);
        for digit in digits.into_iter().flatten().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
        &self.bytes
    }
}

/// The head of a POST up to the headers of the era, without the empty line.
pub(super) fn head(headers: &[String], target: &Target, body: usize) -> anyhow::Result<String> {
    let mut head = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nContent-Length: {body}\r\n",
        target.path, target.authority
    );
    for header in headers {
        anyhow::ensure!(
            header.contains(':') && !header.contains(['\r', '\n']),
            "--header {header:?} is not of the form \"Name: value\""
        );
        write!(head, "{header}\r\n")?;
    }
    Ok(head)
}

fn body(shape: &Shape<'_>) -> anyhow::Result<String> {
    let arguments: Map<String, Value> = serde_json::from_str(shape.arguments)
        .with_context(|| format!("--arguments {:?} is not a JSON object", shape.arguments))?;
    let bare = body_of(shape, &arguments)?;
    let Some(missing) = shape.body_bytes.checked_sub(bare.len()) else {
        anyhow::ensure!(
            shape.body_bytes == 0,
            "--request-bytes {} is below the {} bytes of the smallest body",
            shape.body_bytes,
            bare.len()
        );
        return Ok(bare);
    };
    let mut padded = arguments;
    padded.insert("text".to_owned(), Value::String(String::new()));
    let frame = body_of(shape, &padded)?.len().saturating_sub(bare.len());
    let Some(filler) = missing.checked_sub(frame) else {
        return Ok(bare);
    };
    let words = "the quick brown fox jumps over the lazy dog ";
    let text = words.chars().cycle().take(filler).collect();
    padded.insert("text".to_owned(), Value::String(text));
    body_of(shape, &padded)
}

fn body_of(shape: &Shape<'_>, arguments: &Map<String, Value>) -> anyhow::Result<String> {
    let name = serde_json::to_string(shape.tool)?;
    let arguments = serde_json::to_string(arguments)?;
    let meta = match shape.era {
        Era::Modern => {
            let meta = json!({
                "io.modelcontextprotocol/protocolVersion": MODERN,
                "io.modelcontextprotocol/clientInfo": {"name": "varistor-bench", "version": "1"},
                "io.modelcontextprotocol/clientCapabilities": {}
            });
            format!(r#","_meta":{meta}"#)
        }
        Era::Legacy => String::new(),
    };
    Ok(format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":{FIRST_ID},\"method\":\"tools/call\",\
         \"params\":{{\"name\":{name},\"arguments\":{arguments}{meta}}}}}"
    ))
}

#[cfg(test)]
mod tests {
    use super::{Call, Era, FIRST_ID, Shape};
    use crate::load::target::Target;
    use crate::wire::Head;

    #[test]
    fn a_call_has_the_asked_size_and_the_given_id() {
        let target = Target::parse("http://127.0.0.1:1/mcp").unwrap();
        for (era, body_bytes) in [(Era::Modern, 400), (Era::Legacy, 400), (Era::Modern, 5000)] {
            let shape = Shape {
                era,
                tool: "echo",
                arguments: r#"{"a":1}"#,
                headers: &[],
                body_bytes,
            };
            let mut call = Call::new(&shape, &target, Some("s")).unwrap();
            let bytes = call.with_id(FIRST_ID + 42).to_vec();
            let head = Head::of_request(&bytes).unwrap().unwrap();
            let body = &bytes[head.bytes..];
            assert_eq!(body.len(), body_bytes);
            let value: serde_json::Value = serde_json::from_slice(body).unwrap();
            assert_eq!(value["id"], FIRST_ID + 42);
            assert_eq!(value["params"]["arguments"]["a"], 1);
        }
    }
}
