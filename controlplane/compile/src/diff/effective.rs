//! What an agent may do in the end: its grants, with the decisions of its roles and of the policy's
//! defaults worked in, so that a changed default shows as a gain or a loss too.

use std::collections::BTreeMap;

use varistor_inspect::glob;
use varistor_model::{Decision, Intent, IntentSet};
use varistor_snapshot::schema::{ArchivedGrant, ArchivedPolicy, ArchivedRole, kinds};

/// The permissions and prohibitions of one agent.
#[derive(Debug, Default)]
pub(super) struct Effective {
    allowed: Vec<Cover>,
    denied: Vec<Cover>,
}

/// What one grant covers.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Cover {
    server: String,
    name: String,
    kinds: u8,
    /// Intents of tools that pass, and those that pass once a human approved.
    free: u8,
    held: u8,
}

/// By (organisation, agent).
pub(super) fn agents(policy: &ArchivedPolicy) -> BTreeMap<(String, String), Effective> {
    let mut agents = BTreeMap::new();
    for agent in policy.agents.iter() {
        let organisation = policy
            .organisations
            .get(agent.organisation.to_native() as usize);
        let organisation = organisation.map_or_else(String::new, |row| row.name.to_string());
        let roles = agent.roles.iter();
        let roles: Vec<_> = roles
            .filter_map(|role| policy.roles.get(role.to_native() as usize))
            .collect();
        agents.insert(
            (organisation, agent.name.to_string()),
            effective(policy, &roles),
        );
    }
    agents
}

fn effective(policy: &ArchivedPolicy, roles: &[&ArchivedRole]) -> Effective {
    let grants = roles
        .iter()
        .flat_map(|role| role.grants.iter().map(|grant| (role.hold, grant)));
    let covers: Vec<_> = grants
        .filter_map(|(hold, grant)| Some((hold, grant.deny, cover(policy, hold, grant)?)))
        .collect();
    let mut effective = Effective::default();
    for (_, deny, cover) in &covers {
        let mut cover = cover.clone();
        if *deny {
            effective.denied.push(cover);
            continue;
        }
        // What one role permits freely, another one that permits it too may hold.
        for (hold, _, wide) in covers.iter().filter(|(_, deny, _)| !deny) {
            if wide.covers_name(&cover) {
                let also = cover.free & hold & (wide.free | wide.held);
                cover.free &= !also;
                cover.held |= also;
            }
        }
        effective.allowed.push(cover);
    }
    for list in [&mut effective.allowed, &mut effective.denied] {
        list.sort();
        list.dedup();
    }
    effective
}

impl Effective {
    /// What this one may do and `other` may not, as text. A permission that `other` covers by a
    /// wider one is not listed; a prohibition counts for whom it does not bind.
    pub(super) fn beyond(&self, other: &Self) -> Vec<String> {
        let more = self
            .allowed
            .iter()
            .filter(|cover| !covered(cover, &other.allowed));
        let mut beyond: Vec<String> = more.map(Cover::show).collect();
        let unbound = other
            .denied
            .iter()
            .filter(|cover| !covered(cover, &self.denied));
        // A prohibition of what was never permitted takes nothing away.
        let unbound = unbound.filter(|cover| self.allowed.iter().any(|own| own.may_meet(cover)));
        beyond
            .extend(unbound.map(|cover| format!("{} (a prohibition of the other)", cover.show())));
        beyond
    }
}

fn covered(cover: &Cover, by: &[Cover]) -> bool {
    by.iter().any(|wide| wide.covers(cover))
}

impl Cover {
    /// Whether all that `other` covers is covered by this one. May miss some, never invents one.
    fn covers(&self, other: &Self) -> bool {
        let intents = other.free & !self.free == 0 && other.held & !(self.free | self.held) == 0;
        self.covers_name(other) && (intents || other.kinds & kinds::TOOL == 0)
    }

    /// As `covers`, whatever the intents.
    fn covers_name(&self, other: &Self) -> bool {
        let wildcard = self.name.contains('?') && other.name.contains('*');
        let name = self.name == other.name || (!wildcard && glob::matches(&self.name, &other.name));
        self.server == other.server && name && other.kinds & !self.kinds == 0
    }

    /// Whether the two can speak about the same thing.
    fn may_meet(&self, other: &Self) -> bool {
        self.server == other.server && self.kinds & other.kinds != 0
    }

    fn show(&self) -> String {
        let mut notes = Vec::new();
        let named = [
            (kinds::TOOL, "tools"),
            (kinds::PROMPT, "prompts"),
            (kinds::RESOURCE, "resources"),
        ];
        if self.kinds != kinds::ALL {
            let names = named.iter().filter(|(kind, _)| self.kinds & kind != 0);
            notes.push(names.map(|(_, name)| *name).collect::<Vec<_>>().join(", "));
        }
        if self.kinds & kinds::TOOL != 0 {
            if self.free | self.held != IntentSet::ALL.bits() {
                notes.push(format!("intents {}", intents(self.free | self.held)));
            }
            if self.held != 0 {
                notes.push(format!("{} only when approved", intents(self.held)));
            }
        }
        let name = format!("{}/{}", self.server, self.name);
        if notes.is_empty() {
            name
        } else {
            format!("{name} [{}]", notes.join("; "))
        }
    }
}

fn cover(policy: &ArchivedPolicy, hold: u8, grant: &ArchivedGrant) -> Option<Cover> {
    let server = policy.servers.get(grant.server.to_native() as usize)?;
    let mut cover = Cover {
        server: server.name.to_string(),
        name: grant.name.to_string(),
        kinds: grant.kinds,
        free: 0,
        held: 0,
    };
    let permitted = IntentSet::from_bits(grant.intents);
    if grant.deny {
        cover.free = permitted.bits();
        return Some(cover);
    }
    let role_holds = IntentSet::from_bits(hold);
    for intent in permitted.iter() {
        match decision(policy, grant.stated, role_holds, intent) {
            Decision::Allow | Decision::Redact => cover.free |= 1 << intent as u8,
            Decision::Hold => cover.held |= 1 << intent as u8,
            Decision::Deny => {}
        }
    }
    Some(cover)
}

fn decision(policy: &ArchivedPolicy, stated: bool, hold: IntentSet, intent: Intent) -> Decision {
    if hold.contains(intent) {
        return Decision::Hold;
    }
    if stated {
        return Decision::Allow;
    }
    policy
        .defaults
        .get(intent as usize)
        .map_or(Decision::Deny, |n| Decision::numbered(*n))
}

fn intents(bits: u8) -> String {
    let names: Vec<_> = IntentSet::from_bits(bits)
        .iter()
        .map(Intent::name)
        .collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
