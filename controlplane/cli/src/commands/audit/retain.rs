//! `varictl audit retain`: removes segments whose time is over, once they are signed, checked and,
//! if asked for, witnessed and archived.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use varistor_evidence::retired::{Wish, retire};

use super::keys;
use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::output::{self, count};
use crate::quantities::{duration_s, now_unix_s};

/// Nanoseconds of a second.
const SECOND_NS: u64 = 1_000_000_000;

/// Remove segments whose time is over; the tree stays, and with it every later proof.
#[derive(Args, Debug)]
#[command(after_help = "\
A segment goes when its last record is older than --keep, its end is signed (and cosigned by every
--witness), and everything in it is what was signed. With --archive it is copied and synced first,
together with its checkpoints and the chain of keys: `varictl audit verify --log ARCHIVE` checks it.

Example:
  varictl audit retain --keep 365d --archive /mnt/audit --witness witness.vkey")]
pub(crate) struct Retain {
    /// How long records are kept, such as 365d
    #[arg(long, value_name = "DURATION", value_parser = duration_s)]
    keep: u64,
    /// Where segments are copied before they are removed
    #[arg(long, value_name = "DIR")]
    archive: Option<PathBuf>,
    /// A witness that must have cosigned what is removed; may be given several times
    #[arg(long, value_name = "KEY|FILE")]
    witness: Vec<String>,
    /// Only say what would be removed
    #[arg(long)]
    dry_run: bool,
    /// Log directory [default: DIR/audit]
    #[arg(long, value_name = "DIR", conflicts_with = "dir")]
    log: Option<PathBuf>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Answer {
    removed: Vec<String>,
    first_seq: u64,
    waiting: usize,
    dry_run: bool,
}

impl Retain {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let log = super::log(self.log.as_deref(), arguments)?;
        let now = now_unix_s();
        let witnesses = self.witness.iter().map(|named| keys::key(named));
        let wish = Wish {
            before_ns: now.saturating_sub(self.keep).saturating_mul(SECOND_NS),
            archive: self.archive.clone(),
            witnesses: witnesses.collect::<anyhow::Result<_>>()?,
            is_rehearsal: self.dry_run,
        };
        let retired = retire(&log, &wish, now.saturating_mul(SECOND_NS))?;
        let answer = Answer {
            removed: retired.segments.iter().map(ToString::to_string).collect(),
            first_seq: retired.first,
            waiting: retired.waiting,
            dry_run: self.dry_run,
        };
        if self.json {
            output::json(&answer)?;
            return Ok(Exit::Done);
        }
        for name in &answer.removed {
            output::line(name)?;
        }
        let done = if self.dry_run {
            "would be removed"
        } else {
            "removed"
        };
        let removed = count(answer.removed.len(), "segment");
        let first = answer.first_seq;
        output::note(&format!(
            "{removed} {done}; the log begins with record {first}"
        ));
        if answer.waiting > 0 {
            let waiting = count(answer.waiting, "segment");
            output::warning(&format!(
                "{waiting} old enough, but not signed or witnessed to the end: kept"
            ));
        }
        Ok(Exit::Done)
    }
}
