//! Puts the files of a directory together: which definitions there are, each of them once.
//!
//! Refuses unknown keys at the top, names that break their rule, and whatever is defined twice in
//! one file or in two.

use std::collections::BTreeMap;

use crate::name::{self, Rule};
use crate::problem::{Place, Report, Wrong, quote};
use crate::read::{Fields, Key, entries, join};
use crate::yaml::Node;

/// Keys of a policy file.
pub(crate) const TOP: &[&str] = &[
    "listen",
    "tls",
    "hosts",
    "origins",
    "public_url",
    "authorization_servers",
    "runtime",
    "admin",
    "servers",
    "organisations",
    "limits",
    "defaults",
    "dlp",
    "approvals",
    "pinning",
    "audit",
    "channels",
    "events",
    "flows",
    "federation",
    "identity_providers",
    "workload_identities",
    "secret_stores",
    "secrets",
];
/// Keys of an organisation.
const ORGANISATION: &[&str] = &["limits", "domains", "roles", "teams", "agents"];

/// Definitions by name, in the order of their names.
pub(crate) type Named<'n> = BTreeMap<String, (Place, &'n Node)>;

/// All definitions of a directory.
#[derive(Default)]
pub(crate) struct Sources<'n> {
    pub(crate) servers: Named<'n>,
    pub(crate) organisations: BTreeMap<String, Tenant<'n>>,
    /// The top-level `limits` of each file.
    pub(crate) limits: Vec<&'n Node>,
    /// Everything else of the top level, by key.
    settings: Named<'n>,
}

/// One organisation, whose parts may stand in several files.
#[derive(Default)]
pub(crate) struct Tenant<'n> {
    pub(crate) limits: Option<&'n Node>,
    /// Each `domains` of it: they add up.
    pub(crate) domains: Vec<&'n Node>,
    pub(crate) roles: Named<'n>,
    pub(crate) teams: Named<'n>,
    pub(crate) agents: Named<'n>,
}

impl<'n> Sources<'n> {
    /// The definitions in these files.
    pub(crate) fn of(roots: &'n [Node], report: &mut Report) -> Self {
        let mut sources = Self::default();
        for root in roots {
            sources.add(root, report);
        }
        sources
    }

    /// The value of a key of the top level.
    pub(crate) fn setting(&self, key: &str) -> Option<&'n Node> {
        self.settings.get(key).map(|(_, node)| *node)
    }

    fn add(&mut self, root: &'n Node, report: &mut Report) {
        let top = Fields::of(root, "", TOP, report);
        for key in TOP {
            let Some(node) = top.get(key) else { continue };
            match *key {
                "servers" => add_named(&mut self.servers, node, key, name::server, report),
                "organisations" => self.add_organisations(node, report),
                "limits" => self.limits.push(node),
                _ => {
                    let key = Key {
                        text: (*key).to_owned(),
                        place: node.place,
                    };
                    define(&mut self.settings, key, node, "the key", report);
                }
            }
        }
    }

    fn add_organisations(&mut self, node: &'n Node, report: &mut Report) {
        for (key, node) in entries(node, "organisations", report) {
            check_name(&key, "organisations", name::other, report);
            let path = join("organisations", &key.text);
            let fields = Fields::of(node, &path, ORGANISATION, report);
            let tenant = self.organisations.entry(key.text).or_default();
            if let Some(node) = fields.get("limits") {
                match tenant.limits {
                    None => tenant.limits = Some(node),
                    Some(first) => twice(&join(&path, "limits"), node.place, first.place, report),
                }
            }
            tenant.domains.extend(fields.get("domains"));
            for (part, named) in [
                ("roles", &mut tenant.roles),
                ("teams", &mut tenant.teams),
                ("agents", &mut tenant.agents),
            ] {
                if let Some(node) = fields.get(part) {
                    add_named(named, node, &join(&path, part), name::other, report);
                }
            }
        }
    }
}

fn add_named<'n>(
    named: &mut Named<'n>,
    node: &'n Node,
    path: &str,
    rule: Rule,
    report: &mut Report,
) {
    for (key, node) in entries(node, path, report) {
        check_name(&key, path, rule, report);
        define(named, key, node, path, report);
    }
}

/// A name that breaks its rule stays known, so that what refers to it is not reported as well.
fn check_name(key: &Key, path: &str, rule: Rule, report: &mut Report) {
    if let Err(wrong) = rule(&key.text) {
        report.refuse(
            key.place,
            format!("the name {} in {path}", quote(&key.text)),
            wrong,
        );
    }
}

fn define<'n>(named: &mut Named<'n>, key: Key, node: &'n Node, path: &str, report: &mut Report) {
    match named.get(&key.text) {
        Some((first, _)) => {
            let what = if path == "the key" {
                quote(&key.text)
            } else {
                join(path, &key.text)
            };
            twice(&what, key.place, *first, report);
        }
        None => {
            named.insert(key.text, (key.place, node));
        }
    }
}

fn twice(what: &str, place: Place, first: Place, report: &mut Report) {
    let help = format!("the first one is at {}", report.show(first));
    let wrong = Wrong::expected("one definition in all files").help(help);
    report.refuse(place, format!("a second definition of {what}"), wrong);
}
