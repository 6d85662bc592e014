//! `varictl audit verify`: is every record there, as it was written, in its place.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use serde::Serialize;
use varistor_audit::{Report, Start, VerifyOptions, segments};

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::output::progress::Progress;
use crate::output::{self, Tone, count, tinted};

/// Check every record of the log, and that none is missing.
#[derive(Args, Debug)]
#[command(after_help = "\
Exit status: 0 the log is sound, 2 it was tampered with (the first bad record is named), 5 it is
sound but its last line is unfinished, as after a crash of the machine.

The chain shows edits, deletions, insertions and reordering. It cannot show a log that was cut off
at its end or rewritten as a whole.")]
pub(crate) struct Verify {
    /// Log directory [default: DIR/audit]
    #[arg(long, value_name = "DIR", conflicts_with = "dir")]
    log: Option<PathBuf>,
    /// Older segments were retired: begin with whatever record is the oldest
    #[arg(long)]
    from_anywhere: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Answer {
    sound: bool,
    records: u64,
    segments: u64,
    bytes: u64,
    first_seq: Option<u64>,
    last_seq: Option<u64>,
    head: String,
    first_bad: Option<u64>,
    problem_count: u64,
    problems: Vec<String>,
    torn: Option<String>,
    time_backwards: u64,
    superseded: u64,
    outcome_unknown: u64,
}

impl Verify {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let log = super::log(self.log.as_deref(), arguments)?;
        let start = if self.from_anywhere {
            Start::Anywhere
        } else {
            Start::Genesis
        };
        let report =
            verify(&log, start).with_context(|| format!("can't read the log {}", log.display()))?;
        let answer = Answer::of(&report);
        if self.json {
            output::json(&answer)?;
        } else {
            answer.show()?;
        }
        Ok(match (report.is_sound(), report.torn) {
            (false, _) => Exit::Wrong,
            (true, Some(_)) => Exit::Torn,
            (true, None) => Exit::Done,
        })
    }
}

fn verify(log: &Path, start: Start) -> std::io::Result<Report> {
    let mut bytes = 0;
    for name in segments::list(log)? {
        bytes += std::fs::metadata(log.join(name.to_string()))?.len();
    }
    let mut progress = Progress::new("verifying", bytes);
    let options = VerifyOptions {
        start,
        ..VerifyOptions::default()
    };
    let segments = segments::readers(log)?;
    varistor_audit::verify(segments, &options, |done| progress.at(done.bytes))
}

impl Answer {
    fn of(report: &Report) -> Self {
        let torn = report.torn.map(|torn| {
            let (segment, offset, bytes) = (torn.segment, torn.offset, torn.bytes);
            format!("{bytes} bytes of an unfinished record at byte {offset} of {segment}")
        });
        Self {
            sound: report.is_sound(),
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
            first_bad: report.first_bad(),
            problem_count: report.problem_count,
            problems: report.problems.iter().map(ToString::to_string).collect(),
            torn,
            time_backwards: report.time_backwards,
            superseded: report.superseded,
            outcome_unknown: report.outcome_unknown,
        }
    }

    fn show(&self) -> anyhow::Result<()> {
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
        let verdict = match self.first_bad {
            Some(first) => {
                let bad = format!("TAMPERED WITH, first bad record {first}");
                tinted(&bad, Tone::Bad)
            }
            None if self.torn.is_some() => tinted("sound, with a torn tail", Tone::Warning),
            None => tinted("sound", Tone::Good),
        };
        output::line(&format!(
            "{verdict}: {extent} in {segments}, head {}",
            self.head
        ))?;
        self.remarks();
        Ok(())
    }

    fn remarks(&self) {
        if let Some(torn) = &self.torn {
            output::warning(&format!("{torn}; a gateway that starts here puts it aside"));
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
