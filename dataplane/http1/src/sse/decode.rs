//! Reads a stream of events; refuses invalid UTF-8 in types and ids, and events over the limit.

use varistor_model::Reason;
use varistor_model::limits::EVENT_BYTES_MAX;

use super::Event;

/// Memory that is kept from one event to the next, in bytes: most events are smaller, and many
/// idle streams must fit into memory.
const KEPT_BYTES_MAX: usize = 16 * 1024;

/// Decodes one stream, given in pieces of any size.
#[derive(Clone, Debug)]
pub struct Decoder {
    /// A line whose end has not arrived.
    line: Vec<u8>,
    /// The data lines of the event, an LF behind each.
    data: Vec<u8>,
    event: Vec<u8>,
    id: Vec<u8>,
    comment: Vec<u8>,
    has_data: bool,
    has_id: bool,
    retry: Option<u64>,
    /// Whether the last line ended with CR, so that an LF now belongs to that end.
    after_cr: bool,
    is_first_line: bool,
    /// What was handed out is forgotten on the next call.
    is_spent: Spent,
    bytes_max: usize,
}

/// What the last call handed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spent {
    Nothing,
    Comment,
    Event,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// A decoder at the start of a stream, for events of up to [`EVENT_BYTES_MAX`].
    #[must_use]
    pub const fn new() -> Self {
        Self::bounded(EVENT_BYTES_MAX)
    }

    /// A decoder that holds at most this many bytes of an event and the line being read.
    #[must_use]
    pub const fn bounded(bytes_max: usize) -> Self {
        Self {
            line: Vec::new(),
            data: Vec::new(),
            event: Vec::new(),
            id: Vec::new(),
            comment: Vec::new(),
            has_data: false,
            has_id: false,
            retry: None,
            after_cr: false,
            is_first_line: true,
            is_spent: Spent::Nothing,
            bytes_max,
        }
    }

    /// Takes bytes off `input` up to the end of the next event or comment, and gives it; `None`
    /// when the input is used up. What is unfinished when the stream ends is no event.
    ///
    /// # Errors
    /// [`Reason::UpstreamTooLarge`] or [`Reason::UpstreamInvalid`]; the stream can't be read on.
    pub fn push(&mut self, input: &mut &[u8]) -> Result<Option<Event<'_>>, Reason> {
        self.forget_spent();
        while !input.is_empty() {
            if core::mem::take(&mut self.after_cr) && input.first() == Some(&b'\n') {
                *input = input.get(1..).unwrap_or_default();
                continue;
            }
            let end = memchr::memchr2(b'\r', b'\n', input);
            let (piece, rest) = input
                .split_at_checked(end.unwrap_or(input.len()))
                .unwrap_or((input, &[]));
            if self.held().saturating_add(piece.len()) > self.bytes_max {
                return Err(Reason::UpstreamTooLarge);
            }
            *input = rest;
            let Some((end, rest)) = rest.split_first() else {
                self.line.extend_from_slice(piece);
                break;
            };
            *input = rest;
            self.after_cr = *end == b'\r';
            self.end_line(piece);
            if self.is_spent != Spent::Nothing {
                return self.give().map(Some);
            }
        }
        Ok(None)
    }

    /// Whether the stream stands in the middle of an event, which its end would cut off.
    #[must_use]
    pub const fn is_within(&self) -> bool {
        let spent = matches!(self.is_spent, Spent::Event);
        !self.line.is_empty() || (!spent && self.has_something())
    }

    const fn has_something(&self) -> bool {
        self.has_data || self.has_id || self.retry.is_some() || !self.event.is_empty()
    }

    /// Bytes of the event and the unfinished line.
    const fn held(&self) -> usize {
        let named = self.event.len().saturating_add(self.id.len());
        named
            .saturating_add(self.data.len())
            .saturating_add(self.line.len())
    }

    /// Takes in the line of which `piece` is the last part.
    fn end_line(&mut self, piece: &[u8]) {
        let is_first = core::mem::take(&mut self.is_first_line);
        if self.line.is_empty() {
            self.take_line(piece, is_first);
            return;
        }
        let mut line = core::mem::take(&mut self.line);
        line.extend_from_slice(piece);
        self.take_line(&line, is_first);
        line.clear();
        line.shrink_to(KEPT_BYTES_MAX);
        self.line = line;
    }

    fn take_line(&mut self, line: &[u8], is_first: bool) {
        let marked = if is_first {
            line.strip_prefix(b"\xef\xbb\xbf")
        } else {
            None
        };
        let line = marked.unwrap_or(line);
        if line.is_empty() {
            if self.has_something() {
                self.is_spent = Spent::Event;
            }
            return;
        }
        let colon = memchr::memchr(b':', line).unwrap_or(line.len());
        let (name, value) = line.split_at_checked(colon).unwrap_or((line, &[]));
        let value = value.get(1..).unwrap_or_default();
        self.take_field(name, value.strip_prefix(b" ").unwrap_or(value));
    }

    fn take_field(&mut self, name: &[u8], value: &[u8]) {
        match name {
            b"" => {
                self.comment.extend_from_slice(value);
                self.is_spent = Spent::Comment;
            }
            b"data" => {
                self.data.extend_from_slice(value);
                self.data.push(b'\n');
                self.has_data = true;
            }
            b"event" => {
                self.event.clear();
                self.event.extend_from_slice(value);
            }
            b"id" if !value.contains(&0) => {
                self.id.clear();
                self.id.extend_from_slice(value);
                self.has_id = true;
            }
            b"retry" if !value.is_empty() && value.iter().all(u8::is_ascii_digit) => {
                let text = core::str::from_utf8(value).unwrap_or_default();
                self.retry = text.parse().ok().or(self.retry);
            }
            _ => {}
        }
    }

    fn give(&self) -> Result<Event<'_>, Reason> {
        if self.is_spent == Spent::Comment {
            return Ok(Event {
                comment: Some(&self.comment),
                ..Event::default()
            });
        }
        let text = |bytes| core::str::from_utf8(bytes).map_err(|_| Reason::UpstreamInvalid);
        Ok(Event {
            event: text(&self.event)?,
            data: self
                .has_data
                .then(|| self.data.split_last().map_or(&[][..], |(_, data)| data)),
            id: if self.has_id {
                Some(text(&self.id)?)
            } else {
                None
            },
            retry: self.retry,
            comment: None,
        })
    }

    fn forget_spent(&mut self) {
        match core::mem::replace(&mut self.is_spent, Spent::Nothing) {
            Spent::Nothing => {}
            Spent::Comment => forget(&mut self.comment),
            Spent::Event => {
                forget(&mut self.data);
                forget(&mut self.event);
                forget(&mut self.id);
                self.has_data = false;
                self.has_id = false;
                self.retry = None;
            }
        }
    }
}

fn forget(buffer: &mut Vec<u8>) {
    buffer.clear();
    buffer.shrink_to(KEPT_BYTES_MAX);
}
