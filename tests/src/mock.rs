//! The mock server of `varistor-bench upstream`, told by a script how to fail.

use std::fs;
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::process::Process;
use crate::programs;

/// A running `varistor-bench upstream`; killed when dropped.
pub struct Mock {
    process: Process,
    address: String,
    /// Where its script lies.
    _folder: TempDir,
}

impl Mock {
    /// Starts it with this script (`varistor-bench upstream --help` tells the language) and
    /// further options, and waits until it serves.
    pub fn start(script: &str, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("faults.script");
        fs::write(&path, script).expect("a writable folder");
        let process = Process::start(&programs::ours("varistor-bench"), |command| {
            command.args(["upstream", "--stats", "--script"]).arg(&path);
            command.args(options);
        });
        let address = process.wait_for_address();
        Self {
            process,
            address,
            _folder: folder,
        }
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    /// Ends it, and gives what it counted: calls by method, faults done, connections, bytes.
    pub fn stop(mut self) -> Value {
        self.process.signal(Signal::TERM);
        let rest = self.process.wait_for("{");
        let ended = self.process.wait_within(Duration::from_secs(10));
        assert!(ended.is_some_and(|status| status.success()), "{ended:?}");
        serde_json::from_str(&format!("{{{rest}")).expect("what it counted")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::agent::Agent;

    /// What the suites say of the gateway rests on this: the faults come from the server.
    #[test]
    fn a_mock_does_what_its_script_says_and_counts_it() {
        let mock = Mock::start("tool=busy fault=status-503", &[]);
        let agent = Agent::new(mock.address(), "any", "none");
        assert!(agent.call("echo", json!({})).is_good_call());
        assert_eq!(agent.call("busy", json!({})).status(), 503);
        let counted = mock.stop();
        assert_eq!(counted["calls"]["tools/call"], json!(2));
        assert_eq!(counted["faults"], json!({"status-503": 1}));
    }
}
