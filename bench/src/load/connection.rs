//! One connection under load: at most one call under way.

use std::io::{self, ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::call::{Call, Era, Shape};
use super::check::{Verdict, judge};
use super::session;
use super::target::Target;
use crate::wire::{Body, Head};

/// How long connecting and opening a session may take.
const SETUP: Duration = Duration::from_secs(10);

/// A non-blocking connection with its prepared call.
pub(super) struct Connection {
    stream: TcpStream,
    call: Call,
    /// Bytes of the call that the socket has not taken yet.
    unsent: Vec<u8>,
    received: Vec<u8>,
    answer: Option<Answer>,
    waiting: Option<u64>,
}

/// An answer whose head is there.
struct Answer {
    head: Head,
    framing: Body,
    data: Vec<u8>,
}

/// What came of reading.
pub(super) enum Progress {
    /// The answer is not complete.
    More,
    Answered(Verdict),
    /// The server will close, or has closed, with or without an answer under way.
    Closed(Option<Verdict>),
}

impl Connection {
    /// Connects, and opens a session in the legacy era.
    ///
    /// # Errors
    /// The server does not accept, or refuses the session.
    pub(super) fn open(target: &Target, shape: &Shape<'_>) -> anyhow::Result<Self> {
        let mut stream = TcpStream::connect_timeout(&target.address, SETUP)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(SETUP))?;
        let session = match shape.era {
            Era::Modern => None,
            Era::Legacy => session::open(&mut stream, target, shape.headers)?,
        };
        stream.set_nonblocking(true)?;
        let call = Call::new(shape, target, session.as_deref())?;
        Ok(Self {
            stream,
            call,
            unsent: Vec::new(),
            received: Vec::new(),
            answer: None,
            waiting: None,
        })
    }

    pub(super) fn stream(&self) -> &TcpStream {
        &self.stream
    }

    /// Sends the call with this id; the connection must be idle.
    ///
    /// # Errors
    /// The connection failed.
    pub(super) fn send(&mut self, id: u64) -> io::Result<()> {
        debug_assert!(self.waiting.is_none(), "one call at a time");
        self.waiting = Some(id);
        let bytes = self.call.with_id(id);
        let sent = match self.stream.write(bytes) {
            Ok(count) => count,
            Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
            Err(error) => return Err(error),
        };
        self.unsent
            .extend_from_slice(bytes.get(sent..).unwrap_or_default());
        Ok(())
    }

    /// Sends what is left and reads what has come, through `scratch`. `hung_up`: the server has
    /// said that it sends no more, of which there will be no further event.
    ///
    /// # Errors
    /// The connection failed, or the answer cannot be framed.
    pub(super) fn progress(&mut self, hung_up: bool, scratch: &mut [u8]) -> io::Result<Progress> {
        self.flush()?;
        loop {
            match self.stream.read(scratch) {
                Ok(0) => return Ok(self.closed()),
                Ok(count) => {
                    self.received
                        .extend_from_slice(scratch.get(..count).unwrap_or_default());
                    match self.complete()? {
                        Some(Progress::Answered(verdict)) if hung_up => {
                            return Ok(Progress::Closed(Some(verdict)));
                        }
                        Some(progress) => return Ok(progress),
                        None => {}
                    }
                    // A short read has emptied the socket; the next event says when there is more.
                    if count < scratch.len() && !hung_up {
                        return Ok(Progress::More);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(Progress::More),
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        while !self.unsent.is_empty() {
            match self.stream.write(&self.unsent) {
                Ok(count) => drop(self.unsent.drain(..count)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The verdict, if the answer is complete.
    fn complete(&mut self) -> io::Result<Option<Progress>> {
        if self.answer.is_none() {
            let Some(head) = Head::of_response(&self.received)? else {
                return Ok(None);
            };
            self.received.drain(..head.bytes);
            self.answer = Some(Answer {
                framing: head.body,
                head,
                data: Vec::new(),
            });
        }
        let Some(answer) = &mut self.answer else {
            return Ok(None);
        };
        let used = answer.framing.read(&self.received, &mut answer.data)?;
        self.received.drain(..used);
        if !answer.framing.has_ended() {
            return Ok(None);
        }
        let keep_alive = answer.head.keep_alive;
        let verdict = self.verdict();
        Ok(verdict.map(|verdict| {
            if keep_alive {
                Progress::Answered(verdict)
            } else {
                Progress::Closed(Some(verdict))
            }
        }))
    }

    fn closed(&mut self) -> Progress {
        let whole = self
            .answer
            .as_ref()
            .is_some_and(|a| a.framing.ends_with_connection());
        let pending = self.waiting.is_some();
        let verdict = if whole { self.verdict() } else { None };
        Progress::Closed(verdict.or(pending.then_some(Verdict::Wrong)))
    }

    fn verdict(&mut self) -> Option<Verdict> {
        let (answer, id) = (self.answer.take()?, self.waiting.take()?);
        Some(judge(
            answer.head.status,
            answer.head.event_stream,
            &answer.data,
            id,
        ))
    }
}
