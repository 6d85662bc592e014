//! The audit log is evidence: signed, provable by others, and whole after any crash.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};
use varistor_tests::process::Process;
use varistor_tests::{Driver, Gateway, PolicyDir, Upstream, on_both_drivers, programs};

use crate::world::{Extra, World, policy_text};

on_both_drivers!(
    a_drained_log_is_signed_to_its_last_record,
    a_segment_is_ended_when_it_is_asked_for,
    a_killed_gateway_leaves_every_answered_call_in_a_log_that_goes_on,
    a_record_is_proved_with_public_keys_alone,
    an_old_copy_or_a_changed_log_is_not_gone_on_with,
    a_witness_cosigns_what_goes_on_and_tells_of_an_old_copy,
);

fn audit(policy: &PolicyDir) -> PathBuf {
    policy.path().join("audit")
}

fn verify(policy: &PolicyDir, options: &[&str]) -> (Option<i32>, Value) {
    let output = policy.varictl(&[&["audit", "verify", "--json"], options].concat());
    let told = serde_json::from_slice(&output.stdout);
    let told = told.unwrap_or_else(|error| panic!("{error}: {output:?}"));
    (output.status.code(), told)
}

fn varictl(arguments: &[&str]) -> Output {
    let program = programs::ours("varictl");
    Command::new(program)
        .args(arguments)
        .output()
        .expect("varictl")
}

fn text(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

fn a_segment_is_ended_when_it_is_asked_for(driver: Driver) {
    let world = World::start(driver);
    let agent = world.tester();
    agent.call("read_file", json!({}));
    let rotate = || {
        let output = world.policy.varictl(&["audit", "rotate", "--json"]);
        assert!(output.status.success(), "{output:?}");
        let told: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let told = &told[0]["answer"];
        [&told["ended"], &told["begun"]].map(|name| name.as_str().map(str::to_owned))
    };
    let until = Instant::now() + Duration::from_secs(20);
    while world.policy.records().last().expect("records")["kind"] != "result" {
        assert!(Instant::now() < until, "no result");
        thread::sleep(Duration::from_millis(5));
    }
    let [ended, begun] = rotate();
    let file = |name: &Option<String>| {
        let name = name.as_deref().expect("a segment");
        fs::read_to_string(audit(&world.policy).join(name)).expect("a segment")
    };
    let complete = file(&ended);
    assert!(complete.ends_with('\n') && complete.contains("read_file"));
    assert_eq!(file(&begun), "");
    // Nothing to end.
    assert_eq!(rotate(), [None, begun.clone()]);
    agent.call("read_file", json!({}));
    assert_eq!(file(&ended), complete);
    let until = Instant::now() + Duration::from_secs(20);
    while !file(&begun).contains("\"kind\":\"result\"") {
        assert!(Instant::now() < until, "{}", file(&begun));
        thread::sleep(Duration::from_millis(5));
    }
    let metrics = world.gateway.admin("GET", "/v1/metrics", &[]);
    let metrics = metrics.body_text();
    for line in [
        "varistor_audit_ring_records 0",
        "varistor_audit_batch_records_bucket{le=\"1\"}",
        "varistor_audit_write_seconds_count",
        "varistor_audit_sync_seconds_bucket{le=\"+Inf\"}",
    ] {
        assert!(metrics.contains(line), "no {line} in {metrics}");
    }
    world.end();
}

fn a_drained_log_is_signed_to_its_last_record(driver: Driver) {
    let world = World::start(driver);
    let agent = world.tester();
    for round in 0..30 {
        agent.call("read_file", json!({"round": round}));
    }
    let status = world.gateway.status();
    let anchor = fs::read_to_string(world.policy.path().join("state/audit.vkey"));
    let anchor = anchor.expect("the anchor").trim().to_owned();
    assert_eq!(status["audit"]["anchor"], anchor.as_str());
    // A gateway that runs can be checked at any time.
    let (code, told) = verify(&world.policy, &[]);
    assert_eq!(
        (code, &told["verdict"]),
        (Some(0), &json!("sound")),
        "{told}"
    );
    world.gateway.stop();
    let (code, told) = verify(&world.policy, &["--anchor", &anchor]);
    assert_eq!(code, Some(0));
    assert_eq!(
        (&told["unsigned"], &told["signed"]),
        (&json!(0), &told["records"]),
        "{told}"
    );
    assert!(told["checkpoints"].as_u64() > Some(1), "{told}");
    let key = fs::metadata(world.policy.path().join("state/audit.key")).expect("the key");
    assert_eq!(
        std::os::unix::fs::PermissionsExt::mode(&key.permissions()) & 0o777,
        0o600
    );
}

fn a_killed_gateway_leaves_every_answered_call_in_a_log_that_goes_on(driver: Driver) {
    let upstream = Upstream::start();
    let mut left = kills();
    while left > 0 {
        let rounds = left.min(KILLS_OF_ONE_LOG);
        is_killed_and_goes_on(driver, &upstream, rounds);
        left -= rounds;
    }
}

/// Kills a gateway so many times while it writes one log.
fn is_killed_and_goes_on(driver: Driver, upstream: &Upstream, rounds: u64) {
    let policy = PolicyDir::new(&policy_text(upstream, Extra::default()));
    let token = policy.token("tester");
    let mut answered = Vec::new();
    for round in 0..rounds {
        let mut gateway = Gateway::start(&policy, driver);
        let address = gateway.address().to_owned();
        let callers: Vec<_> = (0..4)
            .map(|_| {
                let agent = varistor_tests::Agent::new(&address, "alpha", &token);
                thread::spawn(move || {
                    let mut records = Vec::new();
                    for call in 0.. {
                        let answer = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                            agent.call("read_file", json!({"call": call})).record()
                        }));
                        match answer {
                            Ok(Some(record)) => records.push(record),
                            _ => break,
                        }
                    }
                    records
                })
            })
            .collect();
        // From before the first answer to some syncs and checkpoints later.
        thread::sleep(Duration::from_millis(150 + (round * 130) % 910));
        gateway.signal(Signal::KILL);
        gateway.wait();
        answered.extend(
            callers
                .into_iter()
                .flat_map(|caller| caller.join().expect("a caller")),
        );
        let (code, told) = verify(&policy, &[]);
        assert!(matches!(code, Some(0 | 5)), "round {round}: {told}");
        let records = told["records"].as_u64().expect("a count");
        let newest = answered.iter().max().copied().unwrap_or_default();
        assert!(newest < records, "record {newest} is lost");
    }
    Gateway::start(&policy, driver).stop();
    let (code, told) = verify(&policy, &[]);
    assert_eq!((code, &told["unsigned"]), (Some(0), &json!(0)), "{told}");
    let records = policy.records();
    assert!(
        answered.len() > 4 * usize::try_from(rounds).expect("a count"),
        "only {} calls were answered",
        answered.len()
    );
    for number in answered {
        let place = usize::try_from(number).expect("a place");
        assert_eq!(records[place]["seq"], json!(number));
        assert_eq!(records[place]["kind"], "call");
    }
}

/// Kills in one log. Each ends with a verification of all of it, and the log grows.
const KILLS_OF_ONE_LOG: u64 = 10;

/// How many times a gateway is killed; `make soak-crash` wants more.
fn kills() -> u64 {
    let asked = std::env::var("VARISTOR_CRASHES").ok();
    asked.map_or(5, |text| text.parse().expect("a number of kills"))
}

fn a_record_is_proved_with_public_keys_alone(driver: Driver) {
    let world = World::start(driver);
    let (agent, mut record) = (world.tester(), None);
    for _ in 0..20 {
        record = agent.call("read_file", json!({"path": "/a"})).record();
    }
    let seq = record.expect("a record").to_string();
    let World {
        gateway, policy, ..
    } = world;
    gateway.stop();
    let other = tempfile::tempdir().expect("a folder");
    let proof = other.path().join("record.tlog-proof");
    let made = policy.varictl(&["audit", "prove", &seq, "--output", text(&proof)]);
    assert!(made.status.success(), "{made:?}");
    // What the auditor has: the proof, and two public files.
    let (keychain, anchor) = (other.path().join("keychain"), other.path().join("anchor"));
    fs::copy(audit(&policy).join("keychain"), &keychain).expect("a copy");
    fs::copy(policy.path().join("state/audit.vkey"), &anchor).expect("a copy");
    let keys = ["--keychain", text(&keychain), "--anchor", text(&anchor)];
    let check = |proof: &Path| {
        varictl(&[&["audit", "check-proof", text(proof), "--json"], &keys[..]].concat())
    };
    let checked = check(&proof);
    assert!(checked.status.success(), "{checked:?}");
    let told: Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    let told: Value = serde_json::from_str(told["record"].as_str().expect("text")).expect("JSON");
    assert_eq!(
        (&told["tool"], told["seq"].to_string()),
        (&json!("read_file"), seq.clone())
    );
    // Any other record, root or signature is none.
    let whole = fs::read_to_string(&proof).expect("text");
    for (place, line) in whole.lines().enumerate().filter(|(_, line)| line.len() > 8) {
        let middle = line
            .char_indices()
            .nth(line.chars().count() / 2)
            .expect("a letter")
            .0;
        let letter = if &line[middle..=middle] == "A" {
            "B"
        } else {
            "A"
        };
        let changed = format!("{}{letter}{}", &line[..middle], &line[middle + 1..]);
        let lines = whole.lines().enumerate();
        let lines = lines.map(|(at, line)| {
            if at == place {
                changed.clone()
            } else {
                line.to_owned()
            }
        });
        fs::write(&proof, lines.map(|line| line + "\n").collect::<String>()).expect("a file");
        assert_eq!(
            check(&proof).status.code(),
            Some(2),
            "line {place}: {changed}"
        );
    }
    let absent = policy.varictl(&["audit", "prove", "999999"]);
    assert_eq!(absent.status.code(), Some(1));
    let said = String::from_utf8_lossy(&absent.stderr);
    assert!(said.contains("has no record 999999"), "{said}");
}

fn an_old_copy_or_a_changed_log_is_not_gone_on_with(driver: Driver) {
    let world = World::start(driver);
    let World {
        gateway,
        policy,
        upstream,
    } = world;
    gateway.stop();
    let copy = policy.path().join("old");
    let copied = Command::new("cp")
        .arg("-a")
        .arg(audit(&policy))
        .arg(&copy)
        .status();
    assert!(copied.expect("cp").success());
    Gateway::start(&policy, driver).stop();
    // The whole directory as it was before.
    fs::rename(audit(&policy), policy.path().join("new")).expect("a move");
    fs::rename(&copy, audit(&policy)).expect("a move");
    let said = refusal(&policy, driver);
    assert!(
        said.contains("records were signed, but there are"),
        "{said}"
    );
    // One record changed, and the chain made whole again behind it.
    fs::remove_dir_all(audit(&policy)).expect("a folder");
    fs::rename(policy.path().join("new"), audit(&policy)).expect("a move");
    let segment = audit(&policy).join("00000000000000000000.jsonl");
    let whole = fs::read_to_string(&segment).expect("a segment");
    let last = whole.trim_end().lines().last().expect("a line");
    let changed = whole.replace(
        last,
        &last.replace("\"kind\":\"stop\"", "\"kind\":\"halt\""),
    );
    assert_ne!(changed, whole);
    fs::write(&segment, changed).expect("a segment");
    let (code, told) = verify(&policy, &[]);
    assert_eq!(code, Some(2), "{told}");
    let lines = whole.lines().count() as u64;
    assert_eq!(told["first_bad"], json!(lines - 1), "{told}");
    let said = refusal(&policy, driver);
    assert!(said.contains("changed after they were signed"), "{said}");
    fs::write(&segment, &whole).expect("a segment");
    Gateway::start(&policy, driver).stop();
    policy.verify_audit();
    drop(upstream);
}

fn a_witness_cosigns_what_goes_on_and_tells_of_an_old_copy(driver: Driver) {
    let World {
        gateway,
        policy,
        upstream,
    } = World::start(driver);
    gateway.stop();
    let memory = tempfile::tempdir().expect("a folder");
    let key = memory.path().join("witness.vkey");
    let serve = || {
        let witness = Process::start(&programs::ours("varictl"), |command| {
            command.args(["audit", "witness", "serve", "--name", "w.example"]);
            command.args(["--listen", "127.0.0.1:0", "--memory"]);
            command.arg(memory.path());
            command
                .arg("--log")
                .arg(policy.path().join("state/audit.vkey"));
        });
        let url = format!("http://{}/", witness.wait_for_address());
        (witness, url)
    };
    let ask = |url: &str| policy.varictl(&["audit", "witness", "ask", url, "--key", text(&key)]);
    let told = |what: &Output| String::from_utf8_lossy(&what.stderr).into_owned();
    let (witness, url) = serve();
    let asked = ask(&url);
    assert!(asked.status.success(), "{}", told(&asked));
    let (code, before) = verify(&policy, &["--witness", text(&key)]);
    assert_eq!((code, &before["witnessed"]), (Some(0), &before["records"]));
    let copy = policy.path().join("old");
    let copied = Command::new("cp")
        .arg("-a")
        .arg(audit(&policy))
        .arg(&copy)
        .status();
    assert!(copied.expect("cp").success());

    Gateway::start(&policy, driver).stop();
    let (code, _) = verify(&policy, &["--witness", text(&key)]);
    assert_eq!(code, Some(4), "a tail is not witnessed");
    drop(witness);
    let (witness, url) = serve();
    let asked = ask(&url);
    assert!(asked.status.success(), "{}", told(&asked));
    let (code, _) = verify(&policy, &["--witness", text(&key)]);
    assert_eq!(code, Some(0));
    let proof = policy.path().join("proof");
    let made = policy.varictl(&["audit", "prove", "0", "-o", text(&proof)]);
    assert!(made.status.success(), "{}", told(&made));
    let checked = varictl(&[
        "audit",
        "check-proof",
        text(&proof),
        "--witness",
        text(&key),
    ]);
    assert!(checked.status.success(), "{}", told(&checked));

    // An old copy of the log is consistent in itself; the witness remembers more.
    fs::remove_dir_all(audit(&policy)).expect("a folder");
    fs::rename(&copy, audit(&policy)).expect("a move");
    let (code, _) = verify(&policy, &[]);
    assert_eq!(code, Some(0));
    let asked = ask(&url);
    assert_eq!(asked.status.code(), Some(1));
    assert!(
        told(&asked).contains("restored from an old copy"),
        "{}",
        told(&asked)
    );
    drop((upstream, witness));
}

/// What a gateway says that does not start.
fn refusal(policy: &PolicyDir, driver: Driver) -> String {
    let output = Command::new(programs::ours("varistor"))
        .args([
            "--listen",
            "127.0.0.1:0",
            "--driver",
            driver.name(),
            "--dir",
        ])
        .arg(policy.path())
        .output()
        .expect("varistor");
    assert!(!output.status.success());
    String::from_utf8_lossy(&output.stderr).into_owned()
}
