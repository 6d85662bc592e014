//! Changes of rows: whether their filter filters.

use sqlparser::ast::{BinaryOperator, Expr, Statement, UnaryOperator, Update, Value};
use varistor_model::Intent;

use crate::Effect;

/// What an update does.
pub(super) fn update(update: &Update) -> Effect {
    let joins = update.from.is_some() || !update.table.joins.is_empty();
    match &update.selection {
        _ if update.limit.is_some() => Effect::new(Intent::Write, 80, "sql.update"),
        Some(filter) if is_always_true(filter) || spans_everything(filter) => {
            Effect::new(Intent::Destructive, 90, "sql.update_without_where")
        }
        Some(_) => Effect::new(Intent::Write, 90, "sql.update"),
        None if joins => Effect::new(Intent::Destructive, 62, "sql.update_without_where"),
        None => Effect::new(Intent::Destructive, 94, "sql.update_without_where"),
    }
}

/// What a change inside of a query does.
pub(super) fn inside(statement: &Statement) -> Effect {
    match statement {
        Statement::Update(inner) => update(inner),
        Statement::Delete(_) => Effect::new(Intent::Destructive, 92, "sql.delete"),
        Statement::Merge(_) => Effect::new(Intent::Write, 75, "sql.merge"),
        _ => Effect::new(Intent::Write, 85, "sql.insert"),
    }
}

/// Whether a condition holds for every row: `1=1`, `true`, `'a'='a'`, `x = x`, `1=1 OR y`.
pub(super) fn is_always_true(filter: &Expr) -> bool {
    match filter {
        Expr::Nested(inner) => is_always_true(inner),
        Expr::Value(value) => match &value.value {
            Value::Boolean(is_true) => *is_true,
            Value::Number(number, _) => number != "0",
            _ => false,
        },
        Expr::UnaryOp {
            op: UnaryOperator::Not,
            expr,
        } => is_always_false(expr),
        Expr::BinaryOp { left, op, right } => match op {
            BinaryOperator::And => is_always_true(left) && is_always_true(right),
            BinaryOperator::Or => is_always_true(left) || is_always_true(right),
            BinaryOperator::Eq | BinaryOperator::GtEq | BinaryOperator::LtEq => {
                left == right || same_value(left, right)
            }
            BinaryOperator::NotEq | BinaryOperator::Lt | BinaryOperator::Gt => {
                differing_values(left, right)
            }
            _ => false,
        },
        Expr::IsNotNull(inner) => matches!(&**inner, Expr::Value(_)),
        Expr::IsTrue(inner) => is_always_true(inner),
        _ => false,
    }
}

fn is_always_false(filter: &Expr) -> bool {
    match filter {
        Expr::Nested(inner) => is_always_false(inner),
        Expr::Value(value) => match &value.value {
            Value::Boolean(is_true) => !is_true,
            Value::Number(number, _) => number == "0",
            _ => false,
        },
        Expr::BinaryOp {
            left,
            op: BinaryOperator::Eq,
            right,
        } => differing_values(left, right),
        _ => false,
    }
}

fn same_value(left: &Expr, right: &Expr) -> bool {
    match (left, right) {
        (Expr::Value(left), Expr::Value(right)) => left.value == right.value,
        _ => false,
    }
}

/// Whether both sides are literals that differ; `1 < 2` counts as true without being computed.
fn differing_values(left: &Expr, right: &Expr) -> bool {
    match (left, right) {
        (Expr::Value(left), Expr::Value(right)) => left.value != right.value,
        _ => false,
    }
}

/// Whether a condition is met by practically every row: `id > 0`, `id IS NOT NULL`, `LIKE '%'`,
/// `name <> ''`.
pub(super) fn spans_everything(filter: &Expr) -> bool {
    match filter {
        Expr::Nested(inner) => spans_everything(inner),
        Expr::IsNotNull(inner) => matches!(&**inner, Expr::Identifier(name) if is_key(&name.value)),
        Expr::Like {
            negated: false,
            pattern,
            ..
        }
        | Expr::ILike {
            negated: false,
            pattern,
            ..
        } => literal(pattern)
            .is_some_and(|text| text.bytes().all(|byte| matches!(byte, b'%' | b'@'))),
        Expr::BinaryOp { left, op, right } => match op {
            BinaryOperator::And => spans_everything(left) && spans_everything(right),
            BinaryOperator::Or => spans_everything(left) || spans_everything(right),
            BinaryOperator::Gt | BinaryOperator::GtEq | BinaryOperator::NotEq => {
                let is_column =
                    matches!(&**left, Expr::Identifier(_) | Expr::CompoundIdentifier(_));
                let is_least = match &**right {
                    Expr::Value(value) => match &value.value {
                        Value::Number(number, _) => matches!(number.as_str(), "0" | "1"),
                        Value::SingleQuotedString(text) => text.is_empty(),
                        _ => false,
                    },
                    Expr::UnaryOp {
                        op: UnaryOperator::Minus,
                        ..
                    } => true,
                    _ => false,
                };
                is_column && is_least && is_key_column(left)
            }
            _ => false,
        },
        _ => false,
    }
}

fn is_key_column(column: &Expr) -> bool {
    match column {
        Expr::Identifier(name) => is_key(&name.value),
        Expr::CompoundIdentifier(parts) => parts.last().is_some_and(|name| is_key(&name.value)),
        _ => false,
    }
}

/// Whether a column is a key by its name: `id`, `user_id`, `rowid`.
fn is_key(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    lower == "id" || lower == "rowid" || lower.ends_with("_id") || lower == "email"
}

fn literal(expression: &Expr) -> Option<&str> {
    match expression {
        Expr::Value(value) => match &value.value {
            Value::SingleQuotedString(text) | Value::DoubleQuotedString(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}
