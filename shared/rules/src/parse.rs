//! Reads a rule file into its tree; every mistake of the file is told in one run.
//!
//! Refuses what is not in the grammar of the reference page, and nesting deeper than
//! [`DEPTH_MAX`](crate::limits::DEPTH_MAX).

mod action;
mod case;
mod condition;
mod cursor;
mod operand;
mod value;

use crate::ast::{File, Rule, Text};
use crate::diagnostic::Diagnostic;
use crate::lexer::{Comment, lex};
use crate::limits::FILE_BYTES_MAX;
use crate::source::Span;
use crate::vocabulary::KEYWORDS;

use cursor::{Cursor, Wrong};
pub(crate) use operand::lone_field;

/// A rule file that was read.
#[derive(Debug, Default)]
pub struct Parsed {
    /// What could be read.
    pub file: File,
    /// What is wrong; empty when the whole file could be read.
    pub diagnostics: Vec<Diagnostic>,
    pub(crate) comments: Vec<Comment>,
}

/// Words that begin something at the top of a file.
const ITEMS: [&str; 3] = ["RULE", "TEST", "ZONE"];

/// Reads one file; `file` is its number in spans.
#[must_use]
pub fn parse(file: u16, text: &str) -> Parsed {
    if text.len() > FILE_BYTES_MAX {
        let span = Span {
            file,
            start: 0,
            end: 0,
        };
        let message = format!("the file has more than {FILE_BYTES_MAX} bytes");
        return Parsed {
            diagnostics: vec![Diagnostic::error(span, message, "split it")],
            file: File {
                incomplete: true,
                ..File::default()
            },
            ..Parsed::default()
        };
    }
    let lexed = lex(file, text);
    let mut cursor = Cursor::new(lexed.tokens, lexed.diagnostics);
    let mut file = File::default();
    while !cursor.at_end() {
        item(&mut cursor, &mut file);
    }
    let diagnostics = cursor.into_diagnostics();
    file.incomplete = !diagnostics.is_empty();
    Parsed {
        file,
        diagnostics,
        comments: lexed.comments,
    }
}

/// One rule, test case or setting. What is behind a mistake is skipped up to the next one.
fn item(cursor: &mut Cursor, file: &mut File) {
    let start = cursor.span();
    let read = if cursor.take_word("RULE") {
        rule(cursor, start).map(|rule| file.rules.extend(rule))
    } else if cursor.take_word("TEST") {
        case::case(cursor, start).map(|case| file.cases.extend(case))
    } else if cursor.take_word("ZONE") {
        zone(cursor, file, start)
    } else {
        cursor.unexpected("`RULE`, `TEST` or `ZONE`", &ITEMS)
    };
    if read.is_err() {
        // The word itself is behind: otherwise the same mistake would be met again.
        if cursor.span().start == start.start {
            cursor.advance();
        }
        cursor.skip_to(&ITEMS);
    }
}

fn zone(cursor: &mut Cursor, file: &mut File, start: Span) -> Result<(), Wrong> {
    let zone = cursor.string("the name of a time zone")?;
    if file.zone.is_some() {
        let span = start.to(zone.span);
        cursor.push(Diagnostic::error(
            span,
            "a second `ZONE` in one file",
            "the first one holds for the whole file",
        ));
    }
    file.zone.get_or_insert(zone);
    Ok(())
}

/// `None`: it could not be read, and reading goes on behind it.
fn rule(cursor: &mut Cursor, word: Span) -> Result<Option<Rule>, Wrong> {
    let name = name(cursor, "rule")?;
    let shadow = cursor.take_word("SHADOW");
    let if_span = cursor.span();
    let condition = cursor
        .expect_word("IF", "`IF` and a condition")
        .and_then(|()| condition::condition(cursor));
    if condition.is_err() {
        cursor.skip_to(&["THEN", "RULE", "TEST", "ZONE"]);
    }
    if condition.is_err() && !cursor.is_word("THEN") {
        return Ok(None);
    }
    let then_span = cursor.span();
    cursor.expect_word("THEN", "`AND`, `OR` or `THEN`")?;
    let (actions, wrong) = action::actions(cursor);
    if cursor.is_word("ELSE") {
        cursor.report(
            "there is no `ELSE`",
            "write a second rule with the contrary condition",
            None,
        );
        return Err(Wrong);
    }
    if !cursor.at_end() && !cursor.is_any_word(&ITEMS) && !wrong {
        return cursor.unexpected("`AND` and an action, or the next `RULE`", &KEYWORDS);
    }
    let Ok(condition) = condition else {
        return Ok(None);
    };
    Ok(Some(Rule {
        name,
        shadow,
        condition,
        actions,
        words: [word, if_span, then_span],
    }))
}

/// The name of a rule or a test case: one line, not empty.
fn name(cursor: &mut Cursor, of: &str) -> Result<Text, Wrong> {
    let name = cursor.string(&format!("the name of the {of} between quotes"))?;
    if name.value.trim().is_empty() || name.value.chars().any(char::is_control) {
        cursor.push(Diagnostic::error(
            name.span,
            format!("not a name for a {of}"),
            "expected text on one line",
        ));
    }
    Ok(name)
}
