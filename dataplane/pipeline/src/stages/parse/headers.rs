//! The routing headers of 2026-07-28, compared with the body (*Streamable HTTP › Request
//! Metadata*).
//!
//! Missing, malformed or differing headers are refused: an intermediary that routes by them must
//! never see another call than the server that reads the body.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use varistor_http1::Field;
use varistor_inspect::json::{Kind, Message};
use varistor_model::{Era, Method, Reason, Subject};

use crate::desk::Desk;
use crate::outside::Client;

/// Compares `Mcp-Method` and `Mcp-Name` with the message.
pub(super) fn check(
    desk: &Desk,
    client: &impl Client,
    (message, era): (&Message, Era),
) -> Result<(), Reason> {
    if era == Era::Legacy {
        return Ok(());
    }
    let (head, bytes) = client.head();
    let method = head.field(bytes, Field::McpMethod).map(<[u8]>::trim_ascii);
    let method_text = desk.reader.text(message.method_text).as_bytes();
    match method {
        Some(method) if method != method_text => return Err(Reason::HeaderMismatch),
        None if message.kind == Kind::Request => return Err(Reason::HeaderMismatch),
        _ => {}
    }
    if !has_name(message.method) {
        return Ok(());
    }
    let header = head
        .field(bytes, Field::McpName)
        .ok_or(Reason::HeaderMismatch)?;
    let name = message.name.map(|name| desk.reader.text(name).as_bytes());
    if name.is_some_and(|name| is_value(header.trim_ascii(), name)) {
        Ok(())
    } else {
        Err(Reason::HeaderMismatch)
    }
}

/// Methods whose requests must carry `Mcp-Name`.
pub(crate) const fn has_name(method: Method) -> bool {
    matches!(
        method,
        Method::ToolsCall | Method::PromptsGet | Method::ResourcesRead
    ) || matches!(method.subject(), Subject::Task)
}

/// The header value that stands for this text.
pub(crate) fn value_of(text: &str) -> Cow<'_, [u8]> {
    let plain = text.bytes().all(|byte| matches!(byte, 0x21..=0x7e));
    match plain && !text.starts_with("=?") {
        true => Cow::Borrowed(text.as_bytes()),
        false => format!("=?base64?{}?=", STANDARD.encode(text))
            .into_bytes()
            .into(),
    }
}

/// Whether a header value, plain or `=?base64?...?=`, stands for this text.
fn is_value(header: &[u8], text: &[u8]) -> bool {
    match header
        .strip_prefix(b"=?base64?")
        .and_then(|rest| rest.strip_suffix(b"?="))
    {
        Some(encoded) => STANDARD
            .decode(encoded)
            .is_ok_and(|decoded| decoded == text),
        None => header == text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_value_stands_for_one_text() {
        assert!(is_value(b"get_weather", b"get_weather"));
        assert!(is_value("=?base64?w6k=?=".as_bytes(), "é".as_bytes()));
        assert!(!is_value(b"Get_weather", b"get_weather"));
        assert!(!is_value(b"=?BASE64?w6k=?=", "é".as_bytes()));
        assert!(!is_value(b"=?base64?w6k?=", "é".as_bytes()));
        assert!(!is_value(b"", b"x"));
        for text in [
            "crm://ada@example.org",
            "crm://é",
            "a b",
            "=?base64?w6k=?=",
            "",
        ] {
            assert!(is_value(&value_of(text), text.as_bytes()), "{text}");
        }
    }
}
