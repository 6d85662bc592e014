//! What begins with a digit: numbers, durations, sizes, rates, percentages, dates.

use super::{Lexer, TokenKind};
use crate::ast::LiteralKind;
use crate::diagnostic::nearest;
use crate::vocabulary::{DURATIONS, PERIODS, SIZES};

impl Lexer<'_> {
    pub(super) fn number(&mut self) {
        let start = self.at;
        if let Some(date) = self.rest().get(..10).filter(|text| looks_like_date(text)) {
            self.skip(10);
            return match days(date) {
                Some(days) => self.push(TokenKind::Literal(LiteralKind::Date(days)), start),
                None => {
                    self.error(
                        start,
                        format!("there is no {date}"),
                        "expected a date such as 2026-11-29",
                    );
                }
            };
        }
        self.skip(number_len(self.rest()));
        let digits = self.span(start).of(self.text).to_owned();
        let rest = self.rest();
        let suffix_len = rest
            .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .unwrap_or(rest.len());
        let suffix = rest.get(..suffix_len).unwrap_or_default();
        if let Some(period) = rest.strip_prefix('/').filter(|_| suffix.is_empty()) {
            let len = period
                .find(|c: char| !c.is_ascii_alphanumeric())
                .unwrap_or(period.len());
            self.skip(len.saturating_add(1));
            return self.rate(start, &digits, period.get(..len).unwrap_or_default());
        }
        if rest.starts_with('%') {
            self.skip(1);
            return self.push(
                TokenKind::Literal(LiteralKind::Number(canonical(&digits))),
                start,
            );
        }
        self.skip(suffix_len);
        if suffix.is_empty() {
            return self.push(
                TokenKind::Literal(LiteralKind::Number(canonical(&digits))),
                start,
            );
        }
        self.united(start, &digits, suffix);
    }

    fn united(&mut self, start: usize, digits: &str, suffix: &str) {
        let duration = DURATIONS.iter().find(|(unit, _)| *unit == suffix);
        let size = SIZES.iter().find(|(unit, _)| *unit == suffix);
        let (Some((_, factor)), is_size) = (duration.or(size), size.is_some()) else {
            let units = DURATIONS.iter().chain(&SIZES).map(|(unit, _)| *unit);
            let help = nearest(suffix, units);
            let label = "expected ms, s, m, h, d, w or B, KB, MB, GB";
            self.error(start, format!("unknown unit `{suffix}`"), label);
            if let Some(help) = help {
                self.help(help);
            }
            return self.push(TokenKind::Literal(LiteralKind::Duration(0)), start);
        };
        let count = digits.parse::<u64>().ok();
        let Some(value) = count.and_then(|count| count.checked_mul(*factor)) else {
            self.error(
                start,
                "not a whole amount",
                "expected a whole number before the unit",
            );
            return self.push(TokenKind::Literal(LiteralKind::Duration(0)), start);
        };
        let kind = match is_size {
            true => LiteralKind::Size(value),
            false => LiteralKind::Duration(value),
        };
        self.push(TokenKind::Literal(kind), start);
    }

    fn rate(&mut self, start: usize, digits: &str, period: &str) {
        let known = PERIODS.iter().find(|(name, _)| *name == period);
        let count = digits.parse::<u64>().ok().filter(|count| *count > 0);
        match (known, count) {
            (Some((_, ms)), Some(count)) => {
                self.push(TokenKind::Literal(LiteralKind::Rate(count, *ms)), start);
            }
            (None, _) => {
                let help = nearest(period, PERIODS.iter().map(|(name, _)| *name));
                let label = "expected second, minute, hour or day";
                self.error(start, format!("unknown period `{period}`"), label);
                if let Some(help) = help {
                    self.help(help);
                }
                self.push(TokenKind::Literal(LiteralKind::Rate(1, 1000)), start);
            }
            (_, None) => {
                self.error(
                    start,
                    "not a rate",
                    "expected a whole number above zero before the /",
                );
                self.push(TokenKind::Literal(LiteralKind::Rate(1, 1000)), start);
            }
        }
    }
}

/// The length of a number as JSON writes them; leading zeros are taken, too.
fn number_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |from: usize| {
        let run = bytes.get(from..).unwrap_or_default();
        run.iter().take_while(|byte| byte.is_ascii_digit()).count()
    };
    let mut at = usize::from(bytes.first() == Some(&b'-'));
    at = at.saturating_add(digits(at));
    // Two dots are a range.
    if bytes.get(at) == Some(&b'.') {
        let fraction = digits(at.saturating_add(1));
        if fraction > 0 {
            at = at.saturating_add(1).saturating_add(fraction);
        }
    }
    if matches!(bytes.get(at), Some(b'e' | b'E')) {
        let signed = matches!(bytes.get(at.saturating_add(1)), Some(b'+' | b'-'));
        let from = at.saturating_add(1).saturating_add(usize::from(signed));
        let exponent = digits(from);
        if exponent > 0 {
            at = from.saturating_add(exponent);
        }
    }
    at
}

/// The number without leading zeros.
fn canonical(digits: &str) -> String {
    let (sign, digits) = match digits.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", digits),
    };
    let stripped = digits.trim_start_matches('0');
    match stripped.bytes().next() {
        Some(byte) if byte.is_ascii_digit() => format!("{sign}{stripped}"),
        _ => format!("{sign}0{stripped}"),
    }
}

fn looks_like_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        })
}

/// Days since 1970-01-01.
fn days(text: &str) -> Option<i32> {
    let date: jiff::civil::Date = text.parse().ok()?;
    let epoch = jiff::civil::Date::new(1970, 1, 1).ok()?;
    date.since(epoch).ok().map(|span| span.get_days())
}
