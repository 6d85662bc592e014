//! What the bridge has to know of a message: its kind, its id, its era, what names it in headers.
//! Everything else stays unread, so that it can't be changed.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// The id of a request, as JSON text in one spelling.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Id(String);

impl Id {
    /// The id of a value.
    pub(crate) fn of(value: &Value) -> Self {
        Self(value.to_string())
    }

    /// JSON text.
    pub(crate) fn text(&self) -> &str {
        &self.0
    }
}

/// A message of the host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Message {
    /// Expects an answer.
    Request(Request),
    /// Expects none.
    Notification(Notification),
    /// The host's answer to a request of the server.
    Response,
    /// Several at once (2025-03-26), with the ids of the requests among them.
    Batch(Vec<Id>),
}

/// What is known of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// Its id.
    pub(crate) id: Id,
    /// Its method.
    pub(crate) method: String,
    /// The version that its `_meta` names; without one it belongs to a session.
    pub(crate) modern: Option<String>,
    /// The tool, prompt, resource or task that it is about.
    pub(crate) name: Option<String>,
}

/// What is known of a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Notification {
    /// Its method.
    pub(crate) method: String,
    /// The request that `notifications/cancelled` is about.
    pub(crate) cancels: Option<Id>,
}

/// A line that is no message.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Invalid {
    /// Not one JSON document.
    #[error("the line is not one valid JSON document")]
    Json,
    /// Neither request, notification nor response.
    #[error("the line is no JSON-RPC message")]
    Rpc,
}

/// The members of a message that matter here.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Envelope<'a> {
    #[serde(default)]
    pub(crate) id: Option<Value>,
    #[serde(borrow, default)]
    pub(crate) method: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    pub(crate) params: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) result: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(crate) error: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
struct Params<'a> {
    #[serde(borrow, default, rename = "_meta")]
    meta: Option<&'a RawValue>,
    #[serde(default)]
    name: Option<Value>,
    #[serde(default)]
    uri: Option<Value>,
    #[serde(default, rename = "taskId")]
    task: Option<Value>,
    #[serde(default, rename = "requestId")]
    request: Option<Value>,
}

#[derive(Default, Deserialize)]
struct Meta<'a> {
    #[serde(borrow, default, rename = "io.modelcontextprotocol/protocolVersion")]
    version: Option<Cow<'a, str>>,
}

impl Message {
    /// Reads a line.
    pub(crate) fn read(line: &[u8]) -> Result<Self, Invalid> {
        if line.trim_ascii_start().first() == Some(&b'[') {
            let members: Vec<Envelope<'_>> = parse(line)?;
            let requests = members.into_iter().filter(Envelope::is_request);
            let ids = requests.filter_map(|member| Some(Id::of(&member.id?)));
            return Ok(Self::Batch(ids.collect()));
        }
        let envelope: Envelope<'_> = parse(line)?;
        let params: Params<'_> = envelope.parsed_params();
        match (envelope.method, envelope.id) {
            (Some(method), Some(id)) => Ok(Self::Request(Request {
                id: Id::of(&id),
                modern: params.version(),
                name: params.name_of(&method),
                method: method.into_owned(),
            })),
            (Some(method), None) => Ok(Self::Notification(Notification {
                cancels: params
                    .request
                    .filter(|_| method == "notifications/cancelled")
                    .map(|id| Id::of(&id)),
                method: method.into_owned(),
            })),
            (None, Some(_)) if envelope.result.is_some() || envelope.error.is_some() => {
                Ok(Self::Response)
            }
            (None, _) => Err(Invalid::Rpc),
        }
    }
}

impl Envelope<'_> {
    /// Whether it expects an answer.
    pub(crate) fn is_request(&self) -> bool {
        self.method.is_some() && self.id.is_some()
    }

    /// The request that it answers.
    pub(crate) fn answers(&self) -> Option<Id> {
        let answers = self.method.is_none() && (self.result.is_some() || self.error.is_some());
        self.id.as_ref().filter(|_| answers).map(Id::of)
    }

    fn parsed_params<'a, T: Default + Deserialize<'a>>(&self) -> T
    where
        Self: 'a,
    {
        // Parameters that are no object, or of other types, are the server's to refuse.
        self.params
            .and_then(|params| serde_json::from_str(params.get()).ok())
            .unwrap_or_default()
    }
}

impl Params<'_> {
    fn version(&self) -> Option<String> {
        let meta: Meta<'_> = serde_json::from_str(self.meta?.get()).ok()?;
        meta.version.map(Cow::into_owned)
    }

    /// What `Mcp-Name` says (2026-07-28, *Streamable HTTP › Request Metadata*).
    fn name_of(&self, method: &str) -> Option<String> {
        let named = match method {
            "tools/call" | "prompts/get" => &self.name,
            "resources/read" => &self.uri,
            "tasks/get" | "tasks/update" | "tasks/cancel" => &self.task,
            _ => return None,
        };
        named.as_ref()?.as_str().map(str::to_owned)
    }
}

fn parse<'a, T: Deserialize<'a>>(line: &'a [u8]) -> Result<T, Invalid> {
    serde_json::from_slice(line).map_err(|error| match error.classify() {
        serde_json::error::Category::Data => Invalid::Rpc,
        _ => Invalid::Json,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Message {
        Message::read(value.to_string().as_bytes()).unwrap()
    }

    fn request(value: &Value) -> Request {
        match read(value) {
            Message::Request(request) => request,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_modern_request_is_told_by_its_version() {
        let meta = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28"});
        let modern = request(&json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call",
            "params": {"name": "a b", "_meta": meta}}));
        assert_eq!(modern.modern.as_deref(), Some("2026-07-28"));
        assert_eq!(modern.name.as_deref(), Some("a b"));
        assert_eq!(modern.id, Id::of(&json!(7)));
        let legacy = request(&json!({"id": "7", "method": "resources/read",
            "params": {"uri": "file:///a", "_meta": {"progressToken": 1}}}));
        assert_eq!(
            (legacy.modern, legacy.name.as_deref()),
            (None, Some("file:///a"))
        );
        assert_ne!(legacy.id, modern.id);
    }

    #[test]
    fn kinds_of_messages_are_told_apart() {
        let cancelled = json!({"method": "notifications/cancelled", "params": {"requestId": "x"}});
        let Message::Notification(notification) = read(&cancelled) else {
            panic!("a notification")
        };
        assert_eq!(notification.cancels, Some(Id::of(&json!("x"))));
        assert_eq!(
            read(&json!({"id": 1, "result": null, "error": {}})),
            Message::Response
        );
        let batch = json!([{"id": 1, "method": "ping"}, {"method": "notifications/x"},
            {"id": 2, "result": {}}, {"id": "3", "method": "ping"}]);
        assert_eq!(
            read(&batch),
            Message::Batch(vec![Id::of(&json!(1)), Id::of(&json!("3"))])
        );
    }

    #[test]
    fn parameters_of_any_kind_are_left_to_the_server() {
        for params in [json!([1]), json!("x"), json!({"name": 3, "_meta": 4})] {
            let read = request(&json!({"id": 1, "method": "tools/call", "params": params}));
            assert_eq!((read.name, read.modern), (None, None));
        }
    }

    #[test]
    fn what_is_no_message_is_refused() {
        for (line, expected) in [
            ("{", Invalid::Json),
            ("{} {}", Invalid::Json),
            ("\u{feff}{}", Invalid::Json),
            ("{}", Invalid::Rpc),
            ("3", Invalid::Rpc),
            (r#"{"id":1}"#, Invalid::Rpc),
            (r#"{"id":1,"method":"a","method":"b"}"#, Invalid::Rpc),
        ] {
            assert_eq!(Message::read(line.as_bytes()), Err(expected), "{line}");
        }
    }

    #[test]
    fn an_answer_is_known_by_the_id_however_it_is_spelled() {
        let answer: Envelope<'_> = serde_json::from_str(r#"{"id":"\u0041", "result":{}}"#).unwrap();
        assert_eq!(answer.answers(), Some(Id::of(&json!("A"))));
        let asks: Envelope<'_> = serde_json::from_str(r#"{"id":1,"method":"ping"}"#).unwrap();
        assert_eq!(asks.answers(), None);
    }
}
