//! What a sound client says around a message: the header fields of its version, and the call that
//! an answer belongs to.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use varistor_inspect::json::Reader;
use varistor_model::{Method, ProtocolVersion, Subject};

/// What an answer belongs to: a call of the agent.
pub(in crate::commands) struct Call<'c> {
    /// The method.
    pub(in crate::commands) method: &'c str,
    /// The name of the tool or prompt, when it is known.
    pub(in crate::commands) name: &'c str,
}

/// The header fields by which a client says its version: of batches, and of 2026-07-28 with the
/// names that routing goes by.
pub(in crate::commands) fn version_of(reader: &Reader) -> Option<String> {
    if reader.is_batch() {
        let version = ProtocolVersion::V2025_03_26.name();
        return Some(format!("MCP-Protocol-Version: {version}\r\n"));
    }
    let message = reader.messages().first()?;
    let version = reader.text(message.meta_version?);
    let mut fields = format!("MCP-Protocol-Version: {version}\r\n");
    fields.push_str(&field("Mcp-Method", reader.text(message.method_text)));
    if let Some(name) = message.name {
        fields.push_str(&field("Mcp-Name", reader.text(name)));
    }
    Some(fields)
}

/// A header field; a value that can't stand in one is sent in base64.
fn field(name: &str, value: &str) -> String {
    let plain = value
        .bytes()
        .all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if plain && value.trim() == value && !value.is_empty() {
        format!("{name}: {value}\r\n")
    } else {
        format!("{name}: =?base64?{}?=\r\n", STANDARD.encode(value))
    }
}

/// The call that an answer belongs to. It has the id of the answer.
pub(in crate::commands) fn asked(reader: &Reader, call: &Call<'_>, body: &[u8]) -> Vec<u8> {
    let mut ids = reader
        .messages()
        .iter()
        .map(|message| message.id.of_bytes(body));
    let id = ids
        .find(|id| !id.is_empty() && *id != b"null")
        .unwrap_or(b"1");
    let params = match Method::named(call.method.as_bytes()).subject() {
        Subject::Tool | Subject::Prompt => serde_json::json!({"name": call.name}),
        Subject::Resource => serde_json::json!({"uri": call.name}),
        Subject::Reference => serde_json::json!({"ref": {"type": "ref/prompt", "name": call.name}}),
        Subject::Task => serde_json::json!({"taskId": call.name}),
        Subject::None => serde_json::json!({}),
    };
    let mut request = br#"{"jsonrpc":"2.0","id":"#.to_vec();
    request.extend_from_slice(id);
    let method = serde_json::Value::from(call.method);
    request.extend_from_slice(format!(r#","method":{method},"params":{params}}}"#).as_bytes());
    if reader.is_batch() {
        request.insert(0, b'[');
        request.push(b']');
    }
    request
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_field_holds_any_name() {
        assert_eq!(field("A", "get_x"), "A: get_x\r\n");
        for odd in ["é", " x", "", "a\r\nb"] {
            assert!(field("A", odd).starts_with("A: =?base64?"), "{odd:?}");
        }
    }
}
