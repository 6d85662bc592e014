//! Claims and narrowings as the block of a token.

use std::collections::BTreeSet;

use biscuit_auth::builder::{
    Binary, BlockBuilder, Check, CheckKind, Expression, Fact, Op, Rule, Term, pred, string, var,
};
use varistor_model::IntentSet;

use crate::bounds::{self, refusing};
use crate::{Claims, Narrowing, TokenError, TokenRate, pattern};

/// The first block of a token; values out of bounds are refused by name.
pub(crate) fn first(claims: &Claims) -> Result<BlockBuilder, TokenError> {
    let mut facts = vec![
        named("organisation", &claims.organisation)?,
        named("agent", &claims.agent)?,
    ];
    if let Some(team) = &claims.team {
        facts.push(named("team", team)?);
    }
    if claims.roles.len() > bounds::ROLES_MAX {
        return Err(refusing("number of roles", claims.roles.len())(
            "at most 32",
        ));
    }
    let mut seen = BTreeSet::new();
    for role in &claims.roles {
        if !seen.insert(role) {
            return Err(refusing("role", role)("each role once"));
        }
        facts.push(named("role", role)?);
    }
    let some = |list: &Vec<String>| (!list.is_empty()).then(|| list.clone());
    let restrictions = narrowing(&Narrowing {
        servers: some(&claims.servers),
        tools: some(&claims.tools),
        intents: None,
        expires_unix_s: Some(claims.expires_unix_s),
        limits: claims.limits.clone(),
    })?;
    facts.extend(restrictions.facts);
    Ok(BlockBuilder {
        facts,
        ..restrictions
    })
}

/// A block that narrows; values out of bounds and empty lists are refused by name.
pub(crate) fn narrowing(narrowing: &Narrowing) -> Result<BlockBuilder, TokenError> {
    let mut checks = Vec::new();
    if let Some(unix_s) = narrowing.expires_unix_s {
        bounds::expiry(unix_s).map_err(refusing("expiry", unix_s))?;
        let date = Op::Value(Term::Date(unix_s));
        checks.push(check("time", [value(), date, op(Binary::LessOrEqual)]));
    }
    if let Some(globs) = &narrowing.servers {
        checks.push(matching("server", "server pattern", globs, bounds::glob)?);
    }
    if let Some(globs) = &narrowing.tools {
        checks.push(matching("tool", "tool pattern", globs, bounds::tool_glob)?);
    }
    if let Some(intents) = narrowing.intents {
        checks.push(among(intents)?);
    }
    let facts = limits(&narrowing.limits)?;
    Ok(BlockBuilder {
        facts,
        checks,
        ..BlockBuilder::default()
    })
}

fn named(what: &'static str, text: &str) -> Result<Fact, TokenError> {
    bounds::name(text).map_err(refusing(what, text))?;
    Ok(Fact::new(what.to_owned(), vec![string(text)]))
}

fn limits(rates: &[TokenRate]) -> Result<Vec<Fact>, TokenError> {
    if rates.len() > bounds::LIMITS_PER_BLOCK_MAX {
        return Err(refusing("number of limits", rates.len())(
            "at most 4 at a time",
        ));
    }
    let mut facts = Vec::with_capacity(rates.len());
    for (index, rate) in rates.iter().enumerate() {
        let refuse = refusing("limit", format!("{} per {} ns", rate.count, rate.period_ns));
        if rates
            .get(..index)
            .is_some_and(|earlier| earlier.contains(rate))
        {
            return Err(refuse("each limit once"));
        }
        facts.push(limit(rate).map_err(refuse)?);
    }
    Ok(facts)
}

fn limit(rate: &TokenRate) -> Result<Fact, bounds::Expected> {
    bounds::rate(rate)?;
    let integer = |number| {
        i64::try_from(number)
            .map(Term::Integer)
            .map_err(|_| "numbers below 2^63")
    };
    let terms = vec![integer(rate.count)?, integer(rate.period_ns)?];
    Ok(Fact::new("limit".to_owned(), terms))
}

fn matching(
    fact: &'static str,
    what: &'static str,
    globs: &[String],
    allowed: fn(&str) -> Result<(), bounds::Expected>,
) -> Result<Check, TokenError> {
    bounds::list(globs.len()).map_err(refusing(what, format!("list of {}", globs.len())))?;
    for glob in globs {
        allowed(glob).map_err(refusing(what, glob))?;
    }
    let pattern = Op::Value(string(&pattern::from_globs(globs)));
    Ok(check(fact, [value(), pattern, op(Binary::Regex)]))
}

fn among(intents: IntentSet) -> Result<Check, TokenError> {
    if intents.is_empty() {
        return Err(refusing("intents", "")(
            "at least one of read, write, destructive, exfiltrative",
        ));
    }
    let names = intents.iter().map(|intent| string(intent.name())).collect();
    let set = Op::Value(Term::Set(names));
    Ok(check("intent", [set, value(), op(Binary::Contains)]))
}

/// `check if FACT($v), EXPRESSION`.
fn check(fact: &str, expression: [Op; 3]) -> Check {
    let none: &[Term] = &[];
    Check {
        queries: vec![Rule::new(
            pred("query", none),
            vec![pred(fact, &[var("v")])],
            vec![Expression {
                ops: expression.into(),
            }],
            Vec::new(),
        )],
        kind: CheckKind::One,
    }
}

fn value() -> Op {
    Op::Value(var("v"))
}

const fn op(binary: Binary) -> Op {
    Op::Binary(binary)
}
