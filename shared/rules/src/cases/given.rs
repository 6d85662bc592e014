//! The facts of a case as a call that can be judged.
//!
//! What is not given: texts are empty, sets have no members, nothing was found in the payload,
//! ages, sizes and counts are 0, confidence is 100, the time is noon of Monday 2026-01-05.
//! `action.type`, annotations and arguments that are not given are unknown.

use std::collections::HashMap;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZoneDatabase;
use xxhash_rust::xxh3::xxh3_128;

use super::tree::{Tree, quoted};
use crate::ast::{Comparison, Literal, LiteralKind, OperandKind, Operator, Per, Step, Value};
use crate::facts::Facts;
use crate::lower::Lowering;
use crate::source::Span;
use crate::vocabulary::{self, DATE_ZERO, NumberField, SetField, TextField, TimePart, Type, Unit};

/// See the module.
#[derive(Clone, Debug)]
pub(super) struct Given {
    texts: HashMap<TextField, String>,
    sets: HashMap<SetField, Vec<String>>,
    numbers: HashMap<NumberField, u64>,
    annotations: HashMap<String, String>,
    findings: HashMap<String, u64>,
    arguments: Option<String>,
    unix_ms: u64,
    /// Whether the case gives any part of the time.
    has_time: bool,
}

/// Facts while they are gathered.
struct Gather<'l, 'a> {
    lowering: &'l mut Lowering<'a>,
    given: Given,
    tree: Option<Tree>,
    time: HashMap<TimePart, u64>,
    zone: String,
    wrong: bool,
}

impl Given {
    /// `None`: mistakes were told.
    pub(super) fn new(
        lowering: &mut Lowering<'_>,
        facts: &[Comparison],
        zone: &str,
    ) -> Option<Self> {
        let numbers = [
            (NumberField::ActionConfidence, 100),
            (NumberField::TokenAge, 0),
            (NumberField::SessionAge, 0),
            (NumberField::SessionCalls, 0),
            (NumberField::RequestBytes, 0),
        ];
        let mut gather = Gather {
            lowering,
            given: Self {
                texts: HashMap::new(),
                sets: HashMap::new(),
                numbers: numbers.into(),
                annotations: HashMap::new(),
                findings: HashMap::new(),
                arguments: None,
                unix_ms: 0,
                has_time: false,
            },
            tree: None,
            time: HashMap::new(),
            zone: zone.to_owned(),
            wrong: false,
        };
        for fact in facts {
            if gather.fact(fact).is_none() {
                gather.wrong = true;
            }
        }
        gather.finish()
    }

    pub(super) const fn time(&self) -> u64 {
        self.unix_ms
    }

    /// The call, so long before the other one, unless its time is given.
    pub(super) fn before(mut self, other: &Self, ago_ms: u64) -> Self {
        if !self.has_time {
            self.unix_ms = other.unix_ms.saturating_sub(ago_ms);
        }
        self
    }
}

impl Gather<'_, '_> {
    fn refuse<T>(&mut self, span: Span, label: &str) -> Option<T> {
        self.lowering.error(span, "not a fact", label);
        None
    }

    fn fact(&mut self, fact: &Comparison) -> Option<()> {
        let is_plain = matches!(fact.operator, Operator::Equal | Operator::Holds);
        match &fact.left.kind {
            OperandKind::Count(_) | OperandKind::Seen(_) => self.refuse(
                fact.span,
                "earlier calls are given with EARLIER, before GIVEN",
            ),
            OperandKind::Found(entity) if is_plain => {
                let entity = self.lowering.entity(entity)?;
                let found = match &fact.right {
                    Value::None => true,
                    _ => self.truth(fact)?,
                };
                self.given.findings.insert(entity, u64::from(found));
                Some(())
            }
            OperandKind::Findings(entity) if fact.operator == Operator::Equal => {
                let entity = self.lowering.entity(entity)?;
                let number = self.number(fact, Unit::Plain)?;
                self.given.findings.insert(entity, number);
                Some(())
            }
            OperandKind::Field(steps) => match vocabulary::field(steps) {
                Some(of) => self.field(fact, steps, of),
                None => self.lowering.unknown_field(&fact.left, steps),
            },
            _ => self.refuse(fact.span, "expected `=` and one value"),
        }
    }

    fn field(&mut self, fact: &Comparison, steps: &[Step], of: Type) -> Option<()> {
        if let Type::Set(field) = of {
            let texts = self.texts(fact)?;
            self.given.sets.entry(field).or_default().extend(texts);
            return Some(());
        }
        let is_flag =
            fact.operator == Operator::Holds && matches!(of, Type::Annotation | Type::Argument);
        if fact.operator != Operator::Equal && !is_flag {
            return self.refuse(fact.span, "expected `=` and one value");
        }
        match of {
            Type::Text(field) => {
                let text = self.text(fact)?;
                self.given.texts.insert(field, text);
            }
            Type::Zone => {
                let zone = self.text(fact)?;
                self.lowering.zone(&zone, fact.span);
                self.zone = zone;
            }
            Type::Number(field, unit) => {
                let number = self.number(fact, unit)?;
                self.given.numbers.insert(field, number);
            }
            Type::Time(part, unit) => {
                let number = self.number(fact, unit)?;
                self.time.insert(part, number);
            }
            Type::Annotation => {
                let tree = self.value(&fact.right)?;
                if let Some(Step::Name(name) | Step::Key(name)) = steps.last() {
                    self.given.annotations.insert(name.clone(), tree.text());
                }
            }
            Type::Argument => {
                let value = self.value(&fact.right)?;
                let tree = self.tree.get_or_insert(Tree::Object(Vec::new()));
                let steps = steps.get(1..).unwrap_or_default();
                if let Err(label) = tree.put(steps, value) {
                    return self.refuse(fact.span, label);
                }
            }
            Type::Set(_) => {}
        }
        Some(())
    }

    fn one<'f>(&mut self, fact: &'f Comparison) -> Option<&'f Literal> {
        match &fact.right {
            Value::One(literal) => Some(literal),
            _ => self.refuse(fact.span, "expected one value"),
        }
    }

    fn truth(&mut self, fact: &Comparison) -> Option<bool> {
        let literal = self.one(fact)?;
        match literal.kind {
            LiteralKind::Truth(truth) => Some(truth),
            _ => self.lowering.wrong_value(literal, "true or false"),
        }
    }

    fn text(&mut self, fact: &Comparison) -> Option<String> {
        let literal = self.one(fact)?;
        match &literal.kind {
            LiteralKind::Text(text) => Some(text.clone()),
            _ => self
                .lowering
                .wrong_value(literal, "a string between quotes"),
        }
    }

    fn number(&mut self, fact: &Comparison, unit: Unit) -> Option<u64> {
        let literal = self.one(fact)?;
        self.lowering.whole(literal, unit)
    }

    /// Members of a set: `CONTAINS "a"`, `= ("a", "b")`.
    fn texts(&mut self, fact: &Comparison) -> Option<Vec<String>> {
        let literals = match (fact.operator, &fact.right) {
            (Operator::Contains | Operator::Equal, Value::One(one)) => std::slice::from_ref(one),
            (Operator::Equal, Value::List(list)) => list,
            _ => return self.refuse(fact.span, "expected CONTAINS \"a\" or = (\"a\", \"b\")"),
        };
        let mut texts = Vec::new();
        for literal in literals {
            match &literal.kind {
                LiteralKind::Text(text) => texts.push(text.clone()),
                _ => {
                    return self
                        .lowering
                        .wrong_value(literal, "a string between quotes");
                }
            }
        }
        Some(texts)
    }

    fn value(&mut self, value: &Value) -> Option<Tree> {
        match value {
            Value::None => Some(Tree::Scalar("true".to_owned())),
            Value::One(literal) => self.scalar(literal),
            Value::List(list) => {
                let elements: Option<Vec<Tree>> =
                    list.iter().map(|literal| self.scalar(literal)).collect();
                elements.map(Tree::Array)
            }
            Value::Range(low, _) => self.lowering.wrong_value(low, "one value"),
        }
    }

    fn scalar(&mut self, literal: &Literal) -> Option<Tree> {
        let text = match &literal.kind {
            LiteralKind::Text(text) => quoted(text),
            LiteralKind::Number(number) => number.clone(),
            LiteralKind::Truth(truth) => truth.to_string(),
            LiteralKind::Size(bytes) => bytes.to_string(),
            _ => {
                let expected = "a string, a number, a size, true or false";
                return self.lowering.wrong_value(literal, expected);
            }
        };
        Some(Tree::Scalar(text))
    }

    fn finish(mut self) -> Option<Given> {
        let time = self.unix_ms();
        if self.wrong {
            return None;
        }
        self.given.has_time = !self.time.is_empty();
        self.given.unix_ms = time?;
        self.given.arguments = self.tree.map(|tree| tree.text());
        Some(self.given)
    }

    /// Noon of the first day, from the given date or 2026-01-05 on, that has the weekday.
    fn unix_ms(&self) -> Option<u64> {
        let part = |part: TimePart, default: u64| self.time.get(&part).copied().unwrap_or(default);
        let mut date = Date::constant(2026, 1, 5);
        if let Some(days) = self.time.get(&TimePart::Date) {
            let days = i64::try_from(*days).ok()?.checked_sub_unsigned(DATE_ZERO)?;
            let span = jiff::Span::new().try_days(days).ok()?;
            date = Date::constant(1970, 1, 1).checked_add(span).ok()?;
        } else if let Some(day) = self.time.get(&TimePart::Weekday) {
            // The first day is a Monday.
            let span = jiff::Span::new().try_days(i64::try_from(*day).ok()?).ok()?;
            date = date.checked_add(span).ok()?;
        }
        let hour = i8::try_from(part(TimePart::Hour, 12)).ok()?;
        let minute = i8::try_from(part(TimePart::Minute, 0)).ok()?;
        let time = DateTime::from_parts(date, jiff::civil::Time::new(hour, minute, 0, 0).ok()?);
        let zone = TimeZoneDatabase::bundled().get(&self.zone).ok()?;
        let zoned = time.to_zoned(zone).ok()?;
        u64::try_from(zoned.timestamp().as_millisecond()).ok()
    }
}

impl Facts for Given {
    fn tool_key(&self) -> Option<u64> {
        None
    }

    fn text(&self, field: TextField) -> Option<&str> {
        Some(self.texts.get(&field).map_or("", String::as_str))
    }

    fn number(&self, field: NumberField) -> Option<u64> {
        self.numbers.get(&field).copied()
    }

    fn contains(&self, field: SetField, text: &str) -> Option<bool> {
        let set = self.sets.get(&field);
        Some(set.is_some_and(|set| set.iter().any(|one| one == text)))
    }

    fn is_empty(&self, field: SetField) -> Option<bool> {
        Some(self.sets.get(&field).is_none_or(Vec::is_empty))
    }

    fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.get(name).map(String::as_str)
    }

    fn arguments(&self) -> Option<&str> {
        self.arguments.as_deref()
    }

    fn findings(&self, entity: &str) -> Option<u64> {
        Some(self.findings.get(entity).copied().unwrap_or(0))
    }

    fn unix_ms(&self) -> u64 {
        self.unix_ms
    }

    /// Whoever is named by id; calls of one case are of one session unless it says otherwise.
    fn scope(&self, per: Per) -> Option<u128> {
        let field = match per {
            Per::Session => TextField::SessionId,
            Per::Token => TextField::TokenId,
            Per::Agent => TextField::AgentId,
        };
        let id = self.texts.get(&field).map_or("", String::as_str);
        Some(xxh3_128(id.as_bytes()))
    }
}
