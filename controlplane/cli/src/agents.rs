//! The agents of a policy: found by name, with what a token says about them.

use varistor_snapshot::schema::{Agent, Policy};

use crate::exit::wrong;
use crate::nearest;

/// The agent named `NAME` or `ORG/NAME`.
pub(crate) fn find<'a>(policy: &'a Policy, wanted: &str) -> anyhow::Result<&'a Agent> {
    let full = |agent: &Agent| format!("{}/{}", organisation(policy, agent), agent.name);
    let fits = |agent: &&Agent| agent.name == wanted || full(agent) == wanted;
    let found: Vec<&Agent> = policy.agents.iter().filter(fits).collect();
    match found.as_slice() {
        [agent] => Ok(agent),
        [] => {
            let names: Vec<String> = if wanted.contains('/') {
                policy.agents.iter().map(full).collect()
            } else {
                policy
                    .agents
                    .iter()
                    .map(|agent| agent.name.clone())
                    .collect()
            };
            let hint = nearest::hint(wanted, names.iter().map(String::as_str));
            Err(wrong(format!("the policy has no agent `{wanted}`{hint}")))
        }
        several => {
            let names: Vec<String> = several.iter().map(|agent| full(agent)).collect();
            Err(wrong(format!(
                "several organisations have an agent `{wanted}`; say which: {}",
                names.join(", ")
            )))
        }
    }
}

/// The name of an agent's organisation.
pub(crate) fn organisation<'a>(policy: &'a Policy, agent: &Agent) -> &'a str {
    usize::try_from(agent.organisation)
        .ok()
        .and_then(|index| policy.organisations.get(index))
        .map_or("", |organisation| organisation.name.as_str())
}

/// The name of an agent's team, if it is in one.
pub(crate) fn team<'a>(policy: &'a Policy, agent: &Agent) -> Option<&'a str> {
    let index = usize::try_from(agent.team?).ok()?;
    policy.teams.get(index).map(|team| team.name.as_str())
}

/// The names of an agent's roles, its team's among them, each once and in order.
pub(crate) fn roles<'a>(policy: &'a Policy, agent: &Agent) -> Vec<&'a str> {
    let rows = agent.roles.iter().filter_map(|index| {
        let index = usize::try_from(*index).ok()?;
        policy.roles.get(index).map(|role| role.name.as_str())
    });
    let mut roles: Vec<&str> = rows.collect();
    roles.sort_unstable();
    roles.dedup();
    roles
}
