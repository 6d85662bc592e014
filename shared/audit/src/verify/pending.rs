//! Counts the calls that were let through and never got a result, in bounded memory.

use std::collections::BTreeSet;

use crate::json;
use crate::line::{Line, seq_of};

/// Calls that are remembered while their result is awaited. More than this many at a time are
/// counted as unknown at once, and taken back if their result comes after all.
const PENDING_MAX: usize = 1 << 20;

#[derive(Debug, Default)]
pub(super) struct Pending {
    calls: BTreeSet<u64>,
    /// Calls below this number may have been given up.
    floor: u64,
    given_up: u64,
    unknown: u64,
}

impl Pending {
    pub(super) fn line(&mut self, line: &Line<'_>) {
        match line.kind {
            b"call" if matches!(line.decision, b"allow" | b"redact") => self.open(line.head.seq),
            b"result" => {
                line.call.into_iter().for_each(|call| self.close(call));
            }
            // Nothing that a former run began gets a result in this one.
            b"start" => {
                self.unknown = self.count();
                (self.given_up, self.calls) = (0, BTreeSet::new());
            }
            b"audit_recovered" => {
                let closed = |key: &[u8], value: &[u8]| {
                    if key == b"withdrawn" {
                        let inner = value.get(1..value.len().saturating_sub(1));
                        let seqs = inner.unwrap_or_default().split(|byte| *byte == b',');
                        seqs.filter_map(seq_of).for_each(|call| self.close(call));
                    }
                };
                let _checked = json::check(line.details, closed);
            }
            _ => {}
        }
    }

    pub(super) fn count(&self) -> u64 {
        let open = self.calls.len() as u64;
        self.unknown
            .saturating_add(self.given_up)
            .saturating_add(open)
    }

    /// Calls of the last run that have no result, oldest first.
    pub(super) fn open_calls(&self) -> Vec<u64> {
        self.calls.iter().copied().collect()
    }

    fn open(&mut self, call: u64) {
        self.calls.insert(call);
        if self.calls.len() > PENDING_MAX
            && let Some(oldest) = self.calls.pop_first()
        {
            self.floor = self.floor.max(oldest.saturating_add(1));
            self.given_up = self.given_up.saturating_add(1);
        }
    }

    fn close(&mut self, call: u64) {
        if !self.calls.remove(&call) && call < self.floor {
            self.given_up = self.given_up.saturating_sub(1);
        }
    }
}
