//! What a replay counts: how many calls, why some were skipped, and the changes in groups. Bounded
//! whatever a log holds.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;

use super::record::{Fate, Skip};

/// Most rows of a group that are told apart; those beyond are counted as one.
const ROWS_MAX: usize = 10_000;
/// Most transitions that are told apart: a sound log has sixteen.
const TRANSITIONS_MAX: usize = 64;

/// How many calls ended how.
#[derive(Debug, Default, Serialize)]
pub(super) struct Totals {
    /// Records of calls in the bounds.
    pub(super) calls: u64,
    pub(super) same: u64,
    pub(super) changed: u64,
    /// Judged without the values that decided, so that nothing can be said.
    pub(super) uncertain: u64,
    /// Judged with masked values; they are among those above.
    pub(super) masked: u64,
    pub(super) skipped: Skipped,
}

/// Why calls were not judged again.
#[derive(Debug, Default, Serialize)]
pub(super) struct Skipped {
    pub(super) method: u64,
    pub(super) params_omitted: u64,
    pub(super) early: u64,
    pub(super) limit: u64,
    pub(super) failure: u64,
    pub(super) killed: u64,
    /// Lines that can't be read; whether they were calls is not known.
    pub(super) unreadable: u64,
}

impl Skipped {
    pub(super) const fn count(&mut self, skip: Skip) {
        let counter = match skip {
            Skip::Method => &mut self.method,
            Skip::Omitted => &mut self.params_omitted,
            Skip::Early => &mut self.early,
            Skip::Limit => &mut self.limit,
            Skip::Failure => &mut self.failure,
            Skip::Killed => &mut self.killed,
        };
        *counter += 1;
    }

    /// Each reason that was met, as a person reads it.
    pub(super) fn told(&self) -> impl Iterator<Item = (u64, &'static str)> {
        [
            (self.method, "of methods that are not replayed"),
            (self.params_omitted, "without parameters in the log"),
            (self.early, "refused for their token, session or form"),
            (self.limit, "refused by a limit"),
            (self.failure, "refused because the gateway failed"),
            (self.killed, "of tools that the kill switch stopped"),
            (self.unreadable, "unreadable lines"),
        ]
        .into_iter()
        .filter(|(count, _)| *count > 0)
    }
}

/// How many changed calls, and which.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Extent {
    pub(super) count: u64,
    /// The number of the first record.
    pub(super) first: u64,
    pub(super) last: u64,
}

impl Extent {
    const fn at(seq: u64) -> Self {
        Self {
            count: 0,
            first: seq,
            last: seq,
        }
    }

    const fn add(&mut self, seq: u64) {
        self.count += 1;
        self.last = seq;
    }
}

/// Changes by one of their sides.
#[derive(Debug, Default)]
pub(super) struct Group {
    rows: HashMap<String, Extent>,
    /// Changes of rows for which there was no room.
    pub(super) beyond: u64,
}

impl Group {
    fn add(&mut self, name: &str, seq: u64) {
        if let Some(row) = self.rows.get_mut(name) {
            return row.add(seq);
        }
        if self.rows.len() >= ROWS_MAX {
            self.beyond += 1;
            return;
        }
        let row = self.rows.entry(name.to_owned());
        row.or_insert(Extent::at(seq)).add(seq);
    }

    /// The rows, those with most changes first.
    pub(super) fn sorted(&self) -> Vec<(&str, Extent)> {
        let rows = self.rows.iter();
        let mut rows: Vec<_> = rows.map(|(name, row)| (name.as_str(), *row)).collect();
        rows.sort_unstable_by(|(a, one), (b, other)| {
            other.count.cmp(&one.count).then_with(|| a.cmp(b))
        });
        rows
    }
}

/// The changes from one decision to another.
#[derive(Debug)]
pub(super) struct Transition {
    pub(super) extent: Extent,
    pub(super) causes: Group,
    pub(super) agents: Group,
    pub(super) tools: Group,
}

/// One changed call.
pub(super) struct Change<'c> {
    pub(super) seq: u64,
    pub(super) before: &'c Fate,
    pub(super) after: &'c Fate,
    pub(super) agent: &'c str,
    pub(super) tool: &'c str,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Tally {
    pub(super) totals: Totals,
    /// By the decision before and the one after.
    pub(super) transitions: BTreeMap<(String, String), Transition>,
}

impl Tally {
    pub(super) fn change(&mut self, change: &Change<'_>) {
        self.totals.changed += 1;
        let mut key = (
            change.before.decision.clone(),
            change.after.decision.clone(),
        );
        if self.transitions.len() >= TRANSITIONS_MAX && !self.transitions.contains_key(&key) {
            key.0 = "other".to_owned();
        }
        let row = self.transitions.entry(key).or_insert_with(|| Transition {
            extent: Extent::at(change.seq),
            causes: Group::default(),
            agents: Group::default(),
            tools: Group::default(),
        });
        row.extent.add(change.seq);
        row.causes.add(cause(change), change.seq);
        row.agents.add(change.agent, change.seq);
        row.tools.add(change.tool, change.seq);
    }
}

/// The rule or reason that makes the difference: the new one, else the old one.
fn cause<'c>(change: &Change<'c>) -> &'c str {
    let of = |fate: &'c Fate| fate.rule.as_deref().or(fate.reason.as_deref());
    of(change.after).or(of(change.before)).unwrap_or("-")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_group_is_bounded_and_counts_what_is_beyond() {
        let mut group = Group::default();
        for seq in 0..ROWS_MAX as u64 + 5 {
            group.add(&format!("tool{seq}"), seq);
        }
        group.add("tool7", 99);
        assert_eq!((group.rows.len(), group.beyond), (ROWS_MAX, 5));
        let first = Extent {
            count: 2,
            first: 7,
            last: 99,
        };
        assert_eq!(group.sorted().first(), Some(&("tool7", first)));
    }

    #[test]
    fn the_cause_is_the_new_rule_or_reason_else_the_old_one() {
        let fate = |reason: Option<&str>, rule: Option<&str>| Fate {
            decision: "deny".to_owned(),
            reason: reason.map(str::to_owned),
            rule: rule.map(str::to_owned),
        };
        for (before, after, expected) in [
            (fate(None, None), fate(Some("held"), Some("new")), "new"),
            (fate(None, Some("old")), fate(Some("held"), None), "held"),
            (fate(Some("x"), Some("old")), fate(None, None), "old"),
            (fate(None, None), fate(None, None), "-"),
        ] {
            let change = Change {
                seq: 0,
                before: &before,
                after: &after,
                agent: "",
                tool: "",
            };
            assert_eq!(cause(&change), expected);
        }
    }
}
