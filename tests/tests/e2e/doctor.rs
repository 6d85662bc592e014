//! `varictl doctor` beside a running gateway.

use serde_json::Value;
use varistor_tests::policy::assert_success;
use varistor_tests::{Driver, on_both_drivers};

use crate::world::World;

on_both_drivers!(the_doctor_asks_the_running_gateway);

/// What it found about this.
fn found(world: &World, check: &str) -> Vec<(String, String)> {
    let output = world.policy.varictl(&["doctor", "--no-clients", "--json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let all = answer["findings"].as_array().expect("findings");
    let of_check = all.iter().filter(|one| one["check"] == check);
    let text = |one: &Value, key: &str| one[key].as_str().expect("a text").to_owned();
    of_check
        .map(|one| (text(one, "level"), text(one, "found")))
        .collect()
}

fn the_doctor_asks_the_running_gateway(driver: Driver) {
    let world = World::start(driver);
    let drivers = found(&world, "driver");
    assert_eq!(drivers.len(), 1);
    assert!(drivers[0].1.starts_with(driver.name()), "{drivers:?}");
    let gateway = found(&world, "gateway");
    assert_eq!(gateway[0].0, "ok", "{gateway:?}");
    assert!(gateway[0].1.contains("serves generation 2"), "{gateway:?}");
    let way = found(&world, "way");
    assert_eq!(
        way,
        [(
            "ok".to_owned(),
            format!("clients are taken at {}", world.gateway.address())
        )]
    );

    world.policy.compile();
    let gateway = found(&world, "gateway");
    let older = "it serves generation 2; the newest is 3".to_owned();
    assert!(
        gateway.contains(&("warning".to_owned(), older)),
        "{gateway:?}"
    );
    assert_success(
        &world.policy.varictl(&["kill", "--server", "alpha"]),
        "kill",
    );
    let gateway = found(&world, "gateway");
    let killed = gateway
        .iter()
        .any(|(_, found)| found.contains("kill switch: server alpha"));
    assert!(killed, "{gateway:?}");
    world.end();
}
