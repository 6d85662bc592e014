//! `varictl`: the control plane's command line. Reads the arguments, runs one command, and ends
//! with 0 done, 1 failed, 2 wrong use or bad configuration (3, 4, 5: what `audit verify` found).

mod admin;
mod agents;
mod arguments;
mod building;
mod clients;
mod commands;
mod delivery;
mod detectors;
mod directory;
mod exit;
mod files;
mod identity;
mod keys;
mod nearest;
mod operator;
mod output;
mod page;
mod programs;
mod quantities;
mod registry;
mod snapshots;
mod terminal;
mod web;

use std::process::ExitCode;

use clap::Parser;
use rustix::process::{DumpableBehavior, Resource, Rlimit};

use crate::arguments::Arguments;

fn main() -> ExitCode {
    // Does not return in a process that puts the sandbox on.
    varistor_sandbox::launch_if_asked();
    let arguments = Arguments::parse();
    if let Err(error) = leave_no_core() {
        output::warning(&format!(
            "this process may leave a core dump with secrets: {error}"
        ));
    }
    match commands::run(&arguments) {
        Ok(exit) => exit.into(),
        Err(error) => exit::report(&error).into(),
    }
}

/// Keys and secrets pass through this process: no core dump, no other process looking in.
fn leave_no_core() -> rustix::io::Result<()> {
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    rustix::process::setrlimit(Resource::Core, none)?;
    rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)
}
