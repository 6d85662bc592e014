//! Conditions, values and actions as text.

use crate::ast::{
    Action, ActionKind, Comparison, Condition, History, Literal, LiteralKind, Operand, OperandKind,
    Operator, Per, Step, Text, Value,
};
use crate::vocabulary::{DURATIONS, PERIODS, SIZES, WEEKDAYS};

/// A condition; parentheses stand where the tree needs them, and around `AND` within `OR`.
#[must_use]
pub fn condition(of: &Condition) -> String {
    match of {
        Condition::And(parts) => joined(parts, " AND "),
        Condition::Or(parts) => joined(parts, " OR "),
        Condition::Not(inner) => match inner.as_ref() {
            Condition::And(_) | Condition::Or(_) => format!("NOT ({})", condition(inner)),
            _ => format!("NOT {}", condition(inner)),
        },
        Condition::Test(test) => comparison(test),
    }
}

/// A condition as it stands beside others.
pub(super) fn part(of: &Condition) -> String {
    match of {
        Condition::And(_) | Condition::Or(_) => format!("({})", condition(of)),
        _ => condition(of),
    }
}

fn joined(parts: &[Condition], between: &str) -> String {
    let parts: Vec<String> = parts.iter().map(part).collect();
    parts.join(between)
}

/// The place where a condition begins: of its first field.
pub(super) fn start(of: &Condition) -> u32 {
    match of {
        Condition::And(parts) | Condition::Or(parts) => parts.first().map_or(0, start),
        Condition::Not(inner) => start(inner),
        Condition::Test(test) => test.span.start,
    }
}

pub(super) fn facts(of: &[Comparison]) -> String {
    let facts: Vec<String> = of.iter().map(comparison).collect();
    facts.join(" AND ")
}

/// A field and what it is compared with.
#[must_use]
pub fn comparison(of: &Comparison) -> String {
    let left = operand(&of.left);
    match of.operator {
        Operator::Holds => left,
        Operator::Exists => format!("EXISTS {left}"),
        operator => format!("{left} {} {}", operator.text(), value(&of.right)),
    }
}

/// A field.
#[must_use]
pub fn operand(of: &Operand) -> String {
    match &of.kind {
        OperandKind::Field(steps) => field(steps),
        OperandKind::Count(of) => format!("history.count({})", history(of)),
        OperandKind::Seen(of) => format!("history.seen({})", history(of)),
        OperandKind::Found(entity) => format!("dlp.found({})", text(entity)),
        OperandKind::Findings(entity) => format!("dlp.count({})", text(entity)),
    }
}

pub(crate) fn field(steps: &[Step]) -> String {
    let mut out = String::new();
    for step in steps {
        match step {
            Step::Name(name) if out.is_empty() => out.push_str(name),
            Step::Name(name) => {
                out.push('.');
                out.push_str(name);
            }
            Step::Key(key) => out.push_str(&format!("[{}]", string(key))),
            Step::Index(index) => out.push_str(&format!("[{index}]")),
            Step::Any => out.push_str("[*]"),
        }
    }
    out
}

fn history(of: &History) -> String {
    let mut out = condition(&of.what);
    if let Some(ms) = of.within_ms {
        out.push_str(&format!(", within = {}", duration(ms)));
    }
    if let Some(per) = of.per {
        out.push_str(&per_text(per));
    }
    out
}

fn per_text(per: Per) -> String {
    format!(", per = {}", per.name())
}

fn value(of: &Value) -> String {
    match of {
        Value::None => String::new(),
        Value::One(one) => literal(one),
        Value::List(values) => {
            let values: Vec<String> = values.iter().map(literal).collect();
            format!("({})", values.join(", "))
        }
        Value::Range(low, high) => format!("{}..{}", literal(low), literal(high)),
    }
}

/// A value.
#[must_use]
pub fn literal(of: &Literal) -> String {
    match &of.kind {
        LiteralKind::Text(text) => string(text),
        LiteralKind::Number(number) => number.clone(),
        LiteralKind::Truth(truth) => truth.to_string(),
        LiteralKind::Duration(ms) => duration(*ms),
        LiteralKind::Size(bytes) => united(*bytes, &SIZES),
        LiteralKind::Weekday(day) => WEEKDAYS.get(*day as usize).map_or("", |day| day).to_owned(),
        LiteralKind::Date(days) => date(*days),
        LiteralKind::Rate(count, period) => rate(*count, *period),
    }
}

/// In the largest unit that leaves a whole number.
pub(super) fn duration(ms: u64) -> String {
    // Weeks are written, but told in days.
    united(ms, DURATIONS.get(1..).unwrap_or_default())
}

fn united(amount: u64, units: &[(&str, u64)]) -> String {
    let fits = |factor: u64| amount > 0 && amount.checked_rem(factor) == Some(0);
    let unit = units.iter().find(|(_, factor)| fits(*factor));
    match unit.or(units.last()) {
        Some((name, factor)) => format!("{}{name}", amount.checked_div(*factor).unwrap_or(0)),
        None => amount.to_string(),
    }
}

fn rate(count: u64, period: u64) -> String {
    let name = PERIODS.iter().find(|(_, ms)| *ms == period);
    format!("{count}/{}", name.map_or("second", |(name, _)| name))
}

fn date(days: i32) -> String {
    let epoch = jiff::civil::Date::constant(1970, 1, 1);
    let span = jiff::Span::new().try_days(days).unwrap_or_default();
    epoch.checked_add(span).unwrap_or(epoch).to_string()
}

fn text(of: &Text) -> String {
    string(&of.value)
}

/// Between double quotes; between single ones when that saves escaping backslashes.
pub(super) fn string(of: &str) -> String {
    let plain = !of.contains(['\'', '\n']) && !of.chars().any(char::is_control);
    if plain && of.contains('\\') {
        return format!("'{of}'");
    }
    let mut out = String::from("\"");
    for character in of.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => out.push_str(&format!("\\u{{{:x}}}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

pub(super) fn action(of: &Action) -> String {
    match &of.kind {
        ActionKind::Allow => "allow".to_owned(),
        ActionKind::Deny(None) => "deny".to_owned(),
        ActionKind::Deny(Some(reason)) => format!("deny({})", text(reason)),
        ActionKind::Hold => "require_human_approval".to_owned(),
        ActionKind::Redact(entities) => {
            let entities: Vec<String> = entities.iter().map(text).collect();
            format!("redact({})", entities.join(", "))
        }
        ActionKind::Notify(kind, name) => format!("notify_channel({}, {})", text(kind), text(name)),
        ActionKind::LogLevel(level) => format!("log_level({})", text(level)),
        ActionKind::Limit(count, period, per) => {
            let per = per.map(per_text).unwrap_or_default();
            format!("limit({}{per})", rate(*count, *period))
        }
        ActionKind::Flag => "flag_for_review".to_owned(),
        ActionKind::EndSession => "end_session".to_owned(),
    }
}
