//! What was done to a vault: lines beside it, each naming the one before by its hash. A line is
//! written before its change, and another when the change is on the disk.
//!
//! Refuses a history that was cut, changed, or is of another vault. Holds no values.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::file::{Head, Sealed};
use crate::{VaultError, disk, hex};

/// What was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change {
    /// The vault was made.
    Created,
    /// A secret was added or replaced.
    Set,
    /// A secret has a new value, and the one before is known for a while.
    Rotated,
    /// The value before is the value again.
    TakenBack,
    /// The value before is no longer known.
    Forgotten,
    /// A secret was taken out.
    Removed,
    /// Everything was sealed with another key.
    Rekeyed,
    /// What was set with it came from an export.
    Imported,
}

/// A change of one secret, or of the whole vault.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deed {
    /// What was done.
    pub change: Change,
    /// To which secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Its version then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<u64>,
    /// Its servers then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub servers: Vec<String>,
}

/// A save of the vault, as it was begun.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Line {
    /// The generation that it makes.
    pub generation: u64,
    /// When, in seconds since 1970.
    pub unix_s: u64,
    /// Who, by their own word.
    pub by: String,
    /// What.
    pub deeds: Vec<Deed>,
    /// SHA-256 of the line before, as hex digits; empty in the first one.
    prev: String,
}

/// What is known of a vault's changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct History {
    /// Saves that happened, oldest first.
    pub lines: Vec<Line>,
    /// Saves that were begun and did not happen.
    pub cut_off: usize,
}

#[derive(Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Record {
    Done { done: u64, prev: String },
    Begun(Line),
}

impl Deed {
    pub(crate) const fn of(change: Change) -> Self {
        Self {
            change,
            name: None,
            version: None,
            servers: Vec::new(),
        }
    }

    pub(crate) fn on(change: Change, entry: &Sealed) -> Self {
        Self {
            change,
            name: Some(entry.name.clone()),
            version: Some(entry.version),
            servers: entry.servers.clone(),
        }
    }
}

/// Writes down what is about to happen; the head that the vault then names.
pub(crate) fn begin(
    lock: &disk::Lock,
    vault: &Path,
    (generation, by): (u64, &str),
    deeds: &[Deed],
) -> Result<Head, VaultError> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let line = Record::Begun(Line {
        generation,
        unix_s: now.map_or(0, |now| now.as_secs()),
        by: by.to_owned(),
        deeds: deeds.to_vec(),
        prev: last(vault)?,
    });
    append(lock, vault, &line)
}

/// Writes down that it has happened.
pub(crate) fn end(lock: &disk::Lock, vault: &Path, generation: u64) -> Result<(), VaultError> {
    let line = Record::Done {
        done: generation,
        prev: last(vault)?,
    };
    append(lock, vault, &line).map(drop)
}

/// The newest generation that is known to have been there; 0 without a history.
pub(crate) fn newest(vault: &Path) -> Result<u64, VaultError> {
    let text = text(vault)?;
    let records = text
        .lines()
        .rev()
        .filter_map(|line| serde_json::from_str(line).ok());
    let mut done = records.filter_map(|record| match record {
        Record::Done { done, .. } => Some(done),
        Record::Begun(_) => None,
    });
    Ok(done.next().unwrap_or(0))
}

/// The whole history, if it leads to the line that the vault names.
pub(crate) fn read(vault: &Path, head: Option<Head>) -> Result<History, VaultError> {
    let path = path(vault);
    let wrong = |found: String| VaultError::History {
        path: path.clone(),
        found,
    };
    let text = text(vault)?;
    let (mut begun, mut prev): (Vec<(Line, Head)>, _) = (Vec::new(), String::new());
    // What a crash left half was never believed.
    let whole = text
        .rfind('\n')
        .map_or("", |end| text.get(..end).unwrap_or_default());
    for (number, line) in (1..).zip(whole.lines()) {
        let record = serde_json::from_str(line);
        let record: Record =
            record.map_err(|_| wrong(format!("has no record in line {number}")))?;
        let named = match &record {
            Record::Done { prev, .. } => prev,
            Record::Begun(line) => &line.prev,
        };
        if *named != prev {
            return Err(wrong(format!("was changed before line {number}")));
        }
        let hash = hash(line);
        prev = hex::encode(&hash).to_string();
        if let Record::Begun(line) = record {
            begun.push((line, hash));
        }
    }
    let Some(head) = head else {
        return Ok(History {
            lines: Vec::new(),
            cut_off: begun.len(),
        });
    };
    let place = begun.iter().position(|(_, hash)| *hash == head);
    let place = place.ok_or_else(|| wrong("does not lead to the vault that is here".to_owned()))?;
    let all = begun.len();
    let mut lines: Vec<Line> = begun.into_iter().map(|(line, _)| line).collect();
    lines.truncate(place.saturating_add(1));
    // A save that did not happen is followed by another one of the same generation.
    let next = lines.iter().skip(1).map(|line| line.generation);
    let next: Vec<u64> = next.chain([u64::MAX]).collect();
    let mut next = next.into_iter();
    lines.retain(|line| next.next().is_some_and(|next| next > line.generation));
    Ok(History {
        cut_off: all.saturating_sub(lines.len()),
        lines,
    })
}

fn append(lock: &disk::Lock, vault: &Path, record: &Record) -> Result<Head, VaultError> {
    let line = serde_json::to_string(record).map_err(|error| VaultError::Internal {
        action: "write its history",
        detail: error.to_string(),
    })?;
    lock.append(&path(vault), &line)?;
    Ok(hash(&line))
}

/// The hash of the last whole line, as hex digits; empty when there is none.
fn last(vault: &Path) -> Result<String, VaultError> {
    let text = text(vault)?;
    let whole = text
        .rfind('\n')
        .map_or("", |end| text.get(..end).unwrap_or_default());
    let last = whole.rsplit('\n').next().filter(|line| !line.is_empty());
    Ok(last.map_or_else(String::new, |line| hex::encode(&hash(line)).to_string()))
}

fn hash(line: &str) -> Head {
    Sha256::digest(line.as_bytes()).into()
}

fn text(vault: &Path) -> Result<String, VaultError> {
    let path = path(vault);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(text),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(VaultError::io(path, "read the vault's history")(error)),
    }
}

/// `vault.log` for `vault.json`.
fn path(vault: &Path) -> PathBuf {
    vault.with_extension("log")
}
