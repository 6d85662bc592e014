//! What a request over HTTP is answered with.

use std::rc::Rc;

use serde_json::{Value, json};
use varistor_http1::write;

use crate::child::Child;
use crate::outbox::Outbox;
use crate::server::Server;
use crate::session::Session;

/// See the module.
pub(crate) enum Reply {
    /// A status, and a JSON document unless it is empty.
    Now(u16, Vec<u8>),
    /// What a child answers.
    Answer(Exchange),
    /// What a child says by itself.
    Stream(Rc<Session>, Rc<Outbox>),
}

/// Requests that a child has been asked. When this is dropped before their responses came, they are
/// cancelled.
pub(crate) struct Exchange {
    pub(crate) outbox: Rc<Outbox>,
    pub(crate) child: Rc<Child>,
    pub(crate) numbers: Vec<u64>,
    /// 2026-07-28, where some errors have statuses of their own.
    pub(crate) modern: bool,
    /// The session that it opens, if the answer is no error.
    pub(crate) opens: Option<Opening>,
}

/// A session that lasts only once its client knows of it.
pub(crate) struct Opening {
    pub(crate) server: Rc<Server>,
    pub(crate) session: Rc<Session>,
    pub(crate) lasts: bool,
}

impl Drop for Opening {
    fn drop(&mut self) {
        if !self.lasts {
            self.server.close(&self.session);
        }
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        if self.outbox.awaited() > 0 {
            for number in &self.numbers {
                self.child.cancel(*number);
            }
        }
    }
}

impl Exchange {
    /// The id of the session that it opens.
    pub(crate) fn session(&self) -> Option<&str> {
        self.opens.as_ref().map(|opens| opens.session.id.as_str())
    }

    /// The HTTP status of a response by itself.
    pub(crate) const fn status(&self, code: Option<i64>) -> u16 {
        match (self.modern, code) {
            (true, Some(-32601)) => 404,
            (true, Some(-32022..=-32020)) => 400,
            _ => 200,
        }
    }

    /// The response has gone to the client.
    pub(crate) fn answered(&mut self, code: Option<i64>) {
        if let Some(opens) = &mut self.opens {
            opens.lasts = code.is_none();
        }
    }
}

impl Reply {
    /// An error of ours in JSON-RPC; `id` as it stands in the request.
    pub(crate) fn error(status: u16, id: Option<&str>, text: &str) -> Self {
        Self::failure(status, id, &json!({"code": -32600, "message": text}))
    }

    /// The same with an error of this form.
    pub(crate) fn failure(status: u16, id: Option<&str>, error: &Value) -> Self {
        let Some(id) = id else {
            return Self::Now(status, Vec::new());
        };
        let body = format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#);
        Self::Now(status, body.into_bytes())
    }
}

/// Appends the head of an answer with this content.
pub(crate) fn head(out: &mut Vec<u8>, status: u16, content: Content, session: Option<&str>) {
    // What is written here is of ours: statuses and names that can stand in a head.
    let _ = write::status_line(out, status);
    match content {
        Content::Json(0) => write::length(out, 0),
        Content::Json(bytes) => {
            let _ = write::field(out, b"content-type", b"application/json");
            write::length(out, bytes as u64);
        }
        Content::Events => {
            let _ = write::field(out, b"content-type", b"text/event-stream");
            write::chunked(out);
        }
    }
    if let Some(session) = session {
        let _ = write::field(out, b"mcp-session-id", session.as_bytes());
    }
    write::end(out);
}

/// What follows a head.
#[derive(Clone, Copy)]
pub(crate) enum Content {
    /// JSON of this many bytes.
    Json(usize),
    Events,
}

/// Appends a message as an event.
pub(crate) fn event(out: &mut Vec<u8>, message: &[u8]) {
    const BEFORE: &[u8] = b"event: message\ndata: ";
    const BEHIND: &[u8] = b"\n\n";
    let parts = [BEFORE, message, BEHIND];
    write::chunk_start(out, parts.iter().map(|part| part.len()).sum());
    for part in parts {
        out.extend_from_slice(part);
    }
    out.extend_from_slice(b"\r\n");
}
