//! The lines of a part of a file, one after the other, with one line in memory at a time.

use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;

use varistor_audit::VerifyOptions;

/// Bytes read at once.
const CHUNK_BYTES: usize = 256 * 1024;

/// What stands between two newlines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Piece<'a> {
    /// A line without its newline.
    Line(&'a [u8]),
    /// A line that is longer than a record can be; its bytes are passed over.
    TooLong,
    /// The end of the part, without a newline.
    Unfinished(&'a [u8]),
}

/// A reader of lines.
pub(crate) struct Lines<'f> {
    file: &'f File,
    /// Relation: `buffer[used..filled]` are the file's bytes from `at`.
    buffer: Vec<u8>,
    used: usize,
    filled: usize,
    at: u64,
    end: u64,
    line_bytes_max: usize,
}

/// Where a piece stands in the file, its newline included.
pub(crate) type Place = Range<u64>;

impl<'f> Lines<'f> {
    /// Reads this part of the file, which begins with a line.
    pub(crate) fn of(file: &'f File, part: Range<u64>) -> Self {
        let line_bytes_max = VerifyOptions::default().line_bytes_max;
        Self {
            file,
            buffer: vec![0; CHUNK_BYTES],
            used: 0,
            filled: 0,
            at: part.start,
            end: part.end,
            line_bytes_max: usize::try_from(line_bytes_max).unwrap_or(usize::MAX),
        }
    }

    /// The next piece; nothing at the end of the part.
    pub(crate) fn next(&mut self) -> io::Result<Option<(Place, Piece<'_>)>> {
        let mut looked = 0;
        loop {
            let held = self.buffer.get(self.used..self.filled).unwrap_or_default();
            let fresh = held.get(looked..).unwrap_or_default();
            if let Some(found) = memchr::memchr(b'\n', fresh) {
                let length = looked.saturating_add(found);
                let place = self.take(length.saturating_add(1));
                let line = self.before(length.saturating_add(1));
                return Ok(Some((
                    place,
                    Piece::Line(line.get(..length).unwrap_or_default()),
                )));
            }
            looked = held.len();
            if looked > self.line_bytes_max {
                return self.pass_over().map(Some);
            }
            if !self.fill()? {
                if looked == 0 {
                    return Ok(None);
                }
                let place = self.take(looked);
                return Ok(Some((place, Piece::Unfinished(self.before(looked)))));
            }
        }
    }

    /// The last bytes that were taken.
    fn before(&self, length: usize) -> &[u8] {
        let start = self.used.saturating_sub(length);
        self.buffer.get(start..self.used).unwrap_or_default()
    }

    fn take(&mut self, length: usize) -> Place {
        let start = self.at;
        self.used = self.used.saturating_add(length);
        self.at = self.at.saturating_add(length as u64);
        start..self.at
    }

    /// Goes to behind the next newline.
    fn pass_over(&mut self) -> io::Result<(Place, Piece<'static>)> {
        let start = self.at;
        loop {
            let held = self.buffer.get(self.used..self.filled).unwrap_or_default();
            let newline = memchr::memchr(b'\n', held);
            let length = newline.map_or(held.len(), |at| at.saturating_add(1));
            let place = self.take(length);
            if newline.is_some() || !self.fill()? {
                return Ok((start..place.end, Piece::TooLong));
            }
        }
    }

    /// Reads on behind what is held; says whether there was anything.
    fn fill(&mut self) -> io::Result<bool> {
        let held = self.filled.saturating_sub(self.used);
        let from = self.at.saturating_add(held as u64);
        let left = usize::try_from(self.end.saturating_sub(from)).unwrap_or(usize::MAX);
        if self.used > 0 {
            self.buffer.copy_within(self.used..self.filled, 0);
            (self.used, self.filled) = (0, held);
        }
        if self.filled == self.buffer.len() {
            self.buffer.resize(self.buffer.len().saturating_mul(2), 0);
        }
        let room = self.buffer.len().saturating_sub(self.filled).min(left);
        let target = self.filled..self.filled.saturating_add(room);
        let count = match self.buffer.get_mut(target) {
            Some(target) if room > 0 => self.file.read_at(target, from)?,
            _ => 0,
        };
        self.filled = self.filled.saturating_add(count);
        Ok(count > 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn file(bytes: &[u8]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file
    }

    fn pieces(bytes: &[u8], part: Range<u64>, max: usize) -> Vec<(Place, String)> {
        let file = file(bytes);
        let mut lines = Lines::of(&file, part);
        lines.line_bytes_max = max;
        lines.buffer.truncate(7);
        let mut all = Vec::new();
        while let Some((place, piece)) = lines.next().unwrap() {
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            let told = match piece {
                Piece::Line(line) => text(line),
                Piece::TooLong => "too long".to_owned(),
                Piece::Unfinished(rest) => format!("unfinished {}", text(rest)),
            };
            all.push((place, told));
        }
        all
    }

    #[test]
    fn lines_come_in_order_with_their_places() {
        let told = |pairs: &[(Range<u64>, &str)]| -> Vec<(Place, String)> {
            pairs
                .iter()
                .map(|(place, text)| (place.clone(), (*text).to_owned()))
                .collect()
        };
        let bytes = b"one\n\nlonger than a chunk\nrest";
        assert_eq!(
            pieces(bytes, 0..bytes.len() as u64, 100),
            told(&[
                (0..4, "one"),
                (4..5, ""),
                (5..25, "longer than a chunk"),
                (25..29, "unfinished rest"),
            ])
        );
        assert_eq!(
            pieces(bytes, 4..25, 100),
            told(&[(4..5, ""), (5..25, "longer than a chunk")])
        );
        assert!(pieces(b"", 0..0, 100).is_empty());
    }

    #[test]
    fn a_line_that_is_too_long_is_passed_over_in_bounded_memory() {
        let mut bytes = vec![b'x'; 100_000];
        bytes.extend_from_slice(b"\nnext\n");
        let found = pieces(&bytes, 0..bytes.len() as u64, 50);
        let expected = [
            (0..100_001, "too long".to_owned()),
            (100_001..100_006, "next".to_owned()),
        ];
        assert_eq!(found, expected);
        let end = pieces(&bytes[..100_000], 0..100_000, 50);
        assert_eq!(end, [(0..100_000, "too long".to_owned())]);
    }
}
