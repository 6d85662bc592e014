//! `varictl audit`: is the log whole, and what is in it.

mod tail;
mod verify;

use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::arguments::Arguments;
use crate::exit::{Exit, wrong};

/// Verify and follow the audit log.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Check every record of the log, and that none is missing
    Verify(verify::Verify),
    /// Show the last records, one line each
    Tail(tail::Tail),
}

impl Audit {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        match self {
            Self::Verify(verify) => verify.run(arguments),
            Self::Tail(tail) => tail.run(arguments),
        }
    }
}

/// The log that was named, else the policy directory's.
fn log(named: Option<&Path>, arguments: &Arguments) -> anyhow::Result<PathBuf> {
    let log = match named {
        Some(log) => log.to_owned(),
        None => arguments.policy_dir()?.audit(),
    };
    if log.is_dir() {
        return Ok(log);
    }
    Err(wrong(format!(
        "there is no log directory {}; name one with --log, or the policy directory with --dir",
        log.display()
    )))
}
