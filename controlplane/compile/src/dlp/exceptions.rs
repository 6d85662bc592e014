//! Exceptions: other actions for some findings of some calls. Refuses one that says nothing about
//! what, where or whose, and names that do not exist: an exception that never holds is a mistake.

use varistor_model::{Class, DlpAction};
use varistor_snapshot::schema::{Cover, Detector, Exception, Target};

use super::rules::{Names, action_of, class_of, is_of};
use crate::patterns::{NoServer, Servers, closeness};
use crate::problem::{Place, Report, Wrong, nearest, quote};
use crate::read::{Fields, index, list, one_or_list, text, word};
use crate::tenants::Tenants;
use crate::yaml::Node;

const KEYS: &[&str] = &[
    "classes",
    "entities",
    "servers",
    "tools",
    "roles",
    "direction",
    "action",
];
/// What an exception must say some of.
const CONDITIONS: &str = "at least one of classes, entities, servers, tools, roles, direction";
/// Most exceptions of a policy.
const EXCEPTIONS_MAX: usize = 256;
/// Most members of a list in one of them.
const MEMBERS_MAX: usize = 256;
/// Most targets of all of them together: pairs of a server and a pattern.
const TARGETS_MAX: usize = 100_000;

/// What exceptions may name.
#[derive(Clone, Copy)]
pub(super) struct Scope<'s> {
    pub(super) names: &'s Names<'s>,
    pub(super) servers: &'s Servers,
    pub(super) tenants: &'s Tenants,
}

/// An exception before the detectors are known.
pub(super) struct Stated {
    classes: Vec<Class>,
    entities: Vec<String>,
    /// Without what it is about.
    row: Exception,
}

impl Stated {
    /// The row over these detectors.
    pub(super) fn row(&self, detectors: &[Detector]) -> Exception {
        let numbered = (0..=u16::MAX).zip(detectors);
        let covers = numbered.filter_map(|(detector, row)| {
            let special = self.special(row)?;
            Some(Cover { detector, special })
        });
        Exception {
            covers: covers.collect(),
            ..self.row.clone()
        }
    }

    /// The entities and parents that it names.
    pub(super) fn entities(&self) -> impl Iterator<Item = &str> {
        self.entities.iter().map(String::as_str)
    }

    /// By what it names a detector (see `Cover::special`), if it is about it.
    fn special(&self, row: &Detector) -> Option<u8> {
        let is_named = |name: &String| self.entities.contains(name);
        let of_class = || self.classes.iter().any(|class| *class as u8 == row.class);
        if is_named(&row.entity) {
            Some(3)
        } else if is_named(&row.parent) {
            Some(2)
        } else if of_class() {
            Some(1)
        } else {
            self.is_about_all().then_some(0)
        }
    }

    /// Whether it wants findings of a class more than passed on unrecorded.
    pub(super) fn wants(&self, class: Class) -> bool {
        let is_about = self.is_about_all()
            || self.classes.contains(&class)
            || self.entities.iter().any(|name| is_of(name, class));
        is_about && self.row.action > DlpAction::Allow as u8
    }

    fn is_about_all(&self) -> bool {
        self.classes.is_empty() && self.entities.is_empty()
    }
}

/// All exceptions of the policy.
pub(super) fn exceptions(
    node: &Node,
    path: &str,
    scope: Scope<'_>,
    report: &mut Report,
) -> Vec<Stated> {
    let members = list(node, path, report);
    if members.len() > EXCEPTIONS_MAX {
        let found = format!("{} exceptions for {path}", members.len());
        let wrong = Wrong::expected(format!("at most {EXCEPTIONS_MAX} exceptions"));
        report.refuse(node.place, found, wrong);
        return Vec::new();
    }
    let read = members.iter().enumerate();
    let stated: Vec<_> = read
        .filter_map(|(at, member)| exception(member, &index(path, at), scope, report))
        .collect();
    let targets: usize = stated.iter().map(|stated| stated.row.targets.len()).sum();
    if targets > TARGETS_MAX {
        let found = format!("{path} stands for {targets} pairs of a server and a pattern");
        let wrong = Wrong::expected(format!("at most {TARGETS_MAX}"));
        report.refuse(node.place, found, wrong);
    }
    stated
}

fn exception(node: &Node, path: &str, scope: Scope<'_>, report: &mut Report) -> Option<Stated> {
    let fields = Fields::of(node, path, KEYS, report);
    let action = fields.required("action", report);
    let action = action.and_then(|node| action_of(node, &fields.path("action"), report));
    if KEYS
        .iter()
        .all(|key| *key == "action" || fields.get(key).is_none())
    {
        let found = format!("an exception from everything in {path}");
        let wrong = Wrong::expected(CONDITIONS);
        let help = "say it in dlp.request and dlp.response if it is meant for all";
        report.refuse(node.place, found, wrong.help(help));
        return None;
    }
    let classes = members(&fields, "classes", report);
    let classes = classes
        .iter()
        .filter_map(|(node, path)| class_of(node, path, report));
    let classes = classes.collect();
    let named = texts(&fields, "entities", report);
    let known = named
        .iter()
        .filter(|(name, place, path)| scope.names.check((name, *place), path, report));
    let entities = known.map(|(name, ..)| (*name).to_owned()).collect();
    let named = texts(&fields, "roles", report);
    let found = named
        .iter()
        .flat_map(|role| roles(role, scope.tenants, report));
    let mut roles: Vec<u32> = found.collect();
    roles.sort_unstable();
    roles.dedup();
    let targets = targets(&fields, scope.servers, report);
    let words = [("request", 0b01), ("response", 0b10)];
    let directions = match fields.get("direction") {
        Some(node) => word(node, &fields.path("direction"), &words, report)?,
        None => 0b11,
    };
    Some(Stated {
        classes,
        entities,
        row: Exception {
            covers: Vec::new(),
            directions,
            everywhere: targets.is_none(),
            targets: targets.unwrap_or_default(),
            roles,
            action: action? as u8,
        },
    })
}

/// What is called, as `servers` and `tools` name it; `None` when neither is there.
fn targets(fields: &Fields<'_>, servers: &Servers, report: &mut Report) -> Option<Vec<Target>> {
    let has = |key| fields.get(key).is_some();
    let mut whole: Vec<(u32, u8)> = Vec::new();
    for (pattern, place, path) in texts(fields, "servers", report) {
        whole.extend(servers.whole(pattern, place, &path, report));
    }
    if !has("tools") {
        let target = |(server, server_special)| Target {
            server,
            name: "*".to_owned(),
            server_special,
            tool_special: 0,
        };
        return has("servers").then(|| whole.into_iter().map(target).collect());
    }
    let mut targets = Vec::new();
    for (pattern, place, path) in texts(fields, "tools", report) {
        let rows = servers.named(pattern, (place, NoServer::Refused), &path, report);
        let (before, is_known) = (targets.len(), !rows.is_empty());
        for (row, special) in rows {
            let of_server = whole.iter().filter(|(server, _)| *server == row.server);
            let also = of_server.map(|(_, special)| *special).max();
            if has("servers") && also.is_none() {
                continue;
            }
            targets.push(Target {
                server: row.server,
                server_special: special.max(also.unwrap_or(0)),
                tool_special: closeness(&row.name).saturating_add(1),
                name: row.name,
            });
        }
        if is_known && targets.len() == before && !whole.is_empty() {
            let found = format!("the pattern {} for {path}", quote(pattern));
            let wrong = Wrong::expected("tools of one of the servers that the exception names");
            report.refuse(place, found, wrong);
        }
    }
    Some(targets)
}

/// The rows of a role, of `NAME` in any organisation or of `ORGANISATION/NAME`.
fn roles(
    (name, place, path): &(&str, Place, String),
    tenants: &Tenants,
    report: &mut Report,
) -> Vec<u32> {
    let all = (0..).zip(&tenants.roles).map(|(at, role)| {
        let organisation = usize::try_from(role.organisation).unwrap_or(usize::MAX);
        let organisation = tenants.organisations.get(organisation);
        let organisation = organisation.map_or("", |row| row.name.as_str());
        (
            at,
            role.name.as_str(),
            format!("{organisation}/{}", role.name),
        )
    });
    let all: Vec<(u32, &str, String)> = all.collect();
    let matching = all
        .iter()
        .filter(|(_, short, long)| short == name || long == name);
    let found: Vec<u32> = matching.map(|(at, ..)| *at).collect();
    if found.is_empty() && !report.incomplete {
        let known = || {
            all.iter()
                .flat_map(|(_, short, long)| [*short, long.as_str()])
        };
        let told = format!("the unknown role {} for {path}", quote(name));
        let wrong = Wrong {
            help: nearest(name, known()),
            ..Wrong::expected("a role of any organisation, or ORGANISATION/ROLE")
        };
        report.refuse(*place, told, wrong);
    }
    found
}

/// The members of a list under this key, or its one value, with their paths; a list without any or
/// with too many is reported.
fn members<'n>(fields: &Fields<'n>, key: &str, report: &mut Report) -> Vec<(&'n Node, String)> {
    let Some(node) = fields.get(key) else {
        return Vec::new();
    };
    let path = fields.path(key);
    let members = one_or_list(node);
    if members.is_empty() || members.len() > MEMBERS_MAX {
        let found = format!("{} members for {path}", members.len());
        let wrong = Wrong::expected(format!("1 to {MEMBERS_MAX}"));
        report.refuse(node.place, found, wrong);
        return Vec::new();
    }
    let is_list = !std::ptr::eq(members.as_ptr(), node);
    let numbered = members.iter().enumerate();
    let named = numbered.map(|(at, node)| match is_list {
        true => (node, index(&path, at)),
        false => (node, path.clone()),
    });
    named.collect()
}

/// The texts among them, with place and path.
fn texts<'n>(fields: &Fields<'n>, key: &str, report: &mut Report) -> Vec<(&'n str, Place, String)> {
    let read = members(fields, key, report)
        .into_iter()
        .filter_map(|(node, path)| {
            let text = text(node, &path, report)?;
            Some((text, node.place, path))
        });
    read.collect()
}
