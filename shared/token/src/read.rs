//! One signed block as what it says; whatever is outside the vocabulary is refused.
//!
//! Reads the structure of the signed bytes. Printed source would not do: Biscuit's printer does
//! not escape strings, so a string could pretend to be a check.

use biscuit_auth::datalog::SymbolTable;
use biscuit_auth::format::schema::{Block, Fact, Predicate, Term, term};
use prost::Message;

use crate::{Scope, TokenRate, bounds};

mod check;

/// What a block holds that it may not hold.
pub(crate) type Foreign = &'static str;

/// What one block says.
#[derive(Default)]
pub(crate) struct Statement {
    pub(crate) organisation: Option<String>,
    pub(crate) team: Option<String>,
    pub(crate) agent: Option<String>,
    pub(crate) roles: Vec<String>,
    pub(crate) scope: Scope,
    pub(crate) expires_unix_s: Option<u64>,
    pub(crate) limits: Vec<TokenRate>,
}

/// Versions of the block format: the first with sets, up to the newest that we know.
const VERSIONS: std::ops::RangeInclusive<u32> = 3..=6;

/// Reads a block; `symbols` grows by the block's own. Only the `first` block may say who it is.
pub(crate) fn statement(
    bytes: &[u8],
    symbols: &mut SymbolTable,
    first: bool,
) -> Result<Statement, Foreign> {
    let block = Block::decode(bytes).map_err(|_| "bytes that are not a block")?;
    if block.encode_to_vec() != bytes {
        return Err("a member that is unknown here");
    }
    if !block
        .version
        .is_some_and(|version| VERSIONS.contains(&version))
    {
        return Err("an unknown version");
    }
    if block.context.is_some() {
        return Err("a context");
    }
    if !block.rules.is_empty() {
        return Err("a rule");
    }
    if !block.scope.is_empty() || !block.public_keys.is_empty() {
        return Err("a scope or a public key");
    }
    SymbolTable::from(block.symbols)
        .and_then(|own| symbols.extend(&own))
        .map_err(|_| "a symbol that stands twice")?;
    let mut statement = Statement::default();
    for fact in &block.facts {
        read_fact(fact, symbols, first, &mut statement)?;
    }
    for check in &block.checks {
        check::read(check, symbols, &mut statement)?;
    }
    Ok(statement)
}

fn read_fact(
    fact: &Fact,
    symbols: &SymbolTable,
    first: bool,
    statement: &mut Statement,
) -> Result<(), Foreign> {
    let Predicate { name, terms } = &fact.predicate;
    let fact = symbols.get_symbol(*name).unwrap_or_default();
    if fact == "limit" {
        return read_limit(terms, &mut statement.limits);
    }
    if !first {
        return Err("a fact other than a limit in a block that narrows");
    }
    let [term] = terms.as_slice() else {
        return Err("a fact of another shape");
    };
    let text = read_text(term, symbols)?;
    bounds::name(text).map_err(|_| "a name out of bounds")?;
    match fact {
        "organisation" => once(&mut statement.organisation, text.to_owned()),
        "team" => once(&mut statement.team, text.to_owned()),
        "agent" => once(&mut statement.agent, text.to_owned()),
        "role" => {
            let known = statement.roles.iter().any(|role| role == text);
            if known || statement.roles.len() >= bounds::ROLES_MAX {
                return Err("a role twice, or too many");
            }
            statement.roles.push(text.to_owned());
            Ok(())
        }
        _ => Err("an unknown fact"),
    }
}

fn read_limit(terms: &[Term], limits: &mut Vec<TokenRate>) -> Result<(), Foreign> {
    let [count, period] = terms else {
        return Err("a limit of another shape");
    };
    let (Some(term::Content::Integer(count)), Some(term::Content::Integer(period))) =
        (&count.content, &period.content)
    else {
        return Err("a limit of another shape");
    };
    let rate = TokenRate {
        count: u64::try_from(*count).unwrap_or_default(),
        period_ns: u64::try_from(*period).unwrap_or_default(),
    };
    bounds::rate(&rate).map_err(|_| "a limit out of bounds")?;
    if limits.contains(&rate) || limits.len() >= bounds::LIMITS_PER_BLOCK_MAX {
        return Err("a limit twice, or too many");
    }
    limits.push(rate);
    Ok(())
}

/// The string that a term is.
fn read_text<'s>(term: &Term, symbols: &'s SymbolTable) -> Result<&'s str, Foreign> {
    match term.content {
        Some(term::Content::String(index)) => symbols.get_symbol(index),
        _ => None,
    }
    .ok_or("a value that is not a string")
}

/// Fills a place that may be filled once.
fn once<T>(place: &mut Option<T>, value: T) -> Result<(), Foreign> {
    match place.replace(value) {
        None => Ok(()),
        Some(_) => Err("the same statement twice"),
    }
}
