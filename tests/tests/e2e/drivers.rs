//! The driver that was asked for is the one in use, and is never a secret.

use serde_json::json;
use varistor_tests::{Driver, on_both_drivers};

use crate::world::World;

on_both_drivers!(the_status_names_the_driver_in_use);

fn the_status_names_the_driver_in_use(driver: Driver) {
    let world = World::start(driver);
    assert!(world.tester().call("read_file", json!({})).is_good_call());
    let status = world.gateway.status();
    assert_eq!(status["driver"], json!(driver.name()), "{status}");
    assert_eq!(status["workers"], json!(2));
    assert_eq!(status["listen"], json!(world.gateway.address()));
    assert_eq!(status["audit"]["state"], json!("ok"));
    let metrics = world.gateway.admin("GET", "/v1/metrics", &[]);
    let metrics = String::from_utf8_lossy(&metrics.body).into_owned();
    assert!(metrics.contains(driver.name()), "{metrics}");
    world.end();
}
