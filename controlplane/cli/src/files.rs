//! Files that must not be seen by others and must never be half written.

use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt, PermissionsExt};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Makes a directory that only its owner may enter; fine if it is there.
pub(crate) fn private_directory(path: &Path) -> anyhow::Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("can't make the directory {}", path.display()))
}

/// Writes a file that is not there yet, with this mode. Refuses to overwrite.
pub(crate) fn create(path: &Path, mode: u32, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(mode)
            .open(path)?;
        file.write_all(bytes)?;
        file.sync_all()
    };
    write().with_context(|| format!("can't create {}", path.display()))
}

/// Replaces a file at once (mode 0600): a crash leaves the old one or the new one.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    replace_with_mode(path, bytes, 0o600)
}

/// As [`replace`], with another mode.
pub(crate) fn replace_with_mode(path: &Path, bytes: &[u8], mode: u32) -> anyhow::Result<()> {
    let write = || -> io::Result<()> {
        let fresh = NamedFile::beside(path)?;
        (&fresh.file).write_all(bytes)?;
        fresh.file.set_permissions(Permissions::from_mode(mode))?;
        fresh.file.sync_all()?;
        std::fs::rename(&fresh.path, path)?;
        sync_parent(path)
    };
    write().with_context(|| format!("can't write {}", path.display()))
}

/// Replaces a file of whoever runs this at once; group and mode stay. A link stays one, what it
/// leads to is replaced. Refuses a file of somebody else.
pub(crate) fn replace_like(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let write = || -> io::Result<()> {
        let path = path.canonicalize()?;
        let had = std::fs::metadata(&path)?;
        let fresh = NamedFile::beside(&path)?;
        let has = fresh.file.metadata()?;
        if had.uid() != has.uid() {
            let what = format!("it is of user {}; run this as that user", had.uid());
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, what));
        }
        (&fresh.file).write_all(bytes)?;
        if had.gid() != has.gid() {
            std::os::unix::fs::fchown(&fresh.file, None, Some(had.gid()))?;
        }
        fresh.file.set_permissions(had.permissions())?;
        fresh.file.sync_all()?;
        std::fs::rename(&fresh.path, &path)?;
        sync_parent(&path)
    };
    write().with_context(|| format!("can't write {}", path.display()))
}

/// A file that is put in its place when it is whole; one that was there stays until then.
#[derive(Debug)]
pub(crate) struct Fresh {
    path: PathBuf,
    file: NamedFile,
}

/// A file that is removed unless it was given its name.
#[derive(Debug)]
struct NamedFile {
    path: PathBuf,
    file: File,
}

impl Fresh {
    /// Begins a file (mode 0600) beside `path`.
    pub(crate) fn begin(path: &Path) -> anyhow::Result<Self> {
        let file = NamedFile::beside(path);
        Ok(Self {
            path: path.to_owned(),
            file: file.with_context(|| format!("can't write {}", path.display()))?,
        })
    }

    /// Writes to it.
    pub(crate) fn writer(&self) -> anyhow::Result<File> {
        let file = self.file.file.try_clone();
        file.with_context(|| format!("can't write {}", self.path.display()))
    }

    /// Puts it in its place.
    pub(crate) fn keep(self) -> anyhow::Result<()> {
        let keep = || -> io::Result<()> {
            self.file.file.sync_all()?;
            std::fs::rename(&self.file.path, &self.path)?;
            sync_parent(&self.path)
        };
        keep().with_context(|| format!("can't write {}", self.path.display()))
    }
}

impl NamedFile {
    /// A new one beside `path` (mode 0600). Nobody can know its name before, so nothing that
    /// somebody has put there is written to.
    fn beside(path: &Path) -> io::Result<Self> {
        let mut random = [0; 8];
        getrandom::fill(&mut random).map_err(io::Error::other)?;
        let mut name = path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{:016x}.new", u64::from_ne_bytes(random)));
        let path = path.with_file_name(name);
        let mut options = OpenOptions::new();
        let file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        Ok(Self { path, file })
    }
}

impl Drop for NamedFile {
    fn drop(&mut self) {
        // It is gone already when it was put in its place.
        let _removed = std::fs::remove_file(&self.path);
    }
}

/// Appends one line to a file (mode 0600) and syncs it.
pub(crate) fn append_line(path: &Path, line: &str) -> anyhow::Result<()> {
    let write = || -> io::Result<()> {
        let mut file = OpenOptions::new()
            .append(true)
            .create(true)
            .mode(0o600)
            .open(path)?;
        file.write_all(format!("{line}\n").as_bytes())?;
        file.sync_all()?;
        sync_parent(path)
    };
    write().with_context(|| format!("can't append to {}", path.display()))
}

/// The bytes of a file, or nothing when there is none.
pub(crate) fn read_if_there(path: &Path) -> anyhow::Result<Option<Vec<u8>>> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("can't read {}", path.display())),
    }
}

/// Removes a file; fine if there is none.
pub(crate) fn remove_if_there(path: &Path) -> anyhow::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("can't remove {}", path.display()))
        }
        _ => Ok(()),
    }
}

fn sync_parent(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => File::open(parent)?.sync_all(),
        _ => File::open(".")?.sync_all(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_there_is_never_overwritten_by_create() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        create(&path, 0o600, b"one").unwrap();
        assert!(create(&path, 0o600, b"two").is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"one");
    }

    #[test]
    fn nothing_that_waits_under_the_name_of_a_fresh_file_is_written_to() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        let other = dir.path().join("other");
        create(&path, 0o600, b"one").unwrap();
        create(&other, 0o600, b"mine").unwrap();
        let guessed = dir.path().join(format!("a.{}.new", std::process::id()));
        std::os::unix::fs::symlink(&other, &guessed).unwrap();
        replace(&path, b"two").unwrap();
        replace_like(&path, b"three").unwrap();
        assert_eq!(std::fs::read(&other).unwrap(), b"mine");
        assert_eq!(std::fs::read(&path).unwrap(), b"three");
    }

    #[test]
    fn a_fresh_file_takes_its_place_only_when_it_is_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        create(&path, 0o644, b"old").unwrap();
        let given_up = Fresh::begin(&path).unwrap();
        given_up.writer().unwrap().write_all(b"half").unwrap();
        drop(given_up);
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        let fresh = Fresh::begin(&path).unwrap();
        fresh.writer().unwrap().write_all(b"new").unwrap();
        fresh.keep().unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }

    #[test]
    fn replaced_files_are_private_and_leave_nothing_behind() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("a");
        replace(&path, b"one").unwrap();
        replace(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600
        );
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 1);
    }
}
