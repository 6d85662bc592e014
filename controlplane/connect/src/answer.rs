//! Reads an answer, JSON or a stream of events, and hands its messages to the host: those that
//! belong to the request, each once, in their order.

use std::time::Duration;

use bytes::Bytes;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use tokio::time::timeout;
use varistor_http1::sse::Decoder;
use varistor_origin::Reply;

use crate::ANSWER_BYTES_MAX;
use crate::bridge::Bridge;
use crate::heads::SESSION;
use crate::message::{Envelope, Id, Request};
use crate::room::Held;
use crate::say::say;
use crate::trouble::Trouble;

/// How long the end of a stream may take once everything has arrived, so that its connection can
/// be used again.
const LAST_BYTES: Duration = Duration::from_secs(1);
/// Longest time that a server's `retry` is respected for.
pub(crate) const RETRY_MAX: Duration = Duration::from_secs(30);

/// What is done with messages.
pub(crate) enum Outlet {
    /// The host gets them.
    Host,
    /// The answer is kept; the bridge asked on its own.
    Keep(Option<Vec<u8>>),
}

/// An answer that is being read, over several streams if need be.
pub(crate) struct Reading<'a> {
    bridge: &'a Bridge,
    /// The request, and its line; none for batches.
    request: Option<(&'a Request, &'a Bytes)>,
    /// Those that have no answer yet.
    pending: Vec<Id>,
    outlet: Outlet,
    /// Nothing was asked; it goes on until it breaks.
    is_endless: bool,
    /// `Mcp-Session-Id` of the newest answer.
    pub(crate) session: Option<HeaderValue>,
    /// The id of the last event: where a broken stream goes on.
    pub(crate) last_event: Option<String>,
    /// After which time the server wants it to be asked for.
    pub(crate) retry: Option<Duration>,
    is_acknowledged: bool,
}

/// How a stream ended.
#[derive(Debug)]
pub(crate) enum Ended {
    /// Everything has its answer.
    Answered,
    /// It ended, and something has none; why.
    Early(String),
    /// There will be none.
    Failed(Trouble),
}

impl<'a> Reading<'a> {
    /// Nothing is read yet.
    pub(crate) fn new(
        bridge: &'a Bridge,
        request: Option<(&'a Request, &'a Bytes)>,
        pending: Vec<Id>,
        outlet: Outlet,
    ) -> Self {
        Self {
            bridge,
            request,
            pending,
            outlet,
            is_endless: false,
            session: None,
            last_event: None,
            retry: None,
            is_acknowledged: false,
        }
    }

    /// What the server sends on its own.
    pub(crate) fn endless(bridge: &'a Bridge) -> Self {
        Self {
            is_endless: true,
            ..Self::new(bridge, None, Vec::new(), Outlet::Host)
        }
    }

    /// Those that have no answer yet.
    pub(crate) fn pending(&self) -> &[Id] {
        &self.pending
    }

    /// The answer that was kept.
    pub(crate) fn kept(self) -> Option<Vec<u8>> {
        match self.outlet {
            Outlet::Keep(kept) => kept,
            Outlet::Host => None,
        }
    }

    /// Reads a successful answer.
    pub(crate) async fn read(&mut self, mut reply: Reply) -> Ended {
        self.session = reply.headers().get(SESSION).cloned();
        let ended = match is_stream(&reply) {
            true => self.events(&mut reply).await,
            false => self.document(&mut reply).await,
        };
        self.bridge.link.keep(reply);
        ended
    }

    async fn document(&mut self, reply: &mut Reply) -> Ended {
        let mut held = Held::default();
        let body = match self
            .bridge
            .collect(reply, ANSWER_BYTES_MAX, &mut held)
            .await
        {
            Ok(body) => body,
            Err(trouble) => return Ended::Failed(trouble),
        };
        if body.trim_ascii().is_empty() {
            return match self.pending.is_empty() {
                true => Ended::Answered,
                false => Ended::Failed(Trouble::Unintelligible("it is empty")),
            };
        }
        if !self.message(body, held).await {
            return Ended::Failed(Trouble::Unintelligible("it is no JSON-RPC"));
        }
        match self.pending.is_empty() {
            true => Ended::Answered,
            false => Ended::Failed(Trouble::Unintelligible("it answers something else")),
        }
    }

    async fn events(&mut self, reply: &mut Reply) -> Ended {
        let mut decoder = Decoder::bounded(ANSWER_BYTES_MAX);
        let mut held = Held::default();
        loop {
            let piece = match (self.is_done(), reply.next()) {
                (false, next) => next.await,
                (true, next) => timeout(LAST_BYTES, next).await.unwrap_or(None),
            };
            let piece = match piece {
                Some(Ok(piece)) => piece,
                _ if self.is_done() => return Ended::Answered,
                Some(Err(why)) => return Ended::Early(why),
                None => return Ended::Early("the stream ended".to_owned()),
            };
            let size = held.bytes().saturating_add(piece.len());
            if self.bridge.answers.grow(&mut held, size).await.is_err() {
                return Ended::Failed(Trouble::Busy);
            }
            let mut rest: &[u8] = &piece;
            loop {
                let data = match decoder.push(&mut rest) {
                    Ok(Some(event)) => {
                        if let Some(id) = event.id.filter(|id| !id.is_empty()) {
                            self.last_event = Some(id.to_owned());
                        }
                        if let Some(retry) = event.retry {
                            self.retry = Some(Duration::from_millis(retry).min(RETRY_MAX));
                        }
                        event
                            .data
                            .filter(|data| !data.is_empty())
                            .map(<[u8]>::to_vec)
                    }
                    Ok(None) => break,
                    Err(_) => {
                        return Ended::Failed(Trouble::TooLarge(ANSWER_BYTES_MAX >> 20));
                    }
                };
                if let Some(data) = data {
                    let held = std::mem::take(&mut held);
                    if !self.message(data, held).await {
                        say("an event of the gateway is no JSON-RPC message and was dropped");
                    }
                }
            }
            if !decoder.is_within() {
                // Comments, by which a server keeps a stream alive, hold nothing.
                held = Held::default();
            }
        }
    }

    /// Everything that was asked has its answer. A stream that nothing was asked on goes on.
    fn is_done(&self) -> bool {
        self.pending.is_empty() && !self.is_endless
    }

    /// Hands on one message, or several in an array; tells whether it is one.
    async fn message(&mut self, line: Vec<u8>, held: Held) -> bool {
        let mut other = None;
        if line.trim_ascii_start().first() == Some(&b'[') {
            let Ok(members) = serde_json::from_slice::<Vec<Envelope<'_>>>(&line) else {
                return false;
            };
            for id in members.iter().filter_map(Envelope::answers) {
                self.pending.retain(|pending| *pending != id);
            }
        } else {
            let Ok(envelope) = serde_json::from_slice::<Envelope<'_>>(&line) else {
                return false;
            };
            let passes = match envelope.answers() {
                Some(id) => self.answered(&id, &line, &envelope, &mut other),
                None => self.said(&envelope),
            };
            if !passes {
                return true;
            }
        }
        let line = other.unwrap_or(line);
        match &mut self.outlet {
            Outlet::Host => self.bridge.out.line(line, held).await,
            Outlet::Keep(kept) => *kept = Some(line),
        }
        true
    }

    /// Whether the host gets this answer; `other` is what it gets instead.
    fn answered(
        &mut self,
        id: &Id,
        line: &[u8],
        answer: &Envelope<'_>,
        other: &mut Option<Vec<u8>>,
    ) -> bool {
        let Some(at) = self.pending.iter().position(|pending| pending == id) else {
            say("the gateway answered what nobody asked; the answer was dropped");
            return false;
        };
        self.pending.swap_remove(at);
        let Some((request, asked)) = self.request else {
            return true;
        };
        match (request.method.as_str(), &request.modern, &self.outlet) {
            ("initialize", None, Outlet::Host) => {
                let session = &self.bridge.session;
                if session
                    .opened(asked, answer, self.session.as_ref())
                    .is_none()
                {
                    session.failed();
                }
            }
            ("tools/list", Some(_), _) => {
                if let Some(result) = answer.result {
                    let learned = self.bridge.annotations.borrow_mut().learn(line, result);
                    *other = learned.without;
                    for name in learned.unfit {
                        say(&format!(
                            "the tool {name} is left out: it asks for headers that can't be"
                        ));
                    }
                }
            }
            _ => {}
        }
        true
    }

    /// Whether the host gets what the server says or asks beside the answer.
    fn said(&mut self, envelope: &Envelope<'_>) -> bool {
        if matches!(self.outlet, Outlet::Keep(_)) {
            return false;
        }
        let is_modern = self
            .request
            .is_some_and(|(request, _)| request.modern.is_some());
        if is_modern && envelope.is_request() {
            say("a request of the server was dropped: version 2026-07-28 has none");
            return false;
        }
        // A subscription that was begun anew is acknowledged anew; the host knows it already.
        if envelope.method.as_deref() == Some("notifications/subscriptions/acknowledged") {
            return !std::mem::replace(&mut self.is_acknowledged, true);
        }
        envelope.method.is_some()
    }
}

fn is_stream(reply: &Reply) -> bool {
    let media = reply.headers().get(CONTENT_TYPE).map(HeaderValue::as_bytes);
    media.is_some_and(|media| {
        let media = media.split(|byte| *byte == b';').next().unwrap_or_default();
        media
            .trim_ascii()
            .eq_ignore_ascii_case(b"text/event-stream")
    })
}
