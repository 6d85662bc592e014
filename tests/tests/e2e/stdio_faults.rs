//! stdio servers that fail: what their callers are told, and that nothing of them is left.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::json;
use varistor_tests::policy::assert_success;
use varistor_tests::{Driver, PolicyDir, on_both_drivers};

use crate::stdio_world::{Stdio, policy_text, program, said, said_modern};

on_both_drivers!(
    a_crash_answers_its_calls_at_once_and_the_next_call_starts_another,
    lines_that_are_no_messages_are_left_out,
    a_child_that_cannot_be_understood_is_ended,
    answers_to_nobody_reach_nobody,
    a_server_that_does_not_start_is_tried_at_growing_pauses,
    an_executable_that_was_changed_is_not_started,
    the_environment_is_what_policy_says,
    no_socket_leads_to_children,
    a_changed_policy_replaces_children_and_an_equal_one_keeps_them,
    a_kill_leaves_no_process,
    no_process_outlives_the_gateway,
    restarts_leak_nothing,
);

/// Restarts in the test of leaks; `VARISTOR_RESTARTS` says otherwise.
const RESTARTS: usize = 40;

fn a_crash_answers_its_calls_at_once_and_the_next_call_starts_another(driver: Driver) {
    let world = Stdio::start(driver, &[], "");
    let agent = world.agent("tester");
    let pid = said_modern(&agent, "pid");
    let waits = json!({"name": "echo", "arguments": {"text": "t", "wait_ms": 30_000}});
    let mut waiting = agent.connect();
    waiting.send(&agent.modern(1, "tools/call", waits.clone()));
    thread::sleep(Duration::from_millis(200));
    let began = Instant::now();
    assert_eq!(agent.call("crash", json!({})).status(), 502);
    assert_eq!(waiting.answer().expect("an answer").status(), 502);
    assert!(began.elapsed() < Duration::from_secs(5));
    assert_ne!(said_modern(&agent, "pid"), pid);
    // A session ends with its child.
    let session = agent.initialize();
    let other = world.agent("other").initialize();
    assert_eq!(session.call("crash", json!({})).status(), 502);
    assert_eq!(session.call("pid", json!({})).status(), 404);
    assert!(!said(&other, "pid").is_empty());
    let status = world.wait_for("counted", |it| it["crashes"] == 2);
    assert_eq!(status["last_error"], "it ended with 7");
    world.end();
}

fn lines_that_are_no_messages_are_left_out(driver: Driver) {
    let world = Stdio::start(driver, &[], "");
    let agent = world.agent("tester");
    let pid = said_modern(&agent, "pid");
    assert_eq!(said_modern(&agent, "noise"), "said");
    let chatter = agent.call("chatter", json!({"lines": 5_000}));
    assert_eq!(chatter.text(), "said");
    assert_eq!(said_modern(&agent, "pid"), pid);
    assert_eq!(world.status()["noise"], 2);
    world.end();
}

fn a_child_that_cannot_be_understood_is_ended(driver: Driver) {
    let world = Stdio::start(driver, &[], "");
    let agent = world.agent("tester");
    for (tool, told) in [
        ("garbage", "is no JSON-RPC message"),
        ("binary", "is not UTF-8"),
        ("long", "is longer than 1048576 bytes"),
    ] {
        let pid = said_modern(&agent, "pid");
        let answer = agent.call(tool, json!({"bytes": 2_000_000}));
        assert_eq!(answer.status(), 502, "{tool}: {answer:?}");
        let error = world.status()["last_error"].to_string();
        assert!(error.contains(told), "{tool}: {error}");
        assert_ne!(said_modern(&agent, "pid"), pid);
    }
    // What just fits passes.
    let large = agent.call("echo", json!({"text": "x".repeat(900_000)}));
    assert_eq!(large.text().len(), 900_000);
    world.end();
}

fn answers_to_nobody_reach_nobody(driver: Driver) {
    let world = Stdio::start(driver, &[], "");
    let agent = world.agent("tester");
    let waits = json!({"name": "echo", "arguments": {"text": "mine", "wait_ms": 600}});
    let mut waiting = agent.connect();
    waiting.send(&agent.modern(7, "tools/call", waits));
    thread::sleep(Duration::from_millis(100));
    // The ids of the clients themselves, and numbers that nobody was given.
    for id in [
        json!(7),
        json!("2"),
        json!(4_000_000),
        json!(null),
        json!(-1),
    ] {
        assert_eq!(agent.call("foreign", json!({"id": id})).text(), "said");
    }
    assert_eq!(waiting.answer().expect("an answer").text(), "mine");
    let dropped = world.status()["dropped"].as_u64();
    assert!(dropped >= Some(4), "{dropped:?}");
    world.end();
}

fn a_server_that_does_not_start_is_tried_at_growing_pauses(driver: Driver) {
    let world = Stdio::start(driver, &["--ends"], "");
    let agent = world.agent("tester");
    let until = Instant::now() + Duration::from_secs(4);
    while Instant::now() < until {
        let answer = agent.call("pid", json!({}));
        assert_eq!(answer.status(), 502, "{answer:?}");
    }
    let status = world.status();
    let starts = status["starts"].as_u64().expect("a count");
    // 0.1 to 0.2 s, then twice that, and so on; longer ones are not waited for.
    assert!((2..=8).contains(&starts), "{status}");
    // A pause may be over when it is looked at; with a call another one begins.
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let row = world.gateway.status()["servers"][0].clone();
        if row["state"] == "waiting" && row["stdio"]["pause_ms"].as_u64() > Some(0) {
            break;
        }
        assert!(Instant::now() < until, "never waiting: {row}");
        assert_eq!(agent.call("pid", json!({})).status(), 502);
    }
    world.end();
    let silent = Stdio::start(driver, &["--silent"], ", start_timeout: 300ms");
    let began = Instant::now();
    assert_eq!(silent.agent("tester").call("pid", json!({})).status(), 502);
    assert!(began.elapsed() < Duration::from_secs(15));
    silent.end();
}

fn an_executable_that_was_changed_is_not_started(driver: Driver) {
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("server");
    fs::copy(program(), &copy).expect("a copy");
    let path = copy.to_str().expect("a plain path");
    let policy = PolicyDir::new(&policy_text(path, &[], ", idle: 300ms"));
    let world = Stdio::of(driver, policy);
    let agent = world.agent("tester");
    assert!(!said_modern(&agent, "pid").is_empty());
    world.wait_for("idle", |it| it["children"] == 0);
    fs::write(&copy, "#!/bin/sh\nexec sleep 600\n").expect("another content");
    fs::set_permissions(&copy, fs::Permissions::from_mode(0o755)).expect("an executable");
    assert_eq!(agent.call("pid", json!({})).status(), 502);
    let error = world.status()["last_error"].to_string();
    assert!(error.contains("varictl push"), "{error}");
    assert_eq!(world.status()["starts"], 1);
    fs::copy(program(), &copy).expect("the right content");
    world.policy.push();
    assert!(!said_modern(&agent, "pid").is_empty());
    let Stdio { gateway, policy } = world;
    gateway.stop();
    let records = policy.records();
    let told = records.iter().find(|it| it["kind"] == "child_refused");
    let told = told.expect("a record of it");
    assert_eq!(told["details"]["what"], "executable_changed");
    assert_eq!(told["details"]["server"], "alpha");
}

fn the_environment_is_what_policy_says(driver: Driver) {
    let env = ", env: { KEY: \"v-${vault:key}\", EMPTY: \"\", LANG: C }";
    let policy = PolicyDir::new("listen: 127.0.0.1:0\n");
    policy.keep_in_vault("key", "hunter2 in the vault");
    policy.write(&policy_text(&program(), &[], env));
    policy.compile();
    let world = Stdio::of(driver, policy);
    let pid = said_modern(&world.agent("tester"), "pid");
    let environment = fs::read(format!("/proc/{pid}/environ")).expect("an environment");
    let environment = String::from_utf8(environment).expect("UTF-8");
    let mut names: Vec<_> = environment
        .split_terminator('\0')
        .filter_map(|one| one.split_once('='))
        .collect();
    names.sort_unstable();
    let of = |name: &str| names.iter().find(|it| it.0 == name).map(|it| it.1);
    assert_eq!(of("KEY"), Some("v-hunter2 in the vault"));
    assert_eq!((of("EMPTY"), of("LANG")), (Some(""), Some("C")));
    let known = ["EMPTY", "HOME", "KEY", "LANG", "PATH", "VARISTOR_CHILD"];
    assert_eq!(names.iter().map(|it| it.0).collect::<Vec<_>>(), known);
    // No secret on any command line, and none in what the agent gets.
    let line = fs::read(format!("/proc/{pid}/cmdline")).expect("a command line");
    assert!(!String::from_utf8_lossy(&line).contains("hunter2"));
    world.end();
}

fn no_socket_leads_to_children(driver: Driver) {
    let world = Stdio::start(driver, &[], "");
    assert!(!said_modern(&world.agent("tester"), "pid").is_empty());
    let run = fs::read_dir(world.policy.path().join("run")).expect("a folder");
    let mut sockets: Vec<_> = run
        .map(|entry| entry.expect("an entry"))
        .filter(|entry| entry.file_type().expect("a type").is_socket())
        .map(|entry| entry.file_name().into_string().expect("a name"))
        .filter(|name| !name.starts_with("order-"))
        .collect();
    sockets.sort_unstable();
    // The operator's, the federation's, and each worker's for the federation: all go by policy.
    assert_eq!(sockets, ["admin.sock", "federation.sock", "kill.sock"]);
    world.end();
}

fn a_changed_policy_replaces_children_and_an_equal_one_keeps_them(driver: Driver) {
    let world = Stdio::start(driver, &[], "");
    let agent = world.agent("tester");
    let session = agent.initialize();
    let pids = [said_modern(&agent, "pid"), said(&session, "pid")];
    world.policy.push();
    assert_eq!([said_modern(&agent, "pid"), said(&session, "pid")], pids);
    // A call under way goes on with the child that it began with.
    let waits = json!({"name": "echo", "arguments": {"text": "t", "wait_ms": 1_500}});
    let mut waiting = agent.connect();
    waiting.send(&agent.modern(1, "tools/call", waits));
    thread::sleep(Duration::from_millis(200));
    let text = policy_text(&program(), &[], ", env: { A: b }");
    world.policy.write(&text);
    world.policy.push();
    assert_ne!(said_modern(&agent, "pid"), pids[0]);
    assert_eq!(waiting.answer().expect("an answer").text(), "t");
    assert_eq!(session.call("pid", json!({})).status(), 404);
    world.wait_for("one child", |it| it["children"] == 1);
    world.end();
}

fn a_kill_leaves_no_process(driver: Driver) {
    let world = Stdio::start(driver, &[], "");
    let agent = world.agent("tester");
    for selector in ["--server", "--all"] {
        let session = agent.initialize();
        assert_eq!(said(&session, "fork"), "forked");
        assert_eq!(said_modern(&agent, "fork"), "forked");
        // Two children, and what each left behind: three to four processes.
        let before = world.processes();
        assert!(before.len() >= 8, "{before:?}");
        let body = match selector {
            "--server" => json!({"selectors": ["server alpha"]}),
            _ => json!({"selectors": ["all"]}),
        };
        let began = Instant::now();
        let body = body.to_string();
        assert_eq!(
            world
                .gateway
                .admin("POST", "/v1/kill", body.as_bytes())
                .status(),
            200
        );
        world.is_gone_since(began);
        assert_ne!(agent.call("pid", json!({})).status(), 200);
        assert!(world.processes().is_empty());
        world.gateway.admin("POST", "/v1/revive", body.as_bytes());
        assert!(!said_modern(&agent, "pid").is_empty());
    }
    world.end();
}

fn no_process_outlives_the_gateway(driver: Driver) {
    for signal in [Signal::TERM, Signal::KILL] {
        let world = Stdio::start(driver, &[], "");
        let agent = world.agent("tester");
        assert_eq!(said_modern(&agent, "fork"), "forked");
        assert_eq!(said(&agent.initialize(), "fork"), "forked");
        assert!(world.processes().len() >= 8);
        world.ends_with(signal);
    }
}

fn restarts_leak_nothing(driver: Driver) {
    let restarts = std::env::var("VARISTOR_RESTARTS").ok();
    let restarts = restarts.and_then(|it| it.parse().ok()).unwrap_or(RESTARTS);
    let world = Stdio::start(driver, &[], "");
    let agent = world.agent("tester");
    let restart = |number: usize| {
        let session = agent.initialize();
        match number % 10 {
            0 => assert_eq!(said(&session, "fork"), "forked"),
            1 => assert_eq!(session.call("crash", json!({})).status(), 502),
            _ => assert!(!said(&session, "pid").is_empty()),
        }
        session.delete();
    };
    (0..10).for_each(restart);
    let quiet = || {
        world.wait_for("quiet", |it| it["children"] == 0 && it["sessions"] == 0);
        let folder = format!("/proc/{}", world.gateway.id());
        let descriptors = || {
            let list = fs::read_dir(format!("{folder}/fd")).expect("descriptors");
            list.count()
        };
        // Connections of this test that were closed are seen by the gateway a moment later.
        let counts: Vec<_> = (0..20)
            .map(|_| {
                thread::sleep(Duration::from_millis(10));
                descriptors()
            })
            .collect();
        let threads = fs::read_dir(format!("{folder}/task"))
            .expect("threads")
            .count();
        (*counts.iter().min().expect("a count"), threads)
    };
    let before = quiet();
    (0..restarts).for_each(restart);
    let after = quiet();
    assert!(
        after.0 <= before.0 + 2 && after.1 <= before.1 + 1,
        "{before:?} {after:?}"
    );
    assert!(world.processes().is_empty());
    let policy = &world.policy;
    assert_success(&policy.varictl(&["status"]), "status");
    world.end();
}
