//! Comparisons of whole numbers: each becomes ranges, in the unit of its field.

use varistor_model::Intent;
use varistor_snapshot::schema::rules::NumberRange;

use super::Lowering;
use crate::ast::{Comparison, Literal, LiteralKind, Operator, Value};
use crate::diagnostic::{Diagnostic, nearest};
use crate::vocabulary::{DATE_ZERO, Unit, WEEKDAYS, weekday};

impl Lowering<'_> {
    /// The numbers for which the comparison is true; of `!=`, those for which it is false.
    pub(super) fn ranges(&mut self, test: &Comparison, unit: Unit) -> Option<Vec<NumberRange>> {
        if let (Operator::In, value) = (test.operator, &test.right) {
            return self.any_of(value, unit);
        }
        let Value::One(literal) = &test.right else {
            return self.mismatch(test, unit.name(), unit.operators());
        };
        let is_ordered = !matches!(test.operator, Operator::Equal | Operator::NotEqual);
        if is_ordered && unit == Unit::Weekday {
            return self.mismatch(test, unit.name(), unit.operators());
        }
        let number = self.whole(literal, unit)?;
        let range = match test.operator {
            Operator::Equal | Operator::NotEqual => Some((number, number)),
            Operator::Less => number.checked_sub(1).map(|high| (0, high)),
            Operator::LessEqual => Some((0, number)),
            Operator::Greater => number.checked_add(1).map(|low| (low, u64::MAX)),
            Operator::GreaterEqual => Some((number, u64::MAX)),
            _ => return self.mismatch(test, unit.name(), unit.operators()),
        };
        Some(
            range
                .map(|(low, high)| NumberRange { low, high })
                .into_iter()
                .collect(),
        )
    }

    fn any_of(&mut self, value: &Value, unit: Unit) -> Option<Vec<NumberRange>> {
        if let Value::Range(first, last) = value {
            let (low, high) = (self.whole(first, unit), self.whole(last, unit));
            let (low, high) = (low?, high?);
            if low <= high {
                return Some(vec![NumberRange { low, high }]);
            }
            let Some(greatest) = unit.turns_at() else {
                let label = "expected the lesser one first";
                self.error(first.span.to(last.span), "an empty range", label);
                return None;
            };
            let end = NumberRange {
                low,
                high: greatest,
            };
            return Some(vec![NumberRange { low: 0, high }, end]);
        }
        let literals = match value {
            Value::List(list) => list.as_slice(),
            _ => &[],
        };
        let numbers: Vec<Option<u64>> = literals
            .iter()
            .map(|literal| self.whole(literal, unit))
            .collect();
        let mut numbers: Vec<u64> = numbers.into_iter().collect::<Option<_>>()?;
        numbers.sort_unstable();
        numbers.dedup();
        let range = |number| NumberRange {
            low: number,
            high: number,
        };
        Some(numbers.into_iter().map(range).collect())
    }

    /// The number that a literal stands for in this unit.
    pub(crate) fn whole(&mut self, literal: &Literal, unit: Unit) -> Option<u64> {
        let expected = unit.expected();
        match (unit, &literal.kind) {
            (Unit::Plain, LiteralKind::Number(text)) => {
                self.bounded(literal, text, u64::MAX, expected)
            }
            (Unit::Percent, LiteralKind::Number(text)) => {
                self.bounded(literal, text, 100, expected)
            }
            (Unit::Hour, LiteralKind::Number(text)) => self.bounded(literal, text, 23, expected),
            (Unit::Minute, LiteralKind::Number(text)) => self.bounded(literal, text, 59, expected),
            (Unit::Size, LiteralKind::Number(text)) => {
                self.bounded(literal, text, u64::MAX, expected)
            }
            (Unit::Size, LiteralKind::Size(bytes)) => Some(*bytes),
            (Unit::Duration, LiteralKind::Duration(ms)) => Some(*ms),
            (Unit::Weekday, LiteralKind::Weekday(day)) => Some(u64::from(*day)),
            (Unit::Weekday, LiteralKind::Text(text)) => {
                let day = weekday(&text.to_ascii_lowercase()).map(u64::from);
                self.named(literal, day, text, &WEEKDAYS)
            }
            (Unit::Date, LiteralKind::Date(days)) => DATE_ZERO.checked_add_signed(i64::from(*days)),
            (Unit::Intent, LiteralKind::Text(text)) => {
                let intent = Intent::named(text).map(|intent| intent as u64);
                self.named(literal, intent, text, &Intent::ALL.map(Intent::name))
            }
            _ => self.wrong_value(literal, expected),
        }
    }

    fn bounded(&mut self, literal: &Literal, text: &str, max: u64, expected: &str) -> Option<u64> {
        let number = text.parse().ok().filter(|number| *number <= max);
        if number.is_none() {
            let message = format!("{text} does not fit");
            self.error(literal.span, message, format!("expected {expected}"));
        }
        number
    }

    fn named(
        &mut self,
        literal: &Literal,
        number: Option<u64>,
        text: &str,
        names: &[&str],
    ) -> Option<u64> {
        if number.is_none() {
            let label = format!("expected one of {}", names.join(", "));
            let help = nearest(text, names.iter().copied());
            let error = Diagnostic::error(literal.span, format!("unknown name \"{text}\""), label);
            self.diagnostics.push(error.help_if(help));
        }
        number
    }
}

impl Unit {
    /// What a field with this unit is, in messages.
    const fn name(self) -> &'static str {
        match self {
            Self::Plain | Self::Hour | Self::Minute => "a number",
            Self::Percent => "a number of percent",
            Self::Duration => "a duration",
            Self::Size => "a size",
            Self::Intent => "an intent",
            Self::Weekday => "a weekday",
            Self::Date => "a date",
        }
    }

    /// Which values it is compared with.
    const fn expected(self) -> &'static str {
        match self {
            Self::Plain => "a whole number",
            Self::Percent => "percent: a whole number from 0 to 100",
            Self::Duration => "a duration such as 30m, 24h or 7d",
            Self::Size => "a size such as 10KB, or a whole number of bytes",
            Self::Intent => "\"read\", \"write\", \"destructive\" or \"exfiltrative\"",
            Self::Weekday => "a weekday such as monday",
            Self::Date => "a date such as 2026-11-29",
            Self::Hour => "an hour from 0 to 23",
            Self::Minute => "a minute from 0 to 59",
        }
    }

    const fn operators(self) -> &'static str {
        match self {
            Self::Weekday => "`=`, `!=` or `IN`",
            _ => "`=`, `!=`, `<`, `<=`, `>`, `>=` or `IN`",
        }
    }

    /// The last number before it begins anew: a range may go over it.
    const fn turns_at(self) -> Option<u64> {
        match self {
            Self::Hour => Some(23),
            Self::Minute => Some(59),
            Self::Weekday => Some(6),
            _ => None,
        }
    }
}
