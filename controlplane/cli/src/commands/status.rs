//! `varictl status`: what gateways are doing; status 1 when one of them does not answer.

mod children;
mod providers;
mod tokens;
mod witnesses;

use clap::Args;
use serde::{Deserialize, Serialize};

use crate::admin::{self, AdminError, Answer, Question};
use crate::arguments::{Arguments, Gateways};
use crate::exit::Exit;
use crate::output::table::Table;
use crate::output::{self, plain};
use crate::quantities::duration_text;

/// Show what gateways are doing.
#[derive(Args, Debug)]
pub(crate) struct Status {
    #[command(flatten)]
    gateways: Gateways,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// A gateway's answer to `GET /v1/status`, as far as it is shown; unknown members are kept for
/// `--json`.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Report {
    version: String,
    driver: String,
    driver_detail: String,
    workers: u64,
    uptime_s: u64,
    listen: String,
    generation: u64,
    connections: u64,
    calls: u64,
    denied: u64,
    audit: Audit,
    servers: Vec<Server>,
    identity_providers: Vec<providers::Provider>,
    secrets: Secrets,
    notices: Notices,
    draining: bool,
    shedding: bool,
    killed: Vec<String>,
    kill_kept: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Audit {
    seq: u64,
    state: String,
    signing_error: Option<String>,
    witnesses: Vec<witnesses::Witness>,
    /// Records that no quorum of them has cosigned, and for how long the oldest waits.
    unwitnessed: u64,
    unwitnessed_s: u64,
    overdue: bool,
}

/// Secrets that others keep.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Secrets {
    error: Option<String>,
}

/// Messages to people.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Notices {
    channels: Vec<String>,
    waiting: u64,
    delivered: u64,
    failed: u64,
    dropped: u64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Server {
    name: String,
    host: String,
    addresses: Vec<String>,
    state: String,
    breaker: String,
    breaker_left_ms: u64,
    breaker_cause: String,
    under_way: u64,
    refused: u64,
    stdio: Option<children::Children>,
    token: Option<tokens::Token>,
    /// Of people, where every caller has their own.
    logins: Vec<tokens::Token>,
    /// Where callers' own are exchanged.
    exchange: Option<tokens::Exchange>,
}

#[derive(Serialize)]
struct Row {
    gateway: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<serde_json::Value>,
}

impl Status {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let gateways = self.gateways.chosen(arguments)?;
        let answers = admin::ask(&gateways, &Question::Get("/v1/status".to_owned()))?;
        let rows: Vec<Row> = gateways
            .iter()
            .zip(answers)
            .map(|(gateway, a)| row(gateway.name(), a))
            .collect();
        if self.json {
            output::json(&rows)?;
        } else {
            show(&rows)?;
        }
        for row in &rows {
            if let Some(error) = &row.error {
                output::error(error);
            }
        }
        let all = rows.iter().all(|row| row.error.is_none());
        Ok(if all { Exit::Done } else { Exit::Failed })
    }
}

fn row(gateway: String, answer: Result<Answer, AdminError>) -> Row {
    let status = answer
        .map_err(|error| error.to_string())
        .and_then(|answer| {
            if answer.status != 200 {
                return Err(format!(
                    "{gateway} answered with HTTP status {}",
                    answer.status
                ));
            }
            serde_json::from_slice(&answer.body).map_err(|error| {
                format!("{gateway} answered with something else than JSON: {error}")
            })
        });
    match status {
        Ok(status) => Row {
            gateway,
            error: None,
            status: Some(status),
        },
        Err(error) => Row {
            gateway,
            error: Some(plain(&error).into_owned()),
            status: None,
        },
    }
}

fn show(rows: &[Row]) -> anyhow::Result<()> {
    let headings = [
        "GATEWAY",
        "LISTENS",
        "VERSION",
        "GENERATION",
        "DRIVER",
        "WORKERS",
        "UP",
        "CONNECTIONS",
        "CALLS",
        "DENIED",
        "RECORDS",
        "AUDIT",
    ];
    let mut table = Table::new(&headings);
    let mut servers = Table::new(&[
        "GATEWAY",
        "SERVER",
        "HOST",
        "STATE",
        "BREAKER",
        "UNDER WAY",
        "REFUSED",
        "ADDRESSES",
    ]);
    let columns = [
        "GATEWAY",
        "WAITING",
        "DELIVERED",
        "FAILED",
        "DROPPED",
        "CHANNELS",
    ];
    let mut channels = Table::new(&columns);
    let (mut any_server, mut any_channel) = (false, false);
    for row in rows {
        let Some(report) = row.report() else {
            table.row(&[row.gateway.as_str(), "no answer"]);
            continue;
        };
        table.row(&report.cells(&row.gateway));
        for server in &report.servers {
            any_server = true;
            servers.row(&server.cells(&row.gateway));
        }
        let notices = &report.notices;
        if !notices.channels.is_empty() {
            any_channel = true;
            channels.row(&notices.cells(&row.gateway));
        }
        report.warn(&row.gateway);
    }
    table.print()?;
    if any_channel {
        output::line("")?;
        channels.print()?;
    }
    if any_server {
        output::line("")?;
        servers.print()?;
    }
    witnesses::show(rows)?;
    providers::show(rows)?;
    tokens::show(rows)?;
    children::show(rows)
}

impl Notices {
    fn cells(&self, gateway: &str) -> Vec<String> {
        vec![
            gateway.to_owned(),
            self.waiting.to_string(),
            self.delivered.to_string(),
            self.failed.to_string(),
            self.dropped.to_string(),
            self.channels.join(", "),
        ]
    }
}

impl Row {
    fn report(&self) -> Option<Report> {
        Report::deserialize(self.status.as_ref()?).ok()
    }
}

impl Server {
    fn cells(&self, gateway: &str) -> Vec<String> {
        vec![
            gateway.to_owned(),
            self.name.clone(),
            match &self.stdio {
                Some(_) => "stdio".to_owned(),
                None => self.host.clone(),
            },
            self.state.clone(),
            self.breaker_cell(),
            self.under_way.to_string(),
            self.refused.to_string(),
            self.addresses.join(", "),
        ]
    }

    /// Where its breaker stands, why, and for how long still.
    fn breaker_cell(&self) -> String {
        let mut text = self.breaker.clone();
        if !self.breaker_cause.is_empty() {
            text.push_str(&format!(" ({})", self.breaker_cause));
        }
        if self.breaker_left_ms > 0 {
            let seconds = self.breaker_left_ms.div_ceil(1_000);
            text.push_str(&format!(", {seconds} s left"));
        }
        text
    }
}

impl Report {
    fn cells(&self, gateway: &str) -> Vec<String> {
        vec![
            gateway.to_owned(),
            self.listen.clone(),
            self.version.clone(),
            self.generation.to_string(),
            self.driver.clone(),
            self.workers.to_string(),
            duration_text(self.uptime_s),
            self.connections.to_string(),
            self.calls.to_string(),
            self.denied.to_string(),
            self.audit.seq.to_string(),
            self.audit.state.clone(),
        ]
    }

    fn warn(&self, gateway: &str) {
        if self.draining {
            output::warning(&format!(
                "{gateway} is draining: it takes no new connections"
            ));
        }
        if self.shedding {
            output::warning(&format!(
                "{gateway} has more to do than it can: it refuses a part of the requests"
            ));
        }
        if !self.killed.is_empty() {
            let killed = self.killed.join(", ");
            let killed = plain(&killed);
            output::warning(&format!("{gateway}: the kill switch stops {killed}"));
        }
        if self.kill_kept == Some(false) {
            output::warning(&format!(
                "{gateway} can't write state/kill: the kill switch would not survive a restart"
            ));
        }
        if self.driver == "epoll" {
            let detail = plain(&self.driver_detail);
            output::warning(&format!("{gateway} runs on epoll, not io_uring: {detail}"));
        }
        if self.notices.failed + self.notices.dropped > 0 {
            let Notices {
                failed, dropped, ..
            } = self.notices;
            output::warning(&format!(
                "{gateway} could not deliver {failed} messages and had no room for {dropped} \
                 notices; its log says why"
            ));
        }
        if let Some(error) = &self.audit.signing_error {
            let error = plain(error);
            output::warning(&format!(
                "{gateway} can't sign the newest records of its audit log: {error}"
            ));
        }
        if let Some(error) = &self.secrets.error {
            let error = plain(error);
            output::warning(&format!(
                "{gateway}: secrets that others keep stay as they were: {error}"
            ));
        }
        witnesses::warn(gateway, &self.audit);
        providers::warn(gateway, &self.identity_providers);
        for server in &self.servers {
            for token in server.token.iter().chain(&server.logins) {
                tokens::warn(gateway, &server.name, token);
            }
            if let Some(exchange) = &server.exchange {
                tokens::warn_of(gateway, &server.name, exchange);
            }
        }
        if self.audit.state == "failed" {
            output::warning(&format!(
                "{gateway} can't write its audit log and denies every call; look at its disk"
            ));
        }
    }
}
