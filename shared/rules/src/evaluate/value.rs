//! Tests of JSON values: arguments and annotations. The wrong type is unknown.

use std::cmp::Ordering;

use varistor_snapshot::schema::rules::{ArchivedDecimalBound, ArchivedDecimalRange};
use varistor_snapshot::schema::rules::{ArchivedTextTest, ArchivedValueTest};

use super::atom::Hashed;
use super::{Broken, Call};
use crate::arguments::Whole;
use crate::decimal::{Decimal, compare};
use crate::facts::Facts;
use crate::json::{behind_blanks, behind_value, decoded};
use crate::limits::SEEN_VALUES_MAX;
use crate::truth::Truth;

impl<F: Facts + ?Sized> Call<'_, F> {
    pub(super) fn annotation(
        &mut self,
        name: &str,
        test: &ArchivedValueTest,
    ) -> Result<Truth, Broken> {
        match (self.facts.annotation(name), test) {
            (value, ArchivedValueTest::Exists) => Ok(Truth::from(value.is_some())),
            (None, _) => Ok(Truth::Unknown),
            (Some(value), _) => self.value(value.trim(), test),
        }
    }

    /// Any value at the place: true when one passes.
    pub(super) fn argument(
        &mut self,
        path: u16,
        test: &ArchivedValueTest,
    ) -> Result<Truth, Broken> {
        self.walk();
        let facts = self.facts;
        let text = facts.arguments().unwrap_or_default();
        let found = std::mem::take(&mut self.scratch.found);
        let mut whole = match (test, found.whole(&self.rules.loaded.paths, path)) {
            (ArchivedValueTest::Exists, _) | (_, Whole::Yes) => Ok(Truth::False),
            (_, Whole::Missing) => Ok(Truth::Unknown),
            (_, Whole::Ambiguous) => {
                self.scratch.found = found;
                return Ok(Truth::Unknown);
            }
        };
        for (start, end) in found.values(path) {
            let passes = match text.get(start..end) {
                Some(value) => self.value(value, test),
                None => Err(Broken),
            };
            whole = whole.and_then(|whole| Ok(whole.or(passes?)));
            if !matches!(whole, Ok(Truth::False | Truth::Unknown)) {
                break;
            }
        }
        self.scratch.found = found;
        whole
    }

    /// One value, as JSON text without blanks around it.
    fn value(&mut self, value: &str, test: &ArchivedValueTest) -> Result<Truth, Broken> {
        let first = value.bytes().next();
        Ok(match (test, first) {
            (ArchivedValueTest::Exists, _) => Truth::True,
            (ArchivedValueTest::Truth(expected), Some(b't' | b'f')) => {
                Truth::from((value == "true") == *expected)
            }
            (ArchivedValueTest::Number(ranges), Some(b'"')) => {
                self.with_text(value, |_, text| Ok(number(ranges, text)))?
            }
            (ArchivedValueTest::Number(ranges), _) => number(ranges, value),
            (ArchivedValueTest::Text(test), Some(b'"')) => {
                self.with_text(value, |call, text| call.texts().is(test, text))?
            }
            (ArchivedValueTest::Text(ArchivedTextTest::Holds(texts)), Some(b'[')) => {
                self.elements(value, texts)
            }
            _ => Truth::Unknown,
        })
    }

    /// What a JSON string says, given to `then`.
    fn with_text(
        &mut self,
        value: &str,
        then: impl FnOnce(&mut Self, &str) -> Result<Truth, Broken>,
    ) -> Result<Truth, Broken> {
        let inside = value
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        let mut buffer = std::mem::take(&mut self.scratch.text);
        let truth = match inside.and_then(|inside| decoded(inside, &mut buffer)) {
            Some(text) => then(self, text),
            None => Ok(Truth::Unknown),
        };
        self.scratch.text = buffer;
        truth
    }

    /// Whether any of the texts is an element; one that is no string could be anything.
    fn elements(&mut self, value: &str, texts: &[rkyv::string::ArchivedString]) -> Truth {
        let bytes = value.as_bytes();
        let mut whole = Truth::False;
        let mut at = behind_blanks(bytes, 1);
        while let Some(end) = behind_value(bytes, at) {
            let element = value.get(at..end).unwrap_or_default();
            let is = match element.starts_with('"') {
                true => self.with_text(element, |_, text| {
                    Ok(Truth::from(texts.iter().any(|one| one.as_str() == text)))
                }),
                false => Ok(Truth::Unknown),
            };
            whole = whole.or(is.unwrap_or(Truth::Unknown));
            at = behind_blanks(bytes, end);
            if whole == Truth::True || bytes.get(at) != Some(&b',') {
                break;
            }
            at = behind_blanks(bytes, at.saturating_add(1));
        }
        whole
    }

    /// Hashes of the scalar values at a place.
    pub(super) fn value_hashes(
        &mut self,
        path: u16,
        hashes: &mut [u128; SEEN_VALUES_MAX],
    ) -> Hashed {
        let text = self.facts.arguments().unwrap_or_default();
        let history = self.rules.history;
        let buffer = &mut self.scratch.text;
        let mut hashed = Hashed {
            whole: true,
            ..Hashed::default()
        };
        for (start, end) in self.scratch.found.values(path) {
            let value = text.get(start..end).unwrap_or_default();
            let hash = match value.bytes().next() {
                Some(b'"') => {
                    let inside = value.get(1..value.len().saturating_sub(1));
                    let text = inside.and_then(|inside| decoded(inside, buffer));
                    text.map(|text| {
                        history.hash(|take| {
                            take(b"s");
                            take(text.as_bytes());
                        })
                    })
                }
                Some(b't' | b'f') => Some(history.hash(|take| take(value.as_bytes()))),
                _ => Decimal::parse(value).map(|number| {
                    history.hash(|take| {
                        take(b"n");
                        number.spell(take);
                    })
                }),
            };
            match (hash, hashes.get_mut(hashed.count)) {
                (Some(hash), Some(place)) => {
                    *place = hash;
                    hashed.count = hashed.count.saturating_add(1);
                }
                (Some(_), None) => {
                    (hashed.whole, hashed.lossy) = (false, true);
                    break;
                }
                // A container, or null: no value that another call could have.
                (None, _) => hashed.whole = false,
            }
        }
        hashed
    }
}

/// A number, or a string that spells one: who could write `"50000"` would evade a rule otherwise.
fn number(ranges: &[ArchivedDecimalRange], text: &str) -> Truth {
    let mut whole = Truth::False;
    for range in ranges {
        let low = range.low.as_ref();
        let high = range.high.as_ref();
        let is = match (
            low.map_or(Some(true), |low| within(low, text, Ordering::Less)),
            high.map_or(Some(true), |high| within(high, text, Ordering::Greater)),
        ) {
            (Some(low), Some(high)) => Truth::from(low && high),
            _ => Truth::Unknown,
        };
        whole = whole.or(is);
    }
    whole
}

/// Whether the bound stands on this side of the number, or at it when that counts; `None`: one of
/// them is no number.
fn within(bound: &ArchivedDecimalBound, number: &str, side: Ordering) -> Option<bool> {
    let order = compare(bound.number.as_str(), number)?;
    Some(order == side || (bound.included && order == Ordering::Equal))
}
