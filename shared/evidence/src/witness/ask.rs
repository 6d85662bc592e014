//! What a log says to a witness, step by step; sending is the caller's.

use std::io;
use std::path::{Path, PathBuf};

use super::message::{AddCheckpoint, AddKeys};
use crate::checkpoint::{Checkpoint, decimal};
use crate::error::EvidenceError;
use crate::keychain::{self, Keychain};
use crate::note::{self, Note, Signature, VerifierKey};
use crate::{heads, proof, witnessed};

/// Exchanges after which a witness that always wants something else is given up.
const STEPS_MAX: u32 = 8;

/// A request: the path behind the witness's URL, and the body of a `POST`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// `add-checkpoint` or `add-keys`.
    pub path: &'static str,
    /// The body.
    pub body: String,
}

/// What to do after an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// To send this.
    Send(Request),
    /// Nothing: the witness has cosigned the first so many records.
    Cosigned(u64),
}

/// Why a witness has not cosigned.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// A file can't be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The log's own evidence is not whole.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// Nothing was signed yet.
    #[error("the log has no checkpoint yet")]
    Nothing,
    /// The witness remembers more than there is.
    #[error(
        "the witness remembers {remembered} records, but the log has {signed}: it was cut off, or \
         restored from an old copy"
    )]
    Behind {
        /// Records that the witness has cosigned.
        remembered: u64,
        /// Records of the newest checkpoint.
        signed: u64,
    },
    /// The witness remembers another history.
    #[error(
        "the witness remembers another history of this log: it was changed after it was cosigned"
    )]
    Inconsistent,
    /// The witness does not know the log.
    #[error("the witness does not know this log; give it the log's anchor: --log {0}")]
    Unknown(String),
    /// The witness refuses the log's keys.
    #[error("the witness does not accept the log's chain of keys: it began with another one")]
    Keys,
    /// The witness's answer is none.
    #[error("the witness answered {0}, which is no answer of C2SP tlog-witness")]
    Senseless(u16),
    /// The cosignature is not by the witness's key.
    #[error("the witness signed with another key than {0}")]
    Key(Box<VerifierKey>),
}

impl Refused {
    /// Whether the witness remembers something else than the log says: one of the two was changed.
    #[must_use]
    pub const fn is_conflict(&self) -> bool {
        matches!(self, Self::Behind { .. } | Self::Inconsistent)
    }
}

/// An exchange with a witness about a head of a log.
#[derive(Debug)]
pub struct Asking {
    dir: PathBuf,
    witness: VerifierKey,
    note: Note,
    head: Checkpoint,
    /// Entries of the chain of keys, once the witness lacks some.
    entries: Vec<String>,
    is_about_keys: bool,
    steps: u32,
}

impl Asking {
    /// Begins an exchange about the newest head: what to send first. A head that the witness has
    /// cosigned before is sent again: it may have seen a later one.
    ///
    /// # Errors
    /// When there is nothing to cosign, or the log can't be read.
    pub fn begin(dir: &Path, witness: &VerifierKey) -> Result<(Self, Request), Refused> {
        let chain = Keychain::load(dir)?.ok_or(Refused::Nothing)?;
        let note = heads::last(dir)?.ok_or(Refused::Nothing)?;
        let all = (std::slice::from_ref(witness), 1);
        let known = witnessed::newest(dir, &chain, all)?;
        Self::about(dir, witness, note, known.map_or(0, |(head, _)| head.size))
    }

    /// Begins an exchange about this head of the log in `dir`; the witness is thought to remember
    /// `old` records.
    ///
    /// # Errors
    /// When it is no head, or the log can't be read.
    pub fn about(
        dir: &Path,
        witness: &VerifierKey,
        note: Note,
        old: u64,
    ) -> Result<(Self, Request), Refused> {
        let head = Checkpoint::parse(&note.text).ok_or(Refused::Nothing)?;
        let asking = Self {
            dir: dir.to_owned(),
            witness: witness.clone(),
            note,
            head,
            entries: Vec::new(),
            is_about_keys: false,
            steps: 0,
        };
        let first = asking.checkpoint(old.min(asking.head.size))?;
        Ok((asking, first))
    }

    /// The key that is named to whoever must know the log.
    fn anchor(&self) -> Result<String, Refused> {
        let chain = Keychain::load(&self.dir)?.ok_or(Refused::Nothing)?;
        Ok(chain.anchor().map(ToString::to_string).unwrap_or_default())
    }

    /// Takes an answer.
    ///
    /// # Errors
    /// Why the witness will not cosign.
    pub fn answered(&mut self, status: u16, body: &str) -> Result<Next, Refused> {
        self.steps = self.steps.saturating_add(1);
        if self.steps > STEPS_MAX {
            return Err(Refused::Senseless(status));
        }
        let number = decimal(body.trim_end());
        match (status, self.is_about_keys, number) {
            (200, false, _) => self.cosigned(body),
            (200, true, _) => {
                self.is_about_keys = false;
                self.checkpoint(0).map(Next::Send)
            }
            (403, false, _) => {
                self.is_about_keys = true;
                let file = std::fs::read(keychain::path(&self.dir))?;
                let entries = note::split(keychain::valid(&file)).map_while(Result::ok);
                self.entries = entries.map(|(_, entry)| format!("{entry}\n")).collect();
                Ok(Next::Send(self.keys(0)))
            }
            (409, true, Some(known)) if known < self.entries.len() as u64 => {
                Ok(Next::Send(self.keys(known)))
            }
            (403 | 409, true, _) => Err(Refused::Keys),
            (409, false, Some(remembered)) if remembered > self.head.size => {
                let signed = self.head.size;
                Err(Refused::Behind { remembered, signed })
            }
            (409, false, Some(remembered)) if self.steps > 1 && remembered == self.head.size => {
                Err(Refused::Inconsistent)
            }
            (409, false, Some(remembered)) => self.checkpoint(remembered).map(Next::Send),
            (404, ..) => Err(Refused::Unknown(self.anchor()?)),
            (422, ..) => Err(Refused::Inconsistent),
            _ => Err(Refused::Senseless(status)),
        }
    }

    fn checkpoint(&self, old: u64) -> Result<Request, Refused> {
        let proof = proof::consistency(&self.dir, old, self.head.size)?;
        let note = self.note.clone();
        let body = AddCheckpoint { old, proof, note }.to_string();
        Ok(Request {
            path: "add-checkpoint",
            body,
        })
    }

    fn keys(&self, from: u64) -> Request {
        let skipped = usize::try_from(from).unwrap_or(usize::MAX);
        let entries = self.entries.iter().skip(skipped).map(String::as_str);
        let wish = AddKeys {
            origin: self.head.origin.clone(),
            from,
            entries: entries.collect(),
        };
        Request {
            path: "add-keys",
            body: wish.to_string(),
        }
    }

    fn cosigned(&self, body: &str) -> Result<Next, Refused> {
        let lines = body.lines().filter_map(Signature::parse);
        let is_theirs = |line: &Signature| self.witness.verify(&self.note.text, line).is_some();
        let line = lines.into_iter().find(is_theirs);
        let line = line.ok_or_else(|| Refused::Key(Box::new(self.witness.clone())))?;
        let mut note = self.note.clone();
        note.signatures.push(line);
        witnessed::add(&self.dir, &note)?;
        Ok(Next::Cosigned(self.head.size))
    }
}
