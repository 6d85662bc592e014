//! What must not keep the kill switch from working: a full disk, and workers that do not run.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use nix::sys::ptrace;
use nix::sys::wait::{WaitPidFlag, waitpid};
use nix::unistd::Pid;
use serde_json::json;
use varistor_tests::policy::assert_success;
use varistor_tests::{Agent, Driver, Gateway, PolicyDir, on_both_drivers, programs};

use crate::kill::{lasting, streaming};
use crate::world::{Extra, World, policy_text};

on_both_drivers!(
    a_full_disk_keeps_nothing_from_being_stopped,
    workers_that_do_not_run_keep_nothing_open,
    a_call_that_waits_for_the_log_is_not_forwarded,
);

/// Mounts a small disk where log and state lie, starts the gateway on it, and fills it when the
/// file `fill` appears.
const SMALL_DISK: &str = r#"
set -e
cd "$1"
mkdir -p audit
cp -a state old-state
mount -t tmpfs -o size=40m,mode=0700 tmpfs audit
mkdir audit/state
cp -a old-state/. audit/state
mount --bind audit/state state
(until [ -e fill ]; do sleep 0.05; done
 cat /dev/zero > audit/state/filling 2> /dev/null || true
 touch filled) &
shift
exec "$@"
"#;

fn wait_for(what: &str, mut holds: impl FnMut() -> bool) {
    let since = Instant::now();
    while !holds() {
        assert!(since.elapsed() < Duration::from_secs(30), "never: {what}");
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn a_full_disk_keeps_nothing_from_being_stopped(driver: Driver) {
    let (upstream, ended) = lasting();
    let text = policy_text(
        &upstream,
        Extra {
            top: "audit: { segment: 4MiB }",
            ..Extra::default()
        },
    );
    let policy = PolicyDir::new(&text);
    let dir = policy.path();
    let gateway = Gateway::start_by(&policy, |command| {
        command.args([
            "unshare",
            "--user",
            "--map-root-user",
            "--mount",
            "--",
            "sh",
            "-c",
        ]);
        command.args([SMALL_DISK, "sh"]).arg(&dir);
        command
            .arg(programs::ours("varistor"))
            .arg("--dir")
            .arg(&dir);
        command.args(["--listen", "127.0.0.1:0", "--driver", driver.name()]);
    });
    let agent = |name: &str| Agent::new(gateway.address(), "alpha", &policy.token(name));
    let (tester, other) = (agent("tester"), agent("other"));
    assert!(other.call("read_file", json!({})).is_good_call());
    let mut stream = streaming(&tester);
    fs::write(dir.join("fill"), "").expect("a file");
    wait_for("the disk is full", || dir.join("filled").exists());
    // The log takes what its segment has room for, and then nothing.
    let long = "x".repeat(100_000);
    wait_for("the log fails", || {
        let denied = other.call("read_file", json!({"path": long}));
        denied.json()["result"]["_meta"]["varistor/reason"] == "audit_failed"
    });

    let pulled = Instant::now();
    let body = json!({"selectors": ["agent acme/tester"]}).to_string();
    let said = gateway.admin("POST", "/v1/kill", body.as_bytes()).json();
    assert_eq!(said["kept"], json!(true), "{said}");
    assert_eq!(stream.next_event(), None);
    ended.recv_timeout(Duration::from_secs(20)).expect("an end");
    assert!(
        pulled.elapsed() < Duration::from_secs(5),
        "{:?}",
        pulled.elapsed()
    );
    let told = tester.call("read_file", json!({}));
    assert_eq!(told.json()["error"]["data"]["reason"], "killed");
    let told = other.call("read_file", json!({"path": long}));
    assert_eq!(
        told.json()["result"]["_meta"]["varistor/reason"],
        "audit_failed"
    );
    let listed = policy.varictl(&["kill", "--list"]);
    assert_success(&listed, "kill --list");
    assert!(String::from_utf8_lossy(&listed.stdout).contains("agent acme/tester"));

    // The reserve has taken the alarm, and the kill; the log lies in the gateway's own mounts.
    let own = format!("/proc/{}/root{}/audit", gateway.id(), dir.display());
    let log = || {
        let files = fs::read_dir(&own).expect("the log").flatten();
        let segments = files.filter(|file| file.path().extension().is_some_and(|it| it == "jsonl"));
        let texts = segments.map(|file| fs::read_to_string(file.path()).unwrap_or_default());
        texts.collect::<String>()
    };
    wait_for("the alarm", || log().contains("\"kind\":\"audit_full\""));
    wait_for("the kill's record", || log().contains("\"kind\":\"kill\""));
    assert_eq!(gateway.status()["audit"]["state"], "failed");
    fs::remove_file(format!("{own}/state/filling")).expect("room");
    wait_for("calls pass again", || {
        other.call("read_file", json!({})).is_good_call()
    });
    wait_for("its record", || {
        log().contains("\"kind\":\"audit_recovered\"")
    });
    wait_for("the reserve", || Path::new(&own).join("reserve").exists());
}

/// Threads of a process with such names.
fn threads(id: u32, is_meant: impl Fn(&str) -> bool) -> Vec<Pid> {
    let tasks = fs::read_dir(format!("/proc/{id}/task")).expect("a process");
    let tasks = tasks.map(|task| task.expect("a thread").path());
    let named = |task: &Path| {
        let comm = fs::read_to_string(task.join("comm")).unwrap_or_default();
        is_meant(comm.trim())
    };
    let id = |task: &Path| task.file_name()?.to_str()?.parse().ok();
    let found = tasks
        .filter(|task| named(task))
        .filter_map(|task| id(&task));
    found.map(Pid::from_raw).collect()
}

fn is_worker(name: &str) -> bool {
    let number = name.strip_prefix("varistor-").map(str::parse::<u32>);
    matches!(number, Some(Ok(_)))
}

/// Keeps these threads from running, as long as this lives. `None` where tracing is not permitted.
struct Stopped(Vec<Pid>);

impl Stopped {
    fn stop(threads: Vec<Pid>) -> Option<Self> {
        for thread in &threads {
            ptrace::seize(*thread, ptrace::Options::empty()).ok()?;
            ptrace::interrupt(*thread).expect("a thread that is traced");
            let all = Some(WaitPidFlag::__WALL);
            waitpid(*thread, all).expect("a thread that stops");
        }
        Some(Self(threads))
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        for thread in &self.0 {
            // It may be gone with its process.
            let _ = ptrace::detach(*thread, None);
        }
    }
}

fn workers_that_do_not_run_keep_nothing_open(driver: Driver) {
    let (upstream, ended) = lasting();
    let world = World::around(driver, upstream, Extra::default());
    let (tester, other) = (world.tester(), world.agent("other"));
    let mut streams: Vec<_> = (0..8).map(|_| streaming(&tester)).collect();
    let mut others: Vec<_> = (0..8).map(|_| streaming(&other)).collect();
    let workers = threads(world.gateway.id(), is_worker);
    assert_eq!(workers.len(), 2);
    // Only root may trace a process that keeps secrets; elsewhere, `worker/seats.rs` is tested
    // alone.
    let Some(stopped) = Stopped::stop(workers) else {
        return;
    };
    let pulled = Instant::now();
    let body = json!({"selectors": ["agent acme/tester"]}).to_string();
    let said = world
        .gateway
        .admin("POST", "/v1/kill", body.as_bytes())
        .json();
    assert_eq!((&said["heeded"], &said["kept"]), (&json!(0), &json!(true)));
    assert_eq!(said["ended"], json!({"connections": 8, "calls": 8}));
    for stream in &mut streams {
        assert_eq!(stream.next_event(), None);
    }
    for _ in 0..8 {
        ended.recv_timeout(Duration::from_secs(20)).expect("an end");
    }
    assert!(
        pulled.elapsed() < Duration::from_secs(5),
        "{:?}",
        pulled.elapsed()
    );
    drop(stopped);
    // They run again: what was spared goes on, what was stopped is refused and recorded.
    assert!(other.call("read_file", json!({})).is_good_call());
    let told = tester.call("read_file", json!({}));
    assert_eq!(told.json()["error"]["data"]["reason"], "killed");
    world.switch("/v1/kill", &["all"]);
    for stream in &mut others {
        assert_eq!(stream.next_event(), None);
    }
    let records = world.records();
    let killed = records.iter().filter(|record| record["status"] == "killed");
    assert_eq!(killed.count(), 16);
}

fn a_call_that_waits_for_the_log_is_not_forwarded(driver: Driver) {
    let (upstream, _ended) = lasting();
    let world = World::around(driver, upstream, Extra::default());
    let tester = world.tester();
    assert!(tester.call("read_file", json!({})).is_good_call());
    let syncing = threads(world.gateway.id(), |name| name == "varistor-sync");
    assert_eq!(syncing.len(), 1);
    // As above: without it, the check before forwarding is not reached by waiting.
    let Some(stopped) = Stopped::stop(syncing) else {
        return;
    };
    let seq = || {
        let status = world.gateway.status();
        status["audit"]["seq"].as_u64().expect("a number")
    };
    let before = seq();
    // What is destructive waits until its record is synced.
    let mut connection = tester.connect();
    connection.send(&tester.modern(7, "tools/call", json!({"name": "delete_file"})));
    wait_for("the call is recorded", || seq() > before);
    let said = world.switch("/v1/kill", &["agent acme/tester"]);
    assert_eq!(said["ended"], json!({"connections": 1, "calls": 0}));
    assert!(connection.answer().is_none());
    drop(stopped);
    let World {
        gateway,
        policy,
        upstream,
    } = world;
    gateway.stop();
    policy.verify_audit();
    let deletes = |it: &varistor_tests::upstream::Incoming| it.name() == "delete_file";
    assert!(!upstream.seen().iter().any(deletes), "it was forwarded");
    let records = policy.records();
    let killed = records.iter().filter(|record| record["status"] == "killed");
    assert_eq!(killed.count(), 1);
}
