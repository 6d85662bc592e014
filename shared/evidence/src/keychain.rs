//! The chain of keys: which public key signed which part of the log.
//!
//! The file `keychain` beside the segments holds one note for each key: a checkpoint with an
//! extension line that names the next key, signed by the key before it (the first by itself):
//!
//! ```text
//! varistor-key <number> <verifier key> <when, RFC 3339>
//! ```
//!
//! Key `n` signs checkpoints of sizes from its own entry's up to the next entry's. Since it is
//! destroyed once it has signed that entry, nobody can sign another root for what came before. Who
//! knows the first key, the anchor, can check all others.

use std::path::{Path, PathBuf};
use std::{fs, io};

use varistor_audit::time;

use crate::checkpoint::{Checkpoint, decimal};
use crate::error::{EvidenceError, at};
use crate::note::{self, Note, VerifierKey};

/// The name of the file.
pub const FILE: &str = "keychain";
/// How the extension line begins.
const MARK: &str = "varistor-key ";

/// One key, and from where on it signs.
#[derive(Clone, Debug)]
pub struct Epoch {
    /// Its number, from 0.
    pub number: u64,
    /// The public key.
    pub key: VerifierKey,
    /// The head of the log when it began; signed by the key before.
    pub begin: Checkpoint,
    /// When it began, in nanoseconds since 1970.
    pub began_ns: u64,
}

impl Epoch {
    /// The text of its entry.
    pub(crate) fn text(&self) -> String {
        let when = time::text(self.began_ns);
        let when = String::from_utf8_lossy(&when);
        let mut entry = self.begin.clone();
        entry.extension = format!("{MARK}{} {} {when}\n", self.number, self.key);
        entry.to_string()
    }

    fn read(text: &str) -> Option<Self> {
        let mut begin = Checkpoint::parse(text)?;
        let line = std::mem::take(&mut begin.extension);
        let line = line.strip_prefix(MARK)?.strip_suffix('\n')?;
        let mut words = line.split(' ');
        let (number, key, when) = (words.next()?, words.next()?, words.next()?);
        let key: VerifierKey = key.parse().ok()?;
        let fits = words.next().is_none() && key.name() == begin.origin;
        fits.then_some(Self {
            number: decimal(number)?,
            key,
            begin,
            began_ns: time::unix_ns(when.as_bytes())?,
        })
    }
}

/// All keys of a log, first to last.
#[derive(Clone, Debug)]
pub struct Keychain {
    /// Relation: `epochs[n].number == n`; never empty; sizes never shrink.
    epochs: Vec<Epoch>,
    /// Bytes of the file that whole entries take.
    pub(crate) bytes: usize,
}

/// Where a chain of keys breaks: the byte where the entry begins that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Broken(pub usize);

impl Keychain {
    /// Reads the chain of the log in `dir`; `None` when it has none.
    ///
    /// # Errors
    /// When it can't be read, or an entry does not hold.
    pub fn load(dir: &Path) -> Result<Option<Self>, EvidenceError> {
        let path = path(dir);
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(at(&path)(error)),
        };
        let text = valid(&bytes);
        match Self::read(text) {
            Ok(chain) => Ok(Some(chain)),
            Err(Broken(byte)) => Err(EvidenceError::Keychain(path, byte)),
        }
    }

    /// Reads the chain; an unfinished last entry, as a crash leaves it, is left out.
    ///
    /// # Errors
    /// Where an entry does not hold, or at the end when there is none.
    pub fn read(file: &str) -> Result<Self, Broken> {
        match Self::read_as_far(file) {
            (chain, None) => Ok(chain),
            (_, Some(broken)) => Err(broken),
        }
    }

    /// Reads the chain as far as it holds, and says where it breaks.
    #[must_use]
    pub fn read_as_far(file: &str) -> (Self, Option<Broken>) {
        let mut chain = Self {
            epochs: Vec::new(),
            bytes: 0,
        };
        for entry in note::split(file) {
            let Ok((begin, entry)) = entry else { break };
            if chain.add(entry).is_none() {
                return (chain, Some(Broken(begin)));
            }
            // The empty line behind it, or where that will stand.
            let end = begin.saturating_add(entry.len()).saturating_add(1);
            chain.bytes = end.min(file.len());
        }
        let broken = chain.epochs.is_empty().then_some(Broken(0));
        (chain, broken)
    }

    fn add(&mut self, entry: &str) -> Option<()> {
        let note = Note::parse(entry)?;
        let epoch = Epoch::read(&note.text)?;
        let number = self.epochs.len() as u64;
        let (signer, fits) = match self.epochs.last() {
            None => (&epoch.key, true),
            Some(last) => {
                let same = last.begin.origin == epoch.begin.origin;
                let grows = last.begin.size <= epoch.begin.size;
                (&last.key, same && grows)
            }
        };
        note.signed_by(signer)?;
        let fits = fits && epoch.number == number;
        fits.then(|| self.epochs.push(epoch))
    }

    /// The keys, first to last.
    #[must_use]
    pub fn epochs(&self) -> &[Epoch] {
        &self.epochs
    }

    /// The log's name.
    #[must_use]
    pub fn origin(&self) -> &str {
        self.epochs.first().map_or("", |first| &first.begin.origin)
    }

    /// The first key.
    #[must_use]
    pub fn anchor(&self) -> Option<&VerifierKey> {
        self.epochs.first().map(|first| &first.key)
    }

    /// Whether a checkpoint is signed by the key whose part of the log it ends in.
    #[must_use]
    pub fn holds(&self, note: &Note, checkpoint: &Checkpoint) -> bool {
        if checkpoint.origin != self.origin() || !checkpoint.extension.is_empty() {
            return false;
        }
        // At a change of keys, both may sign the same size.
        let size = checkpoint.size;
        let after = self
            .epochs
            .partition_point(|epoch| epoch.begin.size <= size);
        let ends_before = |place: usize| {
            let next = self.epochs.get(place.saturating_add(1));
            next.is_some_and(|next| next.begin.size < size)
        };
        let places = (0..after).rev().take_while(|place| !ends_before(*place));
        let mut keys = places.filter_map(|place| self.epochs.get(place));
        keys.any(|epoch| note.signed_by(&epoch.key).is_some())
    }
}

/// Where the chain of the log in `dir` stands.
#[must_use]
pub fn path(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

/// The text up to the first byte that is none.
pub(crate) fn valid(bytes: &[u8]) -> &str {
    bytes.utf8_chunks().next().map_or("", |chunk| chunk.valid())
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::SigningKey;

    use super::*;
    use crate::note::sign;

    fn key(number: u8) -> SigningKey {
        SigningKey::from_bytes(&[number; 32])
    }

    fn entry(number: u8, size: u64, signer: u8) -> String {
        let epoch = Epoch {
            number: u64::from(number),
            key: VerifierKey::log("log", &key(number).verifying_key()),
            begin: Checkpoint {
                origin: "log".to_owned(),
                size,
                root: [number; 32],
                extension: String::new(),
            },
            began_ns: 1_000,
        };
        let text = epoch.text();
        let signatures = vec![sign("log", &key(signer), &text)];
        format!("{}\n", Note { text, signatures })
    }

    fn signed(size: u64, signer: u8) -> (Note, Checkpoint) {
        let checkpoint = Checkpoint {
            origin: "log".to_owned(),
            size,
            root: [9; 32],
            extension: String::new(),
        };
        let text = checkpoint.to_string();
        let signatures = vec![sign("log", &key(signer), &text)];
        (Note { text, signatures }, checkpoint)
    }

    #[test]
    fn a_chain_is_read_and_each_key_holds_for_its_part_only() {
        let file = [
            entry(0, 0, 0),
            entry(1, 10, 0),
            entry(2, 10, 1),
            entry(3, 20, 2),
        ]
        .concat();
        let chain = Keychain::read(&file).unwrap();
        assert_eq!((chain.epochs().len(), chain.bytes), (4, file.len()));
        assert_eq!(chain.anchor().unwrap().name(), "log");
        let holds = |size, signer| {
            let (note, checkpoint) = signed(size, signer);
            chain.holds(&note, &checkpoint)
        };
        for (size, signer, good) in [
            (0, 0, true),
            (9, 0, true),
            (10, 0, true),
            (10, 1, true),
            (10, 2, true),
            (11, 2, true),
            (20, 2, true),
            (20, 3, true),
            (500, 3, true),
            (9, 1, false),
            (11, 0, false),
            (11, 1, false),
            (15, 3, false),
            (21, 2, false),
            (5, 4, false),
        ] {
            assert_eq!(holds(size, signer), good, "size {size}, key {signer}");
        }
    }

    #[test]
    fn a_chain_that_breaks_is_refused_where_it_breaks() {
        let first = entry(0, 0, 0);
        for second in [
            entry(1, 10, 1),
            entry(2, 10, 0),
            entry(0, 10, 0),
            entry(1, 10, 0).replacen("\n10\n", "\n11\n", 1),
        ] {
            let broken = Keychain::read(&[first.clone(), second].concat());
            assert_eq!(broken.map(|_| ()), Err(Broken(first.len())));
        }
        let shrinks = [first.clone(), entry(1, 10, 0), entry(2, 9, 1)].concat();
        assert!(Keychain::read(&shrinks).is_err());
        assert!(Keychain::read("").is_err());
        let torn = format!("{first}log\n10\n");
        assert_eq!(Keychain::read(&torn).unwrap().bytes, first.len());
    }
}
