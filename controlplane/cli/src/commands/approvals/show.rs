//! `varictl approvals show`: all of one held call. Characters that could mislead a reader are
//! spelled out.

use clap::Args;
use serde_json::Value;

use super::gateways::{Held, Holders};
use crate::arguments::{Arguments, Gateways};
use crate::exit::Exit;
use crate::output::{self, plain, plain_lines};
use crate::quantities::{duration_text, now_unix_ms, time_text};

/// Show all of one held call.
#[derive(Args, Debug)]
pub(crate) struct Show {
    /// Id of the held call, or its first digits
    id: String,
    #[command(flatten)]
    gateways: Gateways,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let (_, held) = Holders::of(arguments, &self.gateways)?.one(&self.id)?;
        if self.json {
            output::json(&held)?;
        } else {
            show(&held)?;
        }
        Ok(Exit::Done)
    }
}

/// Writes all of a held call to standard output.
pub(super) fn show(held: &Held) -> anyhow::Result<()> {
    let left_s = held.expires_unix_ms.saturating_sub(now_unix_ms()) / 1000;
    let team = match held.team.as_str() {
        "" => String::new(),
        team => format!(" (team {team})"),
    };
    let approved = match held.approved_by.as_slice() {
        [] => "by nobody yet".to_owned(),
        names => format!("by {}", names.join(", ")),
    };
    let window = match held.window_max_ms {
        0 => "once".to_owned(),
        ms => format!("once, or for up to {} (--for)", duration_text(ms / 1000)),
    };
    for (name, value) in [
        ("id", held.id.clone()),
        ("state", held.state.clone()),
        (
            "call",
            format!("{} {}/{}", held.method, held.server, held.tool),
        ),
        (
            "agent",
            format!("{}/{}{team}", held.organisation, held.agent),
        ),
        ("token", held.token.clone()),
        ("intent", held.intent.clone()),
        ("held for", held.why.clone()),
        ("since", time_text(held.created_unix_ms / 1000)),
        ("left", duration_text(left_s)),
        ("approved", format!("{approved}; {} needed", held.quorum)),
        ("refused by", held.denied_by.clone().unwrap_or_default()),
        ("good for", window),
        ("policy", format!("generation {}", held.generation)),
    ] {
        if !value.is_empty() {
            output::line(&format!("{name:<11} {}", plain(&value)))?;
        }
    }
    output::line("arguments:")?;
    output::line(&plain_lines(&pretty(&held.arguments)))
}

/// The parameters over several lines; as they are when they can't be read.
fn pretty(text: &str) -> String {
    let value: Option<Value> = serde_json::from_str(text).ok();
    let pretty = value.and_then(|value| serde_json::to_string_pretty(&value).ok());
    pretty.unwrap_or_else(|| text.to_owned())
}
