//! An event stream on its way to the client: each event judged by itself, none held back.
//!
//! Only the head of a stream that opens a session waits until the session's version is known.

use std::rc::Rc;

use varistor_audit::Status;
use varistor_http1::sse::{self, Decoder, Event};
use varistor_http1::{Chunked, ResponseFraming, write};
use varistor_model::Reason;
use varistor_pipeline::answer::{Answering, Passed, Plan};
use varistor_pipeline::order::Notes;
use varistor_pipeline::outside::Client as _;
use varistor_pipeline::passage::Passage;
use varistor_pipeline::refusal::Telling;

use super::relay::{fail, result, status_of};
use super::{Guest, Next};
use crate::upstream::Connection;
use crate::worker::Worker;
use crate::worker::watch::is_gone;

/// A stream between an upstream and a client.
struct Relay<'a> {
    worker: &'a Rc<Worker>,
    guest: &'a mut Guest,
    notes: &'a Notes,
    connection: Box<Connection>,
    answering: Answering,
    /// Until it is known how the server did.
    passage: Option<Passage>,
    decoder: Decoder,
    /// Events that passed and were not sent yet.
    events: Vec<u8>,
    head_sent: bool,
    /// A legacy client went away: its call goes on, its answer is only recorded.
    deaf: bool,
}

/// Longest silence of a stream that answers a request. Servers send progress or comments.
const QUIET_MS: u64 = 600_000;
/// Time for a call to end whose client went away, before it counts as broken.
const DEAF_MS: u64 = 60_000;

/// Passes the stream on until either side ends it.
pub(super) async fn relay(
    worker: &Rc<Worker>,
    guest: &mut Guest,
    notes: &Notes,
    (connection, answering, passage): (Box<Connection>, Answering, Passage),
) -> Next {
    let endless = answering.is_endless();
    if endless {
        let now = worker.clock.now();
        connection.watched.last(now, answering.warrant());
    } else {
        connection.watched.forever();
        connection.watched.set_idle(false);
    }
    let head_sent = guest.is_streaming();
    let mut passage = Some(passage);
    // What else such a stream brings, and when, says nothing.
    if let Some(passage) = passage.take_if(|_| endless) {
        passage.answered(|| worker.clock.mono_ns());
    }
    let mut relay = Relay {
        worker,
        guest,
        notes,
        connection,
        answering,
        passage,
        decoder: Decoder::new(),
        events: worker.buffer(),
        head_sent,
        deaf: false,
    };
    match relay.run().await {
        Ok(()) => relay.end().await,
        Err(reason) => relay.break_off(reason).await,
    }
}

impl Relay<'_> {
    async fn run(&mut self) -> Result<(), Reason> {
        let head = self.connection.head.bytes();
        let mut chunks = Chunked::of_response();
        let mut left = match self.connection.head.framing() {
            ResponseFraming::Length(bytes) => usize::try_from(bytes).unwrap_or(usize::MAX),
            _ => usize::MAX,
        };
        loop {
            let input = self
                .connection
                .buffer
                .get(head..)
                .unwrap_or_default()
                .to_vec();
            let ended = match self.connection.head.framing() {
                ResponseFraming::None => true,
                ResponseFraming::Chunked => self.take_chunks(&mut chunks, &input)?,
                ResponseFraming::Length(_) | ResponseFraming::UntilClose => {
                    self.take(input.get(..left.min(input.len())).unwrap_or_default())?;
                    left = left.saturating_sub(input.len());
                    left == 0
                }
            };
            self.connection.buffer.truncate(head);
            self.flush(ended).await?;
            if ended {
                return Ok(());
            }
            if !self.answering.is_endless() && !self.deaf {
                let now_ns = self.worker.clock.mono_ns();
                let wait_ns = QUIET_MS.saturating_mul(1_000_000);
                self.connection
                    .watched
                    .until(now_ns.saturating_add(wait_ns));
            }
            if self.answering.is_endless() {
                self.rest();
            }
            let count = self.connection.read().await?;
            if self.answering.is_endless() {
                let rings = &self.worker.hub.seeking.rings;
                self.answering.renew(&self.worker.view().local, rings)?;
            }
            if count == 0 {
                let whole = self.connection.head.framing() == ResponseFraming::UntilClose;
                return if whole {
                    self.flush(true).await
                } else {
                    Err(Reason::UpstreamClosed)
                };
            }
        }
    }

    /// Lets go of what is not needed until something comes.
    fn rest(&mut self) {
        self.guest.rest();
        self.connection.rest();
        let events = core::mem::take(&mut self.events);
        self.worker.give_back(events);
    }

    fn take_chunks(&mut self, chunks: &mut Chunked, input: &[u8]) -> Result<bool, Reason> {
        let mut rest = input;
        loop {
            let piece = chunks.decode(rest)?;
            self.take(rest.get(piece.data.clone()).unwrap_or_default())?;
            rest = rest.get(piece.consumed..).unwrap_or_default();
            if piece.end || piece.consumed == 0 {
                return Ok(piece.end);
            }
        }
    }

    /// Judges the events that these bytes complete.
    fn take(&mut self, mut bytes: &[u8]) -> Result<(), Reason> {
        let desk = &mut *self.worker.desk.borrow_mut();
        let mut changed = Vec::new();
        if self.answering.local().serving().reversible().is_some() {
            self.answering.at(self.worker.clock.now());
        }
        while let Some(event) = self.decoder.push(&mut bytes)? {
            if event.comment.is_some() {
                // It keeps the connection alive; its text is nobody's to read.
                let silent = Event {
                    comment: Some(b""),
                    ..Event::default()
                };
                sse::encode(&silent, &mut self.events).map_err(|_| Reason::UpstreamInvalid)?;
                continue;
            }
            let mut passed = event;
            if let Some(data) = event.data.filter(|data| !data.is_empty()) {
                match self
                    .answering
                    .message(desk, (self.guest.body(), data), &mut changed)
                {
                    Ok(Passed::Same) => {}
                    Ok(Passed::Changed) => passed.data = Some(&changed),
                    Ok(Passed::Dropped) => continue,
                    Err(
                        reason @ (Reason::AnswerRefused | Reason::AnswerHeld | Reason::AnswerUnfit),
                    ) => {
                        if !self.answering.is_finished() {
                            continue;
                        }
                        changed.clear();
                        let told = (self.guest as &Guest, self.notes, reason);
                        withheld(told, &self.answering, &mut changed);
                        self.answering.failed(Status::Withheld);
                        passed.data = Some(&changed);
                    }
                    Err(reason) => return Err(reason),
                }
            }
            sse::encode(&passed, &mut self.events).map_err(|_| Reason::UpstreamInvalid)?;
        }
        Ok(())
    }

    /// Sends what has passed; the head goes first, and at once.
    async fn flush(&mut self, ended: bool) -> Result<(), Reason> {
        let wait = self.answering.opens_session() && !self.answering.is_finished() && !ended;
        if self.deaf || (!self.head_sent && wait) {
            self.events
                .truncate(if self.deaf { 0 } else { self.events.len() });
            return Ok(());
        }
        let mut out = self.worker.buffer();
        if !self.head_sent {
            let from = (&self.connection.head, self.connection.buffer.as_slice());
            let session = self.answering.session(from, || self.worker.nonce())?;
            let plan = (Plan::Events, None);
            self.answering
                .write_head(self.guest, plan, session.as_deref(), &mut out);
            self.head_sent = true;
        }
        write::chunk(&mut out, &self.events);
        self.events.clear();
        if self.answering.is_finished() || ended {
            self.record();
        }
        if ended {
            write::last_chunk(&mut out);
        }
        if out.is_empty() {
            return Ok(());
        }
        let sent = self.guest.send(&mut out).await;
        self.worker.give_back(out);
        if sent.is_err() {
            self.lost_client()?;
        }
        Ok(())
    }

    /// On 2026-07-28 a client that goes away cancels; before, its call goes on.
    fn lost_client(&mut self) -> Result<(), Reason> {
        if self.answering.ends_with_client() {
            return Err(Reason::UpstreamClosed);
        }
        self.deaf = true;
        let now_ns = self.worker.clock.mono_ns();
        self.connection
            .watched
            .until(now_ns.saturating_add(DEAF_MS.saturating_mul(1_000_000)));
        Ok(())
    }

    fn record(&mut self) {
        // A stream that ends without the response may be resumed: that is no failure.
        if let Some(passage) = self.passage.take() {
            passage.answered(|| self.worker.clock.mono_ns());
        }
        if self.answering.take_recording() {
            if !self.answering.is_finished() {
                self.answering.failed(Status::Closed);
            }
            result(self.worker, &self.answering);
        }
    }

    async fn end(mut self) -> Next {
        if !self.head_sent || self.deaf {
            let _ = self.flush(true).await;
        }
        self.record();
        if self.deaf { Next::Close } else { Next::Again }
    }

    async fn break_off(mut self, reason: Reason) -> Next {
        if !self.head_sent {
            let ended = (&mut self.answering, reason, self.passage);
            return fail(self.worker, self.guest, self.notes, ended).await;
        }
        let cancelled = is_gone(self.guest.fd());
        if let Some(passage) = self.passage.take_if(|_| !cancelled) {
            passage.ended(reason, self.worker.clock.mono_ns());
        }
        if self.answering.take_recording() {
            self.answering.failed(match status_of(reason) {
                Status::Killed => Status::Killed,
                _ if self.guest.was_killed() => Status::Killed,
                _ if is_gone(self.guest.fd()) => Status::Cancelled,
                status => status,
            });
            result(self.worker, &self.answering);
        }
        Next::Close
    }
}

/// What the client gets in place of a response that carries what it may not see.
fn withheld(
    (guest, notes, reason): (&Guest, &Notes, Reason),
    answering: &Answering,
    out: &mut Vec<u8>,
) {
    let serving = answering.local().serving();
    let record = Some(answering.record());
    let telling = Telling {
        serving,
        client: guest,
        notes,
        record,
        close: false,
    };
    telling.document(reason.into(), out);
}
