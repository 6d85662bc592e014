//! Heads that witnesses have cosigned: the file `witnessed`, notes like those of `heads`, with the
//! witnesses' signatures below the log's.

use std::collections::BTreeMap;
use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::checkpoint::Checkpoint;
use crate::heads::{Found, Notes};
use crate::keychain::Keychain;
use crate::note::{Note, Signature, VerifierKey};
use crate::witness::replace;

/// The name of the file.
pub const FILE: &str = "witnessed";
/// A file that is longer is written anew, without what says nothing more: some 2,000 heads.
const FILE_BYTES_MAX: u64 = 1 << 20;

fn path(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

/// Adds a cosigned head. Of a file that has become long, each witness's newest head stays: it says
/// all that those before it said.
///
/// # Errors
/// When the file can't be written.
pub fn add(dir: &Path, note: &Note) -> io::Result<()> {
    let path = path(dir);
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(&path)?;
    file.write_all(format!("{note}\n").as_bytes())?;
    file.sync_data()?;
    if file.metadata()?.len() > FILE_BYTES_MAX {
        let kept = newest_notes(dir)?;
        let text: String = kept.iter().map(|note| format!("{note}\n")).collect();
        replace(&path, &text)?;
    }
    Ok(())
}

/// Of each witness, the note of its largest head. Whether they are signed is not asked.
fn newest_notes(dir: &Path) -> io::Result<Vec<Note>> {
    let mut newest: BTreeMap<(String, [u8; 4]), (u64, Note)> = BTreeMap::new();
    each(dir, |note| {
        let Some(head) = Checkpoint::parse(&note.text) else {
            return;
        };
        // The log's own keys bear its name, and change every quarter of an hour.
        let others = note
            .signatures
            .iter()
            .filter(|line| line.name != head.origin);
        for line in others {
            let kept = newest.entry((line.name.clone(), line.id));
            let kept = kept.or_insert_with(|| (head.size, note.clone()));
            if kept.0 <= head.size {
                *kept = (head.size, note.clone());
            }
        }
    })?;
    let mut notes: Vec<_> = newest.into_values().collect();
    notes.sort_by_key(|(size, _)| *size);
    notes.dedup_by(|a, b| a.1 == b.1);
    Ok(notes.into_iter().map(|(_, note)| note).collect())
}

/// All heads in the order in which they were cosigned; what can't be read is passed over.
///
/// # Errors
/// When the file can't be read.
pub fn each(dir: &Path, mut each: impl FnMut(Note)) -> io::Result<()> {
    let file = match std::fs::File::open(path(dir)) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    let mut notes = Notes::new(io::BufReader::new(file));
    while let Some(found) = notes.read()? {
        if let Found::Note(note) = found {
            each(note);
        }
    }
    Ok(())
}

/// Of each of `witnesses`, the largest head that it and the log's keys have signed, and the time
/// that it names.
///
/// # Errors
/// When the file can't be read.
pub fn by_each(
    dir: &Path,
    chain: &Keychain,
    witnesses: &[VerifierKey],
) -> io::Result<Vec<Option<(Checkpoint, u64)>>> {
    let mut named: Vec<Vec<(Checkpoint, Note)>> = vec![Vec::new(); witnesses.len()];
    each(dir, |note| {
        let Some(head) = Checkpoint::parse(&note.text) else {
            return;
        };
        for (witness, notes) in witnesses.iter().zip(&mut named) {
            let is_theirs =
                |line: &Signature| line.name == witness.name() && line.id == witness.id();
            if note.signatures.iter().any(is_theirs) {
                notes.push((head.clone(), note.clone()));
            }
        }
    })?;
    let newest = witnesses.iter().zip(named).map(|(witness, mut notes)| {
        // The largest first: most often one signature is all there is to check.
        notes.sort_by_key(|(head, _)| core::cmp::Reverse(head.size));
        notes.into_iter().find_map(|(head, note)| {
            let time = note.signed_by(witness)?;
            chain.holds(&note, &head).then_some((head, time))
        })
    });
    Ok(newest.collect())
}

/// The largest head of what `quorum` of some witnesses have cosigned each: the others of these
/// many have cosigned later ones, which hold it. With the earliest time that one of them names.
/// `None` when nobody is asked for.
#[must_use]
pub fn agreed(newest: &[Option<(Checkpoint, u64)>], quorum: usize) -> Option<(Checkpoint, u64)> {
    let mut heads: Vec<_> = newest.iter().flatten().collect();
    heads.sort_by_key(|(head, _)| core::cmp::Reverse(head.size));
    let heads = heads.get(..quorum).filter(|heads| !heads.is_empty())?;
    let time = heads.iter().map(|(_, time)| *time).min()?;
    let (smallest, _) = heads.last()?;
    Some((smallest.clone(), time))
}

/// What [`agreed`] says of a log's file.
///
/// # Errors
/// When the file can't be read.
pub fn newest(
    dir: &Path,
    chain: &Keychain,
    (witnesses, quorum): (&[VerifierKey], usize),
) -> io::Result<Option<(Checkpoint, u64)>> {
    if witnesses.is_empty() {
        return Ok(None);
    }
    Ok(agreed(&by_each(dir, chain, witnesses)?, quorum))
}
