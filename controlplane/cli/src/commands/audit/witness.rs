//! `varictl audit witness`: a witness of logs on another host, and asking one.

mod ask;
mod serve;

use clap::Subcommand;

use crate::arguments::Arguments;
use crate::exit::Exit;

/// Remember logs and cosign what goes on from that, or ask such a witness.
#[derive(Debug, Subcommand)]
pub(crate) enum Witness {
    /// Be a witness (C2SP tlog-witness), on another host than the gateways
    Serve(serve::Serve),
    /// Have a witness cosign the log's newest checkpoint, once or again and again
    Ask(ask::Ask),
}

impl Witness {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        match self {
            Self::Serve(serve) => serve.run(),
            Self::Ask(ask) => ask.run(arguments),
        }
    }
}
