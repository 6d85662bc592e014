//! `varictl identity`: identity providers whose tokens are taken beside our own.

mod refresh;

use clap::Subcommand;

use crate::arguments::Arguments;
use crate::exit::Exit;

/// Look at what identity providers publish.
#[derive(Debug, Subcommand)]
pub(crate) enum Identity {
    /// Ask each provider for its keys, and keep them for the next snapshot
    Refresh(refresh::Refresh),
}

impl Identity {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        match self {
            Self::Refresh(refresh) => refresh.run(&arguments.policy_dir()?),
        }
    }
}
