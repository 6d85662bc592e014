//! The names that come most often. Names are counted in bounded memory: those that come first
//! have a count of their own, the rest one together.

use std::collections::HashMap;

use serde::Serialize;

use super::Decisions;

/// Names with a count of their own.
const NAMES_MAX: usize = 20_000;
/// Names that are shown.
const SHOWN: usize = 20;

/// A name and what was decided about it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct TopRow {
    /// The name.
    pub name: String,
    /// How often it came.
    pub count: u64,
    /// What was decided; zeros where nothing is.
    pub decisions: Decisions,
}

/// The most frequent names.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Top {
    /// The first of them, most frequent first.
    pub rows: Vec<TopRow>,
    /// How many names there are beyond those; at least, when there are very many.
    pub more_names: u64,
    /// How often those came.
    pub more_count: u64,
}

#[derive(Debug, Default)]
pub(super) struct Counter {
    names: HashMap<String, (u64, Decisions)>,
    beyond: u64,
}

impl Counter {
    /// Counts a name, with what was decided if anything was; an empty name is none.
    pub(super) fn count(&mut self, name: &str, decision: Option<&str>) {
        if name.is_empty() {
            return;
        }
        if self.names.len() >= NAMES_MAX && !self.names.contains_key(name) {
            self.beyond = self.beyond.saturating_add(1);
            return;
        }
        let (count, decisions) = match self.names.get_mut(name) {
            Some(row) => row,
            None => self.names.entry(name.to_owned()).or_default(),
        };
        *count = count.saturating_add(1);
        if let Some(decision) = decision {
            decisions.count(decision);
        }
    }

    pub(super) fn top(self) -> Top {
        let row = |(name, (count, decisions))| TopRow {
            name,
            count,
            decisions,
        };
        let mut rows: Vec<TopRow> = self.names.into_iter().map(row).collect();
        rows.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        let rest = rows.split_off(SHOWN.min(rows.len()));
        let counts = rest.iter().map(|row| row.count);
        Top {
            rows,
            more_names: (rest.len() as u64).saturating_add(u64::from(self.beyond > 0)),
            more_count: counts.fold(self.beyond, u64::saturating_add),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_frequent_come_first_and_the_rest_is_counted() {
        let mut counter = Counter::default();
        for number in 0..NAMES_MAX + 7 {
            counter.count(&format!("name{number:06}"), Some("allow"));
        }
        counter.count("name000004", Some("deny"));
        counter.count("", None);
        let top = counter.top();
        assert_eq!(
            (top.rows.len(), top.rows[0].name.as_str()),
            (SHOWN, "name000004")
        );
        assert_eq!(
            (top.rows[0].decisions.allow, top.rows[0].decisions.deny),
            (1, 1)
        );
        assert_eq!(top.rows[1].name, "name000000");
        assert_eq!(top.more_count, (NAMES_MAX + 7 - SHOWN) as u64);
    }
}
