//! Bodies that two readers could take differently are refused before anything is decided.

use serde_json::json;
use varistor_tests::{Driver, on_both_drivers};

use crate::world::World;

on_both_drivers!(
    every_malformed_body_is_refused,
    every_odd_but_sound_body_passes,
    routing_headers_that_disagree_with_the_body_are_refused,
    batches_belong_to_one_version,
);

const CALL: &str = r#""method":"tools/call","params":{"name":"read_file"}"#;

/// `{C}` is a right method with its parameters.
const CORPUS: &str = include_str!("../../corpus/malformed_json.json");

fn every_malformed_body_is_refused(driver: Driver) {
    let world = World::start(driver);
    let session = world.tester().initialize();
    let forwarded = world.upstream.seen().len();
    let mut wrong = Vec::new();
    for (name, body) in cases() {
        let answer = session.post_bytes(&body);
        let json = answer.json();
        let is_refused = matches!(answer.status(), 400 | 404)
            || answer.status() == 200 && json["error"]["code"].is_i64();
        if !is_refused || json.get("result").is_some() {
            wrong.push(format!("{name}: {} {json}", answer.status()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(world.upstream.seen().len(), forwarded);
    world.end();
}

/// A body, and what is wrong with it.
#[derive(serde::Deserialize)]
struct Case {
    name: String,
    body: String,
}

/// The corpus, and cases that are no text or too long to be written down.
fn cases() -> Vec<(String, Vec<u8>)> {
    let cases: Vec<Case> = serde_json::from_str(CORPUS).expect("the corpus");
    assert!(cases.len() > 60);
    let cases = cases
        .into_iter()
        .map(|case| (case.name, case.body.replace("{C}", CALL)));
    let mut all: Vec<_> = cases
        .map(|(name, body)| (name, body.into_bytes()))
        .collect();
    all.extend(
        grown_cases()
            .into_iter()
            .map(|(name, body)| (name.to_owned(), body)),
    );
    all
}

fn grown_cases() -> Vec<(&'static str, Vec<u8>)> {
    let around = |id: &[u8]| {
        let mut body = b"{\"jsonrpc\":\"2.0\",\"id\":\"".to_vec();
        body.extend_from_slice(id);
        body.extend_from_slice(b"\",");
        body.extend_from_slice(CALL.as_bytes());
        body.push(b'}');
        body
    };
    let deep = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!("{{\"jsonrpc\":\"2.0\",\"id\":1,\"x\":{open}{close},{CALL}}}").into_bytes()
    };
    vec![
        ("a lone continuation byte", around(b"\x80")),
        ("an overlong form", around(b"\xc0\xaf")),
        ("a surrogate in UTF-8", around(b"\xed\xa0\x80")),
        ("a byte over the range", around(b"\xf5\x80\x80\x80")),
        ("a cut sequence", around(b"\xe2\x82")),
        ("UTF-16", b"{\0\"\0j\0".to_vec()),
        ("70 levels", deep(70)),
        ("100,000 levels", deep(100_000)),
        ("a long id", around("x".repeat(600).as_bytes())),
    ]
}

fn every_odd_but_sound_body_passes(driver: Driver) {
    let world = World::start(driver);
    let session = world.tester().initialize();
    let corpus = include_str!("../../corpus/sound_json.json");
    let bodies: Vec<String> = serde_json::from_str(corpus).expect("the corpus");
    for body in bodies {
        let body = body.replace("{C}", CALL);
        let answer = session.post_bytes(body.as_bytes());
        assert!(answer.is_good_call(), "{body}: {answer:?}");
    }
    world.end();
}

fn routing_headers_that_disagree_with_the_body_are_refused(driver: Driver) {
    let world = World::start(driver);
    let agent = world.tester();
    let good = String::from_utf8(agent.modern(9, "tools/call", json!({"name": "read_file"})));
    let good = good.expect("text");
    for (from, to) in [
        ("Mcp-Method: tools/call\r\n", ""),
        ("Mcp-Method: tools/call\r\n", "Mcp-Method: tools/list\r\n"),
        ("Mcp-Method: tools/call\r\n", "Mcp-Method: Tools/call\r\n"),
        ("Mcp-Name: read_file\r\n", ""),
        ("Mcp-Name: read_file\r\n", "Mcp-Name: write_file\r\n"),
        ("Mcp-Name: read_file\r\n", "Mcp-Name: READ_FILE\r\n"),
        (
            "Mcp-Name: read_file\r\n",
            "Mcp-Name: =?base64?d3JpdGVfZmlsZQ==?=\r\n",
        ),
        ("Mcp-Name: read_file\r\n", "Mcp-Name: =?base64?!!?=\r\n"),
        ("MCP-Protocol-Version: 2026-07-28\r\n", ""),
        (
            "MCP-Protocol-Version: 2026-07-28\r\n",
            "MCP-Protocol-Version: 2025-11-25\r\n",
        ),
    ] {
        let request = good.replace(from, to);
        assert_ne!(request, good);
        let answer = agent.connect().exchange(request.as_bytes());
        assert_eq!(answer.status(), 400, "{from:?} -> {to:?}");
        let json = answer.json();
        assert_eq!(
            json["error"]["code"],
            json!(-32020),
            "{from:?} -> {to:?}: {json}"
        );
        assert_eq!(json["id"], json!(9));
    }
    assert_eq!(world.upstream.calls(), 0);
    let encoded = "Mcp-Name:  =?base64?cmVhZF9maWxl?= \r\n";
    let request = good.replace("Mcp-Name: read_file\r\n", encoded);
    assert!(agent.connect().exchange(request.as_bytes()).is_good_call());
    world.end();
}

fn batches_belong_to_one_version(driver: Driver) {
    let world = World::start(driver);
    let agent = world.tester();
    let batch = format!("[{{\"jsonrpc\":\"2.0\",\"id\":1,{CALL}}}]");
    for version in ["2025-06-18", "2025-11-25", "2026-07-28"] {
        let fields = format!("MCP-Protocol-Version: {version}\r\n");
        let answer = agent
            .connect()
            .exchange(&agent.post(&fields, batch.as_bytes()));
        assert_eq!(answer.status(), 400, "{version}");
    }
    assert_eq!(world.upstream.calls(), 0);
    // One forbidden member condemns the whole: nothing of it reaches the server.
    let reader = world.agent("reader");
    let mixed = format!(
        "[{{\"jsonrpc\":\"2.0\",\"id\":1,{CALL}}},{{\"jsonrpc\":\"2.0\",\"id\":2,{}}}]",
        CALL.replace("read_file", "delete_file")
    );
    let fields = "MCP-Protocol-Version: 2025-03-26\r\n";
    reader
        .connect()
        .exchange(&reader.post(fields, mixed.as_bytes()));
    let seen = world.upstream.seen();
    let leaked = seen
        .iter()
        .any(|incoming| String::from_utf8_lossy(&incoming.body).contains("delete_file"));
    assert!(!leaked, "a forbidden member of a batch went upstream");
    world.end();
}
