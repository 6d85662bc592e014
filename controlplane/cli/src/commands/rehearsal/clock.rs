//! When messages come: each at a time at which the budgets that earlier ones used are whole, so
//! that explaining uses no limit up.

use varistor_snapshot::schema::ArchivedPolicy;
use varistor_snapshot::schema::rules::ArchivedRuleAction;
use varistor_token::Verifier;

/// The monotonic clock of messages: each comes when the budgets that earlier ones used are whole.
pub(in crate::commands) struct Clock {
    /// Nanoseconds of the monotonic clock at which the next message comes.
    mono_ns: u64,
    /// The longest period of any rate that a message can be counted against.
    step_ns: u64,
}

impl Clock {
    /// A clock for one token and policy.
    pub(in crate::commands) fn new(policy: &ArchivedPolicy, token: &str) -> Self {
        let step_ns = longest_period(policy, token);
        Self {
            mono_ns: step_ns,
            step_ns,
        }
    }

    /// The present.
    pub(in crate::commands) const fn mono_ns(&self) -> u64 {
        self.mono_ns
    }

    /// Moves on until every budget is whole. False when time ran out and began anew: then what was
    /// counted so far must be forgotten.
    pub(in crate::commands) const fn move_on(&mut self) -> bool {
        match self.mono_ns.checked_add(self.step_ns) {
            // What a rate adds to the present must not run out either.
            Some(next) if next.checked_add(self.step_ns).is_some() => {
                self.mono_ns = next;
                true
            }
            _ => {
                self.mono_ns = 0;
                false
            }
        }
    }
}

/// In nanoseconds; at least a second, in which the gateway's own pace of verifications recovers.
fn longest_period(policy: &ArchivedPolicy, token: &str) -> u64 {
    let agents = policy.agents.iter().flat_map(|row| row.limits.iter());
    let teams = policy.teams.iter().flat_map(|row| row.limits.iter());
    let tenants = policy
        .organisations
        .iter()
        .flat_map(|row| row.limits.iter());
    let tools = policy.tool_limits.iter().map(|row| &row.rate);
    let rates = agents.chain(teams).chain(tenants).chain(tools);
    let periods = rates.map(|rate| rate.period_ns.to_native());
    let actions = policy.rules.body.rules.iter();
    let actions = actions.flat_map(|row| row.actions.iter());
    let by_rule = actions.filter_map(|action| match action {
        ArchivedRuleAction::Limit(limit) => Some(limit.period_ms.to_native()),
        _ => None,
    });
    let periods = periods.chain(by_rule.map(|ms| ms.saturating_mul(1_000_000)));
    // What no verifier can read has no limits either.
    let own = Verifier::inspect(token).map_or_else(|_| Vec::new(), |token| token.limits);
    let own = own.iter().map(|rate| rate.period_ns);
    periods.chain(own).fold(1_000_000_000, u64::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_never_stands_still_and_says_when_it_begins_anew() {
        let mut clock = Clock {
            mono_ns: 0,
            step_ns: u64::MAX / 4,
        };
        let moves: Vec<_> = (0..4).map(|_| clock.move_on()).collect();
        assert_eq!(moves, [true, true, true, false]);
        clock.step_ns = u64::MAX;
        assert!(!clock.move_on() && clock.mono_ns == 0);
    }
}
