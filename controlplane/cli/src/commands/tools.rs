//! `varictl tools`: what servers say about their tools.

mod flags;

use clap::Subcommand;

use crate::exit::Exit;

/// Look at what servers say about their tools.
#[derive(Debug, Subcommand)]
pub(crate) enum Tools {
    /// Say what in definitions speaks to the model instead of about the tool
    Flags(flags::Flags),
}

impl Tools {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        match self {
            Self::Flags(flags) => flags.run(),
        }
    }
}
