//! Actions: `THEN deny("reason") AND log_level("critical")`.

use super::ITEMS;
use super::cursor::{Cursor, Wrong};
use super::value::per;
use crate::ast::{Action, ActionKind, LiteralKind, Text};
use crate::diagnostic::nearest;
use crate::lexer::TokenKind;
use crate::vocabulary::ACTIONS;

/// All actions that could be read, and whether any could not: reading goes on behind it.
pub(super) fn actions(cursor: &mut Cursor) -> (Vec<Action>, bool) {
    let mut actions = Vec::new();
    let mut wrong = false;
    loop {
        match action(cursor) {
            Ok(action) => actions.push(action),
            Err(Wrong) => {
                wrong = true;
                let mut stops = vec!["AND"];
                stops.extend(ITEMS);
                cursor.skip_to(&stops);
            }
        }
        if !cursor.take_word("AND") {
            break;
        }
    }
    (actions, wrong)
}

pub(super) fn action(cursor: &mut Cursor) -> Result<Action, Wrong> {
    let start = cursor.span();
    let name = match cursor.kind() {
        TokenKind::Word(word) if ACTIONS.contains(&word.as_str()) => word.clone(),
        TokenKind::Word(word) => {
            let help = nearest(word, ACTIONS);
            let label = format!("expected one of {}", ACTIONS.join(", "));
            let message = format!("unknown action `{word}`");
            cursor.report(&message, &label, help);
            return Err(Wrong);
        }
        _ => return cursor.unexpected("an action", &[]),
    };
    cursor.advance();
    let kind = match name.as_str() {
        "allow" => ActionKind::Allow,
        "deny" => ActionKind::Deny(reason(cursor)?),
        "require_human_approval" => ActionKind::Hold,
        "redact" => ActionKind::Redact(entities(cursor)?),
        "notify_channel" => notify(cursor)?,
        "log_level" => {
            cursor.expect_sign("(", "`(` and a level")?;
            let level = cursor.string("a level such as \"critical\"")?;
            cursor.expect_sign(")", "`)`")?;
            ActionKind::LogLevel(level)
        }
        "limit" => limit(cursor)?,
        "flag_for_review" => ActionKind::Flag,
        _ => ActionKind::EndSession,
    };
    // `flag_for_review()` is taken, too.
    if cursor.is_sign("(") && cursor.next_is_sign(")") {
        cursor.advance();
        cursor.advance();
    }
    Ok(Action {
        kind,
        span: start.to(cursor.behind()),
    })
}

fn reason(cursor: &mut Cursor) -> Result<Option<Text>, Wrong> {
    if !cursor.is_sign("(") || cursor.next_is_sign(")") {
        return Ok(None);
    }
    cursor.advance();
    let reason = cursor.string("the reason between quotes")?;
    cursor.expect_sign(")", "`)`")?;
    Ok(Some(reason))
}

fn entities(cursor: &mut Cursor) -> Result<Vec<Text>, Wrong> {
    cursor.expect_sign("(", "`(` and names of entities")?;
    let mut entities = vec![cursor.string("the name of an entity")?];
    while cursor.take_sign(",") {
        entities.push(cursor.string("the name of an entity")?);
    }
    cursor.expect_sign(")", "`,` or `)`")?;
    Ok(entities)
}

fn notify(cursor: &mut Cursor) -> Result<ActionKind, Wrong> {
    cursor.expect_sign("(", "`(`, a kind and a name")?;
    let kind = cursor.string("the kind of the channel, such as \"slack\"")?;
    cursor.expect_sign(",", "`,` and the name of the channel")?;
    let name = cursor.string("the name of the channel")?;
    cursor.expect_sign(")", "`)`")?;
    Ok(ActionKind::Notify(kind, name))
}

fn limit(cursor: &mut Cursor) -> Result<ActionKind, Wrong> {
    cursor.expect_sign("(", "`(` and a rate")?;
    let TokenKind::Literal(LiteralKind::Rate(count, period)) = *cursor.kind() else {
        return cursor.unexpected("a rate such as 10/hour", &[]);
    };
    cursor.advance();
    let mut scope = None;
    if cursor.take_sign(",") {
        cursor.expect_word("per", "`per`")?;
        cursor.expect_sign("=", "`=` and `session`, `token` or `agent`")?;
        scope = Some(per(cursor)?);
    }
    cursor.expect_sign(")", "`)`")?;
    Ok(ActionKind::Limit(count, period, scope))
}
