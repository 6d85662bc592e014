//! `varictl tools approve`: binds to the digest that a person was shown. Refuses when the
//! definition is another one by then.

use clap::Args;
use serde::Deserialize;
use serde_json::json;
use varistor_pins::{Digest, names};

use super::{Name, Row, Told, ask, ended, name, short};
use crate::admin::{Gateway, Question};
use crate::arguments::{Arguments, Gateways};
use crate::exit::{Exit, wrong};
use crate::operator;
use crate::output;

/// Trust the definition of a quarantined tool that you have looked at.
///
/// The digest is the one that `varictl tools diff` shows: if the server changes the definition in
/// the meantime, nothing is approved. The gateway's log records who approved what.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  varictl tools approve github/get_issue --sha256 9f86d081884c7d65\
                        9a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08\n  varictl tools approve \
                        --server github --all"
)]
pub(crate) struct Approve {
    /// The tool, as SERVER/TOOL
    #[arg(value_parser = name, requires = "sha256", required_unless_present = "all")]
    tool: Option<Name>,
    /// SHA-256 of the definition that you have seen
    #[arg(long, value_name = "HASH")]
    sha256: Option<Digest>,
    /// With --all: the server whose quarantined tools are meant
    #[arg(long, value_name = "NAME", requires = "all", conflicts_with = "tool")]
    server: Option<String>,
    /// Every quarantined tool of --server, as it is listed now
    #[arg(long, requires = "server", conflicts_with_all = ["tool", "sha256"])]
    all: bool,
    /// Who approves, for the log [default: your user name]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    #[command(flatten)]
    gateways: Gateways,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Done {
    approved: Vec<Row>,
    refused: Vec<Refused>,
    unsaved: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refused {
    server: String,
    tool: String,
    error: String,
}

#[derive(Deserialize)]
struct Listed {
    tools: Vec<Row>,
}

impl Approve {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let gateways = self.gateways.chosen(arguments)?;
        let mut told = Vec::with_capacity(gateways.len());
        for gateway in gateways {
            told.push(self.approve(gateway)?);
        }
        if self.json {
            output::json(&told)?;
        } else {
            for told in &told {
                show(told)?;
            }
        }
        let mut done = told.iter().filter_map(Told::read::<Done>);
        let all = done.all(|done| done.refused.is_empty());
        let exit = ended(&told);
        Ok(if all { exit } else { Exit::Failed })
    }

    fn approve(&self, gateway: Gateway) -> anyhow::Result<Told> {
        let gateways = [gateway];
        let tools = match (&self.tool, self.sha256, &self.server) {
            (Some(Name { server, tool }), Some(sha256), _) => {
                vec![json!({"server": server, "tool": tool, "sha256": sha256})]
            }
            (_, _, Some(server)) => {
                let listed = one(ask(&gateways, &Question::Get("/v1/tools".to_owned()))?)?;
                let Some(rows) = listed.read::<Listed>() else {
                    return Ok(listed);
                };
                let rows = rows.tools.into_iter();
                let rows = rows.filter(|row| row.server == *server && row.waits());
                rows.map(
                    |row| json!({"server": row.server, "tool": row.tool, "sha256": row.sha256}),
                )
                .collect()
            }
            _ => return Err(wrong("name a tool with --sha256, or --server with --all")),
        };
        let approving = json!({"by": operator::name(self.by.as_deref()), "tools": tools});
        let question = Question::Post("/v1/tools/approve".to_owned(), approving);
        one(ask(&gateways, &question)?)
    }
}

fn one(told: Vec<Told>) -> anyhow::Result<Told> {
    let mut told = told.into_iter();
    told.next()
        .ok_or_else(|| wrong("there is no gateway to ask"))
}

fn show(told: &Told) -> anyhow::Result<()> {
    let Some(done) = told.read::<Done>() else {
        return Ok(());
    };
    for row in &done.approved {
        let digest = short(row.sha256.as_deref());
        output::line(&format!(
            "{}: trusted as {digest}",
            names::shown(&row.name(), false)
        ))?;
    }
    for row in &done.refused {
        let name = names::shown(&format!("{}/{}", row.server, row.tool), false);
        output::error(&format!("{name}: {}", names::shown(&row.error, false)));
    }
    if done.approved.is_empty() && done.refused.is_empty() {
        output::note("nothing is quarantined there");
    }
    if let Some(error) = &done.unsaved {
        output::warning(&format!(
            "{} can't write this down ({}); it holds until that gateway ends",
            told.gateway,
            names::shown(error, false)
        ));
    }
    Ok(())
}
