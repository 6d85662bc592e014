//! What a server wants to know before it can be added, and the answers. Refuses answers that are
//! none of the choices, or not of the format.

use std::collections::{BTreeMap, BTreeSet};

use zeroize::Zeroizing;

use super::server::Input;
use super::way::{At, Slot, Way};
use crate::names;

/// Something that a server wants to know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    /// By which the answer is given: the name of a variable, an argument, a header.
    pub key: String,
    /// What it is.
    pub description: String,
    /// Whether nobody should see it.
    pub is_secret: bool,
    /// Whether it can't do without.
    pub is_required: bool,
    /// Whether there may be several answers.
    pub is_repeated: bool,
    /// The answer where nobody gives one.
    pub default: Option<String>,
    /// The answers that it takes; none: any.
    pub choices: Vec<String>,
    /// `number`, `boolean`, `filepath`, or any text.
    pub format: String,
}

/// Answers by their keys.
#[derive(Default)]
pub struct Answers {
    given: BTreeMap<String, Vec<Zeroizing<String>>>,
    /// Secrets that are in the vault already, and stay as they are.
    kept: BTreeSet<String>,
}

impl Answers {
    /// Gives an answer; one more, if there is one.
    pub fn give(&mut self, key: &str, value: Zeroizing<String>) {
        self.given.entry(key.to_owned()).or_default().push(value);
    }

    /// Says that the vault has the answer.
    pub fn keep(&mut self, key: &str) {
        self.kept.insert(key.to_owned());
    }

    /// Whether there is an answer.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        self.given.contains_key(key) || self.kept.contains(key)
    }

    /// The keys of all answers that were given.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.given.keys().map(String::as_str)
    }

    pub(crate) fn of(&self, key: &str) -> &[Zeroizing<String>] {
        self.given.get(key).map_or(&[], Vec::as_slice)
    }

    pub(crate) fn is_kept(&self, key: &str) -> bool {
        self.kept.contains(key)
    }
}

/// The name that the answer to a secret question has in the vault.
#[must_use]
pub fn secret_name(server: &str, key: &str) -> String {
    names::secret(server, key)
}

/// What is to be known on this way, each of it once; what nobody can do without comes first.
#[must_use]
pub fn questions(way: &Way<'_>) -> Vec<Question> {
    let mut questions: Vec<Question> = Vec::new();
    let (repeated, secret) = (repeated(way), secret(way));
    for (slot, key, input) in way.inputs() {
        for (key, asked) in asked(key, input) {
            if questions.iter().any(|known| known.key == key) {
                continue;
            }
            // A URL without one of its variables is none.
            let is_required = asked.is_required || input.is_required || slot == Slot::Url;
            questions.push(Question {
                is_repeated: repeated.contains(key),
                key: key.to_owned(),
                description: asked.description.clone(),
                is_secret: secret.contains(key),
                is_required,
                default: asked.default.clone(),
                choices: asked.choices.clone(),
                format: asked.format.clone(),
            });
        }
    }
    questions.sort_by_key(|question| !question.is_required);
    questions
}

/// The keys of answers that nobody should see: of secrets, and of what goes into one. An answer may
/// go into several values, so one of them is enough.
pub(crate) fn secret<'w>(way: &'w Way<'_>) -> BTreeSet<&'w str> {
    let inputs = way.inputs().into_iter();
    let all = inputs.flat_map(|(_, key, input)| {
        let of = move |(key, asked): (&'w str, &Input)| {
            (input.is_secret || asked.is_secret).then_some(key)
        };
        asked(key, input).into_iter().filter_map(of)
    });
    all.collect()
}

/// What a value wants that nothing is said of: `{name}`, which would be sent as it is.
pub(crate) fn unsaid(template: &str, is_said: impl Fn(&str) -> bool) -> Option<String> {
    let mut rest = template;
    while let Some((_, inside)) = rest.split_once('{') {
        let is_part = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let end = inside.find(|c| !is_part(c)).unwrap_or(inside.len());
        let (name, behind) = inside.split_at_checked(end)?;
        let is_name = !name.is_empty() && behind.starts_with('}');
        if is_name && !is_said(name) {
            return Some(name.to_owned());
        }
        rest = inside;
    }
    None
}

/// What has to be asked for a value: itself, or the variables in it.
pub(crate) fn asked<'i>(key: &'i str, input: &'i Input) -> Vec<(&'i str, &'i Input)> {
    match &input.value {
        None => vec![(key, input)],
        Some(value) => {
            let named = input.variables.iter();
            named
                .filter(|(name, input)| {
                    input.value.is_none() && value.contains(&format!("{{{name}}}"))
                })
                .map(|(name, input)| (name.as_str(), input))
                .collect()
        }
    }
}

fn repeated<'w>(way: &'w Way<'_>) -> BTreeSet<&'w str> {
    match way.at {
        At::Remote(_) => BTreeSet::new(),
        At::Package(package) => {
            let all = package.package_arguments.iter();
            let repeated = all.filter(|argument| argument.is_repeated);
            repeated.map(|argument| argument.key()).collect()
        }
    }
}

/// What is wrong with an answer; it is not repeated, since it may be a secret.
#[must_use]
pub fn fault(question: &Question, value: &str) -> Option<String> {
    let key = &question.key;
    let is_number = || value.parse::<f64>().is_ok_and(f64::is_finite);
    let wrong = if value.is_empty() {
        "is empty".to_owned()
    } else if value.chars().any(char::is_control) {
        "has control characters; a value is one line".to_owned()
    } else if !question.choices.is_empty() && !question.choices.iter().any(|one| one == value) {
        format!("is none of {}", question.choices.join(", "))
    } else if question.format == "number" && !is_number() {
        "is no number".to_owned()
    } else if question.format == "boolean" && !["true", "false"].contains(&value) {
        "is neither true nor false".to_owned()
    } else if question.format == "filepath" && !value.starts_with('/') {
        "is no absolute path".to_owned()
    } else {
        return None;
    };
    Some(format!("{key} {wrong}"))
}
