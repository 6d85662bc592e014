//! What a gateway does first with a server: initialize, and ask for its tools. Bounded in time and
//! size; what is no JSON on standard output is skipped, as the protocol's clients do.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::process::{ChildStdin, ChildStdout};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use varistor_sandbox::Tree;

/// Bytes of the longest message that is read: twenty times the largest list of tools known.
const MESSAGE_BYTES_MAX: u64 = 16 << 20;
/// Pages of tools that are asked for.
const PAGES_MAX: usize = 64;
/// How long a server may take to end once its input is closed, and then once it is asked.
const LEAVE: Duration = Duration::from_secs(3);
/// How often is looked whether it has ended.
const LOOK: Duration = Duration::from_millis(20);

/// How the talk went.
#[derive(Debug)]
pub(super) struct Met {
    /// What the server called itself, if it answered.
    pub(super) server: Option<String>,
    /// The version of the protocol that it chose.
    pub(super) version: Option<String>,
    /// Names of its tools.
    pub(super) tools: Vec<String>,
    /// Why that is all.
    pub(super) failure: Option<String>,
}

impl Met {
    /// A talk that did not come about.
    pub(super) fn failed(why: &str) -> Self {
        Self {
            server: None,
            version: None,
            tools: Vec::new(),
            failure: Some(why.to_owned()),
        }
    }
}

/// Speaks to the server, closes its input, and has it end.
pub(super) fn meet(input: ChildStdin, output: ChildStdout, within: Duration, tree: &Tree) -> Met {
    let (lines, received) = mpsc::channel();
    thread::spawn(move || {
        let mut reader = BufReader::new(output);
        loop {
            let mut line = Vec::new();
            let mut bounded = reader.by_ref().take(MESSAGE_BYTES_MAX);
            match bounded.read_until(b'\n', &mut line) {
                Ok(0) | Err(_) => return,
                Ok(_) => {}
            }
            if let Ok(message) = serde_json::from_slice::<Value>(&line)
                && lines.send(message).is_err()
            {
                return; // nobody listens any more
            }
        }
    });
    let mut talk = Talk {
        input,
        received,
        until: Instant::now().checked_add(within),
        id: 0,
    };
    let mut met = Met::failed("");
    met.failure = talk.through(&mut met).err();
    drop(talk);
    leave(tree);
    met
}

struct Talk {
    input: ChildStdin,
    received: Receiver<Value>,
    until: Option<Instant>,
    id: u64,
}

impl Talk {
    fn through(&mut self, met: &mut Met) -> Result<(), String> {
        let hello = json!({
            "protocolVersion": "2025-11-25",
            "capabilities": {},
            "clientInfo": {"name": "varictl", "version": env!("CARGO_PKG_VERSION")},
        });
        let answer = self.ask("initialize", &hello)?;
        let text = |value: &Value| value.as_str().map(str::to_owned);
        met.server = text(&answer["serverInfo"]["name"]);
        met.version = text(&answer["protocolVersion"]);
        self.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))?;
        if answer["capabilities"]["tools"].is_null() {
            return Ok(()); // a server of prompts or resources
        }
        let mut parameters = json!({});
        for _ in 0..PAGES_MAX {
            let page = self.ask("tools/list", &parameters)?;
            let tools = page["tools"].as_array().into_iter().flatten();
            met.tools
                .extend(tools.filter_map(|tool| text(&tool["name"])));
            match page["nextCursor"].as_str() {
                Some(next) => parameters = json!({"cursor": next}),
                None => return Ok(()),
            }
        }
        Err(format!("more than {PAGES_MAX} pages of tools"))
    }

    fn ask(&mut self, method: &str, parameters: &Value) -> Result<Value, String> {
        self.id = self.id.saturating_add(1);
        let question = json!({
            "jsonrpc": "2.0", "id": self.id, "method": method, "params": parameters,
        });
        self.send(&question)?;
        loop {
            let left = self
                .until
                .and_then(|at| at.checked_duration_since(Instant::now()));
            let message = self.received.recv_timeout(left.unwrap_or_default());
            let mut message = message.map_err(|error| match error {
                mpsc::RecvTimeoutError::Timeout => format!("no answer to {method} in time"),
                mpsc::RecvTimeoutError::Disconnected => {
                    format!("the server closed its output before it answered {method}")
                }
            })?;
            if message["id"] != json!(self.id) || message.get("method").is_some() {
                continue;
            }
            return match message.get("error") {
                Some(error) => Err(format!("{method} was answered with an error: {error}")),
                None => Ok(message["result"].take()),
            };
        }
    }

    fn send(&mut self, message: &Value) -> Result<(), String> {
        writeln!(self.input, "{message}")
            .and_then(|()| self.input.flush())
            .map_err(|error| format!("the server does not read its input: {error}"))
    }
}

/// Lets the server end on its own, asks it to, and ends it.
fn leave(tree: &Tree) {
    if is_gone_within(tree, LEAVE) {
        return;
    }
    // What can't be asked is ended just below.
    let _ = tree.ask();
    if !is_gone_within(tree, LEAVE) {
        // Traced processes end more slowly than the promise of `end`; the tracer waits for them.
        let _ = tree.begin_end();
    }
}

fn is_gone_within(tree: &Tree, patience: Duration) -> bool {
    let until = Instant::now().checked_add(patience);
    while until.is_some_and(|until| Instant::now() < until) {
        if tree.has_ended().unwrap_or(true) {
            return true;
        }
        thread::sleep(LOOK);
    }
    false
}
