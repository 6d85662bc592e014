//! `varictl audit verify`: is every record there, as it was written and signed, in its place.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use varistor_audit::{Chain, Start, VerifyOptions, ahead, segments};
use varistor_evidence::verdict::{Extent, Known};
use varistor_evidence::{Verdict, retired};

use super::keys;
use super::verdict::{Ahead, Answer};
use super::vouched::Vouched;
use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::output::progress::Progress;
use crate::output::{self, plain};

/// Check every record of the log, that none is missing, and that all are what was signed.
#[derive(Args, Debug)]
#[command(after_help = "\
Exit status: 0 the log is sound, 2 it was tampered with (the first bad record is named), 3 records
that were signed are missing at its end, 4 sound, but its newest records are not cosigned by enough
witnesses, 5 sound, but its last line is unfinished, as after a crash of the machine.

The chain of hashes shows edits, deletions, insertions and reordering. Checkpoints show the rest: a
rewritten chain and a log that was cut off; the anchor, a log that was written anew with other keys;
a checkpoint that you kept, or a witness, an old copy of the whole.

Examples:
  varictl audit verify --dir /etc/varistor
  varictl audit verify --log copy/audit --anchor anchor.vkey --checkpoint kept.txt
  varictl audit verify --from 1000000 --to 1010000 --json")]
pub(crate) struct Verify {
    /// Log directory [default: DIR/audit]
    #[arg(long, value_name = "DIR", conflicts_with = "dir")]
    log: Option<PathBuf>,
    /// Older segments were retired: begin with whatever record is the oldest
    #[arg(long)]
    from_anywhere: bool,
    /// Check from the segment that holds this record on
    #[arg(long, value_name = "SEQ", default_value_t = 0)]
    from: u64,
    /// Check up to the segment that holds this record
    #[arg(long, value_name = "SEQ")]
    to: Option<u64>,
    /// The log's first key, or a file that holds it [default: DIR/state/audit.vkey]
    #[arg(long, value_name = "KEY|FILE")]
    anchor: Option<String>,
    /// A checkpoint that you kept from earlier; may be given several times
    #[arg(long, value_name = "FILE")]
    checkpoint: Vec<PathBuf>,
    /// A witness that must have cosigned every record; may be given several times [default: those
    /// of the policy in force, which leave the newest records the time that it allows]
    #[arg(long, value_name = "KEY|FILE")]
    witness: Vec<String>,
    /// How many of the witnesses named must have cosigned [default: all]
    #[arg(long, value_name = "N", requires = "witness")]
    quorum: Option<usize>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let log = super::log(self.log.as_deref(), arguments)?;
        let dir = match self.log {
            Some(_) => None,
            None => Some(arguments.policy_dir()?),
        };
        let vouched = Vouched::of(&self.witness, self.quorum, dir.as_ref())?;
        let known = Known {
            anchor: keys::anchor(self.anchor.as_deref(), dir.as_ref())?,
            heads: keys::checkpoints(&self.checkpoint)?,
            witnesses: vouched.witnesses.clone(),
            quorum: Some(vouched.quorum),
        };
        // A gateway that writes has half a line now and then.
        let live = is_written(&log);
        let read = || format!("can't read the log {}", log.display());
        let retired = retired::read(&log).with_context(read)?;
        let begins = segments::list(&log).with_context(read)?;
        let begins = begins.first().map_or(0, |name| name.0);
        let retired = retired.filter(|(first, _)| *first == begins);
        let start = match self.from_anywhere || retired.is_some() {
            true => Start::Anywhere,
            false => Start::Genesis,
        };
        let mut verdict = self.verify(&log, &known, start).with_context(read)?;
        if live {
            verdict.report.torn = None;
            verdict.torn_head = false;
        }
        let ahead = match live || self.to.is_some() {
            true => Ahead::default(),
            false => ahead_of(&log, &verdict.report).with_context(read)?,
        };
        let answer = Answer::of(&verdict, &vouched, ahead);
        if self.json {
            output::json(&answer)?;
            return Ok(answer.exit);
        }
        answer.show()?;
        if let Some((first, when)) = retired {
            let when = plain(&when);
            output::note(&format!("records before {first} were retired at {when}"));
        }
        Ok(answer.exit)
    }

    fn verify(&self, log: &Path, known: &Known, start: Start) -> std::io::Result<Verdict> {
        let extent = Extent {
            from: self.from,
            to: self.to.unwrap_or(u64::MAX),
        };
        let mut bytes = 0;
        for name in segments::list(log)? {
            bytes += std::fs::metadata(log.join(name.to_string()))?.len();
        }
        let mut progress = Progress::new("verifying", bytes);
        let options = VerifyOptions {
            start,
            ..VerifyOptions::default()
        };
        let told = |done: varistor_audit::Progress| progress.at(done.bytes);
        varistor_evidence::verify(log, known, (extent, &options), told)
    }
}

/// What a crash has left ahead of the segments, and the next start will put there.
fn ahead_of(log: &Path, report: &varistor_audit::Report) -> std::io::Result<Ahead> {
    // Without a line there is nothing that it could follow.
    let Some(last) = report.last_seq else {
        return Ok(Ahead::default());
    };
    let written = match std::fs::read(log.join(ahead::FILE)) {
        Ok(written) => written,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Ahead::default()),
        Err(error) => return Err(error),
    };
    let found = ahead::recover(&written, &mut Chain::resume(last, report.head, 0));
    Ok(Ahead {
        records: found.count,
        stray: found.gap,
    })
}

/// Whether a gateway has the log open.
fn is_written(log: &Path) -> bool {
    let lock = std::fs::File::open(log.join(".lock"));
    lock.is_ok_and(|lock| {
        matches!(
            lock.try_lock_shared(),
            Err(std::fs::TryLockError::WouldBlock)
        )
    })
}
