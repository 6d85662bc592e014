//! Cuts what a child writes into lines, without ever holding more than one line of the allowed
//! length.

/// Bytes that came and are not a whole line yet.
///
/// Relations: `searched <= bytes.len()`; no line end stands before `searched`.
pub(crate) struct Lines {
    bytes: Vec<u8>,
    searched: usize,
    bytes_max: usize,
}

/// A line grew longer than it may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

/// Bytes that one read makes room for.
const READ_BYTES: usize = 32 * 1024;
/// Room that is kept for the next lines; what a long one needed beyond goes back.
const KEPT_BYTES: usize = 256 * 1024;

impl Lines {
    /// Lines of at most `bytes_max` bytes, the line end not counted.
    pub(crate) const fn new(bytes_max: usize) -> Self {
        Self {
            bytes: Vec::new(),
            searched: 0,
            bytes_max,
        }
    }

    /// Where the next bytes go: to be appended.
    pub(crate) fn room(&mut self) -> &mut Vec<u8> {
        self.bytes.reserve(READ_BYTES);
        &mut self.bytes
    }

    /// Hands over every whole line, without its end, and forgets it.
    ///
    /// # Errors
    /// [`TooLong`]: what is left can't become a line that may be.
    pub(crate) fn take(&mut self, mut line: impl FnMut(&[u8])) -> Result<(), TooLong> {
        let mut start = 0;
        let mut from = self.searched;
        while let Some(found) = memchr::memchr(b'\n', self.bytes.get(from..).unwrap_or_default()) {
            let end = from.saturating_add(found);
            let whole = self.bytes.get(start..end).unwrap_or_default();
            if whole.len() > self.bytes_max {
                return Err(TooLong);
            }
            line(whole);
            start = end.saturating_add(1);
            from = start;
        }
        self.bytes.drain(..start.min(self.bytes.len()));
        self.searched = self.bytes.len();
        if self.bytes.is_empty() && self.bytes.capacity() > KEPT_BYTES {
            self.bytes = Vec::new();
        }
        match self.bytes.len() > self.bytes_max {
            true => Err(TooLong),
            false => Ok(()),
        }
    }

    /// What came behind the last line end.
    pub(crate) fn rest(&self) -> &[u8] {
        &self.bytes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(lines: &mut Lines, pieces: &[&[u8]]) -> Result<Vec<Vec<u8>>, TooLong> {
        let mut out = Vec::new();
        for piece in pieces {
            lines.room().extend_from_slice(piece);
            lines.take(|line| out.push(line.to_vec()))?;
        }
        Ok(out)
    }

    #[test]
    fn a_line_longer_than_allowed_is_refused_whole_or_not() {
        for pieces in [&[&b"12345\n"[..]][..], &[b"12345"], &[b"123", b"45"]] {
            assert_eq!(all(&mut Lines::new(4), pieces), Err(TooLong));
        }
        assert_eq!(
            all(&mut Lines::new(4), &[b"1234\n\n12"]),
            Ok(vec![b"1234".to_vec(), Vec::new()])
        );
    }

    proptest! {
        #[test]
        fn lines_are_the_same_however_they_arrive(
            text in "[a\n]{0,40}", cuts in proptest::collection::vec(0usize..40, 0..6)
        ) {
            let bytes = text.as_bytes();
            let mut cuts: Vec<_> = cuts.into_iter().map(|at| at.min(bytes.len())).collect();
            cuts.push(bytes.len());
            cuts.sort_unstable();
            let mut from = 0;
            let mut pieces = Vec::new();
            for at in cuts {
                pieces.push(&bytes[from..at]);
                from = at;
            }
            let mut lines = Lines::new(100);
            let found = all(&mut lines, &pieces).unwrap();
            let mut expected: Vec<_> = bytes.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
            let rest = expected.pop().unwrap();
            prop_assert_eq!(found, expected);
            prop_assert_eq!(lines.rest(), rest);
        }
    }
}
