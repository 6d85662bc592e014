//! A session belongs to the token that opened it, to its server, and ends for good.

use serde_json::{Value, json};
use varistor_tests::{Driver, Session, on_both_drivers};

use crate::world::World;

on_both_drivers!(
    a_session_opens_for_its_own_token_only,
    a_session_that_was_ended_is_gone,
    the_upstreams_own_session_id_stays_inside,
    a_forged_session_id_is_unknown,
    a_request_without_its_session_is_told_so,
);

fn a_session_opens_for_its_own_token_only(driver: Driver) {
    let world = World::start(driver);
    let mine = world.tester().initialize();
    assert!(mine.call("read_file", json!({})).is_good_call());
    let calls = world.upstream.calls();
    for stranger in [world.agent("other"), world.tester()] {
        let theirs = Session {
            agent: stranger,
            id: mine.id.clone(),
        };
        assert_eq!(theirs.call("read_file", json!({})).status(), 404);
        assert_eq!(theirs.delete().status(), 404);
        assert_eq!(theirs.listen(None).head.status, 404);
    }
    let mut moved = mine.clone();
    moved.agent.path = "/mcp/beta".to_owned();
    assert_eq!(moved.call("read_file", json!({})).status(), 404);
    assert_eq!(world.upstream.calls(), calls);
    assert!(mine.call("read_file", json!({})).is_good_call());
    world.end();
}

fn a_session_that_was_ended_is_gone(driver: Driver) {
    let world = World::start(driver);
    let session = world.tester().initialize();
    assert!(session.call("read_file", json!({})).is_good_call());
    assert!((200..300).contains(&session.delete().status()));
    for _ in 0..8 {
        // On fresh connections, so that every worker is asked.
        assert_eq!(session.call("read_file", json!({})).status(), 404);
    }
    world.end();
}

fn the_upstreams_own_session_id_stays_inside(driver: Driver) {
    let world = World::start(driver);
    let session = world.tester().initialize();
    assert!(!session.id.contains("upstream-session-1"));
    assert!(session.id.bytes().all(|byte| byte.is_ascii_graphic()));
    assert!(session.call("read_file", json!({})).is_good_call());
    let seen = world.upstream.seen();
    let call = seen
        .iter()
        .find(|incoming| incoming.method() == "tools/call")
        .expect("a call");
    assert_eq!(
        call.field("mcp-session-id").as_deref(),
        Some("upstream-session-1")
    );
    world.end();
}

fn a_forged_session_id_is_unknown(driver: Driver) {
    let world = World::start(driver);
    let session = world.tester().initialize();
    let half = session.id.len() / 2;
    let forged = [
        "upstream-session-1".to_owned(),
        "x".to_owned(),
        session.id[..half].to_owned(),
        format!("{}x", session.id),
        session.id.chars().rev().collect(),
        format!("{}{}", &session.id[half..], &session.id[..half]),
    ];
    for id in forged {
        let forged = Session {
            id,
            ..session.clone()
        };
        assert_eq!(
            forged.call("read_file", json!({})).status(),
            404,
            "{}",
            forged.id
        );
    }
    world.end();
}

fn a_request_without_its_session_is_told_so(driver: Driver) {
    let world = World::start(driver);
    let agent = world.tester();
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
        "params": {"name": "read_file"}});
    let request = agent.post(
        "MCP-Protocol-Version: 2025-11-25\r\n",
        body.to_string().as_bytes(),
    );
    // Servers without sessions take it; the gateway leaves that to the server.
    let answer = agent.connect().exchange(&request);
    assert!([200, 400].contains(&answer.status()), "{answer:?}");
    if answer.status() == 400 {
        assert_ne!(answer.json()["error"], Value::Null);
    }
    world.end();
}
