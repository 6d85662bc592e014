//! The body of a message, of known length, chunked, or until the connection closes.

use super::Unframed;

/// How far a body has been read.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(crate) struct Body(State);

#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum State {
    /// This many bytes are left.
    Length(u64),
    UntilClose,
    /// In a chunk's size line; `true` after a `;`, where the rest of the line does not count.
    Size(u64, bool),
    Chunk(u64),
    /// Before the line end that follows a chunk.
    ChunkEnd,
    /// In the trailer; so many bytes of the current line were there.
    Trailer(u32),
    End,
}

impl Body {
    pub(crate) const fn empty() -> Self {
        Self(State::End)
    }

    pub(crate) const fn until_close() -> Self {
        Self(State::UntilClose)
    }

    pub(crate) const fn chunked() -> Self {
        Self(State::Size(0, false))
    }

    pub(crate) const fn of_length(bytes: u64) -> Self {
        if bytes == 0 {
            Self::empty()
        } else {
            Self(State::Length(bytes))
        }
    }

    /// Whether all of it has been read.
    pub(crate) const fn has_ended(&self) -> bool {
        matches!(self.0, State::End)
    }

    /// Whether only the end of the connection ends it.
    pub(crate) const fn ends_with_connection(&self) -> bool {
        matches!(self.0, State::UntilClose)
    }

    /// Bytes that are left of a body of known length.
    pub(crate) const fn length_left(&self) -> Option<u64> {
        match self.0 {
            State::Length(left) => Some(left),
            State::End => Some(0),
            _ => None,
        }
    }

    /// Reads on; returns how many bytes of `input` belong to the message, and appends the data
    /// among them to `data`.
    ///
    /// # Errors
    /// A chunk size that is not one.
    pub(crate) fn read(&mut self, input: &[u8], data: &mut Vec<u8>) -> Result<usize, Unframed> {
        let mut rest = input;
        while !rest.is_empty() && !self.has_ended() {
            rest = self.step(rest, data)?;
        }
        Ok(input.len().saturating_sub(rest.len()))
    }

    fn step<'i>(&mut self, input: &'i [u8], data: &mut Vec<u8>) -> Result<&'i [u8], Unframed> {
        match self.0 {
            State::End => Ok(input),
            State::UntilClose => {
                data.extend_from_slice(input);
                Ok(&[])
            }
            State::Length(left) => {
                let (taken, rest) = split(input, left);
                data.extend_from_slice(taken);
                let left = left.saturating_sub(taken.len() as u64);
                self.0 = if left == 0 {
                    State::End
                } else {
                    State::Length(left)
                };
                Ok(rest)
            }
            State::Chunk(left) => {
                let (taken, rest) = split(input, left);
                data.extend_from_slice(taken);
                let left = left.saturating_sub(taken.len() as u64);
                self.0 = if left == 0 {
                    State::ChunkEnd
                } else {
                    State::Chunk(left)
                };
                Ok(rest)
            }
            State::Size(..) | State::ChunkEnd | State::Trailer(_) => {
                let Some((byte, rest)) = input.split_first() else {
                    return Ok(input);
                };
                self.0 = self.control(*byte)?;
                Ok(rest)
            }
        }
    }

    fn control(&self, byte: u8) -> Result<State, Unframed> {
        Ok(match (self.0, byte) {
            (State::Size(0, _), b'\n') => State::Trailer(0),
            (State::Size(size, _), b'\n') => State::Chunk(size),
            (State::Size(size, extension), b'\r') => State::Size(size, extension),
            (State::Size(size, _), b';') | (State::Size(size, true), _) => State::Size(size, true),
            (State::Size(size, false), digit) => {
                let digit = char::from(digit)
                    .to_digit(16)
                    .ok_or(Unframed("chunk size"))?;
                let size = size
                    .checked_mul(16)
                    .and_then(|s| s.checked_add(u64::from(digit)));
                State::Size(size.ok_or(Unframed("chunk size"))?, false)
            }
            (State::ChunkEnd, b'\n') => State::Size(0, false),
            (State::Trailer(0), b'\n') => State::End,
            (State::Trailer(_), b'\n') => State::Trailer(0),
            (State::Trailer(bytes), b'\r') => State::Trailer(bytes),
            (State::Trailer(bytes), _) => State::Trailer(bytes.saturating_add(1)),
            (state, _) => state,
        })
    }
}

fn split(input: &[u8], left: u64) -> (&[u8], &[u8]) {
    let wanted = usize::try_from(left).unwrap_or(usize::MAX);
    input.split_at_checked(wanted).unwrap_or((input, &[]))
}

#[cfg(test)]
mod tests {
    use super::Body;

    #[test]
    fn a_chunked_body_is_read_whole_in_pieces_of_any_size() {
        let wire = b"5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: 1\r\n\r\nNEXT";
        for step in 1..wire.len() {
            let (mut body, mut data, mut used) = (Body::chunked(), Vec::new(), 0);
            for piece in wire.chunks(step) {
                used += body.read(piece, &mut data).unwrap();
            }
            assert!(body.has_ended());
            assert_eq!(
                (data.as_slice(), used),
                (b"hello world".as_slice(), wire.len() - 4)
            );
        }
    }

    #[test]
    fn a_body_of_known_length_leaves_the_next_message_alone() {
        let (mut body, mut data) = (Body::of_length(3), Vec::new());
        assert_eq!(body.read(b"abcPOST", &mut data), Ok(3));
        assert!(body.has_ended());
        assert!(Body::of_length(0).has_ended());
    }

    #[test]
    fn a_chunk_size_that_is_none_is_refused() {
        assert!(Body::chunked().read(b"xyz\r\n", &mut Vec::new()).is_err());
        assert!(
            Body::chunked()
                .read(b"fffffffffffffffff\r\n", &mut Vec::new())
                .is_err()
        );
    }
}
