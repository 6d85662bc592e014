//! The same directory gives the same bytes, whatever the order of its files.

use ed25519_dalek::SigningKey;
use varistor_snapshot::schema::Policy;
use varistor_snapshot::seal;

use crate::fixture::{Directory, folder};

fn bytes(policy: &Policy) -> Vec<u8> {
    seal(policy, &SigningKey::from_bytes(&[9; 32])).unwrap()
}

#[test]
fn compiling_twice_gives_the_same_bytes() {
    for (_, text) in folder("good") {
        let directory = Directory::with(&text);
        for name in ["github", "files_key", "stripe", "hook", "bucket", "store"] {
            directory.secret(name, &["*"]);
        }
        assert_eq!(bytes(&directory.good()), bytes(&directory.good()));
    }
}

#[test]
fn a_split_policy_gives_the_same_rows_as_a_whole_one() {
    let servers = "servers: { b: { url: http://127.0.0.1:2/ }, a: { url: http://127.0.0.1:1/ } }\n";
    let roles = "organisations: { acme: { roles: { all: { allow: [\"*\"] } } } }\n";
    let agents =
        "organisations: { acme: { agents: { y: { roles: [all] }, x: { roles: [all] } } } }\n";
    let split = Directory::new();
    split.policy("z.yaml", servers);
    split.policy("m.yml", roles);
    split.policy("a.yaml", agents);
    let whole = Directory::with(&format!(
        "{servers}organisations: {{ acme: {{ roles: {{ all: {{ allow: [\"*\"] }} }}, agents: {{ \
         x: {{ roles: [all] }}, y: {{ roles: [all] }} }} }} }}\n"
    ));
    let (split, mut whole) = (split.good(), whole.good());
    whole.keys = split.keys.clone();
    assert_eq!(bytes(&split), bytes(&whole));
    assert_eq!(
        split
            .servers
            .iter()
            .map(|s| s.name.as_str())
            .collect::<Vec<_>>(),
        ["a", "b"]
    );
}

#[test]
fn generation_and_time_go_only_where_they_are_named() {
    let directory = Directory::with("servers: {}\n");
    let mut other = varistor_compile::compile(directory.root(), 8, 5)
        .unwrap()
        .policy;
    (other.generation, other.compiled_unix_ms) = (7, 1_800_000_000_000);
    assert_eq!(other, directory.good());
}
