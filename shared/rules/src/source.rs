//! A rule file and places in it.

/// A rule file: where it came from, and what stands in it.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// The name that messages tell.
    pub name: &'a str,
    /// The whole text.
    pub text: &'a str,
}

/// Bytes of a file, from `start` up to `end`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Span {
    /// Number of the file, as the caller counts them.
    pub file: u16,
    /// The first byte.
    pub start: u32,
    /// The byte behind the last one; `start <= end`.
    pub end: u32,
}

impl Span {
    /// From the start of this one to the end of the other.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self {
            end: other.end.max(self.start),
            ..self
        }
    }

    /// The text that stands there; nothing when the file is another one.
    #[must_use]
    pub fn of(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }
}

/// Two trees are equal when they say the same, wherever it stands.
impl PartialEq for Span {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for Span {}

/// Line and column of a byte, both counted from one, columns in characters.
#[must_use]
pub(crate) fn position(text: &str, at: u32) -> (usize, usize) {
    let before = text.get(..at as usize).unwrap_or(text);
    let line = before.matches('\n').count().saturating_add(1);
    let start = before
        .rfind('\n')
        .map_or(0, |newline| newline.saturating_add(1));
    let column = before
        .get(start..)
        .unwrap_or_default()
        .chars()
        .count()
        .saturating_add(1);
    (line, column)
}

/// The line on which a byte stands, without its end.
#[must_use]
pub(crate) fn line_at(text: &str, at: u32) -> &str {
    let at = (at as usize).min(text.len());
    let start = text
        .get(..at)
        .and_then(|before| before.rfind('\n'))
        .map_or(0, |newline| newline.saturating_add(1));
    text.get(start..)
        .unwrap_or_default()
        .lines()
        .next()
        .unwrap_or_default()
}
