//! Our own gateway, from a policy to a running process, and the proof that its log is sound.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};

use super::Rig;
use super::program::{Cores, Program, run};

/// A directory with a policy, keys and a snapshot.
pub(crate) struct Directory {
    path: PathBuf,
    /// How long `varictl compile` took.
    pub(crate) compiled_in: Duration,
    /// The size of the snapshot.
    pub(crate) snapshot_bytes: u64,
}

/// How to start a gateway.
pub(crate) struct Start<'a> {
    pub(crate) cores: &'a Cores,
    /// `io_uring`, `epoll` or `auto`.
    pub(crate) driver: &'a str,
    pub(crate) workers: u32,
}

/// A running gateway.
pub(crate) struct Gateway {
    program: Program,
    directory: Directory,
    varictl: PathBuf,
    /// `http://ADDRESS`.
    base: String,
    /// From the start of the process to the line that says that it listens.
    pub(crate) started_in: Duration,
}

impl Directory {
    /// Makes it, with these files of policy, and compiles them.
    ///
    /// # Errors
    /// A policy with problems; the message names all of them.
    pub(crate) fn new(rig: &Rig, name: &str, files: &[(String, String)]) -> anyhow::Result<Self> {
        let path = rig.folder().join(name);
        let varictl = rig.program("varictl");
        run(&varictl, &["init", text(&path)?])?;
        for (file, policy) in files {
            std::fs::write(path.join(file), policy)?;
        }
        let begun = Instant::now();
        run(&varictl, &["compile", "--dir", text(&path)?])
            .with_context(|| format!("the policy of {name}"))?;
        let compiled_in = begun.elapsed();
        let snapshot = std::fs::metadata(path.join("state/current.snapshot"));
        Ok(Self {
            snapshot_bytes: snapshot.map_or(0, |file| file.len()),
            path,
            compiled_in,
        })
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// A token for an agent.
    ///
    /// # Errors
    /// There is no such agent.
    pub(crate) fn token(&self, rig: &Rig, agent: &str) -> anyhow::Result<String> {
        let dir = text(&self.path)?;
        let arguments = ["token", "issue", "--dir", dir, "--agent", agent];
        Ok(run(&rig.program("varictl"), &arguments)?.trim().to_owned())
    }

    /// Starts a gateway before it, which owns it from now on.
    ///
    /// # Errors
    /// It does not start; the message holds what it said.
    pub(crate) fn start(self, rig: &Rig, start: &Start<'_>) -> anyhow::Result<Gateway> {
        let log = self.path.join("gateway.log");
        let workers = start.workers.to_string();
        let arguments = [
            "--dir",
            text(&self.path)?,
            "--listen",
            "127.0.0.1:0",
            "--driver",
            start.driver,
            "--workers",
            &workers,
        ];
        let begun = Instant::now();
        let mut program = Program::logged(start.cores, &rig.program("varistor"), &arguments, &log)?;
        let base = program.announced().with_context(|| {
            let said = std::fs::read_to_string(&log).unwrap_or_default();
            format!("varistor said: {}", said.trim())
        })?;
        Ok(Gateway {
            program,
            varictl: rig.program("varictl"),
            base,
            started_in: begun.elapsed(),
            directory: self,
        })
    }
}

impl Gateway {
    /// Its process; what that starts is found by who measures.
    pub(crate) fn pids(&self) -> Vec<u32> {
        vec![self.program.pid()]
    }

    /// The URL of the server that its policy calls `mock`.
    pub(crate) fn endpoint(&self) -> String {
        format!("{}/mcp/mock", self.base)
    }

    /// Its directory.
    pub(crate) fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Drains it; its directory, for another start.
    ///
    /// # Errors
    /// It does not end in order.
    pub(crate) fn stop(self) -> anyhow::Result<Directory> {
        self.program.end()?;
        Ok(self.directory)
    }

    /// Drains it and verifies its log; what `varictl audit verify` says.
    ///
    /// # Errors
    /// It does not end in order, or its log is not sound.
    pub(crate) fn verify(self) -> anyhow::Result<String> {
        self.program.end()?;
        let dir = text(&self.directory.path)?;
        let said = run(&self.varictl, &["audit", "verify", "--dir", dir])?;
        ensure!(!said.is_empty(), "varictl audit verify says nothing");
        Ok(said.lines().next().unwrap_or_default().to_owned())
    }
}

fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().context("the path is not UTF-8")
}
