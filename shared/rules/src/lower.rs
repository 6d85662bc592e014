//! Gives every comparison its type, and turns conditions into tests of the schema.
//!
//! Refuses fields, entities, levels and zones that do not exist, values of the wrong type, and
//! actions of one rule that contradict each other; all of them in one run.

mod action;
mod comparison;
mod history;
mod number;
mod tables;
mod value;

use std::collections::HashMap;

use varistor_snapshot::schema::rules::RuleAction;

use crate::ast::{Comparison, Condition, File, Literal, LiteralKind, OperandKind, Operator, Rule};
use crate::ast::{Step, Value};
use crate::diagnostic::Diagnostic;
use crate::known::Known;
use crate::limits::RULES_MAX;
use crate::source::{Source, Span, position};

pub(crate) use tables::{LoweredCounted, Tables};

/// The zone of rules that name none.
pub const ZONE_DEFAULT: &str = "UTC";

/// A condition without `NOT`: it stands at the tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Expr {
    /// All of them; true when there are none.
    All(Vec<Expr>),
    /// Any of them; false when there are none.
    Any(Vec<Expr>),
    /// A test of [`Tables`], or its contrary.
    Leaf { atom: u16, negate: bool },
}

/// A rule whose types are right.
#[derive(Debug)]
pub(crate) struct Lowered<'a> {
    pub(crate) rule: &'a Rule,
    pub(crate) place: String,
    pub(crate) condition: Expr,
    pub(crate) actions: Vec<RuleAction>,
}

/// All files, as far as their types are right.
pub(crate) struct Lowering<'a> {
    pub(crate) known: &'a Known,
    pub(crate) tables: Tables,
    pub(crate) rules: Vec<Lowered<'a>>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The zone of the rule at hand: index into the tables.
    zone: u16,
    /// Whether the condition of a history is at hand: there is no history of histories.
    within_history: bool,
}

/// `sources` and `files` belong together, by their numbers.
pub(crate) fn lower<'a>(
    sources: &[Source<'_>],
    files: &'a [File],
    known: &'a Known,
) -> Lowering<'a> {
    let mut lowering = Lowering {
        known,
        tables: Tables::default(),
        rules: Vec::new(),
        diagnostics: Vec::new(),
        zone: 0,
        within_history: false,
    };
    let mut names: HashMap<&str, String> = HashMap::new();
    for (file, source) in files.iter().zip(sources) {
        let zone = match &file.zone {
            Some(zone) => lowering.zone(&zone.value, zone.span),
            None => lowering.tables.zone(ZONE_DEFAULT),
        };
        for rule in &file.rules {
            lowering.zone = zone;
            let [word, ..] = rule.words;
            let (line, _) = position(source.text, word.start);
            let place = format!("{}:{line}", source.name);
            if let Some(first) = names.insert(&rule.name.value, place.clone()) {
                let message = format!("a second rule \"{}\"", rule.name.value);
                let label = format!("the first one stands at {first}");
                lowering.error(rule.name.span, message, label);
            }
            lowering.rule(rule, place);
        }
    }
    lowering.bounds();
    lowering
}

impl<'a> Lowering<'a> {
    pub(crate) fn error(
        &mut self,
        span: Span,
        message: impl Into<String>,
        label: impl Into<String>,
    ) {
        self.diagnostics
            .push(Diagnostic::error(span, message, label));
    }

    fn rule(&mut self, rule: &'a Rule, place: String) {
        if let Some(zone) = self.zone_of(&rule.condition) {
            self.zone = zone;
        }
        let condition = self.top(&rule.condition);
        let actions = self.actions(rule);
        if let (Some(condition), Some(actions)) = (condition, actions) {
            self.rules.push(Lowered {
                rule,
                place,
                condition,
                actions,
            });
        }
    }

    /// The zone that a rule sets: `time.zone = "..."` beside the other conditions.
    fn zone_of(&mut self, condition: &Condition) -> Option<u16> {
        let mut zones = conjuncts(condition).iter().filter_map(zone_setting);
        let (first, second) = (zones.next()?, zones.next());
        if let Some((_, span)) = second {
            self.error(span, "a second zone in one rule", "a rule has one zone");
        }
        let (name, span) = first;
        Some(self.zone(name, span))
    }

    pub(crate) fn zone(&mut self, name: &str, span: Span) -> u16 {
        if jiff::tz::TimeZoneDatabase::bundled().get(name).is_err() {
            let label = "expected a name such as \"Europe/Berlin\" or \"UTC\"";
            self.error(span, format!("unknown time zone \"{name}\""), label);
        }
        self.tables.zone(name)
    }

    /// A rule's condition, without the settings of its zone.
    fn top(&mut self, condition: &Condition) -> Option<Expr> {
        let mut parts = Vec::new();
        let mut wrong = false;
        for part in conjuncts(condition) {
            if zone_setting(part).is_some() {
                continue;
            }
            match self.condition(part, false) {
                Some(part) => parts.push(part),
                None => wrong = true,
            }
        }
        if wrong {
            return None;
        }
        match (parts.len(), parts.pop()) {
            (1, Some(only)) => Some(only),
            (_, last) => {
                parts.extend(last);
                Some(Expr::All(parts))
            }
        }
    }

    /// `None`: a mistake was told; the rest of the condition was looked at all the same.
    fn condition(&mut self, condition: &Condition, negate: bool) -> Option<Expr> {
        match condition {
            Condition::Not(inner) => self.condition(inner, !negate),
            Condition::Test(test) => self.comparison(test, negate),
            Condition::And(parts) | Condition::Or(parts) => {
                let lowered: Vec<Option<Expr>> = parts
                    .iter()
                    .map(|part| self.condition(part, negate))
                    .collect();
                let lowered: Option<Vec<Expr>> = lowered.into_iter().collect();
                let is_and = matches!(condition, Condition::And(_));
                Some(match is_and != negate {
                    true => Expr::All(lowered?),
                    false => Expr::Any(lowered?),
                })
            }
        }
    }

    fn bounds(&mut self) {
        let Some(last) = self.rules.last() else {
            return;
        };
        let span = last.rule.name.span;
        if self.rules.len() > RULES_MAX {
            self.error(span, "too many rules", format!("at most {RULES_MAX}"));
        }
        if let Some(what) = self.tables.overflow() {
            self.error(
                span,
                format!("too many {what} in all rules"),
                "split the policy",
            );
        }
    }
}

/// The parts of the outermost `AND`.
pub(crate) fn conjuncts(condition: &Condition) -> &[Condition] {
    match condition {
        Condition::And(parts) => parts,
        other => std::slice::from_ref(other),
    }
}

/// The zone, when the condition is a setting of it.
fn zone_setting(condition: &Condition) -> Option<(&str, Span)> {
    let Condition::Test(test) = condition else {
        return None;
    };
    match (&test.right, is_zone(test), test.operator) {
        (
            Value::One(Literal {
                kind: LiteralKind::Text(name),
                span,
            }),
            true,
            Operator::Equal,
        ) => Some((name, *span)),
        _ => None,
    }
}

fn is_zone(test: &Comparison) -> bool {
    matches!(&test.left.kind, OperandKind::Field(steps)
        if matches!(steps.as_slice(), [Step::Name(first), Step::Name(second)]
            if first == "time" && second == "zone"))
}
