//! Texts that a payload holds in other clothes, and the way back to where they stand.
//!
//! The first view is the payload with its escapes decoded; each further one holds what is encoded
//! in the one before. A place in a view is told in the first view's places.
//!
//! Refuses nothing; depth and size are bounded, so that no input makes more than linear work.

use super::split::Explained;
use super::text::{less, sum};
use super::{Encoding, encoded, peel, split};

/// How many encodings around a value are undone: three, and as many times JSON within JSON.
pub(super) const DEPTH_MAX: usize = 6;

/// One text.
#[derive(Default)]
pub(super) struct View {
    pub(super) text: Vec<u8>,
    /// By `view`; the first begins at 0 when there is text.
    pieces: Vec<Piece>,
    /// Whether looking for further clothes in it makes sense.
    pub(super) is_rich: bool,
}

/// A stretch of a view, and where it came from in the view before.
#[derive(Clone, Copy)]
struct Piece {
    /// Where it begins here.
    view: u32,
    /// Where it begins there.
    origin: u32,
    /// How long it is there; 0 when it came byte by byte.
    raw: u32,
    encoding: Encoding,
}

impl View {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.pieces.clear();
        self.is_rich = false;
    }

    /// Goes on with bytes that stand in the origin as they are.
    pub(super) fn copy(&mut self, bytes: &[u8], origin: usize, encoding: Encoding) {
        if !bytes.is_empty() {
            self.piece(origin, 0, encoding);
            self.text.extend_from_slice(bytes);
        }
    }

    /// Goes on with what `raw` bytes of the origin stand for.
    pub(super) fn decoded(&mut self, bytes: &[u8], origin: (usize, usize), encoding: Encoding) {
        self.piece(origin.0, origin.1, encoding);
        self.text.extend_from_slice(bytes);
    }

    /// Ends a stretch: what follows has nothing to do with what is here.
    pub(super) fn cut(&mut self, origin: usize) {
        if !self.text.is_empty() && !self.text.ends_with(b"\n") {
            self.decoded(b"\n", (origin, 0), Encoding::Plain);
        }
    }

    /// Takes back what was appended since the text had this length.
    pub(super) fn drop_from(&mut self, length: usize) {
        self.text.truncate(length);
        let kept = self
            .pieces
            .partition_point(|piece| (piece.view as usize) < length);
        self.pieces.truncate(kept);
    }

    fn piece(&mut self, origin: usize, raw: usize, encoding: Encoding) {
        let small = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        self.pieces.push(Piece {
            view: small(self.text.len()),
            origin: small(origin),
            raw: small(raw),
            encoding,
        });
    }

    fn piece_of(&self, place: usize) -> Option<(usize, Piece)> {
        let small = u32::try_from(place).ok()?;
        let behind = self.pieces.partition_point(|piece| piece.view <= small);
        let index = behind.checked_sub(1)?;
        Some((index, *self.pieces.get(index)?))
    }

    /// Where a range of this view stands in the one before, and what hid it there.
    pub(super) fn origin(&self, start: usize, end: usize) -> Option<(usize, usize, Encoding)> {
        let (first, piece) = self.piece_of(start)?;
        let from = match piece.raw {
            0 => sum(piece.origin as usize, less(start, piece.view as usize)),
            _ => piece.origin as usize,
        };
        let (last, piece) = self.piece_of(less(end, 1))?;
        let to = match piece.raw {
            0 => sum(piece.origin as usize, less(end, piece.view as usize)),
            raw => sum(piece.origin as usize, raw as usize),
        };
        let within = self.pieces.get(first..=last).unwrap_or_default();
        let encoding = within.iter().map(|piece| piece.encoding).max();
        (from < to).then_some((from, to, encoding.unwrap_or(Encoding::Plain)))
    }
}

/// All texts of one payload; reused from scan to scan.
#[derive(Default)]
pub(super) struct Views {
    views: [View; DEPTH_MAX],
    used: usize,
}

impl Views {
    /// Forgets all.
    pub(super) fn clear(&mut self) {
        self.used = 0;
    }

    /// Undoes one more encoding of the last view (of `plain` when there is none), with what
    /// came out, as the last view; says whether there was anything to undo, and not too deep.
    pub(super) fn deeper(&mut self, plain: &[u8], runs: &[(u32, u32)]) -> bool {
        let Some((done, [view, ..])) = self.views.split_at_mut_checked(self.used) else {
            return false;
        };
        view.clear();
        let text = done.last().map_or(plain, |view| view.text.as_slice());
        peel::all(text, view);
        encoded::all(text, runs, view);
        if !view.is_rich {
            return false;
        }
        self.used = sum(self.used, 1);
        true
    }

    /// Begins with what was spread over several strings of the payload; says whether that is
    /// anything.
    pub(super) fn join(&mut self, payload: &[u8], text: &[u8], explained: Explained<'_>) -> bool {
        let [view, ..] = &mut self.views;
        self.used = usize::from(split::joined(payload, text, explained, view));
        self.used > 0
    }

    /// The text of the last view.
    pub(super) fn last(&self) -> &[u8] {
        let used = self.views.get(..self.used).unwrap_or_default();
        used.last().map_or(&[], |view| view.text.as_slice())
    }

    /// Where a range of the last view stands in the payload's text, and what hid it.
    pub(super) fn place(&self, start: usize, end: usize) -> Option<(usize, usize, Encoding)> {
        let used = self.views.get(..self.used).unwrap_or_default();
        let mut range = (start, end, Encoding::Plain);
        for view in used.iter().rev() {
            let (from, to, encoding) = view.origin(range.0, range.1)?;
            range = (from, to, range.2.max(encoding));
        }
        Some(range)
    }
}
