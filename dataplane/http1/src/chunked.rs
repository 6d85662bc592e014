//! The chunked transfer coding; decides where each chunk and the body end, drops extensions and
//! trailers, and refuses bare line ends, odd sizes, and framing that outweighs the data.

use core::ops::Range;

use varistor_model::Reason;
use varistor_model::limits::{CHUNK_EXTENSIONS_BYTES_MAX, CHUNK_LINE_BYTES_MAX, TRAILER_BYTES_MAX};

use crate::byte;

/// Decodes one chunked body (RFC 9112 section 7.1), given in pieces of any size.
#[derive(Clone, Debug)]
pub struct Chunked {
    state: State,
    /// The chunk's size while its line is read, then what is left of its data. At most 2^63 - 1.
    left: u64,
    /// Length of the line that is being read.
    line: usize,
    /// Bytes of all extensions so far.
    extensions: usize,
    /// Bytes of the trailer section so far.
    trailer: usize,
    reason: Reason,
}

/// What one call found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece {
    /// How many bytes of the input are done with. What is left belongs to the next call, or after
    /// the end to the next message.
    pub consumed: usize,
    /// The data among them: at most one run, at their end.
    pub data: Range<usize>,
    /// Whether the body has ended.
    pub end: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before the first digit.
    Start,
    Size,
    Extension,
    SizeEnd,
    Data,
    DataCr,
    DataLf,
    /// At the start of a line behind the last chunk.
    TrailerStart,
    TrailerName,
    TrailerValue,
    TrailerLf,
    LastLf,
    End,
    Broken,
}

impl Default for Chunked {
    fn default() -> Self {
        Self::new()
    }
}

impl Chunked {
    /// Decodes the body of a request: what is wrong is [`Reason::FramingInvalid`].
    #[must_use]
    pub const fn new() -> Self {
        Self::refusing_with(Reason::FramingInvalid)
    }

    /// Decodes the body of a response: what is wrong is [`Reason::UpstreamInvalid`].
    #[must_use]
    pub const fn of_response() -> Self {
        Self::refusing_with(Reason::UpstreamInvalid)
    }

    /// Goes through the input up to the end of its first run of data, its own end, or the end of
    /// the body. Call again with what is left.
    ///
    /// # Errors
    /// When this is no chunked body; the same on every further call.
    pub fn decode(&mut self, input: &[u8]) -> Result<Piece, Reason> {
        let mut at = 0_usize;
        while self.state != State::End {
            if self.state == State::Data {
                return Ok(self.data(input, at));
            }
            let Some(byte) = input.get(at) else {
                break;
            };
            match self.step(*byte) {
                Some(next) => self.state = next,
                None => {
                    self.state = State::Broken;
                    return Err(self.reason);
                }
            }
            at = at.saturating_add(1);
        }
        Ok(Piece {
            consumed: at,
            data: at..at,
            end: self.has_ended(),
        })
    }

    /// Whether the body has ended.
    #[must_use]
    pub fn has_ended(&self) -> bool {
        self.state == State::End
    }

    /// How many bytes of the chunk that has begun are still to come; 0 between chunks. A caller
    /// that bounds bodies need not wait for data whose size is already too much.
    #[must_use]
    pub const fn left_in_chunk(&self) -> u64 {
        match self.state {
            State::Data => self.left,
            _ => 0,
        }
    }

    const fn refusing_with(reason: Reason) -> Self {
        Self {
            state: State::Start,
            left: 0,
            line: 0,
            extensions: 0,
            trailer: 0,
            reason,
        }
    }

    fn data(&mut self, input: &[u8], at: usize) -> Piece {
        let there = input.len().saturating_sub(at);
        let run = usize::try_from(self.left).map_or(there, |left| left.min(there));
        self.left = self.left.saturating_sub(run as u64);
        if self.left == 0 {
            self.state = State::DataCr;
        }
        let end = at.saturating_add(run);
        Piece {
            consumed: end,
            data: at..end,
            end: false,
        }
    }

    /// The state behind this byte; `None` when it may not stand here.
    fn step(&mut self, byte: u8) -> Option<State> {
        match (self.state, byte) {
            (State::Start | State::Size, b'0'..=b'9' | b'a'..=b'f' | b'A'..=b'F') => {
                self.digit(byte)
            }
            (State::Size, b';') => self.extension(),
            (State::Extension, b'\t' | b' '..=b'~') => self.extension(),
            (State::Size | State::Extension, b'\r') => Some(State::SizeEnd),
            (State::SizeEnd, b'\n') => {
                self.line = 0;
                Some(if self.left == 0 {
                    State::TrailerStart
                } else {
                    State::Data
                })
            }
            (State::DataCr, b'\r') => Some(State::DataLf),
            (State::DataLf, b'\n') => Some(State::Start),
            (State::TrailerStart, b'\r') => Some(State::LastLf),
            (State::TrailerStart | State::TrailerName, _) if byte::is_token(byte) => {
                self.trailer(State::TrailerName)
            }
            (State::TrailerName, b':') => self.trailer(State::TrailerValue),
            (State::TrailerValue, b'\r') => self.trailer(State::TrailerLf),
            (State::TrailerValue, _) if byte::is_text(byte) => self.trailer(State::TrailerValue),
            (State::TrailerLf, b'\n') => self.trailer(State::TrailerStart),
            (State::LastLf, b'\n') => Some(State::End),
            _ => None,
        }
    }

    fn digit(&mut self, byte: u8) -> Option<State> {
        /// Digits of 2^63 - 1.
        const DIGITS_MAX: usize = 16;
        self.line = self.line.saturating_add(1);
        let digit = char::from(byte).to_digit(16)?;
        let size = self.left.checked_mul(16)?.checked_add(u64::from(digit))?;
        self.left = size;
        (self.line <= DIGITS_MAX && i64::try_from(size).is_ok()).then_some(State::Size)
    }

    fn extension(&mut self) -> Option<State> {
        self.line = self.line.saturating_add(1);
        self.extensions = self.extensions.saturating_add(1);
        let fits =
            self.line <= CHUNK_LINE_BYTES_MAX && self.extensions <= CHUNK_EXTENSIONS_BYTES_MAX;
        fits.then_some(State::Extension)
    }

    fn trailer(&mut self, next: State) -> Option<State> {
        self.trailer = self.trailer.saturating_add(1);
        (self.trailer <= TRAILER_BYTES_MAX).then_some(next)
    }
}
