//! Servers that want an access token of an authorization server: who is asked and as whom, that
//! tokens are renewed in time, and that without one nothing is sent.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use varistor_tests::authority::{Authority, CLIENT, SECRET};
use varistor_tests::policy::assert_success;
use varistor_tests::{Agent, Answer, Driver, Gateway, PolicyDir, Upstream, on_both_drivers};

on_both_drivers!(
    a_server_gets_a_token_of_its_authorization_server_and_nobody_else_does,
    tokens_are_renewed_and_no_call_fails,
    without_a_token_nothing_is_sent,
    a_token_that_the_server_refuses_is_replaced,
    a_server_names_its_own_authorization_server_only,
    another_issuer_gets_no_secret,
    a_token_that_a_server_tells_is_recognised,
);

struct World {
    gateway: Gateway,
    policy: PolicyDir,
    agent: Agent,
    upstream: Upstream,
}

fn text(upstream: &Upstream, oauth: &str) -> String {
    let credential = match oauth {
        "" => String::new(),
        _ => format!(
            ", credential: {{ oauth: {{ client_id: \"{CLIENT}\", client_secret: \
             \"${{vault:as}}\", {oauth} }} }}"
        ),
    };
    format!(
        "listen: 127.0.0.1:0
runtime: {{ workers: 2, shedding: off }}
dlp: {{ response: {{ secrets: redact }} }}
servers: {{ alpha: {{ url: \"{}\"{credential} }} }}
organisations:
  acme:
    roles: {{ all: {{ allow: [\"*\"] }} }}
    agents: {{ tester: {{ roles: [all] }} }}
",
        upstream.url()
    )
}

impl World {
    fn start(driver: Driver, upstream: Upstream, oauth: &str) -> Self {
        let policy = PolicyDir::new(&text(&upstream, ""));
        policy.keep_in_vault("as", SECRET);
        policy.write(&text(&upstream, oauth));
        policy.compile();
        let gateway = Gateway::start(&policy, driver);
        let agent = Agent::new(gateway.address(), "alpha", &policy.token("tester"));
        Self {
            gateway,
            policy,
            agent,
            upstream,
        }
    }

    fn call(&self) -> Answer {
        self.agent.call("read_file", json!({"path": "/a"}))
    }

    fn token(&self) -> Value {
        self.gateway.status()["servers"][0]["token"].clone()
    }

    fn wait(&self, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let until = Instant::now() + Duration::from_secs(40);
        loop {
            let token = self.token();
            if holds(&token) {
                return token;
            }
            assert!(Instant::now() < until, "never {what}: {token}");
            thread::sleep(Duration::from_millis(20));
        }
    }

    fn wait_for_a_token(&self) -> Value {
        self.wait("a token", |token| token["held"] == true)
    }

    /// The log, after the gateway has ended.
    fn end(self) -> Vec<Value> {
        self.gateway.stop();
        self.policy.verify_audit();
        self.policy.records()
    }
}

fn kinds<'r>(records: &'r [Value], kind: &str) -> Vec<&'r Value> {
    let found = records.iter().filter(|record| record["kind"] == kind);
    found.collect()
}

fn refused(answer: &Answer, reason: &str) {
    assert_eq!(
        answer.json()["error"]["data"]["reason"],
        reason,
        "{answer:?}"
    );
}

fn a_server_gets_a_token_of_its_authorization_server_and_nobody_else_does(driver: Driver) {
    let authority = Authority::start();
    let upstream = authority.guarding(None);
    {
        let mut state = authority.state();
        state.scope = Some("crm:read crm:write");
        state.resource = Some(upstream.url());
    }
    let oauth = format!(
        "issuer: \"{}\", scopes: [\"crm:read\", \"crm:write\"]",
        authority.url()
    );
    let world = World::start(driver, upstream, &oauth);
    let told = world.wait_for_a_token();
    assert_eq!(
        (&told["from"], &told["error"]),
        (&json!(authority.url()), &Value::Null)
    );
    assert_eq!(told["renewals"], 1, "{told}");
    let answer = world.call();
    assert!(answer.is_good_call(), "{answer:?}");
    let token = authority.state().tokens().pop().expect("a token");
    let seen = world.upstream.seen();
    let fields: Vec<_> = seen.iter().map(|it| it.field("authorization")).collect();
    assert_eq!(fields, [Some(format!("Bearer {token}"))]);
    assert_eq!(authority.state().refused, [""; 0]);

    // The same policy again asks for nothing; other scopes do, and their token is another one.
    world.policy.push();
    assert!(world.call().is_good_call());
    assert_eq!(authority.asked(), 1);
    authority.state().scope = Some("crm:read");
    let other = oauth.replace(", \"crm:write\"", "");
    world.policy.write(&text(&world.upstream, &other));
    world.policy.push();
    // Whoever comes before the first token waits for it.
    let answer = world.call();
    assert!(answer.is_good_call(), "{answer:?}");
    assert_eq!((authority.asked(), authority.state().given.len()), (2, 2));

    let metrics = world.gateway.admin("GET", "/v1/metrics", &[]).body_text();
    assert!(
        metrics.contains("varistor_upstream_token_held{server=\"alpha\"} 1"),
        "{metrics}"
    );
    let shown = world.policy.varictl(&["status"]);
    assert_success(&shown, "status");
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    assert!(shown.contains(&authority.url()), "{shown}");
    let told = world.gateway.status().to_string() + &metrics + &shown + &answer.body_text();
    let records = world.end();
    assert_eq!(
        kinds(&records, "credential_obtained").len(),
        2,
        "{records:?}"
    );
    let told = told + &json!(records).to_string();
    assert!(!told.contains(&token) && !told.contains("s3cret"), "{told}");
}

fn tokens_are_renewed_and_no_call_fails(driver: Driver) {
    let authority = Authority::start();
    let upstream = authority.guarding(None);
    {
        let mut state = authority.state();
        (state.lifetime_s, state.takes_post) = (8, true);
    }
    // The way that metadata names; no resource.
    let oauth = format!("issuer: \"{}\", resource: none", authority.url());
    let world = World::start(driver, upstream, &oauth);
    world.wait_for_a_token();
    let mut calls = 0;
    while authority.state().used.len() < 3 {
        let answer = world.call();
        assert!(answer.is_good_call(), "call {calls}: {answer:?}");
        calls += 1;
    }
    let told = world.token();
    assert_eq!(
        (&told["failures"], &told["error"]),
        (&json!(0), &Value::Null),
        "{told}"
    );
    assert_eq!(authority.state().refused, [""; 0]);
    world.end();
}

fn without_a_token_nothing_is_sent(driver: Driver) {
    let authority = Authority::start();
    authority.state().failing = Some((503, json!({"error_description": SECRET})));
    let oauth = format!("token_url: \"{}/token\", resource: none", authority.url());
    let world = World::start(driver, authority.guarding(None), &oauth);
    let told = world.wait("a failure", |token| token["failures"] != 0);
    let error = told["error"].as_str().expect("an error").to_owned();
    assert!(
        error.contains("status 503") && !error.contains("s3cret"),
        "{error}"
    );
    let answer = world.call();
    refused(&answer, "upstream_token");
    assert_eq!(
        (answer.status(), answer.field("retry-after")),
        (503, Some("1"))
    );
    assert_eq!(world.upstream.seen().len(), 0);

    // It comes back, and so does the server; what it gives is used to its end, not longer.
    {
        let mut state = authority.state();
        (state.failing, state.lifetime_s) = (None, 6);
    }
    world.wait_for_a_token();
    assert!(world.call().is_good_call());
    authority.state().failing = Some((400, json!({"error": "invalid_client"})));
    world.wait("a failed renewal", |token| token["error"] != Value::Null);
    let told = world.wait("its end", |token| token["held"] == false);
    let error = told["error"].as_str().expect("an error");
    assert!(error.ends_with("refuses: invalid_client"), "{error}");
    let before = world.upstream.seen().len();
    refused(&world.call(), "upstream_token");
    assert_eq!(world.upstream.seen().len(), before);

    let records = world.end();
    assert_eq!(kinds(&records, "credential_failed").len(), 2);
    assert_eq!(kinds(&records, "credential_obtained").len(), 1);
    let calls = kinds(&records, "call");
    let denied = calls.iter().filter(|it| it["reason"] == "upstream_token");
    assert_eq!(
        denied.filter(|it| it["tool"] == "read_file").count(),
        2,
        "{calls:?}"
    );
}

fn a_token_that_the_server_refuses_is_replaced(driver: Driver) {
    let authority = Authority::start();
    let oauth = format!("issuer: \"{}\", resource: none", authority.url());
    let world = World::start(driver, authority.guarding(None), &oauth);
    world.wait_for_a_token();
    assert!(world.call().is_good_call());
    // Withdrawn over there.
    authority.state().given[0].1 = Instant::now();
    refused(&world.call(), "upstream_credential");
    world.wait("another token", |token| token["renewals"] == 2);
    assert!(world.call().is_good_call());
    assert_eq!(authority.asked(), 2);
    world.end();
}

fn a_server_names_its_own_authorization_server_only(driver: Driver) {
    // It is its own: what it says is enough.
    let authority = Authority::start();
    let upstream = authority.guarding(None);
    authority.state().resource = Some(upstream.url());
    let world = World::start(driver, upstream, "auth: basic");
    world.wait_for_a_token();
    assert!(world.call().is_good_call());
    assert_eq!(authority.state().refused, [""; 0]);
    world.end();

    // It names another one: nothing goes there before a person has said so.
    let other = Authority::start();
    let upstream = other.guarding(Some(other.url()));
    other.state().resource = Some(upstream.url());
    let world = World::start(driver, upstream, "auth: basic");
    let told = world.wait("a failure", |token| token["failures"] != 0);
    let error = told["error"].as_str().expect("an error");
    assert!(
        error.contains(&format!("say `issuer: {}`", other.url())),
        "{error}"
    );
    assert_eq!(other.asked(), 0);
    refused(&world.call(), "upstream_token");
    let named = format!("issuer: \"{}\"", other.url());
    world.policy.write(&text(&world.upstream, &named));
    world.policy.push();
    world.wait_for_a_token();
    assert!(world.call().is_good_call());
    world.end();
}

fn another_issuer_gets_no_secret(driver: Driver) {
    let authority = Authority::start();
    authority.state().issuer = Some("http://127.0.0.1:1".to_owned());
    let oauth = format!("issuer: \"{}\"", authority.url());
    let world = World::start(driver, authority.guarding(None), &oauth);
    let told = world.wait("a failure", |token| token["failures"] != 0);
    let error = told["error"].as_str().expect("an error");
    assert!(error.contains("which is another one"), "{error}");
    assert_eq!(authority.asked(), 0);
    refused(&world.call(), "upstream_token");
    world.end();
}

fn a_token_that_a_server_tells_is_recognised(driver: Driver) {
    let authority = Authority::start();
    authority.state().lifetime_s = 8;
    let oauth = format!("issuer: \"{}\", resource: none", authority.url());
    let world = World::start(driver, authority.guarding(None), &oauth);
    world.wait_for_a_token();
    for renewals in 1..=2 {
        world.wait("the next token", |token| {
            token["renewals"].as_u64() >= Some(renewals)
        });
        let answer = world.agent.call("read_file", json!({"wish": "token"}));
        assert_eq!(
            answer.text(),
            "it is [REDACTED:vault_secret].",
            "{answer:?}"
        );
    }
    world.end();
}
