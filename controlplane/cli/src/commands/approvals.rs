//! `varictl approvals`: people who decide about held calls.

mod approver;
mod decide;
mod gateways;
mod link;
mod list;
mod serve;
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
    /// Serve the page where approvers decide, for phones and chats
    Serve(serve::Serve),
    /// Print a one-time link for one approver and one held call
    Link(link::Link),
    /// Add, list and remove those who may approve on the page
    #[command(subcommand)]
    Approver(approver::Approver),
}

impl Approvals {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        match self {
            Self::List(list) => list.run(arguments),
            Self::Show(show) => show.run(arguments),
            Self::Approve(approve) => approve.run(arguments),
            Self::Deny(deny) => deny.run(arguments),
            Self::Serve(serve) => serve.run(&arguments.policy_dir()?),
            Self::Link(link) => link.run(&arguments.policy_dir()?),
            Self::Approver(approver) => approver.run(&arguments.policy_dir()?),
        }
    }
}
