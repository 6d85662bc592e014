//! Arguments as a case gives them, put together to JSON text.

use crate::ast::Step;

/// Most elements that a case can give an array.
const ELEMENTS_MAX: u32 = 1000;

/// A JSON value.
#[derive(Clone, Debug)]
pub(super) enum Tree {
    Scalar(String),
    Object(Vec<(String, Tree)>),
    Array(Vec<Tree>),
}

impl Tree {
    /// Puts a value at the end of the steps. Says what is in the way, if something is.
    pub(super) fn put(&mut self, steps: &[Step], value: Self) -> Result<(), &'static str> {
        let Some((first, rest)) = steps.split_first() else {
            *self = value;
            return Ok(());
        };
        match first {
            Step::Name(key) | Step::Key(key) => {
                if matches!(self, Self::Scalar(text) if text == "null") {
                    *self = Self::Object(Vec::new());
                }
                let Self::Object(members) = self else {
                    return Err("another fact says that this is no object");
                };
                if let Some((_, member)) = members.iter_mut().find(|(name, _)| name == key) {
                    return member.put(rest, value);
                }
                let mut member = Self::Scalar("null".to_owned());
                member.put(rest, value)?;
                members.push((key.clone(), member));
                Ok(())
            }
            Step::Index(index) if *index < ELEMENTS_MAX => {
                if matches!(self, Self::Scalar(text) if text == "null") {
                    *self = Self::Array(Vec::new());
                }
                let Self::Array(elements) = self else {
                    return Err("another fact says that this is no array");
                };
                let index = *index as usize;
                if elements.len() <= index {
                    let null = Self::Scalar("null".to_owned());
                    elements.resize(index.saturating_add(1), null);
                }
                match elements.get_mut(index) {
                    Some(element) => element.put(rest, value),
                    None => Ok(()),
                }
            }
            Step::Index(_) => Err("expected a number below 1000"),
            Step::Any => Err("a fact names one element, such as [0]"),
        }
    }

    pub(super) fn text(&self) -> String {
        match self {
            Self::Scalar(text) => text.clone(),
            Self::Object(members) => {
                let members: Vec<String> = members
                    .iter()
                    .map(|(key, member)| format!("{}:{}", quoted(key), member.text()))
                    .collect();
                format!("{{{}}}", members.join(","))
            }
            Self::Array(elements) => {
                let elements: Vec<String> = elements.iter().map(Self::text).collect();
                format!("[{}]", elements.join(","))
            }
        }
    }
}

/// A JSON string.
pub(super) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if u32::from(c) < 0x20 => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
