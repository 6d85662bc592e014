//! A child process that tells when it is ready, and that is gone when the test is.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// How long a program may take to say where it listens, on a busy machine.
const READY_WITHIN: Duration = Duration::from_secs(60);

/// A running program.
pub struct Process {
    child: Child,
    lines: Receiver<String>,
}

impl Process {
    /// Starts a program whose standard output is read line by line; the rest of the command
    /// (arguments, environment, folder) is set by `with`.
    pub fn start(program: &Path, with: impl FnOnce(&mut Command)) -> Self {
        Self::start_by(|command| {
            command.arg(program);
            with(command);
        })
    }

    /// The same, with the program set by `with`, too.
    pub fn start_by(with: impl FnOnce(&mut Command)) -> Self {
        // setpriv keeps the process id and has the kernel kill the child when this thread dies.
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]);
        with(&mut command);
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut child = command
            .spawn()
            .unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let output = child.stdout.take().expect("piped output");
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // The test may be over; what is printed then is nobody's.
                let _ = sender.send(line);
            }
        });
        Self { child, lines }
    }

    /// Waits for a line that begins like this, and gives its rest.
    pub fn wait_for(&self, beginning: &str) -> String {
        let until = Instant::now() + READY_WITHIN;
        loop {
            let left = until.saturating_duration_since(Instant::now());
            let line = self
                .lines
                .recv_timeout(left)
                .unwrap_or_else(|error| panic!("never printed `{beginning}`: {error}"));
            if let Some(rest) = line.strip_prefix(beginning) {
                return rest.trim().to_owned();
            }
        }
    }

    /// Waits for `listening on http(s)://ADDRESS:PORT` and gives `ADDRESS:PORT`.
    pub fn wait_for_address(&self) -> String {
        let url = self.wait_for("listening on http");
        let rest = url.trim_start_matches('s').trim_start_matches("://");
        rest.split('/').next().unwrap_or_default().to_owned()
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let id = i32::try_from(self.child.id()).expect("a process id");
        let id = Pid::from_raw(id).expect("a process id");
        kill_process(id, signal).expect("a signal that is delivered");
    }

    /// How it ended, if it ends within this time.
    pub fn wait_within(&mut self, time: Duration) -> Option<ExitStatus> {
        let until = Instant::now() + time;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child to wait for") {
                return Some(status);
            }
            if Instant::now() >= until {
                return None;
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Both fail when it has ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
