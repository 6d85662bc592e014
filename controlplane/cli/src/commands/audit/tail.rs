//! `varictl audit tail`: the last records as lines for a person, or as they stand in the log.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use serde_json::Value;
use varistor_audit::segments::Follower;
use varistor_records::{Log, Order, Period, Problem, Record, Selection, query};

use super::filters::Filters;
use super::index;
use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::output::{self, Tone, plain, tinted};

/// How often a followed log is looked at.
const LOOK_EVERY: Duration = Duration::from_millis(200);

/// Show the last records, one line each.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl audit tail -f
  varictl audit tail -f --decision deny --decision hold
  varictl audit tail -n 1000 --json | jq .tool")]
pub(crate) struct Tail {
    /// How many records
    #[arg(short = 'n', long = "lines", value_name = "N", default_value_t = 20)]
    lines: usize,
    /// Go on with records as they come
    #[arg(short, long)]
    follow: bool,
    /// Records as they stand in the log, one JSON object a line
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    filters: Filters,
    /// Log directory [default: DIR/audit]
    #[arg(long, value_name = "DIR", conflicts_with = "dir")]
    log: Option<PathBuf>,
}

impl Tail {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let selection = self.filters.selection()?;
        let log = super::log(self.log.as_deref(), arguments)?;
        let read = || format!("can't read the log {}", log.display());
        let everything = !selection.is_narrow() && selection.period == Period::ALWAYS;
        // Of a selection, the last lines are looked for; the follower begins before that, so that
        // no line falls between.
        let count = if everything { self.lines } else { 0 };
        let mut follower = Follower::start(&log, count).with_context(read)?;
        let shown_until = match everything {
            true => None,
            false => self.last(&log, &selection)?,
        };
        let is_wanted = |line: &[u8]| match Record::read(line) {
            Ok(record) => {
                everything || (Some(record.seq) > shown_until && selection.matches(&record, line))
            }
            Err(_) => true,
        };
        loop {
            let mut shown = Ok(());
            let show = |line: &[u8]| {
                if shown.is_ok() && is_wanted(line) {
                    shown = self.show(line);
                }
            };
            follower.poll(show).with_context(read)?;
            shown?;
            if !self.follow {
                return Ok(Exit::Done);
            }
            std::thread::sleep(LOOK_EVERY);
        }
    }

    /// Shows the last lines of a selection; returns the number of the last one.
    fn last(&self, dir: &Path, selection: &Selection) -> anyhow::Result<Option<u64>> {
        let log = match Log::open(dir) {
            Err(Problem::Empty(_)) => return Ok(None),
            log => log?,
        };
        let limit = Some(self.lines as u64);
        let cache = index::cache(dir, false);
        let (mut lines, mut last) = (Vec::new(), None);
        let wanted = (selection, Order::Newest);
        let walked = query(&log, &cache, wanted, limit, |record, line| {
            last = last.max(Some(record.seq));
            lines.push(line.to_vec());
            Ok(())
        })?;
        for line in lines.iter().rev() {
            self.show(line)?;
        }
        index::warn(&walked.damages);
        Ok(last)
    }

    fn show(&self, line: &[u8]) -> anyhow::Result<()> {
        let text = String::from_utf8_lossy(line.strip_suffix(b"\n").unwrap_or(line));
        if self.json {
            output::line(&text)
        } else {
            output::line(&one_line(&text))
        }
    }
}

/// A record in one line; what is no record is shown as it is, marked.
fn one_line(line: &str) -> String {
    let Ok(record) = serde_json::from_str::<Value>(line) else {
        return format!("{} {}", tinted("unreadable:", Tone::Bad), plain(line));
    };
    let text = |name: &str| record.get(name).and_then(Value::as_str).unwrap_or_default();
    let time = text("time");
    let time = time.get(..23).unwrap_or(time);
    let seq = record
        .get("seq")
        .and_then(Value::as_u64)
        .unwrap_or_default();
    let rest = match text("kind") {
        "call" => call(&record),
        "result" => result(&record),
        kind => format!("{} {}", plain(kind), details(&record)),
    };
    format!(
        "{} #{seq} {rest}",
        tinted(&format!("{}Z", plain(time)), Tone::Quiet)
    )
}

fn call(record: &Value) -> String {
    let text = |name: &str| plain(record.get(name).and_then(Value::as_str).unwrap_or_default());
    let who = match (text("organisation"), text("agent")) {
        (_, agent) if agent.is_empty() => "nobody".to_owned(),
        (organisation, agent) => format!("{organisation}/{agent}"),
    };
    let subject = [text("tool"), text("subject"), text("method")];
    let subject = subject
        .iter()
        .find(|name| !name.is_empty())
        .map_or("", |name| name.as_ref());
    let intent = record
        .pointer("/intent/type")
        .and_then(Value::as_str)
        .unwrap_or("-");
    let decision = text("decision");
    let tone = match decision.as_ref() {
        "allow" => Tone::Good,
        "deny" => Tone::Bad,
        _ => Tone::Warning,
    };
    let what = match (text("server"), subject) {
        (server, "") if server.is_empty() => "-".to_owned(),
        (server, subject) if server.is_empty() => subject.to_owned(),
        (server, subject) => format!("{server}/{subject}"),
    };
    let line = format!(
        "{who} {what} {} {} {}",
        plain(intent),
        tinted(&decision, tone),
        text("reason")
    );
    line.trim_end().to_owned()
}

fn result(record: &Value) -> String {
    let number = |name: &str| record.get(name).and_then(Value::as_u64).unwrap_or_default();
    let status = plain(
        record
            .get("status")
            .and_then(Value::as_str)
            .unwrap_or_default(),
    );
    let micros = number("duration_us");
    let mut line = format!(
        "result of #{} {status} {}.{:03} ms {} bytes",
        number("call"),
        micros / 1_000,
        micros % 1_000,
        number("bytes")
    );
    match number("redacted") {
        0 => {}
        redacted => line.push_str(&format!(" {redacted} redacted")),
    }
    line
}

fn details(record: &Value) -> String {
    let Some(Value::Object(details)) = record.get("details") else {
        return String::new();
    };
    let pair = |(name, value): (&String, &Value)| match value {
        Value::String(text) => format!("{}={}", plain(name), plain(text)),
        other => format!("{}={}", plain(name), plain(&other.to_string())),
    };
    details.iter().map(pair).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_told_in_one_line() {
        let line = r#"{"seq":41,"time":"2026-11-23T11:22:33.123456789Z","kind":"call",
            "organisation":"acme","agent":"ci-bot","server":"crm","tool":"get",
            "intent":{"type":"read","confidence":90},"decision":"deny","reason":"limit_agent"}"#;
        let told = "2026-11-23T11:22:33.123Z #41 acme/ci-bot crm/get read deny limit_agent";
        assert_eq!(one_line(line), told);
    }

    #[test]
    fn a_call_that_named_nothing_is_told_without_a_name() {
        let line =
            r#"{"seq":1,"time":"x","kind":"call","decision":"deny","reason":"token_forged"}"#;
        assert_eq!(one_line(line), "xZ #1 nobody - - deny token_forged");
    }

    #[test]
    fn a_result_names_its_call_and_an_event_its_details() {
        let line = r#"{"seq":2,"time":"2026-11-23T11:22:33.123456789Z","kind":"result",
            "call":1,"status":"ok","duration_us":1234,"bytes":10,"redacted":2}"#;
        let told = "2026-11-23T11:22:33.123Z #2 result of #1 ok 1.234 ms 10 bytes 2 redacted";
        assert_eq!(one_line(line), told);
        let line =
            r#"{"seq":0,"time":"x","kind":"start","details":{"driver":"epoll","workers":2}}"#;
        assert_eq!(one_line(line), "xZ #0 start driver=epoll workers=2");
    }

    #[test]
    fn names_from_outside_cannot_steer_the_terminal() {
        let line = r#"{"seq":0,"time":"x","kind":"call","tool":"\u001b[2J","decision":"deny"}"#;
        assert!(!one_line(line).contains('\u{1b}'));
        assert!(!one_line("\u{1b}[2J").contains('\u{1b}'));
    }
}
