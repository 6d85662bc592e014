//! A policy directory made by the real `varictl`, as an operator makes it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

use crate::programs;

/// A policy directory that is removed with the test.
pub struct PolicyDir {
    parent: TempDir,
}

impl PolicyDir {
    /// `varictl init`, this text as `varistor.yaml`, `varictl compile`.
    pub fn new(yaml: &str) -> Self {
        Self::inside(&std::env::temp_dir(), yaml)
    }

    /// The same in this folder, which may be another file system.
    pub fn inside(folder: &Path, yaml: &str) -> Self {
        let mut parent = tempfile::Builder::new();
        let parent = parent.prefix("varistor");
        let policy = Self {
            parent: parent.tempdir_in(folder).expect("a folder"),
        };
        let path = policy.path();
        let made = run(&["init", path.to_str().expect("a plain path")]);
        assert_success(&made, "init");
        policy.write(yaml);
        policy.compile();
        policy
    }

    /// Where it lies.
    pub fn path(&self) -> PathBuf {
        self.parent.path().join("policy")
    }

    /// Replaces `varistor.yaml`.
    pub fn write(&self, yaml: &str) {
        fs::write(self.path().join("varistor.yaml"), yaml).expect("a writable folder");
    }

    /// `varictl compile`.
    pub fn compile(&self) {
        assert_success(&self.varictl(&["compile"]), "compile");
    }

    /// `varictl push`: compiles and hands the snapshot to the running gateway.
    pub fn push(&self) {
        assert_success(&self.varictl(&["push"]), "push");
    }

    /// A token of this agent that lives an hour.
    pub fn token(&self, agent: &str) -> String {
        self.token_with(agent, &["--ttl", "1h"])
    }

    /// A token of this agent with further options of `varictl token issue`.
    pub fn token_with(&self, agent: &str, options: &[&str]) -> String {
        let mut given = vec!["token", "issue", "--agent", agent];
        given.extend_from_slice(options);
        let output = self.varictl(&given);
        assert_success(&output, "token issue");
        let token = String::from_utf8(output.stdout).expect("a printable token");
        token.trim().to_owned()
    }

    /// Any other command, in this directory.
    pub fn varictl(&self, given: &[&str]) -> Output {
        let path = self.path();
        let mut all = given.to_vec();
        all.extend_from_slice(&["--dir", path.to_str().expect("a plain path")]);
        command(&all)
            .env("XDG_CACHE_HOME", self.parent.path().join("cache"))
            .output()
            .expect("varictl runs")
    }

    /// `varictl audit verify`, which must find the log sound.
    pub fn verify_audit(&self) {
        assert_success(&self.varictl(&["audit", "verify"]), "audit verify");
    }

    /// Puts a secret into the vault, for every server.
    ///
    /// # Panics
    /// When `varictl` refuses it.
    pub fn keep_in_vault(&self, name: &str, value: &str) {
        let mut child = Command::new(programs::ours("varictl"))
            .args(["vault", "set", name, "--servers", "*", "--dir"])
            .arg(self.path())
            .stdin(Stdio::piped())
            .spawn()
            .expect("varictl");
        let mut input = child.stdin.take().expect("standard input");
        input.write_all(value.as_bytes()).expect("a value");
        drop(input);
        assert!(child.wait().expect("an end").success(), "vault set");
    }

    /// Every record of the audit log, oldest first.
    pub fn records(&self) -> Vec<serde_json::Value> {
        let mut segments: Vec<PathBuf> = fs::read_dir(self.path().join("audit"))
            .expect("an audit folder")
            .map(|entry| entry.expect("an entry").path())
            .filter(|path| path.extension().is_some_and(|end| end == "jsonl"))
            .collect();
        segments.sort();
        segments.iter().flat_map(|path| lines_of(path)).collect()
    }
}

/// The records of one segment; behind them lie the zeros of what was preallocated.
fn lines_of(segment: &Path) -> Vec<serde_json::Value> {
    let bytes = fs::read(segment).expect("a readable segment");
    bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| line.first() == Some(&b'{'))
        .map(|line| serde_json::from_slice(line).expect("a record"))
        .collect()
}

fn run(given: &[&str]) -> Output {
    command(given).output().expect("varictl runs")
}

fn command(given: &[&str]) -> Command {
    let mut command = Command::new(programs::ours("varictl"));
    command.args(given).stdin(Stdio::null());
    command
}

/// Stops the test with what the command said, unless it went well.
pub fn assert_success(output: &Output, what: &str) {
    assert!(
        output.status.success(),
        "varictl {what}: {}\n{}{}",
        output.status,
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
