//! The generations of a policy directory: their numbers, their files, and which one is current.
//!
//! A number is given out once, even if what was to carry it fails, and by one `varictl` at a time.

use std::fs::{File, OpenOptions};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use varistor_snapshot::Snapshot;
use varistor_snapshot::schema::Policy;

use crate::directory::PolicyDir;
use crate::exit::wrong;
use crate::{files, keys};

/// Generations that are kept for `rollback`; older files are removed. At the 0.4 MB of a pattern
/// database each, these are 40 MB.
const KEPT_MAX: usize = 100;

/// The generations of one directory, held by this process alone while it lives.
pub(crate) struct Snapshots<'a> {
    dir: &'a PolicyDir,
    _lock: File,
}

/// A snapshot that was sealed and kept under its number.
pub(crate) struct Sealed {
    /// Its number.
    pub(crate) generation: u64,
    /// The file's bytes.
    pub(crate) bytes: Vec<u8>,
}

impl<'a> Snapshots<'a> {
    /// Waits for any other `varictl` that works on this directory.
    pub(crate) fn lock(dir: &'a PolicyDir) -> anyhow::Result<Self> {
        files::private_directory(&dir.state("snapshots"))?;
        let path = dir.state("lock");
        let lock = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&path)
            .and_then(|file| file.lock().map(|()| file))
            .with_context(|| format!("can't lock {}", path.display()))?;
        Ok(Self { dir, _lock: lock })
    }

    /// A number that was never given out before; it is on the disk before it is returned.
    pub(crate) fn take_generation(&self) -> anyhow::Result<u64> {
        let path = self.dir.state("generation");
        let counted = match files::read_if_there(&path)? {
            None => 0,
            Some(bytes) => parse_generation(&bytes).ok_or_else(|| {
                let path = path.display();
                wrong(format!(
                    "{path} holds no generation; write a number into it that is at least the \
                     generation that `varictl status` shows"
                ))
            })?,
        };
        // A counter that was lost goes on from what is served, if that can be read.
        let current = current(self.dir).ok().flatten();
        let served = current.map_or(0, |snapshot| snapshot.generation());
        let kept = list(self.dir)?.last().copied().unwrap_or(0);
        let newest = counted.max(kept).max(served);
        let next = newest
            .checked_add(1)
            .context("the generations are used up")?;
        files::replace(&path, format!("{next}\n").as_bytes())?;
        Ok(next)
    }

    /// Signs a policy and keeps it among the generations; it is not current yet.
    pub(crate) fn seal(&self, policy: &Policy) -> anyhow::Result<Sealed> {
        let signer = keys::snapshot_signer(self.dir)?;
        let bytes = varistor_snapshot::seal(policy, &signer)?;
        files::replace(&path(self.dir, policy.generation), &bytes)?;
        self.forget_oldest()?;
        Ok(Sealed {
            generation: policy.generation,
            bytes,
        })
    }

    fn forget_oldest(&self) -> anyhow::Result<()> {
        let kept = list(self.dir)?;
        let surplus = kept.len().saturating_sub(KEPT_MAX);
        for generation in kept.into_iter().take(surplus) {
            let path = path(self.dir, generation);
            std::fs::remove_file(&path)
                .with_context(|| format!("can't remove {}", path.display()))?;
        }
        Ok(())
    }

    /// From now on a starting gateway loads this one.
    pub(crate) fn make_current(&self, sealed: &Sealed) -> anyhow::Result<()> {
        files::replace(&self.dir.current(), &sealed.bytes)
    }
}

/// The snapshot that a starting gateway loads, verified; nothing when there is none yet.
pub(crate) fn current(dir: &PolicyDir) -> anyhow::Result<Option<Snapshot>> {
    let path = dir.current();
    match files::read_if_there(&path)? {
        None => Ok(None),
        Some(bytes) => verified(dir, &path, &bytes).map(Some),
    }
}

/// A kept generation, verified.
pub(crate) fn load(dir: &PolicyDir, generation: u64) -> anyhow::Result<Snapshot> {
    let path = path(dir, generation);
    match files::read_if_there(&path)? {
        Some(bytes) => verified(dir, &path, &bytes),
        None => {
            let kept: Vec<_> = list(dir)?.iter().map(ToString::to_string).collect();
            let kept = if kept.is_empty() {
                "none".to_owned()
            } else {
                kept.join(", ")
            };
            Err(wrong(format!(
                "generation {generation} is not kept; there is {kept}"
            )))
        }
    }
}

/// A snapshot file anywhere, verified with this directory's key.
pub(crate) fn load_file(dir: &PolicyDir, path: &Path) -> anyhow::Result<Snapshot> {
    let bytes = std::fs::read(path).with_context(|| format!("can't read {}", path.display()))?;
    verified(dir, path, &bytes)
}

/// The kept generations, lowest first.
pub(crate) fn list(dir: &PolicyDir) -> anyhow::Result<Vec<u64>> {
    let folder = dir.state("snapshots");
    let entries = match std::fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => {
            return Err(error).with_context(|| format!("can't list {}", folder.display()));
        }
    };
    let mut generations = Vec::new();
    for entry in entries {
        let name = entry
            .with_context(|| format!("can't list {}", folder.display()))?
            .file_name();
        let number = name
            .to_str()
            .and_then(|name| name.strip_suffix(".snapshot"));
        generations.extend(number.and_then(|number| parse_generation(number.as_bytes())));
    }
    generations.sort_unstable();
    Ok(generations)
}

/// The rows of a snapshot as they were before they were sealed.
pub(crate) fn policy_of(snapshot: &Snapshot) -> anyhow::Result<Policy> {
    rkyv::deserialize::<Policy, rkyv::rancor::Error>(snapshot.policy())
        .context("the snapshot's rows can't be read back")
}

fn verified(dir: &PolicyDir, path: &Path, bytes: &[u8]) -> anyhow::Result<Snapshot> {
    let keys = keys::snapshot_verifiers(dir)?;
    Snapshot::open(bytes, &keys, None).with_context(|| format!("can't use {}", path.display()))
}

fn path(dir: &PolicyDir, generation: u64) -> PathBuf {
    dir.state("snapshots")
        .join(format!("{generation}.snapshot"))
}

fn parse_generation(bytes: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(bytes).ok()?.trim();
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generation_is_given_out_once_even_when_its_file_is_gone() {
        let root = tempfile::tempdir().unwrap();
        let dir = PolicyDir::at(root.path());
        let snapshots = Snapshots::lock(&dir).unwrap();
        assert_eq!(snapshots.take_generation().unwrap(), 1);
        assert_eq!(snapshots.take_generation().unwrap(), 2);
        std::fs::write(dir.state("snapshots").join("7.snapshot"), b"").unwrap();
        assert_eq!(snapshots.take_generation().unwrap(), 8);
        std::fs::remove_file(dir.state("snapshots").join("7.snapshot")).unwrap();
        assert_eq!(snapshots.take_generation().unwrap(), 9);
    }

    #[test]
    fn only_so_many_generations_are_kept() {
        let root = tempfile::tempdir().unwrap();
        let dir = PolicyDir::at(root.path());
        let snapshots = Snapshots::lock(&dir).unwrap();
        for generation in 1..=KEPT_MAX + 2 {
            std::fs::write(path(&dir, generation as u64), b"").unwrap();
        }
        snapshots.forget_oldest().unwrap();
        let kept = list(&dir).unwrap();
        assert_eq!((kept.len(), kept.first()), (KEPT_MAX, Some(&3)));
    }

    #[test]
    fn a_damaged_counter_is_refused_rather_than_begun_anew() {
        let root = tempfile::tempdir().unwrap();
        let dir = PolicyDir::at(root.path());
        let snapshots = Snapshots::lock(&dir).unwrap();
        for damaged in ["", "x", "-1", "+5"] {
            std::fs::write(dir.state("generation"), damaged).unwrap();
            assert!(snapshots.take_generation().is_err(), "{damaged}");
        }
    }
}
