//! `varistor-perf`: counts instructions and allocations of every case, and holds them to budgets.
//!
//! It fails when a case costs more or much less than its budget, has none, or is gone; `accept`
//! renews the file.

mod budgets;
mod compare;
mod count;
mod repeat;

use std::process::ExitCode;

use anyhow::bail;
use clap::{Parser, Subcommand};
use varistor_perf::cases;

use budgets::{Budgets, Tools};

/// Counts what each stage costs, in instructions (under callgrind) and in allocations.
#[derive(Parser)]
#[command(name = "varistor-perf")]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Hold the counts to `perf/budgets.toml`; fails when one is more than 2 % away from it.
    Check,
    /// Count, and make the counts the budgets.
    Accept,
    /// Count several times and say how far apart the counts are.
    Repeat {
        /// How often.
        #[arg(long, default_value_t = 5)]
        times: usize,
    },
    /// Run one case again and again, for a profiler.
    Run {
        /// Its name, as in `perf/budgets.toml`.
        case: String,
        /// How often.
        #[arg(long, default_value_t = 1000)]
        times: usize,
    },
}

fn main() -> ExitCode {
    match run(&Args::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("varistor-perf: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: &Command) -> anyhow::Result<()> {
    match command {
        Command::Check => check(),
        Command::Accept => accept(),
        Command::Repeat { times } => repeat::repeat(*times),
        Command::Run { case, times } => {
            let mut case = cases::warm(case);
            for _ in 0..*times {
                case.run();
                case.prepare();
            }
            Ok(())
        }
    }
}

fn check() -> anyhow::Result<()> {
    let budgets = Budgets::read()?;
    let tools = Tools::here()?;
    let counts = count::all()?;
    let difference = budgets.tools.difference(&tools);
    let tolerance = match difference {
        None => compare::TOLERANCE_PERCENT,
        Some(_) => compare::TOLERANCE_ELSEWHERE_PERCENT,
    };
    let verdict = compare::compare(&budgets.cases, &counts, tolerance);
    print!("{verdict}");
    if let Some(difference) = difference {
        println!("{difference}\n  (so up to {tolerance} % pass)");
    }
    match verdict.advice() {
        None => Ok(()),
        Some(advice) => bail!(advice),
    }
}

fn accept() -> anyhow::Result<()> {
    let before = Budgets::read().map(|budgets| budgets.cases);
    let counts = count::all()?;
    let before = before.unwrap_or_default();
    print!(
        "{}",
        compare::compare(&before, &counts, compare::TOLERANCE_PERCENT)
    );
    let budgets = Budgets {
        tools: Tools::here()?,
        cases: counts,
    };
    budgets.write()?;
    println!("written to {}", budgets::FILE);
    Ok(())
}
