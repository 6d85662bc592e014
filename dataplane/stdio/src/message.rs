//! One JSON-RPC message: what kind it is, and where in its bytes stand the parts that are rewritten
//! between a client and a child: ids and progress tokens. Nothing else is ever changed, so
//! parameters and results keep their bytes.
//!
//! Both sides are judged by the worker's strict gate; here only what routing needs is read. A
//! message with one of those keys twice is refused, as it could be routed two ways.

use core::ops::Range;

use serde::Deserialize;
use serde_json::value::RawValue;

/// A message, as places in its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) kind: Kind,
    /// The id as it stands there, quotes included; none when it is null.
    pub(crate) id: Option<Range<usize>>,
    pub(crate) parts: Parts,
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Request(Method),
    Notification(Method),
    /// A result.
    Response,
    /// An error with this code.
    Error(i64),
}

/// The methods that mean something here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Method {
    Initialize,
    Initialized,
    Ping,
    Progress,
    Cancelled,
    SetLevel,
    Subscribe,
    Unsubscribe,
    ResourceUpdated,
    /// Something in a list has changed; says nothing of anybody.
    ListChanged,
    Other,
}

/// Places within `params`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    /// `_meta.progressToken` of a request, `progressToken` of a progress notification.
    pub(crate) token: Option<Range<usize>>,
    /// `requestId` of a cancellation.
    pub(crate) cancelled: Option<Range<usize>>,
    /// `_meta["io.modelcontextprotocol/subscriptionId"]` of a notification.
    pub(crate) subscription: Option<Range<usize>>,
    /// `uri` of a subscription.
    pub(crate) uri: Option<Range<usize>>,
    /// Whether `_meta` names a version and what the client can do, as in each request since
    /// 2026-07-28.
    pub(crate) is_modern: bool,
}

#[derive(Deserialize)]
struct Wire<'a> {
    #[serde(borrow)]
    id: Option<&'a RawValue>,
    #[serde(borrow)]
    method: Option<&'a RawValue>,
    #[serde(borrow)]
    params: Option<&'a RawValue>,
    #[serde(borrow)]
    error: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Params<'a> {
    #[serde(borrow, rename = "_meta")]
    meta: Option<&'a RawValue>,
    #[serde(borrow, rename = "progressToken")]
    token: Option<&'a RawValue>,
    #[serde(borrow, rename = "requestId")]
    cancelled: Option<&'a RawValue>,
    #[serde(borrow)]
    uri: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Meta<'a> {
    #[serde(borrow, rename = "progressToken")]
    token: Option<&'a RawValue>,
    #[serde(borrow, rename = "io.modelcontextprotocol/subscriptionId")]
    subscription: Option<&'a RawValue>,
    #[serde(borrow, rename = "io.modelcontextprotocol/clientCapabilities")]
    capabilities: Option<&'a RawValue>,
    #[serde(borrow, rename = "io.modelcontextprotocol/protocolVersion")]
    version: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Failure {
    code: i64,
}

/// Whatever stands there is not what it should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

impl Message {
    /// Reads one message.
    pub(crate) fn read(text: &str) -> Result<Self, Unreadable> {
        let wire: Wire<'_> = serde_json::from_str(text).map_err(|_| Unreadable)?;
        let place = |raw: Option<&RawValue>| raw.and_then(|raw| place(text, raw.get()));
        let id = place(wire.id);
        let Some(method) = wire.method else {
            let kind = match wire.error {
                None => Kind::Response,
                Some(error) => {
                    let error: Result<Failure, _> = serde_json::from_str(error.get());
                    Kind::Error(error.map_err(|_| Unreadable)?.code)
                }
            };
            let parts = Parts::default();
            return Ok(Self { kind, id, parts });
        };
        let method = Method::named(method.get())?;
        let parts = match wire.params {
            Some(params) if may_matter(method, params.get()) => Parts::read(text, method, params)?,
            _ => Parts::default(),
        };
        let kind = match id {
            Some(_) => Kind::Request(method),
            None => Kind::Notification(method),
        };
        Ok(Self { kind, id, parts })
    }
}

impl Method {
    /// `raw` is a JSON string.
    fn named(raw: &str) -> Result<Self, Unreadable> {
        let decoded;
        let name = match raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')) {
            Some(plain) if !plain.contains('\\') => plain,
            _ => {
                decoded = serde_json::from_str::<String>(raw).map_err(|_| Unreadable)?;
                decoded.as_str()
            }
        };
        Ok(match name {
            "initialize" => Self::Initialize,
            "notifications/initialized" => Self::Initialized,
            "ping" => Self::Ping,
            "notifications/progress" => Self::Progress,
            "notifications/cancelled" => Self::Cancelled,
            "logging/setLevel" => Self::SetLevel,
            "resources/subscribe" => Self::Subscribe,
            "resources/unsubscribe" => Self::Unsubscribe,
            "notifications/resources/updated" => Self::ResourceUpdated,
            "notifications/tools/list_changed"
            | "notifications/prompts/list_changed"
            | "notifications/resources/list_changed" => Self::ListChanged,
            _ => Self::Other,
        })
    }
}

impl Parts {
    fn read(text: &str, method: Method, params: &RawValue) -> Result<Self, Unreadable> {
        // Parameters that are no object hold nothing of these.
        if !params.get().starts_with('{') {
            return Ok(Self::default());
        }
        let wire: Params<'_> = serde_json::from_str(params.get()).map_err(|_| Unreadable)?;
        let meta = match wire.meta {
            Some(meta) if meta.get().starts_with('{') => {
                Some(serde_json::from_str::<Meta<'_>>(meta.get()).map_err(|_| Unreadable)?)
            }
            _ => None,
        };
        let place = |raw: Option<&RawValue>| raw.and_then(|raw| place(text, raw.get()));
        let is_modern = meta.as_ref().is_some_and(|meta| {
            let capabilities = meta.capabilities;
            meta.version.is_some() && capabilities.is_some_and(|it| it.get().starts_with('{'))
        });
        let of_meta = meta.as_ref().and_then(|meta| meta.token);
        let token = match method {
            Method::Progress => wire.token,
            _ => of_meta,
        };
        let only = |wanted: bool, raw| place(raw).filter(|_| wanted);
        Ok(Self {
            is_modern,
            token: place(token),
            cancelled: only(method == Method::Cancelled, wire.cancelled),
            subscription: place(meta.and_then(|meta| meta.subscription)),
            uri: only(
                matches!(
                    method,
                    Method::Subscribe | Method::Unsubscribe | Method::ResourceUpdated
                ),
                wire.uri,
            ),
        })
    }
}

/// Whether parameters can hold a part that is rewritten; a backslash may hide the name of one.
fn may_matter(method: Method, params: &str) -> bool {
    let has = |name: &str| memchr::memmem::find(params.as_bytes(), name.as_bytes()).is_some();
    method != Method::Other
        || has("progressToken")
        || has("subscriptionId")
        || has("clientCapabilities")
        || memchr::memchr(b'\\', params.as_bytes()).is_some()
}

/// Where `part`, which was borrowed from `text`, stands in it.
fn place(text: &str, part: &str) -> Option<Range<usize>> {
    let start = part.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let range = start..start.checked_add(part.len())?;
    text.get(range.clone()).map(|_| range)
}

/// A copy of `text` with these places replaced, on one line: line ends can only stand between
/// tokens, where a blank means the same. Places that overlap or lie outside are left alone.
pub(crate) fn rewritten(text: &str, changes: &mut [(Range<usize>, &str)]) -> Vec<u8> {
    changes.sort_unstable_by_key(|(place, _)| place.start);
    let more: usize = changes.iter().map(|(_, new)| new.len()).sum();
    let mut out = Vec::with_capacity(text.len().saturating_add(more).saturating_add(1));
    let mut from = 0;
    for (place, new) in changes.iter() {
        if let Some(before) = text.get(from..place.start) {
            out.extend_from_slice(before.as_bytes());
            out.extend_from_slice(new.as_bytes());
            from = place.end;
        }
    }
    out.extend_from_slice(text.get(from..).unwrap_or_default().as_bytes());
    if memchr::memchr2(b'\n', b'\r', &out).is_some() {
        for byte in &mut out {
            if matches!(byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }
    out
}

/// Whether two ids or tokens, as they stand in messages, are the same: same type and same value.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    if one == other {
        return true;
    }
    let text = |raw: &str| match raw.starts_with('"') && raw.contains('\\') {
        true => serde_json::from_str::<String>(raw).ok(),
        false => raw.strip_prefix('"')?.strip_suffix('"').map(str::to_owned),
    };
    matches!((text(one), text(other)), (Some(one), Some(other)) if one == other)
}

#[cfg(test)]
#[path = "message_tests.rs"]
mod tests;
