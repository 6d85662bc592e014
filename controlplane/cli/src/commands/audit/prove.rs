//! `varictl audit prove`: a proof of one record that anybody can check offline.

use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use varistor_evidence::{Checkpoint, Keychain, Note, Proof, Unproved, heads, witnessed};

use crate::arguments::Arguments;
use crate::exit::Exit;
use crate::output;

/// Prove that one record is in the log, to anybody, offline.
#[derive(Args, Debug)]
#[command(after_help = "\
The proof is a C2SP tlog-proof. It holds the record itself, the hashes that lead from it to a root,
and a checkpoint of that root: the smallest that witnesses cosigned and that has the record, else
the newest of the log. Check it with `varictl audit check-proof` or any tool that knows the format.

Example:
  varictl audit prove 4711 --output 4711.tlog-proof")]
pub(crate) struct Prove {
    /// The record's number
    #[arg(value_name = "SEQ")]
    seq: u64,
    /// Where to write the proof [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Log directory [default: DIR/audit]
    #[arg(long, value_name = "DIR", conflicts_with = "dir")]
    log: Option<PathBuf>,
}

impl Prove {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let log = super::log(self.log.as_deref(), arguments)?;
        let note = checkpoint(&log, self.seq)?.ok_or(Unproved::Unsigned(self.seq))?;
        let proof = Proof::make(&log, self.seq, note)?;
        match &self.output {
            Some(path) => std::fs::write(path, proof.to_string())
                .with_context(|| format!("can't write {}", path.display()))?,
            None => output::line(proof.to_string().trim_end())?,
        }
        Ok(Exit::Done)
    }
}

/// The smallest cosigned checkpoint that has the record, else the newest that there is.
fn checkpoint(log: &Path, seq: u64) -> anyhow::Result<Option<Note>> {
    let Some(chain) = Keychain::load(log)? else {
        return Ok(None);
    };
    let mut best: Option<(u64, Note)> = None;
    let read = || format!("can't read the log {}", log.display());
    witnessed::each(log, |note| {
        let head = Checkpoint::parse(&note.text).filter(|head| chain.holds(&note, head));
        if let Some(head) = head.filter(|head| head.size > seq)
            && best.as_ref().is_none_or(|(size, _)| head.size < *size)
        {
            best = Some((head.size, note));
        }
    })
    .with_context(read)?;
    match best {
        Some((_, note)) => Ok(Some(note)),
        None => heads::last(log).with_context(read),
    }
}
