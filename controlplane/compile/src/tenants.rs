//! Organisations with their roles, teams and agents. Refuses teams and roles that do not exist.

use std::collections::BTreeMap;

use varistor_snapshot::schema::{Agent, Organisation, Role, Team};

use crate::gather::{Named, Sources, Tenant};
use crate::patterns::Servers;
use crate::problem::{Place, Report, Wrong, nearest, quote};
use crate::rates::{self, limits};
use crate::read::{Fields, each, index, join, list, parsed, text};
use crate::roles::role;
use crate::yaml::Node;

/// The rows of all organisations.
#[derive(Default)]
pub(crate) struct Tenants {
    pub(crate) organisations: Vec<Organisation>,
    pub(crate) teams: Vec<Team>,
    pub(crate) roles: Vec<Role>,
    pub(crate) agents: Vec<Agent>,
}

impl Tenants {
    /// The rows, in the order of (organisation, name).
    pub(crate) fn of(sources: &Sources<'_>, servers: &Servers, report: &mut Report) -> Self {
        let mut tenants = Self::default();
        for (name, tenant) in &sources.organisations {
            tenants.add(name, tenant, servers, report);
        }
        tenants
    }

    fn add(&mut self, name: &str, tenant: &Tenant<'_>, servers: &Servers, report: &mut Report) {
        let path = join("organisations", name);
        let organisation = row(self.organisations.len());
        let rates = tenant.limits.map_or_else(Vec::new, |node| {
            limits(node, &rates::path(&path), &["organisation", name], report)
        });
        self.organisations.push(Organisation {
            name: name.to_owned(),
            limits: rates,
            domains: domains(tenant, &join(&path, "domains"), report),
        });

        let mut scope = Scope {
            number: organisation,
            name,
            roles: Index::of("role", &tenant.roles, self.roles.len()),
            teams: Index::of("team", &tenant.teams, self.teams.len()),
            team_roles: BTreeMap::new(),
        };
        for (role_name, (_, node)) in &tenant.roles {
            let path = join(&join(&path, "roles"), role_name);
            self.roles.push(role(
                (organisation, role_name),
                node,
                &path,
                servers,
                report,
            ));
        }
        for (team_name, (_, node)) in &tenant.teams {
            let path = join(&join(&path, "teams"), team_name);
            self.teams.push(scope.team(team_name, node, &path, report));
        }
        for (agent_name, (place, node)) in &tenant.agents {
            let path = join(&join(&path, "agents"), agent_name);
            let agent = scope.agent(agent_name, node, &path, report);
            if agent.roles.is_empty() {
                let wrong = Wrong::expected("a role, or a team with one");
                let found = format!("{path} has no role, so it may do nothing");
                report.warn(*place, found, wrong);
            }
            self.agents.push(agent);
        }
    }
}

/// The organisation's own domains, sorted.
fn domains(tenant: &Tenant<'_>, path: &str, report: &mut Report) -> Vec<String> {
    let nodes = tenant.domains.iter();
    let mut domains: Vec<String> = nodes
        .flat_map(|node| {
            each(node, path, report, |node, path, report| {
                parsed(node, path, report, domain)
            })
        })
        .collect();
    domains.sort();
    domains.dedup();
    domains
}

/// A domain name (RFC 1035 section 2.3.1, with `_` and leading digits), in lower case.
fn domain(text: &str) -> Result<String, Wrong> {
    let label = |label: &str| {
        let inner = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
        (1..=63).contains(&label.len())
            && label.bytes().all(inner)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let is_name = text.len() <= 253 && text.split('.').all(label);
    if is_name && text.contains('.') {
        return Ok(text.to_ascii_lowercase());
    }
    Err(Wrong::expected(
        "a domain such as example.com; what is below it is included",
    ))
}

/// What the parts of one organisation may refer to.
struct Scope<'s> {
    number: u32,
    name: &'s str,
    roles: Index<'s>,
    teams: Index<'s>,
    /// Rows of roles by the row of a team.
    team_roles: BTreeMap<u32, Vec<u32>>,
}

impl Scope<'_> {
    fn team(&mut self, name: &str, node: &Node, path: &str, report: &mut Report) -> Team {
        let fields = Fields::of(node, path, &["roles", "limits"], report);
        let roles = self.roles(&fields, report);
        if let Some(team) = self.teams.row(name) {
            self.team_roles.insert(team, roles);
        }
        let limits = self.limits(&fields, &["team", self.name, name], report);
        Team {
            organisation: self.number,
            name: name.to_owned(),
            limits,
        }
    }

    fn agent(&self, name: &str, node: &Node, path: &str, report: &mut Report) -> Agent {
        let fields = Fields::of(node, path, &["team", "roles", "limits"], report);
        let mut roles = self.roles(&fields, report);
        let team = fields.get("team").and_then(|node| {
            let path = fields.path("team");
            let name = text(node, &path, report)?;
            self.teams.find(name, node.place, &path, report)
        });
        let of_team = team.and_then(|team| self.team_roles.get(&team));
        roles.extend(of_team.into_iter().flatten());
        roles.sort_unstable();
        roles.dedup();
        let limits = self.limits(&fields, &["agent", self.name, name], report);
        Agent {
            organisation: self.number,
            name: name.to_owned(),
            team,
            roles,
            limits,
        }
    }

    fn roles(&self, fields: &Fields<'_>, report: &mut Report) -> Vec<u32> {
        let Some(node) = fields.get("roles") else {
            return Vec::new();
        };
        let path = fields.path("roles");
        let members = list(node, &path, report).iter().enumerate();
        members
            .filter_map(|(at, node)| {
                let path = index(&path, at);
                let name = text(node, &path, report)?;
                self.roles.find(name, node.place, &path, report)
            })
            .collect()
    }

    fn limits(
        &self,
        fields: &Fields<'_>,
        scope: &[&str],
        report: &mut Report,
    ) -> Vec<varistor_snapshot::schema::Rate> {
        let node = fields.get("limits");
        node.map_or_else(Vec::new, |node| {
            limits(node, &fields.path("limits"), scope, report)
        })
    }
}

/// Rows by name.
struct Index<'s> {
    kind: &'static str,
    names: Vec<&'s str>,
    first: usize,
}

impl<'s> Index<'s> {
    fn of(kind: &'static str, named: &'s Named<'_>, first: usize) -> Self {
        Self {
            kind,
            names: named.keys().map(String::as_str).collect(),
            first,
        }
    }

    fn row(&self, name: &str) -> Option<u32> {
        let at = self.names.binary_search(&name).ok()?;
        Some(row(self.first.saturating_add(at)))
    }

    /// The row of a name that is referred to; one that does not exist is reported.
    fn find(&self, name: &str, place: Place, path: &str, report: &mut Report) -> Option<u32> {
        let row = self.row(name);
        if row.is_none() && !report.incomplete {
            let expected = match self.names.len() {
                0 => format!("a {} of this organisation, which has none", self.kind),
                1..=8 => format!("one of {}", self.names.join(", ")),
                count => format!("one of the organisation's {count} {}s", self.kind),
            };
            let found = format!("the unknown {} {} for {path}", self.kind, quote(name));
            let help = nearest(name, self.names.iter().copied());
            report.refuse(
                place,
                found,
                Wrong {
                    help,
                    ..Wrong::expected(expected)
                },
            );
        }
        row
    }
}

/// A row's number. Files are bounded, so that it always fits.
fn row(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}
