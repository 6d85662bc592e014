//! What imports have done, so that each can be taken back: one file each in `state/imports`,
//! written before anything else is, and again when it is done.

use std::path::PathBuf;

use anyhow::Context;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use crate::directory::PolicyDir;
use crate::exit::wrong;
use crate::files;

/// How far an import is.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Stage {
    /// Something of it may be there.
    Begun,
    /// All of it is.
    Done,
    /// Nothing of it is there any more.
    Undone,
}

/// What a client's file says of an import that was cut off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// It was not written yet.
    Before,
    /// It was.
    After,
    /// It is gone, or another one altogether.
    Unclear,
}

/// One import of one file.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct Entry {
    /// Its number, from 1.
    pub(super) number: u64,
    /// The number of the first import of the same run.
    pub(super) run: u64,
    pub(super) stage: Stage,
    pub(super) begun_unix_s: u64,
    pub(super) client: String,
    /// The client's file.
    pub(super) file: PathBuf,
    /// SHA-256 of it before and after, as hex digits.
    pub(super) before: String,
    pub(super) after: String,
    /// The servers that moved, as keys from the top of the file.
    pub(super) at: Vec<Vec<String>>,
    pub(super) policy: String,
    pub(super) policy_digest: String,
    pub(super) secrets: Vec<String>,
    pub(super) caches: Vec<PathBuf>,
    pub(super) token_file: PathBuf,
    /// The token's id, once it is issued.
    #[serde(default)]
    pub(super) token: Option<String>,
}

impl Entry {
    /// Writes it, on the disk before this returns.
    pub(super) fn save(&self, dir: &PolicyDir) -> anyhow::Result<()> {
        files::private_directory(&dir.state("imports"))?;
        let text = serde_json::to_vec_pretty(self).context("the entry can't be put into JSON")?;
        files::replace(&path(dir, self.number, "json"), &text)
    }

    /// What the client's file says of this import.
    pub(super) fn found(&self) -> anyhow::Result<Found> {
        let Some(now) = files::read_if_there(&self.file)? else {
            return Ok(Found::Unclear);
        };
        let now_digest = digest(&now);
        if now_digest == self.before {
            return Ok(Found::Before);
        }
        // The client may have written to the file since; it starts what is named there.
        let token_file = self.token_file.to_string_lossy();
        let quoted = serde_json::to_string(&token_file).unwrap_or_default();
        let text = String::from_utf8_lossy(&now);
        let names = text.contains(quoted.trim_matches('"')) || text.contains(&*token_file);
        Ok(match now_digest == self.after || names {
            true => Found::After,
            false => Found::Unclear,
        })
    }

    /// Where the file as it was is kept, sealed.
    pub(super) fn backup(&self, dir: &PolicyDir) -> PathBuf {
        path(dir, self.number, "backup")
    }
}

/// All imports, oldest first.
pub(super) fn all(dir: &PolicyDir) -> anyhow::Result<Vec<Entry>> {
    let folder = dir.state("imports");
    let mut entries = Vec::new();
    if !folder.is_dir() {
        return Ok(entries);
    }
    for file in std::fs::read_dir(&folder)? {
        let path = file?.path();
        if path.extension().is_none_or(|end| end != "json") {
            continue;
        }
        let bytes =
            std::fs::read(&path).with_context(|| format!("can't read {}", path.display()))?;
        let entry: Entry = serde_json::from_slice(&bytes).map_err(|error| {
            let path = path.display();
            wrong(format!(
                "{path} is no record of an import ({error}); move it away"
            ))
        })?;
        entries.push(entry);
    }
    entries.sort_by_key(|entry| entry.number);
    Ok(entries)
}

/// The number of the next import.
pub(super) fn next(entries: &[Entry]) -> u64 {
    let last = entries.last().map_or(0, |entry| entry.number);
    last.saturating_add(1)
}

/// SHA-256 as hex digits.
pub(super) fn digest(bytes: &[u8]) -> String {
    let digits = Sha256::digest(bytes);
    digits.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn path(dir: &PolicyDir, number: u64, end: &str) -> PathBuf {
    dir.state("imports").join(format!("{number:04}.{end}"))
}
