//! What a person is told when the vault or its key can't be used.

use std::io;
use std::path::PathBuf;

/// Why the vault or its key can't be used. Never holds a secret or a key.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The operating system refused.
    #[error("{}: could not {action}: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What was tried.
        action: &'static str,
        /// What the system said.
        source: io::Error,
    },
    /// Would overwrite.
    #[error("{}: already exists, and is not overwritten; move it away first", path.display())]
    Exists {
        /// The file.
        path: PathBuf,
    },
    /// The key can be read by others.
    #[error(
        "{}: the key file has mode {found:04o}, so others on this machine can read it; expected \
         0600. If nobody did, run `chmod 600 {}`; else make a new key",
        path.display(), path.display()
    )]
    KeyMode {
        /// The key file.
        path: PathBuf,
        /// Its permission bits.
        found: u32,
    },
    /// Not a key.
    #[error(
        "{}: this is not a vault key; expected one line of 64 lower-case hex digits, as \
         `varictl init` writes it",
        path.display()
    )]
    KeyMalformed {
        /// The key file.
        path: PathBuf,
    },
    /// Not a vault, or of another version.
    #[error("{}: this is not a vault: {found}; expected {expected}", path.display())]
    Malformed {
        /// The vault file.
        path: PathBuf,
        /// What was read.
        found: String,
        /// What should have been there.
        expected: &'static str,
    },
    /// Authentic it is not.
    #[error(
        "{}: the vault was damaged or changed by something other than `varictl vault`, or it \
         belongs to another key; restore a copy, or use the key it was made with",
        path.display()
    )]
    Forged {
        /// The vault file.
        path: PathBuf,
    },
    /// An old copy.
    #[error(
        "{}: the vault is of generation {found}, and generation {expected} has been in use; \
         someone put an old copy back",
        path.display()
    )]
    Old {
        /// The vault file.
        path: PathBuf,
        /// Its generation.
        found: u64,
        /// The least that is accepted.
        expected: u64,
    },
    /// The history is not what it was.
    #[error(
        "{}: the history of the vault {found}; what is known of changes can't be trusted. Restore \
         it from a copy",
        path.display()
    )]
    History {
        /// The history's file.
        path: PathBuf,
        /// What is wrong with it.
        found: String,
    },
    /// Nobody can open the key now.
    #[error("{}: {found}; {help}", path.display())]
    Locked {
        /// The key file.
        path: PathBuf,
        /// What keeps it closed.
        found: String,
        /// What opens it.
        help: &'static str,
    },
    /// Two writers.
    #[error(
        "{}: the vault was changed by another process meanwhile, so nothing was saved; run the \
         command again",
        path.display()
    )]
    Changed {
        /// The vault file.
        path: PathBuf,
    },
    /// A value that a vault does not take.
    #[error("{what} `{found}` is not allowed in a vault; expected {expected}")]
    Value {
        /// Which value.
        what: &'static str,
        /// As given; for a secret, its length.
        found: String,
        /// What would be accepted.
        expected: &'static str,
    },
    /// No such secret.
    #[error("the vault holds no secret `{name}`; `varictl vault set {name}` adds it")]
    Unknown {
        /// The name.
        name: String,
    },
    /// Not for this server.
    #[error(
        "the secret `{name}` may not be sent to server `{server}`, only to {}; \
         `varictl vault set {name}` with that server changes it",
        allowed.join(", ")
    )]
    NotAllowed {
        /// The secret.
        name: String,
        /// The server that was to receive it.
        server: String,
        /// The servers it is for.
        allowed: Vec<String>,
    },
    /// No randomness, or a counter at its end.
    #[error("the vault could not {action}: {detail}")]
    Internal {
        /// What was tried.
        action: &'static str,
        /// What went wrong.
        detail: String,
    },
}

impl VaultError {
    /// Wraps what the system said about a file.
    pub(crate) fn io(
        path: impl Into<PathBuf>,
        action: &'static str,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            path,
            action,
            source,
        }
    }
}
