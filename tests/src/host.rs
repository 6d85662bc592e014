//! An MCP host: starts `varictl connect` as a local server and speaks to it over its standard
//! streams.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::agent::{LEGACY, MODERN};
use crate::programs;

/// How long anything may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running bridge; killed when dropped.
pub struct Host {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    said: Arc<Mutex<String>>,
    folder: TempDir,
}

impl Host {
    /// Starts the bridge before this URL, with this token in a file of its own.
    pub fn start(url: &str, token: &str) -> Self {
        Self::start_with(url, token, &[])
    }

    /// The same with further options.
    pub fn start_with(url: &str, token: &str, options: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        write_token(&folder.path().join("token"), token);
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--"]);
        command.arg(programs::ours("varictl"));
        command.args(["connect", url, "--token-file"]);
        command.arg(folder.path().join("token")).args(options);
        Self::of(command, folder)
    }

    /// Starts whatever a host's configuration says.
    pub fn start_configured(program: &str, arguments: &[String]) -> Self {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "KILL", "--", program]);
        command.args(arguments);
        Self::of(command, tempfile::tempdir().expect("a folder"))
    }

    fn of(mut command: Command, folder: TempDir) -> Self {
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().expect("varictl");
        let input = child.stdin.take();
        let output = child.stdout.take().expect("standard output");
        let (sender, lines) = mpsc::channel();
        thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // The test may be over.
                let _ = sender.send(line);
            }
        });
        let said = Arc::new(Mutex::new(String::new()));
        let mut errors = child.stderr.take().expect("standard error");
        let kept = Arc::clone(&said);
        thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(count @ 1..) = errors.read(&mut piece) {
                let text = String::from_utf8_lossy(&piece[..count]).into_owned();
                kept.lock().expect("remarks").push_str(&text);
            }
        });
        Self {
            child,
            input,
            lines,
            said,
            folder,
        }
    }

    /// Where the token is.
    pub fn token_file(&self) -> PathBuf {
        self.folder.path().join("token")
    }

    /// Puts another token in the place of the first.
    pub fn rotate(&self, token: &str) {
        let fresh = self.folder.path().join("fresh");
        write_token(&fresh, token);
        std::fs::rename(fresh, self.token_file()).expect("a rename");
    }

    /// Sends a message.
    pub fn send(&mut self, message: &Value) {
        self.send_line(&message.to_string());
    }

    /// Sends a line.
    pub fn send_line(&mut self, line: &str) {
        let input = self.input.as_mut().expect("an open input");
        writeln!(input, "{line}").expect("a bridge that reads");
    }

    /// The next line.
    pub fn line(&self) -> String {
        self.lines.recv_timeout(PATIENCE).unwrap_or_else(|error| {
            panic!(
                "no line from the bridge ({error}); it said:\n{}",
                self.said()
            )
        })
    }

    /// The next message.
    pub fn next(&self) -> Value {
        let line = self.line();
        serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"))
    }

    /// Every line that is left when the bridge has ended.
    pub fn rest(&self) -> Vec<String> {
        self.lines.iter().collect()
    }

    /// Opens a session, as hosts do; the answer to `initialize`.
    pub fn initialize(&mut self) -> Value {
        self.send(
            &json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": LEGACY, "capabilities": {},
            "clientInfo": {"name": "varistor-tests", "version": "1"}}}),
        );
        let answer = self.next();
        self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        answer
    }

    /// Sends a request of a session.
    pub fn request(&mut self, id: u64, method: &str, params: Value) {
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
    }

    /// Calls a tool in a session.
    pub fn call(&mut self, id: u64, tool: &str) {
        self.request(id, "tools/call", json!({"name": tool, "arguments": {}}));
    }

    /// Sends a request of the version without sessions.
    pub fn modern(&mut self, id: u64, method: &str, mut params: Value) {
        params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!(MODERN);
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
        self.request(id, method, params);
    }

    /// Cancels a request.
    pub fn cancel(&mut self, id: u64) {
        self.send(
            &json!({"jsonrpc": "2.0", "method": "notifications/cancelled",
            "params": {"requestId": id}}),
        );
    }

    /// Closes the bridge's standard input.
    pub fn close(&mut self) {
        self.input = None;
    }

    /// Sends it SIGTERM.
    pub fn terminate(&self) {
        let id = i32::try_from(self.child.id()).expect("a process id");
        let id = Pid::from_raw(id).expect("a process id");
        kill_process(id, Signal::TERM).expect("a signal that is delivered");
    }

    /// How it ended.
    pub fn wait(&mut self) -> ExitStatus {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child to wait for") {
                return status;
            }
            assert!(
                Instant::now() < until,
                "the bridge does not end:\n{}",
                self.said()
            );
            thread::sleep(Duration::from_millis(5));
        }
    }

    /// Closes the input and expects that everything ends well.
    pub fn end(mut self) {
        self.close();
        let status = self.wait();
        assert!(status.success(), "{status}:\n{}", self.said());
        assert_eq!(self.rest(), Vec::<String>::new());
    }

    /// What it said to people so far.
    pub fn said(&self) -> String {
        self.said.lock().expect("remarks").clone()
    }

    /// Waits until it has said this.
    pub fn wait_for(&self, remark: &str) {
        let until = Instant::now() + PATIENCE;
        while !self.said().contains(remark) {
            assert!(
                Instant::now() < until,
                "never said {remark:?}:\n{}",
                self.said()
            );
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Both fail when it has ended already, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn write_token(path: &Path, token: &str) {
    let mut open = std::fs::OpenOptions::new();
    let file = open.write(true).create_new(true).mode(0o600).open(path);
    file.expect("a new file")
        .write_all(token.as_bytes())
        .expect("a token");
}
