//! From refusals to the one policy line that would permit them. What looks like a secret, and what
//! would open a home or the whole system, is shown and never proposed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use varistor_sandbox::{Level, Network, Preset, Profile};

use super::refusal::Refusal;
use super::trace::Refusals;

/// Files of one folder from which on the folder is proposed instead.
const FILES_OF_FOLDER: usize = 3;
/// Folders that are never proposed whole, besides homes and what is above them.
const TOO_WIDE: [&str; 12] = [
    "/", "/bin", "/boot", "/dev", "/etc", "/home", "/proc", "/run", "/sys", "/tmp", "/usr", "/var",
];
/// Names, anywhere in a path, of what keeps secrets.
const SECRET: [&str; 19] = [
    ".ssh",
    ".gnupg",
    ".aws",
    ".azure",
    ".kube",
    ".docker",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".password-store",
    ".vault-token",
    ".env",
    "gcloud",
    "shadow",
    "gshadow",
    "sudoers",
    "keyrings",
    "docker.sock",
];

/// What is proposed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Proposal {
    /// Paths to read.
    pub(super) read: BTreeSet<PathBuf>,
    /// Paths to read and write.
    pub(super) write: BTreeSet<PathBuf>,
    /// Programs to start.
    pub(super) execute: BTreeSet<PathBuf>,
    /// Whether a network is wanted.
    pub(super) network: bool,
    /// Whether sockets of the Unix domain are wanted.
    pub(super) unix_sockets: bool,
    /// Paths that a person must decide about.
    pub(super) left_out: BTreeSet<PathBuf>,
}

impl Proposal {
    /// What would permit the refusals.
    pub(super) fn of(refusals: &Refusals, home: Option<&Path>) -> Self {
        let mut proposal = Self::default();
        let (mut read, mut write) = (BTreeSet::new(), BTreeSet::new());
        for refusal in refusals.keys() {
            match refusal {
                Refusal::Read(path) => drop(read.insert(path.clone())),
                Refusal::Write(path) => drop(write.insert(path.clone())),
                Refusal::Execute(path) => drop(proposal.execute.insert(path.clone())),
                Refusal::Network => proposal.network = true,
                Refusal::UnixSocket => proposal.unix_sockets = true,
                Refusal::Call(_) => {}
            }
        }
        let is_wide = |path: &Path| is_wide(path, home);
        for path in &write {
            // What is made or removed is granted by its folder.
            let folder = match path.is_dir() {
                true => Some(path.as_path()),
                false => path.parent(),
            };
            match folder {
                _ if is_secret(path) => drop(proposal.left_out.insert(path.clone())),
                Some(folder) if !is_wide(folder) => {
                    proposal.write.insert(folder.to_owned());
                }
                _ if path.is_file() => drop(proposal.write.insert(path.clone())),
                _ => drop(proposal.left_out.insert(path.clone())),
            }
        }
        for path in &read {
            if is_secret(path) || is_wide(path) {
                proposal.left_out.insert(path.clone());
                continue;
            }
            let folder = path.parent().filter(|folder| !is_wide(folder));
            let beside = |folder: &&Path| {
                let of_folder = read.iter().filter(|path| path.parent() == Some(*folder));
                of_folder.count() >= FILES_OF_FOLDER
            };
            let whole = folder.filter(beside);
            proposal.read.insert(whole.unwrap_or(path).to_owned());
        }
        proposal.read = outermost(&proposal.read);
        proposal.write = outermost(&proposal.write);
        let write = &proposal.write;
        let is_written = |path: &PathBuf| write.iter().any(|other| path.starts_with(other));
        proposal.read.retain(|path| !is_written(path));
        proposal
    }

    /// Whether a line would permit anything.
    pub(super) fn is_empty(&self) -> bool {
        let paths = [&self.read, &self.write, &self.execute];
        paths.iter().all(|paths| paths.is_empty()) && !self.network && !self.unix_sockets
    }

    /// The profile with everything that is proposed.
    pub(super) fn added_to(&self, profile: &Profile) -> Profile {
        let mut whole = profile.clone();
        whole.read.extend(self.read.iter().cloned());
        whole.write.extend(self.write.iter().cloned());
        whole.execute.extend(self.execute.iter().cloned());
        whole.unix_sockets |= self.unix_sockets;
        if self.network {
            whole.network = Network::Any;
        }
        whole
    }
}

/// The profile as a line of a policy, with nothing that is the default. Values of the environment
/// are left to the policy's own key for them.
pub(super) fn line(profile: &Profile) -> String {
    let mut parts = Vec::new();
    if profile.level == Level::Relaxed {
        parts.push("profile: relaxed".to_owned());
    }
    let preset = match profile.preset {
        Preset::Auto => None,
        Preset::Node => Some("node"),
        Preset::Python => Some("python"),
        Preset::Uvx => Some("uvx"),
        Preset::Binary => Some("binary"),
    };
    parts.extend(preset.map(|preset| format!("preset: {preset}")));
    let lists = [
        ("read", &profile.read),
        ("write", &profile.write),
        ("execute", &profile.execute),
    ];
    for (key, paths) in lists {
        if !paths.is_empty() {
            let paths: Vec<String> = paths.iter().map(|path| quoted(path)).collect();
            parts.push(format!("{key}: [{}]", paths.join(", ")));
        }
    }
    match &profile.network {
        Network::None => {}
        Network::Any => parts.push("network: any".to_owned()),
        Network::Hosts(hosts) => {
            let hosts: Vec<String> = hosts.iter().map(|host| format!("\"{host}\"")).collect();
            parts.push(format!("network: {{ hosts: [{}] }}", hosts.join(", ")));
        }
        Network::Tcp(ports) => {
            let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
            parts.push(format!("network: {{ tcp: [{}] }}", ports.join(", ")));
        }
    }
    if profile.unix_sockets {
        parts.push("unix_sockets: true".to_owned());
    }
    let own = match parts.is_empty() {
        true => "sandbox: {}".to_owned(),
        false => format!("sandbox: {{ {} }}", parts.join(", ")),
    };
    match &profile.directory {
        // A key of the server, beside its sandbox.
        Some(directory) => format!("directory: {}\n  {own}", quoted(directory)),
        None => own,
    }
}

/// A path as YAML reads it: quoted unless it is made of plain characters.
fn quoted(path: &Path) -> String {
    let text = path.to_string_lossy();
    let is_plain =
        |character: char| character.is_ascii_alphanumeric() || "/._-+@".contains(character);
    match text.chars().all(is_plain) {
        true => text.into_owned(),
        false => serde_json::Value::from(text).to_string(),
    }
}

fn is_secret(path: &Path) -> bool {
    let names = path
        .components()
        .filter_map(|part| part.as_os_str().to_str());
    names.into_iter().any(|name| {
        SECRET.contains(&name)
            || name.starts_with("id_")
            || name.ends_with(".pem")
            || name.ends_with(".key")
    })
}

fn is_wide(path: &Path, home: Option<&Path>) -> bool {
    TOO_WIDE.iter().any(|wide| Path::new(wide) == path)
        || home.is_some_and(|home| home.starts_with(path))
        || path.parent() == Some(Path::new("/home"))
}

fn outermost(paths: &BTreeSet<PathBuf>) -> BTreeSet<PathBuf> {
    let is_within = |path: &PathBuf| {
        paths
            .iter()
            .any(|other| other != path && path.starts_with(other))
    };
    paths
        .iter()
        .filter(|path| !is_within(path))
        .cloned()
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn proposal(refusals: &[Refusal]) -> Proposal {
        let refusals = refusals.iter().map(|refusal| (refusal.clone(), 1));
        Proposal::of(&refusals.collect(), Some(Path::new("/home/ada")))
    }

    fn read(path: &str) -> Refusal {
        Refusal::Read(path.into())
    }

    #[test]
    fn a_few_files_are_named_and_many_of_a_folder_are_the_folder() {
        let few = proposal(&[read("/srv/a/1"), read("/srv/b/2")]);
        assert_eq!(few.read, ["/srv/a/1".into(), "/srv/b/2".into()].into());
        let many = proposal(&[read("/srv/a/1"), read("/srv/a/2"), read("/srv/a/3")]);
        assert_eq!(many.read, ["/srv/a".into()].into());
    }

    #[test]
    fn homes_and_secrets_are_shown_and_never_proposed() {
        let paths = [
            "/home/ada",
            "/home/ada/.ssh/id_ed25519",
            "/home/bob",
            "/etc/shadow",
            "/etc",
            "/",
        ];
        let found = proposal(&paths.map(read));
        assert!(found.is_empty(), "{found:?}");
        assert_eq!(found.left_out.len(), paths.len());
        let files = ["/home/ada/a", "/home/ada/b", "/home/ada/c"].map(read);
        assert_eq!(proposal(&files).read.len(), 3);
    }

    #[test]
    fn what_is_written_is_its_folder_and_is_not_read_besides() {
        let found = proposal(&[
            Refusal::Write("/srv/no/data.db".into()),
            read("/srv/no/data.db"),
        ]);
        assert_eq!(found.write, ["/srv/no".into()].into());
        assert!(found.read.is_empty());
        let temporary = proposal(&[Refusal::Write("/tmp/no-such-file".into())]);
        assert!(temporary.write.is_empty() && temporary.left_out.len() == 1);
    }

    #[test]
    fn the_line_holds_what_was_named_and_what_is_proposed() {
        let profile = Profile {
            preset: Preset::Node,
            read: vec!["/srv/my docs".into()],
            ..Profile::default()
        };
        let found = proposal(&[read("/srv/a"), Refusal::Network]);
        assert_eq!(
            line(&found.added_to(&profile)),
            r#"sandbox: { preset: node, read: ["/srv/my docs", /srv/a], network: any }"#
        );
        assert_eq!(line(&Profile::default()), "sandbox: {}");
    }
}
