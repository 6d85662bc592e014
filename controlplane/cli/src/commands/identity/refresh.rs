//! `varictl identity refresh`: asks each provider of the policy for its keys; status 1 when one
//! can't be asked.

use clap::Args;
use serde::Serialize;

use crate::building;
use crate::directory::PolicyDir;
use crate::exit::Exit;
use crate::identity::{self, Looked};
use crate::output::table::Table;
use crate::output::{self, plain};
use crate::quantities::time_text;

/// Ask each provider for its keys, and keep them for the next snapshot.
#[derive(Args, Debug)]
#[command(after_help = "\
`varictl compile` and `varictl push` do this as well, and a running gateway looks by itself; this \
says what comes of it.

Exit status: 0 all were asked, 1 one of them could not be.")]
pub(crate) struct Refresh {
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row<'l> {
    name: &'l str,
    issuer: &'l str,
    keys: &'l [String],
    seen: Option<String>,
    error: Option<&'l str>,
}

impl Refresh {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let mut policy = building::policy(dir)?;
        let all = identity::renew(dir, &mut policy)?;
        let rows: Vec<Row<'_>> = all.iter().map(row).collect();
        if self.json {
            output::json(&rows)?;
        } else if rows.is_empty() {
            output::note("the policy has no `identity_providers`");
        } else {
            show(&rows)?;
        }
        Ok(match all.iter().any(|looked| looked.error.is_some()) {
            true => Exit::Failed,
            false => Exit::Done,
        })
    }
}

fn row(looked: &Looked) -> Row<'_> {
    Row {
        name: &looked.name,
        issuer: &looked.issuer,
        keys: &looked.keys,
        seen: (looked.unix_s > 0).then(|| time_text(looked.unix_s)),
        error: looked.error.as_deref(),
    }
}

fn show(rows: &[Row<'_>]) -> anyhow::Result<()> {
    let mut table = Table::new(&["PROVIDER", "ISSUER", "KEYS", "SEEN"]);
    for row in rows {
        let keys = row.keys.join(", ");
        table.row(&[
            row.name,
            row.issuer,
            &keys,
            row.seen.as_deref().unwrap_or("never"),
        ]);
    }
    table.print()?;
    for row in rows {
        if let Some(error) = row.error {
            output::error(&plain(&format!("{}: {error}", row.name)));
        }
    }
    Ok(())
}
