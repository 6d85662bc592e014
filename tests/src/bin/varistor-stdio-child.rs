//! A stdio server for tests: answers in both eras, and fails in the ways that its tools are named
//! for.

use std::io::{BufRead as _, Write as _};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

/// What the process knows of its clients.
#[derive(Default)]
struct Known {
    /// Ids of cancelled requests.
    cancelled: Vec<Value>,
    /// The id of a `tools/call` that waits for the client's answer.
    asking: Option<Value>,
    /// The id of `subscriptions/listen`.
    listening: Option<Value>,
}

static KNOWN: Mutex<Option<Known>> = Mutex::new(None);

fn main() {
    let options: Vec<String> = std::env::args().skip(1).collect();
    let has = |name: &str| options.iter().any(|it| it == name);
    if has("--ends") {
        eprintln!("this server ends at once");
        std::process::exit(3);
    }
    let legacy = has("--legacy");
    for line in std::io::stdin().lock().lines() {
        let Ok(line) = line else { break };
        let message: Value = serde_json::from_str(&line).expect("a message on one line");
        if has("--silent") {
            continue;
        }
        heard(&message, legacy);
    }
}

fn known<T>(with: impl FnOnce(&mut Known) -> T) -> T {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    with(known.get_or_insert_default())
}

fn say(message: &Value) {
    say_line(&message.to_string());
}

fn say_line(line: &str) {
    let mut out = std::io::stdout().lock();
    // Whoever read this has gone: so will this process.
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}

fn result(id: &Value, mut result: Value) {
    result["resultType"] = json!("complete");
    say(&json!({"jsonrpc": "2.0", "id": id, "result": result}));
}

fn text(id: &Value, text: &str) {
    result(id, json!({"content": [{"type": "text", "text": text}]}));
}

fn heard(message: &Value, legacy: bool) {
    let (id, params) = (&message["id"], &message["params"]);
    match message["method"].as_str() {
        None => answered(message),
        Some("initialize") => result(
            id,
            json!({"protocolVersion": params["protocolVersion"],
                "capabilities": {"tools": {"listChanged": true}, "resources": {"subscribe": true}},
                "serverInfo": {"name": "varistor-stdio-child", "version": "1"}}),
        ),
        Some("server/discover") if !legacy => result(
            id,
            json!({"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}},
                "ttlMs": 0, "cacheScope": "private"}),
        ),
        Some("ping" | "resources/subscribe" | "resources/unsubscribe") => result(id, json!({})),
        Some("tools/list") => {
            let tools = ["echo", "pid"].map(|name| json!({"name": name, "inputSchema": {}}));
            result(
                id,
                json!({"tools": tools, "ttlMs": 0, "cacheScope": "private"}),
            );
        }
        Some("tools/call") => called(id, params),
        Some("subscriptions/listen") => {
            known(|it| it.listening = Some(id.clone()));
            let params = json!({"_meta": {"io.modelcontextprotocol/subscriptionId": id},
                "notifications": {"toolsListChanged": true}});
            let method = "notifications/subscriptions/acknowledged";
            say(&json!({"jsonrpc": "2.0", "method": method, "params": params}));
        }
        Some("notifications/cancelled") => {
            known(|it| it.cancelled.push(params["requestId"].clone()));
        }
        Some(method) if method.starts_with("notifications/") => {}
        Some(_) => {
            let error = json!({"code": -32601, "message": "no such method"});
            say(&json!({"jsonrpc": "2.0", "id": id, "error": error}));
        }
    }
}

/// The client has answered what this server asked.
fn answered(message: &Value) {
    if let Some(id) = known(|it| it.asking.take()) {
        text(&id, &message["result"].to_string());
    }
}

fn called(id: &Value, params: &Value) {
    let arguments = &params["arguments"];
    let number = |name: &str| arguments[name].as_u64().unwrap_or_default();
    match params["name"].as_str().unwrap_or_default() {
        "echo" => {
            let said = arguments["text"].as_str().unwrap_or_default().to_owned();
            let (id, wait) = (id.clone(), number("wait_ms"));
            match wait {
                0 => text(&id, &said),
                _ => drop(thread::spawn(move || {
                    thread::sleep(Duration::from_millis(wait));
                    text(&id, &said);
                })),
            }
        }
        "pid" => text(id, &std::process::id().to_string()),
        "environment" => {
            let all: Vec<_> = std::env::vars().map(|(k, v)| format!("{k}={v}")).collect();
            text(id, &all.join("\n"));
        }
        "file" => {
            let name = arguments["name"].as_str().unwrap_or_default();
            let said = std::fs::read_to_string(name).unwrap_or_else(|error| error.to_string());
            text(id, &said);
        }
        "descriptors" => {
            let count = std::fs::read_dir("/proc/self/fd").expect("a list").count();
            // One of them is the list.
            text(id, &(count - 1).to_string());
        }
        "progress" => {
            let token = &params["_meta"]["progressToken"];
            for step in 1..=3 {
                say(
                    &json!({"jsonrpc": "2.0", "method": "notifications/progress",
                    "params": {"progressToken": token, "progress": step, "total": 3}}),
                );
            }
            text(id, "done");
        }
        "ask" => {
            known(|it| it.asking = Some(id.clone()));
            say(
                &json!({"jsonrpc": "2.0", "id": 0, "method": "elicitation/create",
                "params": {"message": "well?", "requestedSchema": {"type": "object",
                    "properties": {"a": {"type": "string"}}}}}),
            );
        }
        "log" => {
            say(&json!({"jsonrpc": "2.0", "method": "notifications/message",
                "params": {"level": "info", "data": arguments["text"]}}));
            text(id, "logged");
        }
        "update" => {
            say(
                &json!({"jsonrpc": "2.0", "method": "notifications/resources/updated",
                "params": {"uri": arguments["uri"]}}),
            );
            text(id, "updated");
        }
        "change" => {
            let listening = known(|it| it.listening.clone());
            let meta = json!({"io.modelcontextprotocol/subscriptionId": listening});
            say(
                &json!({"jsonrpc": "2.0", "method": "notifications/tools/list_changed",
                "params": {"_meta": meta}}),
            );
            text(id, "changed");
        }
        "cancelled" => {
            let count = known(|it| it.cancelled.len());
            text(id, &count.to_string());
        }
        tool => misbehave(tool, id, arguments),
    }
}

fn outcome(outcome: std::io::Result<String>) -> String {
    outcome.unwrap_or_else(|error| format!("refused: {error}"))
}

/// The tools that are named for a fault, and those that try what a sandbox refuses.
fn misbehave(tool: &str, id: &Value, arguments: &Value) {
    let number = |name: &str| arguments[name].as_u64().unwrap_or_default();
    let of = |name: &str| arguments[name].as_str().unwrap_or_default();
    match tool {
        "crash" => std::process::exit(7),
        "read" => text(id, &outcome(std::fs::read_to_string(of("path")))),
        "write" => text(
            id,
            &outcome(std::fs::write(of("path"), "x").map(|()| "written".into())),
        ),
        "connect" => {
            let link = std::net::TcpStream::connect(of("address"));
            text(id, &outcome(link.map(|_| "connected".into())));
        }
        "fork" => {
            fork();
            text(id, "forked");
        }
        "noise" => {
            say_line("[INFO] Server started on stdio");
            say_line("{ port: 3000 }");
            text(id, "said");
        }
        "garbage" => say_line("{\"jsonrpc\":\"2.0\",\"id\":"),
        "long" => say_line(&format!(
            "{{\"x\":\"{}\"}}",
            "x".repeat(number("bytes") as usize)
        )),
        "binary" => {
            let mut out = std::io::stdout().lock();
            let _ = out.write_all(b"{\"a\":\"\xff\xfe\"}\n");
        }
        "chatter" => {
            for line in 0..number("lines") {
                eprintln!("line {line} \u{1b}[31m of standard error");
            }
            text(id, "said");
        }
        "foreign" => {
            // Answers somebody else's request, or nobody's.
            text(&arguments["id"], "for somebody else");
            text(id, "said");
        }
        "deaf" => loop {
            thread::sleep(Duration::from_secs(600));
        },
        _ => text(id, "no such tool"),
    }
}

/// Leaves processes behind: a child, one that forks twice and leads a session of its own, and one
/// that does not listen to SIGTERM.
#[expect(
    clippy::zombie_processes,
    reason = "whoever looks after this program has to reap them"
)]
fn fork() {
    let start = |program: &str, arguments: &[&str]| {
        let mut command = Command::new(program);
        command.args(arguments).stdin(Stdio::null());
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().expect("a process");
    };
    start("sleep", &["600"]);
    start("setsid", &["-f", "sleep", "600"]);
    let deaf = "trap '' TERM INT HUP; sleep 600; sleep 600";
    start("setsid", &["-f", "sh", "-c", deaf]);
    thread::sleep(Duration::from_millis(100));
}
