//! Text from outside as HTML: markup is escaped, and what hides or moves text is spelled out.

use std::fmt::Write as _;

use varistor_model::is_hidden;

/// Text as HTML; control, bidirectional and other characters that do not show are marked.
#[must_use]
pub fn text(text: &str) -> String {
    escaped(text, false)
}

/// The same; line ends stay.
#[must_use]
pub fn lines(text: &str) -> String {
    escaped(text, true)
}

fn escaped(text: &str, keep_lines: bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' if keep_lines => out.push('\n'),
            c if is_hidden(c) => {
                // Writing to a String does not fail.
                let _ = write!(out, "<mark>\\u{{{:x}}}</mark>", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out
}
