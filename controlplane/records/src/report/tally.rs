//! Counts what a report tells, record by record, in bounded memory.

use std::collections::{BTreeMap, HashMap};

use super::gaps::Trail;
use super::series::Steps;
use super::top::Counter;
use super::{Approver, Counted, IntentRow, Refused, Report, seconds_of};
use crate::pair::{Entry, Passage, Reader};
use crate::problem::Problem;
use crate::record::Record;

/// Calls that did not go on, and are listed.
const REFUSED_MAX: usize = 500;
/// Approvals whose fate is remembered, and approvers that are told apart.
const APPROVALS_MAX: usize = 20_000;
/// The order in which intents are told.
const INTENTS: [&str; 4] = ["read", "write", "destructive", "exfiltrative"];

#[derive(Debug, Default)]
pub(super) struct Tally {
    report: Report,
    trail: Trail,
    steps: Steps,
    intents: BTreeMap<String, IntentRow>,
    outcomes: BTreeMap<String, u64>,
    others: BTreeMap<String, u64>,
    servers: Counter,
    tools: Counter,
    agents: Counter,
    reasons: Counter,
    rules: Counter,
    findings: Counter,
    approvers: BTreeMap<String, Approver>,
    /// What became of held calls, by the approval's id.
    fates: HashMap<String, String>,
}

impl Reader for Tally {
    fn line(&mut self, record: &Record<'_>, line: &[u8]) -> Result<(), Problem> {
        self.trail.line(record, line);
        let place = (record.seq, seconds_of(&record.time));
        self.report.first.get_or_insert_with(|| place.clone());
        self.report.last = Some(place);
        self.report.records = self.report.records.saturating_add(1);
        match &*record.kind {
            "call" => self.call(record),
            "result" => {
                for found in &record.findings {
                    self.findings.count(&found.entity, None);
                }
            }
            _ => self.event(record),
        }
        Ok(())
    }

    fn entry(&mut self, entry: Entry<'_>) -> Result<(), Problem> {
        let outcome = match &entry {
            Entry::Answered(_, result) => &*result.0.status,
            Entry::Unanswered(_, why) => why.name(),
            Entry::Refused(_) | Entry::Result(_) | Entry::Event(_) => return Ok(()),
        };
        count(&mut self.outcomes, outcome);
        Ok(())
    }
}

impl Tally {
    fn call(&mut self, call: &Record<'_>) {
        let decision = &*call.decision;
        self.report.decisions.count(decision);
        self.steps.count(call.time_ns, decision);
        let intent = match call.intent_name() {
            "" => "none",
            name => name,
        };
        let row = self
            .intents
            .entry(intent.to_owned())
            .or_insert_with(|| IntentRow {
                intent: intent.to_owned(),
                ..IntentRow::default()
            });
        row.decisions.count(decision);
        self.servers.count(&call.server, Some(decision));
        self.agents.count(&call.who(), Some(decision));
        if !call.tool.is_empty() {
            self.tools.count(&call.target(), Some(decision));
        }
        self.reasons.count(&call.reason, Some(decision));
        self.rules.count(&call.rule, Some(decision));
        for found in &call.findings {
            self.findings.count(&found.entity, None);
        }
        if !call.goes_on() && self.report.refused.len() < REFUSED_MAX {
            self.report.refused.push(refused(call));
        }
    }

    fn event(&mut self, event: &Record<'_>) {
        let report = &mut self.report;
        match &*event.kind {
            "approval" => {
                report.approvals.add(event);
                self.approval(event);
            }
            "snapshot" | "snapshot_refused" | "revoked" | "tool_pinned" | "tool_quarantined"
            | "tool_released" | "tool_approved" => report.policy.add(event),
            "kill" | "revive" => report.kills.add(event),
            "audit_repaired" | "audit_restored" | "audit_full" | "audit_recovered" => {
                report.failures.add(event);
            }
            other => count(&mut self.others, other),
        }
    }

    fn approval(&mut self, event: &Record<'_>) {
        let detail = |name: &str| event.detail(name).unwrap_or_default();
        let (by, decision) = (detail("by"), detail("decision"));
        let by = match by.is_empty() {
            true => "the clock".to_owned(),
            false => by,
        };
        let told = match &*decision {
            "approve" => format!("approved by {by}"),
            "deny" => format!("refused by {by}"),
            "expire" => "expired".to_owned(),
            other => format!("{other} by {by}"),
        };
        if self.fates.len() < APPROVALS_MAX {
            self.fates.insert(detail("approval"), told);
        }
        if self.approvers.len() >= APPROVALS_MAX && !self.approvers.contains_key(&by) {
            return;
        }
        let approver = self.approvers.entry(by.clone()).or_default();
        approver.by = by;
        let number = match &*decision {
            "approve" => &mut approver.approved,
            "deny" => &mut approver.refused,
            "expire" => &mut approver.expired,
            // Windows are opened and closed by what was counted already.
            _ => return,
        };
        *number = number.saturating_add(1);
    }

    pub(super) fn finish(self, passage: Passage) -> Report {
        let mut report = self.report;
        let place = |row: &IntentRow| INTENTS.iter().position(|name| *name == row.intent);
        let mut intents: Vec<IntentRow> = self.intents.into_values().collect();
        intents.sort_by_key(|row| place(row).unwrap_or(INTENTS.len()));
        report.intents = intents;
        report.outcomes = counted(self.outcomes);
        report.others = counted(self.others);
        report.servers = self.servers.top();
        report.tools = self.tools.top();
        report.agents = self.agents.top();
        report.reasons = self.reasons.top();
        report.rules = self.rules.top();
        report.findings = self.findings.top();
        report.approvers = self.approvers.into_values().collect();
        for call in report
            .refused
            .iter_mut()
            .filter(|call| call.decision == "hold")
        {
            let fate = self.fates.get(&call.approval).cloned();
            call.fate = fate.unwrap_or_else(|| "undecided".to_owned());
        }
        report.gaps = self.trail.gaps;
        report.gap_count = self.trail.gap_count;
        report.integrity = self.trail.integrity;
        report.integrity.damaged = passage.damages.count;
        let damages = passage.damages.listed.iter();
        report.integrity.damages = damages.map(ToString::to_string).collect();
        report.series = self.steps.series();
        report
    }
}

fn refused(call: &Record<'_>) -> Refused {
    Refused {
        seq: call.seq,
        time: seconds_of(&call.time),
        agent: call.who(),
        target: call.target(),
        intent: call.intent_name().to_owned(),
        decision: call.decision.to_string(),
        reason: call.reason.to_string(),
        rule: call.rule.to_string(),
        approval: call.approval.to_string(),
        fate: String::new(),
    }
}

fn count(counts: &mut BTreeMap<String, u64>, name: &str) {
    match counts.get_mut(name) {
        Some(count) => *count = count.saturating_add(1),
        None => {
            counts.insert(name.to_owned(), 1);
        }
    }
}

fn counted(counts: BTreeMap<String, u64>) -> Vec<Counted> {
    let mut rows: Vec<Counted> = counts
        .into_iter()
        .map(|(name, count)| Counted { name, count })
        .collect();
    rows.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
    rows
}
