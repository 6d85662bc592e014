//! `varictl token attenuate`: narrows a token without any key or policy directory.

use anyhow::Context;
use clap::{ArgGroup, Args};
use varistor_model::{Intent, IntentSet};
use varistor_token::{Narrowing, TokenRate, attenuate};

use super::scope;
use crate::exit::{Exit, wrong};
use crate::quantities::{self, now_unix_s};
use crate::{output, terminal};

/// Narrow a token for a sub-agent, offline; prints the narrowed token alone.
#[derive(Args, Debug)]
#[command(
    group(ArgGroup::new("narrowing").required(true).multiple(true)
        .args(["servers", "tools", "intents", "ttl", "limit"])),
    after_help = "\
Examples:
  varictl token attenuate --tools 'crm/get_*' --ttl 10m \"$TOKEN\"
      only reading calls of one server, for ten minutes
  varictl token attenuate --intents read < ci-bot.token > reader.token
      from a file, so that the token stands in no process list

A narrowed token never permits more than the one it came from, shares its rate limits, and dies
with it. Nobody needs to be asked: whoever holds a token can narrow it."
)]
pub(crate) struct Attenuate {
    /// The token [default: standard input]
    token: Option<String>,
    /// Only these servers (patterns, separated by commas)
    #[arg(long, value_name = "PATTERNS")]
    servers: Vec<String>,
    /// Only these tools (patterns SERVER/TOOL)
    #[arg(long, value_name = "PATTERNS")]
    tools: Vec<String>,
    /// Only these intents: read, write, destructive, exfiltrative
    #[arg(long, value_name = "INTENTS", value_delimiter = ',', value_parser = intent)]
    intents: Vec<Intent>,
    /// Expire after this, as in 15m or 24h
    #[arg(long, value_name = "DURATION", value_parser = quantities::duration_s)]
    ttl: Option<u64>,
    /// At most so many calls, as in 60/minute, on top of the token's own limits; repeatable
    #[arg(long, value_name = "RATE", value_parser = quantities::rate)]
    limit: Vec<TokenRate>,
}

impl Attenuate {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        let narrowing = self.narrowing()?;
        let token = terminal::token(self.token.as_deref())?;
        let narrowed = attenuate(&token, &narrowing)
            .map_err(|error| wrong(error.to_string()))
            .context("can't narrow this token")?;
        output::line(&narrowed)?;
        Ok(Exit::Done)
    }

    fn narrowing(&self) -> anyhow::Result<Narrowing> {
        let list = |flag: &str, values: &[String]| -> anyhow::Result<Option<Vec<String>>> {
            if values.is_empty() {
                return Ok(None);
            }
            scope::patterns(flag, values).map(Some)
        };
        let intents: IntentSet = self.intents.iter().copied().collect();
        Ok(Narrowing {
            servers: list("--servers", &self.servers)?,
            tools: list("--tools", &self.tools)?,
            intents: (!self.intents.is_empty()).then_some(intents),
            expires_unix_s: self.ttl.map(|ttl| now_unix_s().saturating_add(ttl)),
            limits: self.limit.clone(),
        })
    }
}

fn intent(name: &str) -> Result<Intent, String> {
    Intent::named(name).ok_or_else(|| {
        let names = Intent::ALL.map(Intent::name);
        format!("expected {}", names.join(", "))
    })
}
