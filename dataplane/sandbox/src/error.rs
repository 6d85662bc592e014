//! Why a server is not started; each message says what, where, and what to do.

use std::io;
use std::path::PathBuf;

use crate::layer::LayerName;

/// Why a sandbox can't be prepared.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A layer that must be there is not.
    #[error("the sandbox needs {layer}: {why}; {remedy}")]
    Missing {
        /// Which one.
        layer: LayerName,
        /// What the kernel said.
        why: String,
        /// What to do.
        remedy: &'static str,
    },
    /// A path that the profile names can't be granted.
    #[error("sandbox: `{key}` names {path}, {why}", path = path.display())]
    Path {
        /// Key of the profile.
        key: &'static str,
        /// The path.
        path: PathBuf,
        /// What is wrong with it, and what to do.
        why: String,
    },
    /// The program can't be started.
    #[error("the command {program:?} {why}")]
    Program {
        /// As named.
        program: String,
        /// What is wrong with it, and what to do.
        why: String,
    },
    /// A value that no process can have.
    #[error("sandbox: {0}")]
    Value(String),
    /// The machine failed.
    #[error("sandbox: {what}: {error}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// What came back.
        #[source]
        error: io::Error,
    },
}

impl Error {
    /// For `map_err`: the machine failed at this.
    pub(crate) fn io<E: Into<io::Error>>(what: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Io {
            what,
            error: error.into(),
        }
    }
}
