//! How a refusal is told: HTTP status, JSON-RPC error or tool error, from the table of reasons.
//!
//! The caller never learns which pattern or rule fired, nor a value; the record does.

mod body;
mod fields;

use std::io::Write as _;

use crate::wire as write;
use varistor_inspect::json::Kind;
use varistor_model::{Denial, Era, Method, Reason, Shape};

use crate::order::Notes;
use crate::outside::Client;
use crate::serving::Serving;
use crate::stages::policy::Waits;

pub(crate) use fields::{bases, cors, metadata_url};

/// An answer that needs no upstream and is no refusal.
#[derive(Clone, Copy, Debug)]
pub enum LocalAnswer {
    /// A CORS preflight from an allowed origin.
    Preflight,
    /// Protected-resource metadata (RFC 9728) of a server's route, or of the gateway.
    Metadata {
        /// Index of the server.
        server: Option<u32>,
    },
}

/// What an answer of the gateway's own is made of.
pub struct Telling<'a, C: Client> {
    /// The snapshot that the request began with.
    pub serving: &'a Serving,
    /// The request.
    pub client: &'a C,
    /// What was learned of it.
    pub notes: &'a Notes,
    /// The number of its record, when it has one.
    pub record: Option<u64>,
    /// Whether the connection ends with this answer.
    pub close: bool,
}

impl<C: Client> Telling<'_, C> {
    /// Appends the whole HTTP response for a denial.
    pub fn denial(&self, denial: Denial, out: &mut Vec<u8>) {
        let row = denial.reason.verdict();
        let mut text = Vec::with_capacity(512);
        let status = match self.shape(denial) {
            Told::Input(waits) => {
                body::input_required(self, waits, &mut text);
                200
            }
            Told::Tool => {
                body::tool_error(self, denial, &mut text);
                200
            }
            Told::Rpc => {
                body::rpc_error(self, denial, &mut text);
                if self.notes.era == Some(Era::Modern) && row.shape == Shape::Rpc {
                    row.status
                } else {
                    200
                }
            }
            Told::Http => {
                body::rpc_error(self, denial, &mut text);
                self.http_status(row.shape, row.status)
            }
        };
        write::status_line(out, status);
        write::field(out, b"content-type", b"application/json");
        self.common(
            out,
            !matches!(denial.reason, Reason::OriginRefused | Reason::HostUnknown),
        );
        fields::of_reason(self, denial, status, out);
        self.finish(&text, out);
    }

    /// Appends the whole HTTP response for an answer that needs no upstream.
    pub fn local(&self, answer: LocalAnswer, out: &mut Vec<u8>) {
        match answer {
            LocalAnswer::Preflight => {
                write::status_line(out, 204);
                self.common(out, true);
                fields::preflight(out);
                write::end(out);
            }
            LocalAnswer::Metadata { server } => {
                let mut text = Vec::with_capacity(256);
                body::metadata(self, server, &mut text);
                write::status_line(out, 200);
                write::field(out, b"content-type", b"application/json");
                self.common(out, true);
                self.finish(&text, out);
            }
        }
    }

    /// Appends the head of an event stream that holds nothing yet.
    pub fn stream_head(&self, out: &mut Vec<u8>) {
        write::status_line(out, 200);
        write::field(out, b"content-type", b"text/event-stream");
        write::field(out, b"x-accel-buffering", b"no");
        self.common(out, true);
        write::chunked(out);
        write::end(out);
    }

    /// Appends the JSON-RPC message for a denial, without HTTP around it: an event's data.
    pub fn document(&self, denial: Denial, out: &mut Vec<u8>) {
        match self.shape(denial) {
            Told::Input(waits) => body::input_required(self, waits, out),
            Told::Tool => body::tool_error(self, denial, out),
            Told::Rpc | Told::Http => body::rpc_error(self, denial, out),
        }
    }

    /// Where the call waits, when that is why it is refused.
    pub(crate) fn waits(&self, denial: Denial) -> Option<Waits> {
        self.notes.waits().filter(|_| denial.reason == Reason::Held)
    }

    fn common(&self, out: &mut Vec<u8>, origin_is_allowed: bool) {
        write::field(out, b"cache-control", b"no-store");
        if origin_is_allowed {
            cors(self.client, out);
        }
        if let Some(record) = self.record {
            write::number(out, b"varistor-record", record);
        }
        if self.close {
            write::field(out, b"connection", b"close");
        }
    }

    fn finish(&self, text: &[u8], out: &mut Vec<u8>) {
        write::length(out, text.len() as u64);
        write::end(out);
        out.extend_from_slice(text);
    }

    /// The status when nothing but HTTP can tell. To a legacy client 404 means that its session is
    /// gone, which an unknown notification does not.
    fn http_status(&self, shape: Shape, status: u16) -> u16 {
        match (shape, self.notes.era) {
            (Shape::Rpc, Some(Era::Legacy)) if status == 404 => 400,
            (Shape::Rpc | Shape::Call, _) if status == 200 => 400,
            _ => status,
        }
    }

    /// The form of the answer. Without a JSON-RPC id nothing but HTTP can tell.
    fn shape(&self, denial: Denial) -> Told {
        let shape = denial.reason.verdict().shape;
        if let Some(waits) = self.waits(denial).filter(|waits| waits.asks) {
            return Told::Input(waits);
        }
        let message = self
            .notes
            .message
            .filter(|message| message.kind == Kind::Request);
        let as_tool = self.serving.policy().runtime.denials == 0;
        match (shape, message) {
            (Shape::Http, _) | (_, None) => Told::Http,
            (Shape::Call, Some(call)) if call.method == Method::ToolsCall && as_tool => Told::Tool,
            (Shape::Rpc | Shape::Call, Some(_)) => Told::Rpc,
        }
    }
}

enum Told {
    Http,
    Rpc,
    Tool,
    /// The client is asked to show a page.
    Input(Waits),
}

/// The answer when nothing of a request could be read: no serving snapshot is consulted. The
/// connection ends with it.
pub fn bare(reason: Reason, out: &mut Vec<u8>) {
    unread(reason, true, out);
}

/// The answer to a request that nobody looked at; `close` ends the connection.
pub fn unread(reason: Reason, close: bool, out: &mut Vec<u8>) {
    let row = reason.verdict();
    let mut text = Vec::with_capacity(256);
    // Writing to a Vec does not fail.
    let _ = write!(
        text,
        r#"{{"jsonrpc":"2.0","error":{{"code":{},"message":"{}","data":{{"reason":"{}"}}}}}}"#,
        row.code, row.text, row.name
    );
    write::status_line(out, row.status);
    write::field(out, b"content-type", b"application/json");
    write::field(out, b"cache-control", b"no-store");
    if row.status == 405 {
        write::field(out, b"allow", b"POST, GET, DELETE, OPTIONS");
    }
    if row.status == 503 {
        write::number(out, b"retry-after", fields::retry_after_s(reason.into()));
    }
    if close {
        write::field(out, b"connection", b"close");
    }
    write::length(out, text.len() as u64);
    write::end(out);
    out.extend_from_slice(&text);
}
