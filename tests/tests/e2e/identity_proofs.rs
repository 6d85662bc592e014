//! Tokens that are bound to a key of their holder: who has only the token gets nowhere.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use serde_json::{Value, json};
use varistor_tests::holder::{Holder, bound};
use varistor_tests::issuer::Issuer;
use varistor_tests::{Agent, Answer, Driver, Gateway, PolicyDir, Upstream, on_both_drivers};

use crate::approvals;
use crate::identity::world;
use crate::world::World;

on_both_drivers!(
    a_stolen_token_is_worth_nothing_without_its_key,
    one_proof_serves_one_of_many_requests_at_once,
    all_servers_as_one_need_one_proof,
    a_call_that_waits_for_a_human_needs_one_proof,
);

fn token(issuer: &Issuer, holder: &Holder) -> String {
    issuer.token(|_, claims| claims["cnf"] = holder.confirmation())
}

fn request(agent: &Agent) -> Vec<u8> {
    let params = json!({"name": "read_file", "arguments": {"path": "/a"}});
    agent.modern(1, "tools/call", params)
}

fn send(agent: &Agent, proof: Option<&str>) -> Answer {
    agent.connect().exchange(&bound(&request(agent), proof))
}

fn reason(answer: &Answer) -> String {
    let reason = &answer.json()["error"]["data"]["reason"];
    reason.as_str().unwrap_or_default().to_owned()
}

fn a_stolen_token_is_worth_nothing_without_its_key(driver: Driver) {
    let issuer = Issuer::start();
    let world = world(driver, &issuer, "");
    let (holder, thief) = (Holder::new(1), Holder::new(2));
    let agent = world.holder(&token(&issuer, &holder));

    let proof = holder.proof(&agent, |_| {});
    assert!(send(&agent, Some(&proof)).is_good_call());
    let again = send(&agent, Some(&proof));
    assert_eq!((again.status(), &*reason(&again)), (401, "proof_used"));
    let says = again.field("www-authenticate").expect("a challenge");
    assert!(
        says.starts_with("DPoP error=\"invalid_dpop_proof\", resource_metadata=\"http"),
        "{says}"
    );
    assert!(
        says.contains("algs=\"RS256 ") && says.contains(" EdDSA\""),
        "{says}"
    );

    let plain = agent.connect().exchange(&request(&agent));
    assert_eq!((plain.status(), &*reason(&plain)), (401, "proof_missing"));
    let missing = send(&agent, None);
    assert_eq!(reason(&missing), "proof_missing");
    let by_thief = send(&agent, Some(&thief.proof(&agent, |_| {})));
    assert_eq!(reason(&by_thief), "proof_invalid");
    type Change = fn(&mut Value);
    let changes: [Change; 4] = [
        |claims| claims["htm"] = json!("GET"),
        |claims| claims["htu"] = json!("http://127.0.0.1/mcp/alpha"),
        |claims| claims["iat"] = json!(1_700_000_000),
        |claims| claims["ath"] = json!("AAAA"),
    ];
    for change in changes {
        let answer = send(&agent, Some(&holder.proof(&agent, change)));
        assert_eq!(reason(&answer), "proof_invalid");
    }
    // Two proofs are none: two readers could take different ones.
    let proofs = [holder.proof(&agent, |_| {}), holder.proof(&agent, |_| {})];
    let both = proofs.join("\r\nDPoP: ");
    assert_eq!(send(&agent, Some(&both)).status(), 400);
    // A token that is bound to nothing gains nothing by a proof, nor does one of ours.
    for text in [issuer.token(|_, _| {}), world.policy.token("tester")] {
        let agent = world.holder(&text);
        let proof = holder.proof(&agent, |_| {});
        assert_eq!(send(&agent, Some(&proof)).status(), 401);
        assert!(agent.connect().exchange(&request(&agent)).is_good_call());
    }
    assert_eq!(world.upstream.seen().len(), 3);

    told(&world, false);
    let row = "dpop: required";
    let text = crate::identity::policy_of(&world.upstream, &issuer, row);
    world.policy.write(&text);
    world.policy.push();
    told(&world, true);
    let plain = world.holder(&issuer.token(|_, _| {}));
    let refused = plain.connect().exchange(&request(&plain));
    assert_eq!(
        (refused.status(), &*reason(&refused)),
        (401, "token_claims")
    );
    assert!(send(&agent, Some(&holder.proof(&agent, |_| {}))).is_good_call());
    world.end();
}

/// What the metadata says of it (RFC 9728 section 2), and the challenge to whoever has no token.
fn told(world: &World, is_required: bool) {
    let agent = world.holder("");
    let at = "/.well-known/oauth-protected-resource/mcp/alpha";
    let head = format!("GET {at} HTTP/1.1\r\nHost: {}\r\n\r\n", agent.address);
    let metadata = agent.connect().exchange(head.as_bytes()).json();
    assert_eq!(
        metadata["dpop_bound_access_tokens_required"],
        json!(is_required),
        "{metadata}"
    );
    let algorithms = metadata["dpop_signing_alg_values_supported"].as_array();
    assert!(algorithms.is_some_and(|all| all.contains(&json!("ES256"))));
    let answer = agent.connect().exchange(
        format!(
            "POST /mcp/alpha HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
             Content-Length: 2\r\n\r\n{{}}",
            agent.address
        )
        .as_bytes(),
    );
    assert_eq!(answer.status(), 401);
    let fields = answer.head.fields.iter();
    let says: Vec<_> = fields
        .filter(|(name, _)| name == "www-authenticate")
        .collect();
    assert!(
        says[0].1.starts_with("Bearer resource_metadata="),
        "{says:?}"
    );
    assert_eq!(says.len(), 1 + usize::from(is_required), "{says:?}");
}

fn one_proof_serves_one_of_many_requests_at_once(driver: Driver) {
    let issuer = Issuer::start();
    let world = world(driver, &issuer, "");
    let holder = Holder::new(1);
    let agent = world.holder(&token(&issuer, &holder));
    let (good, used) = (AtomicU64::new(0), AtomicU64::new(0));
    const ROUNDS: u64 = 50;
    const AT_ONCE: u64 = 4;
    for _ in 0..ROUNDS {
        let proof = holder.proof(&agent, |_| {});
        thread::scope(|scope| {
            for _ in 0..AT_ONCE {
                scope.spawn(|| match send(&agent, Some(&proof)) {
                    answer if answer.is_good_call() => good.fetch_add(1, Ordering::SeqCst),
                    answer => {
                        assert_eq!(reason(&answer), "proof_used");
                        used.fetch_add(1, Ordering::SeqCst)
                    }
                });
            }
        });
    }
    let (good, used) = (good.into_inner(), used.into_inner());
    assert_eq!(good + used, ROUNDS * AT_ONCE);
    // That of two at the very same moment neither is served is allowed, and rare.
    assert!((ROUNDS / 2..=ROUNDS).contains(&good), "{good}");
    assert_eq!(world.upstream.seen().len() as u64, good);
    world.end();
}

fn all_servers_as_one_need_one_proof(driver: Driver) {
    let issuer = Issuer::start();
    let world = world(driver, &issuer, "");
    let holder = Holder::new(1);
    let mut agent = world.holder(&token(&issuer, &holder));
    agent.path = "/mcp".to_owned();
    let params = json!({"name": "alpha__read_file", "arguments": {"path": "/a"}});
    let request = agent.modern(1, "tools/call", params);
    let proof = holder.proof(&agent, |_| {});
    let answer = agent.connect().exchange(&bound(&request, Some(&proof)));
    assert!(answer.is_good_call(), "{answer:?}");
    let again = agent.connect().exchange(&bound(&request, Some(&proof)));
    assert_eq!(reason(&again), "proof_used");
    let without = agent.connect().exchange(&bound(&request, None));
    assert_eq!(reason(&without), "proof_missing");
    world.end();
}

/// It is judged twice, and its proof would be too old by then.
fn a_call_that_waits_for_a_human_needs_one_proof(driver: Driver) {
    let issuer = Issuer::start();
    let upstream = Upstream::start();
    let text = crate::identity::policy_of(&upstream, &issuer, "");
    let text = text.replace("portal: tester", "portal: careful");
    let text = text.replace("everybody: everything", "everybody: careful");
    let policy = PolicyDir::new(&text.replace("wait: none", "wait: 30s"));
    let gateway = Gateway::start(&policy, driver);
    let world = World {
        gateway,
        policy,
        upstream,
    };
    let holder = Holder::new(1);
    let agent = world.holder(&token(&issuer, &holder));
    let params = json!({"name": "delete_file", "arguments": {"path": "/a"}});
    let request = agent.modern(1, "tools/call", params);
    let request = bound(&request, Some(&holder.proof(&agent, |_| {})));
    let waits = thread::spawn(move || agent.connect().exchange(&request));
    let id = approvals::waiting(&world.gateway)["id"].clone();
    approvals::approve(&world.policy, id.as_str().expect("an id"), "ann");
    let answer = waits.join().expect("no panic");
    assert!(answer.is_good_call(), "{answer:?}");
    assert_eq!(world.upstream.calls(), 1);
    world.end();
}
