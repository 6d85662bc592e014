//! Public keys and checkpoints that a verifier brings along: as text, or in a file.

use std::path::{Path, PathBuf};

use anyhow::Context;
use varistor_evidence::{Note, VerifierKey};

use crate::directory::PolicyDir;
use crate::exit::wrong;

/// Where the policy directory keeps the first key of its log.
const ANCHOR: &str = "audit.vkey";

/// A key that was named: itself, or the file that holds it.
pub(super) fn key(named: &str) -> anyhow::Result<VerifierKey> {
    if let Ok(key) = named.parse() {
        return Ok(key);
    }
    let text = std::fs::read_to_string(named).map_err(|error| {
        wrong(format!(
            "{named} is neither a key nor a readable file: {error}"
        ))
    })?;
    let first = text.lines().find(|line| !line.trim().is_empty());
    let parsed = first.unwrap_or_default().parse::<VerifierKey>();
    parsed.map_err(|error| wrong(format!("{named}: {error}")))
}

/// The anchor that was named, else the one that the policy directory keeps.
pub(super) fn anchor(
    named: Option<&str>,
    dir: Option<&PolicyDir>,
) -> anyhow::Result<Option<VerifierKey>> {
    if let Some(named) = named {
        return key(named).map(Some);
    }
    let kept = dir
        .map(|dir| dir.state(ANCHOR))
        .filter(|path| path.exists());
    kept.map(|path| key(&path.to_string_lossy())).transpose()
}

/// Checkpoints from files.
pub(super) fn checkpoints(files: &[PathBuf]) -> anyhow::Result<Vec<Note>> {
    let mut notes = Vec::new();
    for path in files {
        let text = read(path)?;
        let found = varistor_evidence::note::split(&text);
        let found = found.map(|note| note.ok().and_then(|(_, note)| Note::parse(note)));
        let found: Option<Vec<Note>> = found.collect();
        match found.filter(|found| !found.is_empty()) {
            Some(found) => notes.extend(found),
            None => {
                let path = path.display();
                return Err(wrong(format!(
                    "{path} holds no checkpoint; expected a C2SP tlog-checkpoint"
                )));
            }
        }
    }
    Ok(notes)
}

pub(super) fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
}
