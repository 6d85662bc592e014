//! The command line of `varistor-bench load`.

use std::path::PathBuf;

use super::agents::{Spread, TokenPer};
use crate::driver::Driver;

/// Options of `varistor-bench load`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    pub(super) aim: Aim,
    #[command(flatten)]
    pub(super) pace: Pace,
    #[command(flatten)]
    pub(super) calls: Calls,
    #[command(flatten)]
    pub(super) agents: Agents,
    #[command(flatten)]
    pub(super) machine: Machine,
    #[command(flatten)]
    pub(super) results: Results,
}

/// Where the load goes, and over what.
#[derive(clap::Args)]
#[command(next_help_heading = "Target and connections")]
pub(super) struct Aim {
    /// The endpoint, for example http://127.0.0.1:7332/mcp/crm; https:// works too.
    #[arg(long)]
    pub(super) url: String,
    /// A header for every request, for example "Authorization: Bearer ...". May be repeated.
    #[arg(long = "header", value_name = "NAME: VALUE")]
    pub(super) headers: Vec<String>,
    /// PEM file of the certificate authorities to trust; without it those of this machine.
    #[arg(long, value_name = "FILE", conflicts_with = "insecure")]
    pub(super) ca: Option<PathBuf>,
    /// Accept any certificate.
    #[arg(long)]
    pub(super) insecure: bool,
    /// Connections that are open at the same time.
    #[arg(long, value_name = "N", default_value_t = 32,
          value_parser = clap::value_parser!(u64).range(1..=10_000))]
    pub(super) connections: u64,
    /// Close each connection after so many calls and open a new one; the time that takes counts.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub(super) calls_per_connection: Option<u64>,
    /// Further connections that are open and make no calls.
    #[arg(long, value_name = "N", default_value_t = 0,
          value_parser = clap::value_parser!(u64).range(..=20_000))]
    pub(super) idle_connections: u64,
    /// Streams that wait for notifications: subscriptions/listen, or GET in the legacy era.
    #[arg(long, value_name = "N", default_value_t = 0,
          value_parser = clap::value_parser!(u64).range(..=20_000))]
    pub(super) listeners: u64,
}

/// When calls begin.
#[derive(clap::Args)]
#[command(next_help_heading = "Pace (one of --rate, --ramp, --steps, --closed)")]
pub(super) struct Pace {
    #[command(flatten)]
    pub(super) form: Form,
    /// How long each step lasts, or each part of a ramp that is reported by itself.
    #[arg(long, value_name = "SECONDS")]
    pub(super) step_seconds: Option<f64>,
    /// How long to measure [default: 10; with --steps what they take].
    #[arg(long, value_name = "SECONDS")]
    pub(super) duration: Option<f64>,
    /// How long to send load before measuring.
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0)]
    pub(super) warmup: f64,
}

/// The one way of pacing.
#[derive(clap::Args)]
#[group(required = true, multiple = false)]
pub(super) struct Form {
    /// Open loop: calls a second.
    #[arg(long, value_name = "CALLS/S")]
    pub(super) rate: Option<f64>,
    /// Open loop with a rate that rises or falls evenly, for example 1000:20000.
    #[arg(long, value_name = "FROM:TO")]
    pub(super) ramp: Option<String>,
    /// Open loop with one rate after the other, for example 1000,5000,10000.
    #[arg(long, value_name = "CALLS/S,...", value_delimiter = ',')]
    pub(super) steps: Vec<f64>,
    /// Closed loop: as fast as the answers come.
    #[arg(long)]
    pub(super) closed: bool,
}

/// What calls are like.
#[derive(clap::Args)]
#[command(next_help_heading = "Calls")]
pub(super) struct Calls {
    /// Kinds of calls: spec, guarded, shares like small=60,large=40, or a .json file.
    ///
    /// Kinds: small, medium, large, huge (each also with -sse), upload, list, stream, blocked,
    /// redacted. spec is what real servers are asked; guarded adds streams, calls that have to be
    /// blocked and answers that have to be redacted.
    #[arg(long, value_name = "MIX",
          conflicts_with_all = ["arguments", "request_bytes", "expect_denied"])]
    pub(super) mix: Option<String>,
    /// Pad the request bodies to this size.
    #[arg(long, value_name = "BYTES", default_value_t = 0)]
    pub(super) request_bytes: usize,
    /// The tool to call.
    #[arg(long, default_value = "echo")]
    pub(super) tool: String,
    /// Call so many tools: the first, tool_0001, and so on, as `upstream --tools` names them.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub(super) tools: u32,
    /// How calls are spread over the tools.
    #[arg(long, value_enum, default_value_t = Spread::Uniform)]
    pub(super) spread: Spread,
    /// The tool's arguments, a JSON object.
    #[arg(long, value_name = "JSON", default_value = "{}")]
    pub(super) arguments: String,
    /// Count refused calls as right and allowed ones as wrong.
    #[arg(long)]
    pub(super) expect_denied: bool,
    /// The era of the protocol; both means every second connection.
    #[arg(long, value_enum, default_value_t = Eras::Modern)]
    pub(super) era: Eras,
    /// Sessions of the legacy era that each connection opens and takes turns in.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub(super) sessions_per_connection: Option<u32>,
}

/// Which eras connections speak.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Eras {
    /// 2026-07-28: no session, routing headers.
    Modern,
    /// 2025-11-25: sessions.
    Legacy,
    /// Every second connection is legacy.
    Both,
}

/// Whose calls they are.
#[derive(clap::Args)]
#[command(next_help_heading = "Agents")]
pub(super) struct Agents {
    /// Bearer tokens, one a line.
    #[arg(long, value_name = "FILE")]
    pub(super) tokens: Option<PathBuf>,
    /// Whether each connection keeps a token or each call takes the next.
    #[arg(long, value_enum, default_value_t = TokenPer::Connection, requires = "tokens")]
    pub(super) token_per: TokenPer,
}

/// What the load runs on.
#[derive(clap::Args)]
#[command(next_help_heading = "Machine")]
pub(super) struct Machine {
    /// Threads; each has its own connections.
    #[arg(long, value_name = "N", default_value_t = 1,
          value_parser = clap::value_parser!(u64).range(1..=64))]
    pub(super) threads: u64,
    /// Pin the threads to these cores, for example 1,3 or 2-5.
    #[arg(long, value_name = "LIST")]
    pub(super) cpus: Option<String>,
    /// What to run on.
    #[arg(long, value_enum, default_value_t = Driver::Auto)]
    pub(super) driver: Driver,
}

/// What is told.
#[derive(clap::Args)]
#[command(next_help_heading = "Results")]
pub(super) struct Results {
    /// Report the CPU time of this process and of those that it starts. May be repeated.
    #[arg(long = "pid", value_name = "PID")]
    pub(super) processes: Vec<u32>,
    /// Print the report as one line of JSON.
    #[arg(long)]
    pub(super) json: bool,
    /// Write the latencies to this file in HdrHistogram's percentile format, in microseconds.
    #[arg(long, value_name = "FILE")]
    pub(super) hgrm: Option<PathBuf>,
    /// Draw plots into this directory, as SVG and PNG.
    #[arg(long, value_name = "DIR")]
    pub(super) plot: Option<PathBuf>,
    /// Tell the progress once a second, even when standard error is no terminal.
    #[arg(long)]
    pub(super) progress: bool,
}
