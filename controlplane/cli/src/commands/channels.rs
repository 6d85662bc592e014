//! `varictl channels`: ways to people.

mod test;

use clap::Subcommand;

use crate::arguments::Arguments;
use crate::exit::Exit;

/// Try the channels by which people are told.
#[derive(Debug, Subcommand)]
pub(crate) enum Channels {
    /// Have the running gateway send a test message to a channel
    Test(test::Test),
}

impl Channels {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        match self {
            Self::Test(test) => test.run(arguments),
        }
    }
}
