//! Writes a rule file in its one canonical shape; comments stay, and what it says stays.
//!
//! Refuses files with mistakes: what could not be read would be lost.

mod comments;
mod text;

use crate::ast::{Case, Condition, File, Rule, Text};
use crate::diagnostic::{Diagnostic, Severity};
use crate::parse::parse;

use comments::Lines;
pub(crate) use text::field;
pub use text::{comparison, condition, literal, operand};

/// Columns that a line with a condition fills at most, when it can be broken.
const COLUMNS: usize = 100;

/// The file in its canonical shape.
///
/// # Errors
///
/// What is wrong with the file.
pub fn format(text: &str) -> Result<String, Vec<Diagnostic>> {
    let parsed = parse(0, text);
    let is_wrong = |diagnostic: &Diagnostic| diagnostic.severity == Severity::Error;
    if parsed.diagnostics.iter().any(is_wrong) {
        return Err(parsed.diagnostics);
    }
    let mut lines = Lines::new(text, &parsed.comments);
    for item in items(&parsed.file) {
        lines.item(item.start());
        match item {
            Item::Zone(zone) => lines.line(zone.span.start, 0, format!("ZONE {}", quoted(zone))),
            Item::Rule(rule) => write_rule(&mut lines, rule),
            Item::Case(case) => write_case(&mut lines, case),
        }
    }
    Ok(lines.finish())
}

fn quoted(of: &Text) -> String {
    text::string(&of.value)
}

enum Item<'a> {
    Zone(&'a Text),
    Rule(&'a Rule),
    Case(&'a Case),
}

impl Item<'_> {
    fn start(&self) -> u32 {
        match self {
            Self::Zone(zone) => zone.span.start,
            Self::Rule(rule) => first(rule.words).start,
            Self::Case(case) => first(case.words).start,
        }
    }
}

fn first(words: [crate::Span; 3]) -> crate::Span {
    let [first, ..] = words;
    first
}

/// Everything in the order in which it stands.
fn items(file: &File) -> Vec<Item<'_>> {
    let mut items: Vec<Item<'_>> = Vec::new();
    items.extend(file.zone.iter().map(Item::Zone));
    items.extend(file.rules.iter().map(Item::Rule));
    items.extend(file.cases.iter().map(Item::Case));
    items.sort_by_key(Item::start);
    items
}

fn write_rule(lines: &mut Lines<'_>, rule: &Rule) {
    let [word, if_word, then_word] = rule.words;
    let shadow = if rule.shadow { " SHADOW" } else { "" };
    let head = format!("RULE {}{shadow}", quoted(&rule.name));
    lines.line(word.start, 0, head);
    write_condition(lines, if_word.start, &rule.condition);
    for (at, action) in rule.actions.iter().enumerate() {
        let (start, lead) = match at {
            0 => (then_word.start, "THEN"),
            _ => (action.span.start, " AND"),
        };
        lines.line(start, 1, format!("{lead} {}", text::action(action)));
    }
}

/// On one line if it fits, else one part of the outermost `AND` or `OR` a line.
fn write_condition(lines: &mut Lines<'_>, start: u32, condition: &Condition) {
    let whole = format!("IF {}", text::condition(condition));
    let (parts, lead) = match condition {
        Condition::And(parts) => (parts, "   AND "),
        Condition::Or(parts) => (parts, "   OR "),
        _ => return lines.line(start, 1, whole),
    };
    if whole.chars().count() <= COLUMNS {
        return lines.line(start, 1, whole);
    }
    for (at, part) in parts.iter().enumerate() {
        let (start, lead) = match at {
            0 => (start, "IF "),
            _ => (text::start(part), lead),
        };
        lines.line(start, 1, format!("{lead}{}", text::part(part)));
    }
}

fn write_case(lines: &mut Lines<'_>, case: &Case) {
    let [word, given_word, expect_word] = case.words;
    lines.line(word.start, 0, format!("TEST {}", quoted(&case.name)));
    for earlier in &case.earlier {
        let facts = text::facts(&earlier.given);
        let mut line = format!("EARLIER {facts}");
        if earlier.ago_ms > 0 {
            line.push_str(&format!(", ago = {}", text::duration(earlier.ago_ms)));
        }
        if earlier.times != 1 {
            line.push_str(&format!(", times = {}", earlier.times));
        }
        lines.line(earlier.span.start, 1, line);
    }
    let whole = format!("GIVEN {}", text::facts(&case.given));
    if whole.chars().count() <= COLUMNS {
        lines.line(given_word.start, 1, whole);
    } else {
        for (at, fact) in case.given.iter().enumerate() {
            let (start, lead) = match at {
                0 => (given_word.start, "GIVEN "),
                _ => (fact.span.start, "  AND "),
            };
            lines.line(start, 1, format!("{lead}{}", comparison(fact)));
        }
    }
    if case.expect.is_empty() {
        lines.line(expect_word.start, 1, "EXPECT nothing".to_owned());
    }
    for (at, action) in case.expect.iter().enumerate() {
        let (start, lead) = match at {
            0 => (expect_word.start, "EXPECT"),
            _ => (action.span.start, "   AND"),
        };
        lines.line(start, 1, format!("{lead} {}", text::action(action)));
    }
}
