//! Replaces a file so that a crash at any point leaves the old one or the new one, never neither.
//!
//! Written under another name (mode 0600), synced, renamed, the directory synced. A file that a
//! crash leaves behind under its other name is never read.

use std::ffi::OsString;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use crate::{VaultError, hex};

/// Fills with randomness of the system.
pub(crate) fn random(bytes: &mut [u8]) -> Result<(), VaultError> {
    getrandom::fill(bytes).map_err(|error| VaultError::Internal {
        action: "draw random bytes",
        detail: error.to_string(),
    })
}

/// Keeps other writers of this directory out until it is dropped.
pub(crate) struct Lock {
    directory: File,
}

impl Lock {
    /// Waits for the directory of `path`.
    pub(crate) fn around(path: &Path) -> Result<Self, VaultError> {
        let parent = directory_of(path);
        let directory = File::open(parent).map_err(VaultError::io(parent, "open the directory"))?;
        directory
            .lock()
            .map_err(VaultError::io(parent, "lock the directory"))?;
        Ok(Self { directory })
    }

    /// Appends a line to a file (mode 0600) and syncs it. A line that a crash left half goes
    /// first: whatever it was to say did not happen.
    pub(crate) fn append(&self, path: &Path, line: &str) -> Result<(), VaultError> {
        let write = || -> io::Result<()> {
            let mut options = OpenOptions::new();
            let options = options.read(true).write(true).create(true).mode(0o600);
            let mut file = options.truncate(false).open(path)?;
            let mut had = Vec::new();
            file.read_to_end(&mut had)?;
            let whole = had.iter().rposition(|byte| *byte == b'\n');
            let whole = whole.map_or(0, |at| at.saturating_add(1));
            let whole = u64::try_from(whole).map_err(io::Error::other)?;
            file.set_len(whole)?;
            file.seek(SeekFrom::Start(whole))?;
            file.write_all(format!("{line}\n").as_bytes())?;
            file.sync_all()
        };
        write().map_err(VaultError::io(path, "write the vault's history"))?;
        self.directory
            .sync_all()
            .map_err(VaultError::io(path, "sync the directory of the vault"))
    }

    /// Puts `bytes` in the place of `path`.
    pub(crate) fn replace(&self, path: &Path, bytes: &[u8]) -> Result<(), VaultError> {
        let temporary = beside(path)?;
        write_new(&temporary, bytes)
            .and_then(|()| fs::rename(&temporary, path))
            .map_err(|error| {
                // The error that matters is the first; what is left behind is never read.
                let _ = fs::remove_file(&temporary);
                VaultError::io(path, "save the vault")(error)
            })?;
        self.directory
            .sync_all()
            .map_err(VaultError::io(path, "sync the directory of the vault"))
    }
}

/// Makes the name of a new file survive a power cut.
pub(crate) fn sync_directory_of(path: &Path) -> Result<(), VaultError> {
    let parent = directory_of(path);
    File::open(parent)
        .and_then(|directory| directory.sync_all())
        .map_err(VaultError::io(parent, "sync the directory"))
}

fn directory_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// `.NAME.RANDOM.tmp` in the same directory.
fn beside(path: &Path) -> Result<PathBuf, VaultError> {
    let mut suffix = [0; 8];
    random(&mut suffix)?;
    let mut name = OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", hex::encode(&suffix).as_str()));
    Ok(path.with_file_name(name))
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
