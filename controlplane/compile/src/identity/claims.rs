//! `claims`: which organisation, team, agent and roles of the policy a token is for.
//!
//! Refuses names that the policy does not have, wherever it can know them.

use std::collections::{BTreeMap, BTreeSet};

use varistor_identity::path_of;
use varistor_snapshot::schema::{Claim, ClaimSource};

use crate::problem::{Report, Wrong, nearest};
use crate::read::{Fields, entries, index, join, one_or_list, parsed, text};
use crate::tenants::Tenants;
use crate::yaml::{Node, Value};

const KEYS: &[&str] = &["organisation", "team", "agent", "roles"];
const SOURCE: &[&str] = &["claim", "map"];
/// Most sources of roles, and most values of one map.
const SOURCES_MAX: usize = 16;
const MAP_MAX: usize = 10_000;
/// Longest value of a claim that a map can name, in bytes.
const VALUE_BYTES_MAX: usize = 1024;

/// What is read of `claims`.
pub(super) struct Claims {
    pub(super) organisation: ClaimSource,
    pub(super) team: Option<ClaimSource>,
    pub(super) agent: ClaimSource,
    pub(super) roles: Vec<ClaimSource>,
}

/// Names that may be meant, and what they are names of.
struct Known<'t> {
    what: &'static str,
    names: BTreeSet<&'t str>,
}

pub(super) fn claims(
    node: &Node,
    path: &str,
    tenants: &Tenants,
    report: &mut Report,
) -> Option<Claims> {
    let fields = Fields::of(node, path, KEYS, report);
    let all = tenants.organisations.iter().map(|row| row.name.as_str());
    let organisations = Known {
        what: "an organisation",
        names: all.collect(),
    };
    let organisation = fields.required("organisation", report);
    let organisation = organisation
        .and_then(|node| source(node, &fields.path("organisation"), &organisations, report));
    let within = Within::of(tenants, organisation.as_ref());
    let agent = fields.required("agent", report);
    let agent =
        agent.and_then(|node| source(node, &fields.path("agent"), &within.agents(), report));
    let team = fields.get("team");
    let team = team.map(|node| source(node, &fields.path("team"), &within.teams(), report));
    let mut roles = Vec::new();
    if let Some(node) = fields.get("roles") {
        let path = fields.path("roles");
        let members = one_or_list(node);
        if members.is_empty() || members.len() > SOURCES_MAX {
            let found = format!("{} sources for {path}", members.len());
            let wrong = Wrong::expected(format!("1 to {SOURCES_MAX}"));
            report.refuse(node.place, found, wrong);
        }
        for (at, member) in members.iter().take(SOURCES_MAX).enumerate() {
            roles.extend(source(member, &index(&path, at), &within.roles(), report));
        }
    }
    Some(Claims {
        organisation: organisation?,
        team: match team {
            Some(team) => Some(team?),
            None => None,
        },
        agent: agent?,
        roles,
    })
}

/// The rows that an organisation has; those of all, where a claim names it.
struct Within<'t> {
    tenants: &'t Tenants,
    numbers: BTreeSet<u32>,
}

impl<'t> Within<'t> {
    fn of(tenants: &'t Tenants, organisation: Option<&ClaimSource>) -> Self {
        let rows = (0_u32..).zip(&tenants.organisations);
        let meant = rows.filter(|(_, row)| match organisation {
            Some(ClaimSource::Fixed(name)) => *name == row.name,
            _ => true,
        });
        Self {
            numbers: meant.map(|(number, _)| number).collect(),
            tenants,
        }
    }

    fn agents(&self) -> Known<'t> {
        let rows = self.tenants.agents.iter();
        let rows = rows.filter(|row| self.numbers.contains(&row.organisation));
        Known {
            what: "an agent",
            names: rows.map(|row| row.name.as_str()).collect(),
        }
    }

    fn teams(&self) -> Known<'t> {
        let rows = self.tenants.teams.iter();
        let rows = rows.filter(|row| self.numbers.contains(&row.organisation));
        Known {
            what: "a team",
            names: rows.map(|row| row.name.as_str()).collect(),
        }
    }

    fn roles(&self) -> Known<'t> {
        let rows = self.tenants.roles.iter();
        let rows = rows.filter(|row| self.numbers.contains(&row.organisation));
        Known {
            what: "a role",
            names: rows.map(|row| row.name.as_str()).collect(),
        }
    }
}

impl Known<'_> {
    fn check(&self, text: &str) -> Result<String, Wrong> {
        if self.names.contains(text) {
            return Ok(text.to_owned());
        }
        let wrong = Wrong::expected(format!("{} of the policy", self.what));
        let help = nearest(text, self.names.iter().copied());
        Err(match help {
            Some(help) => wrong.help(help),
            None => wrong.help("where a claim says it, write { claim: NAME }"),
        })
    }
}

/// A name that is the same for all tokens, or a claim with what its values mean.
fn source(node: &Node, path: &str, known: &Known<'_>, report: &mut Report) -> Option<ClaimSource> {
    if let Value::Scalar { .. } = &node.value {
        let name = parsed(node, path, report, |text| known.check(text));
        return name.map(ClaimSource::Fixed);
    }
    let fields = Fields::of(node, path, SOURCE, report);
    let claim = fields.required("claim", report);
    let claim = claim.and_then(|node| {
        parsed(node, &fields.path("claim"), report, |text| {
            path_of(text)
                .filter(|_| text.len() <= VALUE_BYTES_MAX)
                .ok_or_else(|| {
                    Wrong::expected(
                        "a claim: its name, or a JSON Pointer such as /realm_access/roles",
                    )
                })
        })
    });
    let map = fields.get("map");
    let map = map.map(|node| self::map(node, &fields.path("map"), known, report));
    Some(ClaimSource::Claim(Claim { path: claim?, map }))
}

fn map(node: &Node, path: &str, known: &Known<'_>, report: &mut Report) -> Vec<(String, String)> {
    let mut rows = BTreeMap::new();
    for (key, node) in entries(node, path, report) {
        if key.text.is_empty() || key.text.len() > VALUE_BYTES_MAX || rows.len() >= MAP_MAX {
            let found = format!("a value of {} bytes in {path}", key.text.len());
            let wrong = Wrong::expected(format!(
                "at most {MAP_MAX} values of 1 to {VALUE_BYTES_MAX} bytes"
            ));
            report.refuse(key.place, found, wrong);
            continue;
        }
        let path = join(path, &key.text);
        if text(node, &path, report).is_some() {
            let name = parsed(node, &path, report, |text| known.check(text));
            rows.extend(name.map(|name| (key.text, name)));
        }
    }
    rows.into_iter().collect()
}
