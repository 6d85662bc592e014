//! The journal of approvals: `state/approvals.jsonl`, one entry a line, synced before a released
//! call goes on. It is written anew when most of it is over.
//!
//! Refuses to take half of a damaged journal for the truth: a release whose use got lost would
//! pass twice. A last line without its end is what a crash leaves, and is cut off.

use std::fs;
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use varistor_approvals::{Book, Entry};

use crate::log;

/// The journal, open at its end.
pub(crate) struct File {
    path: PathBuf,
    file: fs::File,
    /// Bytes of whole lines.
    bytes: u64,
    /// Bytes when it was last written anew.
    compact: u64,
    /// Whether a write failed half-way.
    torn: bool,
}

/// A journal this much longer than what it leads to is written anew, in bytes.
const SURPLUS_BYTES: u64 = 1 << 20;

/// Opens the journal of a directory, and what it leads to.
pub(crate) fn open(dir: &Path) -> io::Result<(File, Book)> {
    let path = dir.join("state/approvals.jsonl");
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    let whole = text.iter().rposition(|byte| *byte == b'\n');
    let whole = whole.map_or(0, |at| at.saturating_add(1));
    let lines = text.get(..whole).unwrap_or_default();
    let mut book = Book::default();
    let entries: Result<Vec<Entry>, _> = lines
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(serde_json::from_slice)
        .collect();
    match entries {
        Ok(entries) => entries.iter().for_each(|entry| book.apply(entry)),
        Err(error) => {
            let aside = path.with_extension("damaged");
            fs::rename(&path, &aside)?;
            log::error(format_args!(
                "{}: {error}; it is kept as {}. All held and released calls are forgotten: agents \
                 ask again",
                path.display(),
                aside.display()
            ));
        }
    }
    let file = anew(&path, &book.entries())?;
    Ok((file, book))
}

impl File {
    /// Appends entries and syncs them. `all` are the entries that lead to where things are.
    pub(crate) fn write(
        &mut self,
        entries: &[Entry],
        all: impl FnOnce() -> Vec<Entry>,
    ) -> io::Result<()> {
        if entries.is_empty() {
            return Ok(());
        }
        if self.torn || self.bytes > self.compact.saturating_mul(2).saturating_add(SURPLUS_BYTES) {
            // What was entered meanwhile is in it too, and may stand twice.
            *self = anew(&self.path, &all())?;
            return Ok(());
        }
        let text = lines(entries)?;
        let written = self
            .file
            .write_all(&text)
            .and_then(|()| self.file.sync_data());
        self.torn = written.is_err();
        self.bytes = self.bytes.saturating_add(text.len() as u64);
        written
    }
}

/// Writes a journal of these entries in the place of the one that is there.
fn anew(path: &Path, entries: &[Entry]) -> io::Result<File> {
    let next = path.with_extension("next");
    let text = lines(entries)?;
    let mut file = fs::OpenOptions::new()
        .create(true)
        .truncate(true)
        .write(true)
        .mode(0o600)
        .open(&next)?;
    file.write_all(&text)?;
    file.sync_all()?;
    fs::rename(&next, path)?;
    if let Some(folder) = path.parent() {
        fs::File::open(folder)?.sync_all()?;
    }
    let bytes = text.len() as u64;
    Ok(File {
        path: path.to_owned(),
        file,
        bytes,
        compact: bytes,
        torn: false,
    })
}

fn lines(entries: &[Entry]) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    for entry in entries {
        serde_json::to_writer(&mut text, entry)?;
        text.push(b'\n');
    }
    Ok(text)
}
