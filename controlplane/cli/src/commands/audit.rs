//! `varictl audit`: is the log whole, what is in it, and how others can tell.

mod check_proof;
mod commitment;
mod export;
mod filters;
mod forget;
mod hidden;
mod index;
mod keys;
mod prove;
mod query;
mod report;
mod retain;
mod rotate;
mod row;
mod sealed;
mod show;
mod tail;
mod verdict;
mod verify;
mod vouched;
mod witness;

use std::path::{Path, PathBuf};

use clap::Subcommand;

use crate::arguments::Arguments;
use crate::exit::{Exit, wrong};

/// Verify, search, follow, export and report the audit log.
#[derive(Debug, Subcommand)]
pub(crate) enum Audit {
    /// Check every record of the log, and that none is missing
    Verify(verify::Verify),
    /// Prove that one record is in the log, to anybody, offline
    Prove(prove::Prove),
    /// Check such a proof with nothing but public keys
    CheckProof(check_proof::CheckProof),
    /// Remember logs and cosign what goes on from that, or ask such a witness
    #[command(subcommand)]
    Witness(witness::Witness),
    /// Have a running gateway begin the next segment
    Rotate(rotate::Rotate),
    /// Remove segments whose time is over, once they are signed, witnessed and archived
    Retain(retain::Retain),
    /// Show the last records, one line each
    Tail(tail::Tail),
    /// Find records by time, caller, tool, decision, finding or text
    Query(query::Query),
    /// Show a call with its result, approval, rule, evidence and findings
    Show(show::Show),
    /// Show what a record is committed to, or check a value against it
    Commitment(commitment::Commitment),
    /// Forget values that records are committed to, without changing the log
    Forget(forget::Forget),
    /// Hand out what a record holds encrypted, as a file of age
    Sealed(sealed::Sealed),
    /// Hand records on as JSON Lines, CSV, Parquet or OCSF
    Export(export::Export),
    /// Report about a period: decisions, refusals, approvers, changes, kills, gaps
    Report(report::Report),
}

impl Audit {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        match self {
            Self::Verify(verify) => verify.run(arguments),
            Self::Prove(prove) => prove.run(arguments),
            Self::CheckProof(check) => check.run(),
            Self::Witness(witness) => witness.run(arguments),
            Self::Rotate(rotate) => rotate.run(arguments),
            Self::Retain(retain) => retain.run(arguments),
            Self::Tail(tail) => tail.run(arguments),
            Self::Query(query) => query.run(arguments),
            Self::Show(show) => show.run(arguments),
            Self::Commitment(commitment) => commitment.run(arguments),
            Self::Forget(forget) => forget.run(arguments),
            Self::Sealed(sealed) => sealed.run(arguments),
            Self::Export(export) => export.run(arguments),
            Self::Report(report) => report.run(arguments),
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
