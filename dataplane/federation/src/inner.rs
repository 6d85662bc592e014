//! The way to one server: through the gateway's own order, over a Unix socket of a worker.
//!
//! One request at a time on a connection; connections are kept for the next. What is dropped before
//! its end closes its connection, and so cancels.

use core::cell::{Cell, RefCell};
use std::path::PathBuf;
use std::rc::Rc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper::header::{
    ACCEPT, AUTHORIZATION, CONTENT_TYPE, FORWARDED, HOST, HeaderMap, HeaderName, HeaderValue,
    RETRY_AFTER,
};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;

use crate::door::Who;
use crate::trouble::Trouble;

/// Connections to the workers.
pub(crate) struct Inner {
    sockets: Vec<PathBuf>,
    next: Cell<usize>,
    idle: RefCell<Vec<Connection>>,
}

type Connection = SendRequest<Full<Bytes>>;

/// One request to one server.
#[derive(Default)]
pub(crate) struct Outgoing {
    pub(crate) verb: Method,
    pub(crate) server: String,
    /// `MCP-Protocol-Version`.
    pub(crate) version: Option<String>,
    /// `Mcp-Session-Id`.
    pub(crate) session: Option<String>,
    /// `Mcp-Method`.
    pub(crate) method: Option<String>,
    /// What `Mcp-Name` says.
    pub(crate) name: Option<String>,
    /// Fields that pass through: `Mcp-Param-*`, `Last-Event-ID`.
    pub(crate) fields: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: String,
}

/// The head of an answer, and the way to its content.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) session: Option<String>,
    pub(crate) record: Option<HeaderValue>,
    pub(crate) retry_after: Option<HeaderValue>,
    pub(crate) is_stream: bool,
    pub(crate) content: Content,
}

/// What is still to be read of an answer.
pub(crate) struct Content {
    body: Incoming,
    sender: Option<Connection>,
    inner: Rc<Inner>,
}

pub(crate) const SESSION: HeaderName = HeaderName::from_static("mcp-session-id");
pub(crate) const RECORD: HeaderName = HeaderName::from_static("varistor-record");
const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const METHOD: HeaderName = HeaderName::from_static("mcp-method");
const NAME: HeaderName = HeaderName::from_static("mcp-name");
/// Idle connections kept, over all workers.
const IDLE_MAX: usize = 256;

impl Inner {
    /// Connections to these sockets, in turn.
    pub(crate) fn new(sockets: Vec<PathBuf>) -> Self {
        Self {
            sockets,
            next: Cell::new(0),
            idle: RefCell::default(),
        }
    }

    /// Sends a request and waits for the head of its answer.
    pub(crate) async fn send(
        self: &Rc<Self>,
        who: &Who,
        outgoing: Outgoing,
    ) -> Result<Answer, Trouble> {
        let mut request = request(who, outgoing).ok_or(Trouble::Invalid)?;
        loop {
            let kept = self.take();
            let fresh = kept.is_none();
            let mut sender = match kept {
                Some(sender) => sender,
                None => self.connect().await.ok_or(Trouble::Broken)?,
            };
            match sender.try_send_request(request).await {
                Ok(response) => return Ok(self.answer(response, sender)),
                // Given back: not a byte of it was sent, on a connection that had just been closed.
                Err(mut error) => match error.take_message().filter(|_| !fresh) {
                    Some(unsent) => request = unsent,
                    None => return Err(Trouble::Broken),
                },
            }
        }
    }

    fn answer(self: &Rc<Self>, response: Response<Incoming>, sender: Connection) -> Answer {
        let (head, body) = response.into_parts();
        let text = |name| {
            let value: Option<&HeaderValue> = head.headers.get(name);
            value.and_then(|value| value.to_str().ok())
        };
        let kind = text(CONTENT_TYPE).unwrap_or_default();
        Answer {
            status: head.status.as_u16(),
            session: text(SESSION).map(str::to_owned),
            record: head.headers.get(RECORD).cloned(),
            retry_after: head.headers.get(RETRY_AFTER).cloned(),
            is_stream: kind.starts_with("text/event-stream"),
            content: Content {
                body,
                sender: Some(sender),
                inner: Rc::clone(self),
            },
        }
    }

    fn take(&self) -> Option<Connection> {
        let mut idle = self.idle.borrow_mut();
        while let Some(sender) = idle.pop() {
            if sender.is_ready() && !sender.is_closed() {
                return Some(sender);
            }
        }
        None
    }

    async fn connect(&self) -> Option<Connection> {
        let at = self.next.get();
        self.next.set(at.wrapping_add(1));
        let at = at.checked_rem(self.sockets.len())?;
        let stream = UnixStream::connect(self.sockets.get(at)?).await.ok()?;
        let (sender, connection) = handshake(TokioIo::new(stream)).await.ok()?;
        tokio::task::spawn_local(async move {
            // Whoever waits for an answer on it learns why there is none.
            let _ = connection.await;
        });
        Some(sender)
    }
}

impl Content {
    /// The next bytes; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Result<Bytes, Trouble>> {
        loop {
            return match self.body.frame().await {
                None => {
                    self.rest();
                    None
                }
                Some(Ok(frame)) => match frame.into_data() {
                    Ok(data) => Some(Ok(data)),
                    Err(_) => continue,
                },
                Some(Err(_)) => {
                    self.sender = None;
                    Some(Err(Trouble::Broken))
                }
            };
        }
    }

    /// All of it, up to this many bytes.
    pub(crate) async fn whole(mut self, bytes_max: usize) -> Result<String, Trouble> {
        let mut all = Vec::new();
        while let Some(piece) = self.next().await {
            let piece = piece?;
            if all.len().saturating_add(piece.len()) > bytes_max {
                return Err(Trouble::TooLarge);
            }
            all.extend_from_slice(&piece);
        }
        String::from_utf8(all).map_err(|_| Trouble::Invalid)
    }

    /// Its connection may serve the next request.
    fn rest(&mut self) {
        let mut idle = self.inner.idle.borrow_mut();
        if let Some(sender) = self.sender.take().filter(|_| idle.len() < IDLE_MAX) {
            idle.push(sender);
        }
    }
}

fn request(who: &Who, outgoing: Outgoing) -> Option<Request<Full<Bytes>>> {
    let mut fields = HeaderMap::new();
    fields.insert(HOST, who.host.clone());
    fields.insert(AUTHORIZATION, who.authorization()?);
    fields.insert(FORWARDED, who.peer.clone());
    let accept = match outgoing.verb {
        Method::GET => "text/event-stream",
        _ => "application/json, text/event-stream",
    };
    fields.insert(ACCEPT, HeaderValue::from_static(accept));
    if outgoing.verb == Method::POST {
        fields.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    for (name, value) in [
        (VERSION, outgoing.version),
        (SESSION, outgoing.session),
        (METHOD, outgoing.method),
    ] {
        if let Some(value) = value {
            fields.insert(name, HeaderValue::from_str(&value).ok()?);
        }
    }
    if let Some(name) = outgoing.name {
        fields.insert(NAME, mirrored(&name)?);
    }
    for (name, value) in who.trace.iter().cloned().chain(outgoing.fields) {
        fields.append(name, value);
    }
    let mut request = Request::new(Full::new(Bytes::from(outgoing.body)));
    *request.method_mut() = outgoing.verb;
    *request.uri_mut() = format!("/mcp/{}", outgoing.server).parse().ok()?;
    *request.headers_mut() = fields;
    Some(request)
}

/// The field's value that stands for this text (*Streamable HTTP › Request Metadata*).
fn mirrored(text: &str) -> Option<HeaderValue> {
    use base64::Engine as _;
    let plain = text.bytes().all(|byte| matches!(byte, 0x21..=0x7e));
    let value = match plain && !text.starts_with("=?") {
        true => text.to_owned(),
        false => {
            let encoded = base64::engine::general_purpose::STANDARD.encode(text);
            format!("=?base64?{encoded}?=")
        }
    };
    HeaderValue::from_str(&value).ok()
}
