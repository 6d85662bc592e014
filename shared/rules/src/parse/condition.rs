//! Conditions: `NOT` binds tighter than `AND`, `AND` tighter than `OR`.

use super::cursor::{Cursor, Wrong};
use super::{operand, value};
use crate::ast::{Comparison, Condition, Operator, Value};
use crate::limits::DEPTH_MAX;
use crate::vocabulary::KEYWORDS;

/// A whole condition.
pub(super) fn condition(cursor: &mut Cursor) -> Result<Condition, Wrong> {
    if cursor.depth >= DEPTH_MAX {
        let label = format!("at most {DEPTH_MAX} levels");
        cursor.report("the condition is nested too deeply", &label, None);
        return Err(Wrong);
    }
    cursor.depth = cursor.depth.saturating_add(1);
    let read = any(cursor);
    cursor.depth = cursor.depth.saturating_sub(1);
    read
}

fn any(cursor: &mut Cursor) -> Result<Condition, Wrong> {
    let mut parts = Vec::new();
    loop {
        match all(cursor)? {
            Condition::Or(inner) => parts.extend(inner),
            part => parts.push(part),
        }
        if !cursor.take_word("OR") {
            break;
        }
    }
    Ok(joined(parts, Condition::Or))
}

fn all(cursor: &mut Cursor) -> Result<Condition, Wrong> {
    let mut parts = Vec::new();
    loop {
        match unary(cursor)? {
            Condition::And(inner) => parts.extend(inner),
            part => parts.push(part),
        }
        if !cursor.take_word("AND") {
            break;
        }
    }
    Ok(joined(parts, Condition::And))
}

fn joined(mut parts: Vec<Condition>, join: fn(Vec<Condition>) -> Condition) -> Condition {
    match (parts.len(), parts.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            parts.extend(last);
            join(parts)
        }
    }
}

fn unary(cursor: &mut Cursor) -> Result<Condition, Wrong> {
    let start = cursor.span();
    if cursor.take_word("NOT") {
        if cursor.depth >= DEPTH_MAX {
            return condition(cursor);
        }
        cursor.depth = cursor.depth.saturating_add(1);
        let inner = unary(cursor);
        cursor.depth = cursor.depth.saturating_sub(1);
        return Ok(Condition::Not(Box::new(inner?)));
    }
    if cursor.take_sign("(") {
        let inner = condition(cursor)?;
        cursor.expect_sign(")", "`AND`, `OR` or `)`")?;
        return Ok(inner);
    }
    if cursor.take_word("EXISTS") {
        let left = operand::operand(cursor)?;
        let span = start.to(cursor.behind());
        return Ok(Condition::Test(Comparison {
            left,
            operator: Operator::Exists,
            right: Value::None,
            span,
        }));
    }
    comparison(cursor)
}

fn comparison(cursor: &mut Cursor) -> Result<Condition, Wrong> {
    let start = cursor.span();
    let left = operand::operand(cursor)?;
    let negated = cursor.take_word("NOT");
    let operator = operator(cursor)?;
    let right = match operator {
        Some(Operator::Exists) | None => Value::None,
        Some(Operator::In) => value::list_or_range(cursor)?,
        Some(_) => value::value(cursor)?,
    };
    if negated && !matches!(operator, Some(of) if takes_not(of)) {
        let expected = "`IN`, `CONTAINS`, `STARTS WITH`, `ENDS WITH` or `MATCHES`";
        return cursor.unexpected(expected, &KEYWORDS);
    }
    let test = Condition::Test(Comparison {
        left,
        operator: operator.unwrap_or(Operator::Holds),
        right,
        span: start.to(cursor.behind()),
    });
    match negated {
        true => Ok(Condition::Not(Box::new(test))),
        false => Ok(test),
    }
}

/// Operators that may stand behind `NOT`: `tool.name NOT IN ("a", "b")`.
const fn takes_not(operator: Operator) -> bool {
    matches!(
        operator,
        Operator::In
            | Operator::Contains
            | Operator::StartsWith
            | Operator::EndsWith
            | Operator::Matches
    )
}

/// `None`: there is none, the field stands alone.
fn operator(cursor: &mut Cursor) -> Result<Option<Operator>, Wrong> {
    const SIGNS: [Operator; 6] = [
        Operator::Equal,
        Operator::NotEqual,
        Operator::Less,
        Operator::LessEqual,
        Operator::Greater,
        Operator::GreaterEqual,
    ];
    const WORDS: [Operator; 4] = [
        Operator::In,
        Operator::Contains,
        Operator::Matches,
        Operator::Exists,
    ];
    for operator in SIGNS {
        if cursor.take_sign(operator.text()) {
            return Ok(Some(operator));
        }
    }
    for operator in WORDS {
        if cursor.take_word(operator.text()) {
            return Ok(Some(operator));
        }
    }
    for (word, operator) in [
        ("STARTS", Operator::StartsWith),
        ("ENDS", Operator::EndsWith),
    ] {
        if cursor.take_word(word) {
            cursor.expect_word("WITH", "`WITH`")?;
            return Ok(Some(operator));
        }
    }
    let ends = cursor.at_end()
        || cursor.is_any_word(&KEYWORDS)
        || cursor.is_sign(")")
        || cursor.is_sign(",");
    if ends {
        return Ok(None);
    }
    cursor.unexpected(
        "an operator: `=`, `!=`, `<`, `<=`, `>`, `>=`, `IN`, `CONTAINS`, `STARTS WITH`, \
         `ENDS WITH`, `MATCHES`, `EXISTS`",
        &KEYWORDS,
    )
}

/// Facts joined by `AND`, as test cases have them.
pub(super) fn facts(cursor: &mut Cursor) -> Result<Vec<Comparison>, Wrong> {
    let mut facts = Vec::new();
    loop {
        match comparison(cursor)? {
            Condition::Test(fact) => facts.push(fact),
            _ => {
                cursor.report("not a fact", "expected a field and its value before", None);
                return Err(Wrong);
            }
        }
        if !cursor.take_word("AND") {
            return Ok(facts);
        }
    }
}
