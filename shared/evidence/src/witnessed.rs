//! Heads that witnesses have cosigned: the file `witnessed`, notes like those of `heads`, with the
//! witnesses' signatures below the log's.

use std::fs::OpenOptions;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use crate::checkpoint::Checkpoint;
use crate::heads::{Found, Notes};
use crate::keychain::Keychain;
use crate::note::{Note, VerifierKey};

/// The name of the file.
pub const FILE: &str = "witnessed";

fn path(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

/// Adds a cosigned head.
///
/// # Errors
/// When the file can't be written.
pub fn add(dir: &Path, note: &Note) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path(dir))?;
    file.write_all(format!("{note}\n").as_bytes())?;
    file.sync_data()
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

/// The largest head that the log's keys and all of `witnesses` have signed, and the earliest time
/// that those name. `None` when nobody is asked for.
///
/// # Errors
/// When the file can't be read.
pub fn newest(
    dir: &Path,
    chain: &Keychain,
    witnesses: &[VerifierKey],
) -> io::Result<Option<(Checkpoint, u64)>> {
    let mut newest: Option<(Checkpoint, u64)> = None;
    if witnesses.is_empty() {
        return Ok(None);
    }
    each(dir, |note| {
        let Some(head) = Checkpoint::parse(&note.text) else {
            return;
        };
        let times: Option<Vec<u64>> = witnesses.iter().map(|key| note.signed_by(key)).collect();
        let time = times.and_then(|times| times.into_iter().min());
        let larger = newest
            .as_ref()
            .is_none_or(|(before, _)| before.size < head.size);
        if let Some(time) = time.filter(|_| larger && chain.holds(&note, &head)) {
            newest = Some((head, time));
        }
    })?;
    Ok(newest)
}
