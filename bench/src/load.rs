//! Sends load to an MCP server or gateway, checks every answer, and reports what it took.
//!
//! Open loop (`--rate`): calls begin at a fixed rate whatever happens to the earlier ones, and the
//! latency of each counts from the moment it should have begun, so that a stall is not omitted.
//! Closed loop (`--closed`): every connection has one call under way. A call counts as good only
//! when status, id and outcome are right.

mod call;
mod check;
mod connection;
mod cpu;
mod engine;
mod outcome;
mod report;
mod schedule;
mod session;
mod target;

use std::time::Duration;

use self::call::{Era, Shape};
use self::cpu::Processes;
use self::engine::{Engine, Plan};
use self::report::Report;
use self::schedule::Schedule;
use self::target::Target;

/// Options of `varistor-bench load`.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// The endpoint, for example http://127.0.0.1:7332/mcp/crm.
    #[arg(long)]
    url: String,
    /// A header for every request, for example "Authorization: Bearer ...". May be repeated.
    #[arg(long = "header", value_name = "NAME: VALUE")]
    headers: Vec<String>,
    /// Connections that are open at the same time.
    #[arg(long, default_value_t = 32, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    connections: u32,
    /// Open loop: calls a second.
    #[arg(long, conflicts_with = "closed", required_unless_present = "closed")]
    rate: Option<f64>,
    /// Closed loop: as fast as the answers come.
    #[arg(long)]
    closed: bool,
    /// How long to measure.
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0)]
    duration: f64,
    /// How long to send load before measuring.
    #[arg(long, value_name = "SECONDS", default_value_t = 0.0)]
    warmup: f64,
    /// Pad the request bodies to this size.
    #[arg(long, value_name = "BYTES", default_value_t = 0)]
    request_bytes: usize,
    /// The tool to call.
    #[arg(long, default_value = "echo")]
    tool: String,
    /// The tool's arguments, a JSON object.
    #[arg(long, value_name = "JSON", default_value = "{}")]
    arguments: String,
    /// The era of the protocol; a legacy connection opens a session of its own first.
    #[arg(long, value_enum, default_value_t = Era::Modern)]
    era: Era,
    /// Count refused calls as right and allowed ones as wrong.
    #[arg(long)]
    expect_denied: bool,
    /// Report the CPU time of this process. May be repeated.
    #[arg(long = "pid", value_name = "PID")]
    processes: Vec<u32>,
    /// Print the report as one line of JSON.
    #[arg(long)]
    json: bool,
}

/// Runs the load and prints the report.
///
/// # Errors
/// Options that contradict each other, a target that cannot be reached, and a run in which not
/// one call was right.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let target = Target::parse(&options.url)?;
    let shape = Shape {
        era: options.era,
        tool: &options.tool,
        arguments: &options.arguments,
        headers: &options.headers,
        body_bytes: options.request_bytes,
    };
    let seconds = |value: f64, name: &str| {
        Duration::try_from_secs_f64(value).map_err(|error| anyhow::anyhow!("--{name}: {error}"))
    };
    let plan = Plan {
        duration: seconds(options.duration, "duration")?,
        warmup: seconds(options.warmup, "warmup")?,
        schedule: options.rate.map(Schedule::new).transpose()?,
        expect_denied: options.expect_denied,
    };
    let mut processes = Processes::new(&options.processes)?;
    let mut engine = Engine::new(&target, &shape, options.connections)?;
    let outcome = engine.run(&plan, &mut processes)?;
    let report = Report::new(
        &options.url,
        &plan,
        options.connections,
        &outcome,
        &processes,
    );
    println!(
        "{}",
        if options.json {
            report.json()?
        } else {
            report.text()?
        }
    );
    anyhow::ensure!(outcome.good > 0, "not one call was right");
    Ok(())
}
