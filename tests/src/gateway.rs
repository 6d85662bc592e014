//! A running `varistor`.

use std::io::{Read, Write};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::process::{Command, ExitStatus};
use std::time::Duration;

use rustix::process::Signal;
use serde_json::Value;

use crate::http::{Answer, Connection};
use crate::policy::PolicyDir;
use crate::process::Process;
use crate::programs;

/// Which of the kernel's interfaces the workers run on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Driver {
    /// Completion rings.
    IoUring,
    /// Readiness.
    Epoll,
}

impl Driver {
    /// Its name on the command line and in the status.
    pub fn name(self) -> &'static str {
        match self {
            Self::IoUring => "io_uring",
            Self::Epoll => "epoll",
        }
    }
}

/// A running gateway; killed when dropped.
pub struct Gateway {
    process: Process,
    address: String,
    socket: PathBuf,
}

impl Gateway {
    /// Starts it on a free port and waits until it serves.
    pub fn start(policy: &PolicyDir, driver: Driver) -> Self {
        Self::start_with(policy, driver, &[])
    }

    /// Starts it where another one was that has ended.
    pub fn start_at(policy: &PolicyDir, driver: Driver, address: &str) -> Self {
        Self::start_by(policy, |command| {
            command.arg(programs::ours("varistor"));
            command.arg("--dir").arg(policy.path());
            command.args(["--listen", address, "--driver", driver.name()]);
        })
    }

    /// The same with further options.
    pub fn start_with(policy: &PolicyDir, driver: Driver, options: &[&str]) -> Self {
        Self::start_by(policy, |command| {
            command.arg(programs::ours("varistor"));
            command.arg("--dir").arg(policy.path());
            command.args(["--listen", "127.0.0.1:0", "--driver", driver.name()]);
            command.args(options);
        })
    }

    /// Starts it by a command of one's own, whose program and arguments `with` sets behind
    /// `setpriv`.
    pub fn start_by(policy: &PolicyDir, with: impl FnOnce(&mut Command)) -> Self {
        let process = Process::start_by(with);
        let address = process.wait_for_address();
        let socket = policy.path().join("run/admin.sock");
        Self {
            process,
            address,
            socket,
        }
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// A fresh connection of a client.
    pub fn connect(&self) -> Connection {
        Connection::open(&self.address)
    }

    /// What `GET /v1/status` says.
    pub fn status(&self) -> Value {
        self.admin("GET", "/v1/status", &[]).json()
    }

    /// Hands it a snapshot.
    pub fn push(&self, snapshot: &[u8]) -> Answer {
        self.admin("POST", "/v1/snapshot", snapshot)
    }

    /// One request on the admin socket.
    pub fn admin(&self, method: &str, target: &str, body: &[u8]) -> Answer {
        let mut socket = UnixStream::connect(&self.socket).expect("the admin socket");
        let time = Some(Duration::from_secs(30));
        socket.set_read_timeout(time).expect("a time-out");
        let head = format!(
            "{method} {target} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        socket.write_all(head.as_bytes()).expect("a head");
        socket.write_all(body).expect("a body");
        let mut bytes = Vec::new();
        socket.read_to_end(&mut bytes).expect("an answer");
        Answer::parse(&bytes)
    }

    /// Asks it to end.
    pub fn terminate(&self) {
        self.process.signal(Signal::TERM);
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        self.process.signal(signal);
    }

    /// How it ended; stops the test when it does not within half a minute.
    pub fn wait(&mut self) -> ExitStatus {
        let ended = self.process.wait_within(Duration::from_secs(30));
        ended.expect("the gateway ends after SIGTERM")
    }

    /// Drains it, and has the audit log complete on disk.
    pub fn stop(mut self) {
        self.terminate();
        assert!(self.wait().success(), "a drained gateway exits with 0");
    }
}
