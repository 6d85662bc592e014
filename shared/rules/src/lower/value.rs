//! Comparisons of arguments and annotations: the literal decides the type.

use varistor_snapshot::schema::rules::{DecimalBound, DecimalRange, ValueTest};

use super::Lowering;
use crate::ast::{Comparison, Literal, LiteralKind, Operator, Step, Value};
use crate::decimal::Decimal;

/// What a value of unknown type is called in messages.
const IS: &str = "a value of the call";

impl Lowering<'_> {
    /// What must be so of the value; of `!=`, what must not.
    pub(super) fn value(&mut self, test: &Comparison) -> Option<ValueTest> {
        match (test.operator, &test.right) {
            (Operator::Exists, _) => Some(ValueTest::Exists),
            (Operator::Holds, _) => Some(ValueTest::Truth(true)),
            (Operator::In, Value::Range(low, high)) => self.between(low, high),
            (Operator::In, Value::List(list)) => match list.first().map(|first| &first.kind) {
                Some(LiteralKind::Text(_)) => self.text(test, IS).map(ValueTest::Text),
                _ => self.numbers(list),
            },
            (Operator::Equal | Operator::NotEqual, Value::One(literal)) => match &literal.kind {
                LiteralKind::Text(_) => self.text(test, IS).map(ValueTest::Text),
                LiteralKind::Truth(truth) => Some(ValueTest::Truth(*truth)),
                _ => self.numbers(std::slice::from_ref(literal)),
            },
            (
                Operator::Less | Operator::LessEqual | Operator::Greater | Operator::GreaterEqual,
                Value::One(literal),
            ) => {
                let number = self.decimal(literal)?;
                Some(ValueTest::Number(vec![half(test.operator, number)]))
            }
            (
                Operator::Contains | Operator::StartsWith | Operator::EndsWith | Operator::Matches,
                _,
            ) => self.text(test, IS).map(ValueTest::Text),
            _ => self.mismatch(test, IS, "one value; for several there is `IN`"),
        }
    }

    fn numbers(&mut self, literals: &[Literal]) -> Option<ValueTest> {
        let numbers: Vec<Option<String>> = literals
            .iter()
            .map(|literal| self.decimal(literal))
            .collect();
        let numbers: Vec<String> = numbers.into_iter().collect::<Option<_>>()?;
        let point = |number: String| DecimalRange {
            low: Some(bound(number.clone(), true)),
            high: Some(bound(number, true)),
        };
        Some(ValueTest::Number(numbers.into_iter().map(point).collect()))
    }

    fn between(&mut self, low: &Literal, high: &Literal) -> Option<ValueTest> {
        let (first, last) = (self.decimal(low), self.decimal(high));
        let (first, last) = (first?, last?);
        let order = Decimal::parse(&first)?.compare(&Decimal::parse(&last)?);
        if order.is_gt() {
            let label = "expected the lesser one first";
            self.error(low.span.to(high.span), "an empty range", label);
            return None;
        }
        Some(ValueTest::Number(vec![DecimalRange {
            low: Some(bound(first, true)),
            high: Some(bound(last, true)),
        }]))
    }

    fn decimal(&mut self, literal: &Literal) -> Option<String> {
        match &literal.kind {
            LiteralKind::Size(bytes) => Some(bytes.to_string()),
            LiteralKind::Number(number) if Decimal::parse(number).is_some() => Some(number.clone()),
            LiteralKind::Number(_) => {
                self.error(
                    literal.span,
                    "the number is out of bounds",
                    "expected less digits",
                );
                None
            }
            _ => self.wrong_value(literal, "a string, a number, a size, true or false"),
        }
    }
}

fn bound(number: String, included: bool) -> DecimalBound {
    DecimalBound { number, included }
}

/// The range of `<`, `<=`, `>`, `>=`.
fn half(operator: Operator, number: String) -> DecimalRange {
    let included = matches!(operator, Operator::LessEqual | Operator::GreaterEqual);
    let end = Some(bound(number, included));
    match operator {
        Operator::Less | Operator::LessEqual => DecimalRange {
            low: None,
            high: end,
        },
        _ => DecimalRange {
            low: end,
            high: None,
        },
    }
}

/// The key of a step, if it has one.
pub(super) fn key(step: &Step) -> Option<&str> {
    match step {
        Step::Name(key) | Step::Key(key) => Some(key),
        Step::Index(_) | Step::Any => None,
    }
}
