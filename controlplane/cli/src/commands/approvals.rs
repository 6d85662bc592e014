//! `varictl approvals`: people who decide about held calls.

mod decide;
mod gateways;
mod list;
mod show;

use clap::Subcommand;

use crate::arguments::Arguments;
use crate::exit::Exit;

/// Let people decide about held calls.
#[derive(Debug, Subcommand)]
pub(crate) enum Approvals {
    /// List the calls that wait, or were decided and not used yet
    List(list::List),
    /// Show all of one held call: who asks, why it is held, its whole arguments
    Show(show::Show),
    /// Approve one held call: the identical call then passes once
    Approve(decide::Approve),
    /// Refuse one held call
    Deny(decide::Deny),
}

impl Approvals {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        match self {
            Self::List(list) => list.run(arguments),
            Self::Show(show) => show.run(arguments),
            Self::Approve(approve) => approve.run(arguments),
            Self::Deny(deny) => deny.run(arguments),
        }
    }
}
