//! `varictl approvals approver`: who may approve on the page.

use clap::{Args, Subcommand};
use serde_json::json;

use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};
use crate::output::table::Table;
use crate::output::{self, line};
use crate::page::{Approvers, make_link_key, shown_code};
use crate::quantities::{now_unix_s, time_text};

/// Add, list and remove those who may approve on the page.
#[derive(Debug, Subcommand)]
pub(crate) enum Approver {
    /// Add an approver, or give one another access code; prints the code once
    Add(Add),
    /// List those who may approve on the page
    List(List),
    /// Take an approver away; sessions and links end with it
    Remove(Remove),
}

/// Add an approver, or give one another access code; prints the code once.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  varictl approvals approver add alice\n  varictl approvals \
                        approver add alice --notify email/alice"
)]
pub(crate) struct Add {
    /// The name that records of decisions carry
    name: String,
    /// The approver's own channel, as in `channels` of the policy
    #[arg(long, value_name = "KIND/NAME")]
    notify: Option<String>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// List those who may approve on the page.
#[derive(Args, Debug)]
pub(crate) struct List {
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// Take an approver away; sessions and links end with it.
#[derive(Args, Debug)]
pub(crate) struct Remove {
    /// The name
    name: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Approver {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let mut approvers = Approvers::open(dir)?;
        match self {
            Self::Add(add) => {
                check_channel(add.notify.as_deref())?;
                // Gateways seal links by it from now on.
                make_link_key(dir)?;
                let code = approvers.add(&add.name, add.notify.clone(), now_unix_s())?;
                let code = shown_code(&code);
                if add.json {
                    output::json(&json!({"name": add.name, "code": *code}))?;
                } else {
                    line(&code)?;
                    output::note("this is shown once; hand it over on a safe way");
                }
            }
            Self::List(list) => {
                let rows = approvers.all();
                if list.json {
                    let rows = rows.iter().map(|one| {
                        let added = one.added_unix_s;
                        json!({"name": one.name, "notify": one.notify, "added_unix_s": added})
                    });
                    output::json(&rows.collect::<Vec<_>>())?;
                    return Ok(Exit::Done);
                }
                let mut table = Table::new(&["NAME", "ADDED", "CHANNEL"]);
                for one in rows {
                    let added = time_text(one.added_unix_s);
                    table.row(&[&one.name, &added, one.notify.as_deref().unwrap_or_default()]);
                }
                table.print()?;
            }
            Self::Remove(remove) => {
                approvers.remove(&remove.name)?;
                if remove.json {
                    output::json(&json!({"removed": remove.name}))?;
                } else {
                    output::note(&format!("{} may not approve any more", remove.name));
                }
            }
        }
        Ok(Exit::Done)
    }
}

fn check_channel(channel: Option<&str>) -> anyhow::Result<()> {
    let Some(channel) = channel else {
        return Ok(());
    };
    let kind = channel.split_once('/').filter(|(_, name)| !name.is_empty());
    match kind {
        Some(("slack" | "webhook" | "email", _)) => Ok(()),
        _ => Err(wrong(format!(
            "--notify {channel}: expected KIND/NAME of a channel, as in email/alice"
        ))),
    }
}
