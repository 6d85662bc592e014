//! Snapshots are swapped under load without losing a request; bad ones leave the old one serving.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;

use ed25519_dalek::SigningKey;
use serde_json::json;
use varistor_snapshot::schema::Policy;
use varistor_snapshot::{Snapshot, seal};
use varistor_tests::{Driver, PolicyDir, on_both_drivers};

use crate::world::World;

on_both_drivers!(
    a_thousand_swaps_under_load_lose_no_request,
    a_bad_snapshot_is_refused_while_the_old_one_serves,
    a_pushed_policy_takes_effect_at_once,
);

const SWAPS: u64 = 1_000;

/// What `varictl` made, to be signed again with other generations.
struct Forge {
    policy: Policy,
    key: SigningKey,
}

impl Forge {
    fn of(dir: &PolicyDir) -> Self {
        let key = key(dir, "snapshot.key");
        let file = fs::read(dir.path().join("state/current.snapshot")).expect("a snapshot");
        let snapshot = Snapshot::open(&file, &[key.verifying_key()], None).expect("a good one");
        let policy = rkyv::deserialize::<Policy, rkyv::rancor::Error>(snapshot.policy());
        Self {
            policy: policy.expect("a policy"),
            key,
        }
    }

    fn generation(&mut self, generation: u64) -> Vec<u8> {
        self.policy.generation = generation;
        seal(&self.policy, &self.key).expect("a sealed snapshot")
    }
}

fn key(dir: &PolicyDir, name: &str) -> SigningKey {
    let text = fs::read_to_string(dir.path().join("keys").join(name)).expect("a key");
    let mut bytes = [0; 32];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).expect("hex");
    }
    SigningKey::from_bytes(&bytes)
}

fn a_thousand_swaps_under_load_lose_no_request(driver: Driver) {
    let world = World::start(driver);
    let mut forge = Forge::of(&world.policy);
    let first = world.gateway.status()["generation"]
        .as_u64()
        .expect("a generation");
    let (done, calls) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            let (agent, done, calls) = (world.tester(), &done, &calls);
            scope.spawn(move || {
                let mut connection = agent.connect();
                let request = agent.modern(1, "tools/call", json!({"name": "read_file"}));
                while !done.load(Ordering::Relaxed) {
                    let answer = connection.exchange(&request);
                    assert!(answer.is_good_call(), "{answer:?}");
                    if calls.fetch_add(1, Ordering::Relaxed) % 50 == 0 {
                        connection = agent.connect();
                    }
                }
            });
        }
        for swap in 1..=SWAPS {
            let answer = world.gateway.push(&forge.generation(first + swap));
            if answer.status() != 200 {
                done.store(true, Ordering::Relaxed);
                panic!("swap {swap}: {answer:?}");
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert_eq!(world.gateway.status()["generation"], json!(first + SWAPS));
    let calls = calls.into_inner();
    assert_eq!(world.upstream.calls(), calls);
    let World {
        gateway, policy, ..
    } = world;
    gateway.stop();
    policy.verify_audit();
    let mut generations: BTreeMap<u64, usize> = BTreeMap::new();
    for record in policy
        .records()
        .iter()
        .filter(|record| record["kind"] == "call")
    {
        let generation = record["generation"].as_u64().expect("one generation");
        assert!((first..=first + SWAPS).contains(&generation));
        *generations.entry(generation).or_default() += 1;
    }
    assert_eq!(generations.values().sum::<usize>(), calls);
    assert!(
        generations.len() > 20,
        "only {} generations saw calls",
        generations.len()
    );
}

fn a_bad_snapshot_is_refused_while_the_old_one_serves(driver: Driver) {
    let world = World::start(driver);
    let agent = world.tester();
    let mut forge = Forge::of(&world.policy);
    let serving = world.gateway.status()["generation"]
        .as_u64()
        .expect("a generation");
    let good = forge.generation(serving + 1);
    let stranger = PolicyDir::new(&crate::world::policy_text(
        &world.upstream,
        Default::default(),
    ));
    forge.key = key(&stranger, "snapshot.key");
    let foreign = forge.generation(serving + 1);
    let mut bad: Vec<(String, Vec<u8>, &[u16])> = vec![
        ("another's key".into(), foreign, &[422]),
        ("nothing".into(), Vec::new(), &[400, 422]),
        ("text".into(), b"hello".to_vec(), &[422]),
        ("zeros".into(), vec![0; 4_096], &[422]),
        ("a byte too many".into(), [&good[..], b"x"].concat(), &[422]),
    ];
    for at in (0..good.len()).step_by(good.len() / 60 + 1) {
        let mut flipped = good.clone();
        flipped[at] ^= 1;
        bad.push((format!("byte {at} flipped"), flipped, &[409, 422]));
        bad.push((format!("cut at {at}"), good[..at].to_vec(), &[400, 422]));
    }
    let current = fs::read(world.policy.path().join("state/current.snapshot"));
    bad.push((
        "the one that serves".into(),
        current.expect("a snapshot"),
        &[200, 409],
    ));
    for (what, bytes, right) in bad {
        let answer = world.gateway.push(&bytes);
        assert!(right.contains(&answer.status()), "{what}: {answer:?}");
        if answer.status() != 200 {
            assert!(
                answer.json()["error"]
                    .as_str()
                    .is_some_and(|text| text.len() > 10),
                "{what}"
            );
        }
        assert_eq!(
            world.gateway.status()["generation"],
            json!(serving),
            "{what}"
        );
    }
    assert!(agent.call("read_file", json!({})).is_good_call());
    assert_eq!(world.gateway.push(&good).status(), 200);
    assert!(agent.call("read_file", json!({})).is_good_call());
    world.end();
}

fn a_pushed_policy_takes_effect_at_once(driver: Driver) {
    let world = World::start(driver);
    let agent = world.agent("reader");
    assert_eq!(agent.tools(), ["read_file"]);
    let text = crate::world::policy_text(&world.upstream, Default::default());
    world
        .policy
        .write(&text.replace("intents: [read] }] }", "intents: [read, write] }] }"));
    world.policy.push();
    for _ in 0..8 {
        assert_eq!(agent.tools(), ["read_file", "write_file"]);
        assert!(agent.call("write_file", json!({})).is_good_call());
    }
    world.policy.write(&text.replace(
        "reader: { roles: [reader] }",
        "reader: { roles: [elsewhere] }",
    ));
    world.policy.push();
    for _ in 0..8 {
        assert_eq!(agent.call("read_file", json!({})).status(), 403);
    }
    world.end();
}
