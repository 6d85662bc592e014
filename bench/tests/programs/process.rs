//! Starts a server of `varistor-bench` on a port of the system's choice, and ends it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::Context;

/// A running server; it ends with this value.
pub(crate) struct Server {
    child: Child,
    pub(crate) url: String,
}

impl Server {
    pub(crate) fn start(arguments: &[&str]) -> anyhow::Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_varistor-bench"))
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut line = String::new();
        BufReader::new(child.stdout.take().context("stdout")?).read_line(&mut line)?;
        let url = line.trim().strip_prefix("listening on ").map(str::to_owned);
        let mut server = Self {
            child,
            url: String::new(),
        };
        server.url = url.with_context(|| format!("the first line is {line:?}"))?;
        Ok(server)
    }

    pub(crate) fn pid(&self) -> String {
        self.child.id().to_string()
    }

    /// `host:port` of the URL.
    pub(crate) fn address(&self) -> &str {
        self.url
            .trim_start_matches("http://")
            .trim_end_matches("/mcp")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Runs `varistor-bench load --json` and returns whether it succeeded, and its report.
pub(crate) fn load(arguments: &[&str]) -> anyhow::Result<(bool, serde_json::Value)> {
    let (succeeded, report, errors) = run(&[arguments, &["--json"]].concat())?;
    Ok((succeeded, serde_json::from_str(&report).context(errors)?))
}

/// Runs `varistor-bench load` and returns whether it succeeded, and what it wrote to standard
/// output and standard error.
pub(crate) fn run(arguments: &[&str]) -> anyhow::Result<(bool, String, String)> {
    let output = Command::new(env!("CARGO_BIN_EXE_varistor-bench"))
        .arg("load")
        .args(arguments)
        .output()?;
    Ok((
        output.status.success(),
        String::from_utf8(output.stdout)?,
        String::from_utf8(output.stderr)?,
    ))
}
