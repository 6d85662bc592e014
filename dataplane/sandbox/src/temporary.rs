//! The private temporary directory of a server: made before it starts, removed after it ended.
//! Leaves alone what another living process uses.

use std::fs::{self, File};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::sync::Once;
use std::time::Duration;

use rustix::fs::FlockOperation;
use tempfile::TempDir;

use crate::error::Error;

/// How names of these directories begin.
const PREFIX: &str = "varistor-sandbox-";
/// Age from which an unlocked directory is one that was left: far more than it takes to lock it.
const LEFT_AFTER: Duration = Duration::from_secs(60);

/// The private temporary directory of a server, which is removed when this value is dropped.
#[derive(Debug)]
pub struct Temporary {
    directory: TempDir,
    /// Locked while the directory is in use, also in the eyes of processes that can't see ours.
    _lock: File,
}

impl Temporary {
    /// Makes a directory of mode 0700, after removing those that a killed gateway left.
    pub(crate) fn make() -> Result<Self, Error> {
        static SWEPT: Once = Once::new();
        let root = std::env::temp_dir();
        SWEPT.call_once(|| sweep(&root, LEFT_AFTER));
        Self::make_in(&root).map_err(Error::io("the private temporary directory can't be made"))
    }

    fn make_in(root: &Path) -> std::io::Result<Self> {
        let directory = tempfile::Builder::new()
            .prefix(PREFIX)
            .permissions(fs::Permissions::from_mode(0o700))
            .tempdir_in(root)?;
        let lock = File::open(directory.path())?;
        rustix::fs::flock(&lock, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Self {
            directory,
            _lock: lock,
        })
    }

    /// Where it is.
    pub(crate) fn path(&self) -> &Path {
        self.directory.path()
    }
}

/// Removes directories that nobody holds. What can't be removed (another user's) stays.
fn sweep(root: &Path, left_after: Duration) {
    let Ok(entries) = fs::read_dir(root) else {
        return;
    };
    for entry in entries.flatten() {
        let is_ours = entry
            .file_name()
            .to_str()
            .is_some_and(|name| name.starts_with(PREFIX));
        if is_ours && is_left(&entry.path(), left_after) {
            // Another user's, or removed by another gateway meanwhile: not ours to mend.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

fn is_left(path: &Path, left_after: Duration) -> bool {
    let Ok(metadata) = fs::symlink_metadata(path) else {
        return false;
    };
    let age = metadata.modified().ok().and_then(|at| at.elapsed().ok());
    if !metadata.is_dir() || age.is_none_or(|age| age < left_after) {
        return false;
    }
    File::open(path).is_ok_and(|file| {
        rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn directories_that_were_left_are_removed_and_those_in_use_stay() {
        let root = tempfile::tempdir().unwrap();
        let left = root.path().join(format!("{PREFIX}left"));
        let other = root.path().join("somebody");
        for directory in [&left, &other] {
            fs::create_dir(directory).unwrap();
        }
        fs::write(left.join("file"), "x").unwrap();
        let used = Temporary::make_in(root.path()).unwrap();
        sweep(root.path(), Duration::ZERO);
        assert!(!left.exists() && used.path().exists() && other.exists());
    }

    #[test]
    fn a_young_directory_is_not_taken_for_left() {
        let root = tempfile::tempdir().unwrap();
        let young = root.path().join(format!("{PREFIX}young"));
        fs::create_dir(&young).unwrap();
        sweep(root.path(), LEFT_AFTER);
        assert!(young.exists());
    }

    #[test]
    fn it_is_private_and_goes_with_its_value() {
        let made = Temporary::make().unwrap();
        let path = made.path().to_owned();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
        drop(made);
        assert!(!path.exists());
    }
}
