//! `varistor`: the gateway. Starts the audit writer, one worker per core and the control thread,
//! and refuses to run without a verified snapshot.

mod args;
mod client;
mod clock;
mod control;
mod hub;
mod io;
mod log;
mod seeking;
mod shelf;
mod start;
mod supply;
mod switch;
mod upstream;
mod worker;

use std::process::ExitCode;

use clap::Parser as _;

// The tests of this crate count allocations, by an allocator that brings itself.
#[cfg(not(test))]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Exit code for wrong use or bad configuration.
const BAD_CONFIGURATION: u8 = 2;

fn main() -> ExitCode {
    // Does not return in a process that puts the sandbox on.
    varistor_sandbox::launch_if_asked();
    // Started again by the gateway itself, to keep a server that it starts.
    if let Some(code) = varistor_stdio::keep_if_asked() {
        return code;
    }
    let args = args::Args::parse();
    match start::run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::error(format_args!("{error:#}"));
            let bad = error.is::<start::BadStart>();
            ExitCode::from(if bad { BAD_CONFIGURATION } else { 1 })
        }
    }
}
