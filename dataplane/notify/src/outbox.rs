//! Messages on disk until they are delivered: one file each, whole or not there.
//!
//! Refuses files that are none of its own; they are moved aside, so that one bad file takes no
//! other message along.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use varistor_model::limits::OUTBOX_MESSAGES_MAX;

use crate::message::Message;

/// Largest file of a message, in bytes: facts are short.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// The directory.
#[derive(Debug)]
pub(crate) struct Outbox {
    dir: PathBuf,
}

impl Outbox {
    /// Opens the directory; what waits in it comes back, oldest first.
    pub(crate) fn open(dir: &Path) -> io::Result<(Self, Vec<Message>)> {
        fs::create_dir_all(dir)?;
        fs::set_permissions(dir, Permissions::from_mode(0o700))?;
        let outbox = Self {
            dir: dir.to_owned(),
        };
        let mut found = Vec::new();
        for entry in fs::read_dir(dir)? {
            let path = entry?.path();
            let extension = path.extension().and_then(|text| text.to_str());
            match extension {
                Some("json") => match read(&path) {
                    Some(message) if outbox.path(&message.id) == path => found.push(message),
                    _ => aside(&path),
                },
                // Half a message, of which nobody was told that it is kept.
                Some("new") => drop(fs::remove_file(&path)),
                _ => {}
            }
        }
        found.sort_by(|a, b| (a.made_unix_ms, &a.id).cmp(&(b.made_unix_ms, &b.id)));
        found.truncate(OUTBOX_MESSAGES_MAX);
        Ok((outbox, found))
    }

    /// Keeps a message, or its newest state. On the device when it returns.
    pub(crate) fn keep(&self, message: &Message) -> io::Result<()> {
        let bytes = serde_json::to_vec(message)?;
        let path = self.path(&message.id);
        let new = path.with_extension("new");
        let mut file = OpenOptions::new()
            .write(true)
            .create(true)
            .truncate(true)
            .mode(0o600)
            .open(&new)?;
        file.write_all(&bytes)?;
        file.sync_all()?;
        fs::rename(&new, &path)?;
        File::open(&self.dir)?.sync_all()
    }

    /// Lets go of a message. One that comes back after a power cut is delivered twice.
    pub(crate) fn forget(&self, id: &str) -> io::Result<()> {
        match fs::remove_file(self.path(id)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            done => done,
        }
    }

    fn path(&self, id: &str) -> PathBuf {
        self.dir.join(format!("{id}.json"))
    }
}

fn read(path: &Path) -> Option<Message> {
    let mut bytes = Vec::new();
    let file = File::open(path).ok()?;
    file.take(FILE_BYTES_MAX).read_to_end(&mut bytes).ok()?;
    serde_json::from_slice(&bytes).ok()
}

fn aside(path: &Path) {
    // What can't be moved is found again at the next start.
    let _ = fs::rename(path, path.with_extension("bad"));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::message::tests::notice;

    fn message(id: &str, made_unix_ms: u64) -> Message {
        Message::new(id.to_owned(), "slack/#a", &notice(), made_unix_ms)
    }

    #[test]
    fn what_is_kept_comes_back_in_order_and_what_is_forgotten_does_not() {
        let dir = tempfile::tempdir().unwrap();
        let (outbox, found) = Outbox::open(dir.path()).unwrap();
        assert_eq!(found, []);
        let [late, early, gone] = [("msg_1", 9), ("msg_2", 3), ("msg_3", 1)].map(|(id, at)| {
            let message = message(id, at);
            outbox.keep(&message).unwrap();
            message
        });
        outbox.forget(&gone.id).unwrap();
        outbox.forget(&gone.id).unwrap();
        let (_, found) = Outbox::open(dir.path()).unwrap();
        assert_eq!(found, [early, late]);
        let mode = fs::metadata(dir.path()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o700);
    }

    #[test]
    fn a_file_that_is_no_message_takes_no_other_along() {
        let dir = tempfile::tempdir().unwrap();
        let (outbox, _) = Outbox::open(dir.path()).unwrap();
        outbox.keep(&message("msg_1", 1)).unwrap();
        fs::write(dir.path().join("msg_2.json"), "{").unwrap();
        fs::write(dir.path().join("msg_3.new"), "{").unwrap();
        // The name of another message.
        fs::copy(dir.path().join("msg_1.json"), dir.path().join("msg_4.json")).unwrap();
        let (_, found) = Outbox::open(dir.path()).unwrap();
        assert_eq!(found.len(), 1);
        assert!(dir.path().join("msg_2.bad").exists());
        assert!(dir.path().join("msg_4.bad").exists());
        assert!(!dir.path().join("msg_3.new").exists());
    }
}
