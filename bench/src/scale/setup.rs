//! One size of an axis as a description, and the running gateway that comes of it.

use std::time::Instant;

use anyhow::Context as _;

use super::idle::Idle;
use super::policy::Policy;
use super::series::Shape;
use super::tokens::Purse;
use crate::rig::Rig;
use crate::rig::gateway::{Directory, Gateway, Start};
use crate::rig::load::{Load, Measured};
use crate::rig::probe::Probe;
use crate::rig::program::{Cores, Program};

/// Connections that fill a log.
const FILLING: u32 = 64;
/// How often a gateway is started before it stays.
const STARTS: u32 = 3;

/// What stands before the gateway, in it and behind it.
#[derive(Clone)]
pub(super) struct Setup {
    pub(super) policy: Policy,
    /// The first cores of this machine, for everything, with a worker each; `None`: one worker on
    /// the gateway's cores, load and upstream on theirs.
    pub(super) cores: Option<u32>,
    /// Connections with a call under way.
    pub(super) connections: u32,
    /// Connections that have made a call and stay.
    pub(super) idle: u32,
    pub(super) request_bytes: u64,
    /// Of the text in an answer.
    pub(super) answer_bytes: u64,
    /// Tokens in use; 1 means the same for all calls.
    pub(super) tokens: u64,
    /// Most tokens in use where they are not what grows.
    pub(super) tokens_max: u64,
    /// Calls a second where tokens are what grows.
    pub(super) tokens_rate: f64,
    /// Calls a second; `None`: closed loop.
    pub(super) rate: Option<f64>,
    /// Records in the log before the gateway starts.
    pub(super) records: u64,
    /// Tools of the upstream; not 0: lists are asked for instead of calls.
    pub(super) listed: u32,
}

/// A gateway of one size with all that belongs to it.
pub(super) struct Running {
    pub(super) gateway: Gateway,
    /// Of each start, in milliseconds: until it listens, until the first call is answered.
    pub(super) starts: Vec<(f64, f64)>,
    pub(super) idle: Option<Idle>,
    setup: Setup,
    place: Place,
    url: String,
    purse: Purse,
    pids: Vec<u32>,
    _upstream: Program,
}

/// Which cores a set-up takes.
struct Place {
    gateway: Cores,
    load: Cores,
    /// Workers of the gateway, and threads of the load.
    each: u32,
}

impl Setup {
    /// What every axis begins with.
    pub(super) const fn small(shape: &Shape<'_>) -> Self {
        Self {
            policy: Policy::SMALL,
            cores: None,
            connections: 32,
            idle: 0,
            request_bytes: 400,
            answer_bytes: 400,
            tokens: 1,
            tokens_max: shape.tokens_max,
            tokens_rate: shape.tokens_rate,
            rate: None,
            records: 0,
            listed: 0,
        }
    }

    /// Compiles, starts and fills.
    ///
    /// # Errors
    /// Something does not start, or answers wrongly.
    pub(super) fn run(self, rig: &Rig, name: &str, shape: &Shape<'_>) -> anyhow::Result<Running> {
        let place = self.place(rig)?;
        let (answer, tools) = (
            self.answer_bytes.to_string(),
            self.listed.max(10).to_string(),
        );
        let arguments = ["upstream", "--answer-bytes", &answer, "--tools", &tools];
        let (upstream, upstream_url) = rig.server(&place.load, &arguments)?;
        let mut directory = Directory::new(rig, name, &self.policy.files(&upstream_url)?)?;
        let purse = Purse::mint(directory.path(), self.policy.agents, self.tokens)?;
        let start = Start {
            cores: &place.gateway,
            driver: shape.driver,
            workers: place.each,
        };
        if self.records > 0 {
            directory = self.fill(rig, directory, &start, purse.first())?;
        }
        let mut starts = Vec::new();
        for _ in 1..STARTS {
            let (gateway, took) = first_call(rig, directory, &start, purse.first())?;
            starts.push(took);
            directory = gateway.stop()?;
        }
        let (gateway, took) = first_call(rig, directory, &start, purse.first())?;
        starts.push(took);
        let url = gateway.endpoint();
        purse.show(&url)?;
        let pids = gateway.pids();
        let idle = match self.idle {
            0 => None,
            count => {
                let headers = [authorization(purse.first())];
                Some(Idle::open(&probe(&url, &headers), count, &pids)?)
            }
        };
        Ok(Running {
            gateway,
            starts,
            idle,
            setup: self,
            place,
            url,
            purse,
            pids,
            _upstream: upstream,
        })
    }

    fn place(&self, rig: &Rig) -> anyhow::Result<Place> {
        Ok(match self.cores {
            None => Place {
                gateway: rig.gateway_cores.clone(),
                load: rig.load_cores.clone(),
                each: 1,
            },
            Some(count) => {
                let first = Cores::new(&format!("0-{}", count.saturating_sub(1)))?;
                Place {
                    gateway: first.clone(),
                    load: first,
                    each: count,
                }
            }
        })
    }

    /// Makes calls until the log holds what it should.
    fn fill(
        &self,
        rig: &Rig,
        directory: Directory,
        start: &Start<'_>,
        token: &str,
    ) -> anyhow::Result<Directory> {
        let gateway = directory.start(rig, start)?;
        let url = gateway.endpoint();
        let more = ["--header".to_owned(), authorization(token)];
        let mut calls = 0;
        // A call leaves two records.
        while calls < self.records / 2 {
            let missing = (self.records / 2).saturating_sub(calls);
            let load = Load {
                url: &url,
                rate: None,
                connections: FILLING,
                seconds: if missing > 20_000 { 2.0 } else { 0.05 },
                warmup: 0.0,
                pids: &[],
                more: &more,
            };
            calls = calls.saturating_add(load.run(rig)?.report.requests);
        }
        gateway.stop()
    }
}

impl Running {
    /// The processes of the gateway.
    pub(super) fn pids(&self) -> &[u32] {
        &self.pids
    }

    /// One measurement.
    ///
    /// # Errors
    /// A load that cannot be sent. Wrong answers are none here.
    pub(super) fn measure(&mut self, rig: &Rig, shape: &Shape<'_>) -> anyhow::Result<Measured> {
        let seconds = shape.seconds + shape.warmup;
        let calls = self.setup.rate.map(|rate| (rate * seconds).ceil() as u64);
        let mut more = self.purse.deal(calls)?;
        if self.setup.listed == 0 {
            let bytes = self.setup.request_bytes.to_string();
            more.extend(["--request-bytes".to_owned(), bytes]);
        } else {
            more.extend(["--mix", "list=1"].map(str::to_owned));
        }
        more.extend(["--threads".to_owned(), self.place.each.to_string()]);
        Load {
            url: &self.url,
            rate: self.setup.rate,
            connections: self.setup.connections,
            seconds: shape.seconds,
            warmup: shape.warmup,
            pids: &self.pids,
            more: &more,
        }
        .run_on(rig, &self.place.load)
    }
}

/// Starts a gateway and makes a call; until it listened and until it answered, in milliseconds.
fn first_call(
    rig: &Rig,
    directory: Directory,
    start: &Start<'_>,
    token: &str,
) -> anyhow::Result<(Gateway, (f64, f64))> {
    let begun = Instant::now();
    let gateway = directory.start(rig, start)?;
    probe(&gateway.endpoint(), &[authorization(token)])
        .call()
        .context("the first call")?;
    let answered = begun.elapsed().as_secs_f64();
    let listening = gateway.started_in.as_secs_f64();
    Ok((gateway, (listening * 1_000.0, answered * 1_000.0)))
}

/// A call of the tool that the load calls.
pub(super) const fn probe<'a>(url: &'a str, headers: &'a [String]) -> Probe<'a> {
    Probe {
        url,
        tool: "echo",
        headers,
        legacy: false,
    }
}

/// The header that carries a token.
pub(super) fn authorization(token: &str) -> String {
    format!("Authorization: Bearer {token}")
}
