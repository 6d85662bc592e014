//! Secrets that others keep: in the environment, in files, in a store. They are used as those of
//! the vault are, follow their changes, and stay when whoever keeps them is gone.

use std::fs;
use std::os::unix::fs::FileExt;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use varistor_tests::store::{ROLE, SECRET_ID, Store, TOKEN, telling};
use varistor_tests::{Agent, Driver, Gateway, PolicyDir, Upstream, on_both_drivers, programs};

on_both_drivers!(
    each_kind_reaches_its_server_and_is_recognised,
    what_changes_is_taken_up_and_what_is_gone_stays,
    a_store_that_gives_nothing_keeps_a_policy_out,
);

struct World {
    gateway: Gateway,
    policy: PolicyDir,
    upstream: Upstream,
    files: tempfile::TempDir,
}

fn text(upstream: &Upstream, (secrets, store): (&str, &str), headers: &[&str]) -> String {
    let headers = headers
        .iter()
        .map(|name| format!("\"X-{name}: ${{vault:{name}}}\""));
    let headers: Vec<_> = headers.collect();
    let credential = match headers.is_empty() {
        true => String::new(),
        false => format!(", credential: {{ headers: [{}] }}", headers.join(", ")),
    };
    format!(
        "listen: 127.0.0.1:0
runtime: {{ workers: 2, shedding: off }}
dlp: {{ response: {{ secrets: redact }} }}
{store}
{secrets}
servers:
  alpha: {{ url: \"{0}\"{credential} }}
  beta: {{ url: \"{0}\" }}
organisations:
  acme:
    roles: {{ all: {{ allow: [\"*\"] }} }}
    agents: {{ tester: {{ roles: [all] }} }}
",
        upstream.url()
    )
}

fn store_of(store: &Store, auth: &str) -> String {
    format!(
        "secret_stores: {{ corp: {{ url: \"{}\", auth: {{ {auth} }}, refresh: 1s }} }}",
        store.url()
    )
}

impl World {
    fn start(
        driver: Driver,
        made: impl FnOnce(&Upstream, &tempfile::TempDir) -> (PolicyDir, String),
    ) -> Self {
        let (upstream, files) = (telling(), tempfile::tempdir().expect("a folder"));
        let (policy, text) = made(&upstream, &files);
        policy.write(&text);
        policy.compile();
        let gateway = Gateway::start_by(&policy, |command| {
            command.arg(programs::ours("varistor"));
            command.arg("--dir").arg(policy.path());
            command.args(["--listen", "127.0.0.1:0", "--driver", driver.name()]);
            command.env("ALPHA_KEY", "of-the-environment-4711");
        });
        Self {
            gateway,
            policy,
            upstream,
            files,
        }
    }

    fn agent(&self, server: &str) -> Agent {
        Agent::new(self.gateway.address(), server, &self.policy.token("tester"))
    }

    fn told(&self) -> Value {
        self.gateway.status()["secrets"].clone()
    }

    fn last(&self, field: &str) -> Option<String> {
        self.upstream.seen().last()?.field(field)
    }
}

/// Waits until this holds.
fn until(what: &str, holds: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(40);
    while !holds() {
        assert!(Instant::now() < end, "never {what}");
        thread::sleep(Duration::from_millis(50));
    }
}

fn each_kind_reaches_its_server_and_is_recognised(driver: Driver) {
    let store = Store::start();
    {
        let mut state = store.state();
        state.namespace = Some("team-a".to_owned());
        state.secrets.insert(
            "secret/data/mail".to_owned(),
            json!({"key": "of-the-second-4711"}),
        );
        state.secrets.insert(
            "old/mail".to_owned(),
            json!({"key": "of-the-first-4711", "n": 1}),
        );
    }
    let world = World::start(driver, |upstream, files| {
        let file = files.path().join("key");
        fs::write(&file, "of-a-file-4711\n").expect("a file");
        let secrets = format!(
            "secrets:
  env: {{ servers: [alpha], env: ALPHA_KEY }}
  file: {{ servers: \"*\", file: {} }}
  mail: {{ servers: [alpha], store: corp, path: secret/data/mail, field: key }}
  old: {{ servers: [alpha], store: corp, path: old/mail, field: key }}",
            file.display()
        );
        let auth = format!("approle: {{ role_id: {ROLE}, secret_id: \"${{vault:bao}}\" }}");
        let store = store_of(&store, &auth).replace("refresh", "namespace: team-a, refresh");
        let policy = PolicyDir::new(&text(upstream, ("", ""), &[]));
        policy.keep_in_vault("bao", SECRET_ID);
        let all = ["env", "file", "mail", "old"];
        (policy, text(upstream, (&secrets, &store), &all))
    });
    assert!(
        world
            .agent("alpha")
            .call("read_file", json!({}))
            .is_good_call()
    );
    for (field, value) in [
        ("x-env", "of-the-environment-4711"),
        ("x-file", "of-a-file-4711"),
        ("x-mail", "of-the-second-4711"),
        ("x-old", "of-the-first-4711"),
    ] {
        assert_eq!(world.last(field).as_deref(), Some(value));
    }
    assert!(
        world
            .agent("beta")
            .call("read_file", json!({}))
            .is_good_call()
    );
    let seen = world.upstream.seen();
    let other = &seen.last().expect("a request").head;
    assert!(!other.contains("4711"), "{other}");
    let told = world.told();
    assert_eq!(told["count"], 4);
    let kept = told["kept"].as_str();
    assert!(
        matches!(kept, Some("secret" | "locked" | "plain")),
        "{told}"
    );
    is_in_no_memory_that_others_read(&world, kept == Some("secret"));
    // What a server tells of it is withheld, as of the vault's own.
    let told = world
        .agent("alpha")
        .call("read_file", json!({"wish": "tell"}));
    let text = &told.json()["result"]["content"][0]["text"];
    assert_eq!(text, "it is [REDACTED:vault_secret].");
    world.gateway.stop();
    world.policy.verify_audit();
}

fn what_changes_is_taken_up_and_what_is_gone_stays(driver: Driver) {
    let store = Store::start();
    let put = |value: &str| {
        let fields = json!({"key": value});
        store
            .state()
            .secrets
            .insert("secret/data/mail".to_owned(), fields);
    };
    put("the-first-one-4711");
    store.state().jwt = Some("e30.e30.c2ln".to_owned());
    let world = World::start(driver, |upstream, files| {
        let jwt = files.path().join("jwt");
        fs::write(&jwt, "e30.e30.c2ln").expect("a file");
        let file = files.path().join("key");
        fs::write(&file, "a-file-before").expect("a file");
        let secrets = format!(
            "secrets:
  file: {{ servers: [alpha], file: {} }}
  mail: {{ servers: [alpha], store: corp, path: secret/data/mail, field: key }}",
            file.display()
        );
        let auth = format!(
            "kubernetes: {{ role: {ROLE}, token_file: {} }}",
            jwt.display()
        );
        let policy = PolicyDir::new(&text(upstream, ("", ""), &[]));
        (
            policy,
            text(
                upstream,
                (&secrets, &store_of(&store, &auth)),
                &["file", "mail"],
            ),
        )
    });
    let agent = world.agent("alpha");
    let sends = |field: &str, value: &str| {
        assert!(agent.call("read_file", json!({})).is_good_call());
        world.last(field).as_deref() == Some(value)
    };
    assert!(sends("x-mail", "the-first-one-4711"));
    put("the-next-one-4711");
    fs::write(world.files.path().join("key"), "a-file-after").expect("a file");
    until("the next one", || sends("x-mail", "the-next-one-4711"));
    until("the next file", || sends("x-file", "a-file-after"));
    assert!(
        world.told()["changes"].as_u64() >= Some(1),
        "{}",
        world.told()
    );

    // What was compiled and not pushed is in nobody's way.
    world.policy.compile();
    put("the-last-one-4711");
    until("the last one", || sends("x-mail", "the-last-one-4711"));

    store.state().is_sealed = true;
    fs::write(world.files.path().join("key"), "a-file-in-between").expect("a file");
    until("the other one", || sends("x-file", "a-file-in-between"));
    until("a failure", || world.told()["failures"].as_u64() >= Some(1));
    let error = world.told()["error"].to_string();
    assert!(
        error.contains("store corp") && error.contains("it is sealed"),
        "{error}"
    );
    assert!(sends("x-mail", "the-last-one-4711"));
    let metrics = world.gateway.admin("GET", "/v1/metrics", &[]).body_text();
    assert!(
        metrics.contains("varistor_secret_looks_total{result=\"failed\"}"),
        "{metrics}"
    );
    store.state().is_sealed = false;
    until("no failure", || world.told()["error"].is_null());
    world.gateway.stop();
    world.policy.verify_audit();
}

fn a_store_that_gives_nothing_keeps_a_policy_out(driver: Driver) {
    let store = Store::start();
    let fields = json!({"key": "the-first-one-4711"});
    store
        .state()
        .secrets
        .insert("secret/data/mail".to_owned(), fields);
    let row = |path: &str, field: &str| {
        format!(
            "secrets: {{ mail: {{ servers: [alpha], store: corp, path: {path}, field: {field} }} }}"
        )
    };
    let stores = store_of(&store, "token: \"${vault:bao}\"");
    let good = row("secret/data/mail", "key");
    let world = World::start(driver, |upstream, _| {
        let policy = PolicyDir::new(&text(upstream, ("", ""), &[]));
        policy.keep_in_vault("bao", TOKEN);
        (policy, text(upstream, (&good, &stores), &["mail"]))
    });
    for (secrets, why) in [
        (
            row("secret/mail", "key"),
            "the second version of the engine wants `data/`",
        ),
        (
            row("secret/data/mail", "kez"),
            "no field kez; there are key",
        ),
    ] {
        let text = text(&world.upstream, (&secrets, &stores), &["mail"]);
        world.policy.write(&text);
        let refused = world.policy.varictl(&["push"]);
        let said = [refused.stdout, refused.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert!(!refused.status.success() && said.contains(why), "{said}");
        assert!(!said.contains(TOKEN), "{said}");
    }
    // The one before serves on.
    assert!(
        world
            .agent("alpha")
            .call("read_file", json!({}))
            .is_good_call()
    );
    assert_eq!(world.last("x-mail").as_deref(), Some("the-first-one-4711"));
    // A name that the vault has, a server that may not get it.
    world.policy.keep_in_vault("mail", "of-the-vault");
    world
        .policy
        .write(&text(&world.upstream, (&good, &stores), &["mail"]));
    let refused = world.policy.varictl(&["check"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        said.contains("a name that the vault does not have"),
        "{said}"
    );
    world.gateway.stop();
}

/// Looks through all memory of the gateway that its own parent can read: page by page, as nine
/// tenths of what it has mapped was never touched.
fn is_in_no_memory_that_others_read(world: &World, is_secret: bool) {
    // What is on its way to a server has a copy while it is sent; none may stay.
    let until = Instant::now() + Duration::from_secs(5);
    loop {
        let Some(found) = parts_that_hold(world.gateway.id(), b"of-the-environment-4711") else {
            return println!("the kernel lets nobody read it");
        };
        // The environment itself is one: the kernel lays it beside the first stack.
        let (own, others): (Vec<_>, Vec<_>) =
            found.iter().partition(|line| line.ends_with("[stack]"));
        assert_eq!(own.len(), 1, "the look finds what is there: {found:?}");
        if !is_secret || others.is_empty() {
            return;
        }
        assert!(Instant::now() < until, "{others:?}");
        thread::sleep(Duration::from_millis(100));
    }
}

/// The lines of `maps` whose pages hold these bytes; `None` where the kernel lets nobody read them.
fn parts_that_hold(id: u32, needle: &[u8]) -> Option<Vec<String>> {
    const PAGE: u64 = 4_096;
    const PRESENT_OR_SWAPPED: u64 = 0b11 << 62;
    let open = |name: &str| fs::File::open(format!("/proc/{id}/{name}"));
    let (Ok(memory), Ok(pages)) = (open("mem"), open("pagemap")) else {
        return None;
    };
    let maps = fs::read_to_string(format!("/proc/{id}/maps")).expect("maps");
    let writable = |line: &&str| line.contains("rw-p") || line.contains("rw-s");
    let holds = |line: &&str| {
        let range = line.split(' ').next().and_then(|of| of.split_once('-'));
        let (start, end) = range.expect("a range");
        let number = |text: &str| u64::from_str_radix(text, 16).expect("a number");
        let mut run = Vec::new();
        for page in number(start) / PAGE..number(end) / PAGE {
            let mut entry = [0; 8];
            let is_there = pages.read_exact_at(&mut entry, page * 8).is_ok()
                && u64::from_ne_bytes(entry) & PRESENT_OR_SWAPPED != 0;
            let mut bytes = [0; 4_096];
            if !is_there || memory.read_exact_at(&mut bytes, page * PAGE).is_err() {
                run.clear();
                continue;
            }
            // What lies over the edge of two pages is found in the second.
            run.drain(..run.len().saturating_sub(needle.len()));
            run.extend_from_slice(&bytes);
            if run.windows(needle.len()).any(|window| window == needle) {
                return true;
            }
        }
        false
    };
    let lines = maps.lines().filter(writable).filter(holds);
    Some(lines.map(str::to_owned).collect())
}
