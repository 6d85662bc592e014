//! What follows sensitive data, by entity, tool, role and direction, through the built programs.

use serde_json::{Value, json};
use varistor_tests::upstream::{Handled, close_events, open_events, reply, send_event};
use varistor_tests::{Driver, Upstream, on_both_drivers};

use crate::world::{Extra, World};

on_both_drivers!(
    a_role_may_see_what_others_may_not,
    arguments_are_redacted_for_one_server_and_refused_by_another_tool,
    a_held_answer_says_so_in_json_and_in_a_stream,
);

const EMAIL: &str = "ada.lovelace@example.org";
const PHONE_BOOK: &str = "write to ada.lovelace@example.org, card 4111 1111 1111 1111";

/// A server whose tools answer with the text that they are asked for; a tool whose name begins
/// with `write` answers with a stream that first logs it.
fn upstream() -> Upstream {
    Upstream::behaving(|incoming, stream| {
        if incoming.method() != "tools/call" {
            return Handled::Usual;
        }
        let message = incoming.json();
        let text = &message["params"]["arguments"]["wish"];
        let text = if text == "book" { PHONE_BOOK } else { "done" };
        let result = json!({"jsonrpc": "2.0", "id": message["id"], "result": {
            "resultType": "complete", "isError": false,
            "content": [{"type": "text", "text": text}]}});
        if !incoming.name().starts_with("write") {
            let fields = "Content-Type: application/json\r\n";
            reply(stream, 200, fields, result.to_string().as_bytes());
            return Handled::Answered;
        }
        let log = json!({"jsonrpc": "2.0", "method": "notifications/message",
            "params": {"level": "info", "data": text}});
        open_events(stream);
        for event in [log, result] {
            send_event(stream, None, &event.to_string());
        }
        close_events(stream);
        Handled::Answered
    })
}

fn world(driver: Driver, dlp: &str) -> World {
    let extra = Extra {
        top: dlp,
        ..Extra::default()
    };
    World::around(driver, upstream(), extra)
}

/// The records of all results, once the gateway has drained.
fn results(world: World) -> Vec<Value> {
    let World {
        gateway, policy, ..
    } = world;
    gateway.stop();
    policy.verify_audit();
    let records = policy.records().into_iter();
    records
        .filter(|record| record["kind"] == "result")
        .collect()
}

fn told(record: &Value) -> Vec<(String, u64, String)> {
    let findings = record["findings"].as_array().cloned().unwrap_or_default();
    let each = findings.iter().map(|found| {
        let text = |key: &str| found[key].as_str().expect("a text").to_owned();
        let message = found["message"].as_u64().expect("a number");
        (text("entity"), message, text("action"))
    });
    each.collect()
}

fn a_role_may_see_what_others_may_not(driver: Driver) {
    let world = world(
        driver,
        "dlp:
  response: { pii: redact, financial: redact }
  keep: length
  exceptions:
    - { tools: \"alpha/{read,write}_*\", roles: acme/everything, entities: email, direction: response, action: allow }
    - { tools: \"alpha/write_*\", classes: financial, action: log }
",
    );
    let wish = json!({"wish": "book"});
    let card = "card [REDACTED:credit_card:len=19]";
    let seen = world.tester().call("read_file", wish.clone());
    assert_eq!(seen.text(), format!("write to {EMAIL}, {card}"));
    let seen = world.agent("reader").call("read_file", wish.clone());
    assert_eq!(
        seen.text(),
        format!("write to [REDACTED:email:len=24], {card}")
    );
    let params = json!({"name": "write_file", "arguments": wish});
    let mut stream = world.agent("writer").stream(7, "tools/call", params);
    let shown = "write to [REDACTED:email:len=24], card 4111 1111 1111 1111";
    assert_eq!(stream.next_json()["params"]["data"], shown);
    assert_eq!(stream.next_json()["result"]["content"][0]["text"], shown);
    assert_eq!(stream.next_event(), None);
    let records = results(world);
    let of = |entity: &str, message, action: &str| (entity.to_owned(), message, action.to_owned());
    assert_eq!(told(&records[0]), [of("credit_card", 0, "redact")]);
    assert_eq!(
        told(&records[1]),
        [of("email", 0, "redact"), of("credit_card", 0, "redact")]
    );
    assert_eq!(
        told(&records[2]),
        [
            of("email", 0, "redact"),
            of("credit_card", 0, "log"),
            of("email", 1, "redact"),
            of("credit_card", 1, "log"),
        ]
    );
    assert_eq!(records[2]["redacted"], 2);
    assert!(
        records
            .iter()
            .all(|record| !record.to_string().contains("ada.love"))
    );
}

fn arguments_are_redacted_for_one_server_and_refused_by_another_tool(driver: Driver) {
    let world = world(
        driver,
        "dlp:
  request: { pii: redact }
  entities: { credit_card: { request: log } }
  exceptions: [{ tools: alpha/export_data, entities: [email, credit_card], action: deny }]
",
    );
    let agent = world.tester();
    let arguments = json!({"to": EMAIL, "card": "4111111111111111"});
    assert!(agent.call("read_file", arguments.clone()).is_good_call());
    let refused = agent.call("export_data", arguments.clone());
    assert_eq!(
        refused.json()["result"]["_meta"]["varistor/reason"],
        "dlp_refused"
    );
    assert!(
        agent
            .call("export_data", json!({"to": "nobody"}))
            .is_good_call()
    );
    let seen: Vec<_> = world
        .upstream
        .seen()
        .iter()
        .filter(|incoming| incoming.method() == "tools/call")
        .map(|incoming| incoming.json()["params"]["arguments"].clone())
        .collect();
    assert_eq!(
        seen,
        [
            json!({"to": "[REDACTED:email]", "card": "4111111111111111"}),
            json!({"to": "nobody"}),
        ]
    );
    world.end();
}

fn a_held_answer_says_so_in_json_and_in_a_stream(driver: Driver) {
    let world = world(
        driver,
        "dlp:
  entities: { email: { response: hold } }
",
    );
    let agent = world.tester();
    let wish = json!({"wish": "book"});
    let held = agent.call("read_file", wish.clone()).json();
    assert_eq!(held["result"]["isError"], true);
    assert_eq!(held["result"]["_meta"]["varistor/reason"], "answer_held");
    let params = json!({"name": "write_file", "arguments": wish});
    let mut stream = agent.stream(8, "tools/call", params);
    let held = stream.next_json();
    assert_eq!(held["id"], 8);
    assert_eq!(held["result"]["_meta"]["varistor/reason"], "answer_held");
    assert_eq!(stream.next_event(), None);
    let records = results(world);
    for record in &records {
        assert_eq!(record["status"], "withheld");
        assert!(
            told(record)
                .iter()
                .any(|(entity, _, action)| entity == "email" && action == "hold")
        );
    }
    assert_eq!(records.len(), 2);
}
