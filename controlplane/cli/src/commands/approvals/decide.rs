//! `varictl approvals approve` and `deny`: one person's decision about one held call.

use clap::Args;
use serde_json::json;

use super::gateways::{Held, Holders};
use crate::arguments::{Arguments, Gateways};
use crate::exit::{Exit, wrong};
use crate::operator;
use crate::output;
use crate::quantities::{duration_s, duration_text};

/// What both decisions take.
#[derive(Args, Debug)]
pub(crate) struct Decision {
    /// Id of the held call, or its first digits
    id: String,
    /// Who decides [default: the name of the user who runs this]
    #[arg(long, value_name = "NAME")]
    by: Option<String>,
    /// A word about it, for the record
    #[arg(long, value_name = "TEXT")]
    note: Option<String>,
    #[command(flatten)]
    gateways: Gateways,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// Approve one held call: the identical call then passes once.
#[derive(Args, Debug)]
pub(crate) struct Approve {
    #[command(flatten)]
    decision: Decision,
    /// Let the agent use the tool without asking for this long, such as 30m, where policy allows
    #[arg(long = "for", value_name = "DURATION", value_parser = duration_s)]
    for_s: Option<u64>,
}

/// Refuse one held call.
#[derive(Args, Debug)]
pub(crate) struct Deny {
    #[command(flatten)]
    decision: Decision,
}

impl Approve {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        self.decision
            .run(arguments, "approve", self.for_s.unwrap_or_default())
    }
}

impl Deny {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        self.decision.run(arguments, "deny", 0)
    }
}

impl Decision {
    fn run(&self, arguments: &Arguments, decision: &str, for_s: u64) -> anyhow::Result<Exit> {
        let (gateway, held) = Holders::of(arguments, &self.gateways)?.one(&self.id)?;
        let said = json!({
            "decision": decision,
            "by": self.name()?,
            "note": self.note.as_deref().unwrap_or_default(),
            "for_ms": for_s.saturating_mul(1000),
        });
        let told = Holders::decide(&gateway, &held.id, said)?;
        if self.json {
            output::json(&told)?;
            return Ok(Exit::Done);
        }
        let held: Held = serde_json::from_value(told)?;
        output::line(&outcome(&held, for_s))?;
        Ok(Exit::Done)
    }

    fn name(&self) -> anyhow::Result<String> {
        let name = operator::name(self.by.as_deref());
        match name.trim() {
            "" => Err(wrong("nobody is named: say who decides with --by NAME")),
            name => Ok(name.to_owned()),
        }
    }
}

fn outcome(held: &Held, for_s: u64) -> String {
    let call = format!(
        "{}/{}",
        output::plain(&held.server),
        output::plain(&held.tool)
    );
    let agent = format!(
        "{}/{}",
        output::plain(&held.organisation),
        output::plain(&held.agent)
    );
    match (held.state.as_str(), for_s) {
        ("approved", 0) => format!("approved: the identical call of {call} by {agent} passes once"),
        ("approved", _) => format!(
            "approved: {agent} may use {call} for {}, or as long as all who approved allowed",
            duration_text(for_s)
        ),
        ("denied", _) => format!("refused: {call} for {agent}"),
        _ => format!(
            "approved by {} of {} who are needed: {call} for {agent} still waits",
            held.approved_by.len(),
            held.quorum
        ),
    }
}
