//! Roles: what they permit, forbid, and hand to a human. An empty list permits nothing.

use varistor_model::{Intent, IntentSet};
use varistor_snapshot::schema::{Grant, Role, kinds};

use crate::patterns::{NoServer, Patterns, Servers};
use crate::problem::{Report, Wrong};
use crate::read::{Fields, index, list, one_or_list, text, word};
use crate::yaml::{Node, Value};

/// Keys of a permission that says more than a pattern.
const PERMISSION: &[&str] = &["tools", "prompts", "resources", "intents"];
const KINDS: [(&str, u8); 3] = [
    ("tools", kinds::TOOL),
    ("prompts", kinds::PROMPT),
    ("resources", kinds::RESOURCE),
];

/// The row of a role.
pub(crate) fn role(
    (organisation, name): (u32, &str),
    node: &Node,
    path: &str,
    servers: &Servers,
    report: &mut Report,
) -> Role {
    let fields = Fields::of(node, path, &["allow", "deny", "approve"], report);
    let mut grants = Vec::new();
    for (key, deny) in [("allow", false), ("deny", true)] {
        let Some(node) = fields.get(key) else {
            continue;
        };
        let path = fields.path(key);
        for (at, member) in list(node, &path, report).iter().enumerate() {
            grants.extend(permission(member, &index(&path, at), deny, servers, report));
        }
    }
    grants.sort_by(|a, b| order(a).cmp(&order(b)));
    grants.dedup();
    let hold = fields.read("approve", report, intents).unwrap_or_default();
    Role {
        organisation,
        name: name.to_owned(),
        grants,
        hold: hold.bits(),
    }
}

/// A list of intents.
pub(crate) fn intents(node: &Node, path: &str, report: &mut Report) -> Option<IntentSet> {
    let words = Intent::ALL.map(|intent| (intent.name(), intent));
    let members = list(node, path, report).iter().enumerate();
    let read = members.filter_map(|(at, node)| word(node, &index(path, at), &words, report));
    Some(read.collect())
}

fn permission(
    node: &Node,
    path: &str,
    deny: bool,
    servers: &Servers,
    report: &mut Report,
) -> Vec<Grant> {
    let no_server = match deny {
        true => NoServer::Refused,
        false => NoServer::Warned,
    };
    let Value::Map(_) = &node.value else {
        let Some(pattern) = text(node, path, report) else {
            return Vec::new();
        };
        let everything = Cover {
            kinds: kinds::ALL,
            intents: None,
            deny,
        };
        let patterns = servers.patterns(pattern, (node.place, no_server), path, report);
        return patterns
            .into_iter()
            .map(|row| everything.grant(row))
            .collect();
    };
    let fields = Fields::of(node, path, PERMISSION, report);
    let intents = fields.read("intents", report, intents);
    if let Some(node) = fields.get("intents")
        && fields.get("tools").is_none()
    {
        let wrong = Wrong::expected("`tools` beside `intents`");
        report.refuse(
            node.place,
            format!("intents without tools in {path}"),
            wrong,
        );
    }
    if KINDS.iter().all(|(key, _)| fields.get(key).is_none()) {
        let wrong = Wrong::expected("at least one of tools, prompts, resources");
        report.refuse(
            node.place,
            format!("a permission for nothing in {path}"),
            wrong,
        );
    }
    let mut grants = Vec::new();
    for (key, kind) in KINDS {
        let Some(node) = fields.get(key) else {
            continue;
        };
        let path = fields.path(key);
        let cover = Cover {
            kinds: kind,
            intents: intents.filter(|_| kind == kinds::TOOL),
            deny,
        };
        for member in one_or_list(node) {
            let Some(pattern) = text(member, &path, report) else {
                continue;
            };
            let place = (member.place, no_server);
            let patterns = servers.patterns(pattern, place, &path, report);
            grants.extend(patterns.into_iter().map(|row| cover.grant(row)));
        }
    }
    grants
}

/// What a permission says beside its pattern.
struct Cover {
    kinds: u8,
    /// The intents that the policy listed.
    intents: Option<IntentSet>,
    deny: bool,
}

impl Cover {
    fn grant(&self, Patterns { server, name }: Patterns) -> Grant {
        Grant {
            server,
            name,
            kinds: self.kinds,
            intents: self.intents.unwrap_or(IntentSet::ALL).bits(),
            stated: self.intents.is_some(),
            deny: self.deny,
        }
    }
}

fn order(grant: &Grant) -> (u32, &str, u8, u8, bool, bool) {
    let Grant {
        server,
        name,
        kinds,
        intents,
        stated,
        deny,
    } = grant;
    (*server, name, *kinds, *intents, *stated, *deny)
}
