//! What stands on the right of a comparison: values, lists, ranges.

use super::cursor::{Cursor, Wrong};
use crate::ast::{Literal, LiteralKind, Per, Value};
use crate::lexer::TokenKind;
use crate::vocabulary::weekday;

/// Most values of a list.
const VALUES_MAX: usize = 10_000;

/// One value, or a list of them where the operator allows one.
pub(super) fn value(cursor: &mut Cursor) -> Result<Value, Wrong> {
    if cursor.is_sign("(") || cursor.is_sign("[") {
        return list(cursor);
    }
    let first = literal(cursor)?;
    match cursor.is_sign("..") {
        true => range(cursor, first),
        false => Ok(Value::One(first)),
    }
}

/// `("a", "b")`, `["a", "b"]` or `9..17`.
pub(super) fn list_or_range(cursor: &mut Cursor) -> Result<Value, Wrong> {
    if cursor.is_sign("(") || cursor.is_sign("[") {
        return list(cursor);
    }
    let first = literal(cursor)?;
    if cursor.is_sign("..") {
        return range(cursor, first);
    }
    cursor.unexpected(
        "`..`; a list stands between parentheses: IN (\"a\", \"b\")",
        &[],
    )
}

fn range(cursor: &mut Cursor, first: Literal) -> Result<Value, Wrong> {
    cursor.advance();
    Ok(Value::Range(first, literal(cursor)?))
}

fn list(cursor: &mut Cursor) -> Result<Value, Wrong> {
    let close = match cursor.is_sign("(") {
        true => ")",
        false => "]",
    };
    cursor.advance();
    let mut values = Vec::new();
    loop {
        values.push(literal(cursor)?);
        if values.len() > VALUES_MAX {
            let label = format!("at most {VALUES_MAX} values");
            cursor.report("the list is too long", &label, None);
            return Err(Wrong);
        }
        let comma = cursor.take_sign(",");
        if cursor.take_sign(close) {
            return Ok(Value::List(values));
        }
        if !comma {
            return cursor.unexpected(&format!("`,` or `{close}`"), &[]);
        }
    }
}

pub(super) fn literal(cursor: &mut Cursor) -> Result<Literal, Wrong> {
    let kind = match cursor.kind() {
        TokenKind::Literal(kind) => Some(kind.clone()),
        TokenKind::Word(word) => match word.as_str() {
            "true" => Some(LiteralKind::Truth(true)),
            "false" => Some(LiteralKind::Truth(false)),
            word => weekday(word).map(LiteralKind::Weekday),
        },
        _ => None,
    };
    let span = cursor.span();
    match kind {
        Some(kind) => {
            cursor.advance();
            Ok(Literal { kind, span })
        }
        None => {
            let expected = "a value: \"text\", 10, true, 30m, 10KB, monday, 2026-11-29";
            cursor.unexpected(expected, &["true", "false"])
        }
    }
}

pub(super) fn duration(cursor: &mut Cursor) -> Result<u64, Wrong> {
    match cursor.kind() {
        TokenKind::Literal(LiteralKind::Duration(ms)) if *ms > 0 => {
            let ms = *ms;
            cursor.advance();
            Ok(ms)
        }
        _ => cursor.unexpected("a duration such as 30m, 24h or 7d", &[]),
    }
}

pub(super) fn per(cursor: &mut Cursor) -> Result<Per, Wrong> {
    let per = Per::ALL.into_iter().find(|per| cursor.is_word(per.name()));
    match per {
        Some(per) => {
            cursor.advance();
            Ok(per)
        }
        None => cursor.unexpected(
            "`session`, `token` or `agent`",
            &["session", "token", "agent"],
        ),
    }
}
