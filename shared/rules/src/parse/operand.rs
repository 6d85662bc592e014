//! What stands on the left of a comparison: a field, or a question about history or findings.

use super::condition;
use super::cursor::{Cursor, Wrong};
use super::value::{duration, per};
use crate::ast::{Condition, History, LiteralKind, Operand, OperandKind, Operator, Step};
use crate::diagnostic::{Diagnostic, nearest};
use crate::lexer::TokenKind;
use crate::limits::STEPS_MAX;
use crate::source::Span;
use crate::vocabulary::KEYWORDS;

/// Functions, and what stands between their parentheses.
const FUNCTIONS: [&str; 4] = ["history.count", "history.seen", "dlp.found", "dlp.count"];

pub(super) fn operand(cursor: &mut Cursor) -> Result<Operand, Wrong> {
    let start = cursor.span();
    let first = match cursor.kind() {
        TokenKind::Word(word) if !KEYWORDS.contains(&word.as_str()) => word.clone(),
        TokenKind::Literal(_) => {
            let help = Some("the field stands on the left, the value on the right".to_owned());
            cursor.report("unexpected value", "expected a field", help);
            return Err(Wrong);
        }
        _ => return cursor.unexpected("a condition", &["NOT", "EXISTS"]),
    };
    cursor.advance();
    let mut steps = vec![Step::Name(first)];
    while let Some(step) = step(cursor)? {
        steps.push(step);
    }
    let span = start.to(cursor.behind());
    if steps.len() > STEPS_MAX {
        let label = format!("at most {STEPS_MAX} steps");
        cursor.push(Diagnostic::error(
            span,
            "the field has too many steps",
            label,
        ));
        return Err(Wrong);
    }
    let kind = match cursor.is_sign("(") {
        true => call(cursor, &steps, span)?,
        false => OperandKind::Field(steps),
    };
    Ok(Operand {
        kind,
        span: start.to(cursor.behind()),
    })
}

/// `.name`, `["key"]`, `[0]`, `[*]`.
fn step(cursor: &mut Cursor) -> Result<Option<Step>, Wrong> {
    if cursor.take_sign(".") {
        let TokenKind::Word(word) = cursor.kind() else {
            return cursor.unexpected("a name; other keys are written [\"odd key\"]", &[]);
        };
        let step = Step::Name(word.clone());
        cursor.advance();
        return Ok(Some(step));
    }
    if !cursor.take_sign("[") {
        return Ok(None);
    }
    let step = match cursor.kind() {
        TokenKind::Sign("*") => Some(Step::Any),
        TokenKind::Literal(LiteralKind::Text(key)) => Some(key_step(key)),
        TokenKind::Literal(LiteralKind::Number(number)) => number.parse().ok().map(Step::Index),
        _ => None,
    };
    let Some(step) = step else {
        return cursor.unexpected(
            "the number of an element, a key between quotes, or `*`",
            &[],
        );
    };
    cursor.advance();
    cursor.expect_sign("]", "`]`")?;
    Ok(Some(step))
}

/// A key that could stand behind a dot is the same as one that does.
fn key_step(key: &str) -> Step {
    let mut bytes = key.bytes();
    let plain = bytes
        .next()
        .is_some_and(|byte| byte.is_ascii_alphabetic() || byte == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    match plain {
        true => Step::Name(key.to_owned()),
        false => Step::Key(key.to_owned()),
    }
}

fn call(cursor: &mut Cursor, steps: &[Step], name: Span) -> Result<OperandKind, Wrong> {
    let function = match steps {
        [Step::Name(first), Step::Name(second)] => format!("{first}.{second}"),
        _ => String::new(),
    };
    cursor.advance();
    let kind = match function.as_str() {
        "history.count" => OperandKind::Count(Box::new(history(cursor)?)),
        "history.seen" => OperandKind::Seen(Box::new(history(cursor)?)),
        "dlp.found" => OperandKind::Found(cursor.string("the name of an entity")?),
        "dlp.count" => OperandKind::Findings(cursor.string("the name of an entity")?),
        _ => {
            let help = nearest(&function, FUNCTIONS);
            let label = format!("expected one of {}", FUNCTIONS.join(", "));
            cursor.push(Diagnostic::error(name, "unknown function", label).help_if(help));
            return Err(Wrong);
        }
    };
    cursor.expect_sign(")", "`)`")?;
    Ok(kind)
}

fn history(cursor: &mut Cursor) -> Result<History, Wrong> {
    let start = cursor.span();
    let what = condition::condition(cursor)?;
    let mut history = History {
        what,
        within_ms: None,
        per: None,
        span: start,
    };
    while cursor.take_sign(",") {
        if cursor.take_word("within") {
            cursor.expect_sign("=", "`=` and a duration")?;
            history.within_ms = Some(duration(cursor)?);
        } else if cursor.take_word("per") {
            cursor.expect_sign("=", "`=` and `session`, `token` or `agent`")?;
            history.per = Some(per(cursor)?);
        } else {
            return cursor.unexpected("`within` or `per`", &["within", "per"]);
        }
    }
    history.span = start.to(cursor.behind());
    Ok(history)
}

/// The field, when a condition is nothing but one.
pub(crate) fn lone_field(condition: &Condition) -> Option<&Operand> {
    match condition {
        Condition::Test(test)
            if test.operator == Operator::Holds
                && matches!(test.left.kind, OperandKind::Field(_)) =>
        {
            Some(&test.left)
        }
        _ => None,
    }
}
