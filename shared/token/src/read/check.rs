//! The four checks of the vocabulary, recognised by their exact structure.
//!
//! A check that differs in anything but the name of its variable is refused.

use biscuit_auth::datalog::SymbolTable;
use biscuit_auth::format::schema::op_binary::Kind as Binary;
use biscuit_auth::format::schema::term::Content as Value;
use biscuit_auth::format::schema::{Check, Expression, Op, Predicate, Rule, Term, TermSet};
use biscuit_auth::format::schema::{check, op};
use varistor_model::{Intent, IntentSet};

use super::{Foreign, Statement, once, read_text};
use crate::{bounds, pattern};

const OTHER: Foreign = "a check of another shape";

/// Reads `check if FACT($v), LEFT OPERATOR RIGHT` into the statement.
pub(super) fn read(
    check: &Check,
    symbols: &SymbolTable,
    statement: &mut Statement,
) -> Result<(), Foreign> {
    let shape = shape(check, symbols).ok_or(OTHER)?;
    match (shape.fact, shape.operator, shape.left, shape.right) {
        ("time", Binary::LessOrEqual, Side::Variable, Side::Value(Value::Date(unix_s))) => {
            bounds::expiry(*unix_s).map_err(|_| "an expiry out of bounds")?;
            once(&mut statement.expires_unix_s, *unix_s)
        }
        ("server", Binary::Regex, Side::Variable, Side::Value(Value::String(text))) => {
            let globs = globs(*text, symbols, bounds::glob)?;
            once(&mut statement.scope.servers, globs)
        }
        ("tool", Binary::Regex, Side::Variable, Side::Value(Value::String(text))) => {
            let globs = globs(*text, symbols, bounds::tool_glob)?;
            once(&mut statement.scope.tools, globs)
        }
        ("intent", Binary::Contains, Side::Value(Value::Set(set)), Side::Variable) => {
            once(&mut statement.scope.intents, intents(set, symbols)?)
        }
        _ => Err(OTHER),
    }
}

/// One check taken apart.
struct Shape<'a> {
    fact: &'a str,
    operator: Binary,
    left: Side<'a>,
    right: Side<'a>,
}

/// One side of the operator.
enum Side<'a> {
    /// The variable that the fact binds.
    Variable,
    /// Anything else.
    Value(&'a Value),
}

fn shape<'a>(check: &'a Check, symbols: &'a SymbolTable) -> Option<Shape<'a>> {
    let ordinary = check
        .kind
        .is_none_or(|kind| kind == i32::from(check::Kind::One));
    let ([rule], true) = (check.queries.as_slice(), ordinary) else {
        return None;
    };
    let Rule {
        head,
        body,
        expressions,
        scope,
    } = rule;
    let ([predicate], [expression], []) =
        (body.as_slice(), expressions.as_slice(), scope.as_slice())
    else {
        return None;
    };
    if symbols.get_symbol(head.name) != Some("query") || !head.terms.is_empty() {
        return None;
    }
    let (fact, variable) = binding(predicate, symbols)?;
    let Expression { ops } = expression;
    let [left, right, operator] = ops.as_slice() else {
        return None;
    };
    Some(Shape {
        fact,
        operator: binary(operator)?,
        left: side(left, variable)?,
        right: side(right, variable)?,
    })
}

/// The fact and the variable of `FACT($v)`.
fn binding<'a>(predicate: &Predicate, symbols: &'a SymbolTable) -> Option<(&'a str, u32)> {
    let [term] = predicate.terms.as_slice() else {
        return None;
    };
    match term.content {
        Some(Value::Variable(variable)) => Some((symbols.get_symbol(predicate.name)?, variable)),
        _ => None,
    }
}

fn side(op: &Op, variable: u32) -> Option<Side<'_>> {
    let Some(op::Content::Value(Term { content })) = &op.content else {
        return None;
    };
    match content {
        Some(Value::Variable(other)) => (*other == variable).then_some(Side::Variable),
        Some(value) => Some(Side::Value(value)),
        None => None,
    }
}

fn binary(op: &Op) -> Option<Binary> {
    match &op.content {
        Some(op::Content::Binary(binary)) if binary.ffi_name.is_none() => {
            Binary::from_i32(binary.kind)
        }
        _ => None,
    }
}

fn globs(
    index: u64,
    symbols: &SymbolTable,
    allowed: fn(&str) -> Result<(), bounds::Expected>,
) -> Result<Vec<String>, Foreign> {
    let text = symbols.get_symbol(index).ok_or(OTHER)?;
    let globs = pattern::to_globs(text).ok_or("a pattern that was not made from globs")?;
    bounds::list(globs.len()).map_err(|_| "too many patterns")?;
    if globs.iter().any(|glob| allowed(glob).is_err()) {
        return Err("a pattern out of bounds");
    }
    Ok(globs)
}

fn intents(set: &TermSet, symbols: &SymbolTable) -> Result<IntentSet, Foreign> {
    let mut intents = IntentSet::NONE;
    for term in &set.set {
        let intent = Intent::named(read_text(term, symbols)?).ok_or("an unknown intent")?;
        if intents.contains(intent) {
            return Err("an intent twice");
        }
        intents = intents.with(intent);
    }
    if intents.is_empty() {
        return Err("an empty set of intents");
    }
    Ok(intents)
}
