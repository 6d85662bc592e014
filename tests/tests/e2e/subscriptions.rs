//! `/mcp` where several clients subscribe in one session with a server.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use varistor_tests::sse::Stream;
use varistor_tests::{Agent, Driver, on_both_drivers};

use crate::federation_streams::heard;
use crate::federation_world::Many;
use crate::stdio_world::SOON;

on_both_drivers!(
    all_who_subscribe_in_one_session_hear_what_they_subscribed_to,
    who_comes_back_at_once_is_subscribed,
);

/// A subscription of a modern client to these resources.
fn subscribed(agent: &Agent, id: u64, uris: &[&str]) -> Stream {
    let params = json!({"notifications": {"resourceSubscriptions": uris}});
    let mut stream = agent.stream(id, "subscriptions/listen", params);
    let granted = stream.next_json();
    assert_eq!(
        granted["params"]["notifications"]["resourceSubscriptions"],
        json!(uris)
    );
    stream
}

fn all_who_subscribe_in_one_session_hear_what_they_subscribed_to(driver: Driver) {
    const ONE: &str = "mcp+old+test://one";
    const TWO: &str = "mcp+old+test://two";
    let world = Many::start(driver, "");
    let agent = world.agent("tester", "");
    let update = |uri: &str| {
        let updated = agent.call("old__update", json!({"uri": uri}));
        assert!(updated.is_good_call());
    };
    let uri = |said: &Value| said["params"]["uri"].clone();
    let first = subscribed(&agent, 1, &[ONE, TWO]);
    let second = subscribed(&agent, 2, &[ONE, TWO]);
    let (mut first, said) = heard(first, || update("test://one"));
    assert_eq!(uri(&said), ONE);
    let (mut second, said) = heard(second, || update("test://one"));
    assert_eq!(uri(&said), ONE);
    let meta = &said["params"]["_meta"];
    assert_eq!(meta["io.modelcontextprotocol/subscriptionId"], 2);
    // Both of them, each time; longer than a stream that was taken away waits to come back.
    for (own, joined) in [("test://two", TWO), ("test://one", ONE)].repeat(2) {
        update(own);
        while uri(&first.next_json()) != joined {}
        while uri(&second.next_json()) != joined {}
        thread::sleep(Duration::from_millis(300));
    }
    // What the first leaves behind is still the second one's, and no other's.
    drop(first);
    let third = subscribed(&agent, 3, &[TWO]);
    update("test://one");
    let (third, said) = heard(third, || update("test://two"));
    assert_eq!(uri(&said), TWO);
    while uri(&second.next_json()) != TWO {}
    drop((second, third));
    let unsubscribed = |records: &[Value]| {
        let mut uris = records.iter().map(|it| &it["method"]);
        uris.any(|method| method == "resources/unsubscribe")
    };
    let until = Instant::now() + SOON;
    while !unsubscribed(&world.policy.records()) {
        assert!(Instant::now() < until, "the server was left subscribed to");
        thread::sleep(Duration::from_millis(50));
    }
    world.calls();
}

fn who_comes_back_at_once_is_subscribed(driver: Driver) {
    const ONE: &str = "mcp+old+test://one";
    let world = Many::start(driver, "");
    let agent = world.agent("tester", "");
    // Its stream with the server goes on.
    let _stays = subscribed(&agent, 1, &["mcp+old+test://two"]);
    for round in 1..=8 {
        drop(subscribed(&agent, 10 * round, &[ONE]));
        let again = subscribed(&agent, 10 * round + 1, &[ONE]);
        let update = || {
            let updated = agent.call("old__update", json!({"uri": "test://one"}));
            assert!(updated.is_good_call());
        };
        let (_, said) = heard(again, update);
        assert_eq!(said["params"]["uri"], ONE);
    }
    world.calls();
}
