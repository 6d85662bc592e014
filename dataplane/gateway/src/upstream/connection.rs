//! One connection to an upstream: how it is opened, and the answer that is being read from it.

use std::io::Error;
use std::net::SocketAddr;
use std::time::Duration;

use monoio::net::{TcpStream, UnixStream};
use varistor_http1::{Progress, ResponseHead};
use varistor_model::Reason;

use super::dial::first;
use super::{Upstream, Within};
use crate::io::{Stream, TlsStream};
use crate::worker::Worker;
use crate::worker::seats::Side;
use crate::worker::watch::{Fate, Watched};

/// A connection to an upstream. One request at a time.
pub(crate) struct Connection {
    /// Dropped before the stream that it watches.
    pub(crate) watched: Watched,
    pub(crate) stream: Stream,
    /// What was read and not yet passed on; begins with the answer's head.
    pub(crate) buffer: Vec<u8>,
    pub(crate) head: ResponseHead,
    /// Whether it has served a request before.
    pub(crate) reused: bool,
    /// Whether mostly nothing comes.
    idle: bool,
    /// Whether the last read filled all its room: then there is more.
    full: bool,
}

impl Connection {
    /// Connects to the first address that answers in time.
    pub(crate) async fn open(
        worker: &Worker,
        upstream: &Upstream,
        ms: u64,
    ) -> Result<Box<Self>, Reason> {
        if let Some(within) = &upstream.within {
            return Self::open_within(worker, upstream, within).await;
        }
        let addresses = upstream.addresses.load_full();
        if addresses.is_empty() {
            return Err(Reason::UpstreamUnresolved);
        }
        let mut reason = Reason::UpstreamUnreachable;
        let attempt = |address| Self::attempt(upstream, address, ms);
        let found = first(&addresses, attempt, |(address, failed, error)| {
            reason = failed;
            upstream.tell_failure(worker.clock.mono_ns(), &address, &error);
        });
        let found = found.await;
        found.map(|stream| Self::of(worker, stream)).ok_or(reason)
    }

    async fn attempt(
        upstream: &Upstream,
        address: SocketAddr,
        ms: u64,
    ) -> Result<Stream, (SocketAddr, Reason, Error)> {
        let connect = Self::connect(upstream, address);
        match monoio::time::timeout(Duration::from_millis(ms), connect).await {
            Ok(connected) => connected.map_err(|(reason, error)| (address, reason, error)),
            Err(_) => {
                let error = std::io::ErrorKind::TimedOut.into();
                Err((address, Reason::UpstreamUnreachable, error))
            }
        }
    }

    /// Another thread of this process takes a connection at once, or not.
    async fn open_within(
        worker: &Worker,
        upstream: &Upstream,
        within: &Within,
    ) -> Result<Box<Self>, Reason> {
        let opened = match within {
            Within::Federation(socket) => UnixStream::connect(socket).await.map(Stream::Unix),
            Within::Bridge => match worker.hub.children.get() {
                Some(servers) => servers.connect().map(|it| Stream::Conduit(Box::new(it))),
                None => Err(std::io::ErrorKind::NotConnected.into()),
            },
        };
        match opened {
            Ok(stream) => Ok(Self::of(worker, stream)),
            Err(error) => {
                upstream.tell_failure(worker.clock.mono_ns(), &"within the gateway", &error);
                Err(Reason::UpstreamUnreachable)
            }
        }
    }

    fn of(worker: &Worker, stream: Stream) -> Box<Self> {
        let watched = worker.watch.add(stream.fd(), Side::Upstream);
        if let Stream::Conduit(conduit) = &stream {
            watched.closes(conduit.end().closer());
        }
        Box::new(Self {
            watched,
            stream,
            buffer: Vec::new(),
            head: ResponseHead::new(),
            reused: false,
            idle: false,
            full: false,
        })
    }

    async fn connect(upstream: &Upstream, address: SocketAddr) -> Result<Stream, (Reason, Error)> {
        let tcp = TcpStream::connect_addr(address)
            .await
            .map_err(|error| (Reason::UpstreamUnreachable, error))?;
        // Without it small requests wait for the peer's delayed acknowledgement.
        let _ = tcp.set_nodelay(true);
        match upstream.tls.clone() {
            None => Ok(Stream::Plain(tcp)),
            Some(tls) => TlsStream::connect(tcp, tls.config, tls.name)
                .await
                .map(|stream| Stream::Tls(Box::new(stream)))
                .map_err(|error| (Reason::UpstreamTls, error)),
        }
    }

    /// Reads the head of the answer, over interim answers.
    ///
    /// # Errors
    /// `(reason, untouched)`: whether the connection ended before a single byte came.
    pub(crate) async fn read_head(&mut self) -> Result<(), (Reason, bool)> {
        self.head.clear();
        loop {
            match self.head.resume(&self.buffer, false) {
                Err(reason) => return Err((reason, false)),
                Ok(Progress::Complete) => return Ok(()),
                Ok(Progress::Partial) => {}
            }
            let untouched = self.buffer.is_empty();
            match self.read().await {
                Ok(0) => return Err((Reason::UpstreamClosed, untouched)),
                Ok(_) => {}
                Err(reason) => {
                    let broken = reason == Reason::UpstreamClosed;
                    return Err((reason, untouched && broken));
                }
            }
        }
    }

    /// Keeps no more room than it needs: what it waits for may never come.
    pub(crate) fn rest(&mut self) {
        self.idle = true;
        if !self.full {
            self.buffer.shrink_to_fit();
        }
    }

    /// The same where it has rested before.
    pub(crate) fn rest_again(&mut self) {
        if self.idle {
            self.rest();
        }
    }

    /// Reads more of the answer into the buffer; 0 at the end.
    pub(crate) async fn read(&mut self) -> Result<usize, Reason> {
        let read = match self.idle && !self.full {
            false => self.stream.read(&mut self.buffer).await,
            true => self.stream.read_idle(&mut self.buffer).await,
        };
        self.full = self.buffer.len() == self.buffer.capacity();
        match (self.watched.fate(), read) {
            // What came before counts for nothing.
            (Fate::Killed, _) => Err(Reason::Killed),
            (Fate::Alive, Ok(count)) => Ok(count),
            (Fate::Alive, Err(_)) => Err(Reason::UpstreamClosed),
            (_, Ok(count)) if count > 0 => Ok(count),
            (Fate::Expired, _) => Err(Reason::UpstreamTimeout),
            (Fate::Drained | Fate::Abandoned, _) => Err(Reason::UpstreamClosed),
        }
    }
}
