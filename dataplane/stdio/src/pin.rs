//! Whether an executable is the one that the policy was compiled with.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

/// Why an executable is not started.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PinError {
    #[error("{}: {error}", path.display())]
    Unreadable { path: PathBuf, error: io::Error },
    #[error(
        "{}: its SHA-256 is {found}, the policy was compiled with {pinned}; if it was changed on \
         purpose, run `varictl push`",
        path.display()
    )]
    Changed {
        path: PathBuf,
        found: String,
        pinned: String,
    },
}

/// What a file looked like when its content was read last.
///
/// Who writes to a file changes its time of change, which only root can set back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Looks([i64; 7]);

impl Looks {
    fn of(file: &File) -> io::Result<Self> {
        let data = file.metadata()?;
        let number = |number: u64| i64::from_ne_bytes(number.to_ne_bytes());
        Ok(Self([
            number(data.dev()),
            number(data.ino()),
            number(data.size()),
            data.mtime(),
            data.mtime_nsec(),
            data.ctime(),
            data.ctime_nsec(),
        ]))
    }
}

/// Checks the content of an executable, unless it looks as it did when it was last found to be the
/// right one. Reads the whole file: not to be called by a thread that others wait for.
pub(crate) fn check(
    path: &Path,
    pinned: &[u8; 32],
    known: Option<Looks>,
) -> Result<Looks, PinError> {
    let unreadable = |error| PinError::Unreadable {
        path: path.to_owned(),
        error,
    };
    let mut file = File::open(path).map_err(unreadable)?;
    let looks = Looks::of(&file).map_err(unreadable)?;
    if known == Some(looks) {
        return Ok(looks);
    }
    let mut hash = Sha256::new();
    let mut part = vec![0; 256 * 1024];
    loop {
        match file.read(&mut part) {
            Ok(0) => break,
            Ok(count) => hash.update(part.get(..count).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(unreadable(error)),
        }
    }
    let found = hash.finalize();
    if found.as_slice() == pinned {
        return Ok(looks);
    }
    Err(PinError::Changed {
        path: path.to_owned(),
        found: hex(&found),
        pinned: hex(pinned),
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_executable_that_was_changed_is_refused_though_it_was_right_before() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server");
        std::fs::write(&path, "one").unwrap();
        let pinned: [u8; 32] = Sha256::digest(b"one").into();
        let looks = check(&path, &pinned, None).unwrap();
        assert_eq!(check(&path, &pinned, Some(looks)).unwrap(), looks);
        // Same length, same time of modification.
        let times = std::fs::metadata(&path).unwrap().modified().unwrap();
        std::fs::write(&path, "two").unwrap();
        File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_modified(times)
            .unwrap();
        let refused = check(&path, &pinned, Some(looks)).unwrap_err().to_string();
        assert!(refused.contains("varictl push"), "{refused}");
        std::fs::remove_file(&path).unwrap();
        let missing = check(&path, &pinned, Some(looks)).unwrap_err();
        assert!(matches!(missing, PinError::Unreadable { .. }));
    }
}
