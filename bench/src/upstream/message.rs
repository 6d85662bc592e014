//! What a message says of itself: its id, its method, and, where somebody asks, its parameters.

use std::borrow::Cow;
use std::sync::LazyLock;

use memchr::memmem::Finder;
use serde::Deserialize;
use serde_json::value::RawValue;

/// The members that decide the answer to most messages.
#[derive(Deserialize)]
pub(super) struct Message<'a> {
    /// The id as it was written; `None` in a notification.
    #[serde(borrow, default)]
    pub(super) id: Option<&'a RawValue>,
    /// Empty when there is none.
    #[serde(borrow, default)]
    pub(super) method: Cow<'a, str>,
}

/// The same message once more, where its parameters count.
#[derive(Deserialize)]
struct Detailed<'a> {
    #[serde(borrow, default)]
    params: Params<'a>,
}

/// The parameters that a script or a call's own wishes look at.
#[derive(Deserialize, Default)]
pub(super) struct Params<'a> {
    /// The tool; empty when there is none.
    #[serde(borrow, default)]
    pub(super) name: Cow<'a, str>,
    #[serde(borrow, default)]
    pub(super) arguments: Option<&'a RawValue>,
    /// Where a list goes on.
    #[serde(borrow, default)]
    pub(super) cursor: Option<Cow<'a, str>>,
    /// The version that `initialize` asks for; empty when there is none.
    #[serde(borrow, default, rename = "protocolVersion")]
    pub(super) version: Cow<'a, str>,
    #[serde(borrow, default, rename = "_meta")]
    pub(super) meta: Meta<'a>,
}

/// What stands in `_meta`.
#[derive(Deserialize, Default)]
pub(super) struct Meta<'a> {
    /// As it was written.
    #[serde(borrow, default, rename = "progressToken")]
    pub(super) progress_token: Option<&'a RawValue>,
}

/// A member of `_meta` that every request of 2026-07-28 has, and no other.
static MODERN: LazyLock<Finder<'static>> =
    LazyLock::new(|| Finder::new("\"io.modelcontextprotocol/protocolVersion\""));

/// Whether a body is of the modern era.
pub(super) fn is_modern(body: &[u8]) -> bool {
    MODERN.find(body).is_some()
}

impl<'a> Message<'a> {
    /// Reads a message; `None` when it is not a JSON object.
    pub(super) fn read(body: &'a [u8]) -> Option<Self> {
        // An array would be read as the members in their order.
        let is_object = body.trim_ascii_start().starts_with(b"{");
        serde_json::from_slice(body).ok().filter(|_| is_object)
    }
}

impl<'a> Params<'a> {
    /// Reads the parameters of a message; empty ones when they have another shape.
    pub(super) fn read(body: &'a [u8]) -> Self {
        serde_json::from_slice::<Detailed<'_>>(body)
            .map(|message| message.params)
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::{Message, Params, is_modern};

    #[test]
    fn an_id_is_kept_as_it_was_written_and_a_method_is_unescaped() {
        let body = br#"{"id" : 1e2, "method":"tools\/call", "params": {"name": "e\u0063ho",
            "arguments": {"a": [1]}, "_meta": {"progressToken": "x"}}}"#;
        let message = Message::read(body).unwrap();
        assert_eq!(message.id.unwrap().get(), "1e2");
        assert_eq!(message.method, "tools/call");
        let params = Params::read(body);
        assert_eq!(params.name, "echo");
        assert_eq!(params.arguments.unwrap().get(), r#"{"a": [1]}"#);
        assert!(params.cursor.is_none() && !is_modern(body));
        assert_eq!(params.meta.progress_token.unwrap().get(), r#""x""#);
    }

    #[test]
    fn what_is_missing_or_of_another_shape_is_empty() {
        assert!(Message::read(b"[1]").is_none());
        assert!(Message::read(b"{").is_none());
        let message = Message::read(br#"{"method":"x"}"#).unwrap();
        assert!(message.id.is_none());
        assert_eq!(Message::read(b"{}").unwrap().method, "");
        for body in [r#"{"params":1}"#, r#"{"params":{"name":1}}"#, "{}"] {
            assert_eq!(Params::read(body.as_bytes()).name, "");
        }
    }
}
