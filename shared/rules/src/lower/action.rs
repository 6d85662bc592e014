//! Actions: names are looked up, contradictions refused.

use varistor_snapshot::schema::rules::{NotifyChannel, RuleAction, RuleLimit};
use xxhash_rust::xxh3::xxh3_64;

use super::Lowering;
use crate::ast::{Action, ActionKind, Per, Rule, Text};
use crate::diagnostic::{Diagnostic, nearest};
use crate::vocabulary::LEVELS;

impl Lowering<'_> {
    pub(super) fn actions(&mut self, rule: &Rule) -> Option<Vec<RuleAction>> {
        let actions: Vec<Option<RuleAction>> = rule
            .actions
            .iter()
            .map(|action| self.action(action, &rule.name.value))
            .collect();
        self.contradictions(rule)?;
        actions.into_iter().collect()
    }

    /// `allow` beside what it would be overruled by, and the same action twice.
    fn contradictions(&mut self, rule: &Rule) -> Option<()> {
        let decides = |action: &&Action| {
            matches!(
                action.kind,
                ActionKind::Allow | ActionKind::Deny(_) | ActionKind::Hold | ActionKind::Redact(_)
            )
        };
        let allows = |action: &&Action| action.kind == ActionKind::Allow;
        let deciding = rule.actions.iter().filter(decides).count();
        let allow = rule.actions.iter().find(allows);
        if let Some(allow) = allow.filter(|_| deciding > 1) {
            let label = "a stricter action of the same rule overrules it";
            self.error(allow.span, "actions contradict each other", label);
            return None;
        }
        for (at, action) in rule.actions.iter().enumerate() {
            let before = rule.actions.get(..at).unwrap_or_default();
            if before.iter().any(|other| other.kind == action.kind) {
                self.error(action.span, "the same action twice", "it stands before");
                return None;
            }
        }
        Some(())
    }

    /// The action, with what it names looked up. `rule` names its limit.
    pub(crate) fn action(&mut self, action: &Action, rule: &str) -> Option<RuleAction> {
        Some(match &action.kind {
            ActionKind::Allow => RuleAction::Allow,
            ActionKind::Deny(reason) => {
                let reason = reason.as_ref().map(|reason| reason.value.clone());
                RuleAction::Deny(reason.unwrap_or_default())
            }
            ActionKind::Hold => RuleAction::Hold,
            ActionKind::Redact(entities) => {
                let entities: Vec<Option<String>> =
                    entities.iter().map(|entity| self.entity(entity)).collect();
                RuleAction::Redact(entities.into_iter().collect::<Option<_>>()?)
            }
            ActionKind::Notify(kind, name) => RuleAction::Notify(NotifyChannel {
                kind: kind.value.clone(),
                name: name.value.clone(),
            }),
            ActionKind::LogLevel(level) => RuleAction::LogLevel(self.level(level)?),
            ActionKind::Limit(count, period_ms, per) => {
                let per = per.unwrap_or(Per::Agent);
                let text = format!("{rule}\n{count}\n{period_ms}\n{}", per.name());
                RuleAction::Limit(RuleLimit {
                    count: *count,
                    period_ms: *period_ms,
                    per: per as u8,
                    cell: xxh3_64(text.as_bytes()),
                })
            }
            ActionKind::Flag => RuleAction::Flag,
            ActionKind::EndSession => RuleAction::EndSession,
        })
    }

    fn level(&mut self, level: &Text) -> Option<u8> {
        let at = LEVELS.iter().position(|name| *name == level.value);
        if at.is_none() {
            let message = format!("unknown level \"{}\"", level.value);
            let label = format!("expected one of {}", LEVELS.join(", "));
            let help = nearest(&level.value, LEVELS);
            self.diagnostics
                .push(Diagnostic::error(level.span, message, label).help_if(help));
        }
        u8::try_from(at?).ok()
    }
}
