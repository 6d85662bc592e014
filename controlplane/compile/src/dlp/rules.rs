//! What follows findings when no exception speaks: by class, by entity over the class.

use varistor_inspect::dlp::entities;
use varistor_model::{Class, DlpAction};
use varistor_snapshot::schema::Detector;

use super::custom::Own;
use crate::problem::{Place, Report, Wrong, nearest, quote};
use crate::read::{Fields, entries, join, word};
use crate::yaml::{Node, Value};

/// What is said about arguments and about answers.
pub(super) type Pair = [Option<DlpAction>; 2];

/// Keys of a pair, in its order.
pub(super) const DIRECTIONS: &[&str] = &["request", "response"];
pub(super) const CLASSES: [(&str, Class); 3] = [
    ("secrets", Class::Secret),
    ("financial", Class::Financial),
    ("pii", Class::Pii),
];
const CLASS_KEYS: &[&str] = &["secrets", "financial", "pii"];

/// What policy says about classes and entities.
pub(super) struct Rules {
    /// By direction, then by `Class` as a number.
    pub(super) classes: [[DlpAction; 3]; 2],
    /// By name of an entity or of a parent.
    entities: Vec<(String, Pair)>,
}

/// Every name by which a policy may speak of entities.
pub(super) struct Names<'n> {
    customs: &'n [Own],
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            classes: [[DlpAction::Log; 3]; 2],
            entities: Vec::new(),
        }
    }
}

impl Rules {
    /// Takes in what is said about the classes in one direction.
    pub(super) fn of_classes(&mut self, at: usize, node: &Node, path: &str, report: &mut Report) {
        let fields = Fields::of(node, path, CLASS_KEYS, report);
        for (key, class) in CLASSES {
            let action = fields.read(key, report, action_of);
            let entry = self.classes.get_mut(at);
            let entry = entry.and_then(|classes| classes.get_mut(class as usize));
            if let (Some(action), Some(entry)) = (action, entry) {
                *entry = action;
            }
        }
    }

    /// Takes in what is said about entities.
    pub(super) fn of_entities(
        &mut self,
        node: &Node,
        path: &str,
        names: &Names<'_>,
        report: &mut Report,
    ) {
        for (key, node) in entries(node, path, report) {
            let place = key.place;
            let known = names.check((&key.text, place), path, report);
            if let Some(own) = names.own(&key.text) {
                let found = format!("{} in {path}, a pattern of the operator", quote(&key.text));
                let wrong = Wrong::expected("an entity of the catalogue");
                let help = format!("say it in {}.action", own.path());
                report.refuse(place, found, wrong.help(help));
                continue;
            }
            let actions = pair(node, &join(path, &key.text), report);
            if let (true, Some(actions)) = (known, actions) {
                self.entities.push((key.text, actions));
            }
        }
    }

    /// What follows findings of a detector, in both directions.
    pub(super) fn of(&self, detector: &Detector) -> [DlpAction; 2] {
        let named = [&detector.entity, &detector.parent].map(|name| self.named(name));
        let mut at = 0_usize;
        self.classes.map(|classes| {
            let stated = named.iter().find_map(|pair| (*pair)?.get(at).copied()?);
            at = at.saturating_add(1);
            let class = classes.get(usize::from(detector.class)).copied();
            stated.or(class).unwrap_or(DlpAction::Deny)
        })
    }

    /// What is said about an entity or a parent.
    pub(super) fn named(&self, name: &str) -> Option<Pair> {
        let found = self.entities.iter().find(|(known, _)| known == name);
        found.map(|(_, actions)| *actions)
    }

    /// The entities and parents that are spoken of by name.
    pub(super) fn entities(&self) -> impl Iterator<Item = &str> {
        self.entities.iter().map(|(name, _)| name.as_str())
    }

    /// Whether anything of a class is more than passed on unrecorded.
    pub(super) fn wants(&self, class: Class) -> bool {
        let of_class = self
            .classes
            .iter()
            .any(|actions| actions.get(class as usize).copied() != Some(DlpAction::Allow));
        of_class
            || self.entities.iter().any(|(name, actions)| {
                let stated = actions.iter().flatten();
                is_of(name, class) && stated.into_iter().any(|action| *action > DlpAction::Allow)
            })
    }
}

impl<'n> Names<'n> {
    pub(super) const fn new(customs: &'n [Own]) -> Self {
        Self { customs }
    }

    /// Whether there is such an entity or parent; one that there is not is reported.
    pub(super) fn check(
        &self,
        (name, place): (&str, Place),
        path: &str,
        report: &mut Report,
    ) -> bool {
        let all: Vec<&str> = self.every().collect();
        if all.contains(&name) {
            return true;
        }
        let found = format!("the unknown entity {} for {path}", quote(name));
        let wrong = Wrong {
            help: nearest(name, all.iter().copied()),
            ..Wrong::expected("an entity of the catalogue or the name of a pattern in dlp.custom")
        };
        report.refuse(place, found, wrong);
        false
    }

    /// Every name: entities, parents, own patterns; some of them twice.
    pub(super) fn every(&self) -> impl Iterator<Item = &'n str> {
        let catalogue = entities().flat_map(|(entity, parent, _)| [entity, parent]);
        catalogue.chain(self.customs.iter().map(Own::name))
    }

    /// Every entity with its parent and class; an own pattern is its own parent.
    pub(super) fn all(&self) -> Vec<(&str, &str, Class)> {
        let customs = self.customs.iter();
        let mut all: Vec<_> = entities().collect();
        all.extend(customs.map(|own| (own.name(), own.name(), own.class())));
        all
    }

    /// The operator's own pattern of this name.
    pub(super) fn own(&self, name: &str) -> Option<&'n Own> {
        self.customs.iter().find(|own| own.name() == name)
    }
}

/// Whether the catalogue has this entity, or a child of it, in this class.
pub(super) fn is_of(name: &str, class: Class) -> bool {
    entities().any(|(entity, parent, of)| of == class && (entity == name || parent == name))
}

/// One action for both directions, or one for each of them.
pub(super) fn pair(node: &Node, path: &str, report: &mut Report) -> Option<Pair> {
    let Value::Map(map) = &node.value else {
        return action_of(node, path, report).map(|action| [Some(action); 2]);
    };
    let fields = Fields::of(node, path, DIRECTIONS, report);
    let request = fields.read("request", report, action_of);
    let response = fields.read("response", report, action_of);
    if map.is_empty() {
        let wrong = Wrong::expected("request, response, or one action for both");
        report.refuse(node.place, format!("no direction in {path}"), wrong);
        return None;
    }
    Some([request, response])
}

pub(super) fn action_of(node: &Node, path: &str, report: &mut Report) -> Option<DlpAction> {
    let words = DlpAction::ALL.map(|action| (action.name(), action));
    word(node, path, &words, report)
}

pub(crate) fn class_of(node: &Node, path: &str, report: &mut Report) -> Option<Class> {
    word(node, path, &CLASSES, report)
}
