//! Looks at bytes around a place in text. Places outside hold nothing: the byte 0, the empty slice.

/// Text of any encoding, seen as bytes.
#[derive(Clone, Copy)]
pub(super) struct Text<'a>(pub(super) &'a [u8]);

impl<'a> Text<'a> {
    /// The byte at the place.
    #[inline]
    pub(super) fn at(self, place: usize) -> u8 {
        self.0.get(place).copied().unwrap_or(0)
    }

    /// The byte right before the place.
    #[inline]
    pub(super) fn before(self, place: usize) -> u8 {
        self.back(place, 1)
    }

    /// The byte `count` bytes before the place.
    #[inline]
    pub(super) fn back(self, place: usize, count: usize) -> u8 {
        place.checked_sub(count).map_or(0, |at| self.at(at))
    }

    /// The bytes of a range, as far as there are any.
    #[inline]
    pub(super) fn slice(self, start: usize, end: usize) -> &'a [u8] {
        self.0.get(start..end.min(self.0.len())).unwrap_or_default()
    }

    /// The bytes from the place on.
    #[inline]
    pub(super) fn from(self, start: usize) -> &'a [u8] {
        self.0.get(start..).unwrap_or_default()
    }

    /// How many bytes from the place on pass the test, at most `most`.
    #[inline]
    pub(super) fn run(self, start: usize, most: usize, test: impl Fn(u8) -> bool) -> usize {
        let rest = self.from(start);
        let rest = rest.get(..most).unwrap_or(rest);
        let end = rest.iter().position(|byte| !test(*byte));
        end.unwrap_or(rest.len())
    }

    /// How many bytes right before the place pass the test, at most `most`.
    #[inline]
    pub(super) fn run_back(self, end: usize, most: usize, test: impl Fn(u8) -> bool) -> usize {
        let head = self.0.get(less(end, most)..end).unwrap_or_default();
        let last = head.iter().rposition(|byte| !test(*byte));
        last.map_or(head.len(), |at| less(head.len(), sum(at, 1)))
    }

    /// Whether the bytes stand at the place.
    #[inline]
    pub(super) fn has(self, place: usize, bytes: &[u8]) -> bool {
        self.from(place).starts_with(bytes)
    }
}

/// A letter, or a part of a character beyond ASCII.
#[inline]
pub(super) const fn is_letter(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || byte >= 0x80
}

/// A letter, a digit, or a part of a character beyond ASCII.
#[inline]
pub(super) const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte >= 0x80
}

/// `a + b`, which cannot exceed the address space where both are places in text.
#[inline]
pub(super) const fn sum(a: usize, b: usize) -> usize {
    a.saturating_add(b)
}

/// `a - b`, not below 0.
#[inline]
pub(super) const fn less(a: usize, b: usize) -> usize {
    a.saturating_sub(b)
}
