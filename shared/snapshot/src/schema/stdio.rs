//! Servers that the gateway starts itself, and those with an event stream instead of a process.

use rkyv::{Archive, Deserialize, Serialize};

use super::{Credential, TemplatePart};

/// A server that speaks MCP on its standard input and output.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Stdio {
    /// The executable, an absolute path, and its arguments.
    pub command: Vec<String>,
    /// SHA-256 of the executable's content when the policy was compiled.
    pub sha256: [u8; 32],
    /// Its environment beside `PATH`, `HOME` and `LANG`, sorted by name.
    pub env: Vec<Variable>,
    /// Files that the gateway puts into its directory, by their names; only where the gateway makes
    /// that.
    pub files: Vec<Variable>,
    /// Its working directory, an absolute path; the gateway makes one when none is given.
    pub directory: Option<String>,
    /// Whether sessions share one child; otherwise each has its own.
    pub shared: bool,
    /// Whether a shared child is started before the first call.
    pub eager: bool,
    /// How long a child without calls lives, in milliseconds.
    pub idle_ms: u64,
    /// From the start of a child to its first answer, in milliseconds.
    pub start_ms: u64,
    /// Most children at once.
    pub children_max: u32,
    /// What it may do; `None` means whatever the gateway may.
    pub sandbox: Option<Sandbox>,
}

/// A server of HTTP+SSE (2024-11-05): each session with it is an event stream.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct EventStream {
    /// DNS name or address, as in the URL, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Whether the URL is https.
    pub tls: bool,
    /// Value of the `Host` header.
    pub authority: String,
    /// Path and query of the event stream; begins with `/`.
    pub path: String,
    /// The headers that carry the gateway's own credential.
    pub credentials: Vec<Credential>,
    /// Whether sessions share one stream; otherwise each has its own.
    pub shared: bool,
    /// How long a stream without calls stays open, in milliseconds.
    pub idle_ms: u64,
    /// From the opening of a stream to the first answer, in milliseconds.
    pub start_ms: u64,
    /// Most streams at once.
    pub streams_max: u32,
}

/// What a server that the gateway starts may do.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
pub struct Sandbox {
    /// Whether every file may be read and started that the gateway's user may.
    pub is_relaxed: bool,
    /// The runtime whose files are added.
    pub preset: Preset,
    /// Absolute paths that may be read, with everything beneath.
    pub read: Vec<String>,
    /// Absolute paths that may be read and written, with everything beneath.
    pub write: Vec<String>,
    /// Absolute paths of programs that may be started, or of directories of them.
    pub execute: Vec<String>,
    /// Which network may be used.
    pub network: Network,
    /// Whether sockets of the Unix domain may be opened.
    pub unix_sockets: bool,
    /// Whether a kernel that permits no namespaces is refused.
    pub needs_namespaces: bool,
    /// How much may be used.
    pub limits: SandboxLimits,
}

/// The runtime whose files a server may read besides what is named.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Preset {
    /// What the program and the first line of a script say.
    #[default]
    Auto,
    /// Node.js, `npx` and packages of npm.
    Node,
    /// Python and virtual environments.
    Python,
    /// `uvx` and `uv tool run`.
    Uvx,
    /// Its libraries only.
    Binary,
}

/// Which network a server may use.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, Default, PartialEq)]
pub enum Network {
    /// None.
    #[default]
    None,
    /// Outgoing TCP to these ports of any host.
    Tcp(Vec<u16>),
    /// Through the gateway's proxy, to these hosts: `NAME`, `NAME:PORT`, `*.NAME`.
    Hosts(Vec<String>),
    /// That of the machine.
    Any,
}

/// How much a server may use; `None` is the sandbox's own bound.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct SandboxLimits {
    /// Bytes of private writable memory of one process.
    pub memory_bytes: Option<u64>,
    /// Processes and threads at once.
    pub processes: Option<u32>,
    /// Open descriptors of one process.
    pub open_files: Option<u32>,
    /// Bytes of one file.
    pub file_bytes: Option<u64>,
    /// Bytes of the private temporary directory.
    pub temporary_bytes: Option<u64>,
}

/// One variable of an environment.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value: literal pieces and names of secrets.
    pub value: Vec<TemplatePart>,
}

impl super::ArchivedServer {
    /// Whether the gateway's own bridge stands between workers and this server.
    #[must_use]
    pub fn is_bridged(&self) -> bool {
        self.stdio.is_some() || self.events.is_some()
    }
}
