//! Clients that others wrote sign in by themselves, at an identity provider that others wrote:
//! through the gateway's metadata alone.

use serde_json::json;
use varistor_tests::process::Process;
use varistor_tests::{Driver, Gateway, PolicyDir, programs};

use crate::clients::run;
use crate::servers::Server;

/// A gateway before the fixture, with an identity provider made with `oidc-provider`.
struct World {
    gateway: Gateway,
    policy: PolicyDir,
    issuer: String,
    url: String,
    _server: Server,
    _provider: Process,
}

impl World {
    fn start(row: &str) -> Self {
        let server = Server::fixture();
        let provider = Process::start(&programs::node(), |command| {
            command.arg(programs::folder().join("node/oidc.mjs"));
        });
        let issuer = format!("http://{}", provider.wait_for_address());
        let text = |audience: &str| {
            format!(
                "listen: 127.0.0.1:0
identity_providers:
  corp:
    issuer: {issuer}
    audience: {audience}
    scopes: mcp
    {row}
    claims:
      organisation: acme
      agent: portal
      roles: {{ claim: groups, map: {{ everybody: all }} }}
servers:
  fixture: {{ url: \"{}\" }}
organisations:
  acme:
    roles: {{ all: {{ allow: [\"*\"] }} }}
    agents: {{ portal: {{ roles: [all] }} }}
",
                server.url()
            )
        };
        let policy = PolicyDir::new(&text("http://127.0.0.1:1/mcp/fixture"));
        let gateway = Gateway::start(&policy, Driver::IoUring);
        let url = format!("http://{}/mcp/fixture", gateway.address());
        policy.write(&text(&url));
        policy.push();
        Self {
            gateway,
            policy,
            issuer,
            url,
            _server: server,
            _provider: provider,
        }
    }
}

#[test]
fn both_typescript_sdks_sign_in_by_the_metadata_alone() {
    let world = World::start("");
    let (url, issuer) = (world.url.as_str(), world.issuer.as_str());
    for mode in ["v1", "v2"] {
        let seen = run(("login.mjs", mode), url, "-", "fixture");
        assert!(seen["tools"].as_u64() > Some(3), "{mode}: {seen}");
        assert_eq!(seen["asked"], 1, "{mode}: {seen}");
        assert_eq!(
            (&seen["aud"], &seen["sub"]),
            (&json!(url), &json!("alice")),
            "{mode}: {seen}"
        );
        println!("login      {mode:<10} signs in by itself");
    }
    world.gateway.stop();
    world.policy.verify_audit();
    let records = world.policy.records();
    let mut calls = records
        .iter()
        .filter(|record| record["tool"] == "test_simple_text");
    let call = calls.next().expect("a call");
    assert_eq!(
        (&call["issuer"], &call["holder"]),
        (&json!(issuer), &json!("alice")),
        "{call}"
    );
}

#[test]
fn a_client_proves_that_it_holds_the_key_of_its_token() {
    let world = World::start("dpop: required");
    let seen = run(("dpop.mjs", "v1"), &world.url, "-", "fixture");
    assert!(seen["tools"].as_u64() > Some(3), "{seen}");
    assert_eq!(seen["kind"], "DPoP", "{seen}");
    for refused in ["stolen", "replayed"] {
        assert_eq!(seen[refused], json!([401, "DPoP"]), "{refused}: {seen}");
    }
    println!("dpop       v1         proves its key with every request");
    world.gateway.stop();
    world.policy.verify_audit();
}
