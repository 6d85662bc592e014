//! What the policy says of one server behind the bridge.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use varistor_origin::Place;
use varistor_sandbox::Profile;
use zeroize::Zeroizing;

/// One server. Two of them are the same server only when they are equal.
#[derive(Clone, PartialEq, Eq)]
pub struct Spec {
    /// Its name: the path of requests is `/NAME`.
    pub name: String,
    /// What carries its messages.
    pub source: Source,
    /// The secrets in its environment or its credentials: never shown.
    pub secrets: Vec<Zeroizing<String>>,
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

/// What carries the messages of a server.
#[derive(Clone, PartialEq, Eq)]
pub enum Source {
    /// A program's standard input and output.
    Program(Box<Program>),
    /// HTTP+SSE of 2024-11-05: each child is one event stream of the server.
    Events(Events),
}

/// A program that the gateway starts.
#[derive(Clone, PartialEq, Eq)]
pub struct Program {
    /// The executable (an absolute path) and its arguments.
    pub command: Vec<String>,
    /// SHA-256 of the executable's content.
    pub sha256: [u8; 32],
    /// Its environment beside `PATH`, `HOME` and `LANG`. Values may be secrets.
    pub env: Vec<(String, Zeroizing<String>)>,
    /// Files that are put into its directory before it starts, by their names. They may hold
    /// secrets.
    pub files: Vec<(String, Zeroizing<String>)>,
    /// Its working directory; it is made when it is missing.
    pub directory: PathBuf,
    /// Whether the directory is the gateway's to give, so that the child may write there.
    pub is_own_directory: bool,
    /// What the child may do, but for its environment and directory; `None`: what the gateway may.
    pub sandbox: Option<Profile>,
}

/// A server of HTTP+SSE.
#[derive(Clone)]
pub struct Events {
    /// Where it is.
    pub place: Place,
    /// Value of the `Host` field.
    pub authority: String,
    /// Path and query of the event stream.
    pub path: String,
    /// Whether its name may lead to an address that is not public.
    pub allow_private: bool,
    /// Fields with the gateway's own credential: their names, and their values, secrets.
    pub credentials: Vec<(String, Zeroizing<String>)>,
    /// How it proves who it is, where that is asked for.
    pub tls: Option<Arc<ClientConfig>>,
    /// Names what `tls` was made of.
    pub trust: [u8; 32],
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

impl PartialEq for Events {
    fn eq(&self, other: &Self) -> bool {
        self.place == other.place
            && self.authority == other.authority
            && self.path == other.path
            && self.allow_private == other.allow_private
            && self.credentials == other.credentials
            && self.trust == other.trust
    }
}

impl Eq for Events {}

/// Its values may be secrets, so only names are shown.
impl core::fmt::Debug for Spec {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Spec")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}
