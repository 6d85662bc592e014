//! The head of an answer: which content may follow, and the head that the client gets instead.

use varistor_audit::Status;
use varistor_http1::{Field, ResponseHead};
use varistor_model::Reason;

use super::Answering;
use crate::outside::Client;
use crate::refusal::cors;
use crate::session::{NONCE_BYTES, Opening};
use crate::stages::parse::Act;
use crate::wire as write;

/// What follows the head of an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plan {
    /// No content.
    Empty,
    /// One JSON document, read whole before it is passed on.
    Json,
    /// Server-sent events, each read before it is passed on.
    Events,
    /// Some other text behind an error status, withheld.
    Withheld,
}

impl Answering {
    /// Looks at the upstream's head.
    ///
    /// # Errors
    /// The reason for which the answer is withheld.
    pub fn head(&mut self, head: &ResponseHead, bytes: &[u8]) -> Result<Plan, Reason> {
        let status = head.status();
        self.tally.http_status = status;
        match status {
            401 => {
                let bearers = self.local.serving().bearers();
                bearers.doubt(self.server, &self.principal);
                return Err(Reason::UpstreamCredential);
            }
            403 | 407 => return Err(Reason::UpstreamCredential),
            300..=399 => return Err(Reason::UpstreamRedirect),
            0..=199 => return Err(Reason::UpstreamInvalid),
            // A request is answered by a response, which these have no place for.
            202 | 204 | 205 if self.awaits_response() => return Err(Reason::UpstreamInvalid),
            202 | 204 | 205 => {
                self.tally.status = Status::Ok;
                self.tally.finished = true;
                return Ok(Plan::Empty);
            }
            400.. => self.tally.status = Status::HttpError,
            _ => {}
        }
        let kind = head.field(bytes, Field::ContentType).unwrap_or_default();
        let kind = kind
            .split(|byte| *byte == b';')
            .next()
            .unwrap_or_default()
            .trim_ascii();
        if kind.eq_ignore_ascii_case(b"application/json") {
            Ok(Plan::Json)
        } else if kind.eq_ignore_ascii_case(b"text/event-stream") && status == 200 {
            Ok(Plan::Events)
        } else if status >= 400 {
            Ok(Plan::Withheld)
        } else if self.act == Act::End || (kind.is_empty() && !self.awaits_response()) {
            self.tally.status = Status::Ok;
            Ok(Plan::Empty)
        } else {
            Err(Reason::UpstreamInvalid)
        }
    }

    /// Appends the head for the client. `length` is the content's length when it is known; events
    /// go in chunks. `session` is the sealed id of a session that just opened.
    pub fn write_head(
        &self,
        client: &impl Client,
        (plan, length): (Plan, Option<usize>),
        session: Option<&[u8]>,
        out: &mut Vec<u8>,
    ) {
        write::status_line(out, self.tally.http_status);
        match plan {
            Plan::Events => {
                write::field(out, b"content-type", b"text/event-stream");
                write::field(out, b"cache-control", b"no-cache, no-transform");
                write::field(out, b"x-accel-buffering", b"no");
            }
            Plan::Json => write::json(out),
            Plan::Empty | Plan::Withheld => {}
        }
        if self.tally.http_status == 405 {
            write::field(out, b"allow", b"POST, GET, DELETE, OPTIONS");
        }
        if let Some(session) = session {
            write::known(out, Field::McpSessionId, session);
        }
        cors(client, out);
        write::number(out, b"varistor-record", self.record);
        match (length, self.tally.http_status) {
            (_, 204) => {}
            (Some(bytes), _) => write::length(out, bytes as u64),
            (None, _) => write::chunked(out),
        }
        write::end(out);
    }

    /// Seals the session id of a successful `initialize`; `None` when the server has no sessions.
    ///
    /// # Errors
    /// [`Reason::UpstreamInvalid`] when the upstream's id is none.
    pub fn session(
        &self,
        (head, bytes): (&ResponseHead, &[u8]),
        nonce: impl FnOnce() -> [u8; NONCE_BYTES],
    ) -> Result<Option<Vec<u8>>, Reason> {
        let id = head
            .field(bytes, Field::McpSessionId)
            .map(<[u8]>::trim_ascii);
        let Some(upstream) = id.filter(|_| self.opens_session() && self.succeeded()) else {
            return Ok(None);
        };
        let serving = self.local.serving();
        let server = serving.server(self.server).ok_or(Reason::Internal)?;
        let opening = Opening {
            token: self.principal.token(),
            server: server.name.as_str(),
            version: self.version,
            upstream,
            nonce: nonce(),
        };
        let mut sealed = Vec::with_capacity(160);
        serving.sealer().seal(&opening, &mut sealed)?;
        Ok(Some(sealed))
    }

    fn succeeded(&self) -> bool {
        self.tally.status == Status::Ok
    }
}
