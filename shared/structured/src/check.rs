//! Decides whether a value is valid against a schema, as far as that can be told in bounded work.
//!
//! JSON Schema 2020-12 and draft-07, but for what depends on annotations: `unevaluatedProperties`
//! and `unevaluatedItems` are passed over, since nothing is ever added, and renamed keys are
//! checked by the caller. Refuses to guess: references out of the schema, expressions without
//! linear time, and work beyond the fuel are [`Verdict::Unknown`].

mod number;
mod object;

use serde_json::{Map, Value};

use crate::format;
use crate::node::{Form, Node};
use crate::schema::Schema;

pub(crate) use number::{equal_numbers, is_integer};

/// Work that is left, in steps: a keyword on a value each.
#[derive(Clone, Copy, Debug)]
pub struct Fuel(u32);

/// Whether a value is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Valid,
    /// It is not.
    Invalid,
    /// It can't be told.
    Unknown,
}

/// About five milliseconds.
const STEPS: u32 = 200_000;
/// References that lead to references.
const DEPTH_MAX: usize = 160;

impl Default for Fuel {
    fn default() -> Self {
        Self(STEPS)
    }
}

impl Fuel {
    pub(crate) const fn burn(&mut self) -> bool {
        match self.0.checked_sub(1) {
            Some(left) => {
                self.0 = left;
                true
            }
            None => false,
        }
    }
}

impl Verdict {
    const fn of(is_valid: bool) -> Self {
        if is_valid { Self::Valid } else { Self::Invalid }
    }

    fn and(self, other: impl FnOnce() -> Self) -> Self {
        match self {
            Self::Invalid => Self::Invalid,
            Self::Valid => other(),
            Self::Unknown => match other() {
                Self::Invalid => Self::Invalid,
                Self::Valid | Self::Unknown => Self::Unknown,
            },
        }
    }

    const fn negated(self) -> Self {
        match self {
            Self::Valid => Self::Invalid,
            Self::Invalid => Self::Valid,
            Self::Unknown => Self::Unknown,
        }
    }
}

/// All of them valid; the first that is not ends it.
fn all(mut verdicts: impl Iterator<Item = Verdict>) -> Verdict {
    let mut whole = Verdict::Valid;
    loop {
        match verdicts.next() {
            None => return whole,
            Some(Verdict::Invalid) => return Verdict::Invalid,
            Some(Verdict::Unknown) => whole = Verdict::Unknown,
            Some(Verdict::Valid) => {}
        }
    }
}

impl Schema {
    /// Whether `node` is valid against the whole schema.
    #[must_use]
    pub fn check(&self, node: &Node, fuel: &mut Fuel) -> Verdict {
        self.check_part(self.root(), node, fuel)
    }

    /// Whether `node` is valid against this part of the schema.
    pub(crate) fn check_part(&self, part: &Value, node: &Node, fuel: &mut Fuel) -> Verdict {
        let mut checker = Checker { schema: self, fuel };
        checker.check(part, node, 0)
    }
}

struct Checker<'s, 'f> {
    schema: &'s Schema,
    fuel: &'f mut Fuel,
}

impl Checker<'_, '_> {
    fn check(&mut self, part: &Value, node: &Node, depth: usize) -> Verdict {
        if depth > DEPTH_MAX {
            return Verdict::Unknown;
        }
        let keywords = match part {
            Value::Bool(is_valid) => return Verdict::of(*is_valid),
            Value::Object(keywords) => keywords,
            _ => return Verdict::Unknown,
        };
        let mut whole = Verdict::Valid;
        for (key, value) in keywords {
            if !self.fuel.burn() {
                return Verdict::Unknown;
            }
            whole = whole.and(|| self.keyword((key, value, keywords), node, depth));
            if whole == Verdict::Invalid {
                return whole;
            }
        }
        whole
    }

    fn keyword(
        &mut self,
        (key, value, around): (&str, &Value, &Map<String, Value>),
        node: &Node,
        depth: usize,
    ) -> Verdict {
        match key {
            "type" => is_of_type(value, node),
            "enum" => match value {
                Value::Array(members) => self.one_of_values(members, node),
                _ => Verdict::Unknown,
            },
            "const" => self.one_of_values(core::slice::from_ref(value), node),
            "maxLength" | "minLength" | "pattern" | "format" => self.of_string(key, value, node),
            "multipleOf" | "maximum" | "exclusiveMaximum" | "minimum" | "exclusiveMinimum" => {
                number::check(key, value, node)
            }
            "maxItems" | "minItems" | "uniqueItems" | "prefixItems" | "items" | "contains" => {
                self.of_array((key, value, around), node, depth)
            }
            "$ref" => match value.as_str().and_then(|name| self.schema.named(name)) {
                Some(part) => self.check(part, node, depth.saturating_add(1)),
                None => Verdict::Unknown,
            },
            "$dynamicRef" | "$recursiveRef" => Verdict::Unknown,
            "allOf" | "anyOf" | "oneOf" | "not" | "if" => {
                self.combined((key, value, around), node, depth)
            }
            _ => self.of_object((key, value, around), node, depth),
        }
    }

    fn one_of_values(&mut self, members: &[Value], node: &Node) -> Verdict {
        for member in members {
            if !self.fuel.burn() {
                return Verdict::Unknown;
            }
            if is_same(member, node) {
                return Verdict::Valid;
            }
        }
        Verdict::Invalid
    }

    fn of_string(&self, key: &str, value: &Value, node: &Node) -> Verdict {
        let Form::String(text) = &node.form else {
            return Verdict::Valid;
        };
        let length = || number::of_usize(text.chars().count());
        match (key, value) {
            ("maxLength", bound) => number::bound(bound, |bound| length() <= bound),
            ("minLength", bound) => number::bound(bound, |bound| length() >= bound),
            ("pattern", Value::String(pattern)) => match self.schema.pattern(pattern) {
                Some(regex) => Verdict::of(regex.is_match(text)),
                // What came from the server is taken to be what it promised.
                None if !node.touched => Verdict::Valid,
                None => Verdict::Unknown,
            },
            // Some clients take formats for promises, others for notes.
            ("format", Value::String(format)) if node.touched && !format::fits(format, text) => {
                Verdict::Unknown
            }
            ("format", Value::String(_)) => Verdict::Valid,
            _ => Verdict::Unknown,
        }
    }

    fn of_array(
        &mut self,
        (key, value, around): (&str, &Value, &Map<String, Value>),
        node: &Node,
        depth: usize,
    ) -> Verdict {
        let Form::Array(elements) = &node.form else {
            return Verdict::Valid;
        };
        let length = number::of_usize(elements.len());
        let deeper = depth.saturating_add(1);
        match (key, value) {
            ("maxItems", bound) => number::bound(bound, |bound| length <= bound),
            ("minItems", bound) => number::bound(bound, |bound| length >= bound),
            ("uniqueItems", Value::Bool(false)) => Verdict::Valid,
            ("uniqueItems", Value::Bool(true)) => self.are_distinct(elements),
            ("prefixItems" | "items", Value::Array(parts)) => {
                let beyond = match key {
                    "items" => around.get("additionalItems"),
                    _ => None,
                };
                let parts = parts.iter().map(Some).chain(core::iter::repeat(beyond));
                all(elements.iter().zip(parts).map(|(element, part)| {
                    part.map_or(Verdict::Valid, |part| self.check(part, element, deeper))
                }))
            }
            ("items", part) => {
                let before = around.get("prefixItems").and_then(Value::as_array);
                let from = before.map_or(0, Vec::len);
                let rest = elements.iter().skip(from);
                all(rest.map(|element| self.check(part, element, deeper)))
            }
            ("contains", part) => self.contains((part, around), elements, deeper),
            _ => Verdict::Unknown,
        }
    }

    fn contains(
        &mut self,
        (part, around): (&Value, &Map<String, Value>),
        elements: &[Node],
        depth: usize,
    ) -> Verdict {
        let (mut sure, mut maybe) = (0_usize, 0_usize);
        for element in elements {
            match self.check(part, element, depth) {
                Verdict::Valid => sure = sure.saturating_add(1),
                Verdict::Unknown => maybe = maybe.saturating_add(1),
                Verdict::Invalid => {}
            }
        }
        let one = Value::from(1);
        let least = around.get("minContains").unwrap_or(&one);
        let fits = |count: usize| {
            let count = number::of_usize(count);
            number::bound(least, |least| count >= least).and(|| {
                let most = around.get("maxContains");
                most.map_or(Verdict::Valid, |most| {
                    number::bound(most, |most| count <= most)
                })
            })
        };
        let verdict = fits(sure);
        if maybe == 0 || verdict == fits(sure.saturating_add(maybe)) {
            verdict
        } else {
            Verdict::Unknown
        }
    }

    /// Compares each with each, as far as the fuel goes.
    fn are_distinct(&mut self, elements: &[Node]) -> Verdict {
        for (number, one) in elements.iter().enumerate() {
            for other in elements.iter().skip(number.saturating_add(1)) {
                if !self.fuel.burn() {
                    return Verdict::Unknown;
                }
                if crate::twin::same(one, other) {
                    return Verdict::Invalid;
                }
            }
        }
        Verdict::Valid
    }

    fn combined(
        &mut self,
        (key, value, around): (&str, &Value, &Map<String, Value>),
        node: &Node,
        depth: usize,
    ) -> Verdict {
        let deeper = depth.saturating_add(1);
        match (key, value) {
            ("allOf", Value::Array(parts)) => {
                all(parts.iter().map(|part| self.check(part, node, deeper)))
            }
            ("anyOf", Value::Array(parts)) => {
                let mut parts = parts.iter();
                // Valid as soon as one of them is: not all are invalid.
                all(core::iter::from_fn(|| {
                    Some(self.check(parts.next()?, node, deeper).negated())
                }))
                .negated()
            }
            ("oneOf", Value::Array(parts)) => {
                let (mut sure, mut maybe) = (0_u32, false);
                for part in parts {
                    match self.check(part, node, deeper) {
                        Verdict::Valid => sure = sure.saturating_add(1),
                        Verdict::Unknown => maybe = true,
                        Verdict::Invalid => {}
                    }
                }
                match (sure, maybe) {
                    (2.., _) | (0, false) => Verdict::Invalid,
                    (1, false) => Verdict::Valid,
                    _ => Verdict::Unknown,
                }
            }
            ("not", part) => self.check(part, node, deeper).negated(),
            ("if", part) => {
                let mut branch = |key: &str| {
                    let part = around.get(key);
                    part.map_or(Verdict::Valid, |part| self.check(part, node, deeper))
                };
                let (then, otherwise) = (branch("then"), branch("else"));
                match self.check(part, node, deeper) {
                    Verdict::Valid => then,
                    Verdict::Invalid => otherwise,
                    Verdict::Unknown if then == otherwise => then,
                    Verdict::Unknown => Verdict::Unknown,
                }
            }
            _ => Verdict::Unknown,
        }
    }
}

fn is_of_type(value: &Value, node: &Node) -> Verdict {
    let is = |name: &str| match (&node.form, name) {
        (Form::Null, "null")
        | (Form::Bool(_), "boolean")
        | (Form::Number(_), "number")
        | (Form::String(_), "string")
        | (Form::Array(_), "array")
        | (Form::Object(_), "object") => true,
        (Form::Number(text), "integer") => is_integer(text),
        _ => false,
    };
    match value {
        Value::String(name) => Verdict::of(is(name)),
        Value::Array(names) => Verdict::of(names.iter().filter_map(Value::as_str).any(is)),
        _ => Verdict::Unknown,
    }
}

/// Whether a value of the schema and one of the document are equal.
pub(crate) fn is_same(value: &Value, node: &Node) -> bool {
    match (value, &node.form) {
        (Value::Null, Form::Null) => true,
        (Value::Bool(one), Form::Bool(other)) => one == other,
        (Value::Number(one), Form::Number(other)) => equal_numbers(&one.to_string(), other),
        (Value::String(one), Form::String(other)) => one == other,
        (Value::Array(one), Form::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| is_same(a, b))
        }
        (Value::Object(one), Form::Object(other)) => {
            one.len() == other.len()
                && other
                    .iter()
                    .all(|(key, _, node)| one.get(key).is_some_and(|value| is_same(value, node)))
        }
        _ => false,
    }
}
