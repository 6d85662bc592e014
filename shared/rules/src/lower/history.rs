//! What is asked of earlier calls becomes counters, named by what they count.

use varistor_snapshot::schema::rules::{Atom, NumberRange};
use xxhash_rust::xxh3::xxh3_64;

use super::tables::{LoweredCounted, LoweredCounter};
use super::{Lowering, ZONE_DEFAULT};
use crate::ast::{History, OperandKind, Per};
use crate::diagnostic::Diagnostic;
use crate::format;
use crate::parse::lone_field;
use crate::vocabulary::{self, Type};

/// Longest time that calls are remembered, in milliseconds: a year and a day.
const WITHIN_MS_MAX: u64 = 366 * 24 * 3_600_000;

impl Lowering<'_> {
    /// The counter of calls for which a condition holds.
    pub(super) fn counter(&mut self, history: &History, needs_time: bool) -> Option<u16> {
        self.plain_history(history)?;
        if needs_time && history.within_ms.is_none() {
            let error =
                Diagnostic::error(history.span, "`within` is missing", "counted since when?")
                    .help("such as history.count(.., within = 30m)");
            self.diagnostics.push(error);
        }
        self.within_history = true;
        let condition = self.condition(&history.what, false);
        self.within_history = false;
        let what = LoweredCounted::Calls(condition?);
        (!needs_time || history.within_ms.is_some()).then_some(())?;
        Some(self.counted(history, "calls", what))
    }

    /// Whether a value, or a call for which a condition holds, was seen before.
    pub(super) fn seen(&mut self, history: &History) -> Option<Atom> {
        self.plain_history(history)?;
        let Some(field) = lone_field(&history.what) else {
            let counter = self.counter(history, false)?;
            let once = NumberRange {
                low: 1,
                high: u64::MAX,
            };
            return Some(Atom::Count(counter, vec![once]));
        };
        let OperandKind::Field(steps) = &field.kind else {
            return None;
        };
        let what = match vocabulary::field(steps) {
            None => return self.unknown_field(field, steps),
            Some(Type::Text(text)) => LoweredCounted::Text(text as u8),
            Some(Type::Argument) => {
                let steps = steps.get(1..).unwrap_or_default();
                LoweredCounted::Argument(self.tables.path(steps))
            }
            Some(_) => {
                let message = "`history.seen` can't remember values of this field";
                let label = "expected a string, an argument, or a condition";
                self.error(field.span, message, label);
                return None;
            }
        };
        Some(Atom::Seen(self.counted(history, "values", what)))
    }

    fn plain_history(&mut self, history: &History) -> Option<()> {
        if self.within_history {
            let label = "expected a condition on the call itself";
            self.error(history.span, "history within history", label);
            return None;
        }
        if history.within_ms.is_some_and(|ms| ms > WITHIN_MS_MAX) {
            self.error(history.span, "the time is too long", "at most 366d");
            return None;
        }
        Some(())
    }

    fn counted(&mut self, history: &History, kind: &str, what: LoweredCounted) -> u16 {
        let per = history.per.unwrap_or(Per::Session);
        let within_ms = history.within_ms.unwrap_or(0);
        let zone = self.tables.zones.get(self.zone);
        let zone = zone.map_or(ZONE_DEFAULT, String::as_str);
        let condition = format::condition(&history.what);
        let text = format!("{kind}\n{}\n{within_ms}\n{zone}\n{condition}", per.name());
        self.tables.counters.number(LoweredCounter {
            name: xxh3_64(text.as_bytes()),
            per: per as u8,
            within_ms,
            what,
        })
    }
}
