//! Placeholders that can be turned back, and the servers that are cleared for what they stand for.
//! Refuses names that do not exist, clearance for what is never turned back, and two entities whose
//! placeholders would read alike.

use std::collections::BTreeMap;

use varistor_inspect::dlp::label;
use varistor_model::Class;
use varistor_snapshot::schema::{Clearance, Detector, Placeholders};

use super::rules::{CLASSES, Names};
use crate::patterns::Servers;
use crate::problem::{Place, Report, Wrong, quote};
use crate::quantity;
use crate::read::{Fields, entries, index, join, one_or_list, parsed, text};
use crate::yaml::Node;

const KEYS: &[&str] = &["reversible", "clear", "idle"];
/// Most names in a list.
const NAMES_MAX: usize = 256;
/// When values are forgotten if the policy does not say it.
const IDLE_MS: u64 = 3_600_000;

/// What a policy says under `dlp.placeholders`.
#[derive(Default)]
pub(super) struct Reversible {
    about: About,
    /// By server.
    clear: BTreeMap<u32, About>,
    idle_ms: u64,
}

/// Some classes and some entities.
#[derive(Default, Clone)]
struct About {
    classes: Vec<Class>,
    entities: Vec<String>,
}

impl Reversible {
    /// What stands at this node.
    pub(super) fn of(
        node: &Node,
        path: &str,
        (names, servers): (&Names<'_>, &Servers),
        report: &mut Report,
    ) -> Self {
        let fields = Fields::of(node, path, KEYS, report);
        let mut stated = Self::default();
        if let Some(node) = fields.required("reversible", report) {
            let path = fields.path("reversible");
            let members = About::of(node, &path, names, report);
            stated.about = members.0;
            distinct(&stated.about, (node.place, names), report);
        }
        let idle = fields
            .get("idle")
            .and_then(|node| parsed(node, &fields.path("idle"), report, quantity::duration_ms));
        stated.idle_ms = idle.unwrap_or(IDLE_MS);
        let clear = fields.get("clear");
        let clear = clear.map(|node| entries(node, &fields.path("clear"), report));
        for (key, node) in clear.unwrap_or_default() {
            let path = fields.path("clear");
            let found = servers.whole(&key.text, key.place, &path, report);
            let (about, places) = About::of(node, &join(&path, &key.text), names, report);
            stated.check(&places, names, report);
            for (server, _) in found {
                stated.clear.entry(server).or_default().add(&about);
            }
        }
        stated
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.about.classes.is_empty() && self.about.entities.is_empty()
    }

    /// The rows over these detectors.
    pub(super) fn rows(&self, detectors: &[Detector]) -> Placeholders {
        // An entity is reversible as a whole: its detectors share one placeholder.
        let of = |about: &About| {
            let numbered = (0..=u16::MAX).zip(detectors);
            let meant = numbered.filter(|(_, row)| about.is_about(row) && self.about.is_about(row));
            meant.map(|(number, _)| number).collect::<Vec<_>>()
        };
        let clear = self.clear.iter().map(|(server, about)| Clearance {
            server: *server,
            detectors: of(about),
        });
        Placeholders {
            reversible: of(&self.about),
            clear: clear.collect(),
            idle_ms: self.idle_ms,
        }
    }

    /// Refuses clearance for names that nothing reversible has.
    fn check(&self, places: &[(String, Place, String)], names: &Names<'_>, report: &mut Report) {
        for (name, place, path) in places {
            let single = About::named(name);
            let is_known = |(entity, parent, class): (&str, &str, Class)| {
                single.holds(entity, parent, class) && self.about.holds(entity, parent, class)
            };
            if !report.incomplete && !names.all().into_iter().any(is_known) {
                let found = format!("{} for {path}", quote(name));
                let wrong = Wrong::expected("something that dlp.placeholders.reversible names");
                report.refuse(*place, found, wrong);
            }
        }
    }
}

impl About {
    /// The classes and entities that a list names, and each name with its place and path.
    fn of(
        node: &Node,
        path: &str,
        names: &Names<'_>,
        report: &mut Report,
    ) -> (Self, Vec<(String, Place, String)>) {
        let members = one_or_list(node);
        let (mut about, mut places) = (Self::default(), Vec::new());
        if members.is_empty() || members.len() > NAMES_MAX {
            let found = format!("{} members for {path}", members.len());
            let wrong = Wrong::expected(format!("1 to {NAMES_MAX}"));
            report.refuse(node.place, found, wrong);
            return (about, places);
        }
        let is_list = !std::ptr::eq(members.as_ptr(), node);
        for (at, member) in members.iter().enumerate() {
            let path = match is_list {
                true => index(path, at),
                false => path.to_owned(),
            };
            let Some(name) = text(member, &path, report) else {
                continue;
            };
            let single = Self::named(name);
            if single.classes.is_empty() && !names.check((name, member.place), &path, report) {
                continue;
            }
            about.add(&single);
            places.push((name.to_owned(), member.place, path));
        }
        (about, places)
    }

    /// One class, or the entity of this name.
    fn named(name: &str) -> Self {
        let class = CLASSES.iter().find(|(word, _)| *word == name);
        match class {
            Some((_, class)) => Self {
                classes: vec![*class],
                entities: Vec::new(),
            },
            None => Self {
                classes: Vec::new(),
                entities: vec![name.to_owned()],
            },
        }
    }

    fn add(&mut self, other: &Self) {
        self.classes.extend_from_slice(&other.classes);
        self.entities.extend_from_slice(&other.entities);
    }

    fn is_about(&self, row: &Detector) -> bool {
        Class::numbered(row.class).is_some_and(|class| self.holds(&row.entity, &row.parent, class))
    }

    fn holds(&self, entity: &str, parent: &str, class: Class) -> bool {
        let is_named = |name: &String| name == entity || name == parent;
        self.classes.contains(&class) || self.entities.iter().any(is_named)
    }
}

/// Refuses two reversible entities with one label: `<A_B_1>` could be either.
fn distinct(about: &About, (place, names): (Place, &Names<'_>), report: &mut Report) {
    let mut known: BTreeMap<String, &str> = BTreeMap::new();
    for (entity, parent, class) in names.all() {
        if !about.holds(entity, parent, class) {
            continue;
        }
        let before = known.insert(label(entity), entity);
        if let Some(before) = before.filter(|before| *before != entity) {
            let found = format!(
                "{} and {}, whose placeholders would read alike",
                quote(before),
                quote(entity)
            );
            let wrong = Wrong::expected("entities whose names differ in letters and digits");
            report.refuse(place, found, wrong);
        }
    }
}
