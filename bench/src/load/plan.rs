//! What to do, checked: every contradiction among the options is found before the first call.

mod cores;

use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::{Map, Value};

use super::agents::{TokenPer, Tokens, Tools};
use super::call::{Era, Template};
use super::expectation::Expectation;
use super::kind::{Expect, Kind, Method};
use super::mix::Mix;
use super::options::{Aim, Calls, Eras, Options, Pace};
use super::schedule::Schedule;
use super::stream::Connector;
use super::tally::Windows;
use super::target::Target;
use super::tls::{self, Trust};
use crate::driver::Driver;

/// How long to measure, unless told.
const DURATION_S: f64 = 10.0;
/// How long a step lasts, or a part of a ramp, unless told.
const STEP_S: f64 = 3.0;

/// Everything that all threads know.
pub(super) struct Plan {
    pub(super) target: Target,
    pub(super) connector: Connector,
    pub(super) headers: Vec<String>,
    pub(super) eras: Eras,
    pub(super) mix: Mix,
    pub(super) expectations: Vec<Expectation>,
    /// Of kind `k`: the modern one at `2 * k`, the legacy one after it.
    templates: Vec<Template>,
    pub(super) tools: Tools,
    pub(super) tokens: Option<Tokens>,
    pub(super) connections: u64,
    pub(super) calls_per_connection: u64,
    pub(super) sessions_per_connection: u32,
    pub(super) idle_connections: u64,
    pub(super) listeners: u64,
    /// `None`: closed loop.
    pub(super) schedule: Option<Schedule>,
    pub(super) mode: Mode,
    pub(super) warmup: Duration,
    window: Duration,
    window_count: usize,
    pub(super) threads: usize,
    pub(super) cores: Vec<usize>,
    pub(super) driver: Driver,
}

/// The pace that was asked for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Mode {
    Closed,
    Open,
    Ramp,
    Steps,
}

/// When calls begin and are counted.
struct Times {
    mode: Mode,
    schedule: Option<Schedule>,
    warmup: Duration,
    window: Duration,
    window_count: usize,
}

impl Plan {
    /// # Errors
    /// Options that contradict each other, or that name what is not there.
    pub(super) fn new(options: &Options) -> anyhow::Result<Self> {
        let target = Target::parse(&options.aim.url)?;
        let headers = headers(&options.aim.headers, options.agents.tokens.is_some())?;
        let connector = connector(&options.aim, &target)?;
        let times = times(&options.pace)?;
        let mix = mix(&options.calls)?;
        let mut templates = Vec::new();
        for kind in &mix.kinds {
            for era in [Era::Modern, Era::Legacy] {
                templates.push(Template::new(kind, era, &target, &headers)?);
            }
        }
        let tokens = options.agents.tokens.as_deref();
        let per = options.agents.token_per;
        let calls = &options.calls;
        anyhow::ensure!(
            calls.era == Eras::Modern || tokens.is_none() || per == TokenPer::Connection,
            "--token-per call needs --era modern: a session of the legacy era belongs to one token"
        );
        anyhow::ensure!(
            calls.era != Eras::Modern || calls.sessions_per_connection.is_none(),
            "--sessions-per-connection needs --era legacy or both: the modern era has no sessions"
        );
        let threads = options.machine.threads;
        anyhow::ensure!(
            threads <= options.aim.connections,
            "--threads {threads} is more than --connections {}: a thread without a connection \
             makes no calls",
            options.aim.connections
        );
        let cores = match &options.machine.cpus {
            Some(list) => cores::parse(list)?,
            None => Vec::new(),
        };
        Ok(Self {
            connector,
            target,
            headers,
            eras: calls.era,
            expectations: mix.kinds.iter().map(Expectation::new).collect(),
            mix,
            templates,
            tools: Tools::many(&calls.tool, calls.tools, calls.spread)?,
            tokens: tokens.map(|path| Tokens::read(path, per)).transpose()?,
            connections: options.aim.connections,
            calls_per_connection: options.aim.calls_per_connection.unwrap_or(u64::MAX),
            sessions_per_connection: calls.sessions_per_connection.unwrap_or(1),
            idle_connections: options.aim.idle_connections,
            listeners: options.aim.listeners,
            schedule: times.schedule,
            mode: times.mode,
            warmup: times.warmup,
            window: times.window,
            window_count: times.window_count,
            threads: usize::try_from(threads)?,
            cores,
            driver: options.machine.driver,
        })
    }

    /// The times that are counted, in a run that starts then.
    pub(super) fn windows(&self, start: Instant) -> Windows {
        Windows {
            begin: start + self.warmup,
            length: self.window,
            count: self.window_count,
        }
    }

    /// The rate that was asked for in a window.
    pub(super) fn rate_of(&self, window: usize) -> Option<f64> {
        let from = self.warmup + self.window * u32::try_from(window).ok()?;
        let schedule = self.schedule.as_ref()?;
        Some(schedule.mean_rate(from, from + self.window))
    }

    pub(super) fn era_of(&self, serial: u64) -> Era {
        match self.eras {
            Eras::Modern => Era::Modern,
            Eras::Legacy => Era::Legacy,
            Eras::Both if serial.is_multiple_of(2) => Era::Modern,
            Eras::Both => Era::Legacy,
        }
    }

    pub(super) fn template(&self, kind: usize, era: Era) -> Option<&Template> {
        let place = kind * 2 + usize::from(era == Era::Legacy);
        self.templates.get(place)
    }

    /// The tool that a call names: that of its kind, or the one that was chosen.
    pub(super) fn tool_name(&self, kind: usize, tool: usize) -> &str {
        let own = self
            .mix
            .kinds
            .get(kind)
            .and_then(|kind| kind.tool.as_deref());
        own.unwrap_or_else(|| self.tools.name(tool))
    }
}

fn headers(lines: &[String], has_tokens: bool) -> anyhow::Result<Vec<String>> {
    for line in lines {
        let name = line.split_once(':').map(|(name, _)| name.trim());
        anyhow::ensure!(
            name.is_some_and(|name| !name.is_empty()) && !line.contains(['\r', '\n']),
            "--header {line:?} is not of the form \"Name: value\""
        );
        anyhow::ensure!(
            !(has_tokens && name.is_some_and(|n| n.eq_ignore_ascii_case("authorization"))),
            "--header {line:?} and --tokens both say who calls: give one of them"
        );
    }
    Ok(lines.to_vec())
}

fn connector(aim: &Aim, target: &Target) -> anyhow::Result<Connector> {
    anyhow::ensure!(
        target.tls || !(aim.insecure || aim.ca.is_some()),
        "--ca and --insecure are for https://, but --url is {:?}",
        target.url
    );
    let trust = match &aim.ca {
        _ if aim.insecure => Trust::All,
        Some(path) => Trust::File(path),
        None => Trust::System,
    };
    let config = target.tls.then(|| tls::config(&trust)).transpose()?;
    Connector::new(target, config).with_context(|| format!("--url {:?}", target.url))
}

fn mix(calls: &Calls) -> anyhow::Result<Mix> {
    if let Some(text) = &calls.mix {
        return Mix::parse(text);
    }
    let arguments: Map<String, Value> = serde_json::from_str(&calls.arguments)
        .with_context(|| format!("--arguments {:?} is not a JSON object", calls.arguments))?;
    Ok(Mix::of_one(Kind {
        name: "call".to_owned(),
        weight: 1.0,
        method: Method::Call,
        tool: None,
        arguments,
        request_bytes: calls.request_bytes,
        expect: if calls.expect_denied {
            Expect::Denied
        } else {
            Expect::Allowed
        },
        absent: None,
    }))
}

fn times(pace: &Pace) -> anyhow::Result<Times> {
    let warmup = seconds(pace.warmup, "warmup")?;
    let duration = seconds(pace.duration.unwrap_or(DURATION_S), "duration")?;
    let step = seconds(pace.step_seconds.unwrap_or(STEP_S), "step-seconds")?;
    anyhow::ensure!(
        !duration.is_zero() && !step.is_zero(),
        "--duration and --step-seconds must be above 0"
    );
    let parts = !pace.form.steps.is_empty() || pace.form.ramp.is_some();
    anyhow::ensure!(
        parts || pace.step_seconds.is_none(),
        "--step-seconds needs --steps or --ramp"
    );
    let whole = |mode, schedule| Times {
        mode,
        schedule,
        warmup,
        window: duration,
        window_count: 1,
    };
    if let Some(rate) = pace.form.rate {
        let schedule = Schedule::steps(&[rate], warmup, duration, "--rate")?;
        return Ok(whole(Mode::Open, Some(schedule)));
    }
    if let Some(ramp) = &pace.form.ramp {
        let form = || format!("--ramp {ramp:?} is not of the form FROM:TO, as in 1000:20000");
        let (from, to) = ramp.split_once(':').with_context(form)?;
        let (from, to) = (
            from.parse().with_context(form)?,
            to.parse().with_context(form)?,
        );
        let count = (duration.as_secs_f64() / step.as_secs_f64())
            .round()
            .max(1.0);
        return Ok(Times {
            window: duration.div_f64(count),
            window_count: count as usize,
            ..whole(
                Mode::Ramp,
                Some(Schedule::ramp(from, to, warmup, duration)?),
            )
        });
    }
    if !pace.form.steps.is_empty() {
        anyhow::ensure!(
            pace.duration.is_none(),
            "--steps last --step-seconds each: leave --duration out"
        );
        let schedule = Schedule::steps(&pace.form.steps, warmup, step, "--steps")?;
        return Ok(Times {
            window: step,
            window_count: pace.form.steps.len(),
            ..whole(Mode::Steps, Some(schedule))
        });
    }
    Ok(whole(Mode::Closed, None))
}

fn seconds(value: f64, name: &str) -> anyhow::Result<Duration> {
    // A year is longer than any run, and its nanoseconds fit everywhere.
    anyhow::ensure!(
        (0.0..31_536_000.0).contains(&value),
        "--{name} {value} is not a number of seconds"
    );
    Ok(Duration::from_secs_f64(value))
}
