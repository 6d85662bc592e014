//! The heads of requests: who asks, what for, and in which session or version
//! (2026-07-28, *Streamable HTTP › Request Metadata*; 2025-11-25, *Session Management*).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
};
use hyper::{Method, Request};

use crate::session::Opened;
use crate::target::Target;

/// `Mcp-Session-Id`
pub(crate) const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
/// `MCP-Protocol-Version`
const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
/// `Mcp-Method`
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
/// `Mcp-Name`
const NAME: HeaderName = HeaderName::from_static("mcp-name");
/// `Last-Event-ID`
const LAST_EVENT: HeaderName = HeaderName::from_static("last-event-id");

/// The fields of a request beside those that every one has.
#[derive(Debug, Default)]
pub(crate) struct Fields(HeaderMap);

impl Fields {
    /// Those of a session.
    pub(crate) fn of_session(session: &Opened) -> Self {
        let mut fields = Self::default();
        fields.0.insert(VERSION, session.version.clone());
        if let Some(id) = &session.id {
            fields.0.insert(SESSION, id.clone());
        }
        fields
    }

    /// Those of a message without a session.
    pub(crate) fn modern(version: &str, method: &str, name: Option<&str>) -> Self {
        let mut fields = Self::default();
        let named = [
            (VERSION, Some(version)),
            (METHOD, Some(method)),
            (NAME, name),
        ];
        for (field, value) in named {
            if let Some(value) = value.and_then(encoded) {
                fields.0.insert(field, value);
            }
        }
        fields
    }

    /// An argument that the tool wants to see here.
    pub(crate) fn mirror(&mut self, name: &str, value: &str) {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Some(value)) = (name, encoded(value)) {
            self.0.insert(name, value);
        }
    }

    /// Where a stream of events is to go on.
    pub(crate) fn resume(&mut self, last_event: &str) {
        if let Ok(value) = HeaderValue::from_str(last_event) {
            self.0.insert(LAST_EVENT, value);
        }
    }

    /// The whole request.
    pub(crate) fn request(
        self,
        method: Method,
        target: &Target,
        token: Option<HeaderValue>,
        body: Bytes,
    ) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
        let accept = match method {
            Method::GET => "text/event-stream",
            _ => "application/json, text/event-stream",
        };
        let has_body = method == Method::POST;
        let mut request = Request::builder()
            .method(method)
            .uri(target.path())
            .header(HOST, target.authority())
            .header(
                USER_AGENT,
                concat!("varictl-connect/", env!("CARGO_PKG_VERSION")),
            )
            .header(ACCEPT, accept)
            .body(Full::new(body))?;
        let head = request.headers_mut();
        if has_body {
            head.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        }
        if let Some(token) = token {
            head.insert(AUTHORIZATION, token);
        }
        head.extend(self.0);
        Ok(request)
    }
}

/// A value as a field carries it: as it is where it is visible ASCII, else in base64.
fn encoded(value: &str) -> Option<HeaderValue> {
    let is_plain = value
        .bytes()
        .all(|byte| matches!(byte, b' '..=b'~' | b'\t'))
        && value.trim_matches([' ', '\t']).len() == value.len()
        && !(value.starts_with("=?base64?") && value.ends_with("?="));
    let encoded = match is_plain {
        true => value.to_owned(),
        false => format!("=?base64?{}?=", STANDARD.encode(value)),
    };
    HeaderValue::from_str(&encoded).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_a_field_cannot_carry_are_encoded() {
        for (value, expected) in [
            ("read_file", "read_file"),
            ("a b\tc", "a b\tc"),
            ("", ""),
            (" a", "=?base64?IGE=?="),
            ("grüezi", "=?base64?Z3LDvGV6aQ==?="),
            ("a\nb", "=?base64?YQpi?="),
            ("=?base64?eA==?=", "=?base64?PT9iYXNlNjQ/ZUE9PT89?="),
        ] {
            assert_eq!(encoded(value).unwrap(), expected, "{value:?}");
        }
    }

    #[test]
    fn a_request_carries_its_fields_and_hides_its_token() {
        let target = Target::parse("http://127.0.0.1:9/mcp/a", false).unwrap();
        let mut token = HeaderValue::from_static("Bearer secret");
        token.set_sensitive(true);
        let mut fields = Fields::modern("2026-07-28", "tools/call", Some("t"));
        fields.mirror("Mcp-Param-Region", "eu");
        let request = fields
            .request(
                Method::POST,
                &target,
                Some(token),
                Bytes::from_static(b"{}"),
            )
            .unwrap();
        let head = request.headers();
        assert_eq!(head["mcp-protocol-version"], "2026-07-28");
        assert_eq!(head["mcp-method"], "tools/call");
        assert_eq!(head["mcp-name"], "t");
        assert_eq!(head["mcp-param-region"], "eu");
        assert_eq!(head["host"], "127.0.0.1:9");
        assert!(!format!("{request:?}").contains("secret"));
    }
}
