//! Witnesses of the log: asked by the gateway itself, told of, and missed where policy wants them.

use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;
use varistor_tests::process::Process;
use varistor_tests::receiver::{Receiver, Turn};
use varistor_tests::{Agent, Driver, Gateway, PolicyDir, Upstream, on_both_drivers, programs};

use crate::world::{Extra, policy_text};

on_both_drivers!(
    a_gateway_has_its_log_cosigned_and_stands_still_without,
    a_witness_tells_the_gateway_of_an_old_copy_of_everything,
    checkpoints_go_where_nobody_can_change_them,
);

/// `varictl audit witness serve`, with its memory.
struct Witness {
    memory: TempDir,
    running: Option<(Process, String)>,
}

impl Witness {
    fn of(policy: &PolicyDir) -> Self {
        let mut witness = Self {
            memory: tempfile::tempdir().expect("a folder"),
            running: None,
        };
        witness.start(policy);
        witness
    }

    fn start(&mut self, policy: &PolicyDir) {
        let process = Process::start(&programs::ours("varictl"), |command| {
            command.args(["audit", "witness", "serve", "--name", "w.example"]);
            command.args(["--listen", "127.0.0.1:0", "--memory"]);
            command.arg(self.memory.path());
            command
                .arg("--log")
                .arg(policy.path().join("state/audit.vkey"));
        });
        let url = format!("http://{}", process.wait_for_address());
        self.running = Some((process, url));
    }

    fn key(&self) -> String {
        let key = std::fs::read_to_string(self.memory.path().join("witness.vkey"));
        key.expect("the witness's key").trim().to_owned()
    }

    fn url(&self) -> &str {
        &self.running.as_ref().expect("a witness that runs").1
    }
}

/// The usual policy, whose calls of every intent need this witness.
fn policy_with(upstream: &Upstream, witness: &Witness) -> String {
    let top = format!(
        "audit:
  witnesses: [{{ key: \"{}\", url: \"{}\" }}]
  ask: 1s
  unwitnessed: {{ within: 2s, intents: [read, write, destructive, exfiltrative] }}",
        witness.key(),
        witness.url()
    );
    policy_text(
        upstream,
        Extra {
            top: &top,
            ..Extra::default()
        },
    )
}

/// An ask that times out on a busy machine costs twenty seconds, and is followed by another.
fn wait_for(what: &str, mut done: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(90);
    while !done() {
        assert!(Instant::now() < until, "no {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

fn first(status: &Value) -> &Value {
    &status["audit"]["witnesses"][0]
}

fn stands(gateway: &Gateway, how: &str) -> bool {
    first(&gateway.status())["state"] == how
}

/// Whether a call passes; otherwise it is denied for want of a witness.
fn passes(agent: &Agent) -> bool {
    let answer = agent.call("read_file", json!({"path": "/a"}));
    if answer.is_good_call() {
        return true;
    }
    let text = answer.text();
    assert!(text.contains("wait for their witnesses"), "{text}");
    false
}

fn a_gateway_has_its_log_cosigned_and_stands_still_without(driver: Driver) {
    let upstream = Upstream::start();
    let policy = PolicyDir::new(&policy_text(&upstream, Extra::default()));
    let mut witness = Witness::of(&policy);
    policy.write(&policy_with(&upstream, &witness));
    policy.compile();
    let gateway = Gateway::start(&policy, driver);
    let agent = Agent::new(gateway.address(), "alpha", &policy.token("tester"));
    wait_for("cosignature", || stands(&gateway, "cosigns"));
    wait_for("call", || passes(&agent));
    wait_for("cosignature of the call", || {
        let status = gateway.status();
        first(&status)["cosigned"].as_u64() > Some(3) && status["audit"]["overdue"] == false
    });
    let verified = policy.varictl(&["audit", "verify", "--json"]);
    let told: Value = serde_json::from_slice(&verified.stdout).expect("JSON");
    assert!(verified.status.success(), "{told}");
    assert!(told["witnessed"].as_u64() > Some(3), "{told}");

    witness.running = None;
    let before = upstream.calls();
    wait_for("end of the time without", || !passes(&agent));
    wait_for("word of it", || {
        gateway.status()["audit"]["overdue"] == true
    });
    assert!(!passes(&agent), "a call without a witness");
    assert!(upstream.calls() >= before);
    let reached = upstream.calls();
    assert!(!passes(&agent) && upstream.calls() == reached);
    wait_for("word of the witness", || stands(&gateway, "unreachable"));
    let shown = policy.varictl(&["status"]);
    let (out, warned) = (text(&shown.stdout), text(&shown.stderr));
    assert!(out.contains("w.example"), "{out}");
    assert!(warned.contains("wait for their witnesses"), "{warned}");
    let metrics = gateway.admin("GET", "/v1/metrics", &[]).body_text();
    for line in [
        "varistor_audit_unwitnessed_overdue 1",
        "varistor_audit_witness_up{witness=\"w.example\"} 0",
        "varistor_audit_unwitnessed_records",
        "varistor_audit_unwitnessed_seconds",
        "varistor_audit_witness_cosigned{witness=\"w.example\"}",
        "varistor_audit_witness_failures_total{witness=\"w.example\"}",
    ] {
        assert!(metrics.contains(line), "no {line} in {metrics}");
    }
    wait_for("word of `varictl audit verify`", || {
        policy.varictl(&["audit", "verify"]).status.code() == Some(4)
    });

    // Elsewhere, with the same key and memory.
    witness.start(&policy);
    policy.write(&policy_with(&upstream, &witness));
    policy.push();
    wait_for("call", || passes(&agent));
    gateway.stop();
    let records = policy.records();
    let kinds: Vec<_> = records
        .iter()
        .filter_map(|record| record["kind"].as_str())
        .filter(|kind| kind.contains("witness"))
        .collect();
    for kind in [
        "witness_cosigns",
        "witness_failed",
        "unwitnessed_begun",
        "unwitnessed_ended",
    ] {
        assert!(kinds.contains(&kind), "no {kind} in {kinds:?}");
    }
    let denied = |record: &&Value| record["reason"] == "unwitnessed";
    let denied = records.iter().find(denied).expect("a denied call");
    assert_eq!(
        (&denied["stage"], &denied["tool"]),
        (&json!("audit"), &json!("read_file"))
    );
    let key = witness.key();
    let verified = policy.varictl(&["audit", "verify", "--witness", &key]);
    assert_eq!(verified.status.code(), Some(4), "the end is not witnessed");
}

fn a_witness_tells_the_gateway_of_an_old_copy_of_everything(driver: Driver) {
    let upstream = Upstream::start();
    let policy = PolicyDir::new(&policy_text(&upstream, Extra::default()));
    let witness = Witness::of(&policy);
    policy.write(&policy_with(&upstream, &witness));
    policy.compile();
    let cosigned = |least: usize| {
        let gateway = Gateway::start(&policy, driver);
        wait_for("cosignature", || {
            first(&gateway.status())["cosigned"].as_u64() >= u64::try_from(least).ok()
        });
        gateway.stop();
    };
    cosigned(1);
    // Keys, heads, log: whoever owns the gateway can put all of it back.
    let copy = policy.path().join("copy");
    std::fs::create_dir(&copy).expect("a folder");
    let files = |from: &Path, to: &Path| {
        for name in ["audit", "state"] {
            let copied = Command::new("cp")
                .arg("-a")
                .arg(from.join(name))
                .arg(to)
                .status();
            assert!(copied.expect("cp").success());
        }
    };
    files(&policy.path(), &copy);
    // A witness that has seen no more than the copy holds can't tell that anything is old.
    cosigned(policy.records().len() + 1);
    for name in ["audit", "state"] {
        std::fs::remove_dir_all(policy.path().join(name)).expect("a folder");
    }
    files(&copy, &policy.path());
    let gateway = Gateway::start(&policy, driver);
    let agent = Agent::new(gateway.address(), "alpha", &policy.token("tester"));
    wait_for("conflict", || stands(&gateway, "conflicts"));
    wait_for("denied call", || !passes(&agent));
    let status = gateway.status();
    let error = first(&status)["error"].as_str().unwrap_or_default();
    let told = ["restored from an old copy", "another history"];
    assert!(told.iter().any(|text| error.contains(text)), "{status}");
    gateway.stop();
    let failed = |record: &&Value| record["kind"] == "witness_failed";
    let records = policy.records();
    let failed = records.iter().find(failed).expect("a record of it");
    assert_eq!(failed["details"]["what"], "conflicts");
}

fn checkpoints_go_where_nobody_can_change_them(driver: Driver) {
    let upstream = Upstream::start();
    let bucket = Receiver::start(&[Turn::Status(503, ""), Turn::Status(409, "")]);
    let text = |bucket: &Receiver| {
        let top = format!(
            "audit:
  checkpoints:
    directory: kept
    url: \"{}?${{vault:sas}}\"
    headers: [\"x-ms-blob-type: BlockBlob\", \"Authorization: Bearer ${{vault:sas}}\"]
    every: 1s",
            bucket.url("/logs/one/")
        );
        let top = &top;
        policy_text(
            &upstream,
            Extra {
                top,
                ..Extra::default()
            },
        )
    };
    let policy = PolicyDir::new(&policy_text(&upstream, Extra::default()));
    policy.keep_in_vault("sas", "sig=s3cr3t");
    policy.write(&text(&bucket));
    policy.compile();
    let kept = policy.path().join("kept");
    std::fs::create_dir(&kept).expect("a folder");
    let gateway = Gateway::start(&policy, driver);
    let agent = Agent::new(gateway.address(), "alpha", &policy.token("tester"));
    let mut got = vec![bucket.next(), bucket.next()];
    let exported = |gateway: &Gateway| gateway.status()["audit"]["checkpoints"].clone();
    wait_for("export", || {
        exported(&gateway)["exported"].as_u64() > Some(0)
    });
    assert!(
        agent
            .call("read_file", json!({"path": "/a"}))
            .is_good_call()
    );
    let before = exported(&gateway)["exported"].as_u64();
    wait_for("newer export", || {
        exported(&gateway)["exported"].as_u64() > before
    });
    let told = exported(&gateway);
    assert_eq!(
        (&told["failures"], &told["error"]),
        (&json!(1), &Value::Null)
    );
    assert!(!told.to_string().contains("s3cr3t"), "{told}");
    let metrics = gateway.admin("GET", "/v1/metrics", &[]).body_text();
    for name in ["audit_exported_seq", "audit_export_failures_total 1"] {
        assert!(metrics.contains(name), "no {name} in {metrics}");
    }
    // Nothing new to keep: nothing is sent.
    thread::sleep(Duration::from_millis(2500));
    gateway.stop();
    got.extend(bucket.rest(Duration::from_millis(50)));
    let lines = got.iter().map(|put| put.head.lines().next());
    let mut lines: Vec<_> = lines.skip(1).collect();
    let all = lines.len();
    lines.sort_unstable();
    lines.dedup();
    assert_eq!(lines.len(), all, "a checkpoint was sent twice");
    let records = policy.records();
    for kind in ["checkpoints_failed", "checkpoints_exported"] {
        let of = records.iter().filter(|record| record["kind"] == kind);
        assert_eq!(of.count(), 1, "{kind}");
    }
    // Each of them is the log's, wherever it was kept.
    let mut names: Vec<_> = std::fs::read_dir(&kept)
        .expect("a folder")
        .map(|entry| entry.expect("a file").path())
        .collect();
    names.sort();
    let last = names.last().and_then(|path| path.to_str()).expect("a file");
    let verified = policy.varictl(&["audit", "verify", "--checkpoint", last]);
    assert!(verified.status.success(), "{verified:?}");
    for put in &got {
        let line = put.head.lines().next().expect("a request line");
        assert!(line.starts_with("PUT /logs/one/0000000000"), "{line}");
        assert!(line.ends_with(".checkpoint?sig=s3cr3t HTTP/1.1"), "{line}");
        assert_eq!(put.field("if-none-match"), "*");
        assert_eq!(put.field("x-ms-blob-type"), "BlockBlob");
        assert_eq!(put.field("authorization"), "Bearer sig=s3cr3t");
        let name = line
            .split(['/', '?'])
            .find(|part| part.ends_with(".checkpoint"));
        let file = std::fs::read(kept.join(name.expect("a name"))).expect("the same one");
        let text = |note: &[u8]| {
            String::from_utf8_lossy(note)
                .split("\n\n")
                .next()
                .map(str::to_owned)
        };
        assert_eq!(text(&file), text(&put.body));
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
