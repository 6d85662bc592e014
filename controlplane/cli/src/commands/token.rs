//! `varictl token`: what agents carry.

mod attenuate;
mod inspect;
mod issue;
mod list;
mod revoke;
mod scope;

pub(in crate::commands) use issue::issued;

use clap::Subcommand;

use crate::arguments::Arguments;
use crate::exit::Exit;

/// Issue, narrow, inspect, revoke and list tokens of agents.
#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Issue a token for an agent; prints the token alone
    Issue(issue::Issue),
    /// Narrow a token for a sub-agent, offline; prints the narrowed token alone
    Attenuate(attenuate::Attenuate),
    /// Show what a token says, and whether it is genuine
    Inspect(inspect::Inspect),
    /// Revoke a token and all that were narrowed from it
    Revoke(revoke::Revoke),
    /// List the tokens that were issued from this directory
    List(list::List),
}

impl Token {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        match self {
            Self::Issue(issue) => issue.run(&arguments.policy_dir()?),
            Self::Attenuate(attenuate) => attenuate.run(),
            Self::Inspect(inspect) => inspect.run(arguments),
            Self::Revoke(revoke) => revoke.run(&arguments.policy_dir()?),
            Self::List(list) => list.run(&arguments.policy_dir()?),
        }
    }
}
