//! What is stopped, on disk: a file that is made once with all the room it ever needs, so that a
//! full disk does not matter.
//!
//! It holds two copies, written and synced one after the other: whatever moment the power fails in,
//! and whichever of them is damaged, one holds what was last acknowledged. A file of which neither
//! can be read stops everything, because nobody knows what it said.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{DirBuilderExt as _, FileExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use varistor_model::Selector;
use varistor_model::limits::KILL_COPY_BYTES;
use xxhash_rust::xxh3::xxh3_128;

use super::Order;
use super::rows::{Row, Source};
use crate::log;

/// The file, open or not.
pub(super) struct Store {
    path: PathBuf,
    file: Option<File>,
    /// Of the copy that was written last.
    number: u64,
}

/// A wish to keep something.
pub(super) struct Write {
    pub(super) payload: Vec<u8>,
    /// Told whether it is kept.
    pub(super) reply: tokio::sync::oneshot::Sender<bool>,
}

/// Copies in the file.
const COPIES: usize = 2;
/// What a copy begins with: these bytes, its number, the length of what follows, a checksum.
const MAGIC: [u8; 8] = *b"VKILL\0\0\x01";
const HEAD_BYTES: usize = 8 + 8 + 8 + 16;
/// How often something that could not be kept is tried again.
const AGAIN: Duration = Duration::from_secs(5);

impl Store {
    /// Opens or makes the file, and reads what it says.
    pub(super) fn open(dir: &Path) -> (Self, Vec<Row>) {
        let mut this = Self {
            path: dir.join("state/kill"),
            file: None,
            number: 0,
        };
        let rows = match this.read() {
            Ok(rows) => rows,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                if let Err(error) = this.make() {
                    let path = this.path.display();
                    log::warning(format_args!(
                        "{path}: can't be made, so that the kill switch will not survive a \
                         restart: {error}"
                    ));
                }
                Vec::new()
            }
            Err(error) => {
                let path = this.path.display();
                log::error(format_args!(
                    "{path}: what was stopped can't be read, so everything is: {error}. When you \
                     know what may go on, say what may not with varictl kill, and then varictl \
                     revive --all"
                ));
                let order = Order {
                    selectors: Vec::new(),
                    by: "the gateway".into(),
                    reason: Some(format!("{path} can't be read: {error}")),
                };
                vec![Row::new(Selector::All, Source::Unreadable, &order)]
            }
        };
        (this, rows)
    }

    /// Whether what will be written can be kept, as far as is known.
    pub(super) const fn is_sound(&self) -> bool {
        self.file.is_some()
    }

    /// Keeps what is wished for, the latest first and only; tells in `kept` whether it is.
    pub(super) fn keep(mut self, wishes: &Receiver<Write>, kept: &AtomicBool) {
        let mut unkept = None;
        loop {
            let first = match &unkept {
                None => wishes.recv().map_err(|_| RecvTimeoutError::Disconnected),
                Some(_) => wishes.recv_timeout(AGAIN),
            };
            let mut replies = Vec::new();
            match first {
                Ok(wish) => {
                    for wish in core::iter::once(wish).chain(wishes.try_iter()) {
                        unkept = Some(wish.payload);
                        replies.push(wish.reply);
                    }
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
            let Some(payload) = unkept.take() else {
                continue;
            };
            let written = self.write(&payload);
            kept.store(written.is_ok(), Ordering::Release);
            for reply in replies {
                // Whoever asked may not wait any more.
                let _ = reply.send(written.is_ok());
            }
            if let Err(error) = written {
                let path = self.path.display();
                log::error(format_args!(
                    "{path}: the kill switch is in force, but would not survive a restart: {error}"
                ));
                unkept = Some(payload);
            }
        }
    }

    fn read(&mut self) -> io::Result<Vec<Row>> {
        let mut file = OpenOptions::new().read(true).write(true).open(&self.path)?;
        let mut bytes = Vec::with_capacity(COPIES * KILL_COPY_BYTES);
        let most = (COPIES * KILL_COPY_BYTES) as u64;
        file.by_ref().take(most).read_to_end(&mut bytes)?;
        let latest = bytes
            .chunks(KILL_COPY_BYTES)
            .filter_map(copy)
            .max_by_key(|it| it.0);
        let damaged = |what| io::Error::new(io::ErrorKind::InvalidData, what);
        let (number, payload) = latest.ok_or_else(|| damaged("both copies are damaged"))?;
        let rows =
            serde_json::from_slice(payload).map_err(|_| damaged("it is of another version"))?;
        self.number = number;
        self.file = Some(file);
        Ok(rows)
    }

    /// Makes the file with all its room, under another name first.
    fn make(&mut self) -> io::Result<()> {
        let folder = self.path.parent().unwrap_or(Path::new(".")).to_owned();
        if !folder.exists() {
            fs::DirBuilder::new()
                .mode(0o700)
                .recursive(true)
                .create(&folder)?;
        }
        let new = self.path.with_extension("new");
        let mut options = OpenOptions::new();
        options
            .read(true)
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600);
        let file = options.open(&new)?;
        // Written, not reserved: writing to reserved room may need more room.
        file.write_all_at(&vec![0; COPIES * KILL_COPY_BYTES], 0)?;
        let made = self.write_to(&file, b"[]").and_then(|()| file.sync_all());
        made.and_then(|()| fs::rename(&new, &self.path))?;
        File::open(folder)?.sync_all()?;
        self.file = Some(file);
        Ok(())
    }

    fn write(&mut self, payload: &[u8]) -> io::Result<()> {
        if self.file.is_none() {
            self.make()?;
        }
        match self.file.take() {
            Some(file) => {
                let written = self.write_to(&file, payload);
                self.file = Some(file);
                written
            }
            None => Err(io::ErrorKind::NotFound.into()),
        }
    }

    fn write_to(&mut self, file: &File, payload: &[u8]) -> io::Result<()> {
        if payload.len() > KILL_COPY_BYTES.saturating_sub(HEAD_BYTES) {
            let what = "there is no room for all that is stopped; stop what holds it together";
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, what));
        }
        self.number = self.number.saturating_add(1);
        let mut copy = Vec::with_capacity(HEAD_BYTES.saturating_add(payload.len()));
        copy.extend_from_slice(&MAGIC);
        copy.extend_from_slice(&self.number.to_le_bytes());
        copy.extend_from_slice(&(payload.len() as u64).to_le_bytes());
        copy.extend_from_slice(&checksum(self.number, payload));
        copy.extend_from_slice(payload);
        for at in 0..COPIES {
            file.write_all_at(&copy, (at * KILL_COPY_BYTES) as u64)?;
            file.sync_data()?;
        }
        Ok(())
    }
}

fn checksum(number: u64, payload: &[u8]) -> [u8; 16] {
    let number = u128::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (xxh3_128(payload) ^ number).to_le_bytes()
}

/// Number and content of a copy; `None` when it is damaged.
fn copy(bytes: &[u8]) -> Option<(u64, &[u8])> {
    let rest = bytes.strip_prefix(&MAGIC)?;
    let (number, rest) = rest.split_first_chunk()?;
    let (length, rest) = rest.split_first_chunk()?;
    let (sum, rest) = rest.split_first_chunk::<16>()?;
    let number = u64::from_le_bytes(*number);
    let payload = rest.get(..usize::try_from(u64::from_le_bytes(*length)).ok()?)?;
    (checksum(number, payload) == *sum).then_some((number, payload))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    const ONE: &[u8] =
        br#"[{"selector":"server a","source":"operator","by":"uid 0","since_unix_ms":1}]"#;

    fn opened(dir: &TempDir) -> (Store, Vec<String>) {
        let (store, rows) = Store::open(dir.path());
        let selectors = rows.iter().map(|row| row.selector.to_string()).collect();
        (store, selectors)
    }

    fn written() -> (TempDir, PathBuf, Vec<u8>) {
        let dir = TempDir::new().unwrap();
        let (mut store, rows) = opened(&dir);
        assert!(rows.is_empty() && store.is_sound());
        store.write(ONE).unwrap();
        let path = dir.path().join("state/kill");
        let bytes = fs::read(&path).unwrap();
        assert_eq!(bytes.len(), COPIES * KILL_COPY_BYTES);
        (dir, path, bytes)
    }

    #[test]
    fn what_was_written_is_read_again_and_the_file_never_grows() {
        let (dir, path, bytes) = written();
        assert_eq!(opened(&dir).1, ["server a"]);
        opened(&dir).0.write(b"[]").unwrap();
        assert_eq!(fs::read(path).unwrap().len(), bytes.len());
        assert!(opened(&dir).1.is_empty());
    }

    #[test]
    fn one_damaged_copy_does_not_matter() {
        let (dir, path, bytes) = written();
        let copy_bytes = HEAD_BYTES + ONE.len();
        for at in (0..copy_bytes).chain(KILL_COPY_BYTES..KILL_COPY_BYTES + copy_bytes) {
            let mut damaged = bytes.clone();
            damaged[at] ^= 0x10;
            fs::write(&path, &damaged).unwrap();
            assert_eq!(opened(&dir).1, ["server a"], "byte {at}");
        }
    }

    #[test]
    fn a_write_that_was_torn_at_any_byte_leaves_the_old_or_the_new() {
        let (dir, path, old) = written();
        opened(&dir).0.write(b"[]").unwrap();
        let new = fs::read(&path).unwrap();
        for at in (0..HEAD_BYTES + ONE.len()).step_by(3) {
            for copy in 0..COPIES {
                // The copies before are new, this one is new up to a byte, the rest is old.
                let torn = copy * KILL_COPY_BYTES + at;
                let mixed = [&new[..torn], &old[torn..]].concat();
                fs::write(&path, &mixed).unwrap();
                let rows = opened(&dir).1;
                assert!(
                    rows.is_empty() || rows == ["server a"],
                    "{copy} {at}: {rows:?}"
                );
                assert!(
                    copy == 0 || rows.is_empty(),
                    "{copy} {at}: the first was synced"
                );
            }
        }
    }

    #[test]
    fn a_file_that_cannot_be_read_stops_everything_until_it_is_written_again() {
        for damage in [&b""[..], b"hello", &[0; COPIES * KILL_COPY_BYTES]] {
            let (dir, path, _) = written();
            fs::write(&path, damage).unwrap();
            let (mut store, rows) = opened(&dir);
            assert_eq!(rows, ["all"]);
            assert!(!store.is_sound());
            store.write(b"[]").unwrap();
            assert!(opened(&dir).1.is_empty());
        }
    }

    #[test]
    fn what_has_no_room_is_refused_and_what_was_kept_stays() {
        let (dir, ..) = written();
        let long = vec![b' '; KILL_COPY_BYTES];
        assert!(opened(&dir).0.write(&long).is_err());
        assert_eq!(opened(&dir).1, ["server a"]);
    }
}
