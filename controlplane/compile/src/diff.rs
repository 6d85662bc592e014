//! What differs between two snapshots, in the words of a person who has to approve it: who gains
//! and who loses which permission, which servers and limits change, what else is different.

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use varistor_snapshot::schema::{ArchivedPolicy, ArchivedRate};

use crate::quantity::show_rate;

mod data;
mod effective;
mod identity;
mod lent;
mod oauth;
mod people;
mod rules;
mod settings;
mod stdio;

/// Everything that differs.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Diff {
    /// Per agent: permissions gained and lost.
    pub agents: Vec<AgentChange>,
    /// Per server: added, removed, or what changed in it.
    pub servers: Vec<Change>,
    /// Limits added, removed or changed.
    pub limits: Vec<Change>,
    /// The organisation's rules added, removed or changed, by name.
    pub rules: Vec<Change>,
    /// Everything else: runtime, defaults, DLP, audit, keys, revocations.
    pub settings: Vec<Change>,
}

/// What one agent gains and loses. A permission is written as in the policy: `server/pattern`, then
/// in brackets what it is restricted to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AgentChange {
    /// The agent's organisation.
    pub organisation: String,
    /// Its name.
    pub agent: String,
    /// What it may do now and could not do before.
    pub gains: Vec<String>,
    /// What it could do before and may not do now.
    pub loses: Vec<String>,
}

/// One thing with its value before and after; `None` where it did not or does not exist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// What it is.
    pub what: String,
    /// Its value before.
    pub before: Option<String>,
    /// Its value now.
    pub after: Option<String>,
}

impl Diff {
    /// Whether the two policies are the same in everything but generation and time.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.agents.is_empty()
            && self.servers.is_empty()
            && self.limits.is_empty()
            && self.rules.is_empty()
            && self.settings.is_empty()
    }
}

/// What differs between two policies.
#[must_use]
pub fn diff(old: &ArchivedPolicy, new: &ArchivedPolicy) -> Diff {
    let mut settings = compare(&settings::settings(old), &settings::settings(new));
    if old.keys.session != new.keys.session {
        let shown = |text: &str| Some(text.to_owned());
        let (before, after) = (shown("one key"), shown("another, so every session ends"));
        settings.push(Change {
            what: "session key".to_owned(),
            before,
            after,
        });
    }
    Diff {
        agents: agents(old, new),
        servers: compare(&settings::servers(old), &settings::servers(new)),
        limits: compare(&limits(old), &limits(new)),
        rules: compare(&rules::rules(old), &rules::rules(new)),
        settings,
    }
}

fn agents(old: &ArchivedPolicy, new: &ArchivedPolicy) -> Vec<AgentChange> {
    let (before, after) = (effective::agents(old), effective::agents(new));
    let none = effective::Effective::default();
    let mut names: Vec<_> = before.keys().chain(after.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let changes = names.into_iter().map(|name| {
        let (old, new) = (
            before.get(name).unwrap_or(&none),
            after.get(name).unwrap_or(&none),
        );
        AgentChange {
            organisation: name.0.clone(),
            agent: name.1.clone(),
            gains: new.beyond(old),
            loses: old.beyond(new),
        }
    });
    changes
        .filter(|change| !change.gains.is_empty() || !change.loses.is_empty())
        .collect()
}

/// Values by what they are the value of.
type Values = BTreeMap<String, String>;

fn compare(old: &Values, new: &Values) -> Vec<Change> {
    let mut names: Vec<_> = old.keys().chain(new.keys()).collect();
    names.sort_unstable();
    names.dedup();
    let changes = names.into_iter().map(|what| Change {
        what: what.clone(),
        before: old.get(what).cloned(),
        after: new.get(what).cloned(),
    });
    changes
        .filter(|change| change.before != change.after)
        .collect()
}

fn limits(policy: &ArchivedPolicy) -> Values {
    let organisation = |at: u32| {
        policy
            .organisations
            .get(at as usize)
            .map_or("?", |row| row.name.as_str())
    };
    let mut limits = Values::new();
    for row in policy.organisations.iter() {
        add_rates(
            &mut limits,
            format!("organisation {}", row.name),
            &row.limits,
        );
    }
    for row in policy.teams.iter() {
        let owner = format!(
            "team {}/{}",
            organisation(row.organisation.to_native()),
            row.name
        );
        add_rates(&mut limits, owner, &row.limits);
    }
    for row in policy.agents.iter() {
        let owner = format!(
            "agent {}/{}",
            organisation(row.organisation.to_native()),
            row.name
        );
        add_rates(&mut limits, owner, &row.limits);
    }
    for row in policy.tool_limits.iter() {
        let server = policy.servers.get(row.server.to_native() as usize);
        let server = server.map_or("?", |server| server.name.as_str());
        let per = ["all", "organisation", "team", "agent", "token"];
        let per = per.get(usize::from(row.per)).unwrap_or(&"?");
        let owner = format!("tool {server}/{} per {per}", row.name);
        add_rates(&mut limits, owner, std::slice::from_ref(&row.rate));
    }
    limits
}

fn add_rates(limits: &mut Values, owner: String, rates: &[ArchivedRate]) {
    for rate in rates {
        let text = show_rate(rate.count.to_native(), rate.period_ns.to_native());
        let value = limits.entry(owner.clone()).or_default();
        if !value.is_empty() {
            value.push_str(", ");
        }
        value.push_str(&text);
    }
}

impl fmt::Display for Diff {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("nothing changes");
        }
        let mut lines = Vec::new();
        for change in &self.agents {
            let agent = format!("agent {}/{}", change.organisation, change.agent);
            lines.extend(
                change
                    .gains
                    .iter()
                    .map(|gain| format!("+ {agent} gains {gain}")),
            );
            lines.extend(
                change
                    .loses
                    .iter()
                    .map(|loss| format!("- {agent} loses {loss}")),
            );
        }
        let named = [
            ("server ", &self.servers),
            ("limit on ", &self.limits),
            ("rule ", &self.rules),
            ("", &self.settings),
        ];
        for (kind, changes) in named {
            lines.extend(changes.iter().map(|change| line(kind, change)));
        }
        f.write_str(&lines.join("\n"))
    }
}

fn line(kind: &str, change: &Change) -> String {
    let what = format!("{kind}{}", change.what);
    match (&change.before, &change.after) {
        (None, Some(after)) => format!("+ {what}: {after}"),
        (Some(before), None) => format!("- {what}: {before}"),
        (before, after) => {
            let shown = |value: &Option<String>| value.clone().unwrap_or_default();
            format!("~ {what}: {} -> {}", shown(before), shown(after))
        }
    }
}
