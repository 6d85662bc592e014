//! The hash chain: gives a record its number, its time and the hash of the line before.
//!
//! It decides the order of the log and nothing else; it reads no clock.

use sha2::{Digest, Sha256};

use crate::{json, time};

/// Most bytes that a line has beyond the record's own: number, time, hash and newline.
pub const LINE_OVERHEAD_BYTES: usize = 142;

/// The SHA-256 of a line, without its newline.
#[must_use]
pub fn digest(line: &[u8]) -> [u8; 32] {
    Sha256::digest(line).into()
}

/// The end of a log, to which the next line is chained.
#[derive(Clone, Debug)]
pub struct Chain {
    next: u64,
    head: [u8; 32],
    /// Relation: `time_text == time::text(time_ns)`.
    time_ns: u64,
    time_text: [u8; time::TEXT_BYTES],
}

impl Chain {
    /// The chain of an empty log.
    #[must_use]
    pub fn genesis() -> Self {
        Self::at(0, [0; 32], 0)
    }

    /// The chain behind a line: its number, the hash of its bytes and its time.
    #[must_use]
    pub fn resume(seq: u64, hash: [u8; 32], time_ns: u64) -> Self {
        Self::at(seq.saturating_add(1), hash, time_ns)
    }

    fn at(next: u64, head: [u8; 32], time_ns: u64) -> Self {
        Self {
            next,
            head,
            time_ns,
            time_text: time::text(time_ns),
        }
    }

    /// Appends the next line, newline included, and returns its number. `tail` is what a record's
    /// `write` made. A time before the last line's is replaced by that one.
    pub fn next_line(&mut self, unix_ns: u64, tail: &[u8], out: &mut Vec<u8>) -> u64 {
        if unix_ns > self.time_ns {
            self.time_ns = unix_ns;
            self.time_text = time::text(unix_ns);
        }
        let (seq, start) = (self.next, out.len());
        out.reserve(tail.len().saturating_add(LINE_OVERHEAD_BYTES));
        out.extend_from_slice(b"{\"seq\":");
        json::number(seq, out);
        out.extend_from_slice(b",\"time\":\"");
        out.extend_from_slice(&self.time_text);
        out.extend_from_slice(b"\",\"prev\":\"");
        json::hex(&self.head, out);
        out.push(b'"');
        out.extend_from_slice(tail);
        self.head = digest(out.get(start..).unwrap_or_default());
        out.push(b'\n');
        self.next = seq.saturating_add(1);
        seq
    }

    /// The number that the next line gets; also how many lines there are.
    #[must_use]
    pub const fn next_seq(&self) -> u64 {
        self.next
    }

    /// The hash of the last line; zeros when there is none.
    #[must_use]
    pub const fn head(&self) -> &[u8; 32] {
        &self.head
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::line::Head;

    #[test]
    fn lines_are_numbered_and_name_the_hash_of_the_line_before() {
        let mut log = Vec::new();
        let mut chain = Chain::genesis();
        for seq in 0..3 {
            assert_eq!(
                chain.next_line(1_000 + seq, b",\"kind\":\"x\"}", &mut log),
                seq
            );
        }
        let mut prev = [0; 32];
        for (seq, line) in log.trim_ascii_end().split(|b| *b == b'\n').enumerate() {
            let head = Head::read(line).unwrap();
            assert_eq!((head.seq, head.prev), (seq as u64, prev));
            prev = digest(line);
        }
        assert_eq!((chain.next_seq(), chain.head()), (3, &prev));
    }

    #[test]
    fn time_never_runs_backwards() {
        let (mut first, mut second) = (Vec::new(), Vec::new());
        let mut chain = Chain::resume(6, [7; 32], 5_000);
        assert_eq!(chain.next_line(4_000, b"}", &mut first), 7);
        chain.next_line(6_000, b"}", &mut second);
        assert_eq!(Head::read(&first).unwrap().time_ns, 5_000);
        assert_eq!(Head::read(&second).unwrap().time_ns, 6_000);
    }

    #[test]
    fn the_overhead_of_a_line_is_bounded() {
        let mut out = Vec::new();
        Chain::resume(u64::MAX - 1, [0xff; 32], 0).next_line(u64::MAX, b"", &mut out);
        assert_eq!(out.len(), LINE_OVERHEAD_BYTES);
    }
}
