//! Runs the built `varictl` and keeps what it said.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use varistor_vault::{Key, Vault};

/// What a run left.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    /// The run, which must have ended with this status.
    #[track_caller]
    pub(crate) fn ended(self, status: i32) -> Self {
        assert_eq!(self.status, status, "out: {}\nerr: {}", self.out, self.err);
        self
    }

    /// Standard output as JSON.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}

/// A directory with a fresh policy directory in it.
pub(crate) struct Place {
    root: tempfile::TempDir,
}

impl Place {
    /// An empty place.
    pub(crate) fn empty() -> Self {
        Self {
            root: tempfile::tempdir().unwrap(),
        }
    }

    /// A place in which `varictl init` has made `./varistor`.
    pub(crate) fn with_policy() -> Self {
        let place = Self::empty();
        place.run(&["init"]).ended(0);
        place
    }

    /// The place itself.
    pub(crate) fn root(&self) -> &Path {
        self.root.path()
    }

    /// A path in the policy directory.
    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.root().join("varistor").join(name)
    }

    /// Runs `varictl` here.
    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, "")
    }

    /// Runs `varictl` here with this standard input.
    pub(crate) fn run_with(&self, arguments: &[&str], input: &str) -> Run {
        finish(self.command(arguments), input)
    }

    /// Runs `varictl` here as somebody whose home is the folder `home` here, and whose programs
    /// are those in its `bin`.
    pub(crate) fn run_at_home(&self, arguments: &[&str]) -> Run {
        finish(self.command_at_home(arguments), "")
    }

    /// The same, with this standard input.
    pub(crate) fn run_at_home_with(&self, arguments: &[&str], input: &str) -> Run {
        finish(self.command_at_home(arguments), input)
    }

    /// The vault of the policy directory.
    pub(crate) fn vault(&self) -> Vault {
        let key = Key::load(&self.file("keys/vault.key")).unwrap();
        Vault::open(&self.file("vault.json"), &key).unwrap()
    }

    /// Such a run, not yet started.
    pub(crate) fn command_at_home(&self, arguments: &[&str]) -> Command {
        let home = self.root().join("home");
        let mut command = self.command(arguments);
        command.env_remove("XDG_CONFIG_HOME");
        command.env("PATH", home.join("bin")).env("HOME", home);
        command
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_varictl"));
        command
            .args(arguments)
            .current_dir(self.root())
            .env_remove("NO_COLOR")
            .env("XDG_CACHE_HOME", self.root().join("cache"));
        command
    }

    /// Replaces text in `varistor.yaml`; the text must be there.
    #[track_caller]
    pub(crate) fn edit(&self, from: &str, to: &str) {
        let path = self.file("varistor.yaml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "no `{from}` in the policy");
        std::fs::write(&path, text.replacen(from, to, 1)).unwrap();
    }
}

/// Runs it to its end, with this standard input.
fn finish(mut command: Command, input: &str) -> Run {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let output = std::thread::scope(|scope| {
        // A program that answers while it reads waits for its reader. One that does not read
        // its input may have ended already.
        scope.spawn(move || drop(stdin.write_all(input.as_bytes())));
        child.wait_with_output().unwrap()
    });
    Run {
        status: output.status.code().unwrap(),
        out: String::from_utf8(output.stdout).unwrap(),
        err: String::from_utf8(output.stderr).unwrap(),
    }
}
