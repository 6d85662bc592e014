//! `varictl channels test`: a test message through running gateways, and what became of it; status
//! 1 when one of them could not deliver it.

use clap::Args;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::admin::{self, AdminError, Answer, Question};
use crate::arguments::{Arguments, Gateways};
use crate::exit::Exit;
use crate::output::table::Table;
use crate::output::{self, plain};

/// Have the running gateway send a test message to a channel.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  varictl channels test slack/#security-alerts\n  varictl \
                        channels test email/oncall --json"
)]
pub(crate) struct Test {
    /// The channel, as in `notify_channel`: KIND/NAME
    #[arg(value_name = "KIND/NAME")]
    channel: String,
    #[command(flatten)]
    gateways: Gateways,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// A gateway's answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Report {
    id: String,
    delivered: bool,
    error: Option<String>,
    /// Channels that there are instead.
    known: Vec<String>,
}

#[derive(Serialize)]
struct Row {
    gateway: String,
    delivered: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Test {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let gateways = self.gateways.chosen(arguments)?;
        let wish = json!({"channel": self.channel});
        let question = Question::Post("/v1/channels/test".to_owned(), wish);
        let answers = admin::ask(&gateways, &question)?;
        let rows: Vec<Row> = gateways
            .iter()
            .zip(answers)
            .map(|(gateway, answer)| row(gateway.name(), answer))
            .collect();
        if self.json {
            output::json(&rows)?;
        } else {
            show(&rows)?;
        }
        for row in &rows {
            if let Some(error) = &row.error {
                output::error(&format!("{}: {error}", row.gateway));
            }
        }
        let all = rows.iter().all(|row| row.delivered);
        Ok(if all { Exit::Done } else { Exit::Failed })
    }
}

fn row(gateway: String, answer: Result<Answer, AdminError>) -> Row {
    let report = answer
        .map_err(|error| error.to_string())
        .and_then(|answer| {
            serde_json::from_slice::<Report>(&answer.body)
                .map_err(|_| format!("it answered with HTTP status {} and no JSON", answer.status))
        });
    let (report, error) = match report {
        Ok(report) => {
            let error = report.error.as_deref().map(|error| told(error, &report));
            (report, error)
        }
        Err(error) => (Report::default(), Some(plain(&error).into_owned())),
    };
    Row {
        gateway,
        delivered: report.delivered,
        id: (!report.id.is_empty()).then_some(report.id),
        error,
    }
}

fn told(error: &str, report: &Report) -> String {
    let known = report.known.join(", ");
    let text = match known.as_str() {
        "" => error.to_owned(),
        known => format!("{error}; it has {known}"),
    };
    plain(&text).into_owned()
}

fn show(rows: &[Row]) -> anyhow::Result<()> {
    let mut table = Table::new(&["GATEWAY", "OUTCOME", "MESSAGE"]);
    for row in rows {
        let outcome = if row.delivered { "delivered" } else { "failed" };
        let id = row.id.as_deref().unwrap_or_default();
        table.row(&[&row.gateway, outcome, id]);
    }
    table.print()
}
