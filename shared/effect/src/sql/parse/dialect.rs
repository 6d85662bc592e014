//! Which dialects of SQL a statement is written in, as its words and signs tell.
//!
//! Refuses to decide: what is told here is tried first, others follow.

use sqlparser::dialect::{
    BigQueryDialect, ClickHouseDialect, Dialect, DuckDbDialect, MsSqlDialect, MySqlDialect,
    OracleDialect, SQLiteDialect, SnowflakeDialect,
};

use crate::sql::tokens::{Kind, Token};

static MS: MsSqlDialect = MsSqlDialect {};
static MY: MySqlDialect = MySqlDialect {};
static BIG: BigQueryDialect = BigQueryDialect {};
static CLICK: ClickHouseDialect = ClickHouseDialect {};
static DUCK: DuckDbDialect = DuckDbDialect {};
static ORACLE: OracleDialect = OracleDialect {};
static LITE: SQLiteDialect = SQLiteDialect {};
static SNOW: SnowflakeDialect = SnowflakeDialect;

/// At most two dialects, the likelier first.
pub(super) type Told = [Option<&'static dyn Dialect>; 2];

/// The dialects that a statement tells, none where it is written as in most.
pub(super) fn told(source: &str, statement: &[Token<'_>]) -> Told {
    let is = |at: usize, word: &str| statement.get(at).is_some_and(|token| token.is(word));
    if is(0, "from") {
        return [Some(&DUCK), Some(&CLICK)];
    }
    if is(1, "top") || (is(1, "distinct") && is(2, "top")) {
        return [Some(&MS), None];
    }
    for (at, token) in statement.iter().enumerate() {
        match token.kind {
            Kind::Name => match source_byte(source, statement, token) {
                Some(b'`') => {
                    let is_path = token.text.contains(['.', '-']);
                    return match is_path {
                        true => [Some(&BIG), Some(&MY)],
                        false => [Some(&MY), Some(&BIG)],
                    };
                }
                Some(b'[') => return [Some(&MS), Some(&LITE)],
                _ => {}
            },
            Kind::Word => {
                if let Some(found) = by_word(statement, at) {
                    return found;
                }
            }
            _ => {}
        }
    }
    [None, None]
}

/// The byte that a token begins with, where its quotes are left away.
fn source_byte(source: &str, statement: &[Token<'_>], token: &Token<'_>) -> Option<u8> {
    let from = statement.first()?.from;
    source
        .as_bytes()
        .get(token.from.checked_sub(from)?)
        .copied()
}

/// Words that one or two dialects have.
fn by_word(statement: &[Token<'_>], at: usize) -> Option<Told> {
    let token = statement.get(at)?;
    // Most words are shorter or longer than any of these, so that few are compared.
    if !(4..=19).contains(&token.text.len()) {
        return None;
    }
    let is = |words: &[&str]| words.iter().any(|word| token.is(word));
    let first: &'static dyn Dialect = match () {
        () if is(&["prewhere", "final", "settings", "format"]) => &CLICK,
        () if is(&["qualify"]) => return Some([Some(&SNOW), Some(&BIG)]),
        () if is(&["flatten", "lateral", "sample", "pivot"]) => &SNOW,
        () if is(&["exclude", "asof"]) => return Some([Some(&DUCK), Some(&SNOW)]),
        () if is(&["connect"]) => &ORACLE,
        () if is(&["nolock", "apply"]) => &MS,
        () if is(&["straight_join", "sql_calc_found_rows"]) => &MY,
        () if is(&["struct", "unnest"]) => &BIG,
        () if is(&["glob"]) => &LITE,
        () => return None,
    };
    Some([Some(first), None])
}
