//! Rules that are right but likely do not mean what they say.
//!
//! Speaks of rules that can never hold, rules that another one covers, names and patterns that fit
//! nothing known, and loose patterns in rules that allow. Never speaks where it is not sure: a
//! condition too wide to be spread out, a tool list that is not known.

mod names;
mod sets;
mod terms;

use varistor_snapshot::schema::rules::RuleAction;

use crate::ast::File;
use crate::diagnostic::Diagnostic;
use crate::lower::{Lowered, Lowering};

use terms::{Term, Terms};

/// Most pairs of terms that are compared for coverage.
const PAIRS_MAX: usize = 1_000_000;

pub(crate) fn lints(lowering: &Lowering<'_>, files: &[File]) -> Vec<Diagnostic> {
    let mut found = names::names(lowering.known, files);
    let terms = Terms::new(&lowering.tables);
    let spread: Vec<Option<Vec<Term>>> = lowering
        .rules
        .iter()
        .map(|rule| terms.spread(&rule.condition))
        .collect();
    for (rule, spread) in lowering.rules.iter().zip(&spread) {
        let Some(spread) = spread else { continue };
        let [_, if_word, _] = rule.rule.words;
        let span = if_word;
        if spread.iter().all(|term| terms.is_impossible(term)) {
            let message = format!("rule \"{}\" can never hold", rule.rule.name.value);
            let label = "its conditions contradict each other";
            found.push(Diagnostic::warning(span, message, label));
            continue;
        }
        let named = found.iter().any(|one| within(rule, one));
        if !named && terms.fits_no_tool(spread, lowering.known) {
            let message = format!("rule \"{}\" fits no known tool", rule.rule.name.value);
            let label = "no tool has all of what is asked here";
            found.push(Diagnostic::warning(span, message, label));
        }
    }
    covered(lowering, &terms, &spread, &mut found);
    found
}

/// Whether the diagnostic is about a place in the rule.
fn within(rule: &Lowered<'_>, one: &Diagnostic) -> bool {
    let [word, _, then] = rule.rule.words;
    one.span.file == word.file && (word.start..then.start).contains(&one.span.start)
}

/// Rules that change nothing because another one holds whenever they do, and is as strict.
fn covered(
    lowering: &Lowering<'_>,
    terms: &Terms<'_>,
    spread: &[Option<Vec<Term>>],
    found: &mut Vec<Diagnostic>,
) {
    let mut budget = PAIRS_MAX;
    let rules: Vec<(&Lowered<'_>, &Vec<Term>)> = lowering
        .rules
        .iter()
        .zip(spread)
        .filter(|(rule, _)| !rule.rule.shadow)
        .filter_map(|(rule, spread)| Some((rule, spread.as_ref()?)))
        .filter(|(_, spread)| !spread.iter().all(|term| terms.is_impossible(term)))
        .collect();
    for (at, (rule, narrow)) in rules.iter().enumerate() {
        for (other_at, (other, wide)) in rules.iter().enumerate() {
            budget = budget.saturating_sub(narrow.len().saturating_mul(wide.len()));
            if budget == 0 {
                return;
            }
            // Of two rules that say the same, the later one is told.
            let same = other_at > at && terms.implies(wide, narrow) && is_as_strict(rule, other);
            if other_at == at || same || !is_as_strict(other, rule) {
                continue;
            }
            if terms.implies(narrow, wide) {
                let message = format!("rule \"{}\" changes nothing", rule.rule.name.value);
                let label = format!(
                    "\"{}\" ({}) holds whenever this one does, and is as strict",
                    other.rule.name.value, other.place
                );
                found.push(Diagnostic::warning(rule.rule.name.span, message, label));
                break;
            }
        }
    }
}

/// Whether everything that `rule` does is done by `other`, too.
fn is_as_strict(other: &Lowered<'_>, rule: &Lowered<'_>) -> bool {
    let most = other.actions.iter().map(strictness).max().unwrap_or(0);
    rule.actions.iter().all(|action| match action {
        RuleAction::Allow => most >= strictness(action),
        RuleAction::Deny(_) | RuleAction::Hold => most >= strictness(action),
        RuleAction::Redact(entities) => {
            // A held call goes on once it is approved; only a denied one needs no redaction.
            most == strictness(&RuleAction::Deny(String::new()))
                || other.actions.iter().any(|theirs| match theirs {
                    RuleAction::Redact(theirs) => entities.iter().all(|one| theirs.contains(one)),
                    _ => false,
                })
        }
        RuleAction::LogLevel(level) => other
            .actions
            .iter()
            .any(|theirs| matches!(theirs, RuleAction::LogLevel(theirs) if theirs >= level)),
        // A limit is counted for each rule, so that no other rule does the same.
        RuleAction::Limit(_) => false,
        _ => other.actions.contains(action),
    })
}

/// 0: decides nothing.
fn strictness(action: &RuleAction) -> u8 {
    match action {
        RuleAction::Allow => 1,
        RuleAction::Redact(_) => 2,
        RuleAction::Hold => 3,
        RuleAction::Deny(_) => 4,
        _ => 0,
    }
}
