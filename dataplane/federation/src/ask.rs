//! What a client says: one JSON-RPC message, and the places in it that routing reads or rewrites.

use core::ops::Range;

use varistor_model::{Era, Method};

use crate::json::{Object, decoded, place};

/// A message of a client.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) text: String,
    pub(crate) kind: Kind,
    pub(crate) method: Method,
    pub(crate) method_name: String,
    /// Whether it carries the metadata of 2026-07-28.
    pub(crate) era: Era,
    places: Places,
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Request,
    Notification,
    /// A result or an error.
    Response,
}

#[derive(Clone, Debug, Default)]
struct Places {
    id: Option<Range<usize>>,
    params: Option<Range<usize>>,
    name: Option<Range<usize>>,
    uri: Option<Range<usize>>,
    meta: Option<Range<usize>>,
    token: Option<Range<usize>>,
}

/// The keys that 2026-07-28 puts into `_meta` of every request begin with this.
const MODERN: &str = "io.modelcontextprotocol/";
const VERSION: &str = "io.modelcontextprotocol/protocolVersion";

impl Ask {
    /// `None` when it is no message.
    pub(crate) fn read(text: String) -> Option<Self> {
        let message = Object::read(&text)?;
        let at = |part: Option<&str>| part.and_then(|part| place(&text, part));
        let method_name = message.text("method").map(|name| name.into_owned());
        let id = at(message.get("id"));
        let kind = match (&method_name, &id) {
            (Some(_), Some(_)) => Kind::Request,
            (Some(_), None) => Kind::Notification,
            (None, _) => Kind::Response,
        };
        let method_name = method_name.unwrap_or_default();
        let method = Method::named(method_name.as_bytes());
        let params = message.object("params").unwrap_or_default();
        let meta = params.object("_meta").unwrap_or_default();
        let named = match method {
            Method::CompletionComplete => params.object("ref").unwrap_or_default(),
            _ => Object::default(),
        };
        let places = Places {
            id,
            params: at(message.get("params")),
            name: at(named.get("name").or_else(|| params.get("name"))),
            uri: at(named.get("uri").or_else(|| params.get("uri"))),
            meta: at(params.get("_meta")),
            token: at(meta.get("progressToken")),
        };
        let era = match meta.get(VERSION) {
            Some(_) => Era::Modern,
            None => Era::Legacy,
        };
        drop((message, params, meta, named));
        Some(Self {
            text,
            kind,
            method,
            method_name,
            era,
            places,
        })
    }

    fn part(&self, place: Option<&Range<usize>>) -> Option<&str> {
        self.text.get(place?.clone())
    }

    /// The id as it stands in the text.
    pub(crate) fn id(&self) -> Option<&str> {
        self.part(self.places.id.as_ref())
    }

    /// The place of the id.
    pub(crate) fn id_place(&self) -> Option<Range<usize>> {
        self.places.id.clone()
    }

    /// The name of a tool or prompt, of a completion's prompt also.
    pub(crate) fn name(&self) -> Option<String> {
        decoded(self.part(self.places.name.as_ref())?).map(|name| name.into_owned())
    }

    /// The place of the name.
    pub(crate) fn name_place(&self) -> Option<Range<usize>> {
        self.places.name.clone()
    }

    /// The URI of a resource, of a completion's template also.
    pub(crate) fn uri(&self) -> Option<String> {
        decoded(self.part(self.places.uri.as_ref())?).map(|uri| uri.into_owned())
    }

    /// The place of the URI.
    pub(crate) fn uri_place(&self) -> Option<Range<usize>> {
        self.places.uri.clone()
    }

    /// The task that it is about.
    pub(crate) fn task(&self) -> Option<String> {
        self.params().text("taskId").map(|id| id.into_owned())
    }

    /// The progress token as it stands in the text.
    pub(crate) fn token(&self) -> Option<&str> {
        self.part(self.places.token.as_ref())
    }

    /// The parameters, when there are any.
    pub(crate) fn params(&self) -> Object<'_> {
        let params = self.part(self.places.params.as_ref());
        params.and_then(Object::read).unwrap_or_default()
    }

    /// The place of the parameters.
    pub(crate) fn params_place(&self) -> Option<Range<usize>> {
        self.places.params.clone()
    }

    /// The metadata, when there is any.
    pub(crate) fn meta(&self) -> Object<'_> {
        let meta = self.part(self.places.meta.as_ref());
        meta.and_then(Object::read).unwrap_or_default()
    }

    /// The place of the metadata.
    pub(crate) fn meta_place(&self) -> Option<Range<usize>> {
        self.places.meta.clone()
    }

    /// The metadata of 2026-07-28, as members of an object: what every request of the client says.
    pub(crate) fn modern_meta(&self) -> String {
        let meta = self.meta();
        members(meta.iter().filter(|(key, _)| key.starts_with(MODERN)))
    }

    /// The rest of the metadata.
    pub(crate) fn plain_meta(&self) -> String {
        let meta = self.meta();
        members(meta.iter().filter(|(key, _)| !key.starts_with(MODERN)))
    }
}

fn members<'a>(all: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let all: Vec<_> = all
        .map(|(key, value)| format!("{}:{value}", crate::json::quoted(key)))
        .collect();
    all.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_tells_where_its_parts_stand() {
        let text = r#"{"jsonrpc":"2.0","id":"5","method":"tools/call","params":{"name":"a__b",
            "_meta":{"progressToken":7,"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#;
        let ask = Ask::read(text.into()).unwrap();
        assert_eq!((ask.kind, ask.era), (Kind::Request, Era::Modern));
        assert_eq!(ask.id(), Some(r#""5""#));
        assert_eq!(ask.name().as_deref(), Some("a__b"));
        assert_eq!(ask.token(), Some("7"));
        assert_eq!(ask.plain_meta(), r#""progressToken":7"#);
        let complete = r#"{"id":1,"method":"completion/complete","params":{"ref":{"type":
            "ref/resource","uri":"x:y"},"argument":{"name":"n","value":"v"}}}"#;
        let ask = Ask::read(complete.into()).unwrap();
        assert_eq!((ask.uri().as_deref(), ask.name()), (Some("x:y"), None));
    }

    #[test]
    fn what_is_no_message_is_none() {
        for text in ["[]", "1", "{", ""] {
            assert!(Ask::read(text.into()).is_none(), "{text}");
        }
    }
}
