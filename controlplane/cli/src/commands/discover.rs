//! `varictl discover`: which MCP servers of this machine are not behind the gateway, by what stands
//! in clients' files and by what listens. Changes nothing; a probe is one `initialize`.

mod configured;
mod gateway;
mod listening;

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use varistor_snapshot::schema::Policy;

use self::configured::{Configured, Unreadable};
use self::gateway::Gateway;
use self::listening::Listening;
use crate::arguments::Arguments;
use crate::clients;
use crate::directory::PolicyDir;
use crate::exit::Exit;
use crate::output::table::Table;
use crate::output::{self, plain};

/// Find the MCP servers of this machine that are not behind the gateway.
#[derive(Args, Debug)]
#[command(after_help = "\
Looks into the files of every client that `varictl import` knows, those of projects too (the folder
that this runs in, --project, and those that Claude Code knows), and asks what listens on the
loopback interface whether it is an MCP server: with one `initialize` at /mcp, / and /sse.
--no-probe leaves that out. Values of credentials are never shown.

Exit status: 0 every server is behind the gateway, 1 some are not, or a file can't be read.

Examples:
  varictl discover
  varictl discover --home /home/ann --home /home/bob --json")]
pub(crate) struct Discover {
    /// Whose files; repeatable [default: those of whoever runs this]
    #[arg(long, value_name = "DIR")]
    home: Vec<PathBuf>,
    /// Files of this project too; repeatable
    #[arg(long, value_name = "DIR")]
    project: Vec<PathBuf>,
    /// Where clients reach the gateway, beside what the policy says; repeatable
    #[arg(long, value_name = "URL")]
    gateway: Vec<String>,
    /// Ask those who listen on this port only; repeatable [default: on every port]
    #[arg(long, value_name = "PORT", conflicts_with = "no_probe")]
    port: Vec<u16>,
    /// Ask nobody who listens
    #[arg(long)]
    no_probe: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// What was found.
#[derive(Serialize)]
struct Answer {
    configured: Vec<Configured>,
    listening: Vec<Listening>,
    /// Files that can't be read, and why.
    unreadable: Unreadable,
    /// How many are not behind the gateway.
    outside: usize,
}

impl Discover {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let dir = PolicyDir::find_if_any(arguments.dir.as_deref())?;
        let policy = dir.as_ref().and_then(|dir| {
            let compiled = crate::building::compile(dir).ok();
            compiled.map(|compiled| compiled.policy)
        });
        let gateways = self.gateways(policy.as_ref());
        let (configured, unreadable) = configured::found(self, &gateways)?;
        let listening = match self.no_probe {
            true => Vec::new(),
            false => {
                let gateway = Gateway::of(dir.as_ref(), policy.as_ref());
                listening::found(policy.as_ref(), &self.port, &gateway)?
            }
        };
        let outside = configured.iter().filter(|one| !one.behind).count();
        let outside = outside + listening.iter().filter(|one| !one.is_known()).count();
        // What a file says that can't be read, nobody knows.
        let is_known = unreadable.is_empty();
        let answer = Answer {
            configured,
            listening,
            unreadable,
            outside,
        };
        match self.json {
            true => output::json(&answer)?,
            false => show(&answer)?,
        }
        Ok(match outside == 0 && is_known {
            true => Exit::Done,
            false => Exit::Failed,
        })
    }

    fn gateways(&self, policy: Option<&Policy>) -> Vec<String> {
        let mut gateways = self.gateway.clone();
        if let Some(policy) = policy {
            let scheme = if policy.runtime.tls.is_some() {
                "https"
            } else {
                "http"
            };
            gateways.extend(policy.runtime.public_url.clone());
            gateways.push(format!("{scheme}://{}", policy.runtime.listen));
            let port = policy.runtime.listen.rsplit(':').next().unwrap_or_default();
            gateways.push(format!("{scheme}://localhost:{port}"));
        }
        gateways
    }

    fn homes(&self) -> anyhow::Result<Vec<PathBuf>> {
        match self.home.as_slice() {
            [] => Ok(vec![clients::home()?]),
            homes => Ok(homes
                .iter()
                .map(std::path::absolute)
                .collect::<Result<_, _>>()?),
        }
    }
}

fn show(answer: &Answer) -> anyhow::Result<()> {
    for (path, why) in &answer.unreadable {
        output::warning(&format!("{}: {}", path.display(), plain(why)));
    }
    if !answer.configured.is_empty() {
        let mut table = Table::new(&["CLIENT", "SERVER", "BEHIND", "HOW", "PLAIN TEXT", "FILE"]);
        for one in &answer.configured {
            let plain_text = match one.exposed.len() {
                0 => "-".to_owned(),
                number => output::count(number, "credential"),
            };
            let behind = if one.behind { "yes" } else { "no" };
            let file = one.file.display().to_string();
            table.row(&[
                one.client,
                &one.server,
                behind,
                &one.how,
                &plain_text,
                &file,
            ]);
        }
        table.print()?;
    }
    if !answer.listening.is_empty() {
        let mut table = Table::new(&["LISTENS", "SERVER", "PROCESS", "WHAT IT IS"]);
        for one in &answer.listening {
            table.row(&[&one.url, &one.server, &one.process(), &one.what()]);
        }
        table.print()?;
    }
    let outside = output::count(answer.outside, "server");
    output::note(&match answer.outside {
        0 if !answer.unreadable.is_empty() => {
            let files = output::count(answer.unreadable.len(), "file");
            format!("{files} can't be read; no other server is past the gateway")
        }
        0 => "no server is past the gateway".to_owned(),
        _ => format!("{outside} past the gateway; `varictl import` moves those of clients"),
    });
    Ok(())
}
