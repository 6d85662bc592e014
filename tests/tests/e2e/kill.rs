//! The kill switch: what it stops and what it spares, what it ends, how it is pulled, and what
//! cannot keep it from working.

use std::fs;
use std::io::Read;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};
use varistor_tests::policy::assert_success;
use varistor_tests::sse::Stream;
use varistor_tests::upstream::{Handled, open_events, send_event};
use varistor_tests::{Agent, Answer, Driver, Gateway, Upstream, on_both_drivers};

use crate::world::{Extra, World};

on_both_drivers!(
    each_selector_stops_what_it_names_and_spares_the_rest,
    a_narrowed_token_is_stopped_with_the_one_that_it_came_from,
    what_is_open_ends_and_others_go_on,
    a_killed_tool_ends_its_calls_and_no_others,
    what_is_stopped_stays_so_over_a_restart,
    a_state_that_cannot_be_read_stops_everything,
    a_file_stops_what_it_says_while_it_is_there,
    a_signal_stops_everything,
    both_are_records_in_the_log,
);

const AGENTS: &str = "      member: { team: crew }
  globex:
    roles:
      everything:
        allow: [\"*\", { tools: \"*/*\", intents: [read, write, destructive, exfiltrative] }]
    agents:
      spy: { roles: [everything] }
";

/// Two organisations, one of them with a team.
fn world(driver: Driver, upstream: Upstream) -> World {
    let text = crate::world::policy_text(
        &upstream,
        Extra {
            agents: AGENTS,
            ..Extra::default()
        },
    );
    let text = text.replacen(
        "    agents:",
        "    teams: { crew: { roles: [everything] } }\n    agents:",
        1,
    );
    let policy = varistor_tests::PolicyDir::new(&text);
    let gateway = Gateway::start(&policy, driver);
    World {
        gateway,
        policy,
        upstream,
    }
}

impl World {
    /// The same with another gateway, at another address.
    fn restarted(self, driver: Driver) -> Self {
        let Self {
            gateway,
            policy,
            upstream,
        } = self;
        gateway.stop();
        let gateway = Gateway::start(&policy, driver);
        Self {
            gateway,
            policy,
            upstream,
        }
    }

    fn kill(&self, selectors: &[&str]) -> Value {
        self.switch("/v1/kill", selectors)
    }

    fn revive(&self, selectors: &[&str]) -> Value {
        self.switch("/v1/revive", selectors)
    }

    pub(crate) fn switch(&self, path: &str, selectors: &[&str]) -> Value {
        let body = json!({"selectors": selectors, "reason": "a test"}).to_string();
        let answer = self.gateway.admin("POST", path, body.as_bytes());
        assert_eq!(answer.status(), 200, "{answer:?}");
        let said = answer.json();
        assert_eq!(said["kept"], json!(true), "{said}");
        said
    }
}

/// Whether a call is answered well. Otherwise it is refused, or its connection ends: one that was
/// opened while the switch was pulled may be among those that end.
fn passes(agent: &Agent, tool: &str) -> bool {
    let mut connection = agent.connect();
    connection.send(&agent.modern(1, "tools/call", json!({"name": tool})));
    let Some(answer) = connection.answer() else {
        return false;
    };
    if answer.is_good_call() {
        return true;
    }
    assert_eq!(reason(&answer), Some("killed".to_owned()), "{answer:?}");
    false
}

fn reason(answer: &Answer) -> Option<String> {
    let body = answer.json();
    let told = [
        &body["error"]["data"]["reason"],
        &body["result"]["_meta"]["varistor/reason"],
    ];
    let told = told.into_iter().find_map(Value::as_str);
    told.map(str::to_owned)
}

fn each_selector_stops_what_it_names_and_spares_the_rest(driver: Driver) {
    let world = world(driver, Upstream::start());
    let (tester, other) = (world.tester(), world.agent("other"));
    let (member, spy) = (world.agent("member"), world.agent("globex/spy"));
    let beta = Agent::new(world.gateway.address(), "beta", &tester.token);
    let listed = world
        .policy
        .varictl(&["token", "inspect", &tester.token, "--json"]);
    assert_success(&listed, "token inspect");
    let inspected: Value = serde_json::from_slice(&listed.stdout).expect("JSON");
    let id = inspected["id"].as_str().expect("an id");
    for (selector, stops) in [
        ("all", [true; 5]),
        ("organisation acme", [true, true, true, false, true]),
        ("team acme/crew", [false, false, true, false, false]),
        ("agent acme/tester", [true, false, false, false, true]),
        (&format!("token {id}"), [true, false, false, false, true]),
        ("server alpha", [true, true, true, true, false]),
    ] {
        world.kill(&[selector]);
        let agents = [&tester, &other, &member, &spy, &beta];
        assert_eq!(
            agents.map(|it| !passes(it, "read_file")),
            stops,
            "{selector}"
        );
        let told = tester.call("read_file", json!({}));
        if stops[0] {
            assert_eq!(told.status(), 503, "{told:?}");
            assert_eq!(told.field("retry-after"), Some("300"));
            assert_eq!(told.field("connection"), Some("close"));
        }
        let status = world.gateway.status();
        assert_eq!(status["killed"], json!([selector]));
        let metrics = world.gateway.admin("GET", "/v1/metrics", &[]);
        let metrics = String::from_utf8(metrics.body).expect("text");
        assert!(metrics.contains("varistor_killed 1\n"), "{metrics}");
        assert_eq!(world.revive(&[selector])["revived"], json!(1));
        assert!(passes(&tester, "read_file"), "{selector}");
    }
    let unknown = world.kill(&["agent acme/nobody", "server nowhere"]);
    assert_eq!(
        unknown["unknown"],
        json!(["agent acme/nobody", "server nowhere"])
    );
    world.end();
}

fn a_narrowed_token_is_stopped_with_the_one_that_it_came_from(driver: Driver) {
    let world = World::start(driver);
    let parent = world.policy.token("tester");
    let narrowed =
        world
            .policy
            .varictl(&["token", "attenuate", &parent, "--tools", "alpha/read_*"]);
    assert_success(&narrowed, "token attenuate");
    let narrowed = String::from_utf8(narrowed.stdout).expect("a token");
    let ids = |token: &str| -> String {
        let output = world
            .policy
            .varictl(&["token", "inspect", token.trim(), "--json"]);
        let inspected: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        inspected["id"].as_str().expect("an id").to_owned()
    };
    let (parent_id, narrowed_id) = (ids(&parent), ids(&narrowed));
    assert_ne!(parent_id, narrowed_id);
    let (parent, narrowed) = (world.holder(&parent), world.holder(narrowed.trim()));
    world.kill(&[&format!("token {narrowed_id}")]);
    assert!(passes(&parent, "read_file") && !passes(&narrowed, "read_file"));
    world.kill(&[&format!("token {parent_id}")]);
    world.revive(&[&format!("token {narrowed_id}")]);
    assert!(!passes(&parent, "read_file") && !passes(&narrowed, "read_file"));
    world.revive(&[&format!("token {parent_id}")]);
    assert!(passes(&parent, "read_file") && passes(&narrowed, "read_file"));
    world.end();
}

/// A server whose calls of `write_file` stream for ever, and those of `delete_file` are never
/// answered; each call that ends is told by its tool.
pub(crate) fn lasting() -> (Upstream, mpsc::Receiver<String>) {
    let (tell, ended) = mpsc::channel();
    let tell = Arc::new(Mutex::new(tell));
    let upstream = Upstream::behaving(move |incoming, stream| {
        let name = incoming.name();
        match name.as_str() {
            "write_file" => {
                open_events(stream);
                let event = json!({"jsonrpc": "2.0", "method": "notifications/progress",
                    "params": {"progressToken": 1, "progress": 1}});
                send_event(stream, None, &event.to_string());
            }
            "delete_file" => {}
            _ => return Handled::Usual,
        }
        let time = Some(Duration::from_secs(60));
        stream.set_read_timeout(time).expect("a time-out");
        if !matches!(stream.read(&mut [0; 1]), Ok(count) if count > 0) {
            // The test may have ended by a failure; then nobody is told.
            let _ = tell.lock().expect("the channel").send(name);
        }
        Handled::Close
    });
    (upstream, ended)
}

/// A call that streams, read up to its first event.
pub(crate) fn streaming(agent: &Agent) -> Stream {
    let mut stream = agent.stream(1, "tools/call", json!({"name": "write_file"}));
    stream.next_event().expect("the first event");
    stream
}

/// A call that is not answered, once it has reached the server.
fn pending(world: &World, agent: &Agent) -> varistor_tests::Connection {
    let deletes = |seen: &[varistor_tests::upstream::Incoming]| {
        seen.iter().filter(|it| it.name() == "delete_file").count()
    };
    let before = deletes(&world.upstream.seen());
    let mut connection = agent.connect();
    connection.send(&agent.modern(7, "tools/call", json!({"name": "delete_file"})));
    world
        .upstream
        .wait_until("the call", |seen| deletes(seen) > before);
    connection
}

fn what_is_open_ends_and_others_go_on(driver: Driver) {
    let (upstream, ended) = lasting();
    let world = world(driver, upstream);
    let (tester, other) = (world.tester(), world.agent("other"));
    let mut streams: Vec<_> = (0..8).map(|_| streaming(&tester)).collect();
    let mut calls: Vec<_> = (0..8).map(|_| pending(&world, &tester)).collect();
    let mut idle = tester.connect();
    let read = tester.modern(1, "tools/call", json!({"name": "read_file"}));
    assert!(idle.exchange(&read).is_good_call());
    let others = streaming(&other);
    let mut others_idle = other.connect();
    let others_read = other.modern(1, "tools/call", json!({"name": "read_file"}));
    assert!(others_idle.exchange(&others_read).is_good_call());

    let pulled = Instant::now();
    let said = world.kill(&["agent acme/tester"]);
    for stream in &mut streams {
        assert_eq!(stream.next_event(), None);
    }
    for call in &mut calls {
        assert!(
            call.answer()
                .is_none_or(|it| reason(&it) == Some("killed".into()))
        );
    }
    assert!(idle.answer().is_none(), "an idle connection ends, too");
    for _ in 0..16 {
        ended.recv_timeout(Duration::from_secs(20)).expect("an end");
    }
    assert!(
        pulled.elapsed() < Duration::from_secs(5),
        "{:?}",
        pulled.elapsed()
    );
    assert_eq!(said["ended"], json!({"connections": 17, "calls": 16}));
    // Nothing else of the others has ended.
    assert!(others_idle.exchange(&others_read).is_good_call());
    assert!(ended.try_recv().is_err());
    drop(others);
    let records = world.records();
    let killed = records.iter().filter(|record| record["status"] == "killed");
    assert_eq!(killed.count(), 16);
}

fn a_killed_tool_ends_its_calls_and_no_others(driver: Driver) {
    let (upstream, ended) = lasting();
    let world = world(driver, upstream);
    let tester = world.tester();
    let mut stream = streaming(&tester);
    let mut call = pending(&world, &tester);
    world.kill(&["tool alpha/delete_file"]);
    let told = call.answer().expect("an answer: the connection lives on");
    assert_eq!(reason(&told), Some("killed".into()));
    let told = tester.call("delete_file", json!({}));
    assert_eq!(reason(&told), Some("tool_killed".into()));
    assert_eq!(told.json()["result"]["isError"], json!(true));
    assert!(told.text().contains("operator has stopped this tool"));
    assert_eq!(
        ended.recv_timeout(Duration::from_secs(20)),
        Ok("delete_file".into())
    );
    assert!(passes(&tester, "read_file"));
    // On another server, the name is another tool.
    let beta = Agent::new(world.gateway.address(), "beta", &tester.token);
    world.kill(&["tool beta/read_file"]);
    assert_eq!(
        reason(&beta.call("read_file", json!({}))),
        Some("tool_killed".into())
    );
    assert!(passes(&tester, "read_file"));
    world.kill(&["server alpha"]);
    assert_eq!(stream.next_event(), None);
    assert_eq!(
        ended.recv_timeout(Duration::from_secs(20)),
        Ok("write_file".into())
    );
    world.end();
}

fn what_is_stopped_stays_so_over_a_restart(driver: Driver) {
    let mut world = World::start(driver);
    world.kill(&["agent acme/tester", "tool alpha/write_file"]);
    for _ in 0..2 {
        world = world.restarted(driver);
        let (tester, other) = (world.tester(), world.agent("other"));
        assert!(!passes(&tester, "read_file") && passes(&other, "read_file"));
        let told = other.call("write_file", json!({}));
        assert_eq!(reason(&told), Some("tool_killed".into()));
    }
    world.revive(&["agent acme/tester", "tool alpha/write_file"]);
    assert!(passes(&world.tester(), "write_file"));
    world.end();
}

fn a_state_that_cannot_be_read_stops_everything(driver: Driver) {
    let mut world = World::start(driver);
    fs::write(world.policy.path().join("state/kill"), "no state").expect("a file");
    world = world.restarted(driver);
    assert!(!passes(&world.tester(), "read_file"));
    let list = world.policy.varictl(&["kill", "--list"]);
    assert_success(&list, "kill --list");
    let list = String::from_utf8_lossy(&list.stdout).into_owned();
    assert!(list.contains("can't be read"), "{list}");
    assert_success(&world.policy.varictl(&["revive", "--all"]), "revive");
    assert!(passes(&world.tester(), "read_file"));
    world = world.restarted(driver);
    assert!(passes(&world.tester(), "read_file"));
    world.end();
}

/// Waits until a call of this agent is refused or passes, as is wanted.
fn wait_until(agent: &Agent, wanted: bool) -> Duration {
    let since = Instant::now();
    while passes(agent, "read_file") != wanted {
        assert!(
            since.elapsed() < Duration::from_secs(20),
            "nothing happened"
        );
    }
    since.elapsed()
}

fn a_file_stops_what_it_says_while_it_is_there(driver: Driver) {
    let (upstream, ended) = lasting();
    let mut world = world(driver, upstream);
    let file = world.policy.path().join("run/kill");
    let (mut tester, mut other) = (world.tester(), world.agent("other"));
    let mut stream = streaming(&tester);
    fs::write(
        &file,
        "# it deletes what it should not\nagent acme/tester\n",
    )
    .expect("a file");
    assert_eq!(stream.next_event(), None);
    ended.recv_timeout(Duration::from_secs(20)).expect("an end");
    wait_until(&tester, false);
    assert!(passes(&other, "read_file"));
    fs::write(&file, "").expect("a file");
    wait_until(&other, false);
    // The operator's word does not take it back.
    world.revive(&["all", "agent acme/tester"]);
    assert!(!passes(&other, "read_file"));
    // Nor does a restart.
    world = world.restarted(driver);
    (tester, other) = (world.tester(), world.agent("other"));
    assert!(!passes(&other, "read_file"));
    fs::remove_file(&file).expect("the file");
    wait_until(&tester, true);
    wait_until(&other, true);
    world.end();
}

fn a_signal_stops_everything(driver: Driver) {
    let (upstream, ended) = lasting();
    let mut world = world(driver, upstream);
    let tester = world.tester();
    let mut stream = streaming(&tester);
    world.gateway.signal(Signal::USR1);
    assert_eq!(stream.next_event(), None);
    ended.recv_timeout(Duration::from_secs(20)).expect("an end");
    assert!(!passes(&tester, "read_file"));
    let since = Instant::now();
    while world.gateway.status()["killed"] != json!(["all"]) {
        assert!(since.elapsed() < Duration::from_secs(20));
    }
    // What the signal did survives as well, once it is written; asking for it again waits for that.
    world.kill(&["server beta"]);
    world = world.restarted(driver);
    assert!(!passes(&world.tester(), "read_file"));
    world.revive(&["all"]);
    assert!(passes(&world.tester(), "read_file"));
    world.end();
}

fn both_are_records_in_the_log(driver: Driver) {
    let world = World::start(driver);
    let tester = world.tester();
    let given = ["kill", "--agent", "acme/tester", "--reason", "odd"];
    assert_success(&world.policy.varictl(&given), "kill");
    assert!(!passes(&tester, "read_file"));
    assert_success(
        &world.policy.varictl(&["revive", "--agent", "acme/tester"]),
        "revive",
    );
    assert!(passes(&tester, "read_file"));
    let records = world.records();
    let of = |kind: &str| {
        let mut all = records.iter().filter(|record| record["kind"] == kind);
        let found = all.next().expect("a record")["details"].clone();
        assert!(all.next().is_none());
        found
    };
    let killed = of("kill");
    assert_eq!(killed["selectors"], json!(["agent acme/tester"]));
    assert_eq!(killed["reason"], "odd");
    let uid = rustix::process::getuid().as_raw();
    for details in [&killed, &of("revive")] {
        let by = details["by"].as_str().expect("somebody");
        assert!(by.starts_with(&format!("uid {uid} (process ")), "{by}");
    }
    let refused = |record: &&Value| record["reason"] == "killed" && record["decision"] == "deny";
    assert_eq!(records.iter().filter(refused).count(), 1);
}
