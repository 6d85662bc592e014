//! Servers that want a token which the caller's own was exchanged for (RFC 8693): whose it is, who
//! gets none, where callers' tokens go, and that calls don't fail while tokens come and go.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use varistor_tests::authority::{Authority, CLIENT, SECRET};
use varistor_tests::issuer::{AUDIENCE, Issuer};
use varistor_tests::{Agent, Answer, Driver, Gateway, PolicyDir, Upstream, on_both_drivers};

on_both_drivers!(
    a_call_carries_what_its_own_token_was_exchanged_for,
    who_gets_none_is_refused_and_nothing_is_sent,
    tokens_go_to_whom_policy_names_only,
    tokens_come_and_go_and_no_call_fails,
    a_token_that_the_server_tells_is_recognised,
);

struct World {
    gateway: Gateway,
    policy: PolicyDir,
    upstream: Upstream,
}

fn row(name: &str, issuer: &Issuer) -> String {
    format!(
        "  {name}:
    issuer: {}
    audience: {AUDIENCE}
    claims: {{ organisation: acme, agent: tester, roles: [all] }}
",
        issuer.url()
    )
}

fn text(issuers: &str, upstream: &Upstream, oauth: &str) -> String {
    format!(
        "listen: 127.0.0.1:0
runtime: {{ workers: 2, shedding: off }}
dlp: {{ response: {{ secrets: redact }} }}
identity_providers:
{issuers}
servers:
  alpha: {{ url: \"{}\"{oauth} }}
organisations:
  acme:
    roles: {{ all: {{ allow: [\"*\"] }} }}
    agents: {{ tester: {{ roles: [all] }} }}
",
        upstream.url()
    )
}

impl World {
    fn start(driver: Driver, (issuers, authority): (&str, &Authority), audience: &str) -> Self {
        let upstream = authority.guarding(None);
        let policy = PolicyDir::new(&text(issuers, &upstream, ""));
        policy.keep_in_vault("as", SECRET);
        let oauth = format!(
            ", credential: {{ oauth: {{ exchange: corp, issuer: \"{}\", client_id: \"{CLIENT}\", \
             client_secret: \"${{vault:as}}\"{audience} }} }}",
            authority.url()
        );
        authority.state().resource = Some(upstream.url());
        policy.write(&text(issuers, &upstream, &oauth));
        policy.compile();
        let gateway = Gateway::start(&policy, driver);
        Self {
            gateway,
            policy,
            upstream,
        }
    }

    fn call(&self, token: &str, who: &str) -> Answer {
        call_at(self.gateway.address(), token, who)
    }

    fn told(&self) -> Value {
        self.gateway.status()["servers"][0]["exchange"].clone()
    }

    fn end(self) {
        self.gateway.stop();
        self.policy.verify_audit();
    }
}

fn call_at(address: &str, token: &str, who: &str) -> Answer {
    let agent = Agent::new(address, "alpha", token);
    agent.call("read_file", json!({"path": "/a", "who": who}))
}

fn reason(answer: &Answer) -> String {
    let reason = &answer.json()["error"]["data"]["reason"];
    reason.as_str().unwrap_or_default().to_owned()
}

fn of(issuer: &Issuer, person: &str) -> String {
    issuer.token(|_, claims| claims["sub"] = json!(person))
}

fn a_call_carries_what_its_own_token_was_exchanged_for(driver: Driver) {
    const TOKENS: usize = 10;
    const CALLS: u64 = 100;
    let (issuer, authority) = (Issuer::start(), Authority::start());
    authority.state().audience = Some("crm".to_owned());
    let world = World::start(
        driver,
        (&row("corp", &issuer), &authority),
        ", audience: crm",
    );
    let people = ["ann", "bob"];
    thread::scope(|scope| {
        for person in people {
            let tokens: Vec<_> = (0..TOKENS).map(|_| of(&issuer, person)).collect();
            let address = world.gateway.address();
            scope.spawn(move || {
                for call in 0..CALLS {
                    let token = &tokens[call as usize % TOKENS];
                    let answer = call_at(address, token, person);
                    assert!(answer.is_good_call(), "{person} {call}: {answer:?}");
                }
            });
        }
    });
    let told = world.told();
    assert_eq!(
        (&told["exchanged"], &told["held"], &told["error"]),
        (&json!(2 * TOKENS), &json!(2 * TOKENS), &Value::Null),
        "{told}"
    );
    let metrics = world.gateway.admin("GET", "/v1/metrics", &[]).body_text();
    let line = format!(
        "varistor_upstream_token_renewals_total{{server=\"alpha\"}} {}",
        2 * TOKENS
    );
    assert!(metrics.contains(&line), "{metrics}");
    let state = authority.state();
    assert_eq!((state.consents.crossed.len(), state.refused.len()), (0, 0));
    // Each token once, and none of them, nor anything of it, to the server.
    assert_eq!(state.subjects.len(), 2 * TOKENS);
    let seen = world.upstream.seen();
    assert_eq!(seen.len() as u64, 2 * CALLS);
    for subject in &state.subjects {
        let signature = subject.rsplit('.').next().expect("a signature");
        assert!(seen.iter().all(|it| !it.head.contains(signature)));
    }
    drop(state);
    world.end();
}

fn who_gets_none_is_refused_and_nothing_is_sent(driver: Driver) {
    let (issuer, authority) = (Issuer::start(), Authority::start());
    authority.state().barred.insert("eve".to_owned());
    let world = World::start(driver, (&row("corp", &issuer), &authority), "");
    // A token of ours is nobody's there.
    let own = world.call(&world.policy.token("tester"), "ann");
    assert_eq!((own.status(), &*reason(&own)), (403, "exchange_refused"));
    assert_eq!(authority.asked(), 0);
    let eve = of(&issuer, "eve");
    for _ in 0..5 {
        let refused = world.call(&eve, "eve");
        assert_eq!(
            (refused.status(), &*reason(&refused)),
            (403, "exchange_refused")
        );
    }
    assert_eq!(authority.asked(), 1, "asked once for five calls");
    assert_eq!(world.told()["refused"], 1);
    assert_eq!(world.upstream.seen().len(), 0);

    authority.state().failing = Some((503, json!({})));
    let ann = of(&issuer, "ann");
    let failed = world.call(&ann, "ann");
    assert_eq!(
        (failed.status(), &*reason(&failed)),
        (503, "upstream_token")
    );
    assert!(failed.field("retry-after").is_some(), "{failed:?}");
    let told = world.told();
    let error = told["error"].as_str().unwrap_or_default();
    assert!(error.contains("status 503"), "{told}");
    let shown = world.policy.varictl(&["status"]);
    let shown = [shown.stdout, shown.stderr].concat();
    let shown = String::from_utf8_lossy(&shown);
    let warning = "callers' tokens can't be exchanged for those of alpha";
    assert!(
        shown.contains(warning) && shown.contains("0 held"),
        "{shown}"
    );
    authority.state().failing = None;
    let until = Instant::now() + Duration::from_secs(30);
    while !world.call(&ann, "ann").is_good_call() {
        assert!(Instant::now() < until, "{}", world.told());
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(world.told()["error"], Value::Null);
    world.end();
}

fn tokens_go_to_whom_policy_names_only(driver: Driver) {
    let (issuer, other, authority) = (Issuer::start(), Issuer::start(), Authority::start());
    let rows = row("corp", &issuer) + &row("partner", &other);
    let world = World::start(driver, (&rows, &authority), "");
    // The same person's name, by another provider: nothing of it reaches the authorization server.
    let partner = world.call(&of(&other, "ann"), "ann");
    assert_eq!(
        (partner.status(), &*reason(&partner)),
        (403, "exchange_refused")
    );
    assert!(world.call(&of(&issuer, "ann"), "ann").is_good_call());
    let subjects = authority.state().subjects.clone();
    assert_eq!(subjects.len(), 1);
    // A server that says who its authorization server is gets nobody's token there.
    let (policy, dir) = (&world.policy, text(&rows, &world.upstream, ""));
    let named = dir.replace(
        "alpha: {",
        "alpha: { credential: { oauth: { exchange: nobody, client_id: x, client_secret: \
         \"${vault:as}\" } },",
    );
    policy.write(&named);
    let refused = policy.varictl(&["compile"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("one of the `identity_providers`"), "{said}");
    world.end();
}

fn tokens_come_and_go_and_no_call_fails(driver: Driver) {
    let (issuer, authority) = (Issuer::start(), Authority::start());
    authority.state().lifetime_s = 4;
    let world = World::start(driver, (&row("corp", &issuer), &authority), "");
    let (is_over, calls) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        for person in ["ann", "bob"] {
            let (issuer, is_over, calls) = (&issuer, &is_over, &calls);
            let address = world.gateway.address();
            scope.spawn(move || {
                let token = of(issuer, person);
                while !is_over.load(Ordering::SeqCst) {
                    let answer = call_at(address, &token, person);
                    assert!(answer.is_good_call(), "{answer:?}");
                    calls.fetch_add(1, Ordering::SeqCst);
                    thread::sleep(Duration::from_millis(20));
                }
            });
        }
        thread::sleep(Duration::from_secs(10));
        is_over.store(true, Ordering::SeqCst);
    });
    let told = world.told();
    assert!(told["exchanged"].as_u64() >= Some(4), "{told}");
    assert_eq!(authority.state().consents.crossed.len(), 0);
    assert!(calls.into_inner() > 50);
    world.end();
}

fn a_token_that_the_server_tells_is_recognised(driver: Driver) {
    let (issuer, authority) = (Issuer::start(), Authority::start());
    let world = World::start(driver, (&row("corp", &issuer), &authority), "");
    let token = of(&issuer, "ann");
    assert!(world.call(&token, "ann").is_good_call());
    let agent = Agent::new(world.gateway.address(), "alpha", &token);
    let answer = agent.call("read_file", json!({"wish": "token"}));
    let text = &answer.json()["result"]["content"][0]["text"];
    assert_eq!(text, "it is [REDACTED:vault_secret].");
    world.end();
}
