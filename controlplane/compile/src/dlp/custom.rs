//! The operator's own patterns. Refuses patterns that the scanner cannot compile, each by itself.

use varistor_inspect::dlp::{Custom, CustomProblem};
use varistor_model::{Class, DlpAction};
use varistor_snapshot::schema::Detector;

use super::rules::{Pair, class_of, pair};
use crate::problem::{Place, Report, Wrong, quote};
use crate::read::{Fields, index, list, number, text};
use crate::yaml::Node;

/// Most patterns of an operator.
const CUSTOM_MAX: usize = 1000;
const KEYS: &[&str] = &["name", "pattern", "action", "class", "confidence"];
/// How sure a match is when the policy says nothing: the operator knows what it wrote.
const CONFIDENCE: u8 = 100;

/// One pattern of the operator, with where it stands.
pub(super) struct Own {
    path: String,
    name: (String, Place),
    pattern: (String, Place),
    actions: Pair,
    class: Class,
    confidence: u8,
}

impl Own {
    pub(super) fn row(&self) -> Custom<'_> {
        Custom {
            name: &self.name.0,
            pattern: &self.pattern.0,
            action: self.strictest(),
        }
    }

    pub(super) fn name(&self) -> &str {
        &self.name.0
    }

    pub(super) fn path(&self) -> &str {
        &self.path
    }

    pub(super) const fn class(&self) -> Class {
        self.class
    }

    pub(super) const fn actions(&self) -> Pair {
        self.actions
    }

    /// Completes the row of this pattern.
    pub(super) const fn complete(&self, detector: &mut Detector) {
        detector.class = self.class as u8;
        detector.confidence = self.confidence;
    }

    /// Tells of a pattern that is never acted upon.
    pub(super) fn check(&self, confidence_min: u8, report: &mut Report) {
        if self.confidence < confidence_min && self.strictest() > DlpAction::Log {
            let found = format!(
                "{} has the confidence {}, so its findings are recorded at most",
                self.path, self.confidence
            );
            let expected = format!("at least dlp.min_confidence, which is {confidence_min}");
            report.warn(self.name.1, found, Wrong::expected(expected));
        }
    }

    pub(super) fn refuse(&self, problem: &CustomProblem, report: &mut Report) {
        // Engines draw their messages over several lines.
        let words: Vec<_> = problem.message.split_whitespace().collect();
        let ((text, place), what, expected) = match problem.in_name {
            true => (&self.name, "name", "a name of its own"),
            false => (
                &self.pattern,
                "pattern",
                "a regular expression that matches some text, without look-around and \
                 back-references",
            ),
        };
        let message = words.join(" ");
        let found = format!("{} for {}.{what} ({message})", quote(text), self.path);
        report.refuse(*place, found, Wrong::expected(expected));
    }

    fn strictest(&self) -> DlpAction {
        let stated = self.actions.iter().flatten().copied();
        stated.max().unwrap_or(DlpAction::Log)
    }
}

/// All patterns of the operator.
pub(super) fn custom_list(node: &Node, path: &str, report: &mut Report) -> Vec<Own> {
    let members = list(node, path, report);
    if members.len() > CUSTOM_MAX {
        let wrong = Wrong::expected(format!("at most {CUSTOM_MAX} patterns"));
        report.refuse(
            node.place,
            format!("{} patterns for {path}", members.len()),
            wrong,
        );
        return Vec::new();
    }
    let read = members.iter().enumerate();
    read.filter_map(|(at, member)| own(member, index(path, at), report))
        .collect()
}

fn own(node: &Node, path: String, report: &mut Report) -> Option<Own> {
    let fields = Fields::of(node, &path, KEYS, report);
    let mut required = |key: &str| {
        let node = fields.required(key, report)?;
        Some((
            text(node, &fields.path(key), report)?.to_owned(),
            node.place,
        ))
    };
    let (name, pattern) = (required("name"), required("pattern"));
    let actions = fields.required("action", report);
    let actions = actions.and_then(|node| pair(node, &fields.path("action"), report));
    let class = match fields.get("class") {
        Some(node) => class_of(node, &fields.path("class"), report),
        None => Some(Class::Pii),
    };
    let confidence = match fields.get("confidence") {
        Some(node) => number(node, &fields.path("confidence"), 1..=100, report)
            .and_then(|percent| u8::try_from(percent).ok()),
        None => Some(CONFIDENCE),
    };
    Some(Own {
        name: name?,
        pattern: pattern?,
        actions: actions?,
        class: class?,
        confidence: confidence?,
        path,
    })
}
