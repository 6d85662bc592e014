//! The setting of tests of stdio servers: a gateway that starts `varistor-stdio-child`.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};
use varistor_tests::{Agent, Driver, Gateway, PolicyDir, Session, programs};

/// Longest wait for something that takes no time on an idle machine.
pub const SOON: Duration = Duration::from_secs(20);

/// After a kill, nothing of a server may be left.
const GONE: Duration = Duration::from_millis(1_500);

/// A gateway with one stdio server, named `alpha`.
pub struct Stdio {
    /// The gateway.
    pub gateway: Gateway,
    /// Its policy directory.
    pub policy: PolicyDir,
}

/// The policy around a server of these keys, as in `, idle: 1s`. `options` are the child's own.
/// Without a sandbox, unless the keys have one: within, each child has the same process number.
pub fn policy_text(program: &str, options: &[&str], keys: &str) -> String {
    let mut command = vec![program];
    command.extend_from_slice(options);
    let keys = match keys.contains("sandbox:") {
        true => keys.to_owned(),
        false => format!("{keys}, sandbox: off"),
    };
    format!(
        "listen: 127.0.0.1:0
runtime: {{ workers: 2, answer_bytes: 1MiB }}
approvals: {{ wait: none }}
dlp: {{ response: {{ secrets: log, financial: log, pii: log }} }}
servers:
  alpha: {{ command: {}{keys}, server_requests: allow, breaker: off }}
organisations:
  acme:
    roles:
      everything:
        allow: [\"*\", {{ tools: \"*/*\", intents: [read, write, destructive, exfiltrative] }}]
    agents:
      tester: {{ roles: [everything] }}
      other: {{ roles: [everything] }}
",
        json!(command)
    )
}

/// The child's executable.
pub fn program() -> String {
    let path = programs::ours("varistor-stdio-child");
    path.to_str().expect("a plain path").to_owned()
}

impl Stdio {
    /// Around a child with these options, and a server with these keys.
    pub fn start(driver: Driver, options: &[&str], keys: &str) -> Self {
        Self::of(
            driver,
            PolicyDir::new(&policy_text(&program(), options, keys)),
        )
    }

    /// With this policy.
    pub fn of(driver: Driver, policy: PolicyDir) -> Self {
        let gateway = Gateway::start(&policy, driver);
        Self { gateway, policy }
    }

    /// This agent, with a token of its own.
    pub fn agent(&self, name: &str) -> Agent {
        Agent::new(self.gateway.address(), "alpha", &self.policy.token(name))
    }

    /// What the status says of the children.
    pub fn status(&self) -> Value {
        self.gateway.status()["servers"][0]["stdio"].clone()
    }

    /// Waits until this holds of the status.
    pub fn wait_for(&self, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + SOON;
        loop {
            let status = self.status();
            if holds(&status) {
                return status;
            }
            assert!(Instant::now() < until, "never {what}: {status}");
            thread::sleep(Duration::from_millis(10));
        }
    }

    /// Everything that descends from children of this gateway, by what they have in their
    /// environment.
    pub fn processes(&self) -> Vec<u32> {
        let folder = self.policy.path();
        let mark = format!("HOME={}", folder.join("run/stdio/alpha").display());
        marked(&mark)
    }

    /// Waits until no process is left of what was killed at that time, and says how long it took.
    /// The target is 250 ms on a quiet machine; this is for one that runs other tests.
    pub fn is_gone_since(&self, began: Instant) {
        while !self.processes().is_empty() {
            assert!(began.elapsed() < SOON, "{:?} are left", self.processes());
        }
        let took = began.elapsed();
        println!("no process {took:?} after the kill");
        assert!(took < GONE, "it took {took:?}");
    }

    /// Ends the gateway by this signal, and sees to it that no process is left: at once if it has
    /// drained, since then it has waited for them.
    pub fn ends_with(self, signal: Signal) {
        let home = self.policy.path().join("run/stdio/alpha");
        let mark = format!("HOME={}", home.display());
        let Self {
            mut gateway,
            policy: _policy,
        } = self;
        gateway.signal(signal);
        gateway.wait();
        let until = Instant::now() + SOON;
        while !marked(&mark).is_empty() {
            let left = signal == Signal::KILL && Instant::now() < until;
            assert!(left, "{:?} are left after {signal:?}", marked(&mark));
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Drains the gateway, has the log checked, and sees to it that no process is left.
    pub fn end(self) {
        let Self { gateway, policy } = self;
        let home = policy.path().join("run/stdio/alpha");
        gateway.stop();
        policy.verify_audit();
        let left = marked(&format!("HOME={}", home.display()));
        assert!(left.is_empty(), "{left:?} are left");
    }
}

/// Processes with this in their environment.
fn marked(mark: &str) -> Vec<u32> {
    let entries = fs::read_dir("/proc").expect("processes").flatten();
    let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    let is_marked = |id: &u32| {
        let environment = fs::read(format!("/proc/{id}/environ")).unwrap_or_default();
        let mut all = environment.split(|byte| *byte == 0);
        all.any(|one| one == mark.as_bytes())
    };
    ids.filter(is_marked).collect()
}

/// What a session's call of a tool without arguments says.
pub fn said(session: &Session, tool: &str) -> String {
    let answer = session.call(tool, json!({}));
    assert!(answer.is_good_call(), "{tool}: {answer:?}");
    answer.text()
}

/// The same on 2026-07-28.
pub fn said_modern(agent: &Agent, tool: &str) -> String {
    let answer = agent.call(tool, json!({}));
    assert!(answer.is_good_call(), "{tool}: {answer:?}");
    answer.text()
}
