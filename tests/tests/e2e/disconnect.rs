//! A client that goes away: on 2026-07-28 that cancels the call upstream, before it does not.

use std::io::Read;
use std::sync::mpsc;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use varistor_tests::upstream::{Handled, close_events, open_events, send_event};
use varistor_tests::{Driver, Upstream, on_both_drivers};

use crate::world::{Extra, World};

on_both_drivers!(
    closing_a_modern_stream_cancels_the_call,
    closing_before_the_answer_cancels_the_call,
    the_worker_serves_on_after_many_disconnects,
);

/// A server whose calls last until the gateway closes; each end is told through the channel.
fn endless(sends_head: bool) -> (Upstream, mpsc::Receiver<()>) {
    let (tell, ended) = mpsc::channel();
    let tell = Arc::new(Mutex::new(tell));
    let upstream = Upstream::behaving(move |incoming, stream| {
        if incoming.method() != "tools/call" || incoming.name() != "write_file" {
            return Handled::Usual;
        }
        if sends_head {
            open_events(stream);
            let event = json!({"jsonrpc": "2.0", "method": "notifications/progress",
                "params": {"progressToken": 1, "progress": 1}});
            send_event(stream, None, &event.to_string());
        }
        let time = Some(Duration::from_secs(20));
        stream.set_read_timeout(time).expect("a time-out");
        let gone = matches!(stream.read(&mut [0; 1]), Ok(0))
            || stream
                .read(&mut [0; 1])
                .is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset);
        if gone {
            // The test may have ended by a failure; then nobody is told.
            let _ = tell.lock().expect("the channel").send(());
        }
        close_events(stream);
        Handled::Close
    });
    (upstream, ended)
}

fn closing_a_modern_stream_cancels_the_call(driver: Driver) {
    let (upstream, ended) = endless(true);
    let world = World::around(driver, upstream, Extra::default());
    let mut stream = world
        .tester()
        .stream(1, "tools/call", json!({"name": "write_file"}));
    assert_eq!(
        stream.next_json()["method"],
        json!("notifications/progress")
    );
    drop(stream);
    let told = ended.recv_timeout(Duration::from_secs(10));
    assert!(told.is_ok(), "the upstream's stream stayed open");
    let World {
        gateway, policy, ..
    } = world;
    gateway.stop();
    policy.verify_audit();
    let cancelled = |record: &&Value| record["status"] == "cancelled";
    assert_eq!(policy.records().iter().filter(cancelled).count(), 1);
}

fn closing_before_the_answer_cancels_the_call(driver: Driver) {
    let (upstream, ended) = endless(false);
    let world = World::around(driver, upstream, Extra::default());
    let agent = world.tester();
    let mut connection = agent.connect();
    connection.send(&agent.modern(1, "tools/call", json!({"name": "write_file"})));
    world.upstream.wait_until("the call", |seen| {
        seen.iter()
            .any(|incoming| incoming.method() == "tools/call")
    });
    drop(connection);
    let told = ended.recv_timeout(Duration::from_secs(10));
    assert!(told.is_ok(), "the upstream still works for nobody");
    world.end();
}

fn the_worker_serves_on_after_many_disconnects(driver: Driver) {
    let (upstream, ended) = endless(true);
    let world = World::around(driver, upstream, Extra::default());
    let agent = world.tester();
    for _ in 0..50 {
        let mut stream = agent.stream(1, "tools/call", json!({"name": "write_file"}));
        stream.next_event().expect("the first event");
    }
    for _ in 0..50 {
        ended
            .recv_timeout(Duration::from_secs(20))
            .expect("every stream is closed");
    }
    for _ in 0..8 {
        assert!(agent.call("read_file", json!({})).is_good_call());
    }
    world.end();
}
