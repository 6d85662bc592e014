//! Callers without a token: clients whose certificate names a workload (SPIFFE); and tokens that
//! are bound to a certificate.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use varistor_tests::issuer::{AUDIENCE, Issuer};
use varistor_tests::mesh::{Authority, Client, Identity};
use varistor_tests::{Agent, Answer, Driver, Gateway, PolicyDir, Upstream, on_both_drivers};

on_both_drivers!(
    a_workload_is_an_agent_without_a_token,
    nobody_becomes_a_workload_without_its_key,
    a_token_bound_to_a_certificate_needs_it,
    bundles_and_certificates_change_with_the_policy,
);

struct World {
    gateway: Gateway,
    policy: PolicyDir,
    upstream: Upstream,
    files: tempfile::TempDir,
    /// Vouches for the gateway.
    own: Authority,
    acme: Authority,
    /// Of another trust domain.
    other: Authority,
    /// Of no trust domain.
    plain: Authority,
    issuer: Issuer,
}

const BILLING: &str = "spiffe://acme.example/ns/prod/sa/billing";

impl World {
    fn start(driver: Driver, clients: &str) -> Self {
        let [own, acme, other, plain] = [(); 4].map(|()| Authority::new());
        let files = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = files.path().join(name);
            fs::write(&path, text).expect("a file");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).expect("a mode");
        };
        let gateway = own.vouches_for(&["localhost"], &[]);
        write("gateway.pem", &gateway.pem);
        write("gateway.key", &gateway.key.serialize_pem());
        for (name, authority) in [("acme", &acme), ("other", &other), ("plain", &plain)] {
            write(&format!("{name}.pem"), &authority.pem);
        }
        let (upstream, issuer) = (Upstream::start(), Issuer::start());
        let text = policy_text((&upstream, &issuer), files.path(), clients);
        let policy = PolicyDir::new(&text);
        Self {
            gateway: Gateway::start(&policy, driver),
            policy,
            upstream,
            files,
            own,
            acme,
            other,
            plain,
            issuer,
        }
    }

    fn agent(&self, path: &str, token: &str) -> Agent {
        let port = self.gateway.address().rsplit(':').next().expect("a port");
        Agent {
            address: format!("localhost:{port}"),
            path: path.to_owned(),
            token: token.to_owned(),
        }
    }

    fn connect(&self, shown: Option<&Identity>) -> Client {
        Client::new(self.gateway.address(), &self.own, shown)
    }

    /// A call on a connection of its own; `None`: hands were not shaken.
    fn call(&self, shown: Option<&Identity>, path: &str, token: &str) -> Option<Answer> {
        let tool = match path {
            "/mcp" => "alpha__read_file",
            _ => "read_file",
        };
        self.connect(shown)
            .ask(&call(&self.agent(path, token), tool))
    }

    fn rewrite(&self, clients: &str, change: impl FnOnce(String) -> String) {
        let text = policy_text((&self.upstream, &self.issuer), self.files.path(), clients);
        self.policy.write(&change(text));
        self.policy.push();
    }
}

fn policy_text((upstream, issuer): (&Upstream, &Issuer), files: &Path, clients: &str) -> String {
    let file = |name: &str| -> PathBuf { files.join(name) };
    format!(
        "listen: 127.0.0.1:0
runtime: {{ workers: 2 }}
tls: {{ certificate: {}, key: {}, client_ca: {}{clients} }}
workload_identities:
  acme.example:
    ca: {}
    organisation: acme
    agents: {{ /ns/prod/sa/billing: tester, /ns/prod/sa/reader: reader }}
  other.example:
    ca: {}
    organisation: acme
    agents: {{ /reader: reader }}
identity_providers:
  corp:
    issuer: {}
    audience: {AUDIENCE}
    claims: {{ organisation: acme, agent: tester, roles: [all] }}
servers:
  alpha: {{ url: \"{}\" }}
organisations:
  acme:
    roles:
      all: {{ allow: [\"*\"] }}
      reader: {{ allow: [{{ tools: \"alpha/read_*\", intents: [read] }}] }}
    agents:
      tester: {{ roles: [all] }}
      reader: {{ roles: [reader] }}
",
        file("gateway.pem").display(),
        file("gateway.key").display(),
        file("plain.pem").display(),
        file("acme.pem").display(),
        file("other.pem").display(),
        issuer.url(),
        upstream.url()
    )
}

/// The bytes of a call; without `Authorization` where there is no token.
fn call(agent: &Agent, tool: &str) -> Vec<u8> {
    let params = json!({"name": tool, "arguments": {"path": "/a"}});
    let text = String::from_utf8(agent.modern(1, "tools/call", params)).expect("text");
    text.replace("Authorization: Bearer \r\n", "").into_bytes()
}

fn reason(answer: &Answer) -> String {
    let reason = &answer.json()["error"]["data"]["reason"];
    reason.as_str().unwrap_or_default().to_owned()
}

fn a_workload_is_an_agent_without_a_token(driver: Driver) {
    let world = World::start(driver, "");
    let billing = world.acme.vouches_for(&[], &[BILLING]);
    for path in ["/mcp/alpha", "/mcp"] {
        let answer = world.call(Some(&billing), path, "").expect("an answer");
        assert!(answer.is_good_call(), "{path}: {answer:?}");
    }
    // Roles are the agent's.
    let reader = world
        .other
        .vouches_for(&[], &["spiffe://other.example/reader"]);
    let asked = |tool| {
        let request = call(&world.agent("/mcp/alpha", ""), tool);
        world
            .connect(Some(&reader))
            .ask(&request)
            .expect("an answer")
    };
    assert!(asked("read_file").is_good_call());
    assert!(!asked("write_file").is_good_call());
    let stranger = world
        .acme
        .vouches_for(&[], &["spiffe://acme.example/ns/dev/sa/x"]);
    let refused = world
        .call(Some(&stranger), "/mcp/alpha", "")
        .expect("an answer");
    assert_eq!(
        (refused.status(), &*reason(&refused)),
        (403, "identity_unmapped")
    );
    // A token counts, whatever is shown; nothing at all does not.
    let token = world.policy.token("tester");
    for shown in [None, Some(&stranger)] {
        let answer = world.call(shown, "/mcp/alpha", &token).expect("an answer");
        assert!(answer.is_good_call(), "{answer:?}");
    }
    let plain = world.plain.vouches_for(&["client"], &[]);
    for shown in [None, Some(&plain)] {
        let refused = world.call(shown, "/mcp/alpha", "").expect("an answer");
        assert_eq!(
            (refused.status(), &*reason(&refused)),
            (401, "token_missing")
        );
    }
    world.gateway.stop();
    world.policy.verify_audit();
    let records = world.policy.records();
    let told: Vec<_> = records
        .iter()
        .filter(|it| it["holder"] == "/ns/prod/sa/billing")
        .collect();
    assert!(told.len() >= 2, "{records:?}");
    for record in told {
        assert_eq!(
            (&record["issuer"], &record["agent"]),
            (&json!("spiffe://acme.example"), &json!("tester")),
            "{record}"
        );
    }
}

fn nobody_becomes_a_workload_without_its_key(driver: Driver) {
    let world = World::start(driver, "");
    let not_shaken = |identity: &Identity| {
        let answer = world.call(Some(identity), "/mcp/alpha", "");
        assert!(answer.is_none(), "{answer:?}");
    };
    // By the authority of another trust domain, by one of none, by nobody's.
    not_shaken(&world.other.vouches_for(&[], &[BILLING]));
    not_shaken(&world.plain.vouches_for(&[], &[BILLING]));
    not_shaken(&Authority::new().vouches_for(&[], &[BILLING]));
    not_shaken(&world.acme.vouches_for(&["client"], &[]));
    // Of a domain that policy does not have; with two names; with one that is none.
    not_shaken(
        &world
            .acme
            .vouches_for(&[], &["spiffe://evil.example/ns/prod/sa/billing"]),
    );
    not_shaken(
        &world
            .acme
            .vouches_for(&[], &[BILLING, "https://acme.example"]),
    );
    not_shaken(
        &world
            .acme
            .vouches_for(&[], &["spiffe://acme.example/ns/../sa/billing"]),
    );
    not_shaken(&world.acme.vouches_for(&[], &["spiffe://acme.example"]));
    not_shaken(
        &world
            .acme
            .vouches_for(&[], &["SPIFFE://acme.example/ns/prod/sa/billing"]),
    );

    // What goes on inside the gateway in a certificate's place, from outside.
    let billing = world.acme.vouches_for(&[], &[BILLING]);
    assert!(
        world
            .call(Some(&billing), "/mcp", "")
            .is_some_and(|it| it.is_good_call())
    );
    let other = world
        .other
        .vouches_for(&[], &["spiffe://other.example/reader"]);
    let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(&billing.der));
    let carried = format!("{thumbprint} 67090118400 {BILLING}");
    for said in [
        format!("Authorization: Certificate {carried}"),
        format!("Authorization: Bearer {carried}"),
        format!("Authorization: DPoP {carried}"),
    ] {
        for path in ["/mcp/alpha", "/mcp"] {
            let tool = if path == "/mcp" {
                "alpha__read_file"
            } else {
                "read_file"
            };
            let request = call(&world.agent(path, ""), tool);
            let text = String::from_utf8(request).expect("text");
            let text = text.replacen("Accept:", &format!("{said}\r\nAccept:"), 1);
            let answer = world.connect(None).ask(text.as_bytes()).expect("an answer");
            assert_eq!(answer.status(), 401, "{said}");
            // Nor from another workload, which has a certificate of its own.
            let mut client = world.connect(Some(&other));
            let answer = client.ask(text.as_bytes()).expect("an answer");
            assert_eq!(answer.status(), 401, "{said}");
        }
    }
    world.gateway.stop();
}

fn a_token_bound_to_a_certificate_needs_it(driver: Driver) {
    let world = World::start(driver, ", clients: required");
    assert!(world.call(None, "/mcp/alpha", "").is_none(), "required");
    let holder = world.plain.vouches_for(&["client"], &[]);
    let thief = world.plain.vouches_for(&["client"], &[]);
    let token = world.issuer.token(|_, claims| {
        let thumbprint = URL_SAFE_NO_PAD.encode(Sha256::digest(&holder.der));
        claims["cnf"] = json!({ "x5t#S256": thumbprint });
    });
    for path in ["/mcp/alpha", "/mcp"] {
        let good = world.call(Some(&holder), path, &token).expect("an answer");
        assert!(good.is_good_call(), "{path}: {good:?}");
        let stolen = world.call(Some(&thief), path, &token).expect("an answer");
        assert_eq!(
            (stolen.status(), &*reason(&stolen)),
            (401, "certificate_missing")
        );
    }
    let agent = world.agent("/.well-known/oauth-protected-resource/mcp/alpha", "");
    let head = agent.head("GET", "");
    let metadata: Value = world
        .connect(Some(&holder))
        .ask(&head)
        .expect("an answer")
        .json();
    assert_eq!(
        metadata["tls_client_certificate_bound_access_tokens"],
        json!(true),
        "{metadata}"
    );
    world.gateway.stop();
}

fn bundles_and_certificates_change_with_the_policy(driver: Driver) {
    let mut world = World::start(driver, "");
    let billing = world.acme.vouches_for(&[], &[BILLING]);
    let request = call(&world.agent("/mcp/alpha", ""), "read_file");
    let mut open = world.connect(Some(&billing));
    assert!(open.ask(&request).is_some_and(|it| it.is_good_call()));
    let before = open.peer();

    // Another certificate of the gateway, another bundle: for the next connection.
    let next = world.own.vouches_for(&["localhost"], &[]);
    let next_acme = Authority::new();
    for (name, text) in [
        ("gateway.pem", next.pem.clone()),
        ("gateway.key", next.key.serialize_pem()),
        ("acme.pem", next_acme.pem.clone()),
    ] {
        fs::write(world.files.path().join(name), text).expect("a file");
    }
    world.rewrite("", |text| text);
    assert!(
        open.ask(&request).is_some_and(|it| it.is_good_call()),
        "it is open"
    );
    assert!(
        world.call(Some(&billing), "/mcp/alpha", "").is_none(),
        "the old bundle"
    );
    world.acme = next_acme;
    let billing = world.acme.vouches_for(&[], &[BILLING]);
    let mut fresh = world.connect(Some(&billing));
    assert!(fresh.ask(&request).is_some_and(|it| it.is_good_call()));
    assert_ne!(fresh.peer(), before);

    // A workload that policy does not map any more, on a connection that is open.
    world.rewrite("", |text| text.replace("/ns/prod/sa/billing: tester, ", ""));
    for client in [&mut open, &mut fresh] {
        let refused = client.ask(&request).expect("an answer");
        assert_eq!(reason(&refused), "identity_unmapped");
    }
    world.gateway.stop();
    world.policy.verify_audit();
}
