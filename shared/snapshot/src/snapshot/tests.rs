//! Damaged, foreign and old snapshots are refused; good ones are read back as they were sealed.

use ed25519_dalek::SigningKey;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::*;
use crate::envelope::{HEADER_BYTES, wrap};
use crate::schema::rules::RuleProgram;
use crate::schema::{
    Actions, Agent, Approvals, Audit, Channels, Clearance, Cover, Detector, Dlp, Exception,
    Federation, Flows, Grant, Keys, Organisation, Pinning, Placeholders, Policy, Rate, Role,
    Runtime, Server, Target, TemplatePart, TokenKey, ToolLimit, ToolRow, kinds,
};
use crate::{schema, seal};

fn key() -> SigningKey {
    SigningKey::from_bytes(&[1; 32])
}

fn open(file: &[u8]) -> Result<Snapshot, SnapshotError> {
    Snapshot::open(file, &[key().verifying_key()], None)
}

fn dlp() -> Dlp {
    Dlp {
        request: [1; 3],
        response: [2; 3],
        database: vec![0xaa; 40],
        run_database: vec![0xbb; 40],
        detectors: vec![Detector {
            parent: "x".to_owned(),
            confidence: 90,
            entropy: 0,
            key: String::new(),
            check: 0,
            context: vec!["patient".to_owned()],
            alone: true,
            entity: "patient_id".into(),
            class: 0,
            validator: 0,
            window: 12,
            pattern: r"PAT-\d{8}".into(),
            action: Some(2),
        }],
        lexicon: vec![1, 2],
        covers: true,
    }
}

fn rate() -> Rate {
    Rate {
        count: 60,
        period_ns: 60_000_000_000,
        cell: 7,
    }
}

fn policy(generation: u64) -> Policy {
    let rate = rate();
    Policy {
        generation,
        compiled_unix_ms: 1_800_000_000_000,
        runtime: runtime(),
        keys: Keys {
            token: vec![TokenKey {
                id: 1,
                public: [3; 32],
            }],
            session: [4; 32],
        },
        servers: vec![server()],
        organisations: vec![Organisation {
            name: "acme".into(),
            limits: vec![rate.clone()],
            domains: Vec::new(),
        }],
        teams: Vec::new(),
        roles: vec![Role {
            organisation: 0,
            name: "developer".into(),
            grants: vec![Grant {
                server: 0,
                name: "get_*".into(),
                kinds: kinds::ALL,
                intents: 15,
                stated: false,
                deny: false,
            }],
            hold: 4,
        }],
        agents: vec![Agent {
            organisation: 0,
            name: "ci-bot".into(),
            team: None,
            roles: vec![0],
            limits: vec![rate.clone()],
        }],
        tool_limits: vec![ToolLimit {
            server: 0,
            name: "*".into(),
            rate,
            per: 3,
        }],
        revoked: vec![[9; 16]],
        defaults: [0, 0, 2, 3],
        actions: Actions {
            detectors: vec![[1; 2]],
            confidence_min: 60,
            keep: 1,
            structured: 0,
            exceptions: vec![Exception {
                covers: vec![Cover {
                    detector: 0,
                    special: 3,
                }],
                directions: 2,
                everywhere: false,
                targets: vec![Target {
                    server: 0,
                    name: "get_*".into(),
                    server_special: 2,
                    tool_special: 2,
                }],
                roles: vec![0],
                action: 0,
            }],
            placeholders: Placeholders {
                reversible: vec![0],
                clear: vec![Clearance {
                    server: 0,
                    detectors: vec![0],
                }],
                idle_ms: 3_600_000,
            },
        },
        dlp: dlp(),
        rules: RuleProgram::default(),
        approvals: Approvals::default(),
        pinning: vec![Pinning {
            mode: 1,
            new_tools_wait: true,
        }],
        flows: Flows::default(),
        identity_providers: Vec::new(),
        workloads: Vec::new(),
        secret_stores: Vec::new(),
        secrets: Vec::new(),
        federation: Federation::default(),
        audit: Audit {
            durability: [0, 0, 1, 1],
            params: 1,
            ..Audit::default()
        },
        channels: Channels::default(),
    }
}

fn server() -> Server {
    Server {
        name: "github".into(),
        host: "api.example.com".into(),
        port: 443,
        tls: true,
        path: "/mcp/".into(),
        authority: "api.example.com".into(),
        allow_private: false,
        stdio: None,
        events: None,
        bridged: false,
        ca: None,
        category: "source-control".into(),
        tags: vec!["untrusted-in".into()],
        credentials: vec![schema::Credential {
            header: "authorization".into(),
            value: vec![
                TemplatePart::Literal("Bearer ".into()),
                TemplatePart::Secret("github".into()),
            ],
        }],
        oauth: Some(schema::OAuth {
            login: 2,
            exchange: None,
            from: schema::TokenSource::Issuer("https://id.example.com".into()),
            client_id: "varistor".into(),
            client_secret: Some(vec![TemplatePart::Secret("crm".into())]),
            auth: 0,
            scopes: vec!["mcp".into()],
            resource: None,
            ca: None,
            allow_private: false,
        }),
        first_byte_ms: 0,
        guard: schema::Guard {
            failures: 5,
            open_ms: 1_000,
            slow_ms: 0,
            calls_max: 4_096,
        },
        server_requests: false,
        methods: Vec::new(),
        tools: vec![ToolRow {
            name: "get_*".into(),
            intent: Some(0),
            tags: Vec::new(),
            labels: None,
            rank: 0,
        }],
    }
}

fn runtime() -> Runtime {
    Runtime {
        listen: "127.0.0.1:7332".into(),
        tls: None,
        client_ca: None,
        needs_certificate: false,
        hosts: Vec::new(),
        origins: Vec::new(),
        public_url: None,
        authorization_servers: Vec::new(),
        driver: 0,
        workers: 0,
        head_ms: 10_000,
        body_ms: 30_000,
        idle_ms: 75_000,
        connect_ms: 5_000,
        first_byte_ms: 60_000,
        upstream_idle_ms: 4_000,
        drain_ms: 10_000,
        request_bytes_max: 4 << 20,
        answer_bytes_max: 32 << 20,
        connections_max: 10_000,
        shedding: true,
        denials: 0,
        admin: None,
    }
}

/// Everything an archive leads to, read through to the last byte.
fn read_back(snapshot: &Snapshot) -> Policy {
    rkyv::deserialize::<Policy, rkyv::rancor::Error>(snapshot.policy()).unwrap()
}

#[test]
fn a_sealed_policy_is_read_back_as_it_was() {
    let file = seal(&policy(5), &key()).unwrap();
    let snapshot = open(&file).unwrap();
    assert_eq!(read_back(&snapshot), policy(5));
    assert_eq!(snapshot.generation(), 5);
    assert_eq!(snapshot.bytes(), file.len() - HEADER_BYTES);
    assert_eq!(
        snapshot.digest()[..],
        Sha256::digest(&file[HEADER_BYTES..])[..]
    );
    assert!(!format!("{snapshot:?}").contains("acme"));
}

#[test]
fn sealing_twice_gives_the_same_bytes() {
    assert_eq!(
        seal(&policy(5), &key()).unwrap(),
        seal(&policy(5), &key()).unwrap()
    );
}

#[test]
fn every_changed_byte_is_refused() {
    let mut file = seal(&policy(5), &key()).unwrap();
    for at in 0..file.len() {
        for flip in [0x01, 0x80, 0xff] {
            file[at] ^= flip;
            assert!(
                open(&file).is_err(),
                "byte {at} changed by {flip:#x} passed"
            );
            file[at] ^= flip;
        }
    }
    open(&file).unwrap();
}

#[test]
fn every_truncation_and_every_added_byte_is_refused() {
    let mut file = seal(&policy(5), &key()).unwrap();
    for length in 0..file.len() {
        let refused = open(&file[..length]).unwrap_err();
        assert!(
            matches!(refused, SnapshotError::Length { .. }),
            "{length}: {refused}"
        );
    }
    file.push(0);
    assert!(matches!(open(&file), Err(SnapshotError::Length { .. })));
}

#[test]
fn only_a_known_key_counts() {
    let file = seal(&policy(5), &key()).unwrap();
    let other = SigningKey::from_bytes(&[2; 32]).verifying_key();
    let none = Snapshot::open(&file, &[], None);
    assert!(matches!(none, Err(SnapshotError::NoKey)));
    let foreign = Snapshot::open(&file, &[other], None);
    assert!(matches!(foreign, Err(SnapshotError::Signature { keys: 1 })));
    Snapshot::open(&file, &[other, key().verifying_key()], None).unwrap();
}

#[test]
fn a_generation_that_is_not_newer_is_refused() {
    let file = seal(&policy(5), &key()).unwrap();
    let keys = [key().verifying_key()];
    for newest in [5, 6, u64::MAX] {
        let refused = Snapshot::open(&file, &keys, Some(newest));
        assert!(matches!(
            refused,
            Err(SnapshotError::Generation { found: 5, .. })
        ));
    }
    Snapshot::open(&file, &keys, Some(4)).unwrap();
}

#[test]
fn another_schema_is_refused() {
    let file = seal(&policy(5), &key()).unwrap();
    let other = wrap(&file[HEADER_BYTES..], SCHEMA + 1, 5, &key());
    assert!(matches!(open(&other), Err(SnapshotError::Schema { .. })));
}

#[test]
fn a_header_that_names_another_generation_than_the_archive_is_refused() {
    let file = seal(&policy(5), &key()).unwrap();
    let other = wrap(&file[HEADER_BYTES..], SCHEMA, 6, &key());
    assert!(matches!(open(&other), Err(SnapshotError::Archive { .. })));
}

#[test]
fn ten_thousand_random_damages_are_refused_and_never_crash() {
    let file = seal(&policy(5), &key()).unwrap();
    let mut random = StdRng::seed_from_u64(11);
    for _ in 0..10_000 {
        let damaged = damage(&file, &mut random);
        assert!(damaged == file || open(&damaged).is_err());
    }
}

#[test]
fn damaged_archives_with_a_good_signature_never_crash() {
    let file = seal(&policy(5), &key()).unwrap();
    let mut random = StdRng::seed_from_u64(12);
    let mut refused = 0;
    for _ in 0..2_000 {
        let archive = damage(&file[HEADER_BYTES..], &mut random);
        match open(&wrap(&archive, SCHEMA, 5, &key())) {
            Ok(snapshot) => drop(read_back(&snapshot)),
            Err(SnapshotError::Archive { .. }) => refused += 1,
            Err(other) => panic!("{other}"),
        }
    }
    assert!(
        refused > 500,
        "only {refused} damages were noticed by the archive's own check"
    );
}

#[test]
fn an_empty_archive_is_refused() {
    let refused = open(&wrap(&[], SCHEMA, 5, &key())).unwrap_err();
    assert!(
        matches!(refused, SnapshotError::Archive { .. }),
        "{refused}"
    );
}

/// Some bytes changed, removed, repeated or cut off.
fn damage(bytes: &[u8], random: &mut StdRng) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    for _ in 0..random.random_range(1..=8) {
        if damaged.is_empty() {
            break;
        }
        let at = random.random_range(0..damaged.len());
        match random.random_range(0..40) {
            0..12 => damaged[at] = random.random(),
            12..24 => damaged[at] ^= 1 << random.random_range(0..8),
            24..28 => drop(damaged.remove(at)),
            28..32 => damaged.insert(at, random.random()),
            32..38 => damaged[at..]
                .iter_mut()
                .take(8)
                .for_each(|byte| *byte = 0xff),
            _ => damaged.truncate(at),
        }
    }
    damaged
}

#[test]
fn the_archive_is_aligned_wherever_the_file_stood() {
    let file = seal(&policy(5), &key()).unwrap();
    for shift in 0..16 {
        let mut shifted = vec![0; shift];
        shifted.extend_from_slice(&file);
        let snapshot = open(&shifted[shift..]).unwrap();
        let row: *const ArchivedPolicy = snapshot.policy();
        assert_eq!(row as usize % align_of::<ArchivedPolicy>(), 0);
    }
}

#[test]
fn a_snapshot_can_be_shared_between_threads() {
    fn shareable<T: Send + Sync>(_: &T) {}
    let snapshot = open(&seal(&policy(5), &key()).unwrap()).unwrap();
    shareable(&snapshot);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| assert_eq!(snapshot.policy().servers[0].name, "github"));
        }
    });
}

#[test]
fn messages_tell_what_to_do() {
    let file = seal(&policy(5), &key()).unwrap();
    let old = Snapshot::open(&file, &[key().verifying_key()], Some(9)).unwrap_err();
    assert!(old.to_string().contains("varictl rollback"), "{old}");
    let text = open(
        b"varistor: not a snapshot, but long enough to be taken for the header of one, \
          so that the first thing that is wrong with it is what it begins with",
    )
    .unwrap_err();
    assert!(
        text.to_string()
            .starts_with("this is not a Varistor snapshot"),
        "{text}"
    );
}
