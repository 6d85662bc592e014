//! `varictl audit show`: everything that the log says about one call. Characters that could
//! mislead a reader are spelled out.

mod call;

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use serde_json::value::RawValue;
use varistor_records::{Dossier, Log, Record, Unanswered, dossier};

use self::call::Lines;
use super::hidden::Hidden;
use super::{index, row};
use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::output;

/// Show a call with its result, approval, rule, evidence and findings.
#[derive(Args, Debug)]
#[command(after_help = "\
The number is the one that answers have in their Varistor-Record header, and that query, tail and
denials name. Given the number of a result, its call is shown.")]
pub(crate) struct Show {
    /// The record's number
    seq: u64,
    /// Answer in JSON: the lines as they stand in the log
    #[arg(long)]
    json: bool,
    /// Read the log itself: use and write no index
    #[arg(long)]
    no_index: bool,
    /// Log directory [default: DIR/audit]
    #[arg(long, value_name = "DIR", conflicts_with = "dir")]
    log: Option<PathBuf>,
}

#[derive(Serialize)]
struct Answer<'d> {
    record: &'d RawValue,
    result: Option<&'d RawValue>,
    outcome: Option<&'static str>,
    approval: Vec<&'d RawValue>,
}

impl Show {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let dir = super::log(self.log.as_deref(), arguments)?;
        let cache = index::cache(&dir, self.no_index);
        let found = dossier(&Log::open(&dir)?, &cache, self.seq)?;
        if self.json {
            output::json(&answer(&found)?)?;
        } else {
            show(&found)?;
        }
        Ok(Exit::Done)
    }
}

fn answer(found: &Dossier) -> anyhow::Result<Answer<'_>> {
    let approval: anyhow::Result<Vec<&RawValue>> =
        found.approval.iter().map(|line| raw(line)).collect();
    Ok(Answer {
        record: raw(&found.line)?,
        result: found.result.as_deref().map(raw).transpose()?,
        outcome: found.unanswered.map(Unanswered::name),
        approval: approval?,
    })
}

fn raw(line: &[u8]) -> anyhow::Result<&RawValue> {
    Ok(serde_json::from_slice(line)?)
}

fn show(found: &Dossier) -> anyhow::Result<()> {
    let record = Record::read(&found.line)?;
    let result = found.result.as_deref().map(Record::read).transpose()?;
    let mut lines = Lines::default();
    if let Some(asked) = found.asked_result {
        output::note(&format!("record {asked} is the result of this call"));
    }
    lines.head(&record);
    let hidden = Hidden::read(&found.line)?;
    match record.is_call() {
        true => {
            lines.call(&record);
            lines.hidden(&hidden, record.seq)?;
        }
        false => lines.event(&record),
    }
    if let Some(result) = &result {
        lines.result(result);
    }
    if let Some(why) = found.unanswered {
        lines.add("result", why.text());
    }
    for line in &found.approval {
        let other = Record::read(line)?;
        let what = match (&*other.kind, &*other.decision) {
            ("approval", _) => call::decided(&other),
            (_, "hold") => format!("held: {} of {}", other.target(), other.who()),
            (_, decision) => format!("{decision}: {} of {}", other.target(), other.who()),
        };
        let told = format!("record {}, {}, {what}", other.seq, row::time(&other));
        lines.add("approval", &told);
    }
    lines.print()?;
    match record.params.or(record.details) {
        Some(raw) => {
            let name = if record.is_call() {
                "parameters:"
            } else {
                "details:"
            };
            output::line(name)?;
            output::line(&output::plain_lines(&call::pretty(raw.get())))
        }
        None => Ok(()),
    }
}
