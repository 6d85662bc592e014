//! `varictl vault audit`: the history of the vault, if nothing of it was cut or changed.

use clap::Args;
use varistor_vault::{Change, Deed};

use super::{open, told};
use crate::directory::PolicyDir;
use crate::exit::Exit;
use crate::output::table::Table;
use crate::output::{self, plain};
use crate::quantities::time_text;

/// Show who changed which secret when, checked against the vault.
#[derive(Args, Debug)]
#[command(after_help = "\
Exit status: 0 the history is whole and leads to the vault that is here, 2 it does not.")]
pub(crate) struct Audit {
    /// Only what was done to this secret
    name: Option<String>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Audit {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let mut history = open(dir)?.history().map_err(told)?;
        let wanted = |deed: &Deed| match &self.name {
            None => true,
            name => deed.name == *name,
        };
        for line in &mut history.lines {
            line.deeds.retain(wanted);
        }
        history.lines.retain(|line| !line.deeds.is_empty());
        if self.json {
            let cut_off = history.cut_off;
            output::json(&serde_json::json!({"changes": history.lines, "cut_off": cut_off}))?;
            return Ok(Exit::Done);
        }
        let mut table = Table::new(&["WHEN", "BY", "WHAT", "SECRET", "VERSION", "SERVERS"]);
        for line in &history.lines {
            for deed in &line.deeds {
                let version = deed.version.map(|version| version.to_string());
                table.row(&[
                    time_text(line.unix_s).as_str(),
                    &plain(&line.by),
                    what(deed.change),
                    deed.name.as_deref().unwrap_or("-"),
                    version.as_deref().unwrap_or("-"),
                    &deed.servers.join(", "),
                ]);
            }
        }
        table.print()?;
        if history.cut_off > 0 {
            let number = output::count(history.cut_off, "change");
            output::note(&format!("{number} cut off before anything happened"));
        }
        Ok(Exit::Done)
    }
}

const fn what(change: Change) -> &'static str {
    match change {
        Change::Created => "created",
        Change::Set => "set",
        Change::Rotated => "rotated",
        Change::TakenBack => "taken back",
        Change::Forgotten => "former value forgotten",
        Change::Removed => "removed",
        Change::Rekeyed => "rekeyed",
        Change::Imported => "from an export",
    }
}
