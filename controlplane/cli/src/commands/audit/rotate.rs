//! `varictl audit rotate`: has a running gateway begin the next segment of its log.

use clap::Args;
use serde::Deserialize;
use serde_json::json;

use crate::admin::Question;
use crate::arguments::{Arguments, Gateways};
use crate::commands::tools::{Told, ask, ended};
use crate::exit::Exit;
use crate::output::{self, plain};

/// Have a running gateway begin the next segment.
///
/// What is written in the segment before is synced, and its file is not written again: it can be
/// copied away. An empty segment stays the newest.
#[derive(Args, Debug)]
pub(crate) struct Rotate {
    #[command(flatten)]
    gateways: Gateways,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Deserialize)]
struct Rotated {
    ended: Option<String>,
    begun: String,
}

impl Rotate {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let gateways = self.gateways.chosen(arguments)?;
        let question = Question::Post("/v1/audit/rotate".to_owned(), json!({}));
        let told = ask(&gateways, &question)?;
        match self.json {
            true => output::json(&told)?,
            false => told.iter().try_for_each(show)?,
        }
        Ok(ended(&told))
    }
}

fn show(told: &Told) -> anyhow::Result<()> {
    let Some(rotated) = told.read::<Rotated>() else {
        return Ok(());
    };
    let begun = plain(&rotated.begun);
    match &rotated.ended {
        Some(ended) => output::line(&format!("{} is complete; {begun} begins", plain(ended))),
        None => output::line(&format!("{begun} is empty and stays the newest")),
    }
}
