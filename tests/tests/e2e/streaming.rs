//! Streams pass event by event: nothing waits for what comes behind it.

use std::sync::mpsc;
use std::sync::{Arc, Mutex};

use serde_json::json;
use varistor_tests::upstream::{Handled, close_events, open_events, send_event};
use varistor_tests::{Driver, Upstream, on_both_drivers};

use crate::world::{Extra, World};

on_both_drivers!(
    progress_arrives_while_the_call_still_runs,
    comments_and_split_events_keep_their_meaning,
);

/// The server sends each event only after the client has received the one before: a gateway that
/// buffers would stop the test.
fn progress_arrives_while_the_call_still_runs(driver: Driver) {
    let (go, may_go) = mpsc::channel::<()>();
    let may_go = Arc::new(Mutex::new(may_go));
    let upstream = Upstream::behaving(move |incoming, stream| {
        if incoming.method() != "tools/call" {
            return Handled::Usual;
        }
        let message = incoming.json();
        let token = message["params"]["_meta"]["progressToken"].clone();
        open_events(stream);
        for done in 0..5 {
            let event = json!({"jsonrpc": "2.0", "method": "notifications/progress",
                "params": {"progressToken": token, "progress": done, "total": 5}});
            send_event(stream, None, &event.to_string());
            may_go
                .lock()
                .expect("the gate")
                .recv()
                .expect("the client goes on");
        }
        let result = json!({"jsonrpc": "2.0", "id": message["id"],
            "result": {"content": [], "resultType": "complete"}});
        send_event(stream, None, &result.to_string());
        close_events(stream);
        Handled::Answered
    });
    let world = World::around(driver, upstream, Extra::default());
    let params = json!({"name": "read_file", "_meta": {"progressToken": "p-1"}});
    let mut stream = world.tester().stream(7, "tools/call", params);
    assert_eq!(stream.head.status, 200);
    let kind = stream.head.field("content-type").expect("a media type");
    assert!(kind.starts_with("text/event-stream"), "{kind}");
    assert!(stream.head.field("varistor-record").is_some());
    for done in 0..5 {
        let event = stream.next_json();
        assert_eq!(event["params"]["progress"], json!(done));
        assert_eq!(event["params"]["progressToken"], json!("p-1"));
        go.send(()).expect("the server waits");
    }
    assert_eq!(stream.next_json()["id"], json!(7));
    assert_eq!(stream.next_event(), None);
    world.end();
}

fn comments_and_split_events_keep_their_meaning(driver: Driver) {
    use std::io::Write;
    let upstream = Upstream::behaving(|incoming, stream| {
        if incoming.method() != "tools/call" {
            return Handled::Usual;
        }
        open_events(stream);
        let result = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[],"resultType":"complete"}}"#;
        let (head, tail) = result.split_at(20);
        let text = format!(
            ": a comment\r\n\r\nevent: message\rdata: {{\"jsonrpc\":\"2.0\",\rdata: \
             \"method\":\"notifications/message\",\"params\":{{\"data\":1}}}}\r\r\
             event: message\r\ndata: {head}"
        );
        for piece in [text.as_bytes(), tail.as_bytes(), b"\r\n\r\n"] {
            for byte in piece {
                let _ = stream.write_all(&[b"1\r\n", &[*byte][..], b"\r\n"].concat());
            }
        }
        close_events(stream);
        Handled::Answered
    });
    let world = World::around(driver, upstream, Extra::default());
    let mut stream = world
        .tester()
        .stream(1, "tools/call", json!({"name": "read_file"}));
    assert_eq!(stream.next_json()["method"], json!("notifications/message"));
    assert_eq!(stream.next_json()["id"], json!(1));
    assert_eq!(stream.next_event(), None);
    world.end();
}
