//! `varictl channels test` against gateways that deliver, fail and are not there.

use serde_json::json;

use crate::fake_gateway::on_socket;
use crate::program::Place;

#[test]
fn a_delivered_test_message_is_told_with_its_id() {
    let place = Place::with_policy();
    let told = json!({"channel": "slack/#a", "id": "msg_1", "delivered": true, "error": null});
    let socket = place.file("run/admin.sock");
    let asked = on_socket(&socket, move |_| (200, told.to_string()));
    let run = place.run(&["channels", "test", "slack/#a"]).ended(0);
    assert!(
        run.out.contains("delivered") && run.out.contains("msg_1"),
        "{run:?}"
    );
    let asked = asked.recv().unwrap();
    let line = "POST /v1/channels/test HTTP/1.1\r\n";
    assert!(asked.head.starts_with(line), "{}", asked.head);
    let body: serde_json::Value = serde_json::from_slice(&asked.body).unwrap();
    assert_eq!(body, json!({"channel": "slack/#a"}));
}

#[test]
fn what_was_not_delivered_ends_with_one_and_says_why() {
    for (status, told, why) in [
        (
            200,
            json!({"delivered": false, "error": "it did not answer in time"}),
            "in time",
        ),
        (
            404,
            json!({"error": "no such channel", "known": ["slack/#b"]}),
            "it has slack/#b",
        ),
        (200, json!("nonsense\u{1b}"), "no JSON"),
    ] {
        let place = Place::with_policy();
        let socket = place.file("run/admin.sock");
        let _asked = on_socket(&socket, move |_| (status, told.to_string()));
        let run = place
            .run(&["channels", "test", "slack/#a", "--json"])
            .ended(1);
        assert!(run.err.contains(why), "{run:?}");
        assert_eq!(run.json()[0]["delivered"], false);
    }
}

#[test]
fn a_gateway_that_is_not_there_is_told() {
    let run = Place::with_policy()
        .run(&["channels", "test", "slack/#a"])
        .ended(1);
    assert!(run.err.contains("isn't running"), "{run:?}");
}
