//! Where salts are kept: files of 32-byte salts, named by the number of their first one. A salt
//! is on the device before its number is given out. Erased is what is overwritten by zeros.
//!
//! Refuses to give a number out twice: two values under one salt could be compared.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use crate::commitment::SALT_BYTES;

/// The ending of the files' names.
const EXTENSION: &str = "salts";
/// Digits of a name, as of the log's segments.
const DIGITS: usize = 20;
const SALT: u64 = SALT_BYTES as u64;

/// The open end of the salts in a directory.
#[derive(Debug)]
pub struct Salts {
    dir: PathBuf,
    next: u64,
}

/// What became of a salt.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    /// It is there.
    Kept(Zeroizing<[u8; SALT_BYTES]>),
    /// It was erased.
    Erased,
    /// There is none of this number.
    Absent,
}

impl Salts {
    /// Opens the directory, which is made when it is missing.
    ///
    /// # Errors
    /// When it can't be made or read.
    pub fn open(dir: &Path) -> io::Result<Self> {
        fs::DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(dir)?;
        let next = match files(dir)?.last() {
            None => 0,
            Some(first) => {
                let length = fs::metadata(path(dir, *first))?.len();
                // A name stays used when its file is emptied.
                first
                    .saturating_add(length.div_ceil(SALT))
                    .saturating_add(u64::from(length == 0))
            }
        };
        let dir = dir.to_owned();
        Ok(Self { dir, next })
    }

    /// Whether there were salts before.
    #[must_use]
    pub const fn is_begun(&self) -> bool {
        self.next > 0
    }

    /// Keeps these salts, one after the other; the number of the first.
    ///
    /// # Errors
    /// When they can't be written or synced: none of them may be used then.
    pub fn add(&mut self, salts: &[u8]) -> io::Result<u64> {
        let first = self.next;
        let path = path(&self.dir, first);
        let file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(&path)?;
        let count = (salts.len() as u64).div_ceil(SALT);
        // Also after a failure, a number is not used again.
        self.next = first.saturating_add(count.max(1));
        let kept = file.write_all_at(salts, 0).and_then(|()| {
            file.sync_all()?;
            File::open(&self.dir)?.sync_all()
        });
        if kept.is_err() {
            // On a full disk each attempt would leave another one.
            let _left = fs::remove_file(&path);
        }
        kept.map(|()| first)
    }

    /// Gives room back: salts from this number on were not used and never will be.
    ///
    /// # Errors
    /// When a file can't be cut.
    pub fn trim(&self, from: u64) -> io::Result<()> {
        for first in files(&self.dir)?.into_iter().rev() {
            let path = path(&self.dir, first);
            let length = fs::metadata(&path)?.len();
            let kept = from.saturating_sub(first).saturating_mul(SALT);
            if kept < length {
                OpenOptions::new().write(true).open(&path)?.set_len(kept)?;
            }
            if first <= from {
                break;
            }
        }
        Ok(())
    }
}

/// Looks a salt up.
///
/// # Errors
/// When a file can't be read.
pub fn find(dir: &Path, number: u64) -> io::Result<Found> {
    let Some((path, offset)) = place(dir, number)? else {
        return Ok(Found::Absent);
    };
    let mut salt = Zeroizing::new([0; SALT_BYTES]);
    match File::open(path)?.read_exact_at(&mut *salt, offset) {
        Ok(()) if *salt == [0; SALT_BYTES] => Ok(Found::Erased),
        Ok(()) => Ok(Found::Kept(salt)),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(Found::Absent),
        Err(error) => Err(error),
    }
}

/// Erases a salt, on the device when this returns: what was committed under it is forgotten.
/// Whether it was there.
///
/// # Errors
/// When its file can't be written or synced.
pub fn erase(dir: &Path, number: u64) -> io::Result<bool> {
    if !matches!(find(dir, number)?, Found::Kept(_)) {
        return Ok(false);
    }
    let Some((path, offset)) = place(dir, number)? else {
        return Ok(false);
    };
    let file = OpenOptions::new().write(true).open(path)?;
    file.write_all_at(&[0; SALT_BYTES], offset)?;
    file.sync_data()?;
    Ok(true)
}

fn place(dir: &Path, number: u64) -> io::Result<Option<(PathBuf, u64)>> {
    let firsts = files(dir)?;
    let first = firsts.iter().rev().find(|first| **first <= number);
    Ok(first.map(|first| {
        let offset = number.saturating_sub(*first).saturating_mul(SALT);
        (path(dir, *first), offset)
    }))
}

fn path(dir: &Path, first: u64) -> PathBuf {
    dir.join(format!("{first:0DIGITS$}"))
        .with_extension(EXTENSION)
}

/// The numbers of the files' first salts, in order.
fn files(dir: &Path) -> io::Result<Vec<u64>> {
    let mut firsts = Vec::new();
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(firsts),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let name = PathBuf::from(entry?.file_name());
        let is_ours = name.extension().is_some_and(|ending| ending == EXTENSION);
        let digits = name.file_stem().and_then(|stem| stem.to_str());
        let digits = digits.filter(|digits| is_ours && digits.len() == DIGITS);
        firsts.extend(digits.and_then(|digits| digits.parse::<u64>().ok()));
    }
    firsts.sort_unstable();
    Ok(firsts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn some(count: u8, from: u8) -> Vec<u8> {
        (0..count).flat_map(|at| [from + at; SALT_BYTES]).collect()
    }

    fn kept(byte: u8) -> Found {
        Found::Kept(Zeroizing::new([byte; SALT_BYTES]))
    }

    #[test]
    fn salts_are_found_by_number_until_they_are_erased() {
        let dir = tempfile::tempdir().unwrap();
        let mut salts = Salts::open(dir.path()).unwrap();
        assert_eq!(salts.add(&some(4, 1)).unwrap(), 0);
        assert_eq!(salts.add(&some(2, 9)).unwrap(), 4);
        let at = |number| find(dir.path(), number).unwrap();
        assert_eq!(
            (at(0), at(3), at(4), at(5)),
            (kept(1), kept(4), kept(9), kept(10))
        );
        assert_eq!(at(6), Found::Absent);
        assert!(erase(dir.path(), 3).unwrap());
        assert!(!erase(dir.path(), 3).unwrap() && !erase(dir.path(), 6).unwrap());
        assert_eq!((at(2), at(3), at(4)), (kept(3), Found::Erased, kept(9)));
    }

    #[test]
    fn no_number_is_given_out_twice() {
        let dir = tempfile::tempdir().unwrap();
        let mut next = 0;
        for (count, used) in [(4_u8, 2_u64), (3, 0), (2, 2), (1, 1)] {
            let mut salts = Salts::open(dir.path()).unwrap();
            let first = salts.add(&some(count, 1)).unwrap();
            assert!(first >= next, "{first} {next}");
            salts.trim(first + used).unwrap();
            next = first + used.max(1);
            assert_eq!(find(dir.path(), first + used).unwrap(), Found::Absent);
        }
        // Half a salt, as a crash may leave it.
        let path = path(dir.path(), next);
        fs::write(&path, [1; 33]).unwrap();
        assert_eq!(
            Salts::open(dir.path()).unwrap().add(&some(1, 1)).unwrap(),
            next + 2
        );
    }
}
