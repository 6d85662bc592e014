//! Tokens of an outside identity provider: who is let in, who is not and how that is told, what
//! happens when keys change, and that the operator's means reach them.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use varistor_tests::issuer::{AUDIENCE, Issuer, now_s};
use varistor_tests::policy::assert_success;
use varistor_tests::{
    Agent, Answer, Driver, Gateway, PolicyDir, Session, Upstream, on_both_drivers,
};

use crate::world::{Extra, World, policy_text};

on_both_drivers!(
    a_token_of_the_provider_goes_the_way_of_our_own,
    what_is_not_for_us_is_refused_and_told_how_to_sign_in,
    keys_change_under_load_and_no_call_fails,
    kill_revocation_and_policy_reach_tokens_of_providers,
    forged_key_ids_do_not_flood_the_provider,
);

const CLAIMS: &str = "claims: { organisation: acme, agent: { claim: client_id, map: { portal: \
                      tester, batch: reader } }, roles: { claim: groups, map: { everybody: \
                      everything, readers: reader } } }";

pub(crate) fn policy_of(upstream: &Upstream, issuer: &Issuer, row: &str) -> String {
    let top = format!(
        "identity_providers:
  corp:
    issuer: {}
    audience: [{AUDIENCE}, {AUDIENCE}/mcp/beta]
    {row}
    {CLAIMS}",
        issuer.url()
    );
    policy_text(
        upstream,
        Extra {
            top: &top,
            ..Extra::default()
        },
    )
}

pub(crate) fn world(driver: Driver, issuer: &Issuer, row: &str) -> World {
    let upstream = Upstream::start();
    let policy = PolicyDir::new(&policy_of(&upstream, issuer, row));
    let gateway = Gateway::start(&policy, driver);
    World {
        gateway,
        policy,
        upstream,
    }
}

pub(crate) fn call(world: &World, token: &str) -> Answer {
    call_at(world.gateway.address(), token)
}

fn call_at(address: &str, token: &str) -> Answer {
    Agent::new(address, "alpha", token).call("read_file", json!({"path": "/a"}))
}

/// The gateway looks once when it has started.
fn wait_for_the_first_look(world: &World) {
    let until = Instant::now() + Duration::from_secs(30);
    while world.gateway.status()["identity_providers"][0]["looks"] != 1 {
        assert!(Instant::now() < until, "no look");
        thread::sleep(Duration::from_millis(20));
    }
}

fn its_sessions_with_all_servers_are_the_holders_too(world: &World, issuer: &Issuer) {
    let at_all = |token: &str| {
        let mut agent = world.holder(token);
        agent.path = "/mcp".to_owned();
        agent
    };
    let session = at_all(&issuer.token(|_, _| {})).initialize();
    let status_of = |token: &str| {
        let session = Session {
            agent: at_all(token),
            id: session.id.clone(),
        };
        session.call("alpha__read_file", json!({})).status()
    };
    assert_eq!(status_of(&issuer.token(|_, _| {})), 200);
    let other = issuer.token(|_, claims| claims["sub"] = json!("user-8"));
    assert_eq!(status_of(&other), 404);
}

fn a_token_of_the_provider_goes_the_way_of_our_own(driver: Driver) {
    let issuer = Issuer::start();
    let world = world(driver, &issuer, "skew: 30s");
    let first = issuer.token(|_, _| {});
    assert!(call(&world, &first).is_good_call());
    assert!(
        world.tester().call("read_file", json!({})).is_good_call(),
        "our own"
    );

    // A session is the holder's, over all of their tokens, and nobody else's.
    let session = world.holder(&first).initialize();
    let next = Session {
        agent: world.holder(&issuer.token(|_, _| {})),
        id: session.id.clone(),
    };
    assert!(next.call("read_file", json!({})).is_good_call());
    let other = Session {
        agent: world.holder(&issuer.token(|_, claims| claims["sub"] = json!("user-8"))),
        id: session.id,
    };
    assert_eq!(other.call("read_file", json!({})).status(), 404);
    its_sessions_with_all_servers_are_the_holders_too(&world, &issuer);

    // Roles are those that policy maps, of those that the agent has.
    let reader = issuer.token(|_, claims| {
        claims["client_id"] = json!("batch");
        claims["groups"] = json!(["readers"]);
    });
    let reader = world.holder(&reader);
    assert!(reader.call("read_file", json!({})).is_good_call());
    assert!(!reader.call("write_file", json!({})).is_good_call());

    // An audience that is the route of one server reaches that server.
    let beta = issuer.token(|_, claims| claims["aud"] = json!(format!("{AUDIENCE}/mcp/beta")));
    assert_eq!(call(&world, &beta).status(), 403);
    let at_beta = Agent::new(world.gateway.address(), "beta", &beta);
    assert!(at_beta.call("read_file", json!({})).is_good_call());
    let mut together = at_beta;
    together.path = "/mcp".to_owned();
    let names = together.tools();
    assert!(
        !names.is_empty() && names.iter().all(|name| name.starts_with("beta__")),
        "{names:?}"
    );

    let status = &world.gateway.status()["identity_providers"][0];
    assert_eq!(
        (&status["keys"], &status["error"]),
        (&json!(1), &Value::Null),
        "{status}"
    );
    let metrics = world.gateway.admin("GET", "/v1/metrics", &[]).body_text();
    assert!(
        metrics.contains("varistor_identity_keys{provider=\"corp\"} 1"),
        "{metrics}"
    );
    let shown = world
        .policy
        .varictl(&["token", "inspect", &first, "--json"]);
    let shown: Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    assert_eq!(
        (&shown["verified"], &shown["caller"]["agent"]),
        (&json!(true), &json!("tester"))
    );
    let records = world.records();
    let mut calls = records.iter().filter(|record| record["kind"] == "call");
    let record = calls.next().expect("a call");
    assert_eq!(record["issuer"], json!(issuer.url()), "{record}");
    assert_eq!(
        (&record["holder"], &record["agent"]),
        (&json!("user-7"), &json!("tester"))
    );
    assert_eq!(record["token"], shown["id"], "{record}");
}

fn what_is_not_for_us_is_refused_and_told_how_to_sign_in(driver: Driver) {
    let issuer = Issuer::start();
    let world = world(driver, &issuer, "scopes: mcp");
    let good = |claims: &mut Value| claims["scope"] = json!("openid mcp");
    let now = now_s();
    let past = |claims: &mut Value| claims["exp"] = json!(now - 61);
    assert!(call(&world, &issuer.token(|_, claims| good(claims))).is_good_call());
    type Change<'c> = &'c dyn Fn(&mut Value, &mut Value);
    let changes: [(&str, u16, &str, Change<'_>); 10] = [
        ("token_audience", 401, "invalid_token", &|_, claims| {
            claims["aud"] = json!("https://other.test");
        }),
        ("token_issuer", 401, "invalid_token", &|_, claims| {
            claims["iss"] = json!("https://id.test");
        }),
        ("token_expired", 401, "invalid_token", &|_, claims| {
            past(claims)
        }),
        ("token_early", 401, "invalid_token", &|_, claims| {
            claims["nbf"] = json!(now + 120);
        }),
        ("token_algorithm", 401, "invalid_token", &|header, _| {
            header["alg"] = json!("none")
        }),
        ("token_algorithm", 401, "invalid_token", &|header, _| {
            header["alg"] = json!("HS256")
        }),
        ("token_claims", 401, "invalid_token", &|header, _| {
            header["typ"] = json!("JWT")
        }),
        ("token_malformed", 401, "invalid_token", &|header, _| {
            header["crit"] = json!(["x"])
        }),
        ("scope_missing", 403, "insufficient_scope", &|_, claims| {
            claims["scope"] = json!("openid");
        }),
        ("identity_unmapped", 403, "", &|_, claims| {
            claims["client_id"] = json!("nobody")
        }),
    ];
    for (reason, status, error, change) in changes {
        let token = issuer.token(|header, claims| {
            good(claims);
            change(header, claims);
        });
        let answer = call(&world, &token);
        let said = answer.json();
        assert_eq!(answer.status(), status, "{reason}: {said}");
        assert_eq!(said["error"]["data"]["reason"], reason, "{said}");
        let challenge = answer.field("www-authenticate").expect("a challenge");
        assert_eq!(
            challenge.contains(&format!("error=\"{error}\"")),
            !error.is_empty()
        );
        assert!(challenge.contains("scope=\"mcp\""), "{challenge}");
    }
    let good_one = issuer.token(|_, claims| good(claims));
    let (signed, _) = good_one.rsplit_once('.').expect("a token");
    let forged = call(&world, &format!("{signed}.{}", "A".repeat(86)));
    assert_eq!(forged.json()["error"]["data"]["reason"], "token_invalid");

    // What a client needs to sign in by itself.
    let address = world.gateway.address();
    let nobody = world.holder("").connect().exchange(
        format!(
            "POST /mcp/alpha HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\n\
                 Content-Length: 2\r\n\r\n{{}}"
        )
        .as_bytes(),
    );
    let challenge = nobody
        .field("www-authenticate")
        .expect("a challenge")
        .to_owned();
    let place = "/.well-known/oauth-protected-resource/mcp/alpha";
    assert!(challenge.contains(&format!("resource_metadata=\"http://{address}{place}\"")));
    assert!(!challenge.contains("error="), "{challenge}");
    let asked = format!("GET {place} HTTP/1.1\r\nHost: {address}\r\n\r\n");
    let metadata = world.gateway.connect().exchange(asked.as_bytes()).json();
    assert_eq!(
        metadata["resource"],
        json!(format!("http://{address}/mcp/alpha"))
    );
    assert_eq!(metadata["authorization_servers"], json!([issuer.url()]));
    assert_eq!(metadata["scopes_supported"], json!(["mcp"]));
    world.end();
}

fn keys_change_under_load_and_no_call_fails(driver: Driver) {
    let issuer = Issuer::start();
    let world = world(driver, &issuer, "refresh: 24h");
    assert!(call(&world, &issuer.token(|_, _| {})).is_good_call());
    wait_for_the_first_look(&world);
    let before = issuer.asked();
    let (over, calls) = (AtomicBool::new(false), AtomicU64::new(0));
    let address = world.gateway.address();
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                let old = issuer.token(|_, _| {});
                while !over.load(Ordering::SeqCst) {
                    // One that was signed before the change, and one that nobody has seen.
                    for token in [old.clone(), issuer.token(|_, _| {})] {
                        let answer = call_at(address, &token);
                        assert!(answer.is_good_call(), "{}", answer.body_text());
                        calls.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
        }
        let wait = |more: u64| {
            let until = calls.load(Ordering::SeqCst) + more;
            let patience = Instant::now() + Duration::from_secs(60);
            while calls.load(Ordering::SeqCst) < until && Instant::now() < patience {
                thread::sleep(Duration::from_millis(5));
            }
        };
        wait(50);
        // The new key is used at once, and the old one is published no more.
        issuer.rotate("k2", 0);
        wait(50);
        issuer.rotate("k3", 0);
        wait(50);
        over.store(true, Ordering::SeqCst);
    });
    assert_eq!(issuer.asked() - before, 2, "one look a key");
    let status = &world.gateway.status()["identity_providers"][0];
    assert_eq!(
        (&status["keys"], &status["kept"]),
        (&json!(1), &json!(2)),
        "{status}"
    );
    let records = world.records();
    let mut changes = records
        .iter()
        .filter(|record| record["kind"] == "identity_keys");
    let change = changes.next().expect("a record of it");
    assert_eq!(change["details"]["added"], json!(["k2"]), "{change}");
    assert_eq!(change["details"]["dropped"], json!(["k1"]), "{change}");
    assert_eq!(changes.count(), 1);
}

fn kill_revocation_and_policy_reach_tokens_of_providers(driver: Driver) {
    let issuer = Issuer::start();
    let world = world(driver, &issuer, "keep: 1s");
    let [token, other] = [issuer.token(|_, _| {}), issuer.token(|_, _| {})];
    let reason = |token: &str| {
        let said = call(&world, token).json();
        said["error"]["data"]["reason"].as_str().map(str::to_owned)
    };
    assert!(call(&world, &token).is_good_call() && call(&world, &other).is_good_call());
    let shown = world
        .policy
        .varictl(&["token", "inspect", &token, "--json"]);
    let shown: Value = serde_json::from_slice(&shown.stdout).expect("JSON");
    let by_holder = shown["holder"].as_str().expect("an id").to_owned();
    for selector in [["--agent", "acme/tester"], ["--token", by_holder.as_str()]] {
        assert_success(
            &world.policy.varictl(&["kill", selector[0], selector[1]]),
            "kill",
        );
        for token in [&token, &other] {
            assert!(!call(&world, token).is_good_call(), "{selector:?}");
        }
        assert_success(
            &world.policy.varictl(&["revive", selector[0], selector[1]]),
            "revive",
        );
        assert!(call(&world, &token).is_good_call());
    }
    assert_success(
        &world.policy.varictl(&["token", "revoke", &token]),
        "token revoke",
    );
    assert_eq!(reason(&token).as_deref(), Some("token_revoked"));
    assert!(
        call(&world, &other).is_good_call(),
        "the holder's other token"
    );

    // Another policy means something else by the same token.
    let text = policy_of(&world.upstream, &issuer, "keep: 1s");
    world
        .policy
        .write(&text.replace("portal: tester", "portal: reader"));
    world.policy.push();
    assert_eq!(call(&world, &other).status(), 403, "no role of that agent");
    world
        .policy
        .write(&text.replace("portal: tester", "portals: tester"));
    world.policy.push();
    assert_eq!(reason(&other).as_deref(), Some("identity_unmapped"));
    world
        .policy
        .write(&policy_text(&world.upstream, Extra::default()));
    world.policy.push();
    assert_eq!(
        reason(&other).as_deref(),
        Some("token_malformed"),
        "no provider"
    );
    world.policy.write(&text);
    world.policy.push();
    assert!(call(&world, &other).is_good_call());

    // A key that its provider has dropped for long enough opens nothing, known token or not.
    issuer.rotate("k2", 0);
    world.policy.push();
    let until = Instant::now() + Duration::from_secs(30);
    while call(&world, &other).is_good_call() {
        assert!(Instant::now() < until, "the key outlived its time");
        thread::sleep(Duration::from_millis(100));
    }
    assert_eq!(reason(&other).as_deref(), Some("key_unknown"));
    assert!(call(&world, &issuer.token(|_, _| {})).is_good_call());
    world.end();
}

fn forged_key_ids_do_not_flood_the_provider(driver: Driver) {
    let issuer = Issuer::start();
    let world = world(driver, &issuer, "refresh: 24h");
    assert!(call(&world, &issuer.token(|_, _| {})).is_good_call());
    wait_for_the_first_look(&world);
    let before = issuer.asked();
    thread::scope(|scope| {
        for thread in 0..16 {
            let (address, issuer) = (world.gateway.address(), &issuer);
            scope.spawn(move || {
                for number in 0..8 {
                    let kid = format!("forged-{thread}-{number}");
                    let token = issuer.token(|header, _| header["kid"] = json!(kid));
                    assert_eq!(call_at(address, &token).status(), 401);
                    if number == 4 {
                        assert!(call_at(address, &issuer.token(|_, _| {})).is_good_call());
                    }
                }
            });
        }
    });
    let asked = issuer.asked() - before;
    assert!(asked <= 5, "{asked} looks for 128 forged ids");
    world.end();
}
