//! The parts of a report as tables, the same for a page and for a terminal.

use super::{Decisions, GapKind, Happenings, Report, Top};

/// A table with a title.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Section {
    /// Its title.
    pub title: &'static str,
    /// What has to be said about it, a sentence; may be empty.
    pub note: String,
    /// The names of its columns.
    pub headings: Vec<&'static str>,
    /// Its rows, each as long as the headings.
    pub rows: Vec<Vec<String>>,
    /// Columns from this one on are numbers.
    pub numbers_from: usize,
}

impl Report {
    /// All parts, in their order. A part without rows says in its note that there is nothing.
    #[must_use]
    pub fn sections(&self) -> Vec<Section> {
        vec![
            self.by_intent(),
            self.by_outcome(),
            top("Servers", &self.servers),
            top("Tools", &self.tools),
            top("Agents", &self.agents),
            names("Reasons for refusing", "Reason", &self.reasons),
            names("Permissions and rules that decided", "Rule", &self.rules),
            names("Sensitive data found", "Entity", &self.findings),
            self.refused_calls(),
            self.who_approved(),
            happenings("Decisions about held calls", &self.approvals),
            happenings("Policy changes", &self.policy),
            happenings("Kill switch", &self.kills),
            self.gap_rows(),
            happenings("Failures of the log", &self.failures),
            self.other_events(),
            self.lines(),
        ]
    }

    fn by_intent(&self) -> Section {
        let mut rows: Vec<Vec<String>> = self
            .intents
            .iter()
            .map(|row| decided(&row.intent, row.decisions))
            .collect();
        if rows.len() > 1 {
            rows.push(decided("total", self.decisions));
        }
        Section {
            title: "Calls by intent and decision",
            note: nothing(rows.is_empty()),
            headings: vec!["Intent", "Calls", "Allowed", "Redacted", "Held", "Denied"],
            rows,
            numbers_from: 1,
        }
    }

    fn by_outcome(&self) -> Section {
        let rows: Vec<Vec<String>> = self
            .outcomes
            .iter()
            .map(|row| vec![row.name.clone(), grouped(row.count)])
            .collect();
        let is_unsure = self.outcomes.iter().any(|row| row.name == "unknown");
        Section {
            title: "How calls ended that went on",
            note: match (rows.is_empty(), is_unsure) {
                (false, true) => {
                    "unknown: the gateway began anew before a result was written; the \
                                  call may have run."
                        .to_owned()
                }
                (empty, _) => nothing(empty),
            },
            headings: vec!["Outcome", "Calls"],
            rows,
            numbers_from: 1,
        }
    }

    fn refused_calls(&self) -> Section {
        let row = |call: &super::Refused| {
            vec![
                call.seq.to_string(),
                call.time.clone(),
                call.agent.clone(),
                call.target.clone(),
                call.intent.clone(),
                call.decision.clone(),
                call.reason.clone(),
                call.rule.clone(),
                call.fate.clone(),
            ]
        };
        let all = self.decisions.hold.saturating_add(self.decisions.deny);
        Section {
            title: "Denied and held calls",
            note: listed(self.refused.len(), all),
            headings: vec![
                "Record", "Time", "Agent", "Target", "Intent", "Decision", "Reason", "Rule",
                "Became",
            ],
            rows: self.refused.iter().map(row).collect(),
            numbers_from: 9,
        }
    }

    fn who_approved(&self) -> Section {
        let row = |who: &super::Approver| {
            vec![
                who.by.clone(),
                grouped(who.approved),
                grouped(who.refused),
                grouped(who.expired),
            ]
        };
        Section {
            title: "Who decided about held calls",
            note: nothing(self.approvers.is_empty()),
            headings: vec!["Approver", "Approved", "Refused", "Expired"],
            rows: self.approvers.iter().map(row).collect(),
            numbers_from: 1,
        }
    }

    fn gap_rows(&self) -> Section {
        let row = |gap: &super::Gap| {
            let what = match gap.kind {
                GapKind::Stopped => "gateway stopped in order".to_owned(),
                GapKind::Crashed => "gateway ended without a stop record".to_owned(),
                GapKind::Missing => {
                    let missing = gap.before.saturating_sub(gap.after).saturating_sub(1);
                    match missing {
                        0 => "numbers out of order".to_owned(),
                        1 => "1 record missing or damaged".to_owned(),
                        more => format!("{} records missing or damaged", grouped(more)),
                    }
                }
            };
            vec![
                what,
                gap.after.to_string(),
                gap.from.clone(),
                gap.before.to_string(),
                gap.until.clone(),
                length(gap.ms),
            ]
        };
        Section {
            title: "Gaps",
            note: listed(self.gaps.len(), self.gap_count),
            headings: vec![
                "What",
                "After record",
                "From",
                "Before record",
                "Until",
                "Length",
            ],
            rows: self.gaps.iter().map(row).collect(),
            numbers_from: 6,
        }
    }

    fn other_events(&self) -> Section {
        let row = |row: &super::Counted| vec![row.name.clone(), grouped(row.count)];
        Section {
            title: "Other events",
            note: nothing(self.others.is_empty()),
            headings: vec!["Event", "Count"],
            rows: self.others.iter().map(row).collect(),
            numbers_from: 1,
        }
    }

    fn lines(&self) -> Section {
        let found = &self.integrity;
        let mut rows = vec![
            vec![
                "Lines chained to the line before".to_owned(),
                grouped(found.chained),
            ],
            vec![
                "Lines that name another hash".to_owned(),
                match found.first_broken {
                    Some(first) => format!("{} (first: record {first})", grouped(found.broken)),
                    None => "0".to_owned(),
                },
            ],
            vec![
                "Times that run backwards".to_owned(),
                grouped(found.time_backwards),
            ],
            vec!["Damaged lines".to_owned(), grouped(found.damaged)],
        ];
        rows.extend(
            found
                .damages
                .iter()
                .map(|damage| vec!["damaged".to_owned(), damage.clone()]),
        );
        Section {
            title: "State of the lines",
            note:
                "Only `varictl audit verify` says whether the log is what was written: a log that \
                   was cut off or rewritten as a whole is chained, too."
                    .to_owned(),
            headings: vec!["Check", "Found"],
            rows,
            numbers_from: 1,
        }
    }
}

fn decided(name: &str, decisions: Decisions) -> Vec<String> {
    let Decisions {
        allow,
        redact,
        hold,
        deny,
    } = decisions;
    let mut row = vec![name.to_owned(), grouped(decisions.total())];
    row.extend([allow, redact, hold, deny].map(grouped));
    row
}

fn top(title: &'static str, top: &Top) -> Section {
    Section {
        title,
        note: beyond(top),
        headings: vec!["Name", "Calls", "Allowed", "Redacted", "Held", "Denied"],
        rows: top
            .rows
            .iter()
            .map(|row| decided(&row.name, row.decisions))
            .collect(),
        numbers_from: 1,
    }
}

fn names(title: &'static str, name: &'static str, top: &Top) -> Section {
    let row = |row: &super::TopRow| vec![row.name.clone(), grouped(row.count)];
    Section {
        title,
        note: beyond(top),
        headings: vec![name, "Count"],
        rows: top.rows.iter().map(row).collect(),
        numbers_from: 1,
    }
}

fn happenings(title: &'static str, happenings: &Happenings) -> Section {
    let row = |event: &super::Happening| {
        vec![
            event.seq.to_string(),
            event.time.clone(),
            event.kind.clone(),
            event.text.clone(),
        ]
    };
    Section {
        title,
        note: listed(happenings.listed.len(), happenings.count),
        headings: vec!["Record", "Time", "Event", "Details"],
        rows: happenings.listed.iter().map(row).collect(),
        numbers_from: 4,
    }
}

fn nothing(is_empty: bool) -> String {
    match is_empty {
        true => "None.".to_owned(),
        false => String::new(),
    }
}

fn listed(listed: usize, all: u64) -> String {
    match all {
        0 => "None.".to_owned(),
        all if all > listed as u64 => {
            format!("{} in all; the first {listed} are listed.", grouped(all))
        }
        all => format!("{} in all.", grouped(all)),
    }
}

fn beyond(top: &Top) -> String {
    match (top.rows.len(), top.more_count) {
        (0, _) => "None.".to_owned(),
        (_, 0) => String::new(),
        (shown, more) => format!("The first {shown}; {} beyond them.", grouped(more)),
    }
}

/// `1 234 567` with thin spaces that do not break.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len().saturating_mul(2));
    for (place, digit) in digits.chars().enumerate() {
        let left = digits.len().saturating_sub(place);
        if place > 0 && left.is_multiple_of(3) {
            out.push('\u{202f}');
        }
        out.push(digit);
    }
    out
}

fn length(ms: u64) -> String {
    match ms {
        ..1000 => format!("{ms} ms"),
        1000..60_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        60_000..3_600_000 => format!("{}m {}s", ms / 60_000, ms / 1000 % 60),
        3_600_000..86_400_000 => format!("{}h {}m", ms / 3_600_000, ms / 60_000 % 60),
        _ => format!("{}d {}h", ms / 86_400_000, ms / 3_600_000 % 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_lengths_have_their_largest_units() {
        assert_eq!(
            [0, 999, 1000, 1_234_567].map(grouped).join(" "),
            "0 999 1\u{202f}000 1\u{202f}234\u{202f}567"
        );
        let lengths = [0, 1500, 61_000, 3_660_000, 90_000_000].map(length);
        assert_eq!(lengths, ["0 ms", "1.5 s", "1m 1s", "1h 1m", "1d 1h"]);
    }

    #[test]
    fn an_empty_report_says_of_each_part_that_there_is_nothing() {
        for section in Report::default().sections() {
            assert!(
                section.rows.is_empty() == (section.note == "None."),
                "{section:?}"
            );
            assert!(
                section
                    .rows
                    .iter()
                    .all(|row| row.len() == section.headings.len())
            );
        }
    }
}
