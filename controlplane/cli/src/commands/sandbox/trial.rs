//! `varictl sandbox try`: starts a server in the sandbox, watches its system calls, and asks it for
//! its tools, as a gateway would. Grants nothing on its own: it proposes, a person decides.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use anyhow::Context;
use clap::{Args, ValueEnum};
use varistor_model::Host;
use varistor_sandbox::{Level, Namespaces, Network, Prepared, Preset, Profile, Sandbox, Tree};

use super::handshake::{self, Met};
use super::report::{self, Seen};
use super::trace;
use crate::exit::{Exit, wrong};
use crate::output;

/// Start a server in the sandbox, say what it is refused, and propose policy lines.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl sandbox try -- /srv/mcp/venv/bin/mcp-server-git --repository /srv/repo
      starts the server in the sandbox, asks it for its tools, and says what it was refused
  varictl sandbox try --read /srv/docs -- node /srv/mcp/server.js /srv/docs
      the same, with what the policy would permit it
  varictl sandbox try --raw -- sh -c 'cat /etc/shadow'
      any program, with this terminal's input and output

Exit status: 0 the server listed its tools (with --raw: the program ended with 0), 1 it did not.")]
pub(crate) struct Try {
    /// File or directory that may be read, with everything beneath; repeatable
    #[arg(long, value_name = "PATH", visible_alias = "allow-read")]
    read: Vec<PathBuf>,
    /// File or directory that may be read and written; repeatable
    #[arg(long, value_name = "PATH", visible_alias = "allow-write")]
    write: Vec<PathBuf>,
    /// Program that may be started, or a directory of them; repeatable
    #[arg(long, value_name = "PATH", visible_alias = "allow-execute")]
    execute: Vec<PathBuf>,
    /// Variable of the environment; without a value, that of this process; repeatable
    #[arg(long, value_name = "NAME[=VALUE]")]
    env: Vec<String>,
    /// none, any, hosts:NAME (through a proxy; with :PORT if not 443) or tcp:PORT; more by commas
    #[arg(long, value_name = "NETWORK", default_value = "none", value_parser = network)]
    network: Network,
    /// Runtime whose files are added
    #[arg(long, value_enum, default_value_t = PresetName::Auto)]
    preset: PresetName,
    /// May read, and start, every file that this user may
    #[arg(long)]
    relaxed: bool,
    /// May open sockets of the Unix domain
    #[arg(long)]
    unix_sockets: bool,
    /// Refuse to start where the kernel permits no namespaces
    #[arg(long)]
    require_namespaces: bool,
    /// Working directory [default: the private temporary directory]
    #[arg(long, value_name = "DIR")]
    directory: Option<PathBuf>,
    /// Seconds that the server has to list its tools
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    seconds: u64,
    /// Ask for no tools: standard input and output are the program's
    #[arg(long, conflicts_with = "json")]
    raw: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    /// The command, after `--`
    #[arg(last = true, required = true, value_name = "CMD")]
    command: Vec<String>,
}

/// The presets, as on the command line.
#[derive(Clone, Copy, Debug, ValueEnum)]
enum PresetName {
    Auto,
    Node,
    Python,
    Uvx,
    Binary,
}

impl Try {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        let profile = self.profile()?;
        let sandbox = Sandbox::of_this_program()?;
        let prepared = sandbox
            .prepare(&profile)
            .map_err(|error| wrong(error.to_string()))?;
        let mut prepared = prepared.traced();
        let (child, tree) = self.start(&mut prepared)?;
        let seen = self.watch(child, &tree)?;
        let is_good = seen.is_good();
        match self.json {
            true => report::json(&profile, &seen)?,
            false => report::people(&profile, &seen, self.raw)?,
        }
        Ok(if is_good { Exit::Done } else { Exit::Failed })
    }

    fn start(&self, prepared: &mut Prepared) -> anyhow::Result<(Child, Tree)> {
        let mut command = prepared
            .command(&self.command)
            .map_err(|error| wrong(error.to_string()))?;
        if !self.raw {
            command.stdin(Stdio::piped()).stdout(Stdio::piped());
        }
        let child = command.spawn().context("the launcher can't be started")?;
        let tell = |line: &str| output::note(line);
        prepared
            .let_out(Arc::new(tell))
            .map_err(|error| wrong(error.to_string()))?;
        let tree = Tree::of(child.id()).context("the launcher can't be watched")?;
        Ok((child, tree))
    }

    /// Traces in this thread, which is the one that started the launcher, and speaks to the server
    /// in another one.
    fn watch(&self, mut child: Child, tree: &Tree) -> anyhow::Result<Seen> {
        let streams = child.stdin.take().zip(child.stdout.take());
        let within = Duration::from_secs(self.seconds);
        thread::scope(|scope| {
            let meeting = streams.map(|(input, output)| {
                scope.spawn(move || handshake::meet(input, output, within, tree))
            });
            let traced = trace::watch(child.id());
            if traced.is_err() {
                // Nothing may run on unwatched; the error is told below.
                let _ = tree.end();
            }
            let met = meeting.map(|thread| {
                let gone = |_| Met::failed("the talk with the server broke off");
                thread.join().unwrap_or_else(gone)
            });
            let (refusals, status) = traced?;
            Ok(Seen {
                refusals,
                status,
                met,
            })
        })
    }

    fn profile(&self) -> anyhow::Result<Profile> {
        Ok(Profile {
            level: match self.relaxed {
                true => Level::Relaxed,
                false => Level::Strict,
            },
            preset: match self.preset {
                PresetName::Auto => Preset::Auto,
                PresetName::Node => Preset::Node,
                PresetName::Python => Preset::Python,
                PresetName::Uvx => Preset::Uvx,
                PresetName::Binary => Preset::Binary,
            },
            read: self.read.clone(),
            write: self.write.clone(),
            execute: self.execute.clone(),
            environment: environment(&self.env)?,
            network: self.network.clone(),
            unix_sockets: self.unix_sockets,
            namespaces: match self.require_namespaces {
                true => Namespaces::Required,
                false => Namespaces::WherePermitted,
            },
            directory: self.directory.clone(),
            ..Profile::default()
        })
    }
}

fn environment(named: &[String]) -> anyhow::Result<BTreeMap<String, String>> {
    let pairs = named.iter().map(|one| match one.split_once('=') {
        Some((name, value)) => Ok((name.to_owned(), value.to_owned())),
        None => match std::env::var(one) {
            Ok(value) => Ok((one.clone(), value)),
            Err(error) => Err(wrong(format!(
                "--env {one}: {error}; say --env {one}=VALUE"
            ))),
        },
    });
    pairs.collect()
}

fn network(text: &str) -> Result<Network, String> {
    match text {
        "none" => return Ok(Network::None),
        "any" => return Ok(Network::Any),
        _ => {}
    }
    if let Some(hosts) = text.strip_prefix("hosts:") {
        let host = |text| Host::parse(text).map_err(|why| format!("{text:?} is {why}"));
        let hosts = hosts.split(',').map(host).collect::<Result<_, _>>()?;
        return Ok(Network::Hosts(hosts));
    }
    let ports = text.strip_prefix("tcp:").map(|ports| {
        let ports = ports.split(',').map(str::parse::<u16>);
        ports.collect::<Result<Vec<_>, _>>()
    });
    match ports {
        Some(Ok(ports)) if !ports.contains(&0) => Ok(Network::Tcp(ports)),
        _ => Err(
            "expected none, any, hosts:NAME[:PORT][,...] or tcp:PORT[,...], as in tcp:443"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn networks_are_read_and_nonsense_is_refused() {
        assert_eq!(network("none"), Ok(Network::None));
        assert_eq!(network("tcp:443,8443"), Ok(Network::Tcp(vec![443, 8443])));
        for bad in ["", "all", "tcp", "tcp:", "tcp:0", "tcp:http", "udp:53"] {
            assert!(network(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_variable_without_a_value_is_that_of_this_process() {
        let named = ["PATH".to_owned(), "A=b=c".to_owned()];
        let found = environment(&named).unwrap();
        assert_eq!(found["PATH"], std::env::var("PATH").unwrap());
        assert_eq!(found["A"], "b=c");
        assert!(environment(&["NOT_SET_ANYWHERE".to_owned()]).is_err());
    }
}
