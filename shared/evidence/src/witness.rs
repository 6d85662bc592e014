//! A witness (C2SP tlog-witness): remembers the newest head of each log that it knows, and cosigns
//! a later one only if it goes on from that.
//!
//! Its memory is one directory: `<id>.keychain` and `<id>.head` for each log, where the id is the
//! hash of the log's name. A head is on the device before its cosignature leaves. Logs change their
//! keys; a witness takes new entries of a log's chain of keys (`add-keys`, of ours, beside the
//! protocol's `add-checkpoint`), if each is signed by the key before.

mod ask;
mod message;
mod store;

use std::path::{Path, PathBuf};

use ed25519_dalek::SigningKey;

pub use ask::{Asking, Next, Refused, Request};
pub use message::{AddCheckpoint, AddKeys};

use self::store::Remembered;
pub(crate) use self::store::replace;
use crate::checkpoint::Checkpoint;
use crate::error::EvidenceError;
use crate::merkle::consistent;
use crate::note::{Signature, VerifierKey, sign_cosignature};

/// What a witness answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// 200: it has cosigned.
    Cosigned(Signature),
    /// 200: it knows this many keys of the log now.
    Keys(u64),
    /// 400: the message is none.
    Malformed,
    /// 404: it does not know the log.
    Unknown,
    /// 403: none of the log's keys has signed.
    Unsigned,
    /// 409: it remembers a head of this many records, or that many keys.
    Conflict(u64),
    /// 422: the head does not go on from the one that it remembers.
    Inconsistent,
}

impl Answer {
    /// Status, media type and body over HTTP.
    #[must_use]
    pub fn told(&self) -> (u16, &'static str, String) {
        const TEXT: &str = "text/plain";
        match self {
            Self::Cosigned(line) => (200, TEXT, format!("{line}\n")),
            Self::Keys(count) => (200, TEXT, format!("{count}\n")),
            Self::Malformed => (
                400,
                TEXT,
                "this is no request of C2SP tlog-witness\n".to_owned(),
            ),
            Self::Unknown => (404, TEXT, "this log is not known here\n".to_owned()),
            Self::Unsigned => (403, TEXT, "no known key of the log has signed\n".to_owned()),
            Self::Conflict(size) => (409, "text/x.tlog.size", format!("{size}\n")),
            Self::Inconsistent => (
                422,
                TEXT,
                "this does not go on from what was cosigned\n".to_owned(),
            ),
        }
    }
}

/// A witness with its memory.
pub struct Witness {
    dir: PathBuf,
    name: String,
    key: SigningKey,
    /// First keys of the logs that it knows.
    anchors: Vec<VerifierKey>,
}

impl Witness {
    /// A witness of the logs that begin with these keys, whose memory is in `dir`.
    #[must_use]
    pub fn new(dir: &Path, name: &str, key: SigningKey, anchors: Vec<VerifierKey>) -> Self {
        Self {
            dir: dir.to_owned(),
            name: name.to_owned(),
            key,
            anchors,
        }
    }

    /// Its public key.
    #[must_use]
    pub fn public(&self) -> VerifierKey {
        VerifierKey::witness(&self.name, &self.key.verifying_key())
    }

    /// Answers `add-checkpoint`. One request at a time: the caller sees to that.
    ///
    /// # Errors
    /// When its memory can't be read or written; nothing was cosigned then.
    pub fn add_checkpoint(&self, body: &str, unix_s: u64) -> Result<Answer, EvidenceError> {
        let Some(wish) = AddCheckpoint::parse(body) else {
            return Ok(Answer::Malformed);
        };
        let Some(head) = Checkpoint::parse(&wish.note.text) else {
            return Ok(Answer::Malformed);
        };
        let Some(anchor) = self.anchor(&head.origin) else {
            return Ok(Answer::Unknown);
        };
        let known = Remembered::load(&self.dir, anchor)?;
        if !known
            .chain
            .as_ref()
            .is_some_and(|chain| chain.holds(&wish.note, &head))
        {
            return Ok(Answer::Unsigned);
        }
        if wish.old > head.size {
            return Ok(Answer::Malformed);
        }
        let before = known.head.as_ref();
        let size = before.map_or(0, |before| before.size);
        if wish.old != size {
            return Ok(Answer::Conflict(size));
        }
        if let Some(before) = before {
            if before.size == head.size && before.root != head.root {
                return Ok(Answer::Conflict(size));
            }
            let (old, new) = ((before.size, &before.root), (head.size, &head.root));
            if !consistent(old, new, &wish.proof) {
                return Ok(Answer::Inconsistent);
            }
        } else if !wish.proof.is_empty() {
            return Ok(Answer::Inconsistent);
        }
        known.keep_head(&wish.note)?;
        let text = &wish.note.text;
        Ok(Answer::Cosigned(sign_cosignature(
            &self.name, &self.key, unix_s, text,
        )))
    }

    /// Answers `add-keys`.
    ///
    /// # Errors
    /// When its memory can't be read or written.
    pub fn add_keys(&self, body: &str) -> Result<Answer, EvidenceError> {
        let Some(wish) = AddKeys::parse(body) else {
            return Ok(Answer::Malformed);
        };
        let Some(anchor) = self.anchor(&wish.origin) else {
            return Ok(Answer::Unknown);
        };
        let mut known = Remembered::load(&self.dir, anchor)?;
        let count = known.keys();
        if wish.from != count {
            return Ok(Answer::Conflict(count));
        }
        match known.extended(&wish.entries) {
            Some(chain) if chain.anchor() == Some(anchor) => {
                known.keep_chain(chain)?;
                Ok(Answer::Keys(known.keys()))
            }
            _ => Ok(Answer::Unsigned),
        }
    }

    fn anchor(&self, origin: &str) -> Option<&VerifierKey> {
        self.anchors.iter().find(|anchor| anchor.name() == origin)
    }
}

#[cfg(test)]
mod tests;
