//! Test cases: what was before, what is given, what must follow.

use super::condition::facts;
use super::cursor::{Cursor, Wrong};
use super::value::duration;
use super::{ITEMS, action, name};
use crate::ast::{Case, Earlier, LiteralKind};
use crate::lexer::TokenKind;
use crate::source::Span;
use crate::vocabulary::KEYWORDS;

/// Most calls that one `EARLIER` stands for.
const TIMES_MAX: u32 = 10_000;

pub(super) fn case(cursor: &mut Cursor, word: Span) -> Result<Option<Case>, Wrong> {
    let name = name(cursor, "test case")?;
    let mut earlier_calls = Vec::new();
    while cursor.is_word("EARLIER") {
        earlier_calls.push(earlier(cursor)?);
    }
    let given_span = cursor.span();
    cursor.expect_word("GIVEN", "`EARLIER` or `GIVEN`")?;
    let given = facts(cursor)?;
    let expect_span = cursor.span();
    cursor.expect_word("EXPECT", "`AND` or `EXPECT`")?;
    let expect = match cursor.take_word("nothing") {
        true => Vec::new(),
        false => action::actions(cursor).0,
    };
    if !cursor.at_end() && !cursor.is_any_word(&ITEMS) {
        return cursor.unexpected("`AND` and an action, or the next `TEST`", &KEYWORDS);
    }
    Ok(Some(Case {
        name,
        earlier: earlier_calls,
        given,
        expect,
        words: [word, given_span, expect_span],
    }))
}

fn earlier(cursor: &mut Cursor) -> Result<Earlier, Wrong> {
    let span = cursor.span();
    cursor.advance();
    let mut earlier = Earlier {
        given: facts(cursor)?,
        ago_ms: 0,
        times: 1,
        span,
    };
    while cursor.take_sign(",") {
        if cursor.take_word("ago") {
            cursor.expect_sign("=", "`=` and a duration")?;
            earlier.ago_ms = duration(cursor)?;
        } else if cursor.take_word("times") {
            cursor.expect_sign("=", "`=` and a number")?;
            earlier.times = times(cursor)?;
        } else {
            return cursor.unexpected("`ago` or `times`", &["ago", "times"]);
        }
    }
    Ok(earlier)
}

fn times(cursor: &mut Cursor) -> Result<u32, Wrong> {
    let times = match cursor.kind() {
        TokenKind::Literal(LiteralKind::Number(number)) => number.parse().ok(),
        _ => None,
    };
    match times.filter(|times| (1..=TIMES_MAX).contains(times)) {
        Some(times) => {
            cursor.advance();
            Ok(times)
        }
        None => cursor.unexpected("a number from 1 to 10000", &[]),
    }
}
