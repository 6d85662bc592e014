//! What a call costs, and what the gateway holds, as one thing grows: one axis at a time.
//!
//! All sizes of an axis run beside each other. In a round, every size is measured between two
//! measurements of the smallest one, and growth is what it costs beside those two. An axis is one
//! file in `axes/`.

mod axes;
mod idle;
mod plots;
mod point;
mod policy;
mod series;
mod setup;
mod tokens;
mod verdict;

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use serde_json::json;

use self::axes::Axis;
use self::series::{Series, Shape};
use crate::rig::machine::{self, Head};
use crate::rig::{self, Rig};

/// Options of `varistor-bench scale`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    placement: rig::Placement,
    /// The axes: cores, connections, idle, agents, tokens, tools, lists, rules, body,
    /// records, setup.
    #[arg(
        long,
        value_name = "LIST",
        value_delimiter = ',',
        default_value = "cores,connections,idle,agents,tools,rules,body,setup"
    )]
    axes: Vec<String>,
    /// The sizes, instead of those of the axis; needs a single axis.
    #[arg(long, value_name = "LIST", value_delimiter = ',')]
    sizes: Vec<u64>,
    /// The large sizes: up to 1,000,000 agents and 10,000 connections; takes many minutes.
    #[arg(long, conflicts_with = "sizes")]
    full: bool,
    /// How often every size is measured.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// How long each measurement takes.
    #[arg(long, default_value_t = 0.6)]
    seconds: f64,
    /// How long each gets load before it is measured.
    #[arg(long, value_name = "SECONDS", default_value_t = 0.15)]
    warmup: f64,
    /// What the gateways run on: auto, io_uring or epoll.
    #[arg(long, value_name = "DRIVER", default_value = "auto")]
    driver: String,
    /// Most tokens that are in use at once; a policy may have more agents.
    #[arg(long, value_name = "N", default_value_t = 1_000,
          value_parser = clap::value_parser!(u64).range(1..=65_536))]
    tokens: u64,
    /// Calls a second on the axis tokens; a worker of the gateway verifies 2,000 tokens a second.
    #[arg(long, value_name = "CALLS/S", default_value_t = 1_000.0)]
    tokens_rate: f64,
    /// Keep the numbers: a line about the run, then every point and every report, one a line.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Draw plots into this folder, as SVG and PNG.
    #[arg(long, value_name = "DIR")]
    plot: Option<PathBuf>,
}

/// Runs the series and prints their tables and verdicts.
///
/// # Errors
/// An unknown axis, a gateway that does not start or answers wrongly, a log that is not sound.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let axes = chosen(options)?;
    ensure!(
        options.seconds > 0.0 && options.warmup >= 0.0 && options.tokens_rate > 0.0,
        "--seconds and --tokens-rate have to be above 0, --warmup 0 or more"
    );
    let head = Head::now();
    let rig = Rig::new(&options.placement)?;
    println!("{}", head.line());
    let mut out = options
        .out
        .as_ref()
        .map(|path| {
            std::fs::File::create(path).with_context(|| format!("cannot create {}", path.display()))
        })
        .transpose()?;
    if let Some(out) = &mut out {
        let about = json!({"run": head, "rounds": options.rounds, "seconds": options.seconds});
        writeln!(out, "{about}")?;
    }
    let shape = Shape {
        rounds: options.rounds,
        seconds: options.seconds,
        warmup: options.warmup,
        driver: &options.driver,
        tokens_max: options.tokens,
        tokens_rate: options.tokens_rate,
    };
    for axis in axes {
        let sizes = match (&options.sizes[..], options.full) {
            ([], false) => axis.quick,
            ([], true) => axis.full,
            (sizes, _) => sizes,
        };
        let series = Series::measure(&rig, axis, sizes, &shape)?;
        println!("\n{}", verdict::text(&series)?);
        if let Some(out) = &mut out {
            for line in series.lines()? {
                writeln!(out, "{line}")?;
            }
        }
        if let Some(folder) = &options.plot {
            plots::save(&series, folder)?;
        }
    }
    if let Some(out) = &mut out {
        writeln!(
            out,
            "{}",
            json!({"load_average_after": machine::load_average()})
        )?;
    }
    Ok(())
}

/// The axes that are asked for.
fn chosen(options: &Options) -> anyhow::Result<Vec<&'static Axis>> {
    ensure!(
        options.sizes.is_empty() || options.axes.len() == 1,
        "--sizes belong to one axis; name it alone in --axes"
    );
    for (at, size) in options.sizes.iter().enumerate() {
        let again = options.sizes.iter().skip(at + 1).any(|other| other == size);
        ensure!(!again, "--sizes: {size} stands there more than once");
    }
    let all = || axes::ALL.iter().map(|axis| axis.name);
    let mut found = Vec::new();
    for name in &options.axes {
        match axes::ALL.iter().find(|axis| axis.name == name) {
            Some(axis) => found.push(*axis),
            None => bail!(
                "--axes: found {name:?}, expected some of {}",
                all().collect::<Vec<_>>().join(", ")
            ),
        }
    }
    Ok(found)
}
