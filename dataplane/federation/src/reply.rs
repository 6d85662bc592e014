//! What a client is answered with.

use core::convert::Infallible;
use core::pin::Pin;
use core::task::{Context, Poll};

use bytes::Bytes;
use hyper::Response;
use hyper::body::Frame;
use hyper::header::{CONTENT_TYPE, HeaderValue, RETRY_AFTER};
use tokio::sync::mpsc;

use crate::feed::Event;
use crate::inner::{RECORD, SESSION};
use crate::json::quoted;

/// An answer.
#[derive(Default)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    /// The id of a session that begins.
    pub(crate) session: Option<String>,
    /// The number of the record about it.
    pub(crate) record: Option<HeaderValue>,
    pub(crate) retry_after: Option<HeaderValue>,
    pub(crate) body: Body,
}

/// The content of an answer.
#[derive(Default)]
pub(crate) enum Body {
    #[default]
    Empty,
    Json(String),
    Events(mpsc::Receiver<Bytes>),
}

/// The way of events to a client.
#[derive(Clone)]
pub(crate) struct Outlet(mpsc::Sender<Bytes>);

/// Events that wait for a slow client; then servers wait.
const WAITING_MAX: usize = 16;

impl Reply {
    /// A JSON document.
    pub(crate) fn json(status: u16, text: String) -> Self {
        Self {
            status,
            body: Body::Json(text),
            ..Self::default()
        }
    }

    /// A status by itself.
    pub(crate) fn bare(status: u16) -> Self {
        Self {
            status,
            ..Self::default()
        }
    }

    /// A result; `id` as it stands in the request.
    pub(crate) fn result(id: Option<&str>, result: &str) -> Self {
        Self::json(200, result_text(id, result))
    }

    /// An error; `id` as it stands in the request.
    pub(crate) fn error(status: u16, id: Option<&str>, (code, text): (i64, &str)) -> Self {
        Self::json(status, error_text(id, code, text))
    }

    /// An event stream, and the way into it.
    pub(crate) fn stream() -> (Outlet, Self) {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        let reply = Self {
            status: 200,
            body: Body::Events(receiver),
            ..Self::default()
        };
        (Outlet(sender), reply)
    }

    /// As HTTP.
    pub(crate) fn http(self) -> Response<Body> {
        let mut response = Response::new(Body::Empty);
        if let Ok(status) = self.status.try_into() {
            *response.status_mut() = status;
        }
        let fields = response.headers_mut();
        let kind = match &self.body {
            Body::Empty => None,
            Body::Json(_) => Some("application/json"),
            Body::Events(_) => Some("text/event-stream"),
        };
        if let Some(kind) = kind {
            fields.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        }
        let session = self.session.and_then(|id| HeaderValue::from_str(&id).ok());
        for (name, value) in [
            (SESSION, session),
            (RECORD, self.record),
            (RETRY_AFTER, self.retry_after),
        ] {
            if let Some(value) = value {
                fields.insert(name, value);
            }
        }
        *response.body_mut() = self.body;
        response
    }
}

impl Outlet {
    /// Sends an event; false when the client has gone.
    pub(crate) async fn send(&self, event: &Event) -> bool {
        self.0.send(event.bytes()).await.is_ok()
    }

    /// Sends a message; false when the client has gone.
    pub(crate) async fn message(&self, text: String) -> bool {
        self.send(&Event::message(text)).await
    }

    /// Passes events on as they stand on the wire, until either side has gone.
    pub(crate) async fn pass_all(&self, mut events: mpsc::Receiver<Bytes>) {
        while let Some(event) = events.recv().await {
            if self.0.send(event).await.is_err() {
                return;
            }
        }
    }

    /// Resolves when the client has gone.
    pub(crate) async fn gone(&self) {
        self.0.closed().await;
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match self.get_mut() {
            Self::Empty => Poll::Ready(None),
            Self::Events(events) => {
                let next = events.poll_recv(context);
                next.map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
            }
            whole => match core::mem::take(whole) {
                Self::Json(text) => Poll::Ready(Some(Ok(Frame::data(Bytes::from(text))))),
                Self::Empty | Self::Events(_) => Poll::Ready(None),
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Empty)
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        match self {
            Self::Empty => hyper::body::SizeHint::with_exact(0),
            Self::Json(text) => hyper::body::SizeHint::with_exact(text.len() as u64),
            Self::Events(_) => hyper::body::SizeHint::default(),
        }
    }
}

/// A response with this result.
pub(crate) fn result_text(id: Option<&str>, result: &str) -> String {
    let id = id.unwrap_or("null");
    format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#)
}

/// A response with this error.
pub(crate) fn error_text(id: Option<&str>, code: i64, text: &str) -> String {
    let id = id.map(|id| format!(r#""id":{id},"#)).unwrap_or_default();
    let text = quoted(text);
    format!(r#"{{"jsonrpc":"2.0",{id}"error":{{"code":{code},"message":{text}}}}}"#)
}
