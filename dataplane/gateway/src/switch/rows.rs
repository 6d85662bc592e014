//! What is stopped, each with who stopped it and why. Refuses more than there is room for.

use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use varistor_model::Selector;
use varistor_model::limits::{KILL_REASON_BYTES_MAX, KILLED_MAX};
use varistor_pipeline::kill::Stopped;

use super::Order;

/// One thing that is stopped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Row {
    #[serde(with = "text")]
    pub(crate) selector: Selector,
    pub(crate) source: Source,
    /// Who stopped it.
    pub(crate) by: String,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) reason: Option<String>,
    /// Since when, in milliseconds since 1970.
    pub(crate) since_unix_ms: u64,
}

/// What keeps something stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Source {
    /// The operator's word on the admin interface.
    Operator,
    /// SIGUSR1.
    Signal,
    /// The file `run/kill`, while it is there.
    File,
    /// What was stopped before the restart can't be read.
    Unreadable,
}

/// All that is stopped. Relation: no selector stands there twice for one source.
#[derive(Debug, Default)]
pub(super) struct Rows(Vec<Row>);

/// More is stopped than there is room for.
#[derive(Clone, Copy, Debug, thiserror::Error)]
#[error(
    "{KILLED_MAX} things are stopped already, and no more are kept apart; stop what holds them \
     together: a team, an organisation, or --all"
)]
pub(crate) struct Full;

impl Row {
    pub(super) fn new(selector: Selector, source: Source, order: &Order) -> Self {
        let since = SystemTime::now().duration_since(UNIX_EPOCH);
        let since = since.unwrap_or_default().as_millis();
        Self {
            selector,
            source,
            by: order.by.clone(),
            reason: order.reason.as_deref().map(shortened),
            since_unix_ms: u64::try_from(since).unwrap_or(u64::MAX),
        }
    }
}

fn shortened(reason: &str) -> String {
    let end = reason.floor_char_boundary(KILL_REASON_BYTES_MAX);
    reason.get(..end).unwrap_or_default().to_owned()
}

impl Rows {
    pub(super) const fn new(rows: Vec<Row>) -> Self {
        Self(rows)
    }

    pub(super) fn all(&self) -> &[Row] {
        &self.0
    }

    /// Adds what an order names; what is there already keeps its first reason.
    pub(super) fn add(&mut self, order: &Order, source: Source) -> Result<(), Full> {
        let is_there = |rows: &[Row], selector: &Selector| {
            let mut rows = rows.iter();
            rows.any(|row| row.source == source && row.selector == *selector)
        };
        let mut next = Vec::new();
        for selector in &order.selectors {
            if !is_there(&self.0, selector) && !is_there(&next, selector) {
                next.push(Row::new(selector.clone(), source, order));
            }
        }
        // Everything always has room.
        let only_all = next.iter().all(|row| row.selector == Selector::All);
        if self.0.len().saturating_add(next.len()) > KILLED_MAX && !only_all {
            return Err(Full);
        }
        self.0.append(&mut next);
        Ok(())
    }

    /// Takes these away: those of one source, or those of every source but the file, which has its
    /// own way to be taken away. How many there were.
    pub(super) fn remove(&mut self, selectors: &[Selector], source: Option<Source>) -> usize {
        let before = self.0.len();
        self.0.retain(|row| {
            let is_of = source.map_or(row.source != Source::File, |it| it == row.source);
            !(is_of && selectors.contains(&row.selector))
        });
        before.saturating_sub(self.0.len())
    }

    pub(super) fn stopped(&self) -> Stopped {
        Stopped::of(self.0.iter().map(|row| &row.selector))
    }

    /// What is to survive a restart: all but what the file says, which survives by itself.
    pub(super) fn to_keep(&self) -> Vec<u8> {
        let kept = self.0.iter().filter(|row| row.source != Source::File);
        let kept: Vec<_> = kept.collect();
        // Rows of plain texts and numbers always become JSON.
        serde_json::to_vec(&kept).unwrap_or_default()
    }
}

/// A selector as text.
mod text {
    use serde::{Deserialize as _, Deserializer, Serializer, de};
    use varistor_model::Selector;

    pub(super) fn serialize<S: Serializer>(it: &Selector, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(it)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Selector, D::Error> {
        String::deserialize(from)?
            .parse()
            .map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(selectors: &[&str]) -> Order {
        Order {
            selectors: selectors.iter().map(|text| text.parse().unwrap()).collect(),
            by: "uid 0".into(),
            reason: Some("ä".repeat(KILL_REASON_BYTES_MAX)),
        }
    }

    #[test]
    fn what_is_kept_leads_back_to_the_rows_and_leaves_the_files_out() {
        let mut rows = Rows::default();
        let both = order(&["agent a/b", "tool s/x y", "agent a/b"]);
        rows.add(&both, Source::Operator).unwrap();
        rows.add(&order(&["all"]), Source::File).unwrap();
        assert_eq!(rows.all().len(), 3);
        let kept: Vec<Row> = serde_json::from_slice(&rows.to_keep()).unwrap();
        assert_eq!(kept, rows.all()[..2]);
        assert!(kept[0].reason.as_ref().unwrap().len() <= KILL_REASON_BYTES_MAX);
        assert!(rows.stopped().is_everything());
    }

    #[test]
    fn each_source_lets_go_of_its_own() {
        let mut rows = Rows::default();
        for source in [Source::Operator, Source::Signal, Source::File] {
            rows.add(&order(&["all"]), source).unwrap();
        }
        rows.add(&order(&["agent a/b"]), Source::Operator).unwrap();
        // The operator lets go of the operator's and of the signal's, not of the file's.
        assert_eq!(rows.remove(&[Selector::All], None), 2);
        assert!(rows.stopped().is_everything());
        assert_eq!(rows.remove(&[Selector::All], Some(Source::File)), 1);
        assert!(!rows.stopped().is_everything() && !rows.stopped().is_empty());
        assert_eq!(rows.remove(&[Selector::All], None), 0);
    }

    #[test]
    fn beyond_the_bound_only_everything_can_be_stopped() {
        let mut rows = Rows::default();
        let many: Vec<Selector> = (0..KILLED_MAX)
            .map(|number| Selector::Server(format!("s{number}")))
            .collect();
        let row = |it: Selector| Row::new(it, Source::Operator, &order(&[]));
        rows.0.extend(many.into_iter().map(row));
        assert!(
            rows.add(&order(&["server one-more"]), Source::Operator)
                .is_err()
        );
        rows.add(&order(&["all"]), Source::Operator).unwrap();
        assert!(rows.stopped().is_everything());
    }
}
