//! stdio servers in the sandbox that the gateway puts them in unless the policy says otherwise.

use std::fs;
use std::net::TcpListener;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::json;
use varistor_tests::{Agent, Driver, PolicyDir, on_both_drivers};

use crate::stdio_world::{SOON, Stdio, policy_text, program, said, said_modern};

on_both_drivers!(
    a_server_reaches_nothing_that_is_not_named,
    what_is_named_is_reached,
    named_hosts_are_reached_by_the_proxy,
    a_path_that_is_not_there_is_told,
    a_kill_leaves_no_process_of_a_sandbox,
    no_process_of_a_sandbox_outlives_the_gateway,
    restarts_in_the_sandbox_leak_nothing,
);

/// The shell and what the child forks.
const FORKS: &str = ", sandbox: { execute: [/bin, /usr/bin] }";

/// A call of a tool with one argument: what it says.
fn tried(agent: &Agent, tool: &str, argument: (&str, &str)) -> String {
    let answer = agent.call(tool, json!({argument.0: argument.1}));
    assert!(answer.is_good_call(), "{tool}: {answer:?}");
    answer.text()
}

fn a_server_reaches_nothing_that_is_not_named(driver: Driver) {
    let folder = tempfile::tempdir().expect("a folder");
    let secret = folder.path().join("secret");
    fs::write(&secret, "secret").expect("a secret");
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    // No key at all: strict is what a server gets.
    let text = policy_text(&program(), &[], ", sandbox: off").replace(", sandbox: off", "");
    let world = Stdio::of(driver, PolicyDir::new(&text));
    let agent = world.agent("tester");
    let own = world.policy.path();
    for path in [
        secret.clone(),
        own.join("varistor.yaml"),
        own.join("keys/audit.key"),
        own.join("run/admin.sock"),
    ] {
        let said = tried(&agent, "read", ("path", path.to_str().expect("a path")));
        assert!(said.starts_with("refused"), "{}: {said}", path.display());
    }
    let beside = folder.path().join("made");
    let said = tried(&agent, "write", ("path", beside.to_str().expect("a path")));
    assert!(said.starts_with("refused") && !beside.exists(), "{said}");
    let said = tried(&agent, "connect", ("address", &address));
    assert!(said.starts_with("refused"), "{said}");
    // Its own folder is its own.
    let home = own.join("run/stdio/alpha/kept");
    let said = tried(&agent, "write", ("path", home.to_str().expect("a path")));
    assert_eq!((said.as_str(), home.exists()), ("written", true));
    let environment = said_modern(&agent, "environment");
    let names: Vec<_> = environment
        .lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, _)| name)
        .collect();
    for name in ["HOME", "LANG", "PATH", "TMPDIR", "VARISTOR_CHILD"] {
        assert!(names.contains(&name), "{environment}");
    }
    assert_eq!(names.len(), 5, "{environment}");
    world.end();
}

fn what_is_named_is_reached(driver: Driver) {
    let folder = tempfile::tempdir().expect("a folder");
    for name in ["read", "write"] {
        fs::create_dir(folder.path().join(name)).expect("a folder");
    }
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("read/text"), "text").expect("a file");
    let (read, write) = (path("read"), path("write"));
    let keys = format!(", sandbox: {{ read: [{read}], write: [{write}] }}");
    let world = Stdio::start(driver, &[], &keys);
    let agent = world.agent("tester");
    let (text, made) = (path("read/text"), path("write/made"));
    assert_eq!(tried(&agent, "read", ("path", &text)), "text");
    assert!(tried(&agent, "write", ("path", &text)).starts_with("refused"));
    assert_eq!(tried(&agent, "write", ("path", &made)), "written");
    assert_eq!(tried(&agent, "read", ("path", &made)), "x");
    world.end();
}

fn named_hosts_are_reached_by_the_proxy(driver: Driver) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address").to_string();
    let keys = format!(", sandbox: {{ network: {{ hosts: [\"{address}\"] }} }}");
    let world = Stdio::start(driver, &[], &keys);
    let agent = world.agent("tester");
    assert!(tried(&agent, "connect", ("address", &address)).starts_with("refused"));
    let said = tried(&agent, "connect", ("address", "127.0.0.1:3128"));
    assert_eq!(said, "connected");
    let environment = said_modern(&agent, "environment");
    assert!(
        environment.contains("HTTPS_PROXY=http://127.0.0.1:3128"),
        "{environment}"
    );
    world.end();
}

fn a_path_that_is_not_there_is_told(driver: Driver) {
    let keys = ", sandbox: { write: [/no/such/place] }";
    let world = Stdio::start(driver, &[], keys);
    let answer = world.agent("tester").call("pid", json!({}));
    assert_eq!(answer.status(), 502, "{answer:?}");
    let status = world.wait_for("told", |it| it["last_error"].is_string());
    let error = status["last_error"].to_string();
    assert!(
        error.contains("/no/such/place") && error.contains("`write`"),
        "{error}"
    );
    world.end();
}

fn a_kill_leaves_no_process_of_a_sandbox(driver: Driver) {
    let world = Stdio::start(driver, &[], FORKS);
    let agent = world.agent("tester");
    let session = agent.initialize();
    assert_eq!(said(&session, "fork"), "forked");
    assert_eq!(said_modern(&agent, "fork"), "forked");
    let before = world.processes();
    assert!(before.len() >= 8, "{before:?}");
    let body = json!({"selectors": ["server alpha"]}).to_string();
    let began = Instant::now();
    let answer = world.gateway.admin("POST", "/v1/kill", body.as_bytes());
    assert_eq!(answer.status(), 200);
    world.is_gone_since(began);
    world.end();
}

fn no_process_of_a_sandbox_outlives_the_gateway(driver: Driver) {
    for signal in [Signal::TERM, Signal::KILL] {
        let world = Stdio::start(driver, &[], FORKS);
        let agent = world.agent("tester");
        assert_eq!(said_modern(&agent, "fork"), "forked");
        assert!(world.processes().len() >= 4);
        world.ends_with(signal);
    }
}

fn restarts_in_the_sandbox_leak_nothing(driver: Driver) {
    let world = Stdio::start(driver, &[], FORKS);
    let agent = world.agent("tester");
    let descriptors = || {
        let list = fs::read_dir(format!("/proc/{}/fd", world.gateway.id()));
        list.expect("descriptors").count()
    };
    let round = |number: usize| {
        let session = agent.initialize();
        let environment = said(&session, "environment");
        let temporary = environment
            .lines()
            .find_map(|line| line.strip_prefix("TMPDIR="));
        let temporary = temporary.expect("a temporary directory");
        assert!(Path::new(temporary).is_dir(), "{temporary}");
        match number % 2 {
            0 => assert_eq!(said(&session, "fork"), "forked"),
            _ => assert_eq!(session.call("crash", json!({})).status(), 502),
        }
        session.delete();
        world.wait_for("quiet", |it| it["children"] == 0 && it["sessions"] == 0);
        assert!(!Path::new(temporary).exists(), "{temporary}");
    };
    (0..2).for_each(round);
    let before = descriptors();
    (0..8).for_each(round);
    let until = Instant::now() + SOON;
    while descriptors() > before + 2 {
        assert!(Instant::now() < until, "{before} {}", descriptors());
        thread::sleep(Duration::from_millis(10));
    }
    assert!(world.processes().is_empty());
    world.end();
}
