//! The vault's secrets are recognised in what passes, through the built programs.

use serde_json::json;
use varistor_tests::upstream::{Handled, reply};
use varistor_tests::{Agent, Driver, Gateway, PolicyDir, Upstream, on_both_drivers};

use crate::stdio_world;
use crate::world::{Extra, World};

on_both_drivers!(
    a_secret_of_the_vault_leaves_it_in_no_clothes,
    every_header_of_a_credential_reaches_its_server,
    a_credential_in_a_query_is_escaped_and_told_nowhere,
    a_file_of_a_started_server_is_there_while_the_gateway_is,
);

/// No scanner knows the form of it.
const SECRET: &str = "moss;Lantern=41 harbours";
const IN_BASE64: &str = "bW9zcztMYW50ZXJuPTQxIGhhcmJvdXJz";

/// A server that answers with the text that it is sent.
fn upstream() -> Upstream {
    Upstream::behaving(|incoming, stream| {
        if incoming.method() != "tools/call" {
            return Handled::Usual;
        }
        let message = incoming.json();
        let wish = &message["params"]["arguments"]["wish"];
        let text = match wish.as_str() {
            Some("plain") => format!("it is {SECRET}."),
            Some("base64") => format!("it is {IN_BASE64}."),
            _ => wish.to_string(),
        };
        let result = json!({"jsonrpc": "2.0", "id": message["id"], "result": {
            "resultType": "complete", "isError": false,
            "content": [{"type": "text", "text": text}]}});
        let fields = "Content-Type: application/json\r\n";
        reply(stream, 200, fields, result.to_string().as_bytes());
        Handled::Answered
    })
}

fn a_secret_of_the_vault_leaves_it_in_no_clothes(driver: Driver) {
    let extra = Extra {
        top: "dlp: { request: { secrets: deny }, response: { secrets: redact } }\n",
        ..Extra::default()
    };
    let world = World::around(driver, upstream(), extra);
    let agent = world.tester();
    let seen = agent.call("read_file", json!({"wish": "plain"}));
    assert_eq!(
        seen.text(),
        format!("it is {SECRET}."),
        "not in the vault yet"
    );

    world.policy.keep_in_vault("moss", SECRET);
    world.policy.push();
    for wish in ["plain", "base64"] {
        let seen = agent.call("read_file", json!({ "wish": wish }));
        assert_eq!(seen.text(), "it is [REDACTED:vault_secret].", "{wish}");
    }
    let sent = [
        SECRET.to_owned(),
        IN_BASE64.to_owned(),
        format!("x{SECRET}y"),
    ];
    for wish in sent {
        let refused = agent.call("read_file", json!({ "wish": wish }));
        assert!(!refused.is_good_call(), "{wish}");
    }
    let other = SECRET.replace('4', "5");
    assert!(
        agent
            .call("read_file", json!({ "wish": other }))
            .is_good_call()
    );
    world.end();
}

fn every_header_of_a_credential_reaches_its_server(driver: Driver) {
    let upstream = Upstream::start();
    let text = |credential: &str| {
        format!(
            "servers: {{ alpha: {{ url: \"{}\"{credential} }} }}
organisations:
  acme:
    roles: {{ all: {{ allow: [\"*\"] }} }}
    agents: {{ tester: {{ roles: [all] }} }}
",
            upstream.url()
        )
    };
    let policy = PolicyDir::new(&text(""));
    policy.keep_in_vault("app", "the-app");
    policy.keep_in_vault("key", "the-key");
    policy.write(&text(
        ", credential: { headers: [\"X-App-Key: ${vault:app}\", \"X-Team: blue\", \
         \"Authorization: Bearer ${vault:key}\"] }",
    ));
    policy.compile();
    let gateway = Gateway::start(&policy, driver);
    let agent = Agent::new(gateway.address(), "alpha", &policy.token("tester"));
    assert!(agent.call("read_file", json!({})).is_good_call());
    let seen = upstream.seen();
    let field = |name: &str| seen[0].field(name);
    assert_eq!(field("x-app-key").as_deref(), Some("the-app"));
    assert_eq!(field("x-team").as_deref(), Some("blue"));
    assert_eq!(field("authorization").as_deref(), Some("Bearer the-key"));
    gateway.stop();
    policy.verify_audit();
}

fn a_credential_in_a_query_is_escaped_and_told_nowhere(driver: Driver) {
    let upstream = Upstream::start();
    let text = |credential: &str| {
        format!(
            "servers: {{ alpha: {{ url: \"{}?v=1\"{credential} }} }}
organisations:
  acme:
    roles: {{ all: {{ allow: [\"*\"] }} }}
    agents: {{ tester: {{ roles: [all] }} }}
",
            upstream.url()
        )
    };
    let policy = PolicyDir::new(&text(""));
    policy.keep_in_vault("maps", "k&y=4/7 11+");
    policy.write(&text(", credential: { query: \"key=${vault:maps}\" }"));
    policy.compile();
    let gateway = Gateway::start(&policy, driver);
    let agent = Agent::new(gateway.address(), "alpha", &policy.token("tester"));
    assert!(agent.call("read_file", json!({})).is_good_call());
    let seen = upstream.seen();
    let line = seen[0].head.lines().next().unwrap_or_default();
    assert_eq!(line, "POST /mcp?v=1&key=k%26y%3D4%2F7%2011%2B HTTP/1.1");
    let metrics = gateway.admin("GET", "/v1/metrics", &[]).body_text();
    let uses = "varistor_upstream_requests_total{server=\"alpha\"} 1";
    assert!(metrics.contains(uses), "{metrics}");
    let status = gateway.status().to_string();
    assert!(!status.contains("k%26y"), "{status}");
    gateway.stop();
    policy.verify_audit();
}

fn a_file_of_a_started_server_is_there_while_the_gateway_is(driver: Driver) {
    let text = |keys: &str| {
        let text = stdio_world::policy_text(&stdio_world::program(), &[], keys);
        text.replace(
            "dlp: { response: { secrets: log,",
            "dlp: { response: { secrets: redact,",
        )
    };
    let policy = PolicyDir::new(&text(""));
    policy.keep_in_vault("app", SECRET);
    let content = "{\\\"key\\\": \\\"${vault:app}\\\"}";
    policy.write(&text(&format!(", files: {{ key.json: \"{content}\" }}")));
    policy.compile();
    let path = policy.path().join("run/stdio/alpha/key.json");
    let gateway = Gateway::start(&policy, driver);
    let agent = Agent::new(gateway.address(), "alpha", &policy.token("tester"));
    let told = agent.call("file", json!({"name": "key.json"})).text();
    assert_eq!(told, "{\"key\": \"[REDACTED:vault_secret]\"}");
    let found = std::fs::read_to_string(&path).expect("a file");
    assert_eq!(found, format!("{{\"key\": \"{SECRET}\"}}"));
    gateway.stop();
    assert!(!path.exists(), "it goes with the gateway");
    policy.verify_audit();
}
