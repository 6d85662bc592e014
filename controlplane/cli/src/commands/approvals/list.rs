//! `varictl approvals list`: the calls that wait for a human.

use clap::Args;

use super::gateways::{Held, Holders};
use crate::arguments::{Arguments, Gateways};
use crate::exit::Exit;
use crate::output::table::Table;
use crate::output::{self, count};
use crate::quantities::{duration_text, now_unix_ms};

/// List the calls that wait, or were decided and not used yet.
#[derive(Args, Debug)]
pub(crate) struct List {
    #[command(flatten)]
    gateways: Gateways,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// Digits of an id that are shown; `show` takes as few as tell it apart.
const DIGITS: usize = 12;

impl List {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let all = Holders::of(arguments, &self.gateways)?.all()?;
        if self.json {
            output::json(&all)?;
            return Ok(Exit::Done);
        }
        let now_ms = now_unix_ms();
        let left = |until_ms: u64| duration_text(until_ms.saturating_sub(now_ms) / 1000);
        let headings = [
            "ID", "STATE", "AGENT", "CALL", "INTENT", "APPROVED", "LEFT", "WHY",
        ];
        let mut table = Table::new(&headings);
        for held in &all.approvals {
            let Held {
                state, intent, why, ..
            } = held;
            let id = held.id.get(..DIGITS).unwrap_or(&held.id);
            let agent = format!("{}/{}", held.organisation, held.agent);
            let call = format!("{}/{}", held.server, held.tool);
            let approved = format!("{} of {}", held.approved_by.len(), held.quorum);
            let left = left(held.expires_unix_ms);
            table.row(&[id, state, &agent, &call, intent, &approved, &left, why]);
        }
        if !all.approvals.is_empty() {
            table.print()?;
        }
        for window in &all.windows {
            let left = left(window.until_unix_ms);
            output::line(&format!(
                "{}/{} may use {}/{} without asking for {left}",
                output::plain(&window.organisation),
                output::plain(&window.agent),
                output::plain(&window.server),
                output::plain(&window.tool),
            ))?;
        }
        let waiting = all.approvals.iter().filter(|held| held.state == "pending");
        output::note(&match waiting.count() {
            0 => "no call waits for approval".to_owned(),
            some => format!(
                "{} for approval; varictl approvals show ID shows all of one",
                match some {
                    1 => "1 call waits".to_owned(),
                    some => format!("{} wait", count(some, "call")),
                }
            ),
        });
        Ok(Exit::Done)
    }
}
