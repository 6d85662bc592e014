//! Puts comments back where they stood: above a line, or behind it.

use crate::lexer::Comment;

/// The lines written so far, and the comments that wait for their place.
pub(super) struct Lines<'a> {
    text: &'a str,
    comments: &'a [Comment],
    out: String,
    /// Whether a comment may still stand behind the last line.
    open: bool,
    /// Whether the next comment stands above a new rule, and not within one.
    between: bool,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a str, comments: &'a [Comment]) -> Self {
        Self {
            text,
            comments,
            out: String::new(),
            open: false,
            between: true,
        }
    }

    /// A rule, a test case or a setting begins with the token at `start`.
    pub(super) fn item(&mut self, start: u32) {
        self.behind(start);
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.between = true;
        self.above(start);
    }

    /// A line whose first token stands at `start`. `level` 1: within a rule.
    pub(super) fn line(&mut self, start: u32, level: u8, line: String) {
        self.between = level == 0;
        self.behind(start);
        self.above(start);
        self.out.push_str(&line);
        self.out.push('\n');
        self.open = true;
    }

    /// The whole text, with the comments behind the last line.
    pub(super) fn finish(mut self) -> String {
        self.behind(u32::MAX);
        if !self.comments.is_empty() && !self.out.is_empty() {
            self.out.push('\n');
        }
        self.between = true;
        self.above(u32::MAX);
        let len = self.out.trim_end().len();
        self.out.truncate(len);
        if len > 0 {
            self.out.push('\n');
        }
        self.out
    }

    /// The next comment, when it stands before `start`.
    fn next(&mut self, start: u32) -> Option<Comment> {
        let (first, rest) = self.comments.split_first()?;
        if first.span.start >= start {
            return None;
        }
        self.comments = rest;
        Some(*first)
    }

    /// Puts the next comment behind the last line, when it stood behind something.
    fn behind(&mut self, start: u32) {
        let fits = self
            .comments
            .first()
            .is_some_and(|comment| !comment.alone && comment.span.start < start);
        if !self.open || !fits {
            self.open = false;
            return;
        }
        self.open = false;
        if let Some(comment) = self.next(start) {
            let len = self.out.trim_end_matches('\n').len();
            self.out.truncate(len);
            self.out.push_str("  ");
            self.write(comment);
        }
    }

    fn above(&mut self, start: u32) {
        while let Some(comment) = self.next(start) {
            self.write(comment);
            if self.between && self.blank_behind(comment) {
                self.out.push('\n');
            }
        }
    }

    fn write(&mut self, comment: Comment) {
        self.out.push_str(comment.span.of(self.text).trim_end());
        self.out.push('\n');
        self.open = false;
    }

    /// Whether an empty line follows the comment.
    fn blank_behind(&self, comment: Comment) -> bool {
        let rest = self
            .text
            .get(comment.span.end as usize..)
            .unwrap_or_default();
        let mut lines = rest.split('\n').skip(1);
        lines.next().is_some_and(|line| line.trim().is_empty())
    }
}
