//! Reads one query or change of rows with a parser, in the first dialect that takes it.
//!
//! The parser recurses over what it reads, and so does taking its tree down: what is nested or
//! chained beyond the bounds below is judged by its words instead.

mod dialect;

use sqlparser::ast::Statement;
use sqlparser::dialect::{Dialect, GenericDialect, MySqlDialect, PostgreSqlDialect};
use sqlparser::parser::Parser;

use super::tokens::{Kind, Token};
use super::{change, query};
use varistor_model::Intent;

use crate::{Effect, Effects};

/// The longest statement that is parsed, in tokens: some fifty lines.
const TOKENS_MAX: usize = 1500;
/// How deep parentheses and brackets may nest.
const NESTING_MAX: usize = 24;
/// How many operators may stand in one statement: each is a level of the tree in the worst case.
const OPERATORS_MAX: usize = 250;
/// What the parser itself counts.
const RECURSION_MAX: usize = 64;

/// What this statement does, if it is a query or an update that can be parsed.
pub(super) fn effects(source: &str, statement: &[Token<'_>]) -> Option<Effects> {
    let first = statement.first()?;
    let is_query = first.is_sign("(")
        || ["select", "with", "values", "table", "from"]
            .iter()
            .any(|word| first.is(word));
    if !(is_query || first.is("update")) || !is_small(statement) {
        return None;
    }
    let mut effects = match parsed(source, statement)? {
        Statement::Query(query) => query::effects(&query),
        Statement::Update(update) => Effects::of(change::update(&update)),
        _ => return None,
    };
    for (name, open) in statement.iter().zip(statement.iter().skip(1)) {
        if name.is("into") && (open.is("outfile") || open.is("dumpfile")) {
            effects.push(Effect::new(Intent::Exfiltrative, 92, "sql.into_file"));
        }
    }
    super::functions::called(statement, &mut effects);
    Some(effects)
}

fn is_small(statement: &[Token<'_>]) -> bool {
    let mut open = 0_usize;
    let mut deepest = 0_usize;
    let mut operators = 0_usize;
    for token in statement {
        match (token.kind, token.text) {
            (Kind::Sign, "(" | "[" | "{") => open = open.saturating_add(1),
            (Kind::Sign, ")" | "]" | "}") => open = open.saturating_sub(1),
            (Kind::Sign, "," | "." | ";") => {}
            (Kind::Sign, _) => operators = operators.saturating_add(1),
            (Kind::Word, text) if is_chain(text) => operators = operators.saturating_add(1),
            _ => {}
        }
        deepest = deepest.max(open);
    }
    statement.len() <= TOKENS_MAX && deepest <= NESTING_MAX && operators <= OPERATORS_MAX
}

/// Words that put one more level on a tree.
fn is_chain(text: &str) -> bool {
    const CHAINS: [&str; 14] = [
        "and",
        "or",
        "not",
        "union",
        "except",
        "intersect",
        "is",
        "like",
        "between",
        "in",
        "case",
        "collate",
        "array",
        "minus",
    ];
    CHAINS.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// In how many dialects a statement is tried: a text that none takes costs each of them a reading.
const DIALECTS_MAX: usize = 4;

/// The statement in the first dialect that takes it: the one that its words and signs tell first,
/// then those that take most.
fn parsed(source: &str, statement: &[Token<'_>]) -> Option<Statement> {
    parsed_as(source, statement).or_else(|| parsed_as(&quoted(source)?, statement))
}

/// The same with names of tables quoted that only their service takes bare:
/// `FROM 0233b1a7-5f4e-4c0e-9a61-7a3b6c1e2f88`.
fn quoted(source: &str) -> Option<String> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let mut words: Vec<String> = source.split(' ').map(str::to_owned).collect();
    let mut is_changed = false;
    let mut is_behind = false;
    for word in &mut words {
        let is_name =
            word.contains('-') && !word.contains("--") && word.bytes().all(|b| is_part(&b));
        if is_behind && is_name {
            *word = format!("\"{word}\"");
            is_changed = true;
        }
        is_behind = word.eq_ignore_ascii_case("from") || word.eq_ignore_ascii_case("join");
    }
    is_changed.then(|| words.join(" "))
}

fn parsed_as(source: &str, statement: &[Token<'_>]) -> Option<Statement> {
    let told = dialect::told(source, statement);
    let most: [&dyn Dialect; 3] = [&GenericDialect {}, &PostgreSqlDialect {}, &MySqlDialect {}];
    told.into_iter()
        .flatten()
        .chain(most)
        .take(DIALECTS_MAX)
        .find_map(|dialect| {
            let parser = Parser::new(dialect).with_recursion_limit(RECURSION_MAX);
            let mut parser = parser.try_with_sql(source).ok()?;
            let mut statements = parser.parse_statements().ok()?;
            match statements.len() {
                1 => statements.pop(),
                _ => None,
            }
        })
}
