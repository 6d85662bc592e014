//! Sends load to an MCP server or gateway, checks every answer, and reports what it took.
//!
//! Open loop (`--rate`, `--steps`, `--ramp`): calls begin on schedule whatever happens to the
//! earlier ones, and the latency of each counts from the moment it should have begun, so that a
//! stall is not omitted. Closed loop (`--closed`): every connection has one call under way. A call
//! counts as good only when status, id and outcome are right.

mod agents;
mod call;
mod check;
mod connection;
mod cpu;
mod exchange;
mod expectation;
mod hgrm;
mod idle;
mod kind;
mod live;
mod mix;
mod options;
mod plan;
mod plots;
mod queue;
mod report;
mod run;
mod schedule;
mod session;
mod shift;
mod stream;
mod table;
mod tally;
mod target;
mod timer;
mod tls;
mod watch;
mod worker;

use std::io::IsTerminal;
use std::sync::Arc;

use anyhow::Context;

pub(crate) use self::options::Options;
use self::plan::Plan;
use self::report::Report;

/// Runs the load and prints the report.
///
/// # Errors
/// Options that contradict each other, a target that cannot be reached, results that cannot be
/// written, and a run in which not one call was right.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let plan = Arc::new(Plan::new(options)?);
    let results = &options.results;
    let tells = results.progress || std::io::stderr().is_terminal();
    let outcome = run::run(&plan, &results.processes, tells)?;
    let report = Report::new(&plan, &results.processes, &outcome)?;
    if let Some(path) = &results.hgrm {
        let text = hgrm::text(&outcome.tally.total()?.0.latency)?;
        std::fs::write(path, text).with_context(|| format!("--hgrm {}", path.display()))?;
    }
    if let Some(directory) = &results.plot {
        plots::save(directory, &report, &outcome).context("--plot")?;
    }
    if results.json {
        println!("{}", report.json()?);
    } else {
        print!("{}", table::text(&report)?);
    }
    anyhow::ensure!(
        report.requests > 0,
        "not one call was right: {} unexpected, {} wrong, {} broken, {} unanswered; send one call \
         by hand to {} to see what it answers",
        report.unexpected,
        report.wrong,
        report.broken,
        report.unanswered,
        plan.target.url
    );
    Ok(())
}
