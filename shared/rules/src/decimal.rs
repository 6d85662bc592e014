//! Numbers as JSON writes them, compared exactly: no digit is rounded away.
//!
//! Refuses what JSON does not call a number, and exponents that do not fit 32 bits.

use std::cmp::Ordering;

/// A number, borrowed from its text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Decimal<'a> {
    negative: bool,
    /// Digits before the point, without leading zeros.
    whole: &'a [u8],
    /// Digits behind it; when `whole` is empty, without leading zeros.
    fraction: &'a [u8],
    /// The value is 0.d1d2d3... times ten to this power.
    exponent: i64,
}

impl<'a> Decimal<'a> {
    /// The number, when the whole text is one.
    pub(crate) fn parse(text: &'a str) -> Option<Self> {
        let bytes = text.as_bytes();
        let (negative, bytes) = match bytes {
            [b'-', rest @ ..] => (true, rest),
            _ => (false, bytes),
        };
        let (whole, bytes) = digits(bytes);
        match whole {
            [] | [b'0', _, ..] => return None,
            _ => {}
        }
        let (fraction, bytes) = match bytes {
            [b'.', rest @ ..] => match digits(rest) {
                ([], _) => return None,
                found => found,
            },
            _ => (&[][..], bytes),
        };
        let power = match bytes {
            [] => 0,
            [b'e' | b'E', rest @ ..] => power(rest)?,
            _ => return None,
        };
        Some(Self::normal(negative, whole, fraction, power))
    }

    fn normal(negative: bool, whole: &'a [u8], fraction: &'a [u8], power: i32) -> Self {
        let whole = behind_zeros(whole);
        let fraction = before_zeros(fraction);
        let (fraction, shift) = match whole {
            [] => {
                let stripped = behind_zeros(fraction);
                (
                    stripped,
                    negated(fraction.len().saturating_sub(stripped.len())),
                )
            }
            _ => (fraction, i64::try_from(whole.len()).unwrap_or(i64::MAX)),
        };
        let is_zero = whole.is_empty() && fraction.is_empty();
        Self {
            // There is one zero.
            negative: negative && !is_zero,
            whole,
            fraction,
            exponent: if is_zero {
                0
            } else {
                shift.saturating_add(i64::from(power))
            },
        }
    }

    fn is_zero(&self) -> bool {
        self.whole.is_empty() && self.fraction.is_empty()
    }

    /// Digits from the first that is not zero on.
    fn digits(&self) -> impl Iterator<Item = u8> + '_ {
        self.whole.iter().chain(self.fraction).copied()
    }

    /// How the two values stand to each other, exactly.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        match (self.negative, other.negative) {
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
            (false, false) => self.size(other),
            (true, true) => other.size(self),
        }
    }

    fn size(&self, other: &Self) -> Ordering {
        match (self.is_zero(), other.is_zero()) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) => {}
        }
        self.exponent.cmp(&other.exponent).then_with(|| {
            let (mut left, mut right) = (self.digits(), other.digits());
            loop {
                match (left.next(), right.next()) {
                    (None, None) => return Ordering::Equal,
                    (left, right) => match left.unwrap_or(b'0').cmp(&right.unwrap_or(b'0')) {
                        Ordering::Equal => {}
                        order => return order,
                    },
                }
            }
        })
    }

    /// Gives the one spelling of the value to `take`, in pieces.
    pub(crate) fn spell(&self, mut take: impl FnMut(&[u8])) {
        take(if self.negative { b"-" } else { b"+" });
        take(&self.exponent.to_le_bytes());
        // Zeros at the end say nothing: 100 and 1e2 are the same.
        match before_zeros(self.fraction) {
            [] => take(before_zeros(self.whole)),
            fraction => {
                take(self.whole);
                take(fraction);
            }
        }
    }
}

/// How two numbers stand to each other; `None`: one of them is none.
pub(crate) fn compare(left: &str, right: &str) -> Option<Ordering> {
    if let (Some(left), Some(right)) = (small(left), small(right)) {
        return Some(left.cmp(&right));
    }
    Some(Decimal::parse(left)?.compare(&Decimal::parse(right)?))
}

/// A whole number of few digits, without a sign: what most numbers are.
fn small(text: &str) -> Option<u64> {
    let bytes = text.as_bytes();
    match bytes {
        [] | [b'0', _, ..] => return None,
        _ if bytes.len() > 18 => return None,
        _ => {}
    }
    let mut number = 0_u64;
    for byte in bytes {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        // Eighteen digits fit.
        number = number.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    Some(number)
}

fn negated(count: usize) -> i64 {
    i64::try_from(count).map_or(i64::MIN, i64::saturating_neg)
}

fn digits(bytes: &[u8]) -> (&[u8], &[u8]) {
    let len = bytes
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    bytes.split_at_checked(len).unwrap_or((bytes, &[]))
}

fn power(bytes: &[u8]) -> Option<i32> {
    let (negative, bytes) = match bytes {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        _ => (false, bytes),
    };
    let (found, rest) = digits(bytes);
    if found.is_empty() || !rest.is_empty() {
        return None;
    }
    let text = std::str::from_utf8(behind_zeros(found)).ok()?;
    let power = match text {
        "" => 0,
        text => text.parse::<i32>().ok()?,
    };
    Some(if negative {
        power.saturating_neg()
    } else {
        power
    })
}

fn behind_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits.iter().take_while(|digit| **digit == b'0').count();
    digits.get(zeros..).unwrap_or_default()
}

fn before_zeros(digits: &[u8]) -> &[u8] {
    let zeros = digits
        .iter()
        .rev()
        .take_while(|digit| **digit == b'0')
        .count();
    digits
        .get(..digits.len().saturating_sub(zeros))
        .unwrap_or_default()
}
