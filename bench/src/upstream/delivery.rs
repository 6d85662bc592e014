//! How an answer reaches its client: its bytes, the waits between them, and what follows.

use std::ops::Range;
use std::time::Duration;

use super::frame::Framing;

/// An answer on its way.
#[derive(Default)]
pub(super) struct Delivery {
    /// Wait before the first byte.
    pub(super) delay: Duration,
    pub(super) bytes: Vec<u8>,
    /// Waits before the byte at a place is sent; the places grow.
    pub(super) pauses: Vec<(usize, Duration)>,
    /// A range of which each byte is sent alone, with this wait after it.
    pub(super) drip: Option<(Range<usize>, Duration)>,
    /// What follows the last byte.
    pub(super) end: End,
}

/// What follows an answer.
#[derive(Default, Clone, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The next request.
    #[default]
    Next,
    /// The connection closes in order.
    Close,
    /// The connection is reset.
    Reset,
    /// Nothing, until the client goes away.
    Hold,
    /// More notifications: the answer is a stream that stays open.
    Stay(Open),
}

/// A stream that stays open.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Open {
    /// The notification that is sent again and again.
    pub(super) notification: String,
    pub(super) framing: Framing,
}

/// The capacity that a connection keeps between two answers.
const KEPT_BYTES: usize = 1024 * 1024;

impl Delivery {
    /// Makes room for the next answer.
    pub(super) fn clear(&mut self) {
        self.delay = Duration::ZERO;
        if self.bytes.capacity() > KEPT_BYTES {
            self.bytes = Vec::new();
        }
        self.bytes.clear();
        self.pauses.clear();
        self.drip = None;
        self.end = End::Next;
    }

    /// Waits before what is written next.
    pub(super) fn pause(&mut self, wait: Duration) {
        if !wait.is_zero() {
            self.pauses.push((self.bytes.len(), wait));
        }
    }

    /// Keeps only half of the bytes.
    pub(super) fn halve(&mut self) {
        self.bytes.truncate(self.bytes.len() / 2);
    }

    /// Whether all bytes can be sent at once.
    pub(super) fn is_whole(&self) -> bool {
        self.pauses.is_empty() && self.drip.is_none()
    }

    /// The piece that begins at `from`: its bytes, and the waits before and after it.
    pub(super) fn piece(&self, from: usize) -> Option<Piece> {
        if from >= self.bytes.len() {
            return None;
        }
        let before = self.pauses.iter().find(|(at, _)| *at == from);
        let mut piece = Piece {
            before: before.map_or(Duration::ZERO, |(_, wait)| *wait),
            bytes: from..self.bytes.len(),
            after: Duration::ZERO,
        };
        if let Some((next, _)) = self.pauses.iter().find(|(at, _)| *at > from) {
            piece.bytes.end = piece.bytes.end.min(*next);
        }
        if let Some((range, wait)) = &self.drip {
            if range.contains(&from) {
                piece.bytes.end = from + 1;
                piece.after = *wait;
            } else if from < range.start {
                piece.bytes.end = piece.bytes.end.min(range.start);
            }
        }
        Some(piece)
    }
}

/// Bytes that are sent at once.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Piece {
    pub(super) before: Duration,
    pub(super) bytes: Range<usize>,
    pub(super) after: Duration,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Delivery, End};

    const MS: Duration = Duration::from_millis(1);

    fn pieces(delivery: &Delivery) -> Vec<(u32, usize, u32)> {
        let (mut at, mut found) = (0, Vec::new());
        while let Some(piece) = delivery.piece(at) {
            let ms = |wait: Duration| u32::try_from(wait.as_millis()).unwrap();
            found.push((ms(piece.before), piece.bytes.len(), ms(piece.after)));
            assert_eq!(piece.bytes.start, at);
            at = piece.bytes.end;
        }
        assert_eq!(at, delivery.bytes.len());
        found
    }

    #[test]
    fn pauses_and_drips_cut_an_answer_into_pieces() {
        let mut delivery = Delivery {
            bytes: vec![0; 10],
            ..Delivery::default()
        };
        assert_eq!(pieces(&delivery), [(0, 10, 0)]);
        assert!(delivery.is_whole());
        delivery.pauses = vec![(0, MS), (4, 2 * MS)];
        assert_eq!(pieces(&delivery), [(1, 4, 0), (2, 6, 0)]);
        delivery.drip = Some((2..5, 3 * MS));
        let expected = [(1, 2, 0), (0, 1, 3), (0, 1, 3), (2, 1, 3), (0, 5, 0)];
        assert_eq!(pieces(&delivery), expected);
        assert!(!delivery.is_whole());
    }

    #[test]
    fn nothing_of_one_answer_is_left_for_the_next() {
        let mut delivery = Delivery {
            delay: MS,
            bytes: vec![0; 2 * 1024 * 1024],
            pauses: vec![(1, MS)],
            drip: Some((0..1, MS)),
            end: End::Close,
        };
        delivery.halve();
        assert_eq!(delivery.bytes.len(), 1024 * 1024);
        delivery.clear();
        assert!(delivery.is_whole() && delivery.piece(0).is_none());
        assert!(delivery.bytes.capacity() <= 1024 * 1024);
        assert_eq!((delivery.delay, delivery.end), (Duration::ZERO, End::Next));
    }
}
