//! What the control plane remembers about tokens: issued ones (never the token itself) and
//! revoked ids, as JSON Lines in `state/`.

use std::path::Path;

use anyhow::Context;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use varistor_model::TokenId;

use crate::directory::PolicyDir;
use crate::exit::wrong;
use crate::files;

/// An issued token. Times are seconds since 1970.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Issued {
    /// 32 hex digits.
    pub(crate) id: String,
    pub(crate) organisation: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) team: Option<String>,
    pub(crate) agent: String,
    #[serde(default)]
    pub(crate) roles: Vec<String>,
    #[serde(default)]
    pub(crate) servers: Vec<String>,
    #[serde(default)]
    pub(crate) tools: Vec<String>,
    #[serde(default)]
    pub(crate) limits: Vec<String>,
    pub(crate) issued_unix_s: u64,
    pub(crate) expires_unix_s: u64,
}

/// A revoked id.
#[derive(Clone, Debug, Deserialize, Serialize)]
struct Revoked {
    id: String,
    #[serde(default)]
    revoked_unix_s: u64,
}

/// Remembers an issued token, on the disk before this returns.
pub(crate) fn remember(dir: &PolicyDir, issued: &Issued) -> anyhow::Result<()> {
    append(&dir.state("tokens.jsonl"), issued)
}

/// The issued tokens, oldest first.
pub(crate) fn issued(dir: &PolicyDir) -> anyhow::Result<Vec<Issued>> {
    read(&dir.state("tokens.jsonl"))
}

/// Adds an id to the revoked ones, on the disk before this returns; says whether it was new.
pub(crate) fn revoke(dir: &PolicyDir, id: TokenId, now_unix_s: u64) -> anyhow::Result<bool> {
    if revoked(dir)?.contains(&id) {
        return Ok(false);
    }
    let entry = Revoked {
        id: id.to_string(),
        revoked_unix_s: now_unix_s,
    };
    append(&dir.state("revoked.jsonl"), &entry)?;
    Ok(true)
}

/// The revoked ids.
pub(crate) fn revoked(dir: &PolicyDir) -> anyhow::Result<Vec<TokenId>> {
    let path = dir.state("revoked.jsonl");
    let entries: Vec<Revoked> = read(&path)?;
    let id = |entry: &Revoked| {
        TokenId::from_hex(&entry.id).ok_or_else(|| {
            wrong(format!(
                "{}: `{}` is no token id (32 hex digits)",
                path.display(),
                entry.id
            ))
        })
    };
    entries.iter().map(id).collect()
}

fn append<T: Serialize>(path: &Path, entry: &T) -> anyhow::Result<()> {
    if let Some(parent) = path.parent() {
        files::private_directory(parent)?;
    }
    let line = serde_json::to_string(entry).context("the entry can't be put into JSON")?;
    files::append_line(path, &line)
}

fn read<T: DeserializeOwned>(path: &Path) -> anyhow::Result<Vec<T>> {
    let Some(bytes) = files::read_if_there(path)? else {
        return Ok(Vec::new());
    };
    let lines = bytes.split(|byte| *byte == b'\n').enumerate();
    lines
        .filter(|(_, line)| !line.is_empty())
        .map(|(index, line)| {
            serde_json::from_slice(line).map_err(|error| {
                let path = path.display();
                wrong(format!(
                    "{path}:{}: unreadable entry ({error}); mend the line",
                    index + 1
                ))
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revoked_id_is_written_once_and_read_back() {
        let root = tempfile::tempdir().unwrap();
        let dir = PolicyDir::at(root.path());
        let id = TokenId([7; 16]);
        assert!(revoke(&dir, id, 1).unwrap());
        assert!(!revoke(&dir, id, 2).unwrap());
        assert_eq!(revoked(&dir).unwrap(), [id]);
    }

    #[test]
    fn a_damaged_list_of_revoked_ids_is_refused_with_its_line() {
        let root = tempfile::tempdir().unwrap();
        let dir = PolicyDir::at(root.path());
        std::fs::create_dir(root.path().join("state")).unwrap();
        std::fs::write(dir.state("revoked.jsonl"), "{\"id\":\"xyz\"}\n").unwrap();
        assert!(revoked(&dir).unwrap_err().to_string().contains("xyz"));
        std::fs::write(dir.state("revoked.jsonl"), "\n{\"id\":").unwrap();
        assert!(
            revoked(&dir)
                .unwrap_err()
                .to_string()
                .contains("revoked.jsonl:2")
        );
    }
}
