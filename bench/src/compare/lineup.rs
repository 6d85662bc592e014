//! The gateways of a comparison, started before one upstream and asked once each.

use std::fmt::{self, Display};

use anyhow::Context as _;
use serde_json::{Map, Value};

use super::target::Target;
use super::{Options, ours, stock};
use crate::driver::Driver;
use crate::rig::gateway::Gateway;
use crate::rig::probe::Probe;
use crate::rig::program::Program;
use crate::rig::{Rig, authority, machine};

/// The gateways that are started here.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Kind {
    /// No gateway.
    Direct,
    /// nginx's proxy_pass with keep-alive on both sides.
    Nginx,
    /// haproxy with keep-alive on both sides.
    Haproxy,
    /// The bare proxy of this program.
    Bare,
    /// Ours, every control on, io_uring.
    Varistor,
    /// Ours, every control on, epoll.
    VaristorEpoll,
    /// Ours, io_uring, with everything off that a policy can switch off.
    VaristorOff,
}

impl Kind {
    /// In the order of a comparison.
    pub(super) const ALL: [Self; 7] = [
        Self::Direct,
        Self::Nginx,
        Self::Haproxy,
        Self::Bare,
        Self::Varistor,
        Self::VaristorEpoll,
        Self::VaristorOff,
    ];

    /// Its name in tables, files and options.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Direct => "direct",
            Self::Nginx => "nginx",
            Self::Haproxy => "haproxy",
            Self::Bare => "bare",
            Self::Varistor => "varistor",
            Self::VaristorEpoll => "varistor-epoll",
            Self::VaristorOff => "varistor-off",
        }
    }

    /// What a row of that name means.
    pub(super) const fn meaning(self) -> &'static str {
        match self {
            Self::Direct => "the load on the upstream itself, without a gateway",
            Self::Nginx => "nginx proxy_pass, keep-alive on both sides, one worker, no log",
            Self::Haproxy => "haproxy, keep-alive, http-reuse always, one thread, no log",
            Self::Bare => "varistor-bench proxy: passes everything on, no checks, io_uring",
            Self::Varistor => {
                "all controls on: token, limits of agent, team, organisation and tool, \
                 strict JSON, intent, DLP both ways, roles, audit log written; io_uring"
            }
            Self::VaristorEpoll => "the same on epoll",
            Self::VaristorOff => {
                "io_uring; off: all limits, DLP both ways (nothing is scanned for), \
                 parameters in records, durable records. No policy switches off token, \
                 strict JSON, intent, roles and the record of each call"
            }
        }
    }
}

impl Display for Kind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// One gateway of a comparison.
pub(super) struct Entry {
    pub(super) target: Target,
    running: Running,
}

enum Running {
    /// Nobody here started it.
    Elsewhere,
    Program(Program),
    Ours(Box<Gateway>),
}

impl Entry {
    /// A program that was started here.
    pub(super) fn program(kind: Kind, url: String, program: Program) -> Self {
        Self::new(kind, url, Vec::new(), Running::Program(program))
    }

    /// Ours.
    pub(super) fn ours(kind: Kind, url: String, token: &str, gateway: Gateway) -> Self {
        let headers = vec![format!("Authorization: Bearer {token}")];
        Self::new(kind, url, headers, Running::Ours(Box::new(gateway)))
    }

    fn new(kind: Kind, url: String, headers: Vec<String>, running: Running) -> Self {
        let target = Target {
            name: kind.name().to_owned(),
            url,
            pids: Vec::new(),
            headers,
            tool: "echo".to_owned(),
            legacy: false,
        };
        Self { target, running }
    }

    /// The processes whose time and memory are its own, without those that they start.
    pub(super) fn pids(&self) -> Vec<u32> {
        match &self.running {
            Running::Elsewhere => self.target.pids.clone(),
            Running::Program(program) => vec![program.pid()],
            Running::Ours(gateway) => gateway.pids(),
        }
    }

    /// Asks it once; the bytes of its answer.
    ///
    /// # Errors
    /// A wrong answer, or none; the message names the gateway and shows it.
    pub(super) fn probe(&self) -> anyhow::Result<usize> {
        let Target {
            name,
            url,
            headers,
            tool,
            legacy,
            ..
        } = &self.target;
        let probe = Probe {
            url,
            tool,
            headers,
            legacy: *legacy,
        };
        probe
            .call()
            .with_context(|| format!("{name} ({url}) answers wrongly"))
    }
}

/// Everything that runs.
pub(super) struct Lineup {
    pub(super) entries: Vec<Entry>,
    /// The body of an answer as it is.
    pub(super) answer_bytes: usize,
    _upstream: Option<Program>,
}

impl Lineup {
    /// Starts the upstream and the gateways, and asks each of them once.
    ///
    /// # Errors
    /// One of them is not installed, does not start, or answers wrongly.
    pub(super) fn start(rig: &Rig, options: &Options) -> anyhow::Result<Self> {
        let (upstream, url) = match &options.upstream {
            Some(url) => (None, url.clone()),
            None => upstream(rig, options)?,
        };
        let clients = options.connections.iter().copied().max().unwrap_or(0);
        let mut entries = Vec::new();
        for kind in &options.gateways {
            eprintln!("starting {kind}");
            entries.push(match kind {
                Kind::Direct => Entry::new(*kind, url.clone(), Vec::new(), Running::Elsewhere),
                Kind::Nginx => stock::nginx(rig, &url, clients)?,
                Kind::Haproxy => stock::haproxy(rig, &url)?,
                Kind::Bare => bare(rig, &url, options.driver)?,
                Kind::Varistor | Kind::VaristorEpoll | Kind::VaristorOff => {
                    ours::start(rig, *kind, &url)?
                }
            });
        }
        entries.extend(options.targets.iter().map(|target| Entry {
            target: target.clone(),
            running: Running::Elsewhere,
        }));
        let mut answer_bytes = 0;
        for entry in &entries {
            let bytes = entry.probe()?;
            if answer_bytes == 0 {
                answer_bytes = bytes;
            }
        }
        Ok(Self {
            entries,
            answer_bytes,
            _upstream: upstream,
        })
    }

    /// What each gateway that is known says of its version.
    pub(super) fn versions(&self) -> Map<String, Value> {
        let known = [("nginx", "nginx", "-v"), ("haproxy", "haproxy", "-v")];
        let mut versions: Map<String, Value> = known
            .iter()
            .filter(|(name, ..)| self.entries.iter().any(|e| e.target.name == *name))
            .map(|(name, program, option)| {
                let found = crate::rig::program::find(program, program);
                let said = found
                    .ok()
                    .and_then(|path| machine::said(path.to_str()?, &[option]));
                ((*name).to_owned(), said.into())
            })
            .collect();
        versions.insert("varistor".to_owned(), env!("CARGO_PKG_VERSION").into());
        versions
    }

    /// Ends all; the logs of ours have to be sound.
    ///
    /// # Errors
    /// A gateway that does not end in order, or a log that is not sound.
    pub(super) fn end(self) -> anyhow::Result<Vec<String>> {
        let mut lines = Vec::new();
        for entry in self.entries {
            if let Running::Ours(gateway) = entry.running {
                let name = &entry.target.name;
                let said = gateway
                    .verify()
                    .with_context(|| format!("the audit log of {name}"))?;
                lines.push(format!("audit log of {name}: {said}"));
            }
        }
        Ok(lines)
    }
}

/// The mock server, with answers of the size that was asked for.
fn upstream(rig: &Rig, options: &Options) -> anyhow::Result<(Option<Program>, String)> {
    let wanted = options.answer_bytes;
    let start = |text_bytes: usize| {
        let size = text_bytes.to_string();
        let driver = driver(options.driver);
        let arguments = ["upstream", "--answer-bytes", &size, "--driver", driver];
        rig.server(&rig.load_cores, &arguments)
    };
    // The first one only tells how much stands around the text of an answer.
    let (first, url) = start(wanted)?;
    let probe = Probe {
        url: &url,
        tool: "echo",
        headers: &[],
        legacy: false,
    };
    let found = probe.call().context("the upstream answers wrongly")?;
    drop(first);
    let (program, url) = start((wanted * 2).saturating_sub(found))?;
    Ok((Some(program), url))
}

fn bare(rig: &Rig, upstream: &str, wanted: Driver) -> anyhow::Result<Entry> {
    let address = authority(upstream)?;
    let arguments = ["proxy", "--upstream", address, "--driver", driver(wanted)];
    let (program, url) = rig.server(&rig.gateway_cores, &arguments)?;
    let path = upstream.split_once(address).map_or("", |(_, path)| path);
    let url = format!("{}{path}", url.trim_end_matches("/mcp"));
    Ok(Entry::program(Kind::Bare, url, program))
}

/// The option of our servers.
const fn driver(wanted: Driver) -> &'static str {
    match wanted {
        Driver::Auto => "auto",
        Driver::IoUring => "io-uring",
        Driver::Epoll => "epoll",
    }
}
