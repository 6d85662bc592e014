//! `varictl token list`: the tokens that were issued from this directory, and how they stand.

use clap::Args;
use serde::Serialize;

use crate::directory::PolicyDir;
use crate::exit::Exit;
use crate::output;
use crate::output::table::Table;
use crate::quantities::{is_over, now_unix_s, time_text};
use crate::registry::{self, Issued};

/// List the tokens that were issued from this directory.
#[derive(Args, Debug)]
pub(crate) struct List {
    /// Expired and revoked ones as well
    #[arg(long)]
    all: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row {
    #[serde(flatten)]
    issued: Issued,
    state: &'static str,
}

impl List {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let revoked: Vec<String> = registry::revoked(dir)?
            .iter()
            .map(ToString::to_string)
            .collect();
        let now = now_unix_s();
        let state = |issued: &Issued| match () {
            () if revoked.contains(&issued.id) => "revoked",
            () if is_over(issued.expires_unix_s, now) => "expired",
            () => "live",
        };
        let all = registry::issued(dir)?.into_iter();
        let mut rows: Vec<Row> = all
            .map(|issued| Row {
                state: state(&issued),
                issued,
            })
            .collect();
        let total = rows.len();
        rows.retain(|row| self.all || row.state == "live");
        if self.json {
            output::json(&rows)?;
            return Ok(Exit::Done);
        }
        show(&rows)?;
        if rows.len() < total {
            let hidden = total - rows.len();
            output::note(&format!(
                "{hidden} more, expired or revoked (--all shows them)"
            ));
        }
        Ok(Exit::Done)
    }
}

fn show(rows: &[Row]) -> anyhow::Result<()> {
    let mut table = Table::new(&["ID", "STATE", "AGENT", "EXPIRES", "REACHES", "LIMITS"]);
    for Row { issued, state } in rows {
        let agent = format!("{}/{}", issued.organisation, issued.agent);
        let scope: Vec<&str> = issued
            .servers
            .iter()
            .chain(&issued.tools)
            .map(String::as_str)
            .collect();
        let scope = if scope.is_empty() {
            "as its roles".to_owned()
        } else {
            scope.join(", ")
        };
        let expires = time_text(issued.expires_unix_s);
        let limits = issued.limits.join(", ");
        table.row(&[&issued.id, *state, &agent, &expires, &scope, &limits]);
    }
    table.print()
}
