//! The head of an upstream's answer; decides its status and how long its body is, and refuses what
//! has two readings, switches protocols, or is encoded so that it can't be inspected.

use varistor_model::Reason;

use crate::fields::Fields;
use crate::framing::Statement;
use crate::line::{self, Line, Stop, Window};
use crate::request::{is_identity, names_close};
use crate::{Field, Framing, Progress, ResponseFraming, byte};

/// The head of one final response, as places in the caller's buffer. Interim responses (1xx)
/// before it are read and dropped. Reused from response to response; what it says holds after
/// [`Progress::Complete`], for the very bytes that were parsed.
#[derive(Clone, Debug)]
pub struct ResponseHead {
    status: u16,
    fields: Fields,
    statement: Statement,
    framing: ResponseFraming,
    closes: bool,
    stage: Stage,
    /// Offset of the first line that is not yet taken in; the length of all heads at the end.
    next: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    StatusLine,
    Fields,
    Complete,
}

impl Default for ResponseHead {
    fn default() -> Self {
        Self::new()
    }
}

impl ResponseHead {
    /// A head that has read nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            status: 0,
            fields: Fields::new(),
            statement: Statement::NONE,
            framing: ResponseFraming::None,
            closes: false,
            stage: Stage::StatusLine,
            next: 0,
        }
    }

    /// Reads the head at the start of `bytes`, forgetting everything before. `head_request` says
    /// that the request was a HEAD, whose answer has no body.
    ///
    /// # Errors
    /// [`Reason::UpstreamInvalid`], or [`Reason::UpstreamEncoding`] for a compressed body. The
    /// connection can't be used again.
    pub fn parse(&mut self, bytes: &[u8], head_request: bool) -> Result<Progress, Reason> {
        self.clear();
        self.resume(bytes, head_request)
    }

    /// Goes on after [`Progress::Partial`], without reading the lines again that were whole then.
    /// `bytes` must begin with the bytes that were given before.
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn resume(&mut self, bytes: &[u8], head_request: bool) -> Result<Progress, Reason> {
        if self.stage == Stage::Complete || bytes.len() < self.next {
            self.clear();
        }
        match self.advance(bytes, head_request) {
            Ok(()) => Ok(Progress::Complete),
            Err(Stop::Partial) => Ok(Progress::Partial),
            Err(Stop::Refused(reason)) => {
                self.clear();
                Err(match reason {
                    Reason::UpstreamEncoding => reason,
                    _ => Reason::UpstreamInvalid,
                })
            }
        }
    }

    /// Forgets everything, and keeps its memory for the next head.
    pub fn clear(&mut self) {
        self.forget();
        self.next = 0;
    }

    /// The final status, 200 to 599.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The value of this field without blanks around it; of several lines the first.
    #[must_use]
    pub fn field<'b>(&self, bytes: &'b [u8], field: Field) -> Option<&'b [u8]> {
        self.fields.first(bytes, field)
    }

    /// The values of all lines of this field, in their order.
    pub fn values<'b>(
        &self,
        bytes: &'b [u8],
        field: Field,
    ) -> impl Iterator<Item = &'b [u8]> + use<'_, 'b> {
        self.fields.all(bytes, field)
    }

    /// Name (as it was sent) and value of every field, without those that have an underscore in
    /// their name.
    pub fn fields<'b>(
        &self,
        bytes: &'b [u8],
    ) -> impl Iterator<Item = (&'b [u8], &'b [u8])> + use<'_, 'b> {
        self.fields.iter(bytes)
    }

    /// How the body is delimited.
    #[must_use]
    pub const fn framing(&self) -> ResponseFraming {
        self.framing
    }

    /// Whether the connection can be used again once the body has been read.
    #[must_use]
    pub const fn keep_alive(&self) -> bool {
        !self.closes && !matches!(self.framing, ResponseFraming::UntilClose)
    }

    /// Length of the head, interim responses before it included.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.next
    }

    fn forget(&mut self) {
        self.fields.clear();
        self.statement = Statement::NONE;
        self.framing = ResponseFraming::None;
        self.closes = false;
        self.stage = Stage::StatusLine;
    }

    fn advance(&mut self, bytes: &[u8], head_request: bool) -> Result<(), Stop> {
        loop {
            if self.stage == Stage::StatusLine {
                (self.status, self.next) = read_status_line(bytes, self.next)?;
                self.stage = Stage::Fields;
            }
            let end = self.read_fields(bytes)?;
            if self.status >= 200 {
                self.framing = self.decide(head_request)?;
                self.next = end;
                self.stage = Stage::Complete;
                return Ok(());
            }
            if self.statement.said().is_some() {
                return Err(Reason::UpstreamInvalid.into());
            }
            self.forget();
            self.next = end;
        }
    }

    /// Takes in the fields and gives the offset behind the empty line.
    fn read_fields(&mut self, bytes: &[u8]) -> Result<usize, Stop> {
        loop {
            if self.fields.is_full() && bytes.get(self.next).is_some_and(|byte| *byte != b'\r') {
                return Err(Reason::UpstreamInvalid.into());
            }
            match line::read(bytes, self.next)? {
                Line::Last { end } => return Ok(end),
                Line::Field(line) => {
                    self.fields.add(bytes, &line)?;
                    let content = bytes.get(line.value).unwrap_or_default();
                    match line.field {
                        Some(Field::ContentEncoding) if !is_identity(content) => {
                            return Err(Reason::UpstreamEncoding.into());
                        }
                        Some(Field::Connection) => self.closes |= names_close(content),
                        Some(field) => self.statement.hear(field, content)?,
                        None => {}
                    }
                    self.next = line.end;
                }
            }
        }
    }

    /// RFC 9112 section 6.3, except that a 204 with a body and a 304 with chunks are refused: some
    /// readers would wait for the body, others not.
    fn decide(&self, head_request: bool) -> Result<ResponseFraming, Reason> {
        let said = self.statement.said();
        match (self.status, said) {
            (204, Some(Framing::Chunked | Framing::Length(1..)))
            | (304, Some(Framing::Chunked)) => Err(Reason::UpstreamInvalid),
            (204 | 304, _) => Ok(ResponseFraming::None),
            _ if head_request => Ok(ResponseFraming::None),
            (_, Some(Framing::Length(length))) => Ok(ResponseFraming::Length(length)),
            (_, Some(Framing::Chunked)) => Ok(ResponseFraming::Chunked),
            (_, Some(Framing::None) | None) => Ok(ResponseFraming::UntilClose),
        }
    }
}

/// The status, and the offset behind the line (RFC 9112 section 4). A missing space before an
/// empty reason is let pass, since the line is not forwarded. Protocols are never switched (101).
fn read_status_line(bytes: &[u8], at: usize) -> Result<(u16, usize), Stop> {
    const USUAL: &[u8] = b"HTTP/1.1 200 OK\r\n";
    if bytes.get(at..).is_some_and(|rest| rest.starts_with(USUAL)) {
        let cr = at.saturating_add(USUAL.len()).saturating_sub(2);
        return Ok((200, line::ended(bytes, cr)?));
    }
    let window = Window::open(bytes, at);
    let mut status = 0_u16;
    let pattern = b"HTTP/1.1 000";
    for (number, expected) in pattern.iter().enumerate() {
        match (expected, window.bytes.get(number)) {
            (_, None) => return Err(window.exhausted(Reason::UpstreamInvalid)),
            (b'0', Some(digit @ b'0'..=b'9')) => {
                let digit = u16::from(digit.wrapping_sub(b'0'));
                status = status.saturating_mul(10).saturating_add(digit);
            }
            (expected, Some(found)) if expected == found && *expected != b'0' => {}
            _ => return Err(Reason::UpstreamInvalid.into()),
        }
    }
    if !(100..=599).contains(&status) || status == 101 {
        return Err(Reason::UpstreamInvalid.into());
    }
    let rest = window.bytes.get(pattern.len()..).unwrap_or_default();
    let len = byte::text_len(rest);
    match (rest.first(), rest.get(len)) {
        (Some(first), _) if !matches!(first, b' ' | b'\r') => Err(Reason::UpstreamInvalid.into()),
        (_, None) => Err(window.exhausted(Reason::UpstreamInvalid)),
        (_, Some(b'\r')) => {
            let cr = at.saturating_add(pattern.len()).saturating_add(len);
            Ok((status, line::ended(bytes, cr)?))
        }
        _ => Err(Reason::UpstreamInvalid.into()),
    }
}
