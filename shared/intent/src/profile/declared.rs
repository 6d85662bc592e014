//! What a definition declares, as far as what a call says may make it milder: a trial, a deletion
//! that is kept, which of several deeds is done.
//!
//! Refuses what the caller could make up. Names are compared as they are written, for a server
//! passes over any other, and hashes can be made to agree; values must be of the declared kind,
//! for what a server does with any other is its own affair.

use std::borrow::Cow;

use crate::definition::{Definition, Property};
use crate::json::{Part, Walk};
use crate::keys::Meaning;
use crate::table::key_hash;
use crate::values::{self, word};

/// What parts the names of a path, and the choices of a parameter.
const PART: char = '\n';

/// The declared parameters.
#[derive(Clone, Debug, Default)]
pub(crate) struct Declared(Box<[Parameter]>);

/// One of them.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    /// The hash of its name, which is where a search begins.
    key: u64,
    /// The names from the outermost on.
    path: Box<str>,
    /// The values it may have, where they are listed; none where any may do.
    choices: Box<str>,
    /// Whether it is true or false and nothing else.
    is_switch: bool,
    /// Whether the definition speaks of a mild mode.
    tells_mode: bool,
}

impl Declared {
    /// What this definition declares. `meaning` tells what a name means.
    pub(super) fn of(definition: &Definition, meaning: impl Fn(u64) -> Option<Meaning>) -> Self {
        let parameter = |property: &Property| {
            let key = key_hash(property.name.as_bytes());
            let meaning = meaning(key);
            let is_mild = meaning.is_some_and(lowers);
            let path = [property.path.as_str(), &property.name].concat();
            let is_outermost = property.path.is_empty();
            let is_clear = !property.name.contains(PART);
            (is_clear && (is_outermost || is_mild)).then(|| Parameter {
                key,
                path: path.into(),
                choices: choices(property).filter(|_| is_mild).unwrap_or_default(),
                is_switch: property.is_switch,
                tells_mode: meaning == Some(Meaning::Mode) && tells_mode(property, definition),
            })
        };
        Self(definition.properties.iter().filter_map(parameter).collect())
    }

    /// Whether nothing is declared, or known to be.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether an outermost parameter has this name, whose hash is `key`.
    pub(crate) fn knows(&self, key: u64, name: &[u8]) -> bool {
        let mut rows = self.0.iter();
        rows.any(|row| row.key == key && row.path.as_bytes() == name)
    }

    /// These arguments without those that are not declared: blanks stand in their places.
    pub(crate) fn only<'t>(&self, arguments: &'t str) -> Cow<'t, str> {
        if self.0.is_empty() {
            return Cow::Borrowed("");
        }
        let mut kept = String::with_capacity(arguments.len());
        let mut walk = Walk::over(arguments.as_bytes());
        let mut depth = 0_usize;
        while let Some(part) = walk.next() {
            match part {
                Part::Object(_) | Part::Array(_) => depth = depth.saturating_add(1),
                Part::End(_) => depth = depth.saturating_sub(1),
                Part::Key(start, end) if depth == 1 => {
                    let name = arguments.as_bytes().get(start..end).unwrap_or_default();
                    if self.knows(key_hash(name), name) {
                        continue;
                    }
                    if let Some(Part::Object(_) | Part::Array(_)) = walk.next() {
                        walk.pass_over();
                    }
                    // From the quote in front of the name to the end of the value.
                    let from = start.saturating_sub(1);
                    kept.push_str(arguments.get(kept.len()..from).unwrap_or_default());
                    kept.extend(core::iter::repeat_n(' ', walk.at().saturating_sub(from)));
                }
                _ => {}
            }
        }
        kept.push_str(arguments.get(kept.len()..).unwrap_or_default());
        Cow::Owned(kept)
    }

    /// The parameter at this place: the names from the outermost on.
    pub(crate) fn at<'n>(
        &self,
        path: impl Iterator<Item = &'n [u8]> + Clone,
    ) -> Option<&Parameter> {
        let is_here = |row: &&Parameter| {
            let names = row.path.split(PART).map(str::as_bytes);
            names.eq(path.clone())
        };
        self.0.iter().find(is_here)
    }
}

impl Parameter {
    /// Whether a server takes this text for what it says.
    pub(crate) fn takes(&self, text: &str) -> bool {
        !self.is_switch
            && (self.choices.is_empty() || self.choices.split(PART).any(|choice| choice == text))
    }

    /// Whether the values that it may have are listed.
    pub(crate) fn is_listed(&self) -> bool {
        !self.choices.is_empty()
    }

    /// Whether a server takes this mode for a mild one.
    pub(crate) fn takes_mode(&self, text: &str) -> bool {
        self.tells_mode && self.takes(text)
    }

    /// Whether a server takes true and false for what they say.
    pub(crate) const fn takes_truth(&self) -> bool {
        self.is_switch || self.choices.is_empty()
    }
}

/// Whether values of a parameter that means this may make a call milder.
const fn lowers(meaning: Meaning) -> bool {
    matches!(
        meaning,
        Meaning::Trial
            | Meaning::Applied
            | Meaning::Lost
            | Meaning::Trashed
            | Meaning::Mode
            | Meaning::Operation
            | Meaning::Steps
            | Meaning::Method
            | Meaning::Command
            | Meaning::State
            | Meaning::Enabled
    )
}

/// The values that a parameter may have, where all of them are known.
fn choices(property: &Property) -> Option<Box<str>> {
    let is_whole = !property.has_more_choices && !property.choices.is_empty();
    is_whole.then(|| property.choices.join("\n").into())
}

/// Whether one of the values of a mode is mild: one that is listed, or else one that the texts
/// speak of.
fn tells_mode(property: &Property, definition: &Definition) -> bool {
    let is_mild = |text: &[u8]| values::words(text) & (word::TRIAL | word::BESIDE) != 0;
    if !property.choices.is_empty() {
        let mut choices = property.choices.iter();
        return choices.any(|choice| is_mild(choice.as_bytes()));
    }
    let texts = [&property.description, &definition.description];
    texts.into_iter().any(|text| {
        let text = text.to_ascii_lowercase();
        let mut words = text.split(|letter: char| !letter.is_alphanumeric() && letter != '_');
        words.any(|word| is_mild(word.as_bytes()))
            || text.contains("dry run")
            || text.contains("dry-run")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::definition;

    fn declared(properties: &str) -> Declared {
        let text = format!(r#"{{"name":"a","inputSchema":{{"properties":{properties}}}}}"#);
        Declared::of(&definition::read(&text), crate::keys::meaning)
    }

    #[test]
    fn what_is_not_declared_makes_room_for_blanks() {
        let declared = declared(r#"{"a":{},"b":{"properties":{"c":{}}}}"#);
        for (whole, only) in [
            (r#"{"a":1,"b":{"x":[2]}}"#, r#"{"a":1,"b":{"x":[2]}}"#),
            (r#"{"A":1,"b":2}"#, r#"{     ,"b":2}"#),
            (r#"{"a":1,"c":{"a":2}}"#, r#"{"a":1,           }"#),
            (
                r#"{"x":"é","a":null,"y":null}"#,
                r#"{        ,"a":null,        }"#,
            ),
            (r#"{"x":[1,2"#, r#"{        "#),
            (r#"{"x":"#, r#"{    "#),
            ("", ""),
        ] {
            assert_eq!(declared.only(whole), only, "{whole}");
        }
    }

    #[test]
    fn a_parameter_is_found_at_its_place_and_by_its_whole_name() {
        let declared = declared(
            r#"{"a":{"properties":{"dry_run":{"type":"boolean"},"x":{}}},
            "mode":{"enum":["live","plan"]},"strategy":{}}"#,
        );
        let at = |path: &[&str]| declared.at(path.iter().map(|name| name.as_bytes()));
        assert!(at(&["a", "dry_run"]).is_some_and(Parameter::takes_truth));
        for path in [["dry_run"].as_slice(), &["a", "x"], &["a", "dryRun"], &[]] {
            assert!(at(path).is_none(), "{path:?}");
        }
        let takes = |name, value| at(&[name]).is_some_and(|one| one.takes_mode(value));
        assert!(takes("mode", "plan"));
        assert!(!takes("mode", "test") && !takes("strategy", "plan"));
    }
}
