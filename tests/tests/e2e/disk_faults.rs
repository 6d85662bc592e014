//! System calls of the log that fail, wait, or are the process's last, injected by strace.
//!
//! Where strace can't trace, the test says so and looks at nothing.

use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::json;
use varistor_tests::{Agent, Driver, Gateway, PolicyDir, Upstream, on_both_drivers, programs};

use crate::crash_world::{Load, check};
use crate::world::{Extra, policy_text};

on_both_drivers!(
    a_process_that_dies_in_a_sync_loses_no_call,
    syncs_that_fail_lose_no_call,
    a_disk_that_takes_nothing_denies_at_once,
);

/// A policy whose every record is synced before its call goes on.
fn durable(upstream: &Upstream) -> String {
    let top = "audit: { durable: [read, write, destructive, exfiltrative], segment: 64KiB }";
    policy_text(
        upstream,
        Extra {
            top,
            ..Extra::default()
        },
    )
}

/// Whether this machine lets strace inject.
fn is_possible() -> bool {
    let tried = Command::new("strace")
        .args(["-f", "--seccomp-bpf", "-qq", "-o", "/dev/null"])
        .args(["-e", "inject=fdatasync:error=EIO:when=1000", "true"])
        .output();
    let possible = tried.is_ok_and(|output| output.status.success());
    if !possible {
        eprintln!("nothing was injected: strace is not there, or may not trace");
    }
    possible
}

/// A gateway whose system calls are spoiled like this.
fn spoiled(policy: &PolicyDir, driver: Driver, inject: &str) -> Gateway {
    Gateway::start_by(policy, |command| {
        // The tracer is a grandchild, so that signals reach the gateway.
        command.args([
            "strace",
            "-D",
            "-f",
            "--seccomp-bpf",
            "-qq",
            "-o",
            "/dev/null",
        ]);
        command.arg("-e").arg(format!("inject={inject}"));
        command.arg(programs::ours("varistor"));
        command.arg("--dir").arg(policy.path());
        command.args(["--listen", "127.0.0.1:0", "--driver", driver.name()]);
    })
}

fn a_process_that_dies_in_a_sync_loses_no_call(driver: Driver) {
    if !is_possible() {
        return;
    }
    let upstream = Upstream::start();
    let policy = PolicyDir::new(&durable(&upstream));
    let token = policy.token("tester");
    let mut answered = Vec::new();
    for (round, nth) in [9, 14, 23, 40].into_iter().enumerate() {
        let inject = format!("fdatasync:signal=KILL:when={nth}");
        let mut gateway = spoiled(&policy, driver, &inject);
        let load = Load::start(gateway.address(), &token, &round.to_string());
        answered.extend(load.end());
        gateway.wait();
        check(&policy, round as u64, (&answered, &upstream.seen()));
    }
    Gateway::start(&policy, driver).stop();
    policy.verify_audit();
    assert!(answered.len() > 20, "only {} calls", answered.len());
}

fn syncs_that_fail_lose_no_call(driver: Driver) {
    if !is_possible() {
        return;
    }
    let upstream = Upstream::start();
    let policy = PolicyDir::new(&durable(&upstream));
    let token = policy.token("tester");
    let gateway = spoiled(&policy, driver, "fdatasync:error=EIO:when=12+9");
    let mut answered = Vec::new();
    let until = Instant::now() + Duration::from_secs(30);
    let mut round = 0;
    while answered.len() < 60 {
        assert!(
            Instant::now() < until,
            "{} calls were answered",
            answered.len()
        );
        answered.extend(Load::start(gateway.address(), &token, &round.to_string()).end());
        round += 1;
    }
    gateway.stop();
    check(&policy, 0, (&answered, &upstream.seen()));
    policy.verify_audit();
    let records = policy.records();
    let recovered = |record: &&serde_json::Value| record["kind"] == "audit_recovered";
    assert!(
        records.iter().any(|record| recovered(&record)),
        "nothing failed"
    );
}

fn a_disk_that_takes_nothing_denies_at_once(driver: Driver) {
    if !is_possible() {
        return;
    }
    let upstream = Upstream::start();
    let policy = PolicyDir::new(&durable(&upstream));
    let token = policy.token("tester");
    let gateway = spoiled(&policy, driver, "pwrite64:error=EIO:when=60+");
    let answered = Load::start(gateway.address(), &token, "0").end();
    assert!(!answered.is_empty());
    let reached = upstream.calls();
    let agent = Agent::new(gateway.address(), "alpha", &token);
    for _ in 0..20 {
        let asked = Instant::now();
        let answer = agent.call("read_file", json!({"path": "/denied/"}));
        assert!(!answer.is_good_call(), "{}", answer.text());
        // The goal is 100 ms; a machine that runs other tests beside this gets more.
        assert!(asked.elapsed() < Duration::from_secs(2));
    }
    assert_eq!(upstream.calls(), reached);
    drop(gateway);
    check(&policy, 0, (&answered, &upstream.seen()));
}
