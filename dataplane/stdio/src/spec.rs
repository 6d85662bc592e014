//! What the policy says of one stdio server.

use std::path::PathBuf;
use std::time::Duration;

use varistor_sandbox::Profile;
use zeroize::Zeroizing;

/// One stdio server. Two of them are the same server only when they are equal.
#[derive(Clone, PartialEq, Eq)]
pub struct Spec {
    /// Its name: the path of requests is `/NAME`.
    pub name: String,
    /// The executable (an absolute path) and its arguments.
    pub command: Vec<String>,
    /// SHA-256 of the executable's content.
    pub sha256: [u8; 32],
    /// Its environment beside `PATH`, `HOME` and `LANG`. Values may be secrets.
    pub env: Vec<(String, Zeroizing<String>)>,
    /// Its working directory; it is made when it is missing.
    pub directory: PathBuf,
    /// Whether the directory is the gateway's to give, so that the child may write there.
    pub is_own_directory: bool,
    /// What the child may do, but for its environment and directory; `None`: what the gateway may.
    pub sandbox: Option<Profile>,
    /// Who shares a child.
    pub instances: Instances,
    /// After how long without a call a child is ended.
    pub idle: Duration,
    /// How long a child may take until its first answer.
    pub start: Duration,
    /// Whether a shared child is started before the first call.
    pub eager: bool,
    /// Most children at once.
    pub children_max: usize,
    /// Longest message of a child, in bytes.
    pub message_bytes_max: usize,
}

/// Who shares a child. On 2026-07-28 there are no sessions: all clients share one in any case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Instances {
    /// Each session has its own.
    Session,
    /// All sessions share one, which the gateway initialises itself, without capabilities of a
    /// client.
    Shared,
}

/// Its values may be secrets, so only names are shown.
impl core::fmt::Debug for Spec {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Spec")
            .field("name", &self.name)
            .field("command", &self.command)
            .finish_non_exhaustive()
    }
}
