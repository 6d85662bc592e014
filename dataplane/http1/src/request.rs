//! The head of a request; decides what is asked and how long its body is, and refuses everything
//! that is not plain HTTP/1.1 with exactly one reading.

use varistor_model::{Reason, Span};

use crate::fields::Fields;
use crate::framing::Statement;
use crate::line::{self, Line, Stop};
use crate::{Field, Framing, Progress, byte, host, request_line};

/// A method that is served here. All others are refused before anything else is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum HttpMethod {
    /// Carries a message.
    Post,
    /// Opens a stream.
    Get,
    /// Ends a session.
    Delete,
    /// Asks what a web page of another origin may do.
    Options,
}

impl HttpMethod {
    /// Every method.
    pub const ALL: [Self; 4] = [Self::Post, Self::Get, Self::Delete, Self::Options];

    /// The name on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Post => "POST",
            Self::Get => "GET",
            Self::Delete => "DELETE",
            Self::Options => "OPTIONS",
        }
    }
}

/// The head of one request, as places in the caller's buffer. Reused from request to request; what
/// it says holds after [`Progress::Complete`], for the very bytes that were parsed.
#[derive(Clone, Debug)]
pub struct RequestHead {
    method: HttpMethod,
    target: Span,
    fields: Fields,
    statement: Statement,
    closes: bool,
    expects: bool,
    stage: Stage,
    /// Offset of the first line that is not yet taken in; the head's length once it is complete.
    next: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    RequestLine,
    Fields,
    Complete,
}

impl Default for RequestHead {
    fn default() -> Self {
        Self::new()
    }
}

impl RequestHead {
    /// A head that has read nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            method: HttpMethod::Post,
            target: Span { start: 0, end: 0 },
            fields: Fields::new(),
            statement: Statement::NONE,
            closes: false,
            expects: false,
            stage: Stage::RequestLine,
            next: 0,
        }
    }

    /// Reads the head at the start of `bytes`, forgetting everything before.
    ///
    /// # Errors
    /// The reason for which the request is refused; the connection can't be used again.
    pub fn parse(&mut self, bytes: &[u8]) -> Result<Progress, Reason> {
        self.clear();
        self.resume(bytes)
    }

    /// Goes on after [`Progress::Partial`], without reading the lines again that were whole then:
    /// a head that arrives byte by byte costs no more than one that arrives at once. `bytes` must
    /// begin with the bytes that were given before; if that isn't sure, call [`Self::parse`].
    ///
    /// # Errors
    /// As [`Self::parse`].
    pub fn resume(&mut self, bytes: &[u8]) -> Result<Progress, Reason> {
        if self.stage == Stage::Complete || bytes.len() < self.next {
            self.clear();
        }
        match self.advance(bytes) {
            Ok(()) => Ok(Progress::Complete),
            Err(Stop::Partial) => Ok(Progress::Partial),
            Err(Stop::Refused(reason)) => {
                self.clear();
                Err(reason)
            }
        }
    }

    /// Forgets everything, and keeps its memory for the next head.
    pub fn clear(&mut self) {
        self.fields.clear();
        self.statement = Statement::NONE;
        self.closes = false;
        self.expects = false;
        self.stage = Stage::RequestLine;
        self.next = 0;
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> HttpMethod {
        self.method
    }

    /// The target: a path and perhaps a query, as it was sent.
    #[must_use]
    pub fn target<'b>(&self, bytes: &'b [u8]) -> &'b [u8] {
        self.target.of_bytes(bytes)
    }

    /// The value of this field without blanks around it; of several lines the first, which only
    /// fields can have that do not [stand once](Field::stands_once).
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
    /// their name: some servers take those for the field with a dash.
    pub fn fields<'b>(
        &self,
        bytes: &'b [u8],
    ) -> impl Iterator<Item = (&'b [u8], &'b [u8])> + use<'_, 'b> {
        self.fields.iter(bytes)
    }

    /// What stands behind `Mcp-Param-` in the name (as it was sent), and the value, of each of
    /// those fields. No name comes twice, in whatever case.
    pub fn mcp_params<'b>(
        &self,
        bytes: &'b [u8],
    ) -> impl Iterator<Item = (&'b [u8], &'b [u8])> + use<'_, 'b> {
        self.fields(bytes).filter_map(|(name, value)| {
            let (prefix, rest) = name.split_at_checked(b"mcp-param-".len())?;
            prefix
                .eq_ignore_ascii_case(b"mcp-param-")
                .then_some((rest, value))
        })
    }

    /// How the body is delimited. Only a POST can have one.
    #[must_use]
    pub const fn framing(&self) -> Framing {
        match (self.method, self.statement.said()) {
            (HttpMethod::Post, Some(framing)) => framing,
            _ => Framing::None,
        }
    }

    /// Whether the client expects to use the connection again.
    #[must_use]
    pub const fn keep_alive(&self) -> bool {
        !self.closes
    }

    /// Whether the client waits for `100 Continue` before it sends the body.
    #[must_use]
    pub const fn expects_continue(&self) -> bool {
        self.expects && !matches!(self.framing(), Framing::None | Framing::Length(0))
    }

    /// Length of the head, the line end before it included.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.next
    }

    fn advance(&mut self, bytes: &[u8]) -> Result<(), Stop> {
        if self.stage == Stage::RequestLine {
            let line = request_line::read(bytes)?;
            self.method = line.method;
            self.target = line.target;
            self.next = line.end;
            self.stage = Stage::Fields;
        }
        loop {
            if self.fields.is_full() && bytes.get(self.next).is_some_and(|byte| *byte != b'\r') {
                return Err(Reason::HeadTooLarge.into());
            }
            match line::read(bytes, self.next)? {
                Line::Field(line) => {
                    self.fields.add(bytes, &line)?;
                    if let Some(field) = line.field {
                        self.take_in(field, bytes.get(line.value).unwrap_or_default())?;
                    }
                    self.next = line.end;
                }
                Line::Last { end } => {
                    self.check_whole(bytes)?;
                    self.next = end;
                    self.stage = Stage::Complete;
                    return Ok(());
                }
            }
        }
    }

    fn take_in(&mut self, field: Field, value: &[u8]) -> Result<(), Reason> {
        match field {
            Field::ContentLength | Field::TransferEncoding => self.statement.hear(field, value)?,
            Field::Host if !host::is_valid(value) => return Err(Reason::HeadMalformed),
            Field::ContentEncoding if !is_identity(value) => {
                return Err(Reason::EncodingUnsupported);
            }
            Field::Connection => self.closes |= names_close(value),
            Field::Expect => {
                if self.expects || !value.eq_ignore_ascii_case(b"100-continue") {
                    return Err(Reason::ExpectationFailed);
                }
                self.expects = true;
            }
            _ => {}
        }
        Ok(())
    }

    fn check_whole(&self, bytes: &[u8]) -> Result<(), Reason> {
        if self.fields.first(bytes, Field::Host).is_none() {
            return Err(Reason::HeadMalformed);
        }
        match (self.method, self.statement.said()) {
            (HttpMethod::Post, None) => Err(Reason::LengthRequired),
            (HttpMethod::Post, Some(_)) | (_, None | Some(Framing::Length(0))) => Ok(()),
            _ => Err(Reason::FramingInvalid),
        }
    }
}

/// Whether a Content-Encoding means the bytes as they are.
pub(crate) const fn is_identity(value: &[u8]) -> bool {
    value.is_empty() || value.eq_ignore_ascii_case(b"identity")
}

/// Whether a Connection field asks to close. Whatever else it names is not acted upon: it could
/// only strip fields that others rely on.
pub(crate) fn names_close(value: &[u8]) -> bool {
    let mut options = value.split(|byte| *byte == b',').map(byte::trim);
    options.any(|option| option.eq_ignore_ascii_case(b"close"))
}
