//! What a rule does, in a form that is added up without looking at its rows.

use varistor_model::Decision;
use varistor_snapshot::schema::rules::{ArchivedRuleAction, ArchivedRuleRow, Node};

use super::quick::Quick;
use crate::compile::kind;
use crate::vocabulary::TextField;

/// The actions of a rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Summary {
    /// The root of its condition.
    pub(crate) condition: u32,
    /// A literal that a text of the call must be, or else the condition is false.
    pub(crate) guard: Option<(TextField, u32)>,
    pub(crate) shadow: bool,
    pub(crate) allows: bool,
    /// The strictest decision other than to allow.
    pub(crate) restricts: Option<Decision>,
    pub(crate) log_level: Option<u8>,
    pub(crate) flags: bool,
    pub(crate) ends_session: bool,
    pub(crate) redacts: bool,
    pub(crate) notifies: bool,
    pub(crate) limits: bool,
}

impl Summary {
    pub(crate) fn new(rule: &ArchivedRuleRow, nodes: &[Node], quick: &[Quick]) -> Self {
        let condition = rule.condition.to_native();
        let mut summary = Self {
            condition,
            guard: guard(condition as usize, nodes, quick),
            shadow: rule.shadow,
            ..Self::default()
        };
        for action in rule.actions.iter() {
            let restricts = match action {
                ArchivedRuleAction::Deny(_) => Some(Decision::Deny),
                ArchivedRuleAction::Hold => Some(Decision::Hold),
                ArchivedRuleAction::Redact(_) => Some(Decision::Redact),
                _ => None,
            };
            summary.restricts = summary.restricts.max(restricts);
            match action {
                ArchivedRuleAction::Allow => summary.allows = true,
                ArchivedRuleAction::Redact(_) => summary.redacts = true,
                ArchivedRuleAction::Notify(_) => summary.notifies = true,
                ArchivedRuleAction::LogLevel(level) => {
                    summary.log_level = summary.log_level.max(Some(*level));
                }
                ArchivedRuleAction::Limit(_) => summary.limits = true,
                ArchivedRuleAction::Flag => summary.flags = true,
                ArchivedRuleAction::EndSession => summary.ends_session = true,
                ArchivedRuleAction::Deny(_) | ArchivedRuleAction::Hold => {}
            }
        }
        summary
    }

    /// Whether an unknown condition is the same as a false one: the rule does nothing but allow.
    pub(crate) const fn only_allows(&self) -> bool {
        self.restricts.is_none()
            && self.log_level.is_none()
            && !self.flags
            && !self.ends_session
            && !self.notifies
            && !self.limits
    }
}

/// The first text among the tests that must all be true.
fn guard(root: usize, nodes: &[Node], quick: &[Quick]) -> Option<(TextField, u32)> {
    let top = nodes.get(root)?;
    let mut next = match top.kind {
        kind::LEAF => root,
        kind::ALL => root.saturating_add(1),
        _ => return None,
    };
    while next < top.end as usize {
        let node = nodes.get(next)?;
        if node.kind == kind::LEAF
            && !node.negate
            && let Some(Quick::Text(field, literal)) = quick.get(node.atom as usize)
        {
            return Some((*field, *literal));
        }
        next = (node.end as usize).max(next.saturating_add(1));
    }
    None
}
