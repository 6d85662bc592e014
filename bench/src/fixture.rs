//! The server that the official MCP conformance suite expects, in both eras of the protocol.
//!
//! Names and texts are the suite's contract (`@modelcontextprotocol/conformance` 0.2.0-alpha.12).
//! What goes beyond it (`test_echo`, `test_structured_content`, `test_trigger_resource_update`)
//! serves our own tests. Nothing is faked: lists change, states are sealed, tasks run.

mod answers;
mod changes;
mod handler;
mod jobs;
mod polling;
mod prompts;
mod questions;
mod resources;
mod rounds;
mod talking;

use std::sync::Arc;

use crate::catalogue::Catalogue;
use crate::listen::Listen;
use crate::serve::serve;

use self::handler::{Fixture, Shared};
use self::polling::PollingSessions;

/// Options of `varistor-bench fixture`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    listen: Listen,
}

/// Serves until the process ends.
///
/// # Errors
/// The address cannot be bound.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let catalogue = Catalogue::read(
        include_str!("fixture/tools.json"),
        include_str!("fixture/lists.json"),
    )?;
    let shared = Arc::new(Shared::new(catalogue)?);
    serve(
        &options.listen,
        Arc::new(PollingSessions::new()),
        move || Fixture::new(Arc::clone(&shared)),
    )
}
