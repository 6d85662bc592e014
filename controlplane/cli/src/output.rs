//! What a person or a script sees: results on standard output, everything else on standard error.
//!
//! Text from outside (names in records, answers of gateways) passes `plain` before it reaches a
//! terminal, so that no control or bidirectional character of a caller can steer it.

pub(crate) mod columns;
pub(crate) mod progress;
pub(crate) mod table;

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};

use anyhow::Context;
use serde::Serialize;
use varistor_model::is_hidden;

/// Colours for the few words that carry a verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Done, sound, up.
    Good,
    /// Look at this.
    Warning,
    /// Refused, failed, tampered with.
    Bad,
    /// Less important.
    Quiet,
}

impl Tone {
    const fn code(self) -> &'static str {
        match self {
            Self::Good => "\x1b[32m",
            Self::Warning => "\x1b[33m",
            Self::Bad => "\x1b[31m",
            Self::Quiet => "\x1b[2m",
        }
    }
}

/// One line of the result. Fails when standard output is gone.
pub(crate) fn line(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{text}").context("standard output can't be written")
}

/// A value as indented JSON on standard output.
pub(crate) fn json<T: Serialize + ?Sized>(value: &T) -> anyhow::Result<()> {
    line(&serde_json::to_string_pretty(value).context("the answer can't be put into JSON")?)
}

/// A remark on standard error. A standard error that is gone is nobody's loss.
pub(crate) fn note(text: &str) {
    drop(writeln!(io::stderr().lock(), "{text}"));
}

/// A warning on standard error.
pub(crate) fn warning(text: &str) {
    note(&format!(
        "{} {text}",
        tinted_error("warning:", Tone::Warning)
    ));
}

/// An error on standard error.
pub(crate) fn error(text: &str) {
    note(&format!("{} {text}", tinted_error("error:", Tone::Bad)));
}

/// The text in its tone, if standard output is a terminal that wants colours.
pub(crate) fn tinted(text: &str, tone: Tone) -> String {
    tint(text, tone, io::stdout().is_terminal())
}

fn tinted_error(text: &str, tone: Tone) -> String {
    tint(text, tone, io::stderr().is_terminal())
}

fn tint(text: &str, tone: Tone, terminal: bool) -> String {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty())
        || std::env::var_os("TERM").is_some_and(|value| value == "dumb");
    if terminal && !refused {
        format!("{}{text}\x1b[0m", tone.code())
    } else {
        text.to_owned()
    }
}

/// The text with control, bidirectional and invisible characters spelled out.
pub(crate) fn plain(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        if is_hidden(character) {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    Cow::Owned(shown)
}

/// The same of several lines: line ends and tabs stay.
pub(crate) fn plain_lines(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| {
            let cells: Vec<_> = line.split('\t').map(plain).collect();
            cells.join("\t")
        })
        .collect();
    lines.join("\n")
}

/// `1 server`, `2 servers`.
pub(crate) fn count(number: usize, noun: &str) -> String {
    count_of(number as u64, noun)
}

/// The same for a number of any size.
pub(crate) fn count_of(number: u64, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_outside_cannot_steer_the_terminal() {
        assert_eq!(plain("crm/get\x1b[2J"), "crm/get\\u{1b}[2J");
        assert_eq!(plain("a\u{202e}b"), "a\\u{202e}b");
        assert_eq!(plain("Größe"), "Größe");
        assert_eq!(
            plain_lines("a\x1b\n\tb\u{202e}\n"),
            "a\\u{1b}\n\tb\\u{202e}"
        );
    }

    #[test]
    fn colours_are_for_terminals_only() {
        assert_eq!(tint("x", Tone::Bad, false), "x");
    }
}
