//! What `audit verify` found, for a person and for a program.

use serde::Serialize;
use varistor_evidence::Verdict;

use super::vouched::Vouched;
use crate::exit::Exit;
use crate::output::{self, Tone, count, tinted};
use crate::quantities::{duration_text, now_unix_s};

/// What is told.
#[derive(Serialize)]
pub(super) struct Answer {
    #[serde(skip)]
    pub(super) exit: Exit,
    verdict: &'static str,
    sound: bool,
    records: u64,
    segments: u64,
    bytes: u64,
    first_seq: Option<u64>,
    last_seq: Option<u64>,
    head: String,
    first_bad: Option<u64>,
    /// Whether it is this record, or one of those from it on.
    first_bad_exact: bool,
    /// The first record that was signed and is missing at the end.
    first_missing: Option<u64>,
    problem_count: u64,
    problems: Vec<String>,
    torn: Option<String>,
    /// Records that a crash has left ahead of the segments.
    ahead: u64,
    /// A record there that does not follow them.
    ahead_stray: Option<u64>,
    time_backwards: u64,
    superseded: u64,
    outcome_unknown: u64,
    anchor: Option<String>,
    keys: u64,
    checkpoints: u64,
    /// Records that a checkpoint covers.
    signed: u64,
    /// Records behind it.
    unsigned: u64,
    /// Records that the witnesses have cosigned, and when, in seconds since 1970.
    witnessed: Option<u64>,
    witnessed_unix_s: Option<u64>,
    /// Records behind those, and for how many seconds the oldest of them has waited.
    unwitnessed: Option<u64>,
    unwitnessed_s: Option<u64>,
    tree_damaged: bool,
    torn_checkpoint: bool,
}

/// What stands in the file that is written ahead of the segments.
#[derive(Clone, Copy, Default)]
pub(super) struct Ahead {
    /// Records that go on where the segments end.
    pub(super) records: u64,
    /// The first that does not.
    pub(super) stray: Option<u64>,
}

impl Answer {
    pub(super) fn of(found: &Verdict, vouched: &Vouched, ahead: Ahead) -> Self {
        let report = &found.report;
        let torn = report.torn.map(|torn| {
            let (segment, offset, bytes) = (torn.segment, torn.offset, torn.bytes);
            format!("{bytes} bytes of an unfinished record at byte {offset} of {segment}")
        });
        let lines = report.problems.iter().map(ToString::to_string);
        let evidence = found.problems.iter().map(ToString::to_string);
        let records = report.last_seq.map_or(0, |last| last.saturating_add(1));
        let witnessed = found.witnessed.map_or(0, |(size, _)| size);
        let unwitnessed = records.saturating_sub(witnessed);
        let since_s = found.unwitnessed_ns.map(|ns| ns / 1_000_000_000);
        let unwitnessed_s = since_s.map(|since| now_unix_s().saturating_sub(since));
        let is_asked = !vouched.witnesses.is_empty();
        let (exit, verdict) = if found.is_tampered() {
            (Exit::Wrong, "tampered")
        } else if found.truncated().is_some() || ahead.stray.is_some() {
            (Exit::Truncated, "truncated")
        } else if vouched.is_late(unwitnessed, unwitnessed_s) {
            (Exit::Unwitnessed, "unwitnessed")
        } else if torn.is_some() || ahead.records > 0 {
            (Exit::Torn, "torn")
        } else {
            (Exit::Done, "sound")
        };
        let first_bad = found.first_bad().filter(|_| found.is_tampered());
        Self {
            exit,
            verdict,
            sound: !matches!(exit, Exit::Wrong | Exit::Truncated),
            records: report.records,
            segments: report.segments,
            bytes: report.bytes,
            first_seq: report.first_seq,
            last_seq: report.last_seq,
            head: report
                .head
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            first_bad: first_bad.map(|(index, _)| index),
            first_bad_exact: first_bad.is_none_or(|(_, exact)| exact),
            first_missing: found.truncated().or(ahead.stray.and(Some(records))),
            problem_count: report.problem_count + found.problems.len() as u64,
            problems: lines.chain(evidence).collect(),
            torn,
            ahead: ahead.records,
            ahead_stray: ahead.stray,
            time_backwards: report.time_backwards,
            superseded: report.superseded,
            outcome_unknown: report.outcome_unknown,
            anchor: found.anchor.as_ref().map(ToString::to_string),
            keys: found.keys,
            checkpoints: found.heads,
            signed: found.signed,
            unsigned: found.unsigned(),
            witnessed: found.witnessed.map(|(size, _)| size),
            witnessed_unix_s: found.witnessed.map(|(_, time)| time),
            unwitnessed: is_asked.then_some(unwitnessed),
            unwitnessed_s: unwitnessed_s.filter(|_| is_asked && unwitnessed > 0),
            tree_damaged: found.tree_damaged,
            torn_checkpoint: found.torn_head,
        }
    }

    pub(super) fn show(&self) -> anyhow::Result<()> {
        for problem in &self.problems {
            output::error(problem);
        }
        let listed = self.problems.len() as u64;
        if self.problem_count > listed {
            output::note(&format!("and {} more", self.problem_count - listed));
        }
        let extent = match (self.first_seq, self.last_seq) {
            (Some(first), Some(last)) => format!("records {first} to {last}"),
            _ => "no records".to_owned(),
        };
        let segments = count(
            usize::try_from(self.segments).unwrap_or(usize::MAX),
            "segment",
        );
        output::line(&format!(
            "{}: {extent} in {segments}, head {}",
            self.tinted_verdict(),
            self.head
        ))?;
        self.show_evidence()?;
        self.remarks();
        Ok(())
    }

    fn tinted_verdict(&self) -> String {
        match (self.exit, self.first_bad, self.first_missing) {
            (Exit::Wrong, Some(first), _) => {
                let from = if self.first_bad_exact {
                    ""
                } else {
                    " at or behind"
                };
                let bad = format!("TAMPERED WITH, first bad record{from} {first}");
                tinted(&bad, Tone::Bad)
            }
            (Exit::Wrong, None, _) => tinted("TAMPERED WITH", Tone::Bad),
            (Exit::Truncated, _, Some(first)) => {
                let cut = format!("TRUNCATED, first missing record {first}");
                tinted(&cut, Tone::Bad)
            }
            (Exit::Unwitnessed, ..) => {
                tinted("sound, with a tail that is not witnessed", Tone::Warning)
            }
            (Exit::Torn, ..) if self.torn.is_none() => {
                tinted("sound, with records that are not in it yet", Tone::Warning)
            }
            (Exit::Torn, ..) => tinted("sound, with a torn tail", Tone::Warning),
            _ => tinted("sound", Tone::Good),
        }
    }

    fn show_evidence(&self) -> anyhow::Result<()> {
        let Some(anchor) = &self.anchor else {
            output::note("the log is not signed: only the chain was checked");
            return Ok(());
        };
        let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        output::line(&format!(
            "signed: {} records by {} and {}, first key {anchor}",
            self.signed,
            count(number(self.checkpoints), "checkpoint"),
            count(number(self.keys), "key"),
        ))?;
        if let Some(unwitnessed) = self.unwitnessed {
            let witnessed = self.witnessed.unwrap_or(0);
            let waits = match (unwitnessed, self.unwitnessed_s) {
                (0, _) => String::new(),
                (count, None) => format!(", {count} wait"),
                (count, Some(s)) => {
                    format!(", {count} wait, the oldest for {}", duration_text(s))
                }
            };
            output::line(&format!("witnessed: {witnessed} records{waits}"))?;
        }
        Ok(())
    }

    fn remarks(&self) {
        if let Some(torn) = &self.torn {
            output::warning(&format!("{torn}; a gateway that starts here puts it aside"));
        }
        if let Some(stray) = self.ahead_stray {
            output::warning(&format!(
                "record {stray} in the file `{}` does not follow the segments: they were cut or \
                 changed behind what was synced, and a gateway does not start on them",
                varistor_audit::ahead::FILE
            ));
        }
        if self.ahead > 0 {
            output::warning(&format!(
                "{} more records stand in the file `{}`, as after a power cut; a gateway that \
                 starts here puts them into the log",
                self.ahead,
                varistor_audit::ahead::FILE
            ));
        }
        if self.anchor.is_some() && self.unsigned > 0 {
            let lines = self.unsigned;
            output::warning(&format!(
                "{lines} records are behind the newest checkpoint: only the chain holds them"
            ));
        }
        if self.tree_damaged {
            output::warning("the tree's files are damaged; a gateway that starts makes them anew");
        }
        if self.torn_checkpoint {
            output::warning("the newest file of checkpoints ends in half of one, as after a crash");
        }
        if self.time_backwards > 0 {
            output::warning(&format!("{} records go back in time", self.time_backwards));
        }
        if self.superseded > 0 {
            let lines = self.superseded;
            output::note(&format!(
                "{lines} records were written again after a disk failure"
            ));
        }
        if self.outcome_unknown > 0 {
            let calls = self.outcome_unknown;
            output::note(&format!(
                "{calls} calls have no result: their outcome is not known"
            ));
        }
    }
}
