//! `varictl sandbox`: which layers this machine has, and what a server is refused behind them.

mod handshake;
mod layers;
mod propose;
mod refusal;
mod report;
mod trace;
mod trial;

use clap::Subcommand;

use crate::exit::Exit;

/// Run servers in the sandbox, and see what they are refused.
#[derive(Debug, Subcommand)]
pub(crate) enum Sandbox {
    /// Start a server in the sandbox, say what it is refused, and propose policy lines
    Try(trial::Try),
    /// Show which layers of the sandbox this machine has
    Layers(layers::Layers),
}

impl Sandbox {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        match self {
            Self::Try(trial) => trial.run(),
            Self::Layers(layers) => layers.run(),
        }
    }
}
