//! A port belongs to one gateway: a second one would be given half of its connections.

use std::process::Command;

use serde_json::json;
use varistor_tests::{Driver, PolicyDir, Upstream, on_both_drivers, programs::ours};

use crate::world::{Extra, World, policy_text};

on_both_drivers!(
    a_second_gateway_on_the_port_does_not_start,
    a_dead_tokens_denial_names_its_holder,
);

fn a_second_gateway_on_the_port_does_not_start(driver: Driver) {
    let world = World::start(driver);
    let elsewhere = PolicyDir::new(&policy_text(&Upstream::start(), Extra::default()));
    let output = Command::new(ours("varistor"))
        .arg("--dir")
        .arg(elsewhere.path())
        .args([
            "--listen",
            world.gateway.address(),
            "--driver",
            driver.name(),
        ])
        .output()
        .expect("varistor");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(world.gateway.address()), "{said}");
    for _ in 0..20 {
        assert!(world.tester().call("read_file", json!({})).is_good_call());
    }
    world.end();
}

fn a_dead_tokens_denial_names_its_holder(driver: Driver) {
    let world = World::start(driver);
    let token = world.policy.token("reader");
    let output = world.policy.varictl(&["token", "revoke", &token]);
    varistor_tests::policy::assert_success(&output, "token revoke");
    let answer = world.holder(&token).call("read_file", json!({}));
    assert_eq!(answer.status(), 401);
    let seq = answer.record().expect("a record");
    let records = world.policy.records();
    let record = records
        .iter()
        .find(|record| record["seq"] == seq)
        .expect("its record");
    assert_eq!(record["reason"], "token_revoked");
    assert_eq!(
        (&record["agent"], &record["server"]),
        (&json!("reader"), &json!("alpha"))
    );
    world.end();
}
