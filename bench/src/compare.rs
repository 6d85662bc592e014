//! The same load through several gateways in turn, and what each of them makes of it.
//!
//! Every gateway serves once in every round, in an order that rotates and turns round, so that a
//! drift of the machine meets all of them; ratios and differences are taken within a round, and
//! their medians and ranges over the rounds. A gateway that answers wrongly fails the comparison.

mod lineup;
mod ours;
mod phase;
mod plots;
mod rounds;
mod scores;
mod stock;
mod table;
mod target;
mod turn;

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, ensure};
use serde_json::json;

use self::lineup::{Kind, Lineup};
use self::phase::{Pace, Phase};
use self::rounds::{Row, Shape};
use self::target::Target;
use crate::driver::Driver;
use crate::rig::machine::{self, Head};
use crate::rig::{self, Rig};

/// Options of `varistor-bench compare`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    placement: rig::Placement,
    /// The gateways, in this order.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = Kind::ALL)]
    gateways: Vec<Kind>,
    /// One more gateway that runs already, as
    /// `NAME=URL[,pid=PID...][,header=NAME: VALUE...][,tool=NAME][,era=modern|legacy]`.
    /// May be repeated.
    #[arg(long = "target", value_name = "TARGET", value_parser = Target::parse)]
    targets: Vec<Target>,
    /// Numbers of connections, one comparison each.
    #[arg(long, value_name = "LIST", value_delimiter = ',', default_value = "32",
          value_parser = clap::value_parser!(u32).range(1..=10_000))]
    connections: Vec<u32>,
    /// How load is sent; half and double are taken of what each gateway did in the closed loop.
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "closed",
        conflicts_with = "rate"
    )]
    load: Vec<Pace>,
    /// Open loop at this rate instead: calls a second.
    #[arg(long, value_name = "CALLS/S")]
    rate: Option<f64>,
    /// How often every gateway serves.
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=1000))]
    rounds: u32,
    /// How long each is measured in each round.
    #[arg(long, default_value_t = 3.0)]
    seconds: f64,
    /// How long each gets load in each round before it is measured; 2 s for a gateway that answers
    /// fewer than 100 calls in this time.
    #[arg(long, value_name = "SECONDS", default_value_t = 0.5)]
    warmup: f64,
    /// Bytes of the body of a call.
    #[arg(long, value_name = "BYTES", default_value_t = 400)]
    request_bytes: usize,
    /// Bytes of the body of an answer.
    #[arg(long, value_name = "BYTES", default_value_t = 500)]
    answer_bytes: usize,
    /// Use this upstream instead of starting one, for targets that know only it.
    #[arg(long, value_name = "URL")]
    upstream: Option<String>,
    /// What upstream and bare proxy run on.
    #[arg(long, value_enum, default_value_t = Driver::Auto)]
    driver: Driver,
    /// Keep the numbers: a line about the run, then every report as it came, one a line.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Draw plots into this folder, as SVG and PNG.
    #[arg(long, value_name = "DIR")]
    plot: Option<PathBuf>,
}

/// Runs the comparison and prints its tables.
///
/// # Errors
/// A gateway that is not installed, does not start, or answers wrongly; a log that is not sound.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    ensure!(
        options.seconds > 0.0 && options.warmup >= 0.0,
        "--seconds has to be above 0, --warmup 0 or more"
    );
    let head = Head::now();
    eprintln!("{}", head.line());
    let rig = Rig::new(&options.placement)?;
    let lineup = Lineup::start(&rig, options)?;
    let shape = Shape {
        seconds: options.seconds,
        warmup: options.warmup,
        request_bytes: options.request_bytes,
        rounds: options.rounds,
    };
    let mut rows: Vec<Row> = Vec::new();
    for phase in Phase::all(options) {
        let measured = rounds::run(&rig, &lineup.entries, &shape, &phase, &rows)?;
        rows.extend(measured);
    }
    let versions = lineup.versions();
    let answer_bytes = lineup.answer_bytes;
    for line in lineup.end()? {
        eprintln!("{line}");
    }
    let load_after = machine::load_average();
    if let Some(path) = &options.out {
        let mut out = std::fs::File::create(path)
            .with_context(|| format!("cannot create {}", path.display()))?;
        let about = json!({
            "run": head, "versions": versions, "load_average_after": load_after,
            "rounds": options.rounds, "seconds": options.seconds,
            "request_bytes": options.request_bytes, "answer_bytes": answer_bytes,
        });
        writeln!(out, "{about}")?;
        for row in &rows {
            writeln!(out, "{}", row.line()?)?;
        }
    }
    println!("{}", head.line());
    println!(
        "{} B in, {answer_bytes} B out, {} rounds of {} s; median (range over rounds)",
        options.request_bytes, options.rounds, options.seconds
    );
    print!("{}", table::text(&rows)?);
    if let Some(folder) = &options.plot {
        plots::save(&rows, folder)?;
    }
    Ok(())
}
