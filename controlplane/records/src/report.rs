//! What an auditor asks about a period: who did what, what was refused, who decided, what changed,
//! and where the record of it has gaps.
//!
//! All of it is counted from the log's lines in one pass. Lists are bounded and say how much more
//! there is; counts are of everything.

mod gaps;
mod happening;
mod html;
mod section;
mod series;
mod tally;
mod top;

use serde::Serialize;

use crate::log::Log;
use crate::pair;
use crate::problem::Problem;
use crate::select::Selection;
use crate::when::Period;

pub use gaps::{Gap, GapKind};
pub use happening::{Happening, Happenings};
pub use section::Section;
pub use series::{Bucket, Series};
pub use top::{Top, TopRow};

/// How often each decision was made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Decisions {
    /// Forwarded as they came.
    pub allow: u64,
    /// Forwarded with findings replaced.
    pub redact: u64,
    /// Kept back for a human.
    pub hold: u64,
    /// Refused.
    pub deny: u64,
}

impl Decisions {
    /// All of them.
    #[must_use]
    pub const fn total(&self) -> u64 {
        let passed = self.allow.saturating_add(self.redact);
        passed.saturating_add(self.hold).saturating_add(self.deny)
    }

    /// Counts one; what is no decision is a denial.
    pub(crate) fn count(&mut self, decision: &str) {
        let count = match decision {
            "allow" => &mut self.allow,
            "redact" => &mut self.redact,
            "hold" => &mut self.hold,
            _ => &mut self.deny,
        };
        *count = count.saturating_add(1);
    }

    pub(crate) const fn add(&mut self, other: Self) {
        self.allow = self.allow.saturating_add(other.allow);
        self.redact = self.redact.saturating_add(other.redact);
        self.hold = self.hold.saturating_add(other.hold);
        self.deny = self.deny.saturating_add(other.deny);
    }
}

/// Calls of one intent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct IntentRow {
    /// Its name; `none` for messages that call nothing.
    pub intent: String,
    /// What was decided.
    pub decisions: Decisions,
}

/// A name and a number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counted {
    /// What was counted.
    pub name: String,
    /// How often.
    pub count: u64,
}

/// A call that did not go on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Refused {
    /// Its number.
    pub seq: u64,
    /// When.
    pub time: String,
    /// Who.
    pub agent: String,
    /// What.
    pub target: String,
    /// What it means.
    pub intent: String,
    /// `hold` or `deny`.
    pub decision: String,
    /// Why.
    pub reason: String,
    /// By which rule.
    pub rule: String,
    /// Of a held call: the approval's id.
    pub approval: String,
    /// Of a held call: what became of it.
    pub fate: String,
}

/// Somebody who decided about held calls.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Approver {
    /// Who; `the clock` for those that nobody decided in time.
    pub by: String,
    /// Calls that may pass.
    pub approved: u64,
    /// Calls that may not.
    pub refused: u64,
    /// Calls that nobody decided about.
    pub expired: u64,
}

/// What can be said about the lines themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Integrity {
    /// Lines whose `prev` is the hash of the line before them.
    pub chained: u64,
    /// Lines whose `prev` is not.
    pub broken: u64,
    /// The first of those.
    pub first_broken: Option<u64>,
    /// Lines whose time is before the time of the line before them.
    pub time_backwards: u64,
    /// Lines that can't be read.
    pub damaged: u64,
    /// Where the first of them are.
    pub damages: Vec<String>,
}

/// A report.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The log's directory.
    pub log: String,
    /// When the report was made.
    pub made: String,
    /// The period's beginning, as it was asked for; none: the log's.
    pub from: Option<String>,
    /// The period's end; none: the log's.
    pub to: Option<String>,
    /// Number and time of the first record.
    pub first: Option<(u64, String)>,
    /// Number and time of the last record.
    pub last: Option<(u64, String)>,
    /// Records in the period.
    pub records: u64,
    /// Calls, and every other message that was judged.
    pub decisions: Decisions,
    /// The same by intent.
    pub intents: Vec<IntentRow>,
    /// How calls ended that went on.
    pub outcomes: Vec<Counted>,
    /// Calls by server.
    pub servers: Top,
    /// Calls by tool.
    pub tools: Top,
    /// Calls by agent.
    pub agents: Top,
    /// Why calls were refused.
    pub reasons: Top,
    /// By which permission or rule was decided.
    pub rules: Top,
    /// What DLP found, in calls and answers.
    pub findings: Top,
    /// Calls that did not go on; the first of them.
    pub refused: Vec<Refused>,
    /// Who decided about held calls.
    pub approvers: Vec<Approver>,
    /// What they decided.
    pub approvals: Happenings,
    /// Policies, revocations, and definitions of tools.
    pub policy: Happenings,
    /// The kill switch.
    pub kills: Happenings,
    /// Failures and repairs of the log.
    pub failures: Happenings,
    /// What else happened.
    pub others: Vec<Counted>,
    /// Where nothing was recorded.
    pub gaps: Vec<Gap>,
    /// All of those, listed or not.
    pub gap_count: u64,
    /// About the lines.
    pub integrity: Integrity,
    /// Calls over time.
    pub series: Series,
}

/// Reports about a period. `made_ns` is when; `progress` is told bytes of [`Log::bytes`].
///
/// # Errors
/// When the log can't be read.
pub fn report(
    log: &Log,
    period: Period,
    made_ns: u64,
    progress: &mut dyn FnMut(u64),
) -> Result<Report, Problem> {
    let mut tally = tally::Tally::default();
    let selection = Selection::default().within(period);
    let passage = pair::read(log, &selection, &mut tally, progress)?;
    let mut report = tally.finish(passage);
    report.log = log.dir().display().to_string();
    report.made = time_text(made_ns);
    report.from = (period.from_ns > 0).then(|| time_text(period.from_ns));
    report.to = (period.until_ns < u64::MAX).then(|| time_text(period.until_ns));
    Ok(report)
}

impl Report {
    /// The report as a page: one file without scripts, fit to be printed.
    #[must_use]
    pub fn html(&self) -> String {
        html::page(self)
    }
}

/// `2026-11-23T11:22:33Z`.
pub(crate) fn time_text(ns: u64) -> String {
    seconds_of(&String::from_utf8_lossy(&varistor_audit::time::text(ns)))
}

/// An instant's text without what is behind its seconds.
pub(crate) fn seconds_of(text: &str) -> String {
    text.get(..19)
        .map_or_else(|| text.to_owned(), |seconds| format!("{seconds}Z"))
}

#[cfg(test)]
mod tests;
