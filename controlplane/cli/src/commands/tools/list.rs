//! `varictl tools list`.

use clap::Args;
use serde::Deserialize;

use super::{Row, ask, ended, short, time};
use crate::admin::Question;
use crate::arguments::{Arguments, Gateways};
use crate::exit::Exit;
use crate::output::table::Table;
use crate::output::{self, count};

/// Show the tools that gateways know, and which of them are quarantined.
///
/// A tool is known when a list of its server has passed. `pinned` is what was seen first,
/// `approved` what a person trusts; a quarantined tool is in no list and can't be called. Digests
/// are SHA-256 over the canonical definition.
#[derive(Args, Debug)]
pub(crate) struct List {
    /// Only the tools of this server
    #[arg(long, value_name = "NAME")]
    server: Option<String>,
    /// Only those that wait for `varictl tools approve`
    #[arg(long)]
    quarantined: bool,
    #[command(flatten)]
    gateways: Gateways,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct Listed {
    tools: Vec<Row>,
    left_out: u64,
}

impl List {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let gateways = self.gateways.chosen(arguments)?;
        let mut told = ask(&gateways, &Question::Get("/v1/tools".to_owned()))?;
        if self.json {
            for told in &mut told {
                self.retain(told.answer.as_mut());
            }
            output::json(&told)?;
            return Ok(ended(&told));
        }
        let headings = [
            "TOOL",
            "STATE",
            "WHY",
            "SHA256",
            "FIRST SEEN",
            "BY",
            "FLAGS",
            "GATEWAY",
        ];
        let mut table = Table::new(&headings);
        let (mut shown, mut waiting) = (0_usize, 0_usize);
        for told in &told {
            let Some(listed) = told.read::<Listed>() else {
                continue;
            };
            for row in listed.tools.iter().filter(|row| self.wants(row)) {
                shown = shown.saturating_add(1);
                waiting = waiting.saturating_add(usize::from(row.waits()));
                let gateway = match gateways.len() {
                    1 => String::new(),
                    _ => told.gateway.clone(),
                };
                table.row(&[
                    row.name(),
                    row.state.clone(),
                    row.why(),
                    short(row.sha256.as_deref()).to_owned(),
                    time(row.first_seen_unix_s),
                    row.approved_by.clone().unwrap_or_default(),
                    row.flags.join(" "),
                    gateway,
                ]);
            }
            if listed.left_out > 0 {
                let left = listed.left_out;
                output::warning(&format!("{} knows {left} tools more", told.gateway));
            }
        }
        match shown {
            0 => output::note("no tool: none is known, or none is as you asked"),
            _ => table.print()?,
        }
        if waiting > 0 {
            let tools = count(waiting, "tool");
            output::note(&format!(
                "{tools} in quarantine; see `varictl tools diff SERVER/TOOL`"
            ));
        }
        Ok(ended(&told))
    }

    fn wants(&self, row: &Row) -> bool {
        let of_server = self.server.as_ref().is_none_or(|name| *name == row.server);
        of_server && (row.waits() || !self.quarantined)
    }

    /// Leaves the rows in a gateway's answer that are wanted.
    fn retain(&self, answer: Option<&mut serde_json::Value>) {
        let rows = answer.and_then(|answer| answer.get_mut("tools"));
        if let Some(rows) = rows.and_then(serde_json::Value::as_array_mut) {
            rows.retain(|row| Row::deserialize(row).is_ok_and(|row| self.wants(&row)));
        }
    }
}
