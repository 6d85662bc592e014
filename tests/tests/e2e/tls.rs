//! TLS on both sides: a gateway whose upstream is another gateway's TLS listener.
//!
//! The outer one knows the inner one's certificate and injects a token of it from its vault, which
//! its own agent never sees.

use std::fs;

use serde_json::json;
use varistor_tests::{Agent, Driver, Gateway, Host, PolicyDir, Upstream, on_both_drivers};

on_both_drivers!(
    a_call_goes_through_two_gateways_over_tls,
    an_upstream_without_a_trusted_certificate_is_not_spoken_to,
    a_host_reaches_a_gateway_whose_authority_it_names,
    a_snapshot_whose_key_is_of_another_certificate_is_refused,
);

struct Certificate {
    folder: tempfile::TempDir,
}

impl Certificate {
    fn new() -> Self {
        let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()]);
        let made = made.expect("a certificate");
        let folder = tempfile::tempdir().expect("a folder");
        fs::write(folder.path().join("cert.pem"), made.cert.pem()).expect("a file");
        fs::write(
            folder.path().join("key.pem"),
            made.signing_key.serialize_pem(),
        )
        .expect("a file");
        let key = folder.path().join("key.pem");
        let mode = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        fs::set_permissions(key, mode).expect("a mode");
        Self { folder }
    }

    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).display().to_string()
    }
}

fn policy(server: &str, top: &str) -> String {
    format!(
        "{top}
runtime: {{ workers: 2 }}
servers:
  alpha: {server}
organisations:
  acme:
    roles: {{ all: {{ allow: [\"*\"] }} }}
    agents: {{ tester: {{ roles: [all] }} }}
"
    )
}

/// A gateway with a TLS listener before the server; and its token.
fn inner(driver: Driver, upstream: &Upstream, own: &Certificate) -> (Gateway, PolicyDir, String) {
    let top = format!(
        "tls: {{ certificate: \"{}\", key: \"{}\" }}",
        own.path("cert.pem"),
        own.path("key.pem")
    );
    let dir = PolicyDir::new(&policy(&format!("{{ url: \"{}\" }}", upstream.url()), &top));
    let token = dir.token("tester");
    (Gateway::start(&dir, driver), dir, token)
}

/// A plain gateway whose server is the inner one.
fn outer(driver: Driver, inner: &Gateway, (ca, token): (&str, &str)) -> (Gateway, PolicyDir) {
    let port = inner.address().rsplit(':').next().expect("a port");
    let url = format!("https://localhost:{port}/mcp/alpha");
    let dir = PolicyDir::new(&policy(&format!("{{ url: \"{url}\" }}"), ""));
    dir.keep_in_vault("inner", token);
    let server = format!(
        "{{ url: \"{url}\", ca: \"{ca}\", \
         credential: {{ header: \"Authorization: Bearer ${{vault:inner}}\" }} }}"
    );
    dir.write(&policy(&server, ""));
    dir.compile();
    (Gateway::start(&dir, driver), dir)
}

fn a_call_goes_through_two_gateways_over_tls(driver: Driver) {
    let upstream = Upstream::start();
    let certificate = Certificate::new();
    let (near, near_dir, inner_token) = inner(driver, &upstream, &certificate);
    let (far, far_dir) = outer(driver, &near, (&certificate.path("cert.pem"), &inner_token));
    let agent = Agent::new(far.address(), "alpha", &far_dir.token("tester"));
    for round in 0..50 {
        // Far beyond one TLS record, so that records are split and put together.
        let arguments = json!({"round": round, "text": "x".repeat(round * 2_000)});
        assert!(
            agent.call("read_file", arguments).is_good_call(),
            "round {round}"
        );
    }
    assert_eq!(upstream.calls(), 50);
    let log = format!("{:?}", far_dir.records());
    assert!(!log.contains(&inner_token), "a credential is in the log");
    far.stop();
    near.stop();
    far_dir.verify_audit();
    near_dir.verify_audit();
}

fn an_upstream_without_a_trusted_certificate_is_not_spoken_to(driver: Driver) {
    let upstream = Upstream::start();
    let (near, _near_dir, inner_token) = inner(driver, &upstream, &Certificate::new());
    let stranger = Certificate::new();
    let (far, far_dir) = outer(driver, &near, (&stranger.path("cert.pem"), &inner_token));
    let agent = Agent::new(far.address(), "alpha", &far_dir.token("tester"));
    let answer = agent.call("read_file", json!({}));
    assert_eq!(answer.status(), 502);
    assert_eq!(answer.json()["error"]["data"]["reason"], "upstream_tls");
    assert_eq!(upstream.calls(), 0);
    far.stop();
    near.stop();
}

fn a_host_reaches_a_gateway_whose_authority_it_names(driver: Driver) {
    let upstream = Upstream::start();
    let certificate = Certificate::new();
    let (gateway, _dir, token) = inner(driver, &upstream, &certificate);
    let port = gateway.address().rsplit(':').next().expect("a port");
    let url = format!("https://localhost:{port}/mcp/alpha");
    let trusted = certificate.path("cert.pem");
    let mut host = Host::start_with(&url, &token, &["--ca", &trusted]);
    host.initialize();
    host.call(1, "read_file");
    assert_eq!(host.next()["id"], json!(1));
    host.end();
    // Trying again would not help, so it is not waited for, and nothing is shown to a stranger.
    let stranger = Certificate::new().path("cert.pem");
    assert!(!std::path::Path::new(&stranger).exists());
    let other = Certificate::new();
    for unfit in [stranger, other.path("cert.pem")] {
        let mut host = Host::start_with(&url, &token, &["--ca", &unfit]);
        host.modern(2, "tools/call", json!({"name": "read_file"}));
        assert_eq!(host.next()["error"]["code"], json!(-31100), "{unfit}");
        host.end();
    }
    assert_eq!(upstream.calls(), 1);
    gateway.stop();
}

fn a_snapshot_whose_key_is_of_another_certificate_is_refused(driver: Driver) {
    let upstream = Upstream::start();
    let server = format!("{{ url: \"{}\" }}", upstream.url());
    let dir = PolicyDir::new(&policy(&server, ""));
    let gateway = Gateway::start(&dir, driver);
    let (one, other) = (Certificate::new(), Certificate::new());
    let top = format!(
        "tls: {{ certificate: \"{}\", key: \"{}\" }}",
        one.path("cert.pem"),
        other.path("key.pem")
    );
    let before = gateway.status()["generation"].clone();
    dir.write(&policy(&server, &top));
    let output = dir.varictl(&["push"]);
    assert!(!output.status.success());
    let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
    assert!(said.contains("do not go together"), "{said}");
    assert_eq!(gateway.status()["generation"], before);
    gateway.stop();
}
