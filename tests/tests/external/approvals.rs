//! The approval page of `varictl approvals serve`, used in a real browser.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;

use serde_json::{Value, json};
use varistor_tests::process::Process;
use varistor_tests::{PolicyDir, programs};

/// The admin interface of a gateway that holds calls, as far as approvals go.
#[derive(Clone, Default)]
struct Fake {
    held: Arc<Mutex<BTreeMap<String, Value>>>,
    decisions: Arc<Mutex<Vec<Value>>>,
}

impl Fake {
    fn hold(&self, id: &str, tool: &str, window_max_ms: u64) {
        let now_ms = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .expect("a time")
            .as_millis();
        let arguments = "{\"path\":\"/srv/report\u{202e}txt.exe\",\
             \"amount\":1.00000000000000000001,\
                         \"to\":[\"a@acme.example\",\"<script>alert(1)</script>\"]}";
        let one = json!({
            "id": id, "state": "pending",
            "created_unix_ms": now_ms, "expires_unix_ms": now_ms + 900_000,
            "organisation": "acme", "team": "platform", "agent": "ci-bot",
            "token": "0123456789abcdef0123456789abcdef", "server": "stripe", "tool": tool,
            "intent": "destructive", "why": "rule \"refunds need a human\"",
            "arguments": arguments, "generation": 7, "quorum": 1, "approved_by": [],
            "window_max_ms": window_max_ms,
        });
        let mut held = self.held.lock().expect("no panic");
        held.insert(id.to_owned(), one);
    }

    fn listen(&self, policy: &PolicyDir) {
        let path = policy.path().join("run/admin.sock");
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let listener = UnixListener::bind(path).expect("a socket");
        let this = self.clone();
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let this = this.clone();
                thread::spawn(move || this.serve(stream));
            }
        });
    }

    fn serve(&self, mut stream: UnixStream) {
        let mut bytes = Vec::new();
        let mut block = [0; 4096];
        let (head, body) = loop {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.to_ascii_lowercase();
                let length = length
                    .lines()
                    .find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
                if body.len() >= length.unwrap_or(0) {
                    break (head.to_owned(), body.to_owned());
                }
            }
            match stream.read(&mut block) {
                Ok(count) if count > 0 => bytes.extend_from_slice(&block[..count]),
                _ => return,
            }
        };
        let mut words = head.split(' ');
        let (method, path) = (words.next(), words.next().unwrap_or_default());
        let (status, told) = match path.strip_prefix("/v1/approvals/") {
            None => (200, self.listing()),
            Some(id) if method == Some("GET") => self.one(id),
            Some(id) => self.decide(id, &body),
        };
        let told = told.to_string();
        let answer = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{told}",
            told.len()
        );
        // Whoever asked may have gone.
        let _ = stream.write_all(answer.as_bytes());
    }

    fn listing(&self) -> Value {
        let held = self.held.lock().expect("no panic");
        json!({"approvals": held.values().collect::<Vec<_>>()})
    }

    fn one(&self, id: &str) -> (u16, Value) {
        let held = self.held.lock().expect("no panic");
        let found = held.get(id).cloned();
        found.map_or((404, json!({"error": "unknown"})), |one| (200, one))
    }

    fn decide(&self, id: &str, body: &str) -> (u16, Value) {
        let mut held = self.held.lock().expect("no panic");
        let Some(one) = held.get_mut(id) else {
            return (404, json!({"error": "unknown"}));
        };
        if one["state"] != "pending" {
            return (409, json!({"error": "it is decided"}));
        }
        let mut decision: Value = serde_json::from_str(body).expect("JSON");
        let approved = decision["decision"] == "approve";
        one["state"] = json!(if approved { "approved" } else { "denied" });
        if approved {
            one["approved_by"] = json!([decision["by"]]);
        }
        decision["id"] = json!(id);
        self.decisions.lock().expect("no panic").push(decision);
        (200, one.clone())
    }
}

const IDS: [&str; 3] = [
    "00000000000000000000000000000001",
    "00000000000000000000000000000002",
    "00000000000000000000000000000003",
];

fn policy() -> PolicyDir {
    PolicyDir::new(
        "servers: { alpha: { url: http://127.0.0.1:1/ } }
organisations: { acme: { roles: { all: { allow: [\"*\"] } }, agents: { a: { roles: [all] } } } }
",
    )
}

fn printed(policy: &PolicyDir, given: &[&str]) -> String {
    let output = policy.varictl(given);
    assert!(output.status.success(), "{output:?}");
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

#[test]
fn people_decide_in_a_browser_with_mouse_keyboard_and_links() {
    let policy = policy();
    let fake = Fake::default();
    for (id, window) in IDS.into_iter().zip([0, 0, 1_800_000]) {
        fake.hold(id, "create_refund", window);
    }
    fake.listen(&policy);
    let code = printed(&policy, &["approvals", "approver", "add", "alice"]);
    printed(&policy, &["approvals", "approver", "add", "bob"]);
    let page = Process::start(&programs::ours("varictl"), |command| {
        command.args(["approvals", "serve", "--listen", "127.0.0.1:0", "--dir"]);
        command.arg(policy.path());
    });
    let url = format!("http://{}", page.wait_for_address());
    let link = ["approvals", "link", IDS[2], "--for", "bob", "--url", &url];
    let link = printed(&policy, &link);
    let shots = tempfile::tempdir().expect("a folder");
    let folder = std::env::var("VARISTOR_SHOTS");
    let wish = json!({
        "url": url, "name": "alice", "code": code, "approve": IDS[0], "deny": IDS[1], "link": link,
        "shots": folder.unwrap_or_else(|_| shots.path().display().to_string()),
    });
    let mut browser = Command::new(programs::python())
        .arg(programs::folder().join("python/approval_page.py"))
        .stdin(Stdio::piped())
        .spawn()
        .expect("Python");
    let mut input = browser.stdin.take().expect("standard input");
    input
        .write_all(wish.to_string().as_bytes())
        .expect("a wish");
    drop(input);
    assert!(
        browser.wait().expect("an end").success(),
        "the browser's part"
    );
    let decisions = fake.decisions.lock().expect("no panic").clone();
    let expected = [
        (IDS[0], "alice", "approve", "as agreed <b>", 0),
        (IDS[1], "alice", "deny", "not today", 0),
        (IDS[2], "bob", "approve", "", 1_800_000),
    ];
    let expected = expected.map(|(id, by, decision, note, for_ms)| {
        let mut told = json!({"id": id, "by": by, "decision": decision});
        told["note"] = json!(note);
        told["for_ms"] = json!(for_ms);
        told
    });
    assert_eq!(decisions, expected);
}
