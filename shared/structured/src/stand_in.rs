//! Values of the right type that say nothing: what may stand where a placeholder is not valid.

use serde_json::Value;

use crate::format;
use crate::govern::Part;
use crate::pattern;

/// Values that are tried for one place.
const STAND_INS_MAX: usize = 48;
/// A string of at least this many characters is not made up.
const LENGTH_MAX: usize = 4096;

/// JSON texts to try, in the order of preference. `placeholder` is what the place would hold if
/// any string were valid there, as it reads.
pub(crate) fn stand_ins(parts: &[Part<'_>], placeholder: &str) -> Vec<String> {
    let mut found = Trying(Vec::new());
    let keyword = |key: &'static str| parts.iter().filter_map(move |part| part.part.get(key));
    // What the schema itself tells holds nothing of the value.
    for value in keyword("const") {
        found.add(value.to_string());
    }
    for value in keyword("format").filter_map(Value::as_str) {
        found.text(format::example(value).unwrap_or(placeholder));
    }
    for value in keyword("pattern").filter_map(Value::as_str) {
        if let Some(text) = pattern::example(value) {
            found.text(&text);
        }
    }
    lengths(parts, placeholder, &mut found);
    for value in keyword("enum").filter_map(Value::as_array).flatten() {
        found.add(value.to_string());
    }
    numbers(parts, &mut found);
    for plain in ["null", "false", "true", "[]", "{}"] {
        found.add(plain.to_owned());
    }
    found.0
}

struct Trying(Vec<String>);

impl Trying {
    fn add(&mut self, json: String) {
        if self.0.len() < STAND_INS_MAX && !self.0.contains(&json) {
            self.0.push(json);
        }
    }

    fn text(&mut self, text: &str) {
        self.add(Value::from(text).to_string());
    }
}

/// The placeholder cut or filled up to the bounds that are stated.
fn lengths(parts: &[Part<'_>], placeholder: &str, found: &mut Trying) {
    let bound = |key: &'static str| {
        let all = parts.iter().filter_map(move |part| part.part.get(key));
        all.filter_map(|value| usize::try_from(value.as_u64()?).ok())
    };
    let most = bound("maxLength").min();
    let least = bound("minLength").max();
    if most.is_none() && least.is_none() {
        return;
    }
    let mut text: String = match most {
        Some(most) => placeholder.chars().take(most).collect(),
        None => placeholder.to_owned(),
    };
    let length = text.chars().count();
    let missing = least.unwrap_or(0).saturating_sub(length);
    if missing < LENGTH_MAX {
        text.extend(core::iter::repeat_n('*', missing));
        found.text(&text);
    }
}

/// Zero, the stated bounds and their neighbours.
fn numbers(parts: &[Part<'_>], found: &mut Trying) {
    found.add("0".to_owned());
    let steps = parts.iter().filter_map(|part| part.part.get("multipleOf"));
    for step in steps {
        found.add(step.to_string());
    }
    for part in parts {
        for (key, towards) in [
            ("minimum", 0_i64),
            ("maximum", 0),
            ("exclusiveMinimum", 1),
            ("exclusiveMaximum", -1),
        ] {
            match part.part.get(key) {
                Some(Value::Number(bound)) => {
                    if let Some(bound) = bound.as_i64().and_then(|b| b.checked_add(towards)) {
                        found.add(bound.to_string());
                    }
                    if let Some(bound) = bound.as_f64() {
                        next_to(bound, towards, found);
                    }
                }
                _ => continue,
            }
        }
    }
    between(parts, found);
}

#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    reason = "a value to try: whether it is valid is checked afterwards"
)]
fn next_to(bound: f64, towards: i64, found: &mut Trying) {
    let beside = bound + towards as f64;
    for number in [beside, beside.floor(), beside.ceil()] {
        if number.is_finite() && number.abs() < 1e15 {
            if number.fract() == 0.0 {
                found.add((number as i64).to_string());
            } else {
                found.add(number.to_string());
            }
        }
    }
}

/// The middle of the narrowest stated range.
fn between(parts: &[Part<'_>], found: &mut Trying) {
    let all = |keys: [&'static str; 2]| {
        let values = parts
            .iter()
            .flat_map(move |part| keys.into_iter().filter_map(move |key| part.part.get(key)));
        values.filter_map(Value::as_f64)
    };
    let least = all(["minimum", "exclusiveMinimum"]).reduce(f64::max);
    let most = all(["maximum", "exclusiveMaximum"]).reduce(f64::min);
    if let Some((least, most)) = least.zip(most) {
        let middle = f64::midpoint(least, most);
        if middle.is_finite() {
            next_to(middle, 0, found);
        }
    }
}
