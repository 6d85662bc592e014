//! Numbers of JSON: exact as long as they are integers of at most 38 digits, else as `f64`.

use core::cmp::Ordering;

use serde_json::Value;

use super::Verdict;
use crate::node::{Form, Node};

/// A number, as exact as it can be had.
#[derive(Clone, Copy, Debug)]
enum Number {
    Integer(i128),
    Real(f64),
}

impl Number {
    fn read(text: &str) -> Option<Self> {
        if let Ok(integer) = text.parse() {
            return Some(Self::Integer(integer));
        }
        let real: f64 = text.parse().ok()?;
        real.is_finite().then_some(Self::Real(real))
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "what is compared with a fraction is compared as one"
    )]
    const fn real(self) -> f64 {
        match self {
            Self::Integer(integer) => integer as f64,
            Self::Real(real) => real,
        }
    }

    fn compare(self, other: Self) -> Option<Ordering> {
        match (self, other) {
            (Self::Integer(one), Self::Integer(other)) => Some(one.cmp(&other)),
            (one, other) => one.real().partial_cmp(&other.real()),
        }
    }
}

/// Whether both texts are the same number.
pub(crate) fn equal_numbers(one: &str, other: &str) -> bool {
    let both = Number::read(one).zip(Number::read(other));
    one == other || both.and_then(|(a, b)| a.compare(b)) == Some(Ordering::Equal)
}

/// Whether it has no fraction, however it is written (`1.0` has none).
pub(crate) fn is_integer(text: &str) -> bool {
    match Number::read(text) {
        Some(Number::Integer(_)) => true,
        Some(Number::Real(real)) => real.fract() == 0.0,
        None => false,
    }
}

/// A count of characters or members, to compare with a bound.
pub(super) fn of_usize(count: usize) -> u64 {
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// Asks `holds` about a bound on a count.
pub(super) fn bound(value: &Value, holds: impl FnOnce(u64) -> bool) -> Verdict {
    let Value::Number(number) = value else {
        return Verdict::Unknown;
    };
    match Number::read(&number.to_string()) {
        Some(Number::Integer(bound)) => {
            u64::try_from(bound).map_or(Verdict::Unknown, |bound| Verdict::of(holds(bound)))
        }
        // `1.0` is a count too (section 4.2 of the core).
        Some(Number::Real(_)) | None => number.as_f64().map_or(Verdict::Unknown, |real| {
            format!("{real:.0}")
                .parse()
                .map_or(Verdict::Unknown, |b| Verdict::of(holds(b)))
        }),
    }
}

/// Checks a keyword about numbers.
pub(super) fn check(key: &str, value: &Value, node: &Node) -> Verdict {
    let Form::Number(text) = &node.form else {
        return Verdict::Valid;
    };
    let bound = match value {
        Value::Number(bound) => Number::read(&bound.to_string()),
        // Draft 4 had booleans here.
        _ => None,
    };
    let (Some(number), Some(bound)) = (Number::read(text), bound) else {
        return Verdict::Unknown;
    };
    let Some(order) = number.compare(bound) else {
        return Verdict::Unknown;
    };
    Verdict::of(match key {
        "maximum" => order.is_le(),
        "exclusiveMaximum" => order.is_lt(),
        "minimum" => order.is_ge(),
        "exclusiveMinimum" => order.is_gt(),
        _ => match (number, bound) {
            (Number::Integer(number), Number::Integer(step)) => number.checked_rem(step) == Some(0),
            (number, step) => {
                let times = number.real() / step.real();
                times.is_finite() && times.fract() == 0.0
            }
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_exact_and_fractions_are_not_integers() {
        assert!(!equal_numbers("9007199254740993", "9007199254740992"));
        assert!(equal_numbers("1.0", "1"));
        assert!(equal_numbers("1e2", "100"));
        assert!(is_integer("1.0") && is_integer("-5") && is_integer("1e3"));
        assert!(!is_integer("1.5"));
    }

    #[test]
    fn a_bound_on_a_count_may_be_written_as_a_fraction() {
        let three = serde_json::json!(3.0);
        assert_eq!(bound(&three, |bound| bound == 3), Verdict::Valid);
        assert_eq!(bound(&serde_json::json!("3"), |_| true), Verdict::Unknown);
        assert_eq!(bound(&serde_json::json!(-1), |_| true), Verdict::Unknown);
    }
}
