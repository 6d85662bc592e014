//! `varictl tools flags`: what in definitions of tools speaks to the model instead of about the
//! tool. Refuses what is no list of tools.

use std::io::{self, Read};

use anyhow::Context;
use clap::Args;
use serde_json::json;
use varistor_suspect::{Flag, is_suspicious, look};

use crate::commands::rehearsal::tools::{self, Definition};
use crate::exit::{Exit, wrong};
use crate::output::{self, Tone, tinted};

/// Bytes of standard input that are read: many times what servers list.
const INPUT_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// Say what in definitions speaks to the model instead of about the tool.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl tools flags < definitions.jsonl
      one line of JSON for each tool: its name, whether it is suspicious, and its flags
  varictl tools flags --human --suspicious < tools-list-answer.json
      only those that nobody should add without reading them, for people

Standard input holds answers of tools/list, lists, or single definitions, one after another.
Exit status: 0 nothing is suspicious, 1 something is, 2 the input is no list of tools.")]
pub(crate) struct Flags {
    /// Leave out tools that are not suspicious
    #[arg(long)]
    suspicious: bool,
    /// Answer for people, in colours on a terminal
    #[arg(long)]
    human: bool,
    /// Answer in JSON, one object a line (the default)
    #[arg(long, conflicts_with = "human")]
    json: bool,
}

impl Flags {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        let mut input = Vec::new();
        let mut bounded = io::stdin().lock().take(INPUT_BYTES_MAX + 1);
        bounded
            .read_to_end(&mut input)
            .context("standard input can't be read")?;
        if input.len() as u64 > INPUT_BYTES_MAX {
            return Err(wrong(format!(
                "standard input is longer than {INPUT_BYTES_MAX} bytes; split it"
            )));
        }
        let mut any = false;
        for tool in tools::parse("standard input", &input)? {
            let flags = look(&tool.text);
            let is_suspicious = is_suspicious(&flags);
            any |= is_suspicious;
            if self.suspicious && !is_suspicious {
                continue;
            }
            if self.human {
                for_people(&tool, is_suspicious, &flags)?;
            } else {
                output::line(&as_json(&tool, is_suspicious, &flags))?;
            }
        }
        Ok(if any { Exit::Failed } else { Exit::Done })
    }
}

fn as_json(tool: &Definition, is_suspicious: bool, flags: &[Flag]) -> String {
    let flags: Vec<_> = flags
        .iter()
        .map(|flag| {
            json!({
                "kind": flag.kind.as_str(),
                "path": flag.path,
                "excerpt": flag.excerpt,
                "confidence": flag.confidence_percent,
            })
        })
        .collect();
    let mut told = json!({"name": tool.name, "suspicious": is_suspicious, "flags": flags});
    if let Some(server) = &tool.server {
        told["server"] = json!(server);
    }
    told.to_string()
}

fn for_people(tool: &Definition, is_suspicious: bool, flags: &[Flag]) -> anyhow::Result<()> {
    let verdict = match (is_suspicious, flags.is_empty()) {
        (true, _) => tinted("suspicious", Tone::Bad),
        (false, true) => tinted("plain", Tone::Good),
        (false, false) => tinted("plain, with remarks", Tone::Quiet),
    };
    let server = tool.server.as_deref().map(|server| format!("{server}/"));
    let name = format!("{}{}", server.unwrap_or_default(), tool.name);
    output::line(&format!("{}: {verdict}", output::plain(&name)))?;
    for flag in flags {
        let path = output::plain(&flag.path);
        let (kind, percent) = (flag.kind, flag.confidence_percent);
        output::line(&format!(
            "  {kind} ({percent} %) at {path}: {}",
            flag.excerpt
        ))?;
    }
    Ok(())
}
