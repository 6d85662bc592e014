//! `varictl replay`: what another policy would have decided of recorded calls, by the very
//! functions that the gateway calls.
//!
//! Judges each call as its agent, at its time, after the calls before it. Sends nothing, records
//! nothing, and uses no limit up.

mod log;
mod record;
mod report;
mod tally;

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use jiff::Timestamp;
use varistor_audit::Line;

use self::log::Entry;
use self::record::{Fate, Record};
use self::tally::{Change, Tally};
use super::rehearsal::Rehearsal;
use super::rehearsal::crowd::Crowd;
use super::rehearsal::tools;
use crate::arguments::Arguments;
use crate::exit::{Exit, wrong};
use crate::quantities::{duration_s, now_unix_s};

const SECOND_NS: u64 = 1_000_000_000;

/// Say what another policy would have decided of the calls that a log recorded.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl replay --log /var/lib/varistor/audit --dir NEW_POLICY
  varictl replay --log DIR --dir NEW_POLICY --since 7d --changes | jq .after.rule

Exit status: 0 nothing would change, 1 something would change (or the replay failed, which an error
says), 2 wrong use or bad policy.

Each call is judged with all roles that its agent has in the policy, at its time, after the calls
before it. What a token took away from its agent is not in the log, nor are the definitions of
tools: give them with --tools. Calls without parameters in the log, those that a limit refused, and
those that were refused before they were read are skipped, and counted. Masked parameters are
judged as they stand: where masked values decided, a milder decision is counted as not known.
Nothing is sent or recorded, and no limit is used up.")]
pub(crate) struct Replay {
    /// Log directory
    #[arg(long, value_name = "DIR")]
    log: PathBuf,
    /// Only calls from then on: RFC 3339, or a duration ago, as in 24h
    #[arg(long, value_name = "TIME", value_parser = instant_ns)]
    since: Option<u64>,
    /// Only calls before then
    #[arg(long, value_name = "TIME", value_parser = instant_ns)]
    until: Option<u64>,
    /// What servers say about their tools, as tools/list answers
    #[arg(long, value_name = "FILE")]
    tools: Option<PathBuf>,
    /// Each changed call as one JSON object a line, without its parameters
    #[arg(long)]
    changes: bool,
    /// Answer in JSON, one object
    #[arg(long, conflicts_with = "changes")]
    json: bool,
}

impl Replay {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        if !self.log.is_dir() {
            let log = self.log.display();
            return Err(wrong(format!("there is no log directory {log}")));
        }
        if self.since.zip(self.until).is_some_and(|(a, b)| a >= b) {
            return Err(wrong("--since is not before --until: no call is between"));
        }
        let tools = self.tools.as_deref().map(tools::read).transpose()?;
        let (crowd, rehearsal) = Crowd::gather(&arguments.policy_dir()?)?;
        rehearsal.learn(&tools.unwrap_or_default());
        log::doubt(&self.log)?;
        let mut replaying = Replaying {
            options: self,
            crowd,
            rehearsal,
            tally: Tally::default(),
            message: Vec::new(),
            out: BufWriter::new(io::stdout().lock()),
        };
        log::each(&self.log, |entry| replaying.entry(entry))?;
        replaying
            .out
            .flush()
            .context("standard output can't be written")?;
        let Replaying { tally, out, .. } = replaying;
        drop(out);
        match (self.changes, self.json) {
            (true, _) => report::note(&tally),
            (_, true) => report::json(&tally)?,
            _ => report::tables(&tally)?,
        }
        Ok(match tally.totals.changed {
            0 => Exit::Done,
            _ => Exit::Failed,
        })
    }

    fn bounds(&self, time_ns: u64) -> bool {
        self.since.is_none_or(|since| time_ns >= since)
            && self.until.is_none_or(|until| time_ns < until)
    }
}

/// The work of one run.
struct Replaying<'o> {
    options: &'o Replay,
    crowd: Crowd,
    rehearsal: Rehearsal,
    tally: Tally,
    message: Vec<u8>,
    out: BufWriter<io::StdoutLock<'static>>,
}

impl Replaying<'_> {
    fn entry(&mut self, entry: &Entry<'_>) -> anyhow::Result<()> {
        let skipped = &mut self.tally.totals.skipped;
        let Entry::Line(text) = *entry else {
            skipped.unreadable += 1;
            return Ok(());
        };
        let Ok(line) = Line::read(text) else {
            skipped.unreadable += 1;
            return Ok(());
        };
        if line.kind != b"call" || !self.options.bounds(line.head.time_ns) {
            return Ok(());
        }
        match serde_json::from_slice::<Record<'_>>(text) {
            Ok(record) => self.call(&record, line.head.time_ns),
            Err(_) => {
                skipped.unreadable += 1;
                Ok(())
            }
        }
    }

    fn call(&mut self, record: &Record<'_>, time_ns: u64) -> anyhow::Result<()> {
        let totals = &mut self.tally.totals;
        totals.calls += 1;
        if let Some(skip) = record.skip() {
            totals.skipped.count(skip);
            return Ok(());
        }
        totals.masked += u64::from(record.is_masked());
        let (before, after) = (record.before(), self.judge(record, time_ns)?);
        let totals = &mut self.tally.totals;
        if before == after {
            totals.same += 1;
        } else if record.is_decided_by_masked() && after.goes_on() {
            totals.uncertain += 1;
        } else {
            self.change(record, &before, &after)?;
        }
        Ok(())
    }

    /// What the policy says of the call.
    fn judge(&mut self, record: &Record<'_>, time_ns: u64) -> anyhow::Result<Fate> {
        let Some(token) = self.crowd.token(&record.caller())? else {
            return Ok(Fate::of_nobody());
        };
        record
            .message(&mut self.message)
            .context("a recorded call can't be put into JSON")?;
        self.rehearsal.turn_to(token, time_ns);
        let verdict = self.rehearsal.request(&record.server, &self.message);
        Ok(Fate::of(verdict))
    }

    fn change(&mut self, record: &Record<'_>, before: &Fate, after: &Fate) -> anyhow::Result<()> {
        let (agent, server, tool) = (record.who(), &*record.server, record.subject());
        self.tally.change(&Change {
            seq: record.seq,
            before,
            after,
            agent: &agent,
            tool: &format!("{server}/{tool}"),
        });
        if !self.options.changes {
            return Ok(());
        }
        let line = report::Line {
            seq: record.seq,
            time: &record.time,
            agent: &agent,
            server,
            tool,
            masked: record.is_masked(),
            before,
            after,
        };
        line.write(&mut self.out)
    }
}

/// Nanoseconds since 1970 of an instant in RFC 3339, or of a duration ago.
fn instant_ns(text: &str) -> Result<u64, String> {
    if let Ok(seconds) = duration_s(text) {
        return Ok(now_unix_s().saturating_sub(seconds) * SECOND_NS);
    }
    let instant = text.parse::<Timestamp>().ok();
    let instant = instant.and_then(|instant| u64::try_from(instant.as_nanosecond()).ok());
    instant.ok_or_else(|| {
        format!(
            "`{text}` is no time; write RFC 3339, as in 2026-11-23T11:00:00Z, or a duration ago, \
             as in 24h"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_an_instant_or_a_duration_ago() {
        assert_eq!(
            instant_ns("2026-11-23T11:22:33Z"),
            Ok(1_795_432_953 * SECOND_NS)
        );
        let hour = now_unix_s() - instant_ns("1h").unwrap() / SECOND_NS;
        assert!((3600..3660).contains(&hour), "{hour}");
        for wrong in ["", "yesterday", "2026-11-23", "-1h", "1960-01-01T00:00:00Z"] {
            assert!(instant_ns(wrong).is_err(), "{wrong}");
        }
    }
}
