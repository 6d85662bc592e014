//! Keys of an identity provider that are withdrawn: open streams end, and a file of keys counts as
//! it was compiled last.

use std::fs::{self, File};
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use serde_json::json;
use varistor_tests::issuer::Issuer;
use varistor_tests::policy::assert_success;
use varistor_tests::upstream::{Handled, open_events, send_event};
use varistor_tests::{Driver, Gateway, PolicyDir, Upstream, on_both_drivers};

use crate::identity::{call, policy_of};
use crate::world::{Extra, World, policy_text};

on_both_drivers!(
    an_open_stream_ends_when_its_key_is_withdrawn,
    a_file_of_keys_counts_as_it_was_compiled_last,
);

/// The last second of the year 9999.
const FAR_S: u64 = 253_402_300_799;

/// Each stream says one thing, and another whenever the test wants it.
fn talking(may_go: mpsc::Receiver<()>) -> Upstream {
    let may_go = Arc::new(Mutex::new(may_go));
    Upstream::behaving(move |incoming, stream| {
        if !incoming.is("GET") {
            return Handled::Usual;
        }
        open_events(stream);
        let event = json!({"jsonrpc": "2.0", "method": "notifications/message",
            "params": {"level": "info", "data": "said"}});
        while send_event(stream, None, &event.to_string()) {
            if may_go.lock().expect("the gate").recv().is_err() {
                break;
            }
        }
        Handled::Close
    })
}

fn an_open_stream_ends_when_its_key_is_withdrawn(driver: Driver) {
    let issuer = Issuer::start();
    let (go, may_go) = mpsc::channel();
    let upstream = talking(may_go);
    let policy = PolicyDir::new(&policy_of(&upstream, &issuer, "refresh: 24h\n    keep: 1s"));
    let gateway = Gateway::start(&policy, driver);
    let world = World {
        gateway,
        policy,
        upstream,
    };
    let stolen = issuer.token(|_, claims| claims["exp"] = json!(FAR_S));
    let mut stream = world.holder(&stolen).initialize().listen(None);
    assert_eq!(stream.next_json()["params"]["data"], json!("said"));
    let mut together = world.holder(&stolen);
    together.path = "/mcp".to_owned();
    let mut of_all = together.initialize().listen(None);
    assert_eq!(of_all.head.status, 200);
    let mut ours = world.tester().initialize().listen(None);

    // The gateway looks because a token names a key that it has not seen.
    issuer.rotate("k2", 0);
    assert!(call(&world, &issuer.token(|_, _| {})).is_good_call());
    while let Some(event) = stream.next_event() {
        assert!(event.data.contains("said"), "{event:?}");
    }
    while of_all.next_event().is_some() {}
    assert_eq!(call(&world, &stolen).status(), 401);
    // A stream of a token of our own goes on.
    assert_eq!(ours.next_json()["params"]["data"], json!("said"));
    for _ in 0..32 {
        go.send(()).expect("the server waits");
    }
    assert_eq!(ours.next_json()["params"]["data"], json!("said"));
    drop(go);
    world.end();
}

/// Writes what the provider publishes now, as of so many seconds ago.
fn write_keys(policy: &PolicyDir, issuer: &Issuer, ago_s: u64) {
    let path = policy.path().join("keys.json");
    fs::write(&path, issuer.key_set().to_string()).expect("a writable folder");
    let changed = SystemTime::now() - Duration::from_secs(ago_s);
    let file = File::options().write(true).open(&path).expect("the file");
    file.set_modified(changed).expect("a time");
}

fn a_file_of_keys_counts_as_it_was_compiled_last(driver: Driver) {
    let issuer = Issuer::start();
    let upstream = Upstream::start();
    let policy = PolicyDir::new(&policy_text(&upstream, Extra::default()));
    write_keys(&policy, &issuer, 60);
    let row = "jwks_file: keys.json\n    keep: 1s";
    policy.write(&policy_of(&upstream, &issuer, row));
    policy.compile();
    let gateway = Gateway::start(&policy, driver);
    let world = World {
        gateway,
        policy,
        upstream,
    };
    let old = issuer.token(|_, _| {});
    assert!(call(&world, &old).is_good_call());

    // Prepared before the other one was edited last, and moved in its place.
    issuer.rotate("k2", 0);
    write_keys(&world.policy, &issuer, 600);
    world.policy.push();
    let new = issuer.token(|_, _| {});
    let until = Instant::now() + Duration::from_secs(30);
    while !call(&world, &new).is_good_call() || call(&world, &old).is_good_call() {
        assert!(Instant::now() < until, "the old file counts");
        thread::sleep(Duration::from_millis(50));
    }
    // Back to the file before that.
    assert_success(&world.policy.varictl(&["rollback"]), "rollback");
    while !call(&world, &old).is_good_call() || call(&world, &new).is_good_call() {
        assert!(Instant::now() < until, "the file before counts no more");
        thread::sleep(Duration::from_millis(50));
    }
    world.end();
}
