//! `varictl import`: one command moves the servers of MCP clients behind the gateway, and their
//! credentials into the vault. Refuses to begin without a plan that somebody has seen.

mod apply;
mod backup;
mod journal;
mod place;
mod plans;
mod show;
mod undo;

use std::path::PathBuf;

use clap::Args;
use varistor_onboard::Client;

use crate::clients;
use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};
use crate::quantities::{self, DAY_S};
use crate::{output, terminal};

/// Move the servers and credentials of MCP clients behind the gateway.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl import                       shows what would move, asks, and moves it
  varictl import --client cursor --dry-run
  varictl import --client vscode --project . --yes --push
  varictl import --undo                takes the last import back, byte for byte

Servers become a policy file of their own (imported-CLIENT.yaml), credentials become secrets of the
vault, and the client's file starts `varictl connect` instead, with a token in a file for its owner
alone. What the gateway could not serve stays, with the reason. Files of projects are left alone
unless --project or --file names them. No value of a credential is ever shown.

Clients: claude, claude-code, cursor, vscode, windsurf, zed, gemini, codex, copilot, cline, roo,
lmstudio, kiro, amazon-q, junie, qwen, opencode.")]
pub(crate) struct Import {
    /// Only this client's files; repeatable [default: every client that has one]
    #[arg(long, value_name = "CLIENT", value_parser = clients::named)]
    client: Vec<&'static Client>,
    /// Only this file; its client is told by its name unless --client says so
    #[arg(long, value_name = "PATH")]
    file: Option<PathBuf>,
    /// Files of this project too; repeatable
    #[arg(long, value_name = "DIR")]
    project: Vec<PathBuf>,
    /// Only these servers (names in the client's file, separated by commas)
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    only: Vec<String>,
    /// Not these servers
    #[arg(long, value_name = "NAMES", value_delimiter = ',')]
    except: Vec<String>,
    /// The organisation that the new agent is in [default: the only one of the policy]
    #[arg(long, value_name = "NAME")]
    organisation: Option<String>,
    /// Where clients reach the gateway [default: what the policy says]
    #[arg(long, value_name = "URL")]
    gateway: Option<String>,
    /// Authority (PEM) that the gateway's certificate must come from, for the client
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// How long the token lives
    #[arg(long, value_name = "DURATION", default_value = "30d",
          value_parser = quantities::duration_s)]
    ttl: u64,
    /// Show what would be done, and do nothing
    #[arg(long, conflicts_with = "yes")]
    dry_run: bool,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
    /// Send the policy to the running gateway afterwards
    #[arg(long)]
    push: bool,
    /// Take an import back: the last one, or the last of --client or --file
    #[arg(long, conflicts_with_all = ["dry_run", "only", "except", "project"])]
    undo: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// The token of an imported client.
pub(super) struct TokenOf {
    /// The agent's client.
    pub(super) client: String,
    /// The token's id.
    pub(super) token: String,
    /// Where it is kept.
    pub(super) file: PathBuf,
}

/// The tokens of imports that were not taken back.
pub(super) fn tokens(dir: &PolicyDir) -> anyhow::Result<Vec<TokenOf>> {
    let entries = journal::all(dir)?.into_iter();
    let done = entries.filter(|entry| entry.stage == journal::Stage::Done);
    Ok(done
        .filter_map(|entry| {
            let agent = entry
                .policy
                .strip_prefix("imported-")?
                .strip_suffix(".yaml")?;
            Some(TokenOf {
                client: agent.to_owned(),
                token: entry.token?,
                file: entry.token_file,
            })
        })
        .collect())
}

/// Longest life of the token, in seconds.
const LIFE_S_MAX: u64 = 90 * DAY_S;

impl Import {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        if self.undo {
            return undo::run(self, dir);
        }
        if self.ttl > LIFE_S_MAX {
            return Err(wrong(
                "--ttl is longer than 90d; a token that lives long is stolen long",
            ));
        }
        let mut plans = plans::gathered(self, dir)?;
        show::plans(&plans, self)?;
        plans.files.retain(|file| !file.plan.moves.is_empty());
        if plans.files.is_empty() {
            output::note("nothing is to be moved");
            return Ok(Exit::Done);
        }
        if self.dry_run || !self.is_agreed()? {
            output::note("nothing was changed");
            return Ok(Exit::Done);
        }
        apply::run(self, dir, &plans)
    }

    fn is_agreed(&self) -> anyhow::Result<bool> {
        if self.yes {
            return Ok(true);
        }
        terminal::agrees("Move them?")?
            .ok_or_else(|| wrong("nobody is there to ask; look with --dry-run, then say --yes"))
    }

    /// Whether a server of this name is wanted.
    fn wants(&self, name: &str) -> bool {
        let is = |names: &[String]| names.iter().any(|own| own == name);
        (self.only.is_empty() || is(&self.only)) && !is(&self.except)
    }
}
