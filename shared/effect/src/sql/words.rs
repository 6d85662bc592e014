//! Judges a statement by its words.

use varistor_model::Intent;

use super::functions;
use super::grant;
use super::rows::ROWS;
use super::tokens::{Kind, Token};
use crate::words::is_about_people;
use crate::{Effect, Effects};

/// Whether a statement that begins so reads rows.
pub(super) fn leads_query(token: &Token<'_>) -> bool {
    token.is_sign("(")
        || ["select", "with", "values", "table", "from", "explain"]
            .iter()
            .any(|word| token.is(word))
}

/// Whether a statement that begins so changes rows.
pub(super) fn leads_change(token: &Token<'_>) -> bool {
    ["insert", "update", "delete", "merge", "replace"]
        .iter()
        .any(|word| token.is(word))
}

/// Whether a word behind `BEGIN` belongs to it.
pub(super) fn names_transaction(token: &Token<'_>) -> bool {
    const WORDS: [&str; 13] = [
        "work",
        "transaction",
        "tran",
        "isolation",
        "deferred",
        "immediate",
        "exclusive",
        "read",
        "not",
        "deferrable",
        "end",
        "try",
        "concurrent",
    ];
    WORDS.iter().any(|word| token.is(word))
}

/// Whether a statement defines a routine whose body follows, with semicolons of its own.
pub(super) fn opens_routine(statement: &[Token<'_>]) -> bool {
    const ROUTINES: [&str; 5] = ["procedure", "function", "trigger", "event", "package"];
    let begins = statement
        .first()
        .is_some_and(|first| first.is("create") || first.is("alter"));
    let names = statement
        .iter()
        .take(6)
        .any(|token| ROUTINES.iter().any(|word| token.is(word)));
    let has = |word: &str| statement.iter().any(|token| token.is(word));
    begins && names && has("begin") && !has("end")
}

/// What this statement would do, by its words.
pub(super) fn effects(text: &str, statement: &[Token<'_>], depth: usize) -> Effects {
    let mut effects = Effects::default();
    let Some(first) = statement.first() else {
        return effects;
    };
    match () {
        () if first.is("grant") => effects.push(grant::effect(statement)),
        () if first.is("copy") => effects.push(copy(statement)),
        () if first.is("pragma") => effects.push(pragma(statement)),
        () if first.is("do") || first.is("execute") || first.is("exec") || first.is("prepare") => {
            dynamic(text, statement, depth, &mut effects);
        }
        () if first.is("explain") || first.is("describe") || first.is("desc") => {
            effects.push(explained(text, statement, depth, &mut Effects::default()));
        }
        () if first.is("table")
            && statement
                .get(1)
                .is_some_and(|name| is_about_people(name.text)) =>
        {
            effects.push(Effect::new(
                Intent::Exfiltrative,
                85,
                "sql.reads_all_people",
            ));
        }
        () if first.is("set") => set(statement, depth, &mut effects),
        () => effects.push(by_rows(statement)),
    }
    functions::called(statement, &mut effects);
    effects
}

fn by_rows(statement: &[Token<'_>]) -> Effect {
    let row = ROWS
        .iter()
        .find(|(lead, behind, ..)| begins(statement, lead) && follows(statement, behind));
    match row {
        Some((.., "sql.control_flow")) => unknown(statement),
        Some((_, _, intent, percent, evidence)) => Effect::new(*intent, *percent, evidence),
        None => unknown(statement),
    }
}

/// A statement that begins like none we know: words in it may tell.
fn unknown(statement: &[Token<'_>]) -> Effect {
    const GRAVE: [&str; 6] = ["drop", "truncate", "delete", "shutdown", "kill", "purge"];
    let is_grave = statement
        .iter()
        .any(|token| GRAVE.iter().any(|word| token.is(word)));
    match is_grave {
        true => Effect::new(Intent::Destructive, 45, "sql.unknown_destructive"),
        false => Effect::new(Intent::Write, 35, "sql.unknown"),
    }
}

/// Whether a token is one of these words, or one of these signs.
fn is_step(token: &Token<'_>, step: &str) -> bool {
    step == "*"
        || step
            .split('|')
            .any(|word| token.is(word) || (token.kind != Kind::Text && token.text == word))
}

/// Whether the statement begins with these words.
fn begins(statement: &[Token<'_>], lead: &str) -> bool {
    let mut tokens = statement.iter();
    lead.split(' ')
        .all(|step| tokens.next().is_some_and(|token| is_step(token, step)))
}

/// Whether these words stand side by side anywhere behind the first word.
fn follows(statement: &[Token<'_>], words: &str) -> bool {
    if words.is_empty() {
        return true;
    }
    let behind = statement.get(1..).unwrap_or_default();
    (0..behind.len()).any(|at| begins(behind.get(at..).unwrap_or_default(), words))
}

/// `COPY .. TO`, `COPY .. FROM`.
fn copy(statement: &[Token<'_>]) -> Effect {
    let mut open = 0_usize;
    for (at, token) in statement.iter().enumerate() {
        let next_is = |word: &str| {
            statement
                .get(at.saturating_add(1))
                .is_some_and(|token| token.is(word))
        };
        match token {
            _ if token.is_sign("(") => open = open.saturating_add(1),
            _ if token.is_sign(")") => open = open.saturating_sub(1),
            _ if open > 0 => {}
            _ if token.is("from") && next_is("program") => {
                return Effect::new(Intent::Destructive, 95, "sql.runs_command");
            }
            _ if token.is("from") || (token.is("into") && !is_stage(statement, at)) => {
                return Effect::new(Intent::Write, 82, "sql.copy_in");
            }
            _ if token.is("to") || token.is("into") => {
                return Effect::new(Intent::Exfiltrative, 90, "sql.copy_out");
            }
            _ => {}
        }
    }
    Effect::new(Intent::Write, 45, "sql.copy")
}

/// Whether `INTO` leads to a stage or a URL, as Snowflake unloads.
fn is_stage(statement: &[Token<'_>], at: usize) -> bool {
    let target = statement.get(at.saturating_add(1));
    target.is_some_and(|token| {
        token.text.starts_with('@') || (token.kind == Kind::Text && token.text.contains("://"))
    })
}

/// A pragma with a value sets it; some with an argument only ask.
fn pragma(statement: &[Token<'_>]) -> Effect {
    const ASKING: [&str; 14] = [
        "table_info",
        "table_xinfo",
        "index_list",
        "index_info",
        "foreign_key_list",
        "foreign_key_check",
        "integrity_check",
        "quick_check",
        "table_list",
        "database_list",
        "index_xinfo",
        "compile_options",
        "show_tables",
        "storage_info",
    ];
    let asks = statement
        .iter()
        .any(|token| ASKING.iter().any(|word| token.is(word)));
    let sets = statement
        .iter()
        .any(|token| token.is_sign("=") || token.is_sign("("));
    match (asks, sets) {
        (true, _) | (false, false) => Effect::new(Intent::Read, 88, "sql.pragma"),
        (false, true) => Effect::new(Intent::Write, 68, "sql.pragma_sets"),
    }
}

/// `SET x = ..`; a string in it may be run later.
fn set(statement: &[Token<'_>], depth: usize, effects: &mut Effects) {
    effects.push(by_rows(statement));
    strings(statement, depth, effects);
}

/// Statements whose strings are code: `DO $$ .. $$`, `EXEC('..')`, `EXECUTE IMMEDIATE '..'`.
fn dynamic(text: &str, statement: &[Token<'_>], depth: usize, effects: &mut Effects) {
    // `PREPARE name AS statement`
    let behind = statement
        .iter()
        .position(|token| token.is("as") || token.is("from"));
    let prepared = behind
        .and_then(|at| statement.get(at.saturating_add(1)..))
        .unwrap_or_default();
    if prepared
        .first()
        .is_some_and(|first| leads_query(first) || leads_change(first))
    {
        let source = super::tokens::source(text, prepared);
        return effects.extend(&super::nested(source, depth.saturating_add(1)));
    }
    let name = statement.get(1).map(|token| token.text).unwrap_or_default();
    let found = strings(statement, depth, effects);
    let is_procedure = statement
        .get(1)
        .is_some_and(|token| token.kind != Kind::Text && !token.is_sign("("));
    match () {
        () if !found && name.starts_with('@') => {
            effects.push(Effect::new(Intent::Destructive, 55, "sql.computed_code"));
        }
        () if is_procedure && !name.eq_ignore_ascii_case("sp_executesql") => {
            effects.push(procedure(name));
        }
        () if !found => effects.push(Effect::new(Intent::Destructive, 50, "sql.computed_code")),
        () => {}
    }
}

/// A stored procedure: what those of the server's own do is known.
fn procedure(name: &str) -> Effect {
    let lower = name.to_ascii_lowercase();
    const READING: [&str; 9] = [
        "sp_help",
        "sp_who",
        "sp_who2",
        "sp_columns",
        "sp_tables",
        "sp_helptext",
        "sp_spaceused",
        "sp_databases",
        "sp_lock",
    ];
    match () {
        () if READING.contains(&lower.as_str()) => Effect::new(Intent::Read, 85, "sql.show"),
        () if lower.starts_with("xp_") || lower == "sp_oacreate" || lower == "sp_oamethod" => {
            Effect::new(Intent::Destructive, 75, "sql.runs_command")
        }
        () if lower.starts_with("sp_drop") || lower.starts_with("sp_delete") => {
            Effect::new(Intent::Destructive, 85, "sql.drop")
        }
        () if lower == "sp_send_dbmail" => Effect::new(Intent::Exfiltrative, 65, "sql.sends_mail"),
        () => Effect::new(Intent::Write, 50, "sql.call"),
    }
}

/// Judges the strings of a statement that look like code; whether there were any.
fn strings(statement: &[Token<'_>], depth: usize, effects: &mut Effects) -> bool {
    let mut found = false;
    for token in statement.iter().filter(|token| token.kind == Kind::Text) {
        let code = token.text.trim();
        if code.contains([' ', '\n', '(']) {
            effects.extend(&super::nested(
                &code.replace("''", "'"),
                depth.saturating_add(1),
            ));
            found = true;
        }
    }
    found
}

/// `EXPLAIN` tells; with `ANALYZE` it runs what it explains.
fn explained(text: &str, statement: &[Token<'_>], depth: usize, inner: &mut Effects) -> Effect {
    const CODE: [&str; 8] = [
        "select", "insert", "update", "delete", "merge", "with", "replace", "create",
    ];
    let start = statement
        .iter()
        .position(|token| CODE.iter().any(|word| token.is(word)));
    let start = start.unwrap_or(statement.len());
    let (options, code) = statement
        .split_at_checked(start)
        .unwrap_or((statement, &[]));
    let runs = options
        .iter()
        .any(|token| token.is("analyze") || token.is("analyse"));
    if runs && code.first().is_some_and(leads_change) {
        inner.extend(
            &super::parse::effects(super::tokens::source(text, code), code)
                .unwrap_or_else(|| effects(text, code, depth)),
        );
    }
    inner
        .gravest()
        .unwrap_or(Effect::new(Intent::Read, 92, "sql.explain"))
}
