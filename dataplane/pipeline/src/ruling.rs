//! What the organisation's rules said about one call, until its record is written.

use varistor_audit::Ruled;
use varistor_model::{Decision, Labels};
use varistor_rules::vocabulary::LEVELS;
use varistor_rules::{Holding, Verdict};
use varistor_snapshot::schema::rules::{ArchivedRuleAction, ArchivedRuleProgram, ArchivedRuleRow};

/// See the module.
#[derive(Clone, Debug, Default)]
pub(crate) struct Ruling {
    pub(crate) verdict: Verdict,
    /// The rules that held; of most calls, none.
    holding: Vec<Holding>,
    /// Whether the session was ended.
    pub(crate) ended: bool,
    /// What the call adds to the flow of data, where that completes the lethal trifecta.
    pub(crate) flow: Option<Labels>,
    /// Whether that, and no rule, decided.
    pub(crate) is_flow_decisive: bool,
}

/// The name that stands for the lethal trifecta in the place of a rule's.
pub(crate) const TRIFECTA: &str = "lethal trifecta";
/// What the model is told.
const FLOW_REASON: &str = "this session has read private data and content that outsiders can \
                           write, and could send data out; a call that completes the three needs \
                           a human";

/// A ruling with the program that it speaks of.
pub(crate) struct Told<'a> {
    pub(crate) ruling: &'a Ruling,
    pub(crate) program: &'a ArchivedRuleProgram,
}

impl Ruling {
    pub(crate) fn new(verdict: Verdict, holding: &[Holding]) -> Self {
        Self {
            verdict,
            holding: holding.to_vec(),
            ended: false,
            flow: None,
            is_flow_decisive: false,
        }
    }

    /// The rules that held and are enforced.
    fn enforced<'a>(
        &'a self,
        program: &'a ArchivedRuleProgram,
    ) -> impl Iterator<Item = &'a ArchivedRuleRow> {
        let holding = self.holding.iter().filter(|held| !held.shadow);
        holding.filter_map(|held| program.body.rules.get(usize::from(held.rule)))
    }

    /// What follows by them, beside the decision.
    pub(crate) fn actions<'a>(
        &'a self,
        program: &'a ArchivedRuleProgram,
    ) -> impl Iterator<Item = &'a ArchivedRuleAction> {
        self.enforced(program).flat_map(|row| row.actions.iter())
    }

    /// The same, each with the name of its rule.
    pub(crate) fn named_actions<'a>(
        &'a self,
        program: &'a ArchivedRuleProgram,
    ) -> impl Iterator<Item = (&'a str, &'a ArchivedRuleAction)> {
        let rows = self.enforced(program);
        rows.flat_map(|row| row.actions.iter().map(|action| (row.name.as_str(), action)))
    }

    /// What the deciding rule tells of its reason; empty when it tells none.
    pub(crate) fn reason<'a>(&self, program: &'a ArchivedRuleProgram) -> &'a str {
        if self.is_flow_decisive {
            return FLOW_REASON;
        }
        let row = self
            .verdict
            .rule
            .and_then(|rule| program.body.rules.get(usize::from(rule)));
        let mut actions = row.into_iter().flat_map(|row| row.actions.iter());
        let reason = actions.find_map(|action| match action {
            ArchivedRuleAction::Deny(reason) => Some(reason.as_str()),
            _ => None,
        });
        reason.unwrap_or_default()
    }

    /// The name of the deciding rule.
    pub(crate) fn name<'a>(&self, program: &'a ArchivedRuleProgram) -> &'a str {
        if self.is_flow_decisive {
            return TRIFECTA;
        }
        name(program, self.verdict.rule)
    }
}

fn name(program: &ArchivedRuleProgram, rule: Option<u16>) -> &str {
    let row = rule.and_then(|rule| program.body.rules.get(usize::from(rule)));
    row.map_or("", |row| row.name.as_str())
}

impl Ruled for Told<'_> {
    fn each_rule(&self, tell: &mut dyn FnMut(&str)) {
        for row in self.ruling.enforced(self.program) {
            tell(&row.name);
        }
    }

    fn shadow(&self) -> Option<(Decision, &str)> {
        let verdict = &self.ruling.verdict;
        let stricter = verdict.shadow_rule.and(verdict.shadow)?;
        Some((stricter, name(self.program, verdict.shadow_rule)))
    }

    fn level(&self) -> Option<&str> {
        let level = self.ruling.verdict.log_level?;
        LEVELS.get(usize::from(level)).copied()
    }

    fn is_flagged(&self) -> bool {
        self.ruling.verdict.flag
    }

    fn each_flow(&self, tell: &mut dyn FnMut(&str)) {
        self.ruling
            .flow
            .into_iter()
            .flat_map(Labels::names)
            .for_each(tell);
    }

    fn has_ended_session(&self) -> bool {
        self.ruling.ended
    }

    fn each_channel(&self, tell: &mut dyn FnMut(&str, &str)) {
        for action in self.ruling.actions(self.program) {
            if let ArchivedRuleAction::Notify(channel) = action {
                tell(&channel.kind, &channel.name);
            }
        }
    }
}
