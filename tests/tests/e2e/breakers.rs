//! Servers that fail again and again are left alone: calls are refused at once and cost the server
//! nothing, one call tries it when its time is over, and other servers never notice.

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpStream};
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Condvar, Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use varistor_tests::upstream::{Handled, reply};
use varistor_tests::{Agent, Answer, Driver, Gateway, Mock, PolicyDir, Upstream, on_both_drivers};

use crate::trial::allowed;
use crate::world::{Extra, World, policy_before};

on_both_drivers!(
    a_failing_server_is_left_alone_after_five_failures,
    of_a_hundred_callers_one_tries_the_server,
    what_is_no_failure_of_the_server_opens_nothing,
    a_server_that_says_that_it_fails_is_believed,
    a_new_snapshot_closes_no_breaker,
    no_more_calls_are_under_way_than_may_be,
    a_server_that_nobody_can_reach_slows_no_other,
);

/// How the server of these tests answers calls of tools.
const SOUND: u16 = 0;
/// It closes the connection.
const BROKEN: u16 = 1;
/// It waits to be released.
const HOLDING: u16 = 2;
// Any other number is an HTTP status.

/// A server that can be told how to be.
#[derive(Clone)]
struct Mood {
    mood: Arc<AtomicU16>,
    released: Arc<(Mutex<bool>, Condvar)>,
}

impl Mood {
    fn new(mood: u16) -> Self {
        Self {
            mood: Arc::new(AtomicU16::new(mood)),
            released: Arc::default(),
        }
    }

    fn set(&self, mood: u16) {
        self.mood.store(mood, Ordering::SeqCst);
    }

    fn release(&self) {
        *self.released.0.lock().expect("the lock") = true;
        self.released.1.notify_all();
    }

    fn server(&self) -> Upstream {
        let Self { mood, released } = self.clone();
        Upstream::behaving(move |incoming, stream| {
            if incoming.method() != "tools/call" {
                return Handled::Usual;
            }
            match mood.load(Ordering::SeqCst) {
                SOUND => Handled::Usual,
                BROKEN => Handled::Close,
                HOLDING => {
                    let until = Duration::from_secs(60);
                    let lock = released.0.lock().expect("the lock");
                    let waited = released.1.wait_timeout_while(lock, until, |free| !*free);
                    drop(waited.expect("the lock"));
                    Handled::Usual
                }
                status => {
                    reply(stream, status, "", b"");
                    Handled::Answered
                }
            }
        })
    }
}

/// A gateway before this server, `beta` being another and sound one.
fn world(driver: Driver, alpha: Upstream, settings: &str) -> (World, Upstream) {
    let beta = Upstream::start();
    let extra = Extra {
        alpha: settings,
        timeouts: "first_byte: 10s",
        ..Extra::default()
    };
    let text = policy_before(&alpha.url(), extra);
    let usual = format!("beta: {{ url: \"{}\" }}", alpha.url());
    let text = text.replace(&usual, &format!("beta: {{ url: \"{}\" }}", beta.url()));
    let policy = PolicyDir::new(&text);
    let gateway = Gateway::start(&policy, driver);
    let upstream = alpha;
    let world = World {
        gateway,
        policy,
        upstream,
    };
    (world, beta)
}

fn call(agent: &Agent) -> Answer {
    agent.call("read_file", json!({}))
}

/// The same agent in front of the other server.
fn elsewhere(agent: &Agent) -> Agent {
    Agent {
        path: "/mcp/beta".to_owned(),
        ..agent.clone()
    }
}

/// The reason that a refusal names.
fn reason(answer: &Answer) -> String {
    let reason = answer.json()["error"]["data"]["reason"].clone();
    reason.as_str().unwrap_or_default().to_owned()
}

/// What the status says of `alpha`.
fn alpha(world: &World) -> Value {
    let status = world.gateway.status();
    let servers = status["servers"].as_array().expect("servers").clone();
    let found = servers.into_iter().find(|row| row["name"] == "alpha");
    found.expect("alpha")
}

fn wait_until(world: &World, what: &str, holds: impl Fn(&Value) -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    loop {
        let row = alpha(world);
        if holds(&row) {
            return;
        }
        assert!(Instant::now() < until, "never {what}: {row}");
        thread::sleep(Duration::from_millis(10));
    }
}

fn open_it(agent: &Agent) {
    for _ in 0..5 {
        assert_eq!(call(agent).status(), 502);
    }
}

fn assert_refused(answer: &Answer, why: &str) {
    assert_eq!(
        (answer.status(), reason(answer).as_str()),
        (503, why),
        "{answer:?}"
    );
    let seconds: u64 = answer
        .field("retry-after")
        .expect("when")
        .parse()
        .expect("a number");
    let ms = answer.json()["error"]["data"]["retry_after_ms"].as_u64();
    let ms = ms.expect("when, to the millisecond");
    assert!(
        (1..=31_000).contains(&ms) && seconds == ms.div_ceil(1_000),
        "{answer:?}"
    );
}

fn a_failing_server_is_left_alone_after_five_failures(driver: Driver) {
    let mood = Mood::new(BROKEN);
    let (world, beta) = world(driver, mood.server(), ", breaker: { open: 30s }");
    let agent = world.tester();
    open_it(&agent);
    let mut numbers = Vec::new();
    for _ in 0..20 {
        let refused = call(&agent);
        assert_refused(&refused, "upstream_open");
        numbers.push(refused.record().expect("a record"));
    }
    // Whatever is asked of it, not a byte goes out.
    let session = agent.try_initialize("2025-11-25");
    assert_refused(&session, "upstream_open");
    assert_eq!(world.upstream.seen().len(), 5);
    assert!(call(&elsewhere(&agent)).is_good_call());
    assert_eq!(beta.calls(), 1);
    let row = alpha(&world);
    assert_eq!(
        (&row["breaker"], &row["breaker_cause"]),
        (&json!("open"), &json!("broken"))
    );
    assert_eq!(
        (&row["breaker_trips"], &row["refused"]),
        (&json!(1), &json!(21))
    );
    let metrics = world.gateway.admin("GET", "/v1/metrics", &[]);
    let metrics = String::from_utf8_lossy(&metrics.body).into_owned();
    for line in [
        "varistor_upstream_breaker{server=\"alpha\"} 2",
        "varistor_upstream_breaker{server=\"beta\"} 0",
        "varistor_upstream_trips_total{server=\"alpha\"} 1",
        "varistor_upstream_refused_total{server=\"alpha\"} 21",
        "varistor_upstream_under_way{server=\"alpha\"} 0",
    ] {
        assert!(metrics.contains(line), "{line} is not in {metrics}");
    }
    let told = world.policy.varictl(&["status"]);
    let told = String::from_utf8_lossy(&told.stdout).into_owned();
    assert!(told.contains("open (broken), "), "{told}");
    let records = world.records();
    for number in numbers {
        let record = records.iter().find(|record| record["seq"] == json!(number));
        let record = record.expect("the record of a refusal");
        assert_eq!(record["decision"], "deny", "{record}");
        assert_eq!(record["reason"], "upstream_open", "{record}");
        assert_eq!(record["tool"], "read_file", "{record}");
    }
    let events = records
        .iter()
        .filter(|record| record["kind"] == "breaker_open");
    let events: Vec<_> = events.map(|event| &event["details"]).collect();
    assert_eq!(
        events,
        [&json!({"server": "alpha", "trips": 1, "cause": "broken"})]
    );
}

fn of_a_hundred_callers_one_tries_the_server(driver: Driver) {
    let mood = Mood::new(BROKEN);
    let (world, _beta) = world(driver, mood.server(), ", breaker: { open: 500ms }");
    let agent = world.tester();
    open_it(&agent);
    mood.set(HOLDING);
    wait_until(&world, "time to try", |row| {
        row["breaker_left_ms"] == json!(0)
    });
    let (sender, answers) = mpsc::channel();
    let request = agent.modern(1, "tools/call", json!({"name": "read_file"}));
    let mut crowd: Vec<_> = (0..100).map(|_| agent.connect()).collect();
    for connection in &mut crowd {
        connection.send(&request);
    }
    for mut connection in crowd {
        let sender = sender.clone();
        thread::spawn(move || sender.send(connection.answer().expect("an answer")));
    }
    let within = Duration::from_secs(20);
    for _ in 0..99 {
        assert_refused(
            &answers.recv_timeout(within).expect("99 answers"),
            "upstream_open",
        );
    }
    assert_eq!(world.upstream.calls(), 6);
    assert_eq!(alpha(&world)["breaker"], "half_open");
    mood.set(SOUND);
    mood.release();
    assert!(
        answers
            .recv_timeout(within)
            .expect("the last one")
            .is_good_call()
    );
    assert_eq!(alpha(&world)["breaker"], "closed");
    for _ in 0..10 {
        assert!(call(&agent).is_good_call());
    }
    wait_until(&world, "idle", |row| row["under_way"] == json!(0));
    // A call that may have run was never sent again.
    let calls = world.upstream.calls();
    let records = world.records();
    assert_eq!((calls, allowed(&records).count()), (16, 16));
    let mut kinds = BTreeMap::new();
    for record in &records {
        let kind = record["kind"].as_str().expect("a kind");
        *kinds.entry(kind).or_insert(0) += 1;
    }
    assert_eq!(
        (kinds["breaker_open"], kinds["breaker_closed"]),
        (1, 1),
        "{kinds:?}"
    );
}

fn what_is_no_failure_of_the_server_opens_nothing(driver: Driver) {
    let mood = Mood::new(404);
    let (world, _beta) = world(driver, mood.server(), "");
    let agent = world.tester();
    for status in [400, 404, 429, 501] {
        mood.set(status);
        for _ in 0..6 {
            assert_eq!(call(&agent).status(), status);
        }
    }
    mood.set(HOLDING);
    let before = world.upstream.calls();
    for number in 1..=6 {
        let mut leaving = agent.connect();
        leaving.send(&agent.modern(1, "tools/call", json!({"name": "read_file"})));
        let came = |seen: &[varistor_tests::upstream::Incoming]| {
            let calls = seen.iter().filter(|it| it.method() == "tools/call");
            calls.count() == before + number
        };
        world.upstream.wait_until("a call", came);
    }
    wait_until(&world, "left by its clients", |row| {
        row["under_way"] == json!(0)
    });
    let row = alpha(&world);
    assert_eq!(
        (&row["breaker"], &row["breaker_trips"]),
        (&json!("closed"), &json!(0))
    );
    mood.set(SOUND);
    mood.release();
    assert!(call(&agent).is_good_call());
    world.end();
}

fn a_server_that_says_that_it_fails_is_believed(driver: Driver) {
    let mood = Mood::new(SOUND);
    let (world, _beta) = world(
        driver,
        mood.server(),
        ", breaker: { failures: 2, open: 100ms }",
    );
    let agent = world.tester();
    for (round, status) in [500, 502, 503, 504].into_iter().enumerate() {
        mood.set(status);
        for _ in 0..2 {
            assert_eq!(call(&agent).status(), status);
        }
        let row = alpha(&world);
        assert_eq!(row["breaker_trips"], json!(round + 1), "{row}");
        assert_eq!(row["breaker_cause"], json!("status"), "{row}");
        mood.set(SOUND);
        wait_until(&world, "tried", |_| call(&agent).is_good_call());
    }
    world.end();
}

fn a_new_snapshot_closes_no_breaker(driver: Driver) {
    let mood = Mood::new(BROKEN);
    let (world, beta) = world(driver, mood.server(), ", breaker: { open: 30s }");
    let agent = world.tester();
    open_it(&agent);
    let text = std::fs::read_to_string(world.policy.path().join("varistor.yaml"));
    let text = text.expect("the policy");
    let push = |text: &str| {
        world.policy.write(text);
        world.policy.compile();
        let snapshot = std::fs::read(world.policy.path().join("state/current.snapshot"));
        let pushed = world.gateway.push(&snapshot.expect("a snapshot"));
        assert_eq!(pushed.status(), 200, "{pushed:?}");
    };
    push(&format!("{text}\n# another one\n"));
    assert_refused(&call(&agent), "upstream_open");
    // A server at another place is another server.
    push(&text.replace(world.upstream.address(), beta.address()));
    assert!(call(&agent).is_good_call());
    push(&text.replace("breaker: { open: 30s }", "breaker: off"));
    assert_eq!(call(&agent).status(), 502);
    assert_eq!(alpha(&world)["breaker"], "off");
    world.end();
}

fn no_more_calls_are_under_way_than_may_be(driver: Driver) {
    let mood = Mood::new(HOLDING);
    let (world, _beta) = world(driver, mood.server(), ", concurrency: 2");
    let agent = world.tester();
    let request = agent.modern(1, "tools/call", json!({"name": "read_file"}));
    let mut held: Vec<_> = (0..2).map(|_| agent.connect()).collect();
    for connection in &mut held {
        connection.send(&request);
    }
    wait_until(&world, "full", |row| row["under_way"] == json!(2));
    for _ in 0..20 {
        assert_refused(&call(&agent), "upstream_busy");
    }
    assert!(call(&elsewhere(&agent)).is_good_call());
    mood.set(SOUND);
    mood.release();
    for mut connection in held {
        assert!(connection.answer().expect("an answer").is_good_call());
    }
    assert!(call(&agent).is_good_call());
    assert_eq!(world.upstream.calls(), 3);
    world.end();
}

/// The worst case: no breaker, and as many callers as like to wait for a server that takes no
/// connection.
fn a_server_that_nobody_can_reach_slows_no_other(driver: Driver) {
    let mock = Mock::start("connection fault=deaf", &["--backlog", "0"]);
    let address: SocketAddr = mock.address().parse().expect("an address");
    let within = Duration::from_millis(300);
    let crowd: Vec<_> = (0..16)
        .map_while(|_| TcpStream::connect_timeout(&address, within).ok())
        .collect();
    assert!(crowd.len() < 16, "the backlog never filled");
    let beta = Upstream::start();
    let extra = Extra {
        alpha: ", breaker: off",
        timeouts: "connect: 30s",
        ..Extra::default()
    };
    let usual = format!("beta: {{ url: \"{}\" }}", mock.url());
    let text = policy_before(&mock.url(), extra);
    let text = text.replace(&usual, &format!("beta: {{ url: \"{}\" }}", beta.url()));
    let policy = PolicyDir::new(&text);
    let gateway = Gateway::start(&policy, driver);
    let agent = Agent::new(gateway.address(), "alpha", &policy.token("tester"));
    let median = || {
        let mut connection = agent.connect();
        let request = elsewhere(&agent).modern(1, "tools/call", json!({"name": "read_file"}));
        let mut times: Vec<_> = (0..101)
            .map(|_| {
                let begun = Instant::now();
                assert!(connection.exchange(&request).is_good_call());
                begun.elapsed()
            })
            .collect();
        times.sort();
        times[50]
    };
    let alone = median();
    let request = agent.modern(1, "tools/call", json!({"name": "read_file"}));
    let mut waiting: Vec<_> = (0..200).map(|_| agent.connect()).collect();
    for connection in &mut waiting {
        connection.send(&request);
    }
    let under_way = || {
        let status = gateway.status();
        let servers = status["servers"].as_array().expect("servers").clone();
        let alpha = servers.iter().find(|row| row["name"] == "alpha");
        alpha.expect("alpha")["under_way"].as_u64()
    };
    let until = Instant::now() + Duration::from_secs(20);
    while under_way() != Some(200) {
        assert!(Instant::now() < until, "{:?} wait", under_way());
        thread::sleep(Duration::from_millis(10));
    }
    let beside = median();
    let borne = alone * 3 + Duration::from_millis(20);
    assert!(beside < borne, "{beside:?}, and {alone:?} without them");
    assert_eq!(under_way(), Some(200), "they were not there all the time");
    drop(waiting);
    gateway.stop();
    policy.verify_audit();
}
