//! A body in which pieces are replaced: what stays is copied in runs, and only when it must be.

use core::ops::Range;

/// Relation: `copied` grows; everything before it stands in `out`, as it is to go on.
pub struct Splice<'a> {
    body: &'a [u8],
    copied: usize,
    out: &'a mut Vec<u8>,
}

impl<'a> Splice<'a> {
    /// Nothing replaced yet, and `out` empty.
    pub fn new(body: &'a [u8], out: &'a mut Vec<u8>) -> Self {
        out.clear();
        Self {
            body,
            copied: 0,
            out,
        }
    }

    /// The body as it came.
    #[must_use]
    pub const fn body(&self) -> &'a [u8] {
        self.body
    }

    /// Puts `with` in the place of these bytes of the body, which stand behind all that were
    /// replaced before.
    pub fn replace(&mut self, place: Range<usize>, with: &[u8]) {
        self.copy(place.start);
        self.out.extend_from_slice(with);
        self.copied = self.copied.max(place.end);
    }

    /// Where this byte of the body will stand in the output, as long as nothing before it is
    /// replaced from now on.
    #[must_use]
    pub const fn place_of(&self, at: usize) -> usize {
        self.out
            .len()
            .saturating_add(at.saturating_sub(self.copied))
    }

    /// What the body up to `upto` has become.
    pub fn copy(&mut self, upto: usize) -> &[u8] {
        let run = self.body.get(self.copied..upto).unwrap_or_default();
        self.out.extend_from_slice(run);
        self.copied = self.copied.max(upto);
        self.out
    }

    /// Puts `with` in the place of all that was written from `start` of the output on.
    pub fn rewrite(&mut self, start: usize, with: &[u8]) {
        self.out.truncate(start);
        self.out.extend_from_slice(with);
    }

    /// Copies what is left of the body; false when nothing was replaced, so that the body may go
    /// on as it is.
    pub fn finish(mut self) -> bool {
        let is_same = self.copied == 0;
        if !is_same {
            self.copy(self.body.len());
        }
        !is_same
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_replaced_and_all_else_stays() {
        let mut out = vec![b'x'];
        let mut splice = Splice::new(b"0123456789", &mut out);
        splice.replace(2..4, b"");
        splice.replace(4..5, b"abc");
        assert_eq!(splice.place_of(6), 6);
        assert_eq!(splice.copy(7), b"01abc56");
        splice.rewrite(2, b"-");
        splice.replace(9..10, b"z");
        assert!(splice.finish());
        assert_eq!(out, b"01-78z");
    }

    #[test]
    fn a_body_without_replacements_is_not_copied() {
        let mut out = vec![b'x'];
        assert!(!Splice::new(b"0123", &mut out).finish());
        assert!(out.is_empty());
    }

    #[test]
    fn places_out_of_order_or_outside_never_panic() {
        let mut out = Vec::new();
        let mut splice = Splice::new(b"0123", &mut out);
        splice.replace(2..3, b"a");
        splice.replace(1..2, b"b");
        splice.replace(9..10, b"c");
        assert!(splice.finish());
        assert_eq!(out, b"01abc");
    }
}
