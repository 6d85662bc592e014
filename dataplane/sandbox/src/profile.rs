//! What a server may do: a plain value, as a policy names it. Refuses unknown keys when it is read.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use varistor_model::Host;

/// What one server may do. The default lets it read its own code and the system's libraries,
/// write to a private temporary directory, and nothing else.
#[derive(Clone, Default, Serialize, Deserialize, PartialEq, Eq)]
#[serde(deny_unknown_fields, default)]
pub struct Profile {
    /// How much of the file system may be read.
    pub level: Level,
    /// Which runtime's files are added.
    pub preset: Preset,
    /// Files and directories, absolute, that may be read, with everything beneath.
    pub read: Vec<PathBuf>,
    /// Files and directories, absolute, that may be read, written and made, with everything
    /// beneath.
    pub write: Vec<PathBuf>,
    /// Programs, absolute, that the server may start besides itself; a directory means each in it.
    pub execute: Vec<PathBuf>,
    /// The environment; nothing is inherited. `PATH`, `HOME`, `TMPDIR` and `LANG` have values
    /// unless they are named here.
    pub environment: BTreeMap<String, String>,
    /// Which network may be used.
    pub network: Network,
    /// Whether sockets of the Unix domain may be opened. Where Landlock has no right for them
    /// (ABI under 9, Linux before 7.1), this means any socket file of the gateway's user.
    pub unix_sockets: bool,
    /// What to do where the kernel permits no namespaces.
    pub namespaces: Namespaces,
    /// How much may be used.
    pub limits: Limits,
    /// Working directory, absolute; the private temporary directory if none is named.
    pub directory: Option<PathBuf>,
}

/// Values of the environment are secrets more often than not: names only.
impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile")
            .field("level", &self.level)
            .field("preset", &self.preset)
            .field("read", &self.read)
            .field("write", &self.write)
            .field("execute", &self.execute)
            .field("environment", &self.environment.keys())
            .field("network", &self.network)
            .field("unix_sockets", &self.unix_sockets)
            .field("namespaces", &self.namespaces)
            .field("limits", &self.limits)
            .field("directory", &self.directory)
            .finish()
    }
}

/// How much of the file system may be read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// What is named, and the system's libraries.
    #[default]
    Strict,
    /// Every file that the gateway's user may read, and start, is open to the server: the
    /// gateway's own keys too, if they are that user's. Everything else is as in `strict`.
    Relaxed,
}

/// Which runtime's files are added to what is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// What the program and the `#!` line of a script say.
    #[default]
    Auto,
    /// Node.js, `npx` (offline, from its cache) and scripts of npm packages.
    Node,
    /// Python, virtual environments and their scripts.
    Python,
    /// `uvx` and `uv tool run`, offline, from the cache of uv.
    Uvx,
    /// A program that needs its libraries only.
    Binary,
}

/// Which network may be used.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Network {
    /// None: no socket but pairs of the Unix domain, and an empty network namespace where the
    /// kernel permits one.
    #[default]
    None,
    /// Outgoing TCP to these ports, of any host; nothing may be bound. No UDP, and so no DNS.
    Tcp(Vec<u16>),
    /// These hosts, by a proxy that the process which starts the server runs: the server has a
    /// network of its own with nothing else in it. Needs namespaces.
    #[serde(with = "as_text")]
    Hosts(Vec<Host>),
    /// TCP and UDP without bounds, of the machine's own network.
    Any,
}

/// Hosts as a policy writes them.
mod as_text {
    use serde::{Deserialize as _, Deserializer, Serializer, de};
    use varistor_model::Host;

    pub(super) fn serialize<S: Serializer>(hosts: &[Host], to: S) -> Result<S::Ok, S::Error> {
        to.collect_seq(hosts.iter().map(Host::to_string))
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Vec<Host>, D::Error> {
        let texts = Vec::<String>::deserialize(from)?;
        let host = |text: String| {
            Host::parse(&text).map_err(|why| de::Error::custom(format_args!("{text:?} is {why}")))
        };
        texts.into_iter().map(host).collect()
    }
}

/// What to do where the kernel permits no namespaces (users, processes, network, mounts, IPC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Namespaces {
    /// Go without, if Landlock can keep signals and abstract sockets in (ABI 6, Linux 6.12);
    /// refuse otherwise.
    #[default]
    WherePermitted,
    /// Refuse.
    Required,
}

/// How much a server may use. Core dumps are never written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// Bytes of private writable memory of one process (`RLIMIT_DATA`).
    pub memory_bytes: u64,
    /// Bytes of address space of one process (`RLIMIT_AS`). None by default: Node.js and other
    /// compilers at run time reserve many gigabytes that they never touch.
    pub address_space_bytes: Option<u64>,
    /// Processes and threads at once. For root, whose processes the kernel does not count, the
    /// bound is that of the process namespace, which may be up to 300 higher.
    pub processes: u64,
    /// Open descriptors of one process.
    pub open_files: u64,
    /// Bytes of one file.
    pub file_bytes: u64,
    /// Bytes of the private temporary directory, where mount namespaces are permitted.
    pub temporary_bytes: u64,
    /// Seconds of CPU of one process; none by default, since servers live for days.
    pub cpu_seconds: Option<u64>,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            memory_bytes: 2 << 30,
            address_space_bytes: None,
            processes: 256,
            open_files: 1024,
            file_bytes: 1 << 30,
            temporary_bytes: 256 << 20,
            cpu_seconds: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_default_is_strict_and_without_network() {
        let profile: Profile = serde_json::from_str("{}").unwrap();
        assert_eq!(profile, Profile::default());
        assert_eq!(profile.level, Level::Strict);
        assert_eq!(profile.network, Network::None);
        assert!(!profile.unix_sockets);
    }

    #[test]
    fn an_unknown_key_is_refused() {
        assert!(serde_json::from_str::<Profile>(r#"{"raed": ["/srv"]}"#).is_err());
        assert!(serde_json::from_str::<Profile>(r#"{"limits": {"procs": 1}}"#).is_err());
    }

    #[test]
    fn a_network_of_ports_is_read() {
        let profile: Profile = serde_json::from_str(r#"{"network": {"tcp": [443]}}"#).unwrap();
        assert_eq!(profile.network, Network::Tcp(vec![443]));
    }

    #[test]
    fn a_network_of_hosts_is_read_and_nonsense_refused() {
        let read = |text: &str| serde_json::from_str::<Profile>(text);
        let profile = read(r#"{"network": {"hosts": ["api.example.com"]}}"#).unwrap();
        let hosts = vec![Host::parse("api.example.com").unwrap()];
        assert_eq!(profile.network, Network::Hosts(hosts));
        let error = read(r#"{"network": {"hosts": ["https://x"]}}"#).unwrap_err();
        assert!(error.to_string().contains("https://x"), "{error}");
    }

    #[test]
    fn values_of_the_environment_are_not_shown() {
        let mut profile = Profile::default();
        let (name, value) = ("API_KEY".to_owned(), "canary".to_owned());
        profile.environment.insert(name, value);
        let shown = format!("{profile:?}");
        assert!(shown.contains("API_KEY") && !shown.contains("canary"));
    }
}
