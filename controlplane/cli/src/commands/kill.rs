//! `varictl kill` and `varictl revive`: stop everything, or one organisation, team, agent, token,
//! server or tool, on all gateways that are named; let it go on; show what is stopped.
//!
//! A gateway on this machine is asked on the kill switch's own socket, which answers while the rest
//! of its admin interface is busy.

mod selectors;

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::admin::{self, AdminError, Answer, Gateway, Question};
use crate::arguments::{Arguments, Gateways};
use crate::exit::{Exit, wrong};
use crate::output::table::Table;
use crate::output::{self, count, plain};

use selectors::Selectors;

/// Stop everything, or one organisation, team, agent, token, server or tool.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl kill --agent acme/ci-bot --reason 'deletes what it should not'
      its new calls are refused, its calls in flight and connections end
  varictl kill --all
      nothing passes any more
  varictl kill --list
      what is stopped, by whom, and why
  touch DIR/run/kill
      the same as --all, without varictl, as long as the file is there; or lines such as
      `agent acme/ci-bot` in it. SIGUSR1 to the gateway stops everything as well.

What is stopped stays so over restarts, until `varictl revive`. Exit status 1: a gateway did not
answer, or would forget it at a restart.")]
pub(crate) struct Kill {
    #[command(flatten)]
    what: Selectors,
    /// Show what is stopped
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    rest: Rest,
}

/// Let go on what was stopped, named as it was for `varictl kill`.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl revive --agent acme/ci-bot
      it may call again, unless its team or organisation is stopped, too
  varictl revive --all
      takes back `varictl kill --all` and SIGUSR1; what was stopped by its own name stays so

What the file DIR/run/kill stops goes on when the file is removed.")]
pub(crate) struct Revive {
    #[command(flatten)]
    what: Selectors,
    #[command(flatten)]
    rest: Rest,
}

#[derive(Args, Debug)]
struct Rest {
    /// Why; recorded, and shown by --list
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    #[command(flatten)]
    gateways: Gateways,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// What one gateway answered.
#[derive(Serialize)]
struct Row {
    gateway: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<Value>,
}

/// An answer, as far as it is shown.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Report {
    kept: bool,
    workers: u64,
    heeded: u64,
    ended: Ended,
    revived: u64,
    unknown: Vec<String>,
    killed: Vec<Killed>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ended {
    connections: u64,
    calls: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Killed {
    selector: String,
    source: String,
    by: String,
    reason: String,
    since_unix_ms: u64,
}

/// What the gateways were asked to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Kill,
    Revive,
    List,
}

impl Kill {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        if !self.list {
            return self.rest.send(Deed::Kill, &self.what, arguments);
        }
        if !self.what.is_empty() || self.rest.reason.is_some() {
            return Err(wrong(
                "--list shows what is stopped and stops nothing; it stands alone",
            ));
        }
        let question = Question::Get("/v1/kill".to_owned());
        self.rest.ask(Deed::List, &question, arguments)
    }
}

impl Revive {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        self.rest.send(Deed::Revive, &self.what, arguments)
    }
}

impl Rest {
    fn send(&self, deed: Deed, what: &Selectors, arguments: &Arguments) -> anyhow::Result<Exit> {
        let selectors = what.named()?;
        let texts: Vec<_> = selectors.iter().map(ToString::to_string).collect();
        let document = json!({"selectors": texts, "reason": self.reason});
        let path = match deed {
            Deed::Revive => "/v1/revive",
            Deed::Kill | Deed::List => "/v1/kill",
        };
        self.ask(deed, &Question::Post(path.to_owned(), document), arguments)
    }

    fn ask(&self, deed: Deed, question: &Question, arguments: &Arguments) -> anyhow::Result<Exit> {
        let gateways = self.gateways.chosen(arguments)?;
        let answers = ask_by_the_nearest_way(&gateways, question)?;
        let named = gateways.iter().map(Gateway::name);
        let rows: Vec<Row> = named.zip(answers).map(|(name, it)| row(name, it)).collect();
        match self.json {
            true => output::json(&rows)?,
            false => show(deed, &rows)?,
        }
        Ok(tell(deed, &rows))
    }
}

/// By the kill switch's own socket where there is one, else by the admin interface.
fn ask_by_the_nearest_way(
    gateways: &[Gateway],
    question: &Question,
) -> anyhow::Result<Vec<Result<Answer, AdminError>>> {
    let nearest: Vec<_> = gateways.iter().map(nearest).collect();
    let mut answers = admin::ask(&nearest, question)?;
    let unheard = |answer: &Result<Answer, AdminError>| {
        matches!(
            answer,
            Err(AdminError::NotRunning(_) | AdminError::Failed(..))
        )
    };
    let again: Vec<usize> = (0..answers.len())
        .filter(|at| answers.get(*at).is_some_and(unheard))
        .collect();
    let others: Vec<_> = again
        .iter()
        .filter_map(|at| gateways.get(*at).cloned())
        .collect();
    for (at, answer) in again.into_iter().zip(admin::ask(&others, question)?) {
        if let Some(slot) = answers.get_mut(at) {
            *slot = answer;
        }
    }
    Ok(answers)
}

fn nearest(gateway: &Gateway) -> Gateway {
    match gateway {
        Gateway::Socket(path) if path.ends_with("admin.sock") => {
            Gateway::Socket(path.with_file_name("kill.sock"))
        }
        other => other.clone(),
    }
}

fn row(gateway: String, answer: Result<Answer, AdminError>) -> Row {
    let answer = answer
        .map_err(|error| error.to_string())
        .and_then(|answer| {
            let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
            match (answer.status, body.get("error").and_then(Value::as_str)) {
                (200, _) if body.is_object() => Ok(body),
                (_, Some(error)) => Err(format!("{gateway} refuses: {error}")),
                (status, None) => Err(format!("{gateway} answered with HTTP status {status}")),
            }
        });
    let (error, answer) = match answer {
        Ok(answer) => (None, Some(answer)),
        Err(error) => (Some(plain(&error).into_owned()), None),
    };
    Row {
        gateway,
        error,
        answer,
    }
}

fn show(deed: Deed, rows: &[Row]) -> anyhow::Result<()> {
    if deed != Deed::List {
        let mut table = Table::new(&["GATEWAY", "RESULT"]);
        for row in rows {
            let result = row
                .report()
                .map_or("no answer".to_owned(), |it| it.result(deed));
            table.row(&[row.gateway.as_str(), &result]);
        }
        return table.print();
    }
    let mut table = Table::new(&["GATEWAY", "STOPPED", "SINCE", "BY", "REASON"]);
    for row in rows {
        let Some(report) = row.report() else {
            continue;
        };
        if report.killed.is_empty() {
            table.row(&[row.gateway.as_str(), "nothing", "", "", ""]);
        }
        for killed in &report.killed {
            let since = i64::try_from(killed.since_unix_ms).unwrap_or_default();
            let since = jiff::Timestamp::from_millisecond(since).unwrap_or_default();
            let since = since.strftime("%Y-%m-%d %H:%M:%SZ").to_string();
            let Killed {
                selector,
                by,
                reason,
                ..
            } = killed;
            table.row(&[&row.gateway, selector, &since, by, reason]);
        }
    }
    table.print()
}

/// Says on standard error what is left to do.
fn tell(deed: Deed, rows: &[Row]) -> Exit {
    let mut exit = Exit::Done;
    for row in rows {
        if let Some(error) = &row.error {
            output::error(error);
        }
        let Some(report) = row.report() else {
            exit = Exit::Failed;
            continue;
        };
        let gateway = &row.gateway;
        match (report.kept, deed) {
            (true, _) => {}
            (false, Deed::List) => output::warning(&format!(
                "{gateway}: what is stopped could not be written to state/kill, or read from it"
            )),
            (false, _) => {
                exit = Exit::Failed;
                output::error(&format!(
                    "{gateway}: this is in force, but could not be written to state/kill, so that \
                     a restart would forget it; look at the disk (the gateway tries again)"
                ));
            }
        }
        for unknown in &report.unknown {
            output::warning(&format!(
                "{gateway}: its policy has no {}; is that what you meant?",
                plain(unknown)
            ));
        }
        if deed == Deed::Revive && report.killed.iter().any(|it| it.source == "file") {
            output::note(&format!(
                "{gateway}: the file run/kill stops something; that goes on when it is removed"
            ));
        }
    }
    exit
}

impl Row {
    fn report(&self) -> Option<Report> {
        Report::deserialize(self.answer.as_ref()?).ok()
    }
}

impl Report {
    fn result(&self, deed: Deed) -> String {
        let left = match self.killed.len() {
            0 => "nothing is stopped".to_owned(),
            many => format!("{} stopped", count(many, "selector")),
        };
        if deed == Deed::Revive {
            return match self.revived {
                0 => format!("was not stopped; {left}"),
                _ => format!("may go on; {left}"),
            };
        }
        let Ended { connections, calls } = self.ended;
        let late = match self.workers.saturating_sub(self.heeded) {
            0 => String::new(),
            late => format!("; {late} of its workers do not run and were cut off"),
        };
        format!("stopped; ended {connections} connections, {calls} calls in flight; {left}{late}")
    }
}
