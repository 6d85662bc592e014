//! What a record costs: the worker's time to push it, the writer's CPU time to write it, and how
//! fast a log is verified. Run it alone: `cargo run --release -p varistor-ledger --example cost`.

#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a measurement that can't go on fails, and its result is what it prints"
)]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::{Duration, Instant};

use varistor_audit::{
    CallRecord, Findings, Found, Params, ResultRecord, Status, VerifyOptions, segments, verify,
};
use varistor_ledger::{Full, Ledger, Options, Waker};
use varistor_model::Durability::Written;
use varistor_model::{Decision, Intent, Subject, TokenId};

const RECORDS: u32 = 400_000;
const BODY: &[u8] = br#"{"name":"search_customers","arguments":{"query":"open invoices of the last quarter","limit":25,"fields":["id","name","company","balance","currency"],"filters":{"country":"DE","status":"overdue","since":"2026-07-01"},"note":"for the monthly report that goes to finance on Friday","sort":{"by":"balance","order":"desc"}},"_meta":{"progressToken":17,"trace":"00-4bf92f3577b34da6a3ce929d0e0e4736"}}"#;

fn call(out: &mut Vec<u8>) {
    let none: &dyn Findings = &[] as &[Found<'_>; 0];
    CallRecord {
        token: Some(TokenId([7; 16])),
        organisation: "acme",
        agent: "ci-bot",
        outside: None,
        session: Some([1; 8]),
        client: "127.0.0.1:51234",
        server: "crm",
        method: "tools/call",
        subject: Subject::Tool,
        name: "search_customers",
        id: b"17",
        params: Params::Whole(BODY),
        intent: Some((Intent::Read, 90, &["verb: search"])),
        findings: none,
        restored: None,
        decision: Decision::Allow,
        reason: None,
        rule: "developer: crm/*",
        approval: None,
        ruled: None,
        generation: 12,
    }
    .write(out);
}

fn result(out: &mut Vec<u8>) {
    ResultRecord {
        call: 123_456,
        status: Status::Ok,
        http_status: 200,
        duration_us: 1_234,
        bytes: 512,
        redacted: 0,
        typed: 0,
        dropped: 0,
        findings: &[] as &[Found<'_>; 0],
    }
    .write(out);
}

/// Nanoseconds that one call of `act` takes, the best of many rounds.
fn best_ns(mut act: impl FnMut()) -> f64 {
    let round = |act: &mut dyn FnMut()| {
        let began = Instant::now();
        (0..1_000).for_each(|_| act());
        began.elapsed().as_nanos() as f64 / 1_000.0
    };
    (0..300).map(|_| round(&mut act)).fold(f64::MAX, f64::min)
}

/// CPU seconds, voluntary context switches of the thread of this name.
fn thread_cost(name: &str) -> (f64, u64) {
    for task in fs::read_dir("/proc/self/task").unwrap() {
        let path = task.unwrap().path();
        if fs::read_to_string(path.join("comm")).unwrap().trim() == name {
            let times = fs::read_to_string(path.join("schedstat")).unwrap();
            let busy_ns: f64 = times.split(' ').next().unwrap().parse().unwrap();
            let status = fs::read_to_string(path.join("status")).unwrap();
            let line = status.lines().find(|l| l.starts_with("voluntary")).unwrap();
            let switches = line.split_whitespace().last().unwrap().parse().unwrap();
            return (busy_ns / 1e9, switches);
        }
    }
    (0.0, 0)
}

fn main() {
    let mut buffer = Vec::with_capacity(4096);
    let mut run = |act: fn(&mut Vec<u8>)| {
        best_ns(|| {
            buffer.clear();
            act(std::hint::black_box(&mut buffer));
        })
    };
    println!(
        "format a call ({} B of params): {:.0} ns",
        BODY.len(),
        run(call)
    );
    println!("format a result: {:.0} ns", run(result));
    let mut copy = Vec::with_capacity(4096);
    let splice = best_ns(|| {
        copy.clear();
        varistor_audit::json::splice(std::hint::black_box(BODY), &mut copy);
    });
    println!("of it, check and copy the params: {splice:.0} ns");

    for (what, pause_us, gather_us) in [
        ("flat out", 0, 0),
        ("every 25 us", 25, 0),
        ("every 25 us, gathering 50 us", 25, 50),
        ("every 25 us, gathering 100 us", 25, 100),
        ("every 200 us", 200, 0),
        ("every 200 us, gathering 100 us", 200, 100),
    ] {
        let dir = tempfile::tempdir().unwrap();
        println!("{what}: {}", calls(dir.path(), pause_us, gather_us));
        if pause_us == 0 {
            println!("verify: {}", verified(dir.path()));
        }
    }
}

/// Logs calls and results at this pace; what it cost.
fn calls(dir: &Path, pause_us: u64, gather_us: u64) -> String {
    let (wake, woken) = channel();
    let waker: Waker = Arc::new(move || wake.send(()).unwrap_or_default());
    let options = Options {
        gather_us,
        ..Options::new(dir.to_owned())
    };
    let (ledger, mut lanes) = Ledger::open(&options, vec![waker]).unwrap();
    let mut lane = lanes.pop().unwrap();
    let calls = if pause_us == 200 { 20_000 } else { RECORDS / 4 };
    let mut pushing = Duration::ZERO;
    for ticket in 0..calls {
        let due = Instant::now() + Duration::from_micros(pause_us);
        let began = Instant::now();
        while lane.push(Written, ticket, call) == Err(Full) {
            lane.send();
            woken.recv_timeout(Duration::from_secs(10)).unwrap();
            lane.collect(|_, _| {});
        }
        let _full = lane.push_quiet(result);
        lane.send();
        pushing += began.elapsed();
        lane.collect(|_, answer| assert!(answer.is_ok()));
        while Instant::now() < due {
            std::hint::spin_loop();
        }
    }
    while lane.waiting() > 0 {
        woken.recv_timeout(Duration::from_secs(10)).unwrap();
        lane.collect(|_, _| {});
    }
    let (cpu, sleeps) = thread_cost("varistor-audit");
    ledger.close().unwrap();
    let (calls, records) = (f64::from(calls), f64::from(calls) * 2.0);
    format!(
        "push and write (with formatting) {:.0} ns a record; \
         writer's thread {:.2} us CPU a record, {:.2} sleeps a call",
        pushing.as_nanos() as f64 / records,
        cpu * 1e6 / records,
        sleeps as f64 / calls
    )
}

fn verified(dir: &Path) -> String {
    let began = Instant::now();
    let readers = segments::readers(dir).unwrap();
    let report = verify(readers, &VerifyOptions::default(), |_| {}).unwrap();
    let seconds = began.elapsed().as_secs_f64();
    assert!(report.is_sound());
    format!(
        "{:.0} records/s, {:.0} MB/s",
        report.records as f64 / seconds,
        report.bytes as f64 / seconds / 1e6
    )
}
