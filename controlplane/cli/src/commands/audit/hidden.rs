//! What a record is held to without telling it: commitments, and what is sealed.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::Args;
use serde::Deserialize;
use varistor_records::{Cache, Log, dossier};

use crate::arguments::Arguments;
use crate::exit::wrong;

/// Where the policy directory keeps salts.
const SALTS: &str = "salts";

/// Which log, and where its salts are.
#[derive(Args, Debug)]
pub(super) struct Places {
    /// Log directory [default: DIR/audit]
    #[arg(long, value_name = "DIR", conflicts_with = "dir")]
    log: Option<PathBuf>,
    /// Directory of salts [default: DIR/state/salts]
    #[arg(long, value_name = "DIR")]
    salts: Option<PathBuf>,
}

impl Places {
    pub(super) fn log(&self, arguments: &Arguments) -> anyhow::Result<PathBuf> {
        super::log(self.log.as_deref(), arguments)
    }

    pub(super) fn salts(&self, arguments: &Arguments) -> anyhow::Result<PathBuf> {
        let salts = match &self.salts {
            Some(salts) => salts.clone(),
            None => arguments.policy_dir()?.state(SALTS),
        };
        match salts.is_dir() {
            true => Ok(salts),
            false => Err(wrong(format!(
                "there is no directory of salts {}; name one with --salts, or the policy directory \
                 with --dir",
                salts.display()
            ))),
        }
    }
}

/// A commitment of a record.
#[derive(Debug, Deserialize)]
pub(super) struct Commitment {
    /// The number of its salt.
    pub(super) salt: u64,
    /// The hash, hex.
    pub(super) sha256: String,
}

/// What a record does not tell.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Hidden {
    pub(super) commitments: Vec<Commitment>,
    /// In base64.
    sealed: String,
}

impl Hidden {
    /// Of this record of the log.
    pub(super) fn of(log: &Path, seq: u64) -> anyhow::Result<Self> {
        let found = dossier(&Log::open(log)?, &Cache::none(), seq)?;
        Self::read(&found.line)
    }

    /// Of this line.
    pub(super) fn read(line: &[u8]) -> anyhow::Result<Self> {
        Ok(serde_json::from_slice(line)?)
    }

    /// The sealed file of age; `None` when there is none.
    pub(super) fn sealed(&self) -> anyhow::Result<Option<Vec<u8>>> {
        if self.sealed.is_empty() {
            return Ok(None);
        }
        Ok(Some(STANDARD.decode(&self.sealed)?))
    }
}

/// The bytes of hex digits.
pub(super) fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, at) in bytes.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
