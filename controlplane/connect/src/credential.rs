//! The token: where it comes from, and that it stays between there and the gateway. Refuses files
//! that others can read and anything that is no token; names the place, never what it holds.

use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use bytes::Bytes;
use hyper::header::HeaderValue;
use linux_keyutils::{KeyError, KeyRing, KeyRingIdentifier};
use rustix::fs::OFlags;
use varistor_model::limits::TOKEN_BYTES_MAX;
use zeroize::Zeroizing;

/// Group and others.
const OTHERS: u32 = 0o077;

/// Where the token comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// There is none.
    None,
    /// A file for its owner alone.
    File(PathBuf),
    /// An environment variable.
    Env(String),
    /// A `user` key in the kernel's keyrings of this session or user.
    Keyring(String),
}

/// Why there is no token.
#[derive(Debug, thiserror::Error)]
pub enum CredentialError {
    /// The file can't be read.
    #[error("{0}: the token can't be read ({1})")]
    File(PathBuf, std::io::Error),
    /// Others can read it.
    #[error(
        "{0}: its permissions are {1:04o}; expected a file for its owner alone; if nobody else has \
         read it: chmod 600 {0}, otherwise replace the token"
    )]
    Open(PathBuf, u32),
    /// The variable is not there.
    #[error("the environment variable {0} is not set")]
    Env(String),
    /// The kernel has no such key for us.
    #[error(
        "the kernel's keyring has no key {0:?} that can be read here ({1}); \
         `keyctl padd user {0} @u` puts one there"
    )]
    Keyring(String, KeyError),
    /// What is there is no token.
    #[error(
        "{0} holds no token; expected one line of visible characters, at most {TOKEN_BYTES_MAX}"
    )]
    Malformed(String),
}

/// The token in use.
#[derive(Debug)]
pub struct Credential {
    source: Source,
    /// Wiped when the last request that carries it is gone.
    value: Option<HeaderValue>,
    generation: u64,
}

/// What another look at the source has brought.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reloaded {
    /// Another token.
    Changed,
    /// The same.
    Same,
}

impl Credential {
    /// Reads the token for the first time.
    ///
    /// # Errors
    /// There is none where it should be, or others can read it.
    pub fn load(source: Source) -> Result<Self, CredentialError> {
        let value = read(&source)?;
        Ok(Self {
            source,
            value,
            generation: 0,
        })
    }

    /// The field `Authorization`, and which reading of the token it is.
    pub(crate) fn current(&self) -> (Option<HeaderValue>, u64) {
        (self.value.clone(), self.generation)
    }

    /// Looks again after a refusal of the token of this generation.
    pub(crate) fn reload(&mut self, refused: u64) -> Result<Reloaded, CredentialError> {
        if self.generation != refused {
            return Ok(Reloaded::Changed);
        }
        let value = read(&self.source)?;
        if value == self.value {
            return Ok(Reloaded::Same);
        }
        self.value = value;
        self.generation = self.generation.saturating_add(1);
        Ok(Reloaded::Changed)
    }

    /// Where a person puts another token.
    pub(crate) fn place(&self) -> String {
        match &self.source {
            Source::None => "--token-file (there is no token)".to_owned(),
            Source::File(path) => path.display().to_string(),
            Source::Env(name) => format!("the environment variable {name}, and start anew"),
            Source::Keyring(name) => format!("the key {name:?} of the kernel's keyring"),
        }
    }
}

fn read(source: &Source) -> Result<Option<HeaderValue>, CredentialError> {
    let (text, place) = match source {
        Source::None => return Ok(None),
        Source::File(path) => (file(path)?, path.display().to_string()),
        Source::Env(name) => {
            let value = std::env::var(name).map_err(|_| CredentialError::Env(name.clone()))?;
            let text = Zeroizing::new(value.into_bytes());
            (text, format!("the environment variable {name}"))
        }
        Source::Keyring(name) => (key(name)?, format!("the key {name:?}")),
    };
    let token = text.trim_ascii();
    let is_token = !token.is_empty()
        && token.len() <= TOKEN_BYTES_MAX
        && token.iter().all(u8::is_ascii_graphic);
    if !is_token {
        return Err(CredentialError::Malformed(place));
    }
    let value = Zeroizing::new([b"Bearer ", token].concat());
    let mut value = HeaderValue::from_maybe_shared(Bytes::from_owner(value))
        .map_err(|_| CredentialError::Malformed(place))?;
    value.set_sensitive(true);
    Ok(Some(value))
}

fn file(path: &Path) -> Result<Zeroizing<Vec<u8>>, CredentialError> {
    let failed = |error| CredentialError::File(path.to_owned(), error);
    // Without waiting: what is named may be a pipe that nobody writes to.
    let flags = i32::try_from(OFlags::NONBLOCK.bits()).unwrap_or_default();
    let mut open = std::fs::OpenOptions::new();
    let mut file = open
        .read(true)
        .custom_flags(flags)
        .open(path)
        .map_err(failed)?;
    let about = file.metadata().map_err(failed)?;
    if about.mode() & OTHERS != 0 {
        return Err(CredentialError::Open(
            path.to_owned(),
            about.mode() & 0o7777,
        ));
    }
    // One more than a token and its line end may have, so that a longer file is seen to be one.
    let mut text = Zeroizing::new(vec![0; TOKEN_BYTES_MAX + 8]);
    let mut filled = 0;
    while let Some(rest) = text.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest).map_err(failed)? {
            0 => break,
            count => filled += count,
        }
    }
    text.truncate(filled);
    Ok(text)
}

/// The session's keyring leads to those that are linked to it; the user's own may not be.
fn key(name: &str) -> Result<Zeroizing<Vec<u8>>, CredentialError> {
    let from = |ring| {
        let ring = KeyRing::from_special_id(ring, false)?;
        ring.search(name)?.read_to_vec().map(Zeroizing::new)
    };
    from(KeyRingIdentifier::Session)
        .or_else(|_| from(KeyRingIdentifier::User))
        .map_err(|error| CredentialError::Keyring(name.to_owned(), error))
}

#[cfg(test)]
mod tests {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    fn token_file(text: &str, mode: u32) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, text).unwrap();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        (folder, path)
    }

    #[test]
    fn a_token_file_is_read_and_read_again() {
        let (_folder, path) = token_file("one\n", 0o600);
        let mut credential = Credential::load(Source::File(path.clone())).unwrap();
        let (value, generation) = credential.current();
        assert_eq!(value.unwrap(), "Bearer one");
        assert_eq!(credential.reload(generation).unwrap(), Reloaded::Same);
        fs::write(&path, "two").unwrap();
        assert_eq!(credential.reload(generation).unwrap(), Reloaded::Changed);
        assert_eq!(credential.current().0.unwrap(), "Bearer two");
        // Another request that was refused with the first token need not look again.
        assert_eq!(credential.reload(generation).unwrap(), Reloaded::Changed);
    }

    #[test]
    fn a_file_that_others_can_read_is_refused() {
        for mode in [0o640, 0o604, 0o660] {
            let (_folder, path) = token_file("one", mode);
            let refused = Credential::load(Source::File(path)).unwrap_err();
            assert!(matches!(refused, CredentialError::Open(..)), "{refused}");
        }
    }

    #[test]
    fn what_is_no_token_is_refused_without_being_shown() {
        for text in [
            "",
            "\n",
            "two words",
            "line\nline",
            "secret\u{e9}",
            &"s".repeat(9000),
        ] {
            let (_folder, path) = token_file(text, 0o600);
            let refused = Credential::load(Source::File(path))
                .unwrap_err()
                .to_string();
            assert!(refused.contains("holds no token"), "{refused}");
            assert!(!refused.contains("secret"), "{refused}");
        }
        assert!(Credential::load(Source::Env("VARISTOR_NOT_SET".to_owned())).is_err());
        assert!(Credential::load(Source::Keyring("varistor-not-there".to_owned())).is_err());
    }

    #[test]
    fn a_credential_does_not_show_its_token() {
        let (_folder, path) = token_file("visible-secret", 0o600);
        let credential = Credential::load(Source::File(path)).unwrap();
        assert!(!format!("{credential:?}").contains("visible-secret"));
    }
}
