//! `varictl audit check-proof`: is a record in a log, by its proof and public keys alone.

use std::path::PathBuf;

use clap::Args;
use serde::Serialize;
use varistor_evidence::{Checkpoint, Keychain, Proof, VerifierKey};

use super::keys;
use crate::exit::{Exit, wrong};
use crate::output::{self, Tone, plain, tinted};

/// Check a proof of a record with nothing but public keys.
#[derive(Args, Debug)]
#[command(after_help = "\
Whose word is taken: --keychain FILE, the log's chain of keys (the file `keychain` beside the log)
with its first key, the --anchor; --key, one key of the log; --witness, a witness that has cosigned.
What is named must all hold.

Exit status: 0 the record is in the log, 2 it is not, or the proof is none.

Examples:
  varictl audit check-proof 4711.tlog-proof --keychain keychain --anchor anchor.vkey
  varictl audit check-proof 4711.tlog-proof --witness witness.vkey")]
pub(crate) struct CheckProof {
    /// The proof
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The log's chain of keys
    #[arg(long, value_name = "FILE", requires = "anchor")]
    keychain: Option<PathBuf>,
    /// The log's first key, or a file that holds it
    #[arg(long, value_name = "KEY|FILE", requires = "keychain")]
    anchor: Option<String>,
    /// A key of the log, or a file that holds it
    #[arg(long, value_name = "KEY|FILE")]
    key: Option<String>,
    /// A witness that must have cosigned; may be given several times
    #[arg(long, value_name = "KEY|FILE")]
    witness: Vec<String>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Answer {
    origin: String,
    seq: u64,
    size: u64,
    /// The earliest time that a witness names, in seconds since 1970.
    witnessed_unix_s: Option<u64>,
    record: String,
}

impl CheckProof {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        if self.keychain.is_none() && self.key.is_none() && self.witness.is_empty() {
            return Err(wrong(
                "name whose word you take: --keychain FILE and --anchor KEY, --key KEY, or \
                 --witness KEY",
            ));
        }
        let shown = self.file.display();
        let text = keys::read(&self.file)?;
        let proof = Proof::parse(&text);
        let proof = proof.ok_or_else(|| wrong(format!("{shown} is no C2SP tlog-proof")))?;
        let head = proof.check().ok_or_else(|| {
            wrong(format!(
                "{shown}: the record does not lead to the checkpoint's root"
            ))
        })?;
        self.check_log(&proof, &head)?;
        let witnessed_unix_s = self.check_witnesses(&proof)?;
        let answer = Answer {
            origin: head.origin,
            seq: proof.index,
            size: head.size,
            witnessed_unix_s,
            record: String::from_utf8_lossy(&proof.record).into_owned(),
        };
        if self.json {
            output::json(&answer)?;
        } else {
            output::line(&format!(
                "{}: record {} of {}, under a checkpoint of {} records",
                tinted("proved", Tone::Good),
                answer.seq,
                plain(&answer.origin),
                answer.size
            ))?;
            output::line(&plain(&answer.record))?;
        }
        Ok(Exit::Done)
    }

    fn check_log(&self, proof: &Proof, head: &Checkpoint) -> anyhow::Result<()> {
        if let Some(named) = &self.key {
            let key = keys::key(named)?;
            require(&key, proof)?;
        }
        let (Some(path), Some(anchor)) = (&self.keychain, &self.anchor) else {
            return Ok(());
        };
        let anchor = keys::key(anchor)?;
        let shown = path.display();
        let chain = Keychain::read(&keys::read(path)?).map_err(|broken| {
            wrong(format!(
                "{shown}: the chain of keys breaks at byte {}",
                broken.0
            ))
        })?;
        if chain.anchor() != Some(&anchor) {
            return Err(wrong(format!(
                "{shown} begins with another key than the anchor"
            )));
        }
        if !chain.holds(&proof.note, head) {
            return Err(wrong(
                "the checkpoint is not signed by the key of the chain that is in force for its \
                 size",
            ));
        }
        Ok(())
    }

    fn check_witnesses(&self, proof: &Proof) -> anyhow::Result<Option<u64>> {
        let mut earliest = None;
        for named in &self.witness {
            let time = require(&keys::key(named)?, proof)?;
            earliest = Some(earliest.map_or(time, |earliest: u64| earliest.min(time)));
        }
        Ok(earliest)
    }
}

/// The time that a cosignature names; 0 for a log's signature.
fn require(key: &VerifierKey, proof: &Proof) -> anyhow::Result<u64> {
    let time = proof.note.signed_by(key);
    time.ok_or_else(|| wrong(format!("the checkpoint is not signed by {key}")))
}
