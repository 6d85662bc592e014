//! What rules share: each distinct test, place, expression, zone and counter once.

use std::collections::HashMap;
use std::hash::Hash;

use varistor_snapshot::schema::rules::{Atom, PathRow, PathStep};

use super::Expr;
use crate::ast::Step;
use crate::limits::{ATOMS_MAX, COUNTERS_MAX, PATHS_MAX, PATTERNS_MAX};

/// See the module. Numbers are indices; what does not fit is told by [`Tables::overflow`].
#[derive(Debug)]
pub(crate) struct Tables {
    pub(crate) atoms: Interned<Atom>,
    /// How each atom was written first.
    pub(crate) texts: Vec<String>,
    pub(crate) paths: Interned<PathRow>,
    pub(crate) patterns: Interned<String>,
    pub(crate) zones: Interned<String>,
    pub(crate) counters: Interned<LoweredCounter>,
}

/// A counter whose condition has no place among the nodes yet.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct LoweredCounter {
    pub(crate) name: u64,
    pub(crate) per: u8,
    pub(crate) within_ms: u64,
    pub(crate) what: LoweredCounted,
}

/// What it counts. Conditions are equal when their counters' names are.
#[derive(Clone, Debug)]
pub(crate) enum LoweredCounted {
    Calls(Expr),
    Text(u8),
    Argument(u16),
}

impl PartialEq for LoweredCounted {
    fn eq(&self, _: &Self) -> bool {
        true
    }
}

impl Eq for LoweredCounted {}

impl Hash for LoweredCounted {
    fn hash<H: std::hash::Hasher>(&self, _: &mut H) {}
}

impl Default for Tables {
    fn default() -> Self {
        let mut tables = Self {
            atoms: Interned::default(),
            texts: Vec::new(),
            paths: Interned::default(),
            patterns: Interned::default(),
            zones: Interned::default(),
            counters: Interned::default(),
        };
        tables.paths.number(PathRow {
            parent: 0,
            step: PathStep::Root,
        });
        tables
    }
}

impl Tables {
    pub(crate) fn atom(&mut self, atom: Atom, text: impl FnOnce() -> String) -> u16 {
        let number = self.atoms.number(atom);
        if self.texts.len() < self.atoms.items.len() {
            self.texts.push(text());
        }
        number
    }

    pub(crate) fn zone(&mut self, name: &str) -> u16 {
        self.zones.number(name.to_owned())
    }

    /// The place of these steps behind `args`.
    pub(crate) fn path(&mut self, steps: &[Step]) -> u16 {
        let mut parent = 0;
        for step in steps {
            let step = match step {
                Step::Name(key) | Step::Key(key) => PathStep::Key(key.clone()),
                Step::Index(index) => PathStep::Index(*index),
                Step::Any => PathStep::Any,
            };
            parent = self.paths.number(PathRow { parent, step });
        }
        parent
    }

    /// What there is too much of.
    pub(crate) fn overflow(&self) -> Option<&'static str> {
        [
            (self.atoms.items.len(), ATOMS_MAX, "tests"),
            (self.paths.items.len(), PATHS_MAX, "places in arguments"),
            (self.patterns.items.len(), PATTERNS_MAX, "expressions"),
            (
                self.counters.items.len(),
                COUNTERS_MAX,
                "history conditions",
            ),
            (self.zones.items.len(), COUNTERS_MAX, "time zones"),
        ]
        .into_iter()
        .find(|(count, most, _)| count > most)
        .map(|(_, _, what)| what)
    }
}

/// Things with numbers, each of them once.
#[derive(Debug)]
pub(crate) struct Interned<T> {
    pub(crate) items: Vec<T>,
    numbers: HashMap<T, u16>,
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Self {
            items: Vec::new(),
            numbers: HashMap::new(),
        }
    }
}

impl<T: Clone + Eq + Hash> Interned<T> {
    pub(crate) fn number(&mut self, item: T) -> u16 {
        if let Some(number) = self.numbers.get(&item) {
            return *number;
        }
        // Numbers that do not fit stand in programs that are refused (`Tables::overflow`).
        let number = u16::try_from(self.items.len()).unwrap_or(u16::MAX);
        self.items.push(item.clone());
        self.numbers.insert(item, number);
        number
    }

    pub(crate) fn get(&self, number: u16) -> Option<&T> {
        self.items.get(number as usize)
    }
}
