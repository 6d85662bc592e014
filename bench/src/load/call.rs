//! The bytes of a call: prepared for each kind and era, filled in for each tool, token and session.
//!
//! Ids are numbers of sixteen digits, so that calls of one kind have the same length, and no two
//! calls of one process share one.

use std::io::Write;

use serde_json::{Map, Value, json};

use super::kind::{Kind, Method};
use super::target::Target;

/// The first id; all ids up to ten times this have as many digits, and fit into a double.
pub(super) const FIRST_ID: u64 = 1_000_000_000_000_000;
const ID_DIGITS: usize = 16;
/// The version that modern calls declare.
pub(super) const MODERN: &str = "2026-07-28";
/// The version that legacy sessions ask for.
pub(super) const LEGACY: &str = "2025-11-25";
/// Fills bodies up to their size; nothing that a scanner looks for.
const FILLER: &[u8] = b"the quick brown fox jumps over the lazy dog ";
/// Stand for what is filled in; no JSON text and no name holds these bytes.
const TOOL_MARK: &str = "\u{1}tool\u{1}";
const ID_MARK: &str = "\u{1}id\u{1}";
const FILLER_MARK: &str = "\u{1}filler\u{1}";

/// The era of the protocol.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Era {
    /// 2026-07-28: no session, routing headers.
    Modern,
    /// 2025-11-25: sessions.
    Legacy,
}

/// A kind of call in one era, with places for what changes.
pub(super) struct Template {
    /// Up to the value of `Content-Length`.
    head: Vec<u8>,
    /// Headers that follow the length.
    headers: Vec<u8>,
    /// Whether `Mcp-Name` follows.
    names_tool: bool,
    body: Vec<Piece>,
    /// Bytes of the body without tool and filler.
    fixed_bytes: usize,
    /// The size to fill up to.
    body_bytes: usize,
    tools_in_body: usize,
}

enum Piece {
    Text(Vec<u8>),
    Id,
    Tool,
    Filler,
}

/// What is filled in.
#[derive(Clone, Copy)]
pub(super) struct Filling<'a> {
    pub(super) tool: &'a str,
    pub(super) token: Option<&'a str>,
    pub(super) session: Option<&'a str>,
}

impl Template {
    /// # Errors
    /// A body size below the least possible.
    pub(super) fn new(
        kind: &Kind,
        era: Era,
        target: &Target,
        headers: &[String],
    ) -> anyhow::Result<Self> {
        let text = body_text(kind, era, "")?;
        let marks = TOOL_MARK.len() * text.matches(TOOL_MARK).count()
            + ID_MARK.len() * text.matches(ID_MARK).count();
        let ids = text.matches(ID_MARK).count();
        let bare = text.len() - marks + ids * ID_DIGITS;
        let least = bare + kind.tool.as_ref().map_or("echo".len(), String::len);
        anyhow::ensure!(
            kind.request_bytes == 0 || kind.request_bytes >= least,
            "the body of {:?} cannot have {} bytes: the smallest has {least}; ask for more",
            kind.name,
            kind.request_bytes
        );
        let text = if kind.request_bytes == 0 {
            text
        } else {
            body_text(kind, era, FILLER_MARK)?
        };
        let (body, fixed_bytes) = pieces(&text);
        let version = match era {
            Era::Modern => MODERN,
            Era::Legacy => LEGACY,
        };
        let mut rest = format!("MCP-Protocol-Version: {version}\r\n");
        if era == Era::Modern {
            rest.push_str(&format!("Mcp-Method: {}\r\n", kind.method.name()));
        }
        Ok(Self {
            head: head(headers, target).into_bytes(),
            headers: rest.into_bytes(),
            names_tool: era == Era::Modern && kind.method == Method::Call,
            tools_in_body: body.iter().filter(|p| matches!(p, Piece::Tool)).count(),
            body,
            fixed_bytes,
            body_bytes: kind.request_bytes,
        })
    }

    /// Writes the whole request into `out`, and where its id stands into `ids`.
    pub(super) fn fill(&self, filling: Filling<'_>, out: &mut Vec<u8>, ids: &mut Vec<usize>) {
        out.clear();
        ids.clear();
        let bare = self.fixed_bytes + self.tools_in_body * filling.tool.len();
        let has_filler = self.body.iter().any(|piece| matches!(piece, Piece::Filler));
        let filler = if has_filler {
            self.body_bytes.saturating_sub(bare)
        } else {
            0
        };
        out.extend_from_slice(&self.head);
        // Writing into a Vec does not fail.
        drop(write!(out, "{}\r\n", bare + filler));
        out.extend_from_slice(&self.headers);
        if self.names_tool {
            drop(write!(out, "Mcp-Name: {}\r\n", filling.tool));
        }
        if let Some(token) = filling.token {
            drop(write!(out, "Authorization: Bearer {token}\r\n"));
        }
        if let Some(session) = filling.session {
            drop(write!(out, "Mcp-Session-Id: {session}\r\n"));
        }
        out.extend_from_slice(b"\r\n");
        for piece in &self.body {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text),
                Piece::Tool => out.extend_from_slice(filling.tool.as_bytes()),
                Piece::Id => {
                    ids.push(out.len());
                    out.extend_from_slice(&[b'0'; ID_DIGITS]);
                }
                Piece::Filler => out.extend(FILLER.iter().cycle().take(filler)),
            }
        }
    }
}

/// Writes an id into its places in a request.
pub(super) fn set_id(request: &mut [u8], places: &[usize], id: u64) {
    for &at in places {
        let mut rest = id;
        let digits = request.get_mut(at..at.saturating_add(ID_DIGITS));
        for digit in digits.into_iter().flatten().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or(0);
            rest /= 10;
        }
    }
}

/// The head of a POST up to the value of its length.
pub(super) fn head(headers: &[String], target: &Target) -> String {
    let mut head = format!(
        "POST {} HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\n",
        target.path, target.authority
    );
    for header in headers {
        head.push_str(header);
        head.push_str("\r\n");
    }
    head.push_str("Content-Length: ");
    head
}

/// What every modern request says of its client.
pub(super) fn modern_meta() -> Map<String, Value> {
    let client = json!({"name": "varistor-bench", "version": "1"});
    Map::from_iter([
        (
            "io.modelcontextprotocol/protocolVersion".to_owned(),
            json!(MODERN),
        ),
        ("io.modelcontextprotocol/clientInfo".to_owned(), client),
        (
            "io.modelcontextprotocol/clientCapabilities".to_owned(),
            json!({}),
        ),
    ])
}

/// The body with marks in it; a filler goes into the argument `text`, or `padding` if that is
/// taken.
fn body_text(kind: &Kind, era: Era, filler: &str) -> anyhow::Result<String> {
    let mut meta = match era {
        Era::Modern => modern_meta(),
        Era::Legacy => Map::new(),
    };
    if kind.events() > 1 {
        meta.insert("progressToken".to_owned(), json!("ID"));
    }
    let mut members = Vec::new();
    if kind.method == Method::Call {
        let tool = match &kind.tool {
            Some(tool) => serde_json::to_string(tool)?,
            None => format!("\"{TOOL_MARK}\""),
        };
        let mut arguments = serde_json::to_string(&kind.arguments)?;
        if !filler.is_empty() {
            let name = if kind.arguments.contains_key("text") {
                "padding"
            } else {
                "text"
            };
            let comma = if kind.arguments.is_empty() { "" } else { "," };
            arguments.pop();
            arguments.push_str(&format!("{comma}\"{name}\":\"{filler}\"}}"));
        }
        members.push(format!("\"name\":{tool},\"arguments\":{arguments}"));
    }
    if !meta.is_empty() {
        let meta = serde_json::to_string(&meta)?;
        let token = format!("\"progressToken\":{ID_MARK}");
        let meta = meta.replace("\"progressToken\":\"ID\"", &token);
        members.push(format!("\"_meta\":{meta}"));
    }
    Ok(format!(
        "{{\"jsonrpc\":\"2.0\",\"id\":{ID_MARK},\"method\":\"{}\",\"params\":{{{}}}}}",
        kind.method.name(),
        members.join(",")
    ))
}

/// Takes a text apart at its marks; returns the bytes of the parts that do not change, too.
fn pieces(text: &str) -> (Vec<Piece>, usize) {
    let (mut pieces, mut fixed) = (Vec::new(), 0_usize);
    for (place, part) in text.split('\u{1}').enumerate() {
        // Marks begin and end with the same byte, so that every second part is a mark's name.
        let piece = match (place % 2, part) {
            (0, text) => Piece::Text(text.as_bytes().to_vec()),
            (_, "id") => Piece::Id,
            (_, "tool") => Piece::Tool,
            _ => Piece::Filler,
        };
        fixed = fixed.saturating_add(match &piece {
            Piece::Text(text) => text.len(),
            Piece::Id => ID_DIGITS,
            Piece::Tool | Piece::Filler => 0,
        });
        pieces.push(piece);
    }
    (pieces, fixed)
}

#[cfg(test)]
mod tests {
    use super::{Era, FIRST_ID, Filling, Template, set_id};
    use crate::load::kind::{Kind, NAMES};
    use crate::load::target::Target;
    use crate::wire::Head;

    fn sent(kind: &Kind, era: Era, tool: &str) -> (String, serde_json::Value, usize) {
        let target = Target::parse("http://127.0.0.1:1/mcp").unwrap();
        let template = Template::new(kind, era, &target, &["X: y".to_owned()]).unwrap();
        let filling = Filling {
            tool,
            token: Some("t"),
            session: Some("s"),
        };
        let (mut out, mut ids) = (b"rest".to_vec(), Vec::new());
        template.fill(filling, &mut out, &mut ids);
        set_id(&mut out, &ids, FIRST_ID + 42);
        let head = Head::of_request(&out).unwrap().unwrap();
        let body = &out[head.bytes..];
        assert_eq!(head.body.length_left(), Some(body.len() as u64));
        let text = String::from_utf8(out[..head.bytes].to_vec()).unwrap();
        (text, serde_json::from_slice(body).unwrap(), body.len())
    }

    #[test]
    fn a_call_has_the_asked_size_and_the_given_id_whatever_the_tool() {
        for (era, bytes, tool) in [
            (Era::Modern, 400, "echo"),
            (Era::Legacy, 400, "tool_0007"),
            (Era::Modern, 5000, "tool_12345"),
        ] {
            let mut kind = Kind::named("small", 1.0).unwrap();
            kind.request_bytes = bytes;
            let (head, body, length) = sent(&kind, era, tool);
            assert_eq!(length, bytes);
            assert_eq!(body["id"], FIRST_ID + 42);
            assert_eq!(body["params"]["name"], tool);
            assert_eq!(body["params"]["arguments"]["answer_bytes"], 250);
            let named = head.contains(&format!("Mcp-Name: {tool}\r\n"));
            assert_eq!(named, era == Era::Modern);
            assert!(head.contains("Authorization: Bearer t\r\n") && head.contains("X: y\r\n"));
        }
    }

    #[test]
    fn every_kind_is_one_well_formed_request_in_both_eras() {
        for name in NAMES {
            let kind = Kind::named(name, 1.0).unwrap();
            for era in [Era::Modern, Era::Legacy] {
                let (head, body, _) = sent(&kind, era, "echo");
                assert_eq!(body["jsonrpc"], "2.0", "{name}");
                let wants_progress = name == "stream";
                let token = &body["params"]["_meta"]["progressToken"];
                assert_eq!(token == &body["id"], wants_progress, "{name}");
                assert_eq!(head.contains("Mcp-Method:"), era == Era::Modern);
            }
        }
    }

    #[test]
    fn a_size_below_the_smallest_body_is_refused() {
        let target = Target::parse("http://127.0.0.1:1/mcp").unwrap();
        let mut kind = Kind::named("small", 1.0).unwrap();
        kind.request_bytes = 50;
        let Err(error) = Template::new(&kind, Era::Modern, &target, &[]) else {
            panic!("a body of 50 bytes was made");
        };
        assert!(error.to_string().contains("the smallest has"), "{error}");
    }
}
