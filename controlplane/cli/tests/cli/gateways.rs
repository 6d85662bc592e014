//! push, rollback, status and revoke against gateways that take, refuse and are not there.

use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::WebPkiClientVerifier;
use rustls::{RootCertStore, ServerConfig};
use serde_json::{Value, json};

use crate::fake_gateway::{Asked, on_socket, over_tls};
use crate::program::Place;

fn serving(generation: u64) -> impl FnOnce(&Asked) -> (u16, String) + Send + 'static {
    move |_| {
        (
            200,
            json!({ "generation": generation, "serving": true }).to_string(),
        )
    }
}

fn answering(status: u16, body: Value) -> impl FnOnce(&Asked) -> (u16, String) + Send + 'static {
    move |_| (status, body.to_string())
}

#[track_caller]
fn received(asked: &Receiver<Asked>) -> Asked {
    asked.recv_timeout(Duration::from_secs(20)).unwrap()
}

#[test]
fn push_sends_the_very_bytes_that_are_kept_as_current() {
    let place = Place::with_policy();
    let asked = on_socket(&place.file("run/admin.sock"), serving(2));
    let run = place.run(&["push"]).ended(0);
    assert!(
        run.out.contains("taken") && run.out.contains('2'),
        "{}",
        run.out
    );
    let asked = received(&asked);
    assert!(
        asked.head.starts_with("POST /v1/snapshot HTTP/1.1\r\n"),
        "{}",
        asked.head
    );
    assert_eq!(
        asked.body,
        std::fs::read(place.file("state/current.snapshot")).unwrap()
    );
}

#[test]
fn push_without_a_gateway_compiles_and_says_so() {
    let place = Place::with_policy();
    let run = place.run(&["push"]).ended(1);
    assert!(run.out.contains("isn't running"), "{run:?}");
    assert!(run.err.contains("generation 2 is compiled"), "{}", run.err);
    let current = std::fs::read(place.file("state/current.snapshot")).unwrap();
    assert_eq!(
        current,
        std::fs::read(place.file("state/snapshots/2.snapshot")).unwrap()
    );
}

#[test]
fn a_gateway_that_refuses_makes_the_push_fail_and_the_old_one_stays_current() {
    let place = Place::with_policy();
    let before = std::fs::read(place.file("state/current.snapshot")).unwrap();
    let refusal = answering(422, json!({ "error": "the pattern database is damaged" }));
    let asked = on_socket(&place.file("run/admin.sock"), refusal);
    let run = place.run(&["push"]).ended(1);
    assert!(
        run.out.contains("the pattern database is damaged"),
        "{run:?}"
    );
    received(&asked);
    assert_eq!(
        std::fs::read(place.file("state/current.snapshot")).unwrap(),
        before
    );
}

#[test]
fn each_of_many_gateways_is_reported_and_a_partial_failure_is_a_failure() {
    let place = Place::with_policy();
    let (one, two, three) = ("run/one.sock", "run/two.sock", "run/three.sock");
    let _one = on_socket(&place.file(one), serving(2));
    let _two = on_socket(
        &place.file(two),
        answering(409, json!({ "error": "older" })),
    );
    let sockets: Vec<String> = [one, two, three]
        .iter()
        .map(|name| place.file(name).display().to_string())
        .collect();
    let mut arguments = vec!["push", "--json"];
    for socket in &sockets {
        arguments.extend(["--socket", socket]);
    }
    let rows = place.run(&arguments).ended(1).json();
    let serving: Vec<_> = (0..3)
        .map(|row| rows[row]["serving"].as_bool().unwrap())
        .collect();
    assert_eq!(serving, [true, false, false]);
    assert_eq!(rows[1]["note"], "refused: older");
    assert_eq!(rows[2]["running"], false);
}

#[test]
fn a_directory_that_fell_behind_its_gateway_is_told_how_to_catch_up() {
    let place = Place::with_policy();
    let refusal = answering(409, json!({ "error": "older", "generation": 41 }));
    let _asked = on_socket(&place.file("run/admin.sock"), refusal);
    let run = place.run(&["push"]).ended(1);
    assert!(run.out.contains("41"), "{}", run.out);
    assert!(
        run.err.contains("echo 41 > varistor/state/generation"),
        "{}",
        run.err
    );
    std::fs::write(place.file("state/generation"), "41\n").unwrap();
    assert_eq!(place.run(&["compile", "--json"]).json()["generation"], 42);
}

#[test]
fn a_gateway_that_talks_nonsense_is_not_believed() {
    let place = Place::with_policy();
    for body in [
        json!("hello"),
        json!({ "generation": 1, "serving": true }),
        json!({}),
    ] {
        let socket = place.file("run/admin.sock");
        let _ = std::fs::remove_file(&socket);
        let _asked = on_socket(&socket, answering(200, body));
        place.run(&["push"]).ended(1);
    }
}

#[test]
fn rollback_gives_the_old_policy_a_new_number_and_keeps_revocations() {
    let place = Place::with_policy();
    place.edit(
        r#"{ allow: ["example/*"] }"#,
        r#"{ allow: ["example/get_*"] }"#,
    );
    place.run(&["compile"]).ended(0);
    let id = "0123456789abcdef0123456789abcdef";
    place.run(&["token", "revoke", id]).ended(0);
    place.run(&["diff", "--exit-code"]).ended(0);
    let asked = on_socket(&place.file("run/admin.sock"), serving(4));
    let run = place.run(&["rollback", "1"]).ended(0);
    assert!(
        run.err
            .contains("generation 4 is the policy of generation 1"),
        "{}",
        run.err
    );
    assert!(
        run.err.contains("next push serves them again"),
        "{}",
        run.err
    );
    let sent = received(&asked).body;
    assert_eq!(
        sent,
        std::fs::read(place.file("state/current.snapshot")).unwrap()
    );
    let difference = place
        .run(&["diff", "--json", "--against", "1"])
        .ended(0)
        .json();
    assert!(
        difference.to_string().contains("my-agent"),
        "the files are as they were"
    );
    std::fs::write(place.file("state/revoked.jsonl"), "").unwrap();
    place.edit(
        r#"{ allow: ["example/get_*"] }"#,
        r#"{ allow: ["example/*"] }"#,
    );
    let revoked = place.run(&["diff", "--json"]).ended(0).json();
    assert_eq!(
        revoked["agents"],
        json!([]),
        "the permissions are those of generation 1"
    );
    assert_ne!(
        revoked["settings"],
        json!([]),
        "the revocation is in generation 4"
    );
    place.run(&["rollback", "99"]).ended(2);
}

#[test]
fn without_a_number_rollback_goes_to_the_last_policy_that_was_another() {
    let place = Place::with_policy();
    let none = place.run(&["rollback"]).ended(2);
    assert!(
        none.err.contains("no generation with another policy"),
        "{}",
        none.err
    );
    place.edit(
        r#"{ allow: ["example/*"] }"#,
        r#"{ allow: ["example/get_*"] }"#,
    );
    place.run(&["compile"]).ended(0);
    place.run(&["compile"]).ended(0);
    place
        .run(&["token", "revoke", "0123456789abcdef0123456789abcdef"])
        .ended(0);
    let run = place.run(&["rollback"]).ended(1); // no gateway runs
    assert!(
        run.err
            .contains("generation 5 is the policy of generation 1"),
        "{}",
        run.err
    );
    let undone = place.run(&["rollback"]).ended(1);
    assert!(
        undone
            .err
            .contains("generation 6 is the policy of generation 4"),
        "{}",
        undone.err
    );
}

#[test]
fn a_revocation_takes_effect_on_the_running_gateway() {
    let place = Place::with_policy();
    let token = place
        .run(&["token", "issue", "--agent", "my-agent"])
        .ended(0)
        .out;
    let asked = on_socket(&place.file("run/admin.sock"), serving(2));
    let run = place.run_with(&["token", "revoke"], &token).ended(0);
    assert!(run.out.contains("in effect (generation 2)"), "{}", run.out);
    assert!(received(&asked).head.starts_with("POST /v1/snapshot"));
}

#[test]
fn status_shows_what_the_gateway_says_and_warns_of_what_needs_a_hand() {
    let place = Place::with_policy();
    let status = json!({
        "version": "0.1.0", "pid": 1, "driver": "epoll", "driver_detail": "io_uring: EPERM",
        "workers": 2, "uptime_s": 3700, "listen": "127.0.0.1:7332", "generation": 7,
        "snapshot_sha256": "00", "snapshot_loaded_unix_ms": 1, "connections": 3, "calls": 42,
        "denied": 5, "audit": { "seq": 99, "segment": "x", "state": "failed", "depth": 0,
            "witnesses": [{ "name": "w.example", "state": "conflicts", "cosigned": 41,
                            "cosigned_unix_s": 1_800_000_000, "error": "another history" }],
            "unwitnessed": 58, "unwitnessed_s": 660, "overdue": true },
        "servers": [{ "name": "example", "host": "localhost", "addresses": ["127.0.0.1:8080"],
                      "state": "up" },
                    { "name": "notes", "host": "", "addresses": [], "state": "waiting",
                      "stdio": { "children": 0, "sessions": 2, "starts": 6, "crashes": 5,
                                 "pause_ms": 1500, "last_error": "it ended with 7" } }],
        "draining": false,
    });
    let asked = on_socket(
        &place.file("run/admin.sock"),
        answering(200, status.clone()),
    );
    let run = place.run(&["status"]).ended(0);
    assert!(
        received(&asked)
            .head
            .starts_with("GET /v1/status HTTP/1.1\r\n")
    );
    for word in [
        "127.0.0.1:7332",
        "epoll",
        "1h 1m",
        "42",
        "example",
        "localhost",
        "up",
        "notes",
        "waiting",
        "in 2 s",
        "it ended with 7",
        "w.example",
        "41",
        "11m",
    ] {
        assert!(run.out.contains(word), "{word}: {}", run.out);
    }
    assert!(
        run.err.contains("io_uring: EPERM")
            && run.err.contains("audit log")
            && run.err.contains("w.example conflicts: another history")
            && run.err.contains("58 records wait for their witnesses"),
        "{}",
        run.err
    );
    std::fs::remove_file(place.file("run/admin.sock")).unwrap();
    let _asked = on_socket(&place.file("run/admin.sock"), answering(200, status));
    let rows = place.run(&["status", "--json"]).ended(0).json();
    assert_eq!(rows[0]["status"]["generation"], 7);
}

#[test]
fn status_of_a_gateway_that_is_not_there_fails() {
    let place = Place::with_policy();
    let run = place.run(&["status"]).ended(1);
    assert!(run.err.contains("isn't running"), "{}", run.err);
    let rows = place.run(&["status", "--json"]).ended(1).json();
    assert!(rows[0]["error"].as_str().unwrap().contains("isn't running"));
}

/// An authority, and what it signed, as PEM files of a place.
struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().unwrap();
        Self {
            issuer: CertifiedIssuer::self_signed(params, key).unwrap(),
        }
    }

    fn roots(&self) -> RootCertStore {
        let mut roots = RootCertStore::empty();
        roots.add(self.issuer.der().clone()).unwrap();
        roots
    }

    fn gateway(&self, clients: &Self) -> Arc<ServerConfig> {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["localhost".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let roots = Arc::new(clients.roots());
        let verifier = WebPkiClientVerifier::builder_with_provider(roots, Arc::clone(&provider))
            .build()
            .unwrap();
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(verifier)
            .with_single_cert(
                vec![certificate.der().clone()],
                PrivatePkcs8KeyDer::from(key.serialize_der()).into(),
            );
        Arc::new(config.unwrap())
    }

    /// Writes `cert.pem` and `key.pem` of a client, and `ca.pem` of the gateways' authority.
    fn client_files(&self, gateways: &Self, place: &Place) {
        let key = KeyPair::generate().unwrap();
        let params = CertificateParams::new(["admin".to_owned()]).unwrap();
        let certificate = params.signed_by(&key, &self.issuer).unwrap();
        std::fs::write(place.root().join("cert.pem"), certificate.pem()).unwrap();
        std::fs::write(place.root().join("key.pem"), key.serialize_pem()).unwrap();
        std::fs::write(place.root().join("ca.pem"), gateways.issuer.pem()).unwrap();
    }
}

fn push_to(place: &Place, address: &str) -> crate::program::Run {
    let identity = ["--cert", "cert.pem", "--key", "key.pem", "--ca", "ca.pem"];
    place.run(&[["push", "--to", address].as_slice(), &identity].concat())
}

#[test]
fn push_over_mutual_tls_reaches_a_gateway_that_both_sides_can_prove() {
    let place = Place::with_policy();
    let authority = Authority::new();
    authority.client_files(&authority, &place);
    let (port, asked) = over_tls(authority.gateway(&authority), serving(2));
    push_to(&place, &format!("localhost:{port}")).ended(0);
    let current = std::fs::read(place.file("state/current.snapshot")).unwrap();
    assert_eq!(received(&asked).body, current);
}

#[test]
fn a_snapshot_is_never_shown_to_a_gateway_that_cannot_prove_itself() {
    let place = Place::with_policy();
    let (authority, stranger) = (Authority::new(), Authority::new());
    authority.client_files(&authority, &place);
    let (port, asked) = over_tls(stranger.gateway(&authority), serving(2));
    let run = push_to(&place, &format!("localhost:{port}")).ended(1);
    assert!(run.out.contains("certificate"), "{run:?}");
    assert!(asked.recv_timeout(Duration::from_secs(20)).is_err());
    let (port, asked) = over_tls(authority.gateway(&authority), serving(3));
    push_to(&place, &format!("127.0.0.1:{port}")).ended(1); // its certificate names localhost
    assert!(asked.recv_timeout(Duration::from_secs(20)).is_err());
}
