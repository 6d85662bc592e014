//! One request and its answer on a connection: sends, receives, and finds where the answer ends.

use std::io;
use std::ops::Range;

use super::stream::Stream;
use crate::wire::Head;

/// Room for a read whose length is not known.
const READ_BYTES: usize = 4 * 1024;

/// A connection and what has been received on it.
pub(super) struct Wire {
    stream: Stream,
    received: Vec<u8>,
    /// Bytes of `received` that belong to the last answer; `0 <= used <= received.len()`.
    used: usize,
    /// The data of a body that is not of known length.
    decoded: Vec<u8>,
    place: Place,
}

/// Where the body of the last answer is.
enum Place {
    Received(Range<usize>),
    Decoded,
}

/// What the head of an answer said.
#[derive(Debug, Clone, Copy)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) event_stream: bool,
    pub(super) keep_alive: bool,
    head_bytes: usize,
}

impl Wire {
    pub(super) fn new(stream: Stream) -> Self {
        Self {
            stream,
            received: Vec::new(),
            used: 0,
            decoded: Vec::new(),
            place: Place::Received(0..0),
        }
    }

    /// Sends a request and receives its whole answer.
    ///
    /// # Errors
    /// The connection failed, ended early, or what came cannot be framed.
    pub(super) async fn exchange(&mut self, request: &mut Vec<u8>) -> io::Result<Answer> {
        self.forget();
        self.stream.write(request).await?;
        let (answer, mut body) = self.head().await?;
        if let Some(length) = body.length_left() {
            let length = usize::try_from(length).map_err(io::Error::other)?;
            self.used = answer.head_bytes.saturating_add(length);
            while self.received.len() < self.used {
                let missing = self.used.saturating_sub(self.received.len());
                self.receive(missing).await?;
            }
            self.place = Place::Received(answer.head_bytes..self.used);
            return Ok(answer);
        }
        self.place = Place::Decoded;
        self.used = answer.head_bytes;
        let mut keep_alive = answer.keep_alive;
        loop {
            let rest = self.received.get(self.used..).unwrap_or_default();
            let read = body.read(rest, &mut self.decoded)?;
            self.used = self.used.saturating_add(read);
            if body.has_ended() {
                break;
            }
            match self.receive(READ_BYTES).await {
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    if !body.ends_with_connection() {
                        return Err(error);
                    }
                    keep_alive = false;
                    break;
                }
                received => received?,
            }
        }
        Ok(Answer {
            keep_alive,
            ..answer
        })
    }

    /// Sends a request and waits for the head of its answer only, whose body never ends.
    ///
    /// # Errors
    /// As for [`Self::exchange`].
    pub(super) async fn begin(&mut self, request: &mut Vec<u8>) -> io::Result<Answer> {
        self.forget();
        self.stream.write(request).await?;
        let (answer, _) = self.head().await?;
        self.used = self.received.len();
        Ok(answer)
    }

    /// Waits for bytes that nobody asked for, and returns how many came.
    ///
    /// # Errors
    /// The connection failed or ended.
    pub(super) async fn listen(&mut self, room: usize) -> io::Result<usize> {
        self.received.clear();
        self.used = 0;
        self.receive(room).await?;
        Ok(self.received.len())
    }

    /// The body of the last answer.
    pub(super) fn body(&self) -> &[u8] {
        match &self.place {
            Place::Received(range) => self.received.get(range.clone()).unwrap_or_default(),
            Place::Decoded => &self.decoded,
        }
    }

    /// The session id in the head of the last answer.
    pub(super) fn session_id(&self, answer: &Answer) -> Option<String> {
        let head = self.received.get(..answer.head_bytes)?;
        let head = std::str::from_utf8(head).ok()?;
        head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("mcp-session-id")
                .then(|| value.trim().to_owned())
        })
    }

    pub(super) fn stream(&self) -> &Stream {
        &self.stream
    }

    pub(super) async fn close(self) {
        self.stream.close().await;
    }

    fn forget(&mut self) {
        if self.used >= self.received.len() {
            self.received.clear();
        } else {
            self.received.drain(..self.used);
        }
        self.used = 0;
        self.decoded.clear();
    }

    async fn head(&mut self) -> io::Result<(Answer, crate::wire::Body)> {
        loop {
            if let Some(head) = Head::of_response(&self.received)? {
                let answer = Answer {
                    status: head.status,
                    event_stream: head.event_stream,
                    keep_alive: head.keep_alive,
                    head_bytes: head.bytes,
                };
                return Ok((answer, head.body));
            }
            self.receive(READ_BYTES).await?;
        }
    }

    async fn receive(&mut self, room: usize) -> io::Result<()> {
        match self.stream.read(&mut self.received, room).await? {
            0 => Err(io::ErrorKind::UnexpectedEof.into()),
            _ => Ok(()),
        }
    }
}
