//! The actions that follow for a call, with their strings.

use varistor_snapshot::schema::rules::{ArchivedRuleAction, ArchivedRuleRow};

use super::Rules;
use crate::scratch::Scratch;

impl<'a> Rules<'a> {
    /// What follows from the rules that held for the call evaluated last, shadow rules aside, in
    /// the order of the program. A rule whose condition is unknown does not allow.
    pub fn follow(
        &self,
        scratch: &Scratch,
    ) -> impl Iterator<Item = (&'a ArchivedRuleRow, &'a ArchivedRuleAction)> {
        let rules = &self.program.body.rules;
        let enforced = scratch.holding().iter().filter(|holding| !holding.shadow);
        enforced.flat_map(move |holding| {
            let row = rules.get(holding.rule as usize);
            row.into_iter().flat_map(move |row| {
                let certain = holding.certain;
                let follows = move |action: &&ArchivedRuleAction| {
                    certain || !matches!(action, ArchivedRuleAction::Allow)
                };
                row.actions
                    .iter()
                    .filter(follows)
                    .map(move |action| (row, action))
            })
        })
    }
}
