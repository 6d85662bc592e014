//! How fast the kill switch works while more is asked of the gateway than it can do: new calls are
//! refused, and what is open ends. The load is shed, so that a victim's call may be refused as
//! well before the switch is pulled.
//!
//! `VARISTOR_KILLS` says how often (25 unless told otherwise; `make soak-kill` pulls it 1,000
//! times).

use std::env;
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use varistor_tests::process::Process;
use varistor_tests::sse::Stream;
use varistor_tests::{Agent, Connection, Driver, on_both_drivers, programs};

use crate::kill::lasting;
use crate::world::{Extra, World};

on_both_drivers!(a_kill_takes_effect_in_time_under_overload);

/// Connections of the load.
const CROWD: &str = "64";
const REFUSED_WITHIN: Duration = Duration::from_millis(50);
const ENDED_WITHIN: Duration = Duration::from_millis(250);

/// The options of `varistor-bench load` for calls of this agent.
fn load(agent: &Agent) -> Vec<String> {
    let Agent {
        address,
        path,
        token,
    } = agent;
    let given = [
        "load",
        "--tool",
        "read_file",
        "--connections",
        CROWD,
        "--url",
    ];
    let mut all: Vec<_> = given.map(str::to_owned).to_vec();
    all.push(format!("http://{address}{path}"));
    all.extend([
        "--header".to_owned(),
        format!("Authorization: Bearer {token}"),
    ]);
    all
}

/// Calls a second that this agent gets answered at most, on this machine as busy as it is.
fn capacity(agent: &Agent) -> f64 {
    let run = Command::new(programs::ours("varistor-bench"))
        .args(load(agent))
        .args(["--closed", "--duration", "2", "--json"])
        .output()
        .expect("a run");
    let report: Value = serde_json::from_slice(&run.stdout).expect("a report");
    report["requests_per_s"].as_f64().expect("a rate")
}

/// When the last call that passed had been sent, of a victim that asks without a pause.
fn probe(agent: &Agent, done: &AtomicBool, last: &Mutex<Option<Instant>>) {
    let request = agent.modern(1, "tools/call", json!({"name": "read_file"}));
    let mut connection: Option<Connection> = None;
    while !done.load(Ordering::Relaxed) {
        let mut open = connection.take().unwrap_or_else(|| agent.connect());
        let sent = Instant::now();
        open.send(&request);
        match open.answer() {
            Some(answer) if answer.is_good_call() => {
                *last.lock().expect("a time") = Some(sent);
                connection = Some(open);
            }
            // Refused, or ended.
            _ => {}
        }
    }
}

/// Lets the probes end, also when the test fails.
struct End<'a>(&'a AtomicBool);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// What one kill took.
#[derive(Clone, Copy, Default)]
struct Times {
    refused: Duration,
    ended: Duration,
}

/// A stream that is open. Under this load some requests are refused, and are made again.
fn opened(victim: &Agent) -> Stream {
    let until = Instant::now() + Duration::from_secs(30);
    loop {
        let mut stream = victim.stream(1, "tools/call", json!({"name": "write_file"}));
        match stream.head.status {
            200 => {
                stream.next_event().expect("the first event");
                return stream;
            }
            503 => assert!(Instant::now() < until, "every request is refused"),
            other => panic!("status {other}"),
        }
    }
}

fn one(world: &World, victim: &Agent) -> Times {
    let mut streams: Vec<_> = (0..4).map(|_| opened(victim)).collect();
    let (done, last) = (AtomicBool::new(false), Mutex::new(None));
    thread::scope(|scope| {
        let end = End(&done);
        for _ in 0..2 {
            scope.spawn(|| probe(victim, &done, &last));
        }
        while last.lock().expect("a time").is_none() {
            thread::sleep(Duration::from_millis(1));
        }
        let readers: Vec<_> = streams
            .drain(..)
            .map(|mut stream| {
                scope.spawn(move || {
                    assert_eq!(stream.next_event(), None);
                    Instant::now()
                })
            })
            .collect();
        let pulled = Instant::now();
        world.switch("/v1/kill", &["agent acme/tester"]);
        let ends = readers.into_iter().map(|it| it.join().expect("an end"));
        let ended = ends.map(|at| at.saturating_duration_since(pulled)).max();
        drop(end);
        // A call that was sent within the bound may pass, none that was sent later.
        let last = last.lock().expect("a time").expect("a call that passed");
        Times {
            refused: last.saturating_duration_since(pulled),
            ended: ended.unwrap_or_default(),
        }
    })
}

fn a_kill_takes_effect_in_time_under_overload(driver: Driver) {
    let kills: usize = env::var("VARISTOR_KILLS").map_or(25, |it| it.parse().expect("a number"));
    let (upstream, _ended) = lasting();
    let extra = Extra {
        runtime: "shedding: on",
        ..Extra::default()
    };
    let world = World::around(driver, upstream, extra);
    let (victim, other) = (world.tester(), world.agent("other"));
    let capacity = capacity(&other);
    let rate = format!("{:.0}", 2.0 * capacity);
    let crowd = Process::start(&programs::ours("varistor-bench"), |command| {
        command.args(load(&other));
        command.args(["--rate", &rate, "--duration", "86400"]);
    });
    let calls = || world.gateway.status()["calls"].as_u64().expect("a number");
    let (began, before) = (Instant::now(), calls());
    let mut all = Vec::with_capacity(kills);
    for _ in 0..kills {
        all.push(one(&world, &victim));
        world.switch("/v1/revive", &["agent acme/tester"]);
    }
    let answered = (calls() - before) as f64 / began.elapsed().as_secs_f64();
    drop(crowd);
    let refused = quantiles(all.iter().map(|it| it.refused));
    let ended = quantiles(all.iter().map(|it| it.ended));
    let told: Value = json!({"driver": driver.name(), "kills": kills,
        "capacity_per_s": capacity.round(), "asked_per_s": (2.0 * capacity).round(),
        "answered_per_s": answered.round(),
        "last_call_that_passed_ms": millis(refused), "last_stream_ended_ms": millis(ended)});
    println!("{told}");
    assert!(answered > capacity / 4.0, "no load: {told}");
    // Of few kills, the slowest says more about the machine than about the switch.
    let at = if kills < 200 { 1 } else { 2 };
    assert!(refused[at] <= REFUSED_WITHIN, "{told}");
    assert!(ended[at] <= ENDED_WITHIN, "{told}");
    let slowest = all.iter().map(|it| it.ended).max().unwrap_or_default();
    assert!(slowest < Duration::from_secs(2), "{told}");
    world.end();
}

/// The 50th, 90th and 99th of a hundred, and the last.
fn quantiles(of: impl Iterator<Item = Duration>) -> [Duration; 4] {
    let mut sorted: Vec<_> = of.collect();
    sorted.sort_unstable();
    [50, 90, 99, 100].map(|percent| {
        let rank = (sorted.len() * percent).div_ceil(100);
        sorted[rank.saturating_sub(1)]
    })
}

fn millis(of: [Duration; 4]) -> Value {
    let [p50, p90, p99, max] = of.map(|it| it.as_micros() as f64 / 1000.0);
    json!({"p50": p50, "p90": p90, "p99": p99, "max": max})
}
