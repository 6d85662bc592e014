//! The client's side of a connection: what has arrived of a request, and the way back.

mod asked;

use core::cell::Cell;
use std::net::SocketAddr;
use std::os::fd::RawFd;
use std::rc::Rc;

use varistor_http1::{Chunked, Framing, Progress, RequestHead};
use varistor_identity::Certificate;
use varistor_model::Reason;
use varistor_pipeline::outside::{Client as _, Now};

use super::held;
use crate::io::Stream;
use crate::worker::Worker;
use crate::worker::inner;
use crate::worker::seats::Side;
use crate::worker::watch::{Fate, Watched};

/// A client connection with the request that is being served.
pub(crate) struct Guest {
    /// Dropped before the stream that it watches.
    watched: Watched,
    pub(crate) stream: Stream,
    worker: Rc<Worker>,
    /// Head and body of the request, then what came after it.
    buffer: Vec<u8>,
    head: RequestHead,
    /// The body of a request in chunks, put together.
    joined: Vec<u8>,
    body: Body,
    /// Bytes of `buffer` that belong to this request: head <= used <= len.
    used: usize,
    peer: String,
    /// Whether it is the federation, on behalf of clients.
    inner: bool,
    /// Whether the sender of this request has shown that it holds the key of its token.
    proven: Cell<bool>,
    /// The certificate that the client has shown; or that of the client on whose behalf the
    /// federation asks.
    certificate: Option<Box<Certificate>>,
    pub(super) now: Now,
    /// Whether the head of an event stream has been sent in answer to this request.
    streaming: bool,
}

/// Where the request's body is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Body {
    /// Not read yet.
    Unread,
    /// In the buffer, behind the head.
    Inline,
    /// In `joined`.
    Joined,
}

/// How reading a head ended.
pub(crate) enum HeadRead {
    /// It is there.
    Complete,
    /// No further request came.
    Closed,
    /// It is refused.
    Refused(Reason),
}

const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
/// Memory that a connection keeps from one request to the next, in bytes.
const KEPT_BYTES: usize = 64 * 1024;
/// Longest time in which a client takes a part of an answer.
const WRITE_MS: u64 = 30_000;

impl Guest {
    pub(crate) fn new(worker: &Rc<Worker>, stream: Stream, peer: SocketAddr) -> Self {
        let certificate = stream.certificate().map(Box::new);
        Self {
            watched: worker.watch.add(stream.fd(), Side::Client),
            stream,
            certificate,
            worker: Rc::clone(worker),
            buffer: Vec::with_capacity(4096),
            head: RequestHead::new(),
            joined: Vec::new(),
            body: Body::Unread,
            used: 0,
            peer: peer.to_string(),
            inner: false,
            proven: Cell::new(false),
            now: Now::default(),
            streaming: false,
        }
    }

    /// The federation, which says with each request whose it is.
    pub(crate) fn inner(worker: &Rc<Worker>, stream: Stream) -> Self {
        let nobody = SocketAddr::from(([0, 0, 0, 0], 0));
        Self {
            inner: true,
            ..Self::new(worker, stream, nobody)
        }
    }

    /// Whether it is the federation.
    pub(crate) const fn is_inner(&self) -> bool {
        self.inner
    }

    /// Reads until the head of the next request is whole.
    pub(crate) async fn read_head(&mut self) -> HeadRead {
        // The view is let go of: an idle connection must not keep an old snapshot.
        let (idle_ms, head_ms) = {
            let view = self.worker.view();
            let runtime = &view.local.policy().runtime;
            (runtime.idle_ms.to_native(), runtime.head_ms.to_native())
        };
        self.deadline(if self.buffer.is_empty() {
            idle_ms
        } else {
            head_ms
        });
        self.head.clear();
        loop {
            match self.head.resume(&self.buffer) {
                Err(reason) => return HeadRead::Refused(reason),
                Ok(Progress::Complete) => break,
                Ok(Progress::Partial) => {}
            }
            let waiting = self.buffer.is_empty();
            self.watched.set_idle(waiting);
            let read = self.stream.read(&mut self.buffer).await;
            self.watched.set_idle(false);
            match read {
                Ok(count) if count > 0 => {
                    if waiting {
                        self.deadline(head_ms);
                    }
                }
                _ if self.watched.fate() == Fate::Expired && !waiting => {
                    return HeadRead::Refused(Reason::HeadTimeout);
                }
                _ => return HeadRead::Closed,
            }
        }
        self.watched.forever();
        self.now = self.worker.clock.now();
        self.used = self.head.bytes();
        self.proven.set(false);
        if self.inner {
            self.peer = inner::said_peer(self.head());
            self.certificate = inner::said_certificate(self.head()).map(Box::new);
        }
        HeadRead::Complete
    }

    /// Lets go of the request; false when its body was never read to its end.
    pub(crate) fn finish_request(&mut self) -> bool {
        if self.body == Body::Unread && !self.skip_buffered() {
            return false;
        }
        self.body = Body::Unread;
        self.streaming = false;
        self.buffer.drain(..self.used.min(self.buffer.len()));
        self.joined.clear();
        self.used = 0;
        // Thousands of connections may be kept alive, a large body comes now and then.
        if self.buffer.capacity() > KEPT_BYTES {
            self.buffer.shrink_to(KEPT_BYTES);
        }
        if self.joined.capacity() > KEPT_BYTES {
            self.joined = Vec::new();
        }
        self.head.keep_alive()
    }

    /// Keeps no more room than the request needs.
    pub(crate) fn rest(&mut self) {
        self.buffer.shrink_to_fit();
    }

    /// Skips a body that nobody read, when all of it has arrived. Twice is as good as once.
    pub(crate) fn skip_buffered(&mut self) -> bool {
        match self.head.framing() {
            Framing::None => true,
            Framing::Length(bytes) => {
                let end = usize::try_from(bytes)
                    .ok()
                    .and_then(|n| n.checked_add(self.head.bytes()));
                match end.filter(|end| *end <= self.buffer.len()) {
                    Some(end) => {
                        self.used = end;
                        true
                    }
                    None => false,
                }
            }
            Framing::Chunked => false,
        }
    }

    /// Whether the head of an event stream has been sent in answer to this request.
    pub(crate) const fn is_streaming(&self) -> bool {
        self.streaming
    }

    /// The head of an event stream has been sent.
    pub(crate) const fn set_streaming(&mut self) {
        self.streaming = true;
    }

    /// Writes a whole HTTP response: as the last event, when a stream was begun.
    pub(crate) async fn send_response(&mut self, response: &mut Vec<u8>) -> std::io::Result<()> {
        if self.streaming {
            held::last_event(response);
        }
        self.send(response).await
    }

    /// Writes bytes of an answer; the connection is over when that fails.
    pub(crate) async fn send(&mut self, answer: &mut Vec<u8>) -> std::io::Result<()> {
        self.deadline(WRITE_MS);
        self.watched.set_sending(true);
        let sent = self.stream.write(answer).await;
        self.watched.set_sending(false);
        self.watched.forever();
        sent
    }

    /// Writes an answer and waits a moment for the client to read it, so that unread bytes of the
    /// request do not make the kernel take it back (RFC 9112 section 9.6).
    pub(crate) async fn send_last(&mut self, answer: &mut Vec<u8>) {
        const LINGER_MS: u64 = 500;
        const LINGER_BYTES: usize = 256 * 1024;
        if self.send(answer).await.is_err() {
            return;
        }
        let _ = nix::sys::socket::shutdown(self.fd(), nix::sys::socket::Shutdown::Write);
        self.deadline(LINGER_MS);
        let mut skipped = 0_usize;
        while skipped < LINGER_BYTES {
            self.buffer.clear();
            match self.stream.read(&mut self.buffer).await {
                Ok(count) if count > 0 => skipped = skipped.saturating_add(count),
                _ => break,
            }
        }
    }

    /// Sends the body to an upstream without copying it.
    pub(crate) async fn send_body(&mut self, upstream: &mut Stream) -> std::io::Result<()> {
        match self.body {
            Body::Joined => {
                let all = 0..self.joined.len();
                upstream.write_part(&mut self.joined, all).await
            }
            Body::Inline | Body::Unread => {
                let body = self.head.bytes()..self.used;
                upstream.write_part(&mut self.buffer, body).await
            }
        }
    }

    pub(crate) fn body_slice(&self) -> &[u8] {
        match self.body {
            Body::Unread => &[],
            Body::Inline => self
                .buffer
                .get(self.head.bytes()..self.used)
                .unwrap_or_default(),
            Body::Joined => &self.joined,
        }
    }

    pub(crate) fn body_bytes(&self) -> usize {
        self.body_slice().len()
    }

    pub(crate) fn fd(&self) -> RawFd {
        self.stream.fd()
    }

    /// Whether the operator has stopped whoever this is.
    pub(crate) fn was_killed(&self) -> bool {
        self.watched.fate() == Fate::Killed
    }

    fn deadline(&self, ms: u64) {
        let wait_ns = ms.saturating_mul(1_000_000);
        self.watched
            .until(self.worker.clock.mono_ns().saturating_add(wait_ns));
    }

    async fn more(&mut self) -> Result<(), Reason> {
        match self.stream.read(&mut self.buffer).await {
            Ok(count) if count > 0 => Ok(()),
            _ if self.was_killed() => Err(Reason::Killed),
            _ if self.watched.fate() == Fate::Expired => Err(Reason::BodyTimeout),
            _ => Err(Reason::FramingInvalid),
        }
    }

    async fn read_length(&mut self, bytes: usize) -> Result<(), Reason> {
        let end = self.head.bytes().saturating_add(bytes);
        self.buffer
            .reserve(end.saturating_sub(self.buffer.len()).min(1 << 20));
        while self.buffer.len() < end {
            self.more().await?;
        }
        self.used = end;
        self.body = Body::Inline;
        Ok(())
    }

    async fn read_chunks(&mut self, bytes_max: usize) -> Result<(), Reason> {
        let mut chunks = Chunked::new();
        self.joined.clear();
        loop {
            let input = self.buffer.get(self.used..).unwrap_or_default();
            let piece = chunks.decode(input)?;
            let data = input.get(piece.data.clone()).unwrap_or_default();
            let announced = usize::try_from(chunks.left_in_chunk()).unwrap_or(usize::MAX);
            let known = self
                .joined
                .len()
                .saturating_add(data.len())
                .saturating_add(announced);
            if known > bytes_max {
                return Err(Reason::BodyTooLarge);
            }
            self.joined.extend_from_slice(data);
            self.used = self.used.saturating_add(piece.consumed);
            if piece.end {
                self.body = Body::Joined;
                return Ok(());
            }
            if piece.consumed == 0 {
                // The framing that was decoded is not needed again.
                let head = self.head.bytes();
                self.buffer.drain(head..self.used);
                self.used = head;
                self.more().await?;
            }
        }
    }
}
